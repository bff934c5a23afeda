"""Adapter on or off by what is asked: on when the shelf's passages have the question's matter.

The score is that of ``concepts/fit.py``. With the adapter off the model is the base, bit for bit:
what is routed away cannot have been forgotten. Ours; no paper is followed.

Belongs here: the threshold and its honest accuracy. Does not: the score, loading or serving
adapters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from booktune_assets.concepts.fit import fit_of
from booktune_assets.errors import BookError, Code

if TYPE_CHECKING:
    from booktune_assets.concepts.retrieval import Index

__all__ = ["Calibration", "Router", "calibrate", "threshold_of"]

FOLDS = 5
QUESTIONS_MIN = 10  # of each side: fewer say nothing about accuracy


@dataclass(frozen=True, slots=True)
class Calibration:
    """``threshold`` from all questions; the rest measured on folds that did not set it.

    ``on_inside`` is the share of the shelf's questions that get the adapter, ``off_outside`` the
    share of others that do not; ``accuracy`` is the mean of both.
    """

    threshold: float
    on_inside: float
    off_outside: float
    inside: int
    outside: int

    @property
    def accuracy(self) -> float:
        """Balanced: it does not depend on how many questions of each side there are."""
        return (self.on_inside + self.off_outside) / 2

    def as_row(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"accuracy": self.accuracy}


class Router:
    """Scores questions against an index."""

    def __init__(self, index: Index) -> None:
        self.index = index

    def score(self, question: str) -> float:
        """0 (nothing of it is on the shelf) to 1 (a passage has all of it)."""
        return fit_of(self.index, question).score

    def wants_adapter(self, question: str, threshold: float) -> bool:
        """On from the threshold upwards."""
        return self.score(question) >= threshold


def calibrate(router: Router, inside: Sequence[str], outside: Sequence[str]) -> Calibration:
    """A threshold between the shelf's questions and others. Raises ``NO_EXAMPLES`` for too few.

    ``inside`` should be held out: questions that were written from passages but not trained on.
    """
    if min(len(inside), len(outside)) < QUESTIONS_MIN:
        raise BookError(
            Code.NO_EXAMPLES, f"Routing needs {QUESTIONS_MIN} questions of each side",
            inside=len(inside), outside=len(outside),
        )  # fmt: skip
    yes = [router.score(question) for question in inside]
    no = [router.score(question) for question in outside]
    on = off = 0
    for fold in range(FOLDS):
        seen = threshold_of(_without(yes, fold), _without(no, fold))
        on += sum(score >= seen for score in yes[fold::FOLDS])
        off += sum(score < seen for score in no[fold::FOLDS])
    whole = threshold_of(yes, no)
    return Calibration(whole, on / len(yes), off / len(no), len(yes), len(no))


def threshold_of(yes: Sequence[float], no: Sequence[float]) -> float:
    """The cut of highest balanced accuracy, midway between the scores beside it.

    Of equally good ones the highest: in doubt the adapter stays off.
    """
    scores = sorted({*yes, *no})
    # the middle of neighbouring numbers is one of them: then the upper one divides them
    cuts = [middle if (middle := a + (b - a) / 2) > a else b for a, b in pairwise(scores)]
    cuts = [scores[0], *cuts, math.nextafter(scores[-1], math.inf)]

    def good(cut: float) -> float:
        return sum(s >= cut for s in yes) / len(yes) + sum(s < cut for s in no) / len(no)

    return max(cuts, key=lambda cut: (good(cut), cut))


def _without(scores: Sequence[float], fold: int) -> list[float]:
    return [score for number, score in enumerate(scores) if number % FOLDS != fold]
