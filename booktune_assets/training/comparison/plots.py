"""Plots of the comparison as inline SVG: curves of each method, differences with intervals.

Belongs here: geometry. Does not: figures and words (``verdicts.py``, ``page.py``). Text and axes
take the colour of the page; better and worse differ in place as well as in colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Bar", "Panel", "forest", "panels"]

GREY, BLUE, GREEN, RED = "#8a8f98", "#3b82c4", "#2e9e6b", "#cf5a36"
WIDTH = 900
_FONT = 'font-family="system-ui, sans-serif"'
Line = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    """One method: its curve before those that are free (gain, lost)."""

    title: str
    mine: Line
    behind: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Bar:
    """One difference: mean, interval (NaN: none), the seeds, and whether it is clear."""

    title: str
    diff: float
    low: float
    high: float
    each: Sequence[float]
    clear: bool


def panels(shown: Sequence[Panel], title: str, across: int = 4) -> str:
    """Small multiples on the same axes: to the right gained, upwards lost (down is better)."""
    everywhere = [point for p in shown for line in (p.mine, *p.behind) for point in line]
    if not everywhere:
        return ""
    wide, high = WIDTH / across, 170.0
    right = max(x for x, _ in everywhere) or 1.0
    low, top = min(0.0, *(y for _, y in everywhere)), max(y for _, y in everywhere)
    span = (top - low) or 1.0
    parts: list[str] = []
    for number, panel in enumerate(shown):
        left, upper = wide * (number % across), high * (number // across)

        def place(x: float, y: float, left: float = left, upper: float = upper) -> str:
            across_it = left + 34 + (wide - 46) * max(0.0, x) / right
            return f"{across_it:.1f},{upper + 30 + (high - 58) * (top - y) / span:.1f}"

        zero, end = place(0, 0), place(right, 0)
        parts.append(_words(left + 34, upper + 18, panel.title[:34], 12, bold=True))
        parts.append(_line([zero, end], "currentColor", 0.6, 0.5))
        for value in (low, top):
            x, y = place(0, value).split(",")
            parts.append(_words(float(x) - 4, float(y) + 4, f"{value:.1f}", 10, "end"))
        x, y = end.split(",")
        parts.append(_words(float(x), float(y) + 13, f"{right:.1f}", 10, "end"))
        for line in panel.behind:
            parts.append(_line([place(*point) for point in line], GREY, 1.2, 0.8))
        parts.append(_line([place(*point) for point in panel.mine], BLUE, 2.4, 1))
    rows = (len(shown) + across - 1) // across
    return _svg(high * rows, title, parts)


def forest(bars: Sequence[Bar], title: str, less: str, more: str) -> str:
    """Differences around zero, the smallest first; dots are seeds, thick lines intervals."""
    if not bars:
        return ""
    ranked = sorted(bars, key=lambda bar: bar.diff)
    ends = [abs(v) for bar in bars for v in (bar.low, bar.high, bar.diff, *bar.each) if v == v]
    scale, middle, reach, step = max(ends) * 1.05 or 1.0, 560.0, 300.0, 26
    height = 40 + step * len(ranked)
    parts = [
        _words(middle - 10, 16, f"← {less}", 12, "end"),
        _words(middle + 10, 16, f"{more} →", 12),
        _line([f"{middle},24", f"{middle},{height - 8}"], "currentColor", 1, 0.5),
    ]
    for number, bar in enumerate(ranked):
        y = 40 + step * number
        colour = (GREEN if bar.diff < 0 else RED) if bar.clear else GREY
        parts.append(_words(240, y + 4, bar.title[:42], 12, "end"))

        def place(value: float, y: float = y) -> str:
            return f"{middle + reach * value / scale:.1f},{y}"

        if bar.low == bar.low:
            parts.append(_line([place(bar.low), place(bar.high)], colour, 3, 0.9))
        for value in bar.each:
            x, _ = place(value).split(",")
            parts.append(f'<circle cx="{x}" cy="{y}" r="2" fill="currentColor" opacity="0.45"/>')
        x, _ = place(bar.diff).split(",")
        parts.append(f'<circle cx="{x}" cy="{y}" r="4.5" fill="{colour}"/>')
    return _svg(height, title, parts)


def _line(places: Sequence[str], colour: str, width: float, opacity: float) -> str:
    return (
        f'<polyline points="{" ".join(places)}" fill="none" stroke="{colour}" '
        f'stroke-width="{width}" stroke-opacity="{opacity}"/>'
    )


def _words(
    x: float, y: float, text: str, size: int, anchor: str = "start", *, bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{weight} '
        f'fill="currentColor" {_FONT}>{escape(text)}</text>'
    )


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f'style="width:100%;max-width:{WIDTH}px"><title>{escape(title)}</title>'
        f"{''.join(parts)}</svg>"
    )
