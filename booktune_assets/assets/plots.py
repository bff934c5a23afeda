"""Small pictures for the asset pages: inline SVG in Markdown, by data URI.

Belongs here: drawing from plain numbers. Does not: reading tables (``metadata.py``). The asset page
shows Markdown of under 1,000 characters in place and hides longer ones behind a link, so a picture
is drawn with as few marks as it needs and loses rows until it fits. Equal numbers, equal bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import pairwise

__all__ = ["INLINE_CHARS", "Whisker", "bars", "curve", "trail", "whiskers"]

INLINE_CHARS = 999
Whisker = tuple[str, float, float, float]  # label, low, middle, high
BAR = "#46e"
LEFT, WIDTH, ROW = 150, 420, 20


def bars(title: str, values: Mapping[str, float]) -> str:
    """Markdown image: one horizontal bar per label, in the order given; the rest is summed up."""
    rows = list(values.items())

    def draw(count: int) -> str:
        shown = rows[:count]
        if rest := rows[count:]:
            shown = [*shown, (f"{len(rest)} more", sum(value for _, value in rest))]
        top = max((value for _, value in shown), default=0) or 1
        path, words = "", ""
        for number, (label, value) in enumerate(shown):
            y = 12 + number * ROW
            path += f"M{LEFT} {y}h{200 * value / top:.0f}"
            words += _text(0, y + 4, f"{_short(label, 14)} {value:,.6g}")
        body = f'<path stroke="{BAR}" stroke-width="12" d="{path}"/>{words}'
        return _image(title, body, ROW * len(shown) + 6)

    return _fitting(draw, len(rows))


def curve(title: str, values: Sequence[float], unit: str) -> str:
    """Markdown image: values against their position, from 1; neighbours are averaged to fit."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    span = (high - low) or 1.0

    def draw(count: int) -> str:
        means = _averaged(values, count)
        step = 340 / max(1, len(means) - 1)
        points = " ".join(
            f"{60 + number * step:.0f} {14 + 110 * (high - value) / span:.0f}"
            for number, value in enumerate(means)
        )
        words = _text(0, 18, f"{high:.3g}") + _text(0, 128, f"{low:.3g}")
        words += _text(60, 146, f"1 to {len(values)} {unit}")
        return _image(title, f'<path fill="none" stroke="{BAR}" d="M{points}"/>{words}', 150)

    return _fitting(draw, min(len(values), 60))


def trail(title: str, points: Sequence[tuple[str, float, float]]) -> str:
    """Markdown image: points (label, across, up) joined in their order; ends of both axes are
    numbered. Where not all labels fit, some are left out, never a point."""
    xs, ys = [x for _, x, _ in points], [y for _, _, y in points]
    wide, tall = (max(xs) - min(xs)) or 1.0, (max(ys) - min(ys)) or 1.0
    places = [
        (round(60 + 320 * (x - min(xs)) / wide), round(20 + 100 * (max(ys) - y) / tall))
        for x, y in zip(xs, ys, strict=True)
    ]
    path = "M" + "L".join(f"{x} {y}" for x, y in places)

    def draw(count: int) -> str:
        told = {round(number * (len(points) - 1) / max(1, count - 1)) for number in range(count)}
        words = "".join(
            _text(places[n][0] + 4, places[n][1] - 4, points[n][0]) for n in sorted(told)
        )
        words += _text(0, 24, f"{max(ys):.4g}") + _text(0, 124, f"{min(ys):.4g}")
        words += _text(60, 146, f"{min(xs):.4g}") + _text(360, 146, f"{max(xs):.4g}")
        return _image(title, f'<path fill="none" stroke="{BAR}" d="{path}"/>{words}', 150)

    return _fitting(draw, len(points))


def whiskers(title: str, rows: Sequence[Whisker]) -> str:
    """Markdown image: differences with their intervals around zero, each row to its own scale.
    What does not fit is counted in the last line."""

    def draw(count: int) -> str:
        path, words = f"M285 0v{ROW * min(count, len(rows))}", ""
        for number, (label, low, mean, high) in enumerate(rows[:count]):
            y = 10 + number * ROW
            reach = max(abs(low), abs(high)) or 1.0
            left, dot, right = (285 + 110 * value / reach for value in (low, mean, high))
            path += f"M{left:.0f} {y}H{right:.0f}M{dot:.0f} {y - 4}v8"
            words += _text(0, y + 4, _short(label, 24))
        shown = min(count, len(rows))
        if rest := len(rows) - shown:
            words += _text(0, 14 + shown * ROW, f"{rest} more")
        height = ROW * (shown + bool(rest)) + 6
        return _image(title, f'<path stroke="{BAR}" d="{path}"/>{words}', height)

    return _fitting(draw, len(rows))


def _fitting(draw: Callable[[int], str], count: int) -> str:
    """The picture with as many rows as fit beside the metadata of the page."""
    drawn = draw(count)
    while len(drawn) > INLINE_CHARS and count > 1:
        count -= 1
        drawn = draw(count)
    return drawn


def _averaged(values: Sequence[float], count: int) -> list[float]:
    """``count`` means of runs of neighbours."""
    size = max(1, len(values))
    cuts = [round(number * size / max(1, count)) for number in range(count + 1)]
    parts = [values[start:end] for start, end in pairwise(cuts)]
    return [sum(part) / len(part) for part in parts if part]


def _short(label: str, limit: int) -> str:
    return label if len(label) <= limit else f"{label[: limit - 1]}…"


def _text(x: int, y: int, words: str) -> str:
    return f'<text x="{x}" y="{y}">{escape(words)}</text>'


def _image(title: str, body: str, height: int) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="12" fill="#888">{body}</svg>'
    )
    code = base64.b64encode(svg.encode()).decode()
    plain = title.replace("[", "(").replace("]", ")")
    return f"{plain}\n\n![{plain}](data:image/svg+xml;base64,{code})"
