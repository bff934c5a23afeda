"""Plots as inline SVG: differences with intervals, curves, bars, sparklines.

Belongs here: geometry. Does not: what is plotted, words around it (``report.py``).

Colours and sizes are attributes, so a plot shows the same without the page's style sheet; text
and axes take the colour of the page (``currentColor``) and so follow a dark one. Better and worse
differ in shape as well as in colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate

__all__ = ["BASE", "TUNED", "Line", "Strip", "bars", "curve", "spark", "strip"]

BASE, TUNED = "#8a8f98", "#3b82c4"
BETTER, WORSE, UNCLEAR = "#2e9e6b", "#cf5a36", "#8a8f98"
WIDTH, STRIP = 860, 400
POINTS = 400  # of a line, at most
_FONT = 'font-family="system-ui, sans-serif"'


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of the forest plot. All figures are gains: positive is better.

    ``clear`` is the verdict's word on whether there is a difference; the interval alone is not.
    ``main``: it was corrected with the others of its family; else its mark is hollow.
    ``margin``: the loss up to which it counts as kept. ``scale``: what the rim stands for.
    """

    gain: float | None
    low: float | None
    high: float | None
    clear: bool
    scale: float
    margin: float | None = None
    items: Sequence[float] = ()
    main: bool = True


def strip(one: Strip, title: str) -> str:
    """Gain with its interval, zero in the middle. Words stand beside it, so it may be any width."""
    middle, reach, y = STRIP / 2, STRIP / 2 - 12, 20

    def place(value: float) -> float:
        return middle + reach * max(-1.0, min(1.0, value / (one.scale or 1.0)))

    parts = [
        f'<line x1="{middle:g}" x2="{middle:g}" y1="0" y2="40" stroke="currentColor" '
        'stroke-opacity="0.45"/>'
    ]
    if one.margin is not None:
        edge = place(-one.margin)
        parts.append(
            f'<rect x="{edge:.1f}" y="0" width="{middle - edge:.1f}" height="40" '
            'fill="currentColor" fill-opacity="0.08"/>'
            f'<line x1="{edge:.1f}" x2="{edge:.1f}" y1="0" y2="40" stroke="currentColor" '
            'stroke-opacity="0.7" stroke-dasharray="3 3"/>'
        )
    parts += [
        f'<circle cx="{place(item):.1f}" cy="{y + 4 + (number % 5 - 2) * 3.2:.1f}" r="2.2" '
        f'fill="{BASE}" fill-opacity="0.4"/>'
        for number, item in enumerate(one.items)
    ]
    if one.gain is not None:
        parts.append(_interval(one, place, y))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="strip" viewBox="0 0 {STRIP} 40" '
        f'role="img" width="100%" fill="currentColor"><title>{escape(title)}</title>'
        f"{''.join(parts)}</svg>"
    )


def spark(values: Sequence[float], title: str) -> str:
    """A small line through values, the last one marked; empty below two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    step = 104 / (len(values) - 1)
    points = [
        (8 + step * number, 22 - 16 * ((value - low) / ((high - low) or 1) if high > low else 0.5))
        for number, value in enumerate(values)
    ]
    x, y = points[-1]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="spark" viewBox="0 0 120 28" role="img" '
        f'width="120" fill="currentColor"><title>{escape(title)}</title>{_path(points, TUNED, 1.8)}'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{TUNED}"/></svg>'
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A further series of a curve: joined by a line of its own, or a few dots joined by dashes."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    dots: bool = False


def curve(
    values: Sequence[tuple[float, float]],
    title: str,
    x_name: str,
    y_name: str,
    others: Sequence[Line] = (),
) -> str:
    """A noisy curve, thin, and its running mean, thick; others beside it on the same axes."""
    if len(values) < 2:
        return ""
    left, right, top, bottom = 56, WIDTH - 60, 38, 238
    every = [*values, *(point for line in others for point in line.points)]
    xs, ys = [x for x, _ in values], [y for _, y in values]
    first, last = min(x for x, _ in every), max(x for x, _ in every)
    smooth = _running_mean(ys, max(1, len(ys) // 10))
    low, high = min(y for _, y in every), max(y for _, y in every)
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - first) / ((last - first) or 1)
        up = (y - low) / ((high - low) or 1)
        return left + across * (right - left), bottom - up * (bottom - top)

    parts: list[str] = []
    for tick in ticks:
        _, y = place(first, tick)
        parts.append(_rule(left, right, y))
        parts.append(_text(left - 8, y + 4, f"{tick:g}", "end", 12, 0.75))
    for x in sorted({first, xs[len(xs) // 2], last}):
        parts.append(_text(place(x, low)[0], bottom + 18, f"{x:g}", "middle", 12, 0.75))
    parts.append(_path([place(x, y) for x, y in _thinned(values)], BASE, 1.2))
    mean = _thinned(list(zip(xs, smooth, strict=True)))
    parts.append(_path([place(x, y) for x, y in mean], TUNED, 2.6))
    parts += [_series(line, place) for line in others if line.points]
    end_x, end_y = place(xs[-1], smooth[-1])
    parts.append(_text(end_x + 6, end_y + 4, f"{smooth[-1]:.2f}", "start", 12, 1, bold=True))
    parts.append(_text((left + right) / 2, bottom + 36, x_name, "middle", 12, 0.75))
    parts.append(_legend([(y_name, TUNED), *((line.name, line.colour) for line in others)], left))
    return _svg(bottom + 44, title, parts)


def bars(counts: Mapping[str, int], title: str) -> str:
    """Horizontal bars in the order given, each with its figure and share."""
    left, right, step = 200, WIDTH - 120, 30
    total, most = sum(counts.values()), max(counts.values(), default=0)
    if not most:
        return ""
    parts: list[str] = []
    for number, (name, count) in enumerate(counts.items()):
        y = 6 + step * number
        length = (right - left) * count / most
        parts.append(_text(left - 10, y + 15, name[:30], "end", 13, 1))
        parts.append(
            f'<rect x="{left}" y="{y}" width="{length:.1f}" height="20" rx="3" fill="{TUNED}"/>'
        )
        share = f"{count:,}  ({100 * count / total:.0f} %)"
        parts.append(_text(left + length + 8, y + 15, share, "start", 12, 0.85))
    return _svg(12 + step * len(counts), title, parts)


def _interval(one: Strip, place: Callable[[float], float], y: float) -> str:
    gain = one.gain or 0.0
    colour = (BETTER if gain > 0 else WORSE) if one.clear else UNCLEAR
    line = ""
    if one.low is not None and one.high is not None:
        line = (
            f'<line x1="{place(one.low):.1f}" x2="{place(one.high):.1f}" y1="{y}" y2="{y}" '
            f'stroke="{colour}" stroke-width="{4 if one.main else 2.5}" stroke-linecap="round"/>'
        )
        return line + _mark(place(gain), y, colour, 8 if one.main else 6, hollow=not one.main)
    # too few items: an open circle says that this is a mean and no finding
    return (
        f'<circle cx="{place(gain):.1f}" cy="{y}" r="5" fill="none" stroke="{UNCLEAR}" '
        'stroke-width="2" stroke-dasharray="2 2"/>'
    )


def _mark(x: float, y: float, colour: str, size: int, *, hollow: bool) -> str:
    """Triangle to the better or worse side, circle when unclear; of further metrics hollow."""
    paint = f'fill="{colour}"'
    if hollow:
        paint = f'class="hollow" fill="none" stroke="{colour}" stroke-width="2"'
    if colour == UNCLEAR:
        return f'<circle cx="{x:.1f}" cy="{y}" r="{size - 2}" {paint}/>'
    side = size if colour == BETTER else -size
    points = f"{x + side:.1f},{y} {x - side:.1f},{y - size} {x - side:.1f},{y + size}"
    return f'<polygon points="{points}" {paint}/>'


def _series(line: Line, place: Callable[[float, float], tuple[float, float]]) -> str:
    points = [place(x, y) for x, y in (line.points if line.dots else _thinned(line.points))]
    drawn = _path(points, line.colour, 1.8, "5 4" if line.dots else "")
    if line.dots:
        drawn += "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{line.colour}"/>' for x, y in points
        )
    return drawn


def _legend(names: Sequence[tuple[str, str]], left: float) -> str:
    """Names of the lines in a row above the plot."""
    parts: list[str] = []
    x = left
    for name, colour in names:
        parts.append(f'<rect x="{x:.0f}" y="8" width="14" height="4" fill="{colour}"/>')
        parts.append(_text(x + 20, 14, name, "start", 12, 0.85))
        x += 44 + 6.4 * len(name)
    return "".join(parts)


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most ``POINTS`` of them, evenly, with both ends: long runs must not make long pages."""
    if len(points) <= POINTS:
        return list(points)
    last = len(points) - 1
    return [points[round(number * last / (POINTS - 1))] for number in range(POINTS)]


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'role="img" width="100%" fill="currentColor"><title>{escape(title)}</title>'
        f"{''.join(parts)}</svg>"
    )


def _text(
    x: float, y: float, words: str, anchor: str, size: int, opacity: float, *, bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill-opacity="{opacity}" {_FONT}{weight}>{escape(words)}</text>'
    )


def _rule(x1: float, x2: float, y: float) -> str:
    return (
        f'<line x1="{x1}" x2="{x2}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
        'stroke-opacity="0.15"/>'
    )


def _path(
    points: Sequence[tuple[float, float]], colour: str, width: float, dashes: str = ""
) -> str:
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{steps}" fill="none" stroke="{colour}" stroke-width="{width}" '
        f'stroke-linejoin="round"{dashed}/>'
    )


def _running_mean(values: Sequence[float], reach: int) -> list[float]:
    """Mean over ``reach`` values to each side, fewer at the ends."""
    sums = [0.0, *accumulate(values)]
    last = len(values)
    ends = [(max(0, n - reach), min(last, n + reach + 1)) for n in range(last)]
    return [(sums[end] - sums[start]) / (end - start) for start, end in ends]


def _ticks(low: float, high: float) -> list[float]:
    """About four round values that span the data."""
    raw = (high - low) / 4 or abs(high) / 4 or 1.0
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)
    first = math.floor(low / step)
    return [round((first + k) * step, 10) for k in range(math.ceil(high / step) - first + 1)]
