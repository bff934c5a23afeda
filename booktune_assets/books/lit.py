"""Rows of a listing with a ground of their own: what a press marks as new, or wants looked at.

Belongs here: telling such grounds from boxes, so that they part no listing. Does not: listings of
which every second row is shaded (``rows.py``), bars with titles (``bars_over`` in ``badges.py``).

A ground lies within the box of a listing and is as high as its rows: they follow those above and
below it as rows follow each other, which no box with room around its text allows. Where all rows
have one, the listing is drawn piece by piece, and none is special.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import median

from booktune_assets.books.glyphs import Box
from booktune_assets.books.rows import Row

__all__ = ["without_grounds"]

_PITCH = 1.12  # of the usual distance of rows: what is farther apart is no neighbour
_WIDE = 0.85  # of the box around it
_TIGHT = 1.35  # of the distance of rows, for each row within: no room around them
_FLUSH = 1.5  # pt from the top of the box around it: a bar with a title stands there
_MOST = 500  # boxes of a page; of more, each in another one, none is the ground of a row


def without_grounds(boxes: Sequence[Box], rows: Sequence[Row]) -> list[Box]:
    """The boxes of a page but for the grounds of rows of code."""
    code = sorted((row for row in rows if row.mono), key=lambda row: row.baseline)
    if len(code) < 2 or not 2 <= len(boxes) <= _MOST:
        return list(boxes)
    words = sorted((row for row in rows if not row.mono), key=lambda row: row.baseline)
    holders: dict[int, list[Row]] = {}
    grounds: set[int] = set()
    for box in boxes:
        if not box.filled:
            continue
        around = [other for other in boxes if other is not box and _around(other, box)]
        if not around:
            continue
        outer = min(around, key=lambda one: one.rect[3] - one.rect[1])
        if id(outer) not in holders:
            holders[id(outer)] = _listing(outer, boxes, code, words)
        if _is_ground(box, outer, holders[id(outer)]):
            grounds.add(id(box))
    return [box for box in boxes if id(box) not in grounds]


def _listing(
    outer: Box, boxes: Sequence[Box], code: Sequence[Row], words: Sequence[Row]
) -> list[Row]:
    """The rows of a box that is one listing, of which some may have grounds; none otherwise."""
    members = [row for row in _level(outer, code) if _within(row, outer)]
    if len(members) < 2 or any(_within(row, outer) for row in _level(outer, words)):
        return []
    return [] if _paved(outer, boxes, members) else members


def _level(box: Box, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows, in the order of their baselines, that are level with a box."""
    first = bisect_right(rows, box.rect[1], key=lambda row: row.baseline)
    return rows[first : bisect_left(rows, box.rect[3], first, key=lambda row: row.baseline)]


def _is_ground(box: Box, outer: Box, members: Sequence[Row]) -> bool:
    """Whether a box in a listing of these rows is the ground of some of them."""
    first = bisect_right(members, box.rect[1], key=lambda row: row.baseline)
    last = bisect_left(members, box.rect[3], first, key=lambda row: row.baseline) - 1
    held = last - first + 1
    if not 0 < held < len(members):
        return False
    steps = [below.baseline - above.baseline for above, below in pairwise(members)]
    steps = [step for step in steps if step > 0.5 * members[0].size]
    pitch = min(median(steps), 1.6 * members[0].size) if steps else 0.0
    if box.rect[3] - box.rect[1] > _TIGHT * pitch * held:
        return False
    if box.rect[1] - outer.rect[1] < _FLUSH and members[first].bold:
        return False
    return any(
        abs(members[two].baseline - members[one].baseline) <= _PITCH * pitch
        for one, two in ((first - 1, first), (last, last + 1))
        if one >= 0 and two < len(members)
    )


def _paved(outer: Box, boxes: Sequence[Box], members: Sequence[Row]) -> bool:
    """Whether all rows within a box have grounds: a listing that is drawn piece by piece."""
    grounds = sorted(
        (one.rect[1], one.rect[3]) for one in boxes
        if one.filled and one is not outer and _around(outer, one)
    )  # fmt: skip
    tops = [top for top, _ in grounds]
    reach = list(accumulate((bottom for _, bottom in grounds), max))  # of what begins above
    counts = (bisect_left(tops, row.baseline) for row in members)
    return all(
        count > 0 and row.baseline < reach[count - 1]
        for count, row in zip(counts, members, strict=True)
    )


def _around(outer: Box, box: Box) -> bool:
    """Whether a box holds another from side to side, and more than that."""
    x0, y0, x1, y1 = outer.rect
    left, top, right, bottom = box.rect
    holds = x0 - 1 < left and right < x1 + 1 and y0 - 1 < top and bottom < y1 + 1
    higher = y1 - y0 > bottom - top + 2
    return holds and higher and right - left >= _WIDE * (x1 - x0)


def _within(row: Row, box: Box) -> bool:
    x0, y0, x1, y1 = box.rect
    return y0 < row.baseline < y1 and row.box[0] > x0 - 2 and row.box[0] < x1
