"""Plots as inline SVG: differences with intervals, a curve, bars.

Belongs here: geometry. Does not: what is plotted, words around it (``report.py``).

Colours and sizes are attributes, so a plot shows the same without the page's style sheet; text
and axes take the colour of the page (``currentColor``) and so follow a dark one. Better and worse
differ in shape as well as in colour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["BASE", "TUNED", "ForestRow", "bars", "curve", "forest"]

BASE, TUNED = "#8a8f98", "#3b82c4"
BETTER, WORSE, UNCLEAR = "#2e9e6b", "#cf5a36", "#8a8f98"
WIDTH = 860
_FONT = 'font-family="system-ui, sans-serif"'


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line of the forest plot. All figures are gains: positive is better.

    ``clear`` is the verdict's word on whether there is a difference; the interval alone is not.
    """

    title: str
    note: str
    unit: str
    gain: float | None
    low: float | None
    high: float | None
    clear: bool
    items: Sequence[float]


def forest(rows: Sequence[ForestRow], title: str) -> str:
    """Gains with intervals, zero in the middle; every row has its own scale, printed at its end."""
    left, middle, reach, step, top = 230, 480, 200, 78, 34
    height = top + step * len(rows) + 16
    parts = [
        _text(middle - 12, 18, "← worse with the adapter", "end", 12, 0.75),
        _text(middle + 12, 18, "better with the adapter →", "start", 12, 0.75),
        f'<line x1="{middle}" x2="{middle}" y1="26" y2="{height - 14}" stroke="currentColor" '
        'stroke-opacity="0.5"/>',
    ]
    for number, row in enumerate(rows):
        y = top + step * number + 34
        if number:
            parts.append(_rule(0, WIDTH, y - 34))
        parts.append(_text(0, y - 3, row.title, "start", 14, 1, bold=True))
        parts.append(_text(0, y + 15, row.note, "start", 12, 0.75))
        parts.append(_forest_row(row, middle, reach, y) if row.gain is not None else
                     _text(left + 20, y + 4, "not measured", "start", 12, 0.75))  # fmt: skip
    return _svg(height, title, parts)


def curve(values: Sequence[tuple[float, float]], title: str, x_name: str, y_name: str) -> str:
    """A noisy curve, thin, and its running mean, thick."""
    if len(values) < 2:
        return ""
    left, right, top, bottom = 56, WIDTH - 60, 14, 214
    xs, ys = [x for x, _ in values], [y for _, y in values]
    smooth = _running_mean(ys, max(1, len(ys) // 10))
    low, high = min(ys), max(ys)
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - xs[0]) / ((xs[-1] - xs[0]) or 1)
        up = (y - low) / ((high - low) or 1)
        return left + across * (right - left), bottom - up * (bottom - top)

    parts: list[str] = []
    for tick in ticks:
        _, y = place(xs[0], tick)
        parts.append(_rule(left, right, y))
        parts.append(_text(left - 8, y + 4, f"{tick:g}", "end", 12, 0.75))
    for x in sorted({xs[0], xs[len(xs) // 2], xs[-1]}):
        parts.append(_text(place(x, low)[0], bottom + 18, f"{x:g}", "middle", 12, 0.75))
    parts.append(_path([place(x, y) for x, y in values], BASE, 1.2))
    parts.append(_path([place(x, y) for x, y in zip(xs, smooth, strict=True)], TUNED, 2.6))
    end_x, end_y = place(xs[-1], smooth[-1])
    parts.append(_text(end_x + 6, end_y + 4, f"{smooth[-1]:.2f}", "start", 12, 1, bold=True))
    parts.append(_text((left + right) / 2, bottom + 36, x_name, "middle", 12, 0.75))
    parts.append(_text(left + 6, top + 2, y_name, "start", 12, 0.75))
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


def _forest_row(row: ForestRow, middle: float, reach: float, y: float) -> str:
    ends = [abs(end) for end in (row.low, row.high, row.gain) if end is not None]
    # the interval sets the scale; a few extreme items are shown at the rim
    scale = max([*ends, _percentile([abs(item) for item in row.items], 0.8)]) * 1.15 or 1.0

    def place(value: float) -> float:
        return middle + reach * max(-1.0, min(1.0, value / scale))

    parts = [
        f'<circle cx="{place(item):.1f}" cy="{y + 4 + (number % 5 - 2) * 3.2:.1f}" r="2.4" '
        f'fill="{BASE}" fill-opacity="0.45"/>'
        for number, item in enumerate(row.items)
    ]
    gain = row.gain or 0.0
    colour = (BETTER if gain > 0 else WORSE) if row.clear else UNCLEAR
    if row.low is not None and row.high is not None:
        parts.append(
            f'<line x1="{place(row.low):.1f}" x2="{place(row.high):.1f}" y1="{y}" y2="{y}" '
            f'stroke="{colour}" stroke-width="4" stroke-linecap="round"/>'
        )
    parts.append(_mark(place(gain), y, colour))
    digits = 1 if row.unit == "points" else 3
    words = f"{gain:+.{digits}f} {row.unit}".replace("-", "\u2212")
    parts.append(_text(WIDTH, y - 3, words, "end", 13, 1, bold=True))
    parts.append(_text(WIDTH, y + 15, f"scale ±{scale:.{digits - 1}f}", "end", 11, 0.65))
    return "".join(parts)


def _mark(x: float, y: float, colour: str) -> str:
    """Triangle to the better or worse side, circle when unclear."""
    if colour == UNCLEAR:
        return f'<circle cx="{x:.1f}" cy="{y}" r="6" fill="{colour}"/>'
    side = 8 if colour == BETTER else -8
    points = f"{x + side:.1f},{y} {x - side:.1f},{y - 8} {x - side:.1f},{y + 8}"
    return f'<polygon points="{points}" fill="{colour}"/>'


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


def _path(points: Sequence[tuple[float, float]], colour: str, width: float) -> str:
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline points="{steps}" fill="none" stroke="{colour}" stroke-width="{width}" '
        'stroke-linejoin="round"/>'
    )


def _running_mean(values: Sequence[float], reach: int) -> list[float]:
    """Mean over ``reach`` values to each side, fewer at the ends."""
    means: list[float] = []
    for number in range(len(values)):
        near = values[max(0, number - reach) : number + reach + 1]
        means.append(sum(near) / len(near))
    return means


def _ticks(low: float, high: float) -> list[float]:
    """About four round values that span the data."""
    raw = (high - low) / 4 or abs(high) / 4 or 1.0
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)
    first = math.floor(low / step)
    return [round((first + k) * step, 10) for k in range(math.ceil(high / step) - first + 1)]


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))] if values else 0.0
