"""Tables that are ruled on all sides: their cells, from the lines that a page draws.

Belongs here: what level and upright lines make. Does not: what stands in cells (``grids.py``), a
single box (``ruled.py``).

Level lines of one length, above each other, are the rows of a table where upright lines part the
room between them. It takes two rows and two columns; a box, or a box with a bar, has neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from booktune_assets.books.paths import Rect

__all__ = ["lattices"]

_THIN = 2.5  # pt; a line is no thicker
_OFF = 2.0  # pt by which the ends of lines may differ
_LEAST = 6.0  # pt; lower rows and narrower columns hold no text
_MOST = 1_500  # lines of a page; more are a drawing
_TALL = 400.0  # pt; a higher row is a page with a frame

Span = tuple[float, float, float]  # the place of a line across its way, its start and its end


def lattices(rects: Iterable[Rect]) -> list[list[Rect]]:
    """The cells of each table, row by row, from the thin rectangles of a page."""
    level: list[Span] = []
    upright: list[Span] = []
    for x0, y0, x1, y1 in rects:
        if y1 - y0 < _THIN and x1 - x0 >= _THIN:
            level.append(((y0 + y1) / 2, x0, x1))
        elif x1 - x0 < _THIN and y1 - y0 >= _THIN:
            upright.append(((x0 + x1) / 2, y0, y1))
    if len(level) < 3 or not upright or len(level) + len(upright) > _MOST:
        return []
    posts = _joined(upright)
    found: list[list[Rect]] = []
    order = sorted(_joined(level), key=lambda line: (round(line[1] / 4), round(line[2] / 4), line))
    for _, group in groupby(order, key=lambda line: (round(line[1] / 4), round(line[2] / 4))):
        found += _tables(list(group), posts)
    return found


def _joined(lines: Iterable[Span]) -> list[Span]:
    """Lines with those joined that go on in one another."""
    made: list[Span] = []
    for at, start, end in sorted(lines, key=lambda line: (round(line[0] / _OFF), line[1])):
        last = made[-1] if made else None
        if last is not None and abs(last[0] - at) < _OFF and last[1] <= start <= last[2] + _OFF:
            made[-1] = last[0], last[1], max(last[2], end)
        else:
            made.append((at, start, end))
    return made


def _tables(lines: Sequence[Span], posts: Sequence[Span]) -> list[list[Rect]]:
    """Tables between level lines of one length, from the top."""
    found: list[list[Rect]] = []
    rows: list[list[Rect]] = []
    for above, below in pairwise(sorted(lines)):
        row = _row(above, below, posts)
        if len(row) > 1:
            rows.append(row)
        elif rows:
            found += [[cell for one in rows for cell in one]] if len(rows) > 1 else []
            rows = []
    return found + ([[cell for one in rows for cell in one]] if len(rows) > 1 else [])


def _row(above: Span, below: Span, posts: Sequence[Span]) -> list[Rect]:
    """The cells between two lines; none where nothing parts the room between them."""
    (top, left, right), (bottom, _, _) = above, below
    if not _LEAST < bottom - top < _TALL:
        return []
    parts = [
        x for x, start, end in posts
        if left + _LEAST < x < right - _LEAST and start < top + _OFF and end > bottom - _OFF
    ]  # fmt: skip
    edges = [left]
    for x in sorted(parts):
        if x > edges[-1] + _LEAST:
            edges.append(x)
    return [(x0, top, x1, bottom) for x0, x1 in pairwise([*edges, right])]
