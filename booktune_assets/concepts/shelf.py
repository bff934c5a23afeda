"""The concept graph of a shelf: what its books teach together, and in which order to learn it.

Belongs here: pooling the books, the vote on direction, levels and path of the shelf, the frames.
Does not: one book (``graph.py``), the lake (``chain/concepts.py``).

Numbered files of a kind are the chapters of one book (``series.py``). A concept is one over all
books by its id. Where books disagree on the order they vote, each as sure as its introduction of
the concept is (a file of its own, a heading, a definition); of a circle the weakest edge goes, and
is kept as a row that says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from booktune_assets.concepts import dag
from booktune_assets.concepts.edges import Edge, best_edges, candidates
from booktune_assets.concepts.evidence import Shown
from booktune_assets.concepts.found import Concept, Finder, names_of
from booktune_assets.concepts.graph import concept_id, evidence_row, scores_row, subjects
from booktune_assets.concepts.levels import Sizes, levels, sizes_of
from booktune_assets.concepts.opened import Opened, Row, open_book
from booktune_assets.concepts.series import one_book, series
from booktune_assets.concepts.signals import BookSignals, Signals, signals_of
from booktune_assets.schemas_concepts import SHELF_CONCEPTS, SHELF_EDGES

__all__ = ["Shelved", "open_shelf", "shelf_frames"]

Frames = Mapping[str, pl.DataFrame]


@dataclass(slots=True)
class _Part:
    """One book, or one series, with its concepts."""

    book: Opened
    concepts: dict[str, Concept]
    counts: BookSignals
    shown: Shown
    sizes: Sizes


@dataclass(slots=True)
class Shelved:
    """A shelf: concepts by label with the parts that teach them, pooled signals, edges, path."""

    parts: list[_Part]
    signals: Signals
    labels: list[str]  # by mean place of introduction
    edges: list[Edge] = field(default_factory=list[Edge])
    dropped: list[Edge] = field(default_factory=list[Edge])
    path: list[str] = field(default_factory=list[str])

    def teachers(self, label: str) -> list[_Part]:
        """Parts that teach a concept."""
        return [part for part in self.parts if label in part.concepts]

    def ids(self) -> dict[str, str]:
        """Concept ids by label."""
        return {
            label: concept_id(one) for part in self.parts for label, one in part.concepts.items()
        }


def open_shelf(books: Mapping[str, tuple[str, Frames]], decided: Iterable[Row] = ()) -> Shelved:
    """The graph of some books: by key, what the parts of a series share, and ``sections`` frames.

    ``decided`` are rows of ``concept_graph__decided`` of these books: what a model said of a pair
    in most of those books where it was asked holds for the shelf, and the score where it is even.
    Deterministic in the set of books; their order does not matter.
    """
    opened = {key: open_book(key, books[key][1]) for key in sorted(books)}
    wholes = [
        one_book([opened[key] for key in run])
        for run in series({key: kind for key, (kind, _) in books.items()})
    ]
    names = names_of(wholes)
    finder = Finder(names)
    parts: list[_Part] = []
    outside: set[str] = set()
    for whole in wholes:
        concepts = {name: one for name, one in finder.find(whole).items() if one.kept()}
        outside |= subjects(whole, concepts)
        counts = signals_of(whole, concepts)
        parts.append(_Part(whole, concepts, counts, Shown(whole, concepts), sizes_of(whole)))
    through = {label for label, known in names.items() if known.kind != "api"}
    signals = Signals([part.counts for part in parts], through)
    taught = {label for part in parts for label in part.concepts}
    made = Shelved(parts, signals, sorted(taught, key=lambda name: (signals.begin(name), name)))
    targets = taught - outside
    scored = candidates(signals, sorted(targets), targets & through)
    chosen, made.dropped = dag.acyclic(
        best_edges(_with_decided(made, scored, decided, (targets & through, targets)))
    )
    made.path = dag.in_order(made.labels, chosen)
    made.edges = dag.direct(made.path, chosen)
    return made


def _with_decided(
    made: Shelved, scored: list[Edge], decided: Iterable[Row],
    may: tuple[set[str], set[str]],
) -> list[Edge]:  # fmt: skip
    """The candidates, with those changed that models decided; ``may`` be sources, targets."""
    labels = {one: label for label, one in made.ids().items()}
    said: dict[tuple[str, str], dict[tuple[str, str] | None, list[Row]]] = {}
    for row in sorted(decided, key=lambda one: (one["book_id"], one["block_id"], one["quote"])):
        source, target = (labels.get(row[side]) for side in ("source_id", "target_id"))
        if source is None or target is None:
            continue
        way = {"before": (source, target), "after": (target, source)}.get(row["relation"])
        pair = min(source, target), max(source, target)
        said.setdefault(pair, {}).setdefault(way, []).append(row)
    found = {(edge.source, edge.target): edge for edge in scored}
    for pair, ways in sorted(said.items()):
        way, rows = max(ways.items(), key=lambda item: len(item[1]))
        if sum(len(others) == len(rows) for others in ways.values()) > 1:
            continue
        if way is None:
            found.pop(pair, None)
            found.pop((pair[1], pair[0]), None)
        elif way[0] in may[0] and way[1] in may[1] and (edge := _quoted(made, way, rows)):
            found.pop((way[1], way[0]), None)
            found[way] = edge
    return list(found.values())


def _quoted(made: Shelved, way: tuple[str, str], rows: list[Row]) -> Edge | None:
    """The edge of a model with the first of its quotes that a part of the shelf can show."""
    features = made.signals.features(*way) or ()
    score = round(sum(row["score"] for row in rows) / len(rows), 4)
    for row in rows:
        edge = Edge(*way, score, features, "model", quote=(row["block_id"], row["quote"]))
        for part in made.teachers(way[1]):
            shown = part.shown.of(edge) if way[0] in part.concepts else None
            if shown is not None and shown.kind == "quote":
                return edge
    return None


def shelf_frames(made: Shelved) -> dict[str, pl.DataFrame]:
    """Frames of ``shelf_concepts`` and ``shelf_edges``."""
    ids = made.ids()
    return {
        SHELF_CONCEPTS.name: SHELF_CONCEPTS.frame(_concept_rows(made, ids)),
        SHELF_EDGES.name: SHELF_EDGES.frame(list(_edge_rows(made, ids))),
    }


def _concept_rows(made: Shelved, ids: Mapping[str, str]) -> list[Row]:
    depth = dag.depths(made.path, made.edges)
    needs = dag.prerequisites_of(made.path, made.edges)
    place = {label: number for number, label in enumerate(made.path)}
    taught = {label: made.teachers(label) for label in made.path}
    measures = {
        label: (
            depth[label], made.signals.begin(label), _mean_code(taught[label], label),
            len(needs[label]), _mean_grade(taught[label], label),
        )
        for label in made.path
    }  # fmt: skip
    level = levels(made.path, made.edges, measures)
    rows: list[Row] = []
    for label in made.path:
        homes = [part.book.sections[part.concepts[label].introduced()[0]] for part in taught[label]]
        rows.append({
            "concept_id": ids[label],
            "label": label,
            "kind": taught[label][0].concepts[label].known.kind,
            "aliases": sorted(
                set().union(*(part.concepts[label].wordings() for part in taught[label]))
            ),
            "path": place[label],
            "depth": depth[label],
            "level": level[label],
            "books": [home["book_id"] for home in homes],
            "sections": [home["section_id"] for home in homes],
            "prerequisites": [ids[a] for a in sorted(needs[label], key=place.__getitem__)],
        })  # fmt: skip
    return rows


def _mean_code(parts: list[_Part], label: str) -> float:
    return sum(p.sizes.code(sorted(p.concepts[label].homes())) for p in parts) / len(parts)


def _mean_grade(parts: list[_Part], label: str) -> float:
    return sum(p.sizes.grade(sorted(p.concepts[label].homes())) for p in parts) / len(parts)


def _edge_rows(made: Shelved, ids: Mapping[str, str]) -> Iterator[Row]:
    for dropped, edges in ((False, made.edges), (True, made.dropped)):
        for edge in edges:
            shown = [
                found
                for part in made.teachers(edge.target)
                if edge.source in part.concepts and (found := part.shown.of(edge)) is not None
            ]
            before, after = made.signals.votes(edge.source, edge.target)
            yield {
                "source_id": ids[edge.source],
                "target_id": ids[edge.target],
                **scores_row(edge),
                "direct": edge.direct and not dropped,
                "books": len(shown),
                "votes_for": round(before, 4),
                "votes_against": round(after, 4),
                "dropped": dropped,
                **evidence_row(min(shown, key=lambda found: found.rank)),
            }
