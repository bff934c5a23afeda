"""Resampling of paired differences: whole clusters are drawn, never their items.

Belongs here: the bootstrap, its BCa ends, the p that belongs to them, sign flips, Student's t. Does
not: what an interval means (``statistics.py``).

Items of one source problem are no independent evidence, so the unit of everything here is the
cluster: its sum of weighted differences and its weight. An item without a cluster is one of its
own. The figure is the ratio of the sums; for bits per byte, total bits over total bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Sums",
    "bca",
    "flip_ends",
    "flip_p",
    "spread",
    "student_p",
    "student_t",
    "sums",
]

LEVEL = 0.95
_NORMAL = NormalDist()
_NORMAL_FROM = 2000  # degrees of freedom from which Student's t is the normal one
_BLOCK = 2_000_000  # drawn numbers held at one time
_EXACT = 12  # clusters up to which all sign patterns are gone through
_NEAR = 1e-9  # sums that differ by rounding alone count as equal


@dataclass(frozen=True, slots=True)
class Sums:
    """Of each cluster: sum of ``weight * difference``, and weight."""

    totals: NDArray[np.float64]
    weights: NDArray[np.float64]

    @property
    def k(self) -> int:
        """Clusters."""
        return len(self.totals)

    @property
    def mean(self) -> float:
        """The weighted mean difference."""
        return float(self.totals.sum() / self.weights.sum())


def sums(
    diffs: NDArray[np.float64], weights: NDArray[np.float64], clusters: Sequence[str] | None
) -> Sums:
    """Clusters in order of their first item; an empty name stands for the item alone."""
    if clusters is None:
        return Sums(weights * diffs, weights)
    places: dict[object, int] = {}
    at = [places.setdefault(name or number, len(places)) for number, name in enumerate(clusters)]
    found = np.zeros((2, len(places)))
    np.add.at(found[0], at, weights * diffs)
    np.add.at(found[1], at, weights)
    return Sums(found[0], found[1])


def bca(found: Sums, resamples: int, seed: int) -> tuple[float, float]:
    """95 % ends for at least 2 clusters.

    Percentiles are moved for bias (z0) and skew (a, from leaving out one cluster at a time). Then
    the interval is stretched around the figure, because a plain bootstrap of few clusters, or of
    clusters of very different weight, claims more than it knows: by the error that leaving out
    gives over that of the draws, and by Student's t (see :func:`freedom`) over the normal one.
    """
    draws = _draws(found, resamples, seed)
    return bca_ends(draws, found.mean, _skew(found), spread(found), freedom(found))


def bca_ends(
    draws: NDArray[np.float64], value: float, skew: float, error: float, degrees: int
) -> tuple[float, float]:
    """The same for any figure: sorted ``draws`` of it, its acceleration, the error that leaving out
    gives, and how free that is."""
    z0 = _NORMAL.inv_cdf(_inside(draws, value))
    reach = student_t(1 - (1 - LEVEL) / 2, degrees)
    stretch = reach / _NORMAL.inv_cdf(1 - (1 - LEVEL) / 2)
    drawn = float(draws.std())
    stretch *= max(1.0, error / drawn) if drawn > 0 else 1.0
    ends: list[float] = []
    for side in (-1, 1):
        away = z0 + side * _NORMAL.inv_cdf(1 - (1 - LEVEL) / 2)
        moved = z0 + away / max(1e-6, 1 - skew * away)
        end = float(np.quantile(draws, _NORMAL.cdf(moved)))
        ends.append(value + (end - value) * stretch)
    return ends[0], ends[1]


def freedom(found: Sums) -> int:
    """Degrees of freedom of the spread: clusters less one, fewer where a few weigh the most.

    After Bell and McCaffrey (2002) for a mean of clusters that all vary alike: a sum of squares is
    as free as the fourth powers of the weights say.
    """
    square = found.weights**2
    return max(1, round(float(square.sum() ** 2 / (square**2).sum())) - 1)


def spread(found: Sums) -> float:
    """Standard error of the mean difference, by leaving out one cluster at a time."""
    left = _left_out(found)
    k = found.k
    return math.sqrt((k - 1) / k * float(((left - left.mean()) ** 2).sum()))


def flip_p(totals: NDArray[np.float64], flips: int, seed: int) -> float:
    """Two-sided mid-p of the sum, were each cluster's sign as likely the other.

    For single items that pass or fail this is McNemar's test. Ties count by half (mid-p): the
    exact test of so coarse a figure raises far fewer than 5 % false alarms and finds less.
    """
    moved = totals[np.abs(totals) > _NEAR]
    n = len(moved)
    if n == 0:
        return 1.0
    sizes = np.abs(moved)
    seen = abs(float(moved.sum()))
    if float(np.ptp(sizes)) <= _NEAR:
        return _binomial(n, round(seen / float(sizes[0])))
    return _tail(np.abs(_flipped(sizes, flips, seed)[:, 0]), seen)


def flip_ends(found: Sums, flips: int, seed: int) -> tuple[float, float]:
    """95 % ends that :func:`flip_p` gives: every shift of all differences that it allows.

    It holds for any symmetric noise, whatever its tails and whatever the clusters weigh.
    """
    mean, step = found.mean, 20 * spread(found)
    drawn = _flipped(np.stack([found.totals, found.weights], axis=1), flips, seed)
    ends: list[float] = []
    for side in (-1, 1):
        near, far = 0.0, step
        for _ in range(40):
            middle = (near + far) / 2
            shift = mean + side * middle
            left = np.abs(drawn[:, 0] - shift * drawn[:, 1])
            seen = abs(float((found.totals - shift * found.weights).sum()))
            near, far = (near, middle) if _tail(left, seen) < 1 - LEVEL else (middle, far)
        ends.append(mean + side * far)
    return ends[0], ends[1]


def _flipped(values: NDArray[np.float64], flips: int, seed: int) -> NDArray[np.float64]:
    """Sums of ``values`` (clusters x columns) under signs: all of them, or as many as asked."""
    columns = values.reshape(len(values), -1)
    n = len(columns)
    if n <= _EXACT:
        signs = 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1) - 1
        return signs @ columns
    random = np.random.default_rng(seed)
    parts: list[NDArray[np.float64]] = []
    step = max(1, _BLOCK // n)
    for start in range(0, flips, step):
        size = (min(step, flips - start), n)
        signs = 2.0 * random.integers(0, 2, size=size, dtype=np.int8) - 1
        parts.append(signs @ columns)
    return np.concatenate(parts)


@cache
def student_t(p: float, freedom: int) -> float:
    """Quantile of Student's t for p above 0.5."""
    low, high = 0.0, 1e6
    for _ in range(100):
        middle = (low + high) / 2
        if 1 - student_p(middle, freedom) / 2 < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def student_p(t: float, freedom: int) -> float:
    """Two-sided p of Student's t; the finite sums for whole degrees of freedom."""
    if freedom >= _NORMAL_FROM:
        return 2 * (1 - _NORMAL.cdf(abs(t)))
    angle = math.atan(abs(t) / math.sqrt(freedom))
    cosine, odd = math.cos(angle), freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for step in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine**2 * (step - 1) / step
        total += term
    inner = math.sin(angle) * total
    inside = 2 / math.pi * (angle + inner) if odd else inner
    return min(1.0, max(0.0, 1 - inside))


def _draws(found: Sums, resamples: int, seed: int) -> NDArray[np.float64]:
    """Means of resampled clusters; in pieces, so that memory stays small."""
    random = np.random.default_rng(seed)
    k = found.k
    means: list[NDArray[np.float64]] = []
    step = max(1, _BLOCK // k)
    for start in range(0, resamples, step):
        picked = random.integers(0, k, size=(min(step, resamples - start), k))
        means.append(found.totals[picked].sum(axis=1) / found.weights[picked].sum(axis=1))
    return np.sort(np.concatenate(means))


def _inside(draws: NDArray[np.float64], value: float) -> float:
    """Share of draws below, ties by half, never quite 0 or 1."""
    share = float((draws < value).mean() + (draws == value).mean() / 2)
    return min(max(share, 1 / len(draws)), 1 - 1 / len(draws))


def _left_out(found: Sums) -> NDArray[np.float64]:
    rest = found.weights.sum() - found.weights
    return (found.totals.sum() - found.totals) / np.where(rest > 0, rest, found.weights.sum())


def _skew(found: Sums) -> float:
    left = _left_out(found)
    apart = left.mean() - left
    cube = float((apart**2).sum()) ** 1.5
    return float((apart**3).sum()) / (6 * cube) if cube > 0 else 0.0


def _binomial(n: int, ahead: int) -> float:
    """Two-sided mid-p of a lead of ``ahead`` in ``n`` fair tosses."""
    if ahead == 0:
        return 1.0
    more = (n + ahead) // 2
    tail = sum(math.comb(n, hits) for hits in range(more, n + 1)) - math.comb(n, more) / 2
    return min(1.0, 2 * tail / 2**n)


def _tail(sums_: NDArray[np.float64], seen: float) -> float:
    as_far = np.abs(sums_ - seen) <= _NEAR * max(1.0, seen)
    farther = (sums_ > seen) & ~as_far
    return float(farther.mean() + as_far.mean() / 2) if seen > _NEAR else 1.0
