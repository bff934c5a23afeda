"""Boxes that are drawn as four rules: a word processor's table of one cell around a listing.

Belongs here: which rules and posts make a box. Does not: boxes drawn as rectangles (``glyphs.py``),
the cells of tables (``grids.py``).

A table has posts between its columns or boxes right on top of each other; neither is a box of text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from booktune_assets.books.paths import Rect

__all__ = ["ruled_boxes"]

_THIN = 2.5  # pt; a rule is no higher
_WIDE, _HIGH = 40.0, 8.0  # pt; smaller boxes hold no listing
_OFF = 1.6  # pt by which the ends of rules may differ
_COVERED = 0.94  # of a side that posts have to cover
_MOST = 400  # rules of a page; more are a drawing


def ruled_boxes(rules: Sequence[Rect], posts: Sequence[Rect]) -> list[Rect]:
    """The boxes that rules and posts make, from top to bottom."""
    if len(rules) < 2 or len(posts) < 2 or len(rules) + len(posts) > _MOST:
        return []
    found: list[Rect] = []
    level = sorted(rules, key=lambda rule: (round(rule[0] / 3), round(rule[2] / 3), rule[1]))
    for above, below in pairwise(level):
        if abs(above[0] - below[0]) > _OFF or abs(above[2] - below[2]) > _OFF:
            continue
        rect = above[0], above[1], above[2], below[3]
        if rect[2] - rect[0] < _WIDE or rect[3] - rect[1] < _HIGH:
            continue
        sides = all(_covered(rect, x, posts) for x in (rect[0], rect[2]))
        if sides and not any(_inside(rect, post) for post in posts):
            found.append(rect)
    return [one for one in found if not any(_touch(one, other) for other in found)]


def _covered(rect: Rect, x: float, posts: Sequence[Rect]) -> bool:
    """Whether posts at an edge reach from the upper rule to the lower one."""
    ours = sorted((p[1], p[3]) for p in posts if abs((p[0] + p[2]) / 2 - x) < _OFF)
    reach, covered = rect[1], 0.0
    for top, bottom in ours:
        top, bottom = max(top, reach), min(bottom, rect[3])
        if bottom > top:
            covered, reach = covered + bottom - top, bottom
    return covered >= _COVERED * (rect[3] - rect[1]) - _THIN


def _inside(rect: Rect, post: Rect) -> bool:
    across = rect[0] + _OFF < post[0] and post[2] < rect[2] - _OFF
    return across and min(post[3], rect[3]) - max(post[1], rect[1]) > 0.5 * (rect[3] - rect[1])


def _touch(one: Rect, other: Rect) -> bool:
    """Whether a box stands right above or below another: rows of a table."""
    level = abs(one[0] - other[0]) < _OFF and abs(one[2] - other[2]) < _OFF
    return (
        one is not other
        and level
        and min(abs(one[3] - other[1]), abs(one[1] - other[3])) < 2 * _THIN
    )
