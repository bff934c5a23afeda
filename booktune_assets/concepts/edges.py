"""What builds on what: scores of pairs, and which of them are edges.

Belongs here: the weights of the features, thresholds. Does not: the features (``signals.py``), the
arithmetic of graphs (``dag.py``), words that show an edge (``evidence.py``).

The weights are a logistic regression on the development half of a syllabus graph made by people
(``benchmarks/concepts.py --fit`` prints them anew, and how well they hold on targets that were left
out); mentions and cue words are rare there and were raised a little. They are constants: the same
books give the same graph.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from booktune_assets.concepts.signals import FEATURES, Features, Signals
from booktune_assets.concepts.tiers import backwards

__all__ = ["THRESHOLD", "UNCERTAIN", "Edge", "best_edges", "candidates", "score_of"]

THRESHOLD = 0.5  # from here on an edge is taken without asking a model
UNCERTAIN = (0.35, 0.65)
PER_CONCEPT = 8
_WIDE, _WIDE_MOST = 0.25, 3  # used by so much of a book: strings, lists; of the places, so many
_WEIGHTS = dict(zip(FEATURES, (
    1.3, -0.7, 0.2, 0.7, 0.45, 0.55, 1.05, 1.6, 2.4, -1.25, 4.7, 0.5, 2.0,
), strict=True))  # fmt: skip
_BIAS = -7.3


@dataclass(frozen=True, slots=True)
class Edge:
    """``source`` has to be known before ``target``. ``by`` tells who decided: score or model."""

    source: str
    target: str
    score: float
    features: Features = ()
    by: str = "score"
    direct: bool = True
    quote: tuple[str, str] | None = None  # block id and words that a model quoted

    def part(self, name: str) -> float:
        """One feature by name; 0 where there are none."""
        return self.features[FEATURES.index(name)] if self.features else 0.0


def score_of(features: Features) -> float:
    """0 to 1: how likely the first concept of the pair is needed for the second."""
    total = _BIAS + sum(
        weight * value for weight, value in zip(_WEIGHTS.values(), features, strict=True)
    )
    return 1.0 / (1.0 + math.exp(-total))


def candidates(signals: Signals, targets: Iterable[str], known: set[str]) -> list[Edge]:
    """All pairs that the books show: the home of the target mentions or uses the source."""
    found: list[Edge] = []
    for target in sorted(targets):
        for source in sorted({*signals.seen(target), *signals.cued[target]}):
            if source == target or source not in known or backwards(source, target):
                continue
            features = signals.features(source, target)
            if features is not None:
                found.append(Edge(source, target, round(score_of(features), 4), features))
    return found


def best_edges(edges: Iterable[Edge], threshold: float = THRESHOLD) -> list[Edge]:
    """The best few prerequisites of each concept; what a model decided is never left out."""
    into: dict[str, list[Edge]] = {}
    for edge in edges:
        if edge.score >= threshold or edge.by == "model":
            into.setdefault(edge.target, []).append(edge)
    return [edge for target in sorted(into) for edge in _best(into[target])]


def _best(edges: Iterable[Edge]) -> Iterator[Edge]:
    """Of the edges into one concept those that get a place.

    What nearly every listing uses scores high everywhere and says little: it gets a few of the
    places, the others are for what this concept needs and most do not.
    """
    places, wide = PER_CONCEPT, _WIDE_MOST
    for edge in sorted(edges, key=lambda e: (e.by != "model", -e.score, e.source)):
        if not places:
            return
        if edge.by != "model" and edge.part("wide_code") >= _WIDE:
            if not wide:
                continue
            wide -= 1
        places -= 1
        yield edge
