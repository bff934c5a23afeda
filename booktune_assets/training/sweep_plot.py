"""A sweep as a picture: losses on held-out answers and on general text, by learning rate.

Belongs here: geometry. Does not: figures (``sweep.py``).

Rates stand on a logarithmic axis; each of the two lines has a scale of its own, with its smallest
and largest value at its side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from booktune_assets.training.sweep import Tried

__all__ = ["sweep_svg"]

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 80, 560, 40, 250
NEW, OLD = "#3b82c4", "#8a8f98"
_FONT = 'font-family="system-ui, sans-serif" font-size="12"'


def sweep_svg(tried: Sequence[Tried], chosen: Tried | None) -> str:
    """SVG; empty when fewer than two rates were measured."""
    done = [one for one in tried if one.heldout is not None]
    if len(done) < 2:
        return ""
    places = [math.log10(one.learning_rate) for one in done]
    xs = [LEFT + 20 + (p - places[0]) / (places[-1] - places[0]) * (RIGHT - LEFT - 40)
          for p in places]  # fmt: skip
    parts = [f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}V{TOP}" fill="none" stroke="currentColor" '
             'stroke-opacity="0.4"/>']  # fmt: skip
    held = [one.heldout for one in done if one.heldout is not None]
    old = [one.general for one in done if one.general is not None]
    parts += _line(xs, held, NEW, LEFT - 6, "end")
    if len(old) == len(done):
        parts += _line(xs, old, OLD, RIGHT + 6, "start")
    for one, x in zip(done, xs, strict=True):
        weight = ' font-weight="bold"' if one == chosen else ""
        parts.append(_text(x, BOTTOM + 18, f"{one.learning_rate:g}", "middle", weight))
    parts += [
        _text(LEFT, 16, "held-out answers, bits per byte (left scale)", "start", colour=NEW),
        _text(RIGHT, 32, "general text, bits per byte (right scale)", "end", colour=OLD),
        _text((LEFT + RIGHT) / 2, BOTTOM + 42, "learning rate; bold: chosen", "middle"),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'width="100%"><title>Losses by learning rate</title>{"".join(parts)}</svg>'
    )


def _line(
    xs: Sequence[float], values: Sequence[float], colour: str, side: float, anchor: str
) -> list[str]:
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    ys = [BOTTOM - 16 - (value - low) / span * (BOTTOM - TOP - 32) for value in values]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
            for x, y in zip(xs, ys, strict=True)]  # fmt: skip
    return [
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *dots,
        _text(side, BOTTOM - 12, f"{low:.3f}", anchor, colour=colour),
        _text(side, TOP + 20, f"{high:.3f}", anchor, colour=colour),
    ]


def _text(
    x: float, y: float, words: str, anchor: str, more: str = "", colour: str = "currentColor"
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} {_FONT} fill="{colour}"{more}>{words}</text>'
