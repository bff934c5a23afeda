"""Arithmetic of prerequisite graphs: no circles, order, depth, what needs what.

Belongs here: functions of labels and edges. Does not: scores (``edges.py``).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import replace

from booktune_assets.books.order import reaches
from booktune_assets.concepts.edges import Edge

__all__ = ["acyclic", "depths", "direct", "in_order", "prerequisites_of"]


def acyclic(edges: Sequence[Edge]) -> tuple[list[Edge], list[Edge]]:
    """Edges without a circle, and those dropped: of each circle the weakest one.

    Edges are taken from the strongest to the weakest; one that would close a circle is the weakest
    of it.
    """
    kept: list[Edge] = []
    dropped: list[Edge] = []
    out: dict[str, set[str]] = {}
    for edge in sorted(edges, key=lambda e: (e.by != "model", -e.score, e.source, e.target)):
        if edge.source == edge.target or reaches(out, edge.target, edge.source):
            dropped.append(edge)
            continue
        out.setdefault(edge.source, set()).add(edge.target)
        kept.append(edge)
    return sorted(kept, key=lambda e: (e.target, e.source)), dropped


def in_order(labels: Sequence[str], edges: Iterable[Edge]) -> list[str]:
    """Learning path: every concept after what it needs, else in the order given."""
    place = {label: number for number, label in enumerate(labels)}
    waiting: dict[str, set[str]] = {label: set() for label in labels}
    out: dict[str, set[str]] = {}
    for edge in edges:
        waiting[edge.target].add(edge.source)
        out.setdefault(edge.source, set()).add(edge.target)
    ready = [place[label] for label in labels if not waiting[label]]
    heapq.heapify(ready)
    path: list[str] = []
    while ready:
        label = labels[heapq.heappop(ready)]
        path.append(label)
        for other in out.get(label, ()):
            waiting[other].discard(label)
            if not waiting[other]:
                heapq.heappush(ready, place[other])
    return path


def prerequisites_of(path: Sequence[str], edges: Iterable[Edge]) -> dict[str, set[str]]:
    """Everything that each concept needs, directly or not. ``path`` is a learning path."""
    into: dict[str, list[str]] = {}
    for edge in edges:
        into.setdefault(edge.target, []).append(edge.source)
    above: dict[str, set[str]] = {}
    for label in path:
        sources = into.get(label, [])
        above[label] = set(sources).union(*(above[source] for source in sources))
    return above


def direct(path: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    """The edges, each marked: direct when no longer way replaces it (transitive reduction)."""
    above = prerequisites_of(path, edges)
    into: dict[str, list[str]] = {}
    for edge in edges:
        into.setdefault(edge.target, []).append(edge.source)
    return [
        replace(
            edge,
            direct=not any(
                edge.source in above[other] for other in into[edge.target] if other != edge.source
            ),
        )
        for edge in edges
    ]


def depths(path: Sequence[str], edges: Iterable[Edge]) -> dict[str, int]:
    """Length of the longest way to each concept."""
    into: dict[str, list[str]] = {}
    for edge in edges:
        into.setdefault(edge.target, []).append(edge.source)
    depth: dict[str, int] = {}
    for label in path:
        depth[label] = max((depth[source] + 1 for source in into.get(label, [])), default=0)
    return depth
