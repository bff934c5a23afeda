"""How sure a difference is, and the words for it.

Belongs here: paired intervals, exact tests, verdicts. Does not: scores of single items
(``suites.py``), pass@k (``passk.py``), plots (``svg.py``).

Everything is paired: both arms answer the same items, and items are what is resampled. Intervals
are bias-corrected and accelerated (BCa), with the tails widened by Student's t, because a plain
bootstrap of a dozen items claims more than it knows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "METHOD", "MIN_ITEMS", "Interval", "mcnemar", "paired", "paired_outcomes", "verdict",
]  # fmt: skip

MIN_ITEMS = 8  # with 5 pairs no outcome at all is significant at 5 %; 8 leave some room
CHRF_GUARD = 5.0  # points of chrF below which raters do not tell two models apart
METHOD = "BCa bootstrap over items, tails widened for few items"
_LEVEL = 0.95
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    """Difference of two arms with its 95 % interval; NaN ends when there are too few items."""

    diff: float
    low: float
    high: float
    n: int


def paired(
    base: Sequence[float],
    tuned: Sequence[float],
    weights: Sequence[float] | None = None,
    *,
    resamples: int = 10_000,
    seed: int = 0,
) -> Interval:
    """Interval of the weighted mean of ``tuned - base``.

    With bytes as weights and bits per byte as scores this is the difference of the two ratios
    total bits / total bytes, and the resampling is that of a ratio.
    """
    import numpy as np

    if len(base) != len(tuned) or (weights is not None and len(weights) != len(base)):
        raise ValueError("both arms need a score for the same items")
    n = len(base)
    weight = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
    diffs = np.asarray(tuned, dtype=float) - np.asarray(base, dtype=float)
    if n == 0 or float(weight.sum()) <= 0:
        return Interval(math.nan, math.nan, math.nan, n)
    mean = float((weight * diffs).sum() / weight.sum())
    if n < 2:
        return Interval(mean, math.nan, math.nan, n)
    if float(np.ptp(diffs)) == 0:
        return Interval(mean, mean, mean, n)
    draws = _resample(diffs, weight, resamples, seed)
    low, high = _bca(draws, mean, diffs, weight)
    return Interval(mean, low, high, n)


def paired_outcomes(
    base: Sequence[float], tuned: Sequence[float], *, resamples: int = 10_000, seed: int = 0
) -> tuple[Interval, float]:
    """Interval and exact McNemar p for outcomes that are 0 or 100 (failed, passed).

    When no item changed sides a bootstrap would be certain of that; the interval is then what
    ``n`` such items in a row allow (the "rule of three", with its exact figure).
    """
    found = paired(base, tuned, resamples=resamples, seed=seed)
    pairs = list(zip(base, tuned, strict=True))
    p = mcnemar(sum(b > t for b, t in pairs), sum(t > b for b, t in pairs))
    if pairs and all(b == t for b, t in pairs):
        reach = 100 * (1 - ((1 - _LEVEL) / 2) ** (1 / len(pairs)))
        found = Interval(0.0, -reach, reach, len(pairs))
    return found, p


def mcnemar(only_base: int, only_tuned: int) -> float:
    """Exact two-sided p that as many items changed sides as did, were both directions alike."""
    n = only_base + only_tuned
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(min(only_base, only_tuned) + 1))
    return min(1.0, 2 * tail / 2**n)


def verdict(
    found: Interval, better: str, unit: str, *, metric: str = "", p: float | None = None
) -> str:
    """The honest sentence. The interval decides, never the mean; ``p`` can only take away."""
    n = found.n
    if n < MIN_ITEMS or math.isnan(found.low):
        return f"too few items to tell (n={n})"
    sign = 1 if better == "higher" else -1
    low, high = sorted((sign * found.low, sign * found.high))
    gain = sign * found.diff
    doubtful = low <= 0 <= high or (p is not None and p >= 1 - _LEVEL)
    if doubtful:
        return f"no clear difference (95 % {_number(low)} to {_number(high)} {unit}, n={n})"
    if metric.startswith("chrf") and abs(gain) < CHRF_GUARD:
        span = f"95 % {_number(low)} to {_number(high)} {unit}, n={n}"
        return f"not distinguishable: a difference under {CHRF_GUARD:.0f} {unit} ({span})"
    if gain > 0:
        span = f"95 % {_number(low)} to {_number(high)}"
        return f"better by {_number(gain)} {unit} ({span}, n={n})"
    return f"worse by {_number(-gain)} {unit} (95 % {_number(-high)} to {_number(-low)}, n={n})"


def _number(value: float) -> str:
    """Two digits that mean something, a true minus sign, and no minus zero."""
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 or value == 0 else 3
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        return "0"
    return text.replace("-", "\u2212")


def _resample(
    diffs: NDArray[np.float64], weight: NDArray[np.float64], resamples: int, seed: int
) -> NDArray[np.float64]:
    """Weighted means of resampled items, sorted; in pieces, so that memory stays small."""
    import numpy as np

    random = np.random.default_rng(seed)
    n = len(diffs)
    means: list[NDArray[np.float64]] = []
    step = max(1, 2_000_000 // n)
    for start in range(0, resamples, step):
        picked = random.integers(0, n, size=(min(step, resamples - start), n))
        drawn = weight[picked]
        means.append((drawn * diffs[picked]).sum(axis=1) / drawn.sum(axis=1))
    return np.sort(np.concatenate(means))


def _bca(
    draws: NDArray[np.float64],
    mean: float,
    diffs: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> tuple[float, float]:
    """Ends of the interval: percentiles moved for bias (z0) and skew (a), widened by t."""
    import numpy as np

    below = float((draws < mean).mean() + (draws == mean).mean() / 2)
    below = min(max(below, 1 / len(draws)), 1 - 1 / len(draws))
    z0 = _NORMAL.inv_cdf(below)
    total, wsum = float((weight * diffs).sum()), float(weight.sum())
    rest = wsum - weight
    left_out = (total - weight * diffs) / np.where(rest > 0, rest, wsum)
    spread = left_out.mean() - left_out
    cube = float((spread**2).sum()) ** 1.5
    a = float((spread**3).sum()) / (6 * cube) if cube > 0 else 0.0
    n = len(diffs)
    z = _student(1 - (1 - _LEVEL) / 2, n - 1) * math.sqrt(n / (n - 1))
    ends: list[float] = []
    for side in (-z, z):
        moved = z0 + (z0 + side) / max(1e-6, 1 - a * (z0 + side))
        ends.append(float(np.quantile(draws, min(1.0, max(0.0, _NORMAL.cdf(moved))))))
    return ends[0], ends[1]


def _student(p: float, freedom: int) -> float:
    """Quantile of Student's t, by the usual expansion around the normal one (good from 3 on)."""
    z, v = _NORMAL.inv_cdf(p), float(max(3, freedom))
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )
