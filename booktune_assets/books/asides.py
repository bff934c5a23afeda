"""Boxes that stand beside the text: sidebars and notes around which it flows.

Belongs here: which lines of a page are in such a box, and where they are read. Does not: boxes of
listings (``rows.py``), columns of a whole page (``columns.py``), ruled tables (``grids.py``).

A box beside text is narrow, touches an edge of the text, holds type of its own, and has no box like
it above or below, as the cells of a table have. Without this its rows would be read across.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from booktune_assets.books.columns import Columns
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Box, Line, PageDrawn
from booktune_assets.books.rows import Row, into_rows

__all__ = ["rows_of"]

_NARROW = 0.65  # of the text's width
_LINES = 2  # in the box, and beside it
_EDGE = 8.0  # pt from the edge of the text, or over it
_NEAR = 3.0  # pt between the cells of a table
_PARAGRAPH = 1.6  # of the type size: a wider gap begins another block
_LISTING = 2.6  # the same for code, which has blank lines


def rows_of(page: PageDrawn, fonts: Fonts, dropped: set[int], usual: Columns | None) -> list[Row]:
    """The rows of a page in reading order, as ``into_rows`` gives them; boxes beside text whole."""
    asides = _find(page, dropped, usual)
    if not asides:
        return into_rows(page, fonts, dropped, usual)
    every = set(range(len(page.lines)))
    inside = set[int]().union(*(lines for _, lines in asides))
    rows = into_rows(page, fonts, dropped | inside, usual)
    for box, lines in reversed(asides):
        _put(into_rows(page, fonts, every - lines), box, rows)
    return rows


def _find(page: PageDrawn, dropped: set[int], usual: Columns | None) -> list[tuple[Box, set[int]]]:
    """The boxes beside text from the top down, each with the indices of its lines.

    Books in two columns have none: their boxes fill a column.
    """
    lines = {n: line for n, line in enumerate(page.lines) if n not in dropped}
    if usual is not None or not page.boxes or len(lines) < 2 * _LINES:
        return []
    left = min(line.box[0] for line in lines.values())
    right = max(line.box[2] for line in lines.values())
    found: list[tuple[Box, set[int]]] = []
    for box in sorted(page.boxes, key=lambda box: box.rect[1]):
        x0, y0, x1, y1 = box.rect
        at_edge = x0 < left + _EDGE or x1 > right - _EDGE
        if not at_edge or x1 - x0 > _NARROW * (right - left):
            continue
        level = {n: line for n, line in lines.items() if y0 < line.baseline < y1}
        inside = {n for n, o in level.items() if x0 - 1 <= o.box[0] and o.box[2] <= x1 + 1}
        beside = {n for n, o in level.items() if o.box[2] <= x0 + 1 or o.box[0] >= x1 - 1}
        if min(len(inside), len(beside)) < _LINES or len(inside) + len(beside) < len(level):
            continue
        ours, theirs = ([lines[n] for n in group] for group in (inside, beside))
        if _style(ours) != _style(theirs) and not _stacked(box, page.boxes):
            found.append((box, inside))
    return found


def _stacked(box: Box, boxes: Sequence[Box]) -> bool:
    """Whether another box lies around this one, or next to it as cells of a table do."""
    x0, y0, x1, y1 = box.rect
    for other in boxes:
        u0, v0, u1, v1 = other.rect
        if other is box:
            continue
        apart = u0 > x1 + _NEAR or u1 < x0 - _NEAR or v0 > y1 + _NEAR or v1 < y0 - _NEAR
        within = u0 >= x0 - 1 and u1 <= x1 + 1 and v0 >= y0 - 1 and v1 <= y1 + 1
        if not apart and not within:
            return True
    return False


def _style(lines: Sequence[Line]) -> tuple[str, float]:
    counted: Counter[tuple[str, float]] = Counter()
    for line in lines:
        for run in line.runs:
            counted[run.font, round(run.size, 1)] += len(run.text)
    return counted.most_common(1)[0][0]


def _put(inside: list[Row], box: Box, rows: list[Row]) -> None:
    """Put the rows of a box before the block that it stands beside.

    A block that the page begins with may go on from the page before: then behind it.
    """
    at = next((n for n, row in enumerate(rows) if row.baseline > box.rect[1]), len(rows))
    start = at
    while 0 < start < len(rows) and _together(rows[start - 1], rows[start]):
        start -= 1
    if not start:
        start = max(at, 1)
        while start < len(rows) and _together(rows[start - 1], rows[start]):
            start += 1
    rows[start:start] = inside


def _together(before: Row, row: Row) -> bool:
    """Whether a row goes on with the block of the row before."""
    if before.mono != row.mono or abs(before.size - row.size) > 0.6:
        return False
    wide = _LISTING if row.mono else _PARAGRAPH
    return 0 < row.baseline - before.baseline < wide * row.size
