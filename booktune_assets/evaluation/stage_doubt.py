"""How sure the figures over stages are: BWT, forgetting, FWT, gain and average with intervals.

Belongs here: the bootstrap of a whole matrix, its ends. Does not: the figures (``stages.py``), ends
of a single difference (``statistics.py``), rows and words (``staged.py``).

Method: tasks are fixed and their items are a sample. In every draw the clusters of each task's
items are drawn again, tasks apart, and a cluster is drawn whole with its scores under the base and
after every stage, so that all stages are paired by item. Each draw gives a whole matrix, and all
figures are taken from the same draws; forgetting looks for the best stage anew in each, as the
figure does. From the draws come BCa ends (acceleration from leaving out one cluster at a time, task
by task). They are stretched by the error that leaving out gives over that of the draws and by
Student's t over the normal one (degrees of freedom of each task as in ``resample.freedom``, put
together by Satterthwaite's rule), then widened to the ends that sign flips of the clusters'
influences give, as single differences are. The interval always holds the figure.

What it is not: the stages were trained once, so nothing is said of other seeds. Forgetting is the
best of several noisy means less the last: it leans upwards where stages are near each other.

No interval where a task of the figure has under ``MIN_ITEMS`` clusters (NaN), or where nothing
varies (both ends are the figure, which only looks certain: rows say that it cannot be told).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from booktune_assets.evaluation.resample import Sums, bca_ends, flip_ends, freedom, sums
from booktune_assets.evaluation.stages import figures_of, resting
from booktune_assets.evaluation.statistics import MIN_ITEMS, Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Task", "stage_intervals"]

_BLOCK = 2_000_000  # drawn numbers held at one time
_NOTHING = 1e-9  # errors under it are rounding
_ROUNDING = 1e-6  # two stages of the same weights may differ by so much when kernels add otherwise


@dataclass(frozen=True, slots=True)
class Task:
    """Items of a task that have a score at every place. Higher is better.

    ``scores[item][place]``: the base at place 0, then every stage. ``own``: the stage that taught
    the task, from 0.
    """

    own: int
    scores: Sequence[Sequence[float]]
    weights: Sequence[float]
    clusters: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A task by clusters: sums of ``weight * score`` (clusters x places), and weights."""

    totals: NDArray[np.float64]
    weights: NDArray[np.float64]

    @property
    def k(self) -> int:
        """Clusters."""
        return len(self.weights)

    def left_out(self) -> NDArray[np.float64]:
        """Means (clusters x places) without one cluster each."""
        rest = self.weights.sum() - self.weights
        return (self.totals.sum(axis=0) - self.totals) / rest[:, None]

    def drawn(self, resamples: int, random: np.random.Generator) -> NDArray[np.float64]:
        """Means (resamples x places) of clusters drawn again."""
        parts: list[NDArray[np.float64]] = []
        step = max(1, _BLOCK // self.k)
        for start in range(0, resamples, step):
            size = min(step, resamples - start)
            times = random.multinomial(self.k, np.full(self.k, 1 / self.k), size=size)
            parts.append((times @ self.totals) / (times @ self.weights)[:, None])
        return np.concatenate(parts)


def stage_intervals(
    tasks: Sequence[Task], *, resamples: int = 10_000, seed: int = 0
) -> dict[str, Interval]:
    """Each figure that there is with its 95 % interval; no two ends where it cannot be told.

    ``n`` and ``clusters`` are those of the tasks that a figure is the mean of.
    """
    if not tasks:
        return {}
    own = [one.own for one in tasks]
    parts = [_clustered(one) for one in tasks]
    matrix = np.stack([part.totals.sum(axis=0) / part.weights.sum() for part in parts])
    values = figures_of(matrix, own)
    random = np.random.default_rng(seed)
    draws = figures_of(np.stack([one.drawn(resamples, random) for one in parts], axis=1), own)
    pulls = [_influence(parts, matrix, own, place) for place in range(len(parts))]
    stages = matrix.shape[1] - 1
    found: dict[str, Interval] = {}
    for name, some in resting(own, stages).items():
        if not some:
            continue
        n = sum(len(tasks[one].scores) for one in some)
        clusters = sum(parts[one].k for one in some)
        low = high = math.nan
        if min(parts[one].k for one in some) >= MIN_ITEMS:
            mine = [(parts[one], pulls[one][name]) for one in some]
            low, high = _ends(float(values[name]), draws[name], mine, resamples, seed)
        found[name] = Interval(float(values[name]), low, high, n, clusters)
    return found


def _clustered(task: Task) -> _Drawn:
    scores = np.array(task.scores, dtype=float)
    for place in range(1, scores.shape[1]):
        same = np.abs(scores[:, place] - scores[:, place - 1]) <= _ROUNDING
        scores[same, place] = scores[same, place - 1]
    weights = np.asarray(task.weights, dtype=float)
    held = weights > 0  # what weighs nothing is no evidence
    names = [name for name, on in zip(task.clusters, held.tolist(), strict=True) if on]
    columns = [sums(column, weights[held], names) for column in scores[held].T]
    return _Drawn(np.stack([one.totals for one in columns], axis=1), columns[0].weights)


def _influence(
    parts: Sequence[_Drawn], matrix: NDArray[np.float64], own: Sequence[int], place: int
) -> dict[str, NDArray[np.float64]]:
    """How far each cluster of a task pulls each figure: (k - 1) times what leaving it out moves."""
    part = parts[place]
    if part.k < 2:
        return {name: np.zeros(part.k) for name in figures_of(matrix, own)}
    without = np.repeat(matrix[None], part.k, axis=0)
    without[:, place] = part.left_out()
    left = figures_of(without, own)
    return {name: (part.k - 1) * (value.mean() - value) for name, value in left.items()}


def _ends(
    value: float,
    draws: NDArray[np.float64],
    parts: Sequence[tuple[_Drawn, NDArray[np.float64]]],
    resamples: int,
    seed: int,
) -> tuple[float, float]:
    """The ends of one figure; the figure itself where no cluster pulls it anywhere."""
    variances = [float((pull**2).sum()) / (part.k * (part.k - 1)) for part, pull in parts]
    error = math.sqrt(sum(variances))
    if error <= _NOTHING:
        return value, value
    cube = sum(float((pull**3).sum()) / part.k**3 for part, pull in parts)
    square = sum(float((pull**2).sum()) / part.k**2 for part, pull in parts)
    skew = cube / (6 * square**1.5)
    free = sum(
        one**2 / freedom(Sums(part.weights, part.weights))
        for one, (part, _) in zip(variances, parts, strict=True)
    )
    degrees = max(1, round(error**4 / free))
    low, high = bca_ends(np.sort(draws), value, skew, error, degrees)
    flipped = flip_ends(_pooled(value, parts), resamples, seed)
    return min(low, flipped[0], value), max(high, flipped[1], value)


def _pooled(value: float, parts: Sequence[tuple[_Drawn, NDArray[np.float64]]]) -> Sums:
    """The clusters of all tasks as if of one, whose mean is the figure.

    Each stands with its task's share of the figure and with its own pull, so that what tasks differ
    by is no doubt. The spread of ``k`` pulls is too small by (k - 1) / k: that is set right task by
    task, less what leaving one of all out sets right for all.
    """
    k = sum(part.k for part, _ in parts)
    weights = np.concatenate([part.weights / part.weights.sum() / len(parts) for part, _ in parts])
    pulls = np.concatenate([
        pull / part.k * math.sqrt(part.k / (part.k - 1) * (k - 1) / k) for part, pull in parts
    ])  # fmt: skip
    return Sums(weights * value + pulls, weights)
