"""The paths of a page: which of them may be line art, and which are boxes and rules.

Belongs here: one path at a time. Does not: what several of them make (``drawings.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Mark", "Rect", "marks_of"]

Rect = tuple[float, float, float, float]
_MARKS_MAX = 20_000  # paths of a page that are looked at
_ITEMS_MAX = 400  # segments of a path that are looked at


@dataclass(slots=True)
class Mark:
    """A drawn path; ``art``: it is no box and no rule."""

    rect: Rect
    art: bool


def marks_of(paths: Iterable[dict[str, Any]], captioned: bool) -> list[Mark]:
    """The paths of a page that may be line art; none when nothing suggests a drawing."""
    made: list[Mark] = []
    for path in paths:
        x0, y0, x1, y1 = (float(value) for value in path["rect"])
        made.append(Mark((x0, y0, x1, y1), _is_art(path["items"], x1 - x0, y1 - y0)))
        if len(made) >= _MARKS_MAX:
            break
    return made if captioned or any(mark.art for mark in made) else []


def _is_art(items: Sequence[Any], wide: float, high: float) -> bool:
    """Strokes that are neither upright nor level, or a curve, that make no box.

    A box with round corners has curves and, where they are flattened, short slanting strokes; most
    of its edge is straight all the same.
    """
    if min(wide, high) < 3:
        return False  # rules and borders, whose ends may be cut aslant
    straight = slanting = 0.0
    curves = 0
    for item in items[:_ITEMS_MAX]:
        if item[0] == "l":
            (xa, ya), (xb, yb) = item[1], item[2]
            across, down = abs(xa - xb), abs(ya - yb)
            if across > 1 and down > 1:
                slanting = max(slanting, across, down)
            else:
                straight += across + down
        elif item[0] == "c":
            curves += 1
        else:
            return False  # rectangles and quads
    boxed = straight >= 0.3 * 2 * (wide + high)
    if slanting:
        return not boxed or slanting > 0.25 * min(wide, high) + 1
    return curves > 0 and not boxed and min(wide, high) >= 18
