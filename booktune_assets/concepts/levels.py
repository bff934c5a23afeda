"""How hard a concept is, from 1 to 5.

Belongs here: the five measures and how they become a level. Does not: the graph (``edges.py``).

Depth in the graph, place in the book, size of the code at home, number of all prerequisites and
reading grade of the prose at home: each as a rank among the concepts of the book. Their weighted
mean is cut into five equal parts, and nothing is easier than what it needs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from booktune_assets.beam.tree import pieces
from booktune_assets.concepts.edges import Edge
from booktune_assets.concepts.opened import PROSE, Opened, is_code

__all__ = ["LEVELS", "Sizes", "levels", "sizes_of"]

LEVELS = 5
_WEIGHTS = (0.35, 0.2, 0.1, 0.25, 0.1)  # depth, place, nodes, prerequisites, grade
_WORD = re.compile(r"[A-Za-z]+")
_STOP = re.compile(r"[.!?]+(?:\s|$)")


@dataclass(slots=True)
class Sizes:
    """Sums over sections: nodes and listings; letters, words, sentences."""

    nodes: list[int]
    listings: list[int]
    prose: list[tuple[int, int, int]]

    def code(self, home: Iterable[int]) -> float:
        """Nodes of the syntax tree of a listing, on average."""
        sections = list(home)
        listings = sum(self.listings[s] for s in sections)
        return sum(self.nodes[s] for s in sections) / listings if listings else 0.0

    def grade(self, home: Iterable[int]) -> float:
        """Automated readability index: about the years of school that the prose asks for."""
        parts = [self.prose[s] for s in home]
        letters, words, stops = (sum(part[i] for part in parts) for i in range(3))
        if not words:
            return 0.0
        return 4.71 * letters / words + 0.5 * words / max(stops, 1) - 21.43


def sizes_of(book: Opened) -> Sizes:
    """Sizes of each section of a book."""
    count = len(book.sections)
    nodes, listings = [0] * count, [0] * count
    prose = [(0, 0, 0)] * count
    for number, block in book.blocks:
        if is_code(block):
            listings[number] += 1
            for piece in pieces(block["text"], block["lang"]):
                nodes[number] += piece.root.descendant_count
        elif block["kind"] in PROSE:
            found = _WORD.findall(block["text"])
            letters, before, stops = prose[number]
            prose[number] = (
                letters + sum(len(word) for word in found),
                before + len(found),
                stops + max(1, len(_STOP.findall(block["text"]))),
            )
    return Sizes(nodes, listings, prose)


def levels(
    path: Sequence[str], edges: Iterable[Edge], measures: Mapping[str, Sequence[float]]
) -> dict[str, int]:
    """Level of each concept of a learning path from its five measures (order of ``_WEIGHTS``)."""
    if not path:
        return {}
    mixed = dict.fromkeys(path, 0.0)
    for place, weight in enumerate(_WEIGHTS):
        ranks = _ranks({label: measures[label][place] for label in path})
        for label in path:
            mixed[label] += weight * ranks[label]
    into: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        into[edge.target].append(edge.source)
    ordered = sorted(path, key=lambda label: (round(mixed[label], 9), path.index(label)))
    level = {label: 1 + LEVELS * rank // len(path) for rank, label in enumerate(ordered)}
    for label in path:
        level[label] = max([level[label], *(level[source] for source in into[label])])
    return level


def _ranks(values: Mapping[str, float]) -> dict[str, float]:
    """0 to 1; equal values share the mean of their ranks."""
    places: dict[float, list[int]] = defaultdict(list)
    for rank, value in enumerate(sorted(values.values())):
        places[value].append(rank)
    last = max(1, len(values) - 1)
    return {label: sum(places[v]) / len(places[v]) / last for label, v in values.items()}
