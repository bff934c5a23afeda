"""Forgetting at equal learning, and how sure a difference over few seeds is.

Belongs here: curves of forgetting against gain, the matrix of stages and tasks, exact tests over
paired seeds. Does not: running anything (``runner.py``), sentences (``verdicts.py``). No torch.

Scores of the matrix are higher-is-better; points of curves are bits per byte: ``gain`` is what the
new task won, ``lost`` what earlier tasks lost since the last stage began, both positive when so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

__all__ = [
    "Point", "area", "holm", "interval", "lost_at", "max_t", "sign_flip", "stages",
]  # fmt: skip

_NEAR = 1e-12  # sums that differ by rounding alone count as equal
_FINE = 200  # pieces of the integral under a curve


@dataclass(frozen=True, slots=True)
class Point:
    """One checkpoint: what the new task gained, what earlier ones lost."""

    gain: float
    lost: float


def lost_at(curve: Sequence[Point], gain: float) -> float | None:
    """The least loss on earlier tasks for a gain of at least ``gain``; None: it never was.

    Checkpoints that another one beats in both are left out: nobody would stop there. The others
    rise in both; between them it is the cubic of Fritsch and Carlson, which then rises, too.
    """
    kept = _frontier(curve)
    if not kept or gain > kept[-1].gain:
        return None
    if gain <= kept[0].gain:
        return kept[0].lost
    return _pchip([p.gain for p in kept], [p.lost for p in kept], gain)


def area(curve: Sequence[Point], gain: float) -> float | None:
    """Mean loss on the way from gain 0 to ``gain``: the area under the curve over its width."""
    if gain <= 0:
        return None
    ends = [lost_at(curve, gain * step / _FINE) for step in range(_FINE + 1)]
    known = [value for value in ends if value is not None]
    if len(known) < len(ends):
        return None
    return (sum(known) - (known[0] + known[-1]) / 2) / _FINE


def stages(matrix: Sequence[Sequence[float]], before: Sequence[float]) -> dict[str, float]:
    """Figures of ``matrix[i][j]``, the score on task j after stage i; ``before`` any stage.

    ``average`` over tasks at the end (AA); ``backward`` transfer, the mean of what a task changed
    since its own stage (BWT); ``forgotten``, the mean of what it lost since its best (F);
    ``forward`` transfer, what a task had won before its own stage (FWT); ``gain`` of the last task.
    """
    last, tasks = matrix[-1], len(matrix)
    earlier = range(tasks - 1)
    best = [max(row[task] for row in matrix[:-1]) for task in earlier]
    return {
        "average": sum(last) / tasks,
        "backward": _mean([last[task] - matrix[task][task] for task in earlier]),
        "forgotten": _mean([best[task] - last[task] for task in earlier]),
        "forward": _mean([matrix[t - 1][t] - before[t] for t in range(1, tasks)]),
        "gain": last[-1] - matrix[-2][-1],
    }


def sign_flip(diffs: Sequence[float]) -> float:
    """Exact two-sided p of paired differences, were each as likely to have the other sign.

    All 2ⁿ signs are gone through. The smallest p is 2/2ⁿ: below 6 seeds nothing reaches 5 %.
    """
    seen = abs(sum(diffs))
    as_far = sum(abs(total) >= seen - _NEAR for total in _signed(diffs))
    return as_far / 2 ** len(diffs)


def interval(diffs: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Interval of the mean that holds whatever the distribution is, as long as it is symmetric.

    The means of all subsets cut the line into 2ⁿ equally likely pieces (Hartigan, 1969); pieces
    are left out on both sides. It is the test above turned around. With too few values for
    ``level`` both ends are NaN; with 6 it runs from the smallest to the largest (96.9 %).
    """
    n = len(diffs)
    out = math.floor((1 - level) / 2 * 2**n + _NEAR)
    if out < 1:
        return math.nan, math.nan
    means = sorted(
        sum(some) / size for size in range(1, n + 1) for some in combinations(diffs, size)
    )
    return means[out - 1], means[-out]


def holm(found: Mapping[str, float]) -> dict[str, float]:
    """p values that hold for the whole family (Holm's step-down), in the order given."""
    ranked = sorted(found, key=lambda name: found[name])
    worst, kept = 0.0, dict[str, float]()
    for place, name in enumerate(ranked):
        worst = max(worst, min(1.0, (len(ranked) - place) * found[name]))
        kept[name] = worst
    return {name: kept[name] for name in found}


def max_t(found: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """p values that hold for the whole family, by flipping all methods of a seed together.

    A method counts as far as its |t|; of every pattern of signs the farthest method is taken
    (Westfall and Young, single step). Holm multiplies p by the size of the family, and with six
    seeds nothing of twenty methods could ever pass; this keeps the family's error without that.
    """
    if not found:
        return {}
    n = len(next(iter(found.values())))
    if any(len(diffs) != n for diffs in found.values()):
        raise ValueError("every method needs the same seeds")
    farthest = [0.0] * 2**n
    for diffs in found.values():
        spread = sum(value**2 for value in diffs)
        for place, total in enumerate(_signed(diffs)):
            farthest[place] = max(farthest[place], _far(total, spread, n))
    return {
        name: sum(
            far >= _far(sum(diffs), sum(value**2 for value in diffs), n) - _NEAR
            for far in farthest
        ) / 2**n
        for name, diffs in found.items()
    }  # fmt: skip


def _far(total: float, squares: float, n: int) -> float:
    """|t| grows with total² / squares, which stays finite when all differences are alike."""
    return total**2 / (n * squares) if squares > 0 else 0.0


def _signed(values: Sequence[float]) -> list[float]:
    """Sums with all patterns of signs; the same pattern has the same place for every method."""
    sums = [0.0]
    for value in values:
        sums = [total + sign * value for total in sums for sign in (1, -1)]
    return sums


def _frontier(curve: Sequence[Point]) -> list[Point]:
    """Points that no other beats in both gain and loss, by gain."""
    kept: list[Point] = []
    for point in sorted(curve, key=lambda one: (one.gain, -one.lost)):
        while kept and kept[-1].lost >= point.lost - _NEAR:
            kept.pop()
        kept.append(point)
    return kept


def _pchip(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """Value at ``x`` of the shape-preserving cubic through the points (xs ascending)."""
    if len(xs) == 1:
        return ys[0]
    wide = [b - a for a, b in pairwise(xs)]
    steep = [(b - a) / h for a, b, h in zip(ys, ys[1:], wide, strict=False)]
    at = next((k for k in range(len(wide)) if x <= xs[k + 1]), len(wide) - 1)
    if len(xs) == 2:
        return ys[0] + steep[0] * (x - xs[0])
    left, right = _slope(wide, steep, at), _slope(wide, steep, at + 1)
    h, t = wide[at], (x - xs[at]) / wide[at]
    return (
        ys[at] * (1 + 2 * t) * (1 - t) ** 2 + h * left * t * (1 - t) ** 2
        + ys[at + 1] * t**2 * (3 - 2 * t) + h * right * t**2 * (t - 1)
    )  # fmt: skip


def _slope(wide: Sequence[float], steep: Sequence[float], at: int) -> float:
    """Slope at point ``at``: a weighted harmonic mean inside, three points at the ends."""
    if at == 0:
        return _end(wide[0], wide[1], steep[0], steep[1])
    if at == len(steep):
        return _end(wide[-1], wide[-2], steep[-1], steep[-2])
    before, after = steep[at - 1], steep[at]
    if before * after <= 0:
        return 0.0
    one, two = 2 * wide[at] + wide[at - 1], wide[at] + 2 * wide[at - 1]
    return (one + two) / (one / before + two / after)


def _end(near: float, far: float, steep: float, following: float) -> float:
    slope = ((2 * near + far) * steep - near * following) / (near + far)
    if slope * steep <= 0:
        return 0.0
    if steep * following <= 0 and abs(slope) > 3 * abs(steep):
        return 3 * steep
    return slope


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
