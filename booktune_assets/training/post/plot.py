"""The alpha curve as a picture: loss on old texts against loss on new ones, a dot per strength.

Belongs here: geometry. Does not: figures (``curve.py``), pages.

Down is better for old texts, left is better for new ones; the best corner is the lower left.
Colours are attributes and text takes the page's colour, as in the plots of reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["curve_svg"]

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 610, 24, 300
LINE = "#3b82c4"
_FONT = 'font-family="system-ui, sans-serif" font-size="12" fill="currentColor"'


def curve_svg(points: Sequence[Mapping[str, Any]]) -> str:
    """SVG of rows of ``lora_adapter__curve``; empty when one of the kinds was not measured."""
    new = {row["alpha"]: row["loss"] for row in points if row["kind"] == "new"}
    old = {row["alpha"]: row["loss"] for row in points if row["kind"] == "old"}
    both = sorted(set(new) & set(old))
    if len(both) < 2:
        return ""
    xs, ys = [new[a] for a in both], [old[a] for a in both]
    places = [
        (_along(x, xs, LEFT + 20, RIGHT - 20), _along(y, ys, BOTTOM - 20, TOP + 20))
        for x, y in zip(xs, ys, strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [
        f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="currentColor" '
        'stroke-opacity="0.4"/>',
        f'<polyline points="{line}" fill="none" stroke="{LINE}" stroke-width="2"/>',
    ]
    for alpha, (x, y) in zip(both, places, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{LINE}"/>')
        parts.append(f'<text x="{x + 8:.1f}" y="{y - 6:.1f}" {_FONT}>{alpha:g}</text>')
    for value, x in ((min(xs), LEFT + 20), (max(xs), RIGHT - 20)):
        parts.append(f'<text x="{x}" y="{BOTTOM + 18}" text-anchor="middle" {_FONT}>{value:.3f}'
                     "</text>")  # fmt: skip
    for value, y in ((min(ys), BOTTOM - 16), (max(ys), TOP + 24)):
        parts.append(f'<text x="{LEFT - 8}" y="{y}" text-anchor="end" {_FONT}>{value:.3f}</text>')
    parts.append(f'<text x="{(LEFT + RIGHT) // 2}" y="{BOTTOM + 40}" text-anchor="middle" {_FONT}>'
                 "loss on held-out answers, nats per token (left is better)</text>")  # fmt: skip
    parts.append(f'<text x="{LEFT}" y="14" {_FONT}>loss on general text, nats per token (down is '
                 "better); numbers are strengths</text>")  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'width="100%"><title>Strength of the adapter</title>{"".join(parts)}</svg>'
    )


def _along(value: float, values: Sequence[float], start: float, end: float) -> float:
    low, high = min(values), max(values)
    share = (value - low) / (high - low) if high > low else 0.5
    return start + share * (end - start)
