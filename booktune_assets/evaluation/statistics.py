"""How sure a difference is, and the words for it.

Belongs here: paired intervals, tests, what could have been seen, verdicts. Does not: resampling
(``resample.py``), scores of single items (``suites/``), pass@k (``passk.py``), plots (``svg.py``).

Everything is paired: both arms answer the same items, and clusters of items (variants of one
source) are what is drawn again. Every figure here is held against an A/A study
(``benchmarks/aa_study.py``): the same model twice must differ in 5 of 100 comparisons.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from booktune_assets.evaluation.likeness import CHRF_GUARD, guarded

if TYPE_CHECKING:
    from booktune_assets.evaluation.resample import Sums

__all__ = [
    "METHOD", "MIN_ITEMS", "Interval", "kept", "mcnemar", "paired", "paired_outcomes",
    "verdict",
]  # fmt: skip

MIN_ITEMS = 8  # with 5 pairs no outcome at all is significant at 5 %; 8 leave some room
METHOD = "BCa bootstrap over clusters of items, widened for few of them and to agree with the test"
ALPHA = 0.05
_ROUNDING = 1e-6  # the same weights give figures so far apart when other kernels add them up
_FOUND = 0.8


@dataclass(frozen=True, slots=True)
class Interval:
    """Difference of two arms with its 95 % interval; NaN ends when there are too few items.

    ``clusters``: how many independent pieces of evidence the ``n`` items are. ``p``: two-sided, of
    no difference. ``mdd``: the smallest difference that so many items find in 8 of 10 evaluations
    at p < 0.05, from the variance that was seen; NaN where that says nothing.
    """

    diff: float
    low: float
    high: float
    n: int
    clusters: int = -1
    p: float = 1.0
    mdd: float = math.nan

    @property
    def sources(self) -> int:
        """Independent pieces of evidence."""
        return self.n if self.clusters < 0 else self.clusters

    @property
    def enough(self) -> bool:
        """May anything be said?"""
        return self.sources >= MIN_ITEMS and not math.isnan(self.low)


def paired(
    base: Sequence[float],
    tuned: Sequence[float],
    weights: Sequence[float] | None = None,
    clusters: Sequence[str] | None = None,
    *,
    resamples: int = 10_000,
    seed: int = 0,
    bound: float = math.inf,
) -> Interval:
    """Interval of the weighted mean of ``tuned - base``, clusters drawn whole.

    With bytes as weights and bits per byte as scores this is the difference of the two ratios
    total bits / total bytes, and the resampling is that of a ratio. The interval is the wider of
    BCa's and the one that belongs to ``p``: with heavy tails BCa's alone is too narrow. ``bound``:
    the largest difference that there can be. Where no cluster differs from the others it says what
    so many in a row still allow, as in :func:`paired_outcomes`.
    """
    from booktune_assets.evaluation.resample import flip_ends, spread

    found = _bootstrapped(base, tuned, weights, clusters, resamples, seed)
    sums = _sums(base, tuned, weights, clusters)
    if sums is None or math.isnan(found.low):
        return found
    if found.low == found.high:
        return found if math.isinf(bound) else _unvaried(found, sums, bound)
    low, high = flip_ends(sums, resamples, seed)
    low, high = min(low, found.low), max(high, found.high)
    reach = max(high - found.diff, found.diff - low)  # of an uneven interval what is asked for most
    return replace(found, low=low, high=high, mdd=reach + _power(sums) * spread(sums))


def _bootstrapped(
    base: Sequence[float],
    tuned: Sequence[float],
    weights: Sequence[float] | None,
    clusters: Sequence[str] | None,
    resamples: int,
    seed: int,
) -> Interval:
    from booktune_assets.evaluation.resample import bca, flip_p

    found = _sums(base, tuned, weights, clusters)
    n = len(base)
    if found is None:
        return Interval(math.nan, math.nan, math.nan, n, 0)
    mean, k = found.mean, found.k
    if k < 2:
        return Interval(mean, math.nan, math.nan, n, k)
    if float((found.totals / found.weights).max() - (found.totals / found.weights).min()) == 0:
        # all differ by the same: nothing varies, and only how many they are says how sure that is
        return Interval(mean, mean, mean, n, k, 1.0 if mean == 0 else 2.0 ** (1 - k), math.nan)
    low, high = bca(found, resamples, seed)
    p = flip_p(found.totals, resamples, seed)
    return Interval(mean, low, high, n, k, p)


def paired_outcomes(
    base: Sequence[float],
    tuned: Sequence[float],
    clusters: Sequence[str] | None = None,
    *,
    resamples: int = 10_000,
    seed: int = 0,
) -> Interval:
    """The same for shares of samples that pass, from 0 to 100.

    For one sample and no clusters ``p`` is that of McNemar's test. ``mdd`` comes from the
    discordance: how much changed sides, were neither direction the likelier. When nothing changed
    sides a bootstrap would be certain of that; interval and discordance are then what so many
    clusters in a row allow (the "rule of three", with its exact figure).
    """
    found = _bootstrapped(base, tuned, None, clusters, resamples, seed)
    sums = _sums(base, tuned, None, clusters)
    if sums is None or sums.k < 2:
        return found
    if found.low == found.high:
        return _unvaried(found, sums, 100.0)
    return replace(found, mdd=min(100.0, _seen(sums, float((sums.totals**2).sum()))))


def _unvaried(found: Interval, sums: Sums, bound: float) -> Interval:
    """All clusters changed by the same, mostly by nothing: one that did not may be as rare as its
    absence among so many allows, and may have changed by all there is."""
    open_ = 1 - (ALPHA / 2) ** (1 / sums.k)
    low, high = max(-bound, found.low - bound * open_), min(bound, found.high + bound * open_)
    squares = float((sums.totals**2).sum()) or open_ * bound**2 * float((sums.weights**2).sum())
    return replace(found, low=low, high=high, mdd=min(bound, _seen(sums, squares)))


def _seen(sums: Sums, squares: float) -> float:
    """The smallest difference that is found 8 times in 10, from a sum of squares."""
    from booktune_assets.evaluation.resample import freedom, student_t

    reach = student_t(1 - ALPHA / 2, freedom(sums)) + _power(sums)
    return reach * math.sqrt(squares) / float(sums.weights.sum())


def _power(sums: Sums) -> float:
    """Standard errors that a difference has to be beyond what is asked for, to be found 8 times in
    10; the error is estimated, so Student's t."""
    from booktune_assets.evaluation.resample import freedom, student_t

    return student_t(_FOUND, freedom(sums))


def mcnemar(only_base: int, only_tuned: int) -> float:
    """Exact two-sided p that as many items changed sides as did, were both directions alike."""
    n = only_base + only_tuned
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(min(only_base, only_tuned) + 1))
    return min(1.0, 2 * tail / 2**n)


def kept(
    found: Interval, better: str, margin: float, p: float | None = None, lost: int = 0
) -> Literal["yes", "no", "unclear"]:
    """Is a loss of ``margin`` or more ruled out by the interval, or shown by it?

    Each figure has to rule it out by itself, so saying "yes" of all of them needs no correction.
    One "no" among many does: it needs ``p``, corrected over the family, as well. With ``lost``
    items (a score under the base alone) the others rule nothing out.
    """
    if not found.enough:
        return "unclear"
    worst, best = (found.low, found.high) if better == "higher" else (-found.high, -found.low)
    if worst > -margin:
        return "unclear" if lost else "yes"
    return "no" if best < -margin and (p is None or p < ALPHA) else "unclear"


def verdict(
    found: Interval,
    better: str,
    unit: str,
    *,
    metric: str = "",
    p: float | None = None,
    margin: float | None = None,
    nil: bool = False,
    lost: int = 0,
) -> str:
    """The honest sentence. The interval decides, never the mean; ``p`` can only take away.

    With ``margin``, what was to be kept: whether the interval rules a loss of it out comes first.
    ``nil``: the base is 0 by definition, so being above it is no finding; being beyond the margin
    is one. ``lost``: items that the base alone has a score for.
    """
    if not found.enough:
        return f"too few items to tell ({_size(found)})"
    words = _moved(found, better, unit, metric, p)
    if margin is None:
        return words
    how = kept(found, better, margin, None if nil else p, lost)
    if nil and how != "no":
        span = f"95 % {_number(found.low)} to {_number(found.high)}, {_size(found)}"
        words = f"{_number(found.diff)} {unit} away ({span})"
    said = {
        "yes": f"kept within {margin:g} {unit}",
        "no": f"not kept within {margin:g} {unit}",
        "unclear": f"not shown to be kept within {margin:g} {unit}",
    }[how]
    return f"{said}: {words}"


def _moved(found: Interval, better: str, unit: str, metric: str, p: float | None) -> str:
    sign = 1 if better == "higher" else -1
    low, high = sorted((sign * found.low, sign * found.high))
    gain = sign * found.diff
    size = _size(found)
    # without a direction the interval is that of the table, tuned - base
    span = f"95 % {_number(found.low)} to {_number(found.high)} {unit}, {size}"
    if sign < 0:
        span += ", minus is a gain"
    if low <= 0 <= high or (p is not None and p >= ALPHA):
        return f"no clear difference ({span})"
    if guarded(metric, gain):
        return f"not distinguishable: a difference under {CHRF_GUARD:.0f} {unit} ({span})"
    if gain > 0:
        span = f"95 % {_number(low)} to {_number(high)}"
        return f"better by {_number(gain)} {unit} ({span}, {size})"
    return f"worse by {_number(-gain)} {unit} (95 % {_number(-high)} to {_number(-low)}, {size})"


def _size(found: Interval) -> str:
    if found.sources == found.n:
        return f"n={found.n}"
    return f"n={found.n} of {found.sources} sources"


def _number(value: float) -> str:
    """Two digits that mean something, a true minus sign, and no minus zero."""
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 or value == 0 else 3
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        return "0"
    return text.replace("-", "\u2212")


def _sums(
    base: Sequence[float],
    tuned: Sequence[float],
    weights: Sequence[float] | None,
    clusters: Sequence[str] | None,
) -> Sums | None:
    """None when there is nothing, or nothing with a weight."""
    import numpy as np

    from booktune_assets.evaluation.resample import sums

    others = (tuned, weights, clusters)
    if any(one is not None and len(one) != len(base) for one in others):
        raise ValueError("both arms need a score for the same items")
    weight = np.ones(len(base)) if weights is None else np.asarray(weights, dtype=float)
    if len(base) == 0 or float(weight.sum()) <= 0:
        return None
    held = weight > 0  # what weighs nothing is no evidence
    diffs = np.asarray(tuned, dtype=float) - np.asarray(base, dtype=float)
    diffs[np.abs(diffs) <= _ROUNDING] = 0.0
    names = None if clusters is None else [
        name for name, on in zip(clusters, held.tolist(), strict=True) if on
    ]  # fmt: skip
    return sums(diffs[held], weight[held], names)
