"""What builds on what: prerequisite edges, their reduction, and the depth that makes a level.

Belongs here: the score of an edge and graph arithmetic on small integers. Does not: tables and
text (``graph.py``). Concepts are numbers in order of introduction and an edge always goes from a
smaller to a larger one, so no circle can arise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

__all__ = ["Edge", "Facts", "depths", "levels", "prerequisites", "without_detours"]

THRESHOLD = 0.5
PER_CONCEPT = 5
ORDER, MENTION, CODE, CUE = 0.40, 0.20, 0.25, 0.15


@dataclass(slots=True)
class Facts:
    """What is known of one concept: sections by number, in book order."""

    introduced: int
    focus: set[int] = field(default_factory=set[int])  # sections about it
    seen: set[int] = field(default_factory=set[int])  # sections that mention it
    first_code: set[int] = field(default_factory=set[int])  # concepts of its first listing


@dataclass(frozen=True, slots=True)
class Edge:
    """``source`` has to be known before ``target``."""

    source: int
    target: int
    score: float


def prerequisites(facts: Sequence[Facts], cue: Callable[[int, int], bool]) -> list[Edge]:
    """The best few prerequisites of each concept. ``cue(section, concept)`` tells of cue words."""
    by_section: dict[int, list[int]] = {}
    for number, fact in enumerate(facts):
        for section in fact.seen:
            by_section.setdefault(section, []).append(number)
    edges: list[Edge] = []
    for target, fact in enumerate(facts):
        here = [n for n in sorted(by_section.get(fact.introduced, [])) if n < target]
        scored = [Edge(n, target, _score(facts, n, target, cue)) for n in here]
        kept = [edge for edge in scored if edge.score >= THRESHOLD]
        edges += sorted(kept, key=lambda edge: (-edge.score, edge.source))[:PER_CONCEPT]
    return edges


def without_detours(edges: Sequence[Edge]) -> list[Edge]:
    """Transitive reduction: an edge that a longer way replaces is left out."""
    into: dict[int, list[int]] = {}
    for edge in edges:
        into.setdefault(edge.target, []).append(edge.source)
    above: dict[int, set[int]] = {}
    for target in sorted(into):
        above[target] = set(into[target]).union(*(above.get(s, set()) for s in into[target]))
    return [
        edge
        for edge in edges
        if not any(
            edge.source in above.get(other, set())
            for other in into[edge.target]
            if other != edge.source
        )
    ]


def depths(count: int, edges: Sequence[Edge]) -> list[int]:
    """Length of the longest way to each concept."""
    depth = [0] * count
    for edge in sorted(edges, key=lambda edge: edge.target):
        depth[edge.target] = max(depth[edge.target], depth[edge.source] + 1)
    return depth


def levels(depth: Sequence[int]) -> list[int]:
    """1 (nothing needed) to 5 (deepest) for each depth."""
    deepest = max(depth, default=0)
    return [1 if value == 0 else min(5, 1 + -(-4 * value // max(deepest, 4))) for value in depth]


def _score(
    facts: Sequence[Facts], source: int, target: int, cue: Callable[[int, int], bool]
) -> float:
    first, second = facts[source], facts[target]
    order = 1.0 if first.introduced < second.introduced else 0.5
    asymmetry = _share(second.focus, first.seen) - _share(first.focus, second.seen)
    code = source in second.first_code and target not in first.first_code
    said = cue(second.introduced, source)
    return round(
        ORDER * order + MENTION * max(0.0, asymmetry) + CUE * said + CODE * code, 4
    )  # fmt: skip


def _share(focus: AbstractSet[int], seen: AbstractSet[int]) -> float:
    return len(focus & seen) / len(focus) if focus else 0.0
