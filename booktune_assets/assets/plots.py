"""Small pictures for the asset pages: inline SVG in Markdown, by data URI.

Belongs here: drawing from plain numbers. Does not: reading tables (``metadata.py``). Each
picture stays far under the 100 kB that a metadata entry may weigh; equal numbers, equal bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["Whisker", "bars", "curve", "whiskers"]

Whisker = tuple[str, float, float, float]  # label, low, middle, high
INK, FAINT, BAR = "#1f2937", "#9ca3af", "#4f6bed"
WIDTH, LABEL, ROW = 560, 170, 22
BARS_MAX = 24


def bars(title: str, values: Mapping[str, float]) -> str:
    """Markdown image: one horizontal bar per label, in the order given."""
    shown = list(values.items())[:BARS_MAX]
    top = max((value for _, value in shown), default=0) or 1
    room = WIDTH - LABEL - 70
    rows = []
    for number, (label, value) in enumerate(shown):
        y = 36 + number * ROW
        length = max(1.0, room * value / top) if value else 0.0
        rows.append(
            _text(LABEL - 8, y + 13, label[:26], anchor="end")
            + f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="16" fill="{BAR}"/>'
            + _text(LABEL + length + 6, y + 13, f"{value:,.6g}")
        )
    return _image(title, "".join(rows), 48 + len(shown) * ROW)


def curve(title: str, values: Sequence[float], unit: str) -> str:
    """Markdown image: values against their position, from 1."""
    height, left, top = 200, 60, 40
    low, high = min(values, default=0.0), max(values, default=1.0)
    span = (high - low) or 1.0
    step = (WIDTH - left - 30) / max(1, len(values) - 1)
    points = " ".join(
        f"{left + number * step:.1f},{top + height * (high - value) / span:.1f}"
        for number, value in enumerate(values)
    )
    body = (
        f'<polyline points="{points}" fill="none" stroke="{BAR}" stroke-width="2"/>'
        + _text(left - 6, top + 10, f"{high:.3g}", anchor="end")
        + _text(left - 6, top + height, f"{low:.3g}", anchor="end")
        + _text(left, top + height + 20, f"1 … {len(values)}, {unit}", fill=FAINT)
    )
    return _image(title, body, height + 72)


def whiskers(title: str, rows: Sequence[Whisker]) -> str:
    """Markdown image: differences with their intervals around a zero line."""
    reach = max((max(abs(low), abs(high)) for _, low, _, high in rows), default=1.0) or 1.0
    middle, half = (LABEL + WIDTH) / 2, (WIDTH - LABEL) / 2 - 40
    height = 48 + len(rows) * ROW
    body = [f'<line x1="{middle}" x2="{middle}" y1="30" y2="{height - 14}" stroke="{FAINT}"/>']
    for number, (label, low, mean, high) in enumerate(rows):
        y = 44 + number * ROW
        left, dot, right = (middle + half * value / reach for value in (low, mean, high))
        body.append(
            _text(LABEL - 8, y + 4, label[:28], anchor="end")
            + f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}" stroke="{BAR}" '
            f'stroke-width="3"/><circle cx="{dot:.1f}" cy="{y}" r="4" fill="{INK}"/>'
        )
    return _image(title, "".join(body), height)


def _text(x: float, y: float, words: str, *, anchor: str = "start", fill: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'
    )


def _image(title: str, body: str, height: float) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="12" y="20" font-weight="bold" fill="{INK}">{escape(title)}</text>{body}</svg>'
    )
    code = base64.b64encode(svg.encode()).decode()
    plain = title.replace("[", "(").replace("]", ")")
    return f"![{plain}](data:image/svg+xml;base64,{code})"
