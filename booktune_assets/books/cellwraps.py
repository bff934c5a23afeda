"""Tables without rules: their columns, their cells, and which of their drawn rows are one.

Belongs here: what the places of words, distances and empty first cells tell. Does not: ruled
tables, whose lines tell (``grids.py``), finding tables (``layout.py``).

A column is the room that its words take in the rows that have a word in each; so columns that are
set flush right or centred are told as well. A cell of one line beside a cell of several may stand
at the middle of it, between two of its lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from booktune_assets.books.rows import Row

__all__ = ["aligned", "cells_of", "columns_of", "is_beside", "justified", "whole_rows"]

_OFF = 3.0  # pt between edges that are one
_TIGHT, _LOOSE = 1.08, 1.22  # of the least distance: rows of one cell; rows of the table
_LEAST = 2  # such distances
_BESIDE = 0.85  # type sizes: lines of one cell are not as near
_WIDE = 2.0  # type sizes of a gap in a row that was set in block
_MANY, _EVEN = 4, 1.6  # wider gaps of such a row, and by how much they differ
_SET_IN = 3.0  # type sizes by which paragraphs begin, at most
_NUMBER = re.compile(r"[-+\u2212]?[\d.,\u2009]*\d\s?%?")

Room = tuple[float, float]


def _rooms(row: Row) -> list[Room]:
    """From where to where each part of a row goes."""
    rooms: list[Room] = []
    for start, end in zip(row.parts, [*row.parts[1:], float("inf")], strict=True):
        rights = [
            run.right for run in row.runs
            if run.text.strip() and start - 1 <= run.left < end - 1
        ]  # fmt: skip
        rooms.append((start, max(rights, default=start)))
    return rooms


def is_beside(row: Row, after: Row) -> bool:
    """Whether two rows are nearer than lines of a paragraph, and no part is above another."""
    near = 0 < after.baseline - row.baseline < _BESIDE * min(row.size, after.size)
    if not near or row.mono != after.mono or row.frame is not after.frame:
        return False
    return all(one[1] < two[0] or two[1] < one[0] for one in _rooms(row) for two in _rooms(after))


def aligned(rows: Sequence[Row]) -> bool:
    """Whether rows have the same columns, and one of these is set flush right or centred.

    Rows of text that is set in blocks end at one edge, too: there only numbers tell. In code, which
    indents, nothing does.
    """
    columns = columns_of(rows)
    full = [row for row in rows if columns and len(row.parts) == len(columns)]
    if len(full) <= _LEAST or any(row.mono for row in rows):
        return False
    found: Counter[tuple[str, int, int]] = Counter()
    for row in full:
        inner = list(zip(_rooms(row), cells_of([row], None), strict=True))[1:]
        for n, ((left, right), (text,)) in enumerate(inner):
            number = _NUMBER.fullmatch(text) is not None
            if number or right < row.column[1] - _OFF:
                found.update([("right", n, round(right)), ("middle", n, round(left + right))])
    return any(count >= max(_LEAST, len(full) - 1) for count in found.values())


def justified(rows: Sequence[Row]) -> bool:
    """Whether rows are a paragraph with wide gaps: all fill their column, from edge to edge.

    Its first row may be set in. Gaps of a table are wider, and its words end where they end;
    numbers that are set flush right at the edge of the page are none of a paragraph.
    """
    several = [row for row in rows if len(row.parts) > 1]
    edge = several[-1].box[0]
    full = all(
        (
            abs(row.box[0] - edge) < 1
            or (row is rows[0] and 0 < row.box[0] - edge < _SET_IN * row.size)
        )
        and abs(row.box[2] - several[0].box[2]) < 1
        and row.column[1] - row.box[2] < max(2 * _OFF, row.size)  # others may reach beyond it
        for row in several
    )
    if not full or any(_NUMBER.fullmatch(row.text.split()[-1]) for row in several):
        return False
    return all(_narrow([two[0] - one[1] for one, two in pairwise(_rooms(row))], row.size)
               for row in several)  # fmt: skip


def _narrow(gaps: Sequence[float], size: float) -> bool:
    """Whether gaps are those of a row that was set in block, which are wider when few words fit."""
    if max(gaps) < _WIDE * size:
        return True
    return len(gaps) >= _MANY and max(gaps) < min(_EVEN * min(gaps), 2 * _WIDE * size)


def columns_of(rows: Sequence[Row]) -> list[Room] | None:
    """The columns of a table on one page; None where its fullest rows do not agree on them."""
    rooms = [_rooms(row) for row in rows]
    most = max(map(len, rooms))
    full = [own for own in rooms if len(own) == most]
    columns = [
        (min(left for left, _ in own), max(right for _, right in own))
        for own in zip(*full, strict=True)
    ]
    clear = all(one[1] < two[0] for one, two in pairwise(columns))
    return columns if clear and most > 1 else None


def _places(row: Row, columns: Sequence[Room] | None) -> list[int]:
    """The columns that the parts of a row stand in, one each; counted where that is not clear."""
    counted = [*range(len(row.parts))]
    if columns is None:
        return counted
    found: list[int] = []
    for left, right in _rooms(row):
        over = [n for n, (x0, x1) in enumerate(columns) if left < x1 and right > x0]
        near = min(range(len(columns)), key=lambda n: abs(columns[n][0] - left))
        found.append(over[0] if over else near)  # a head may stand over several columns
    return found if len({*found}) == len(found) else counted


def whole_rows(rows: Sequence[Row], columns: Sequence[Room] | None) -> list[list[Row]]:
    """The rows of a table on one page, each with the drawn rows that its cells were wrapped to.

    Either the rows of the table stand farther apart than those of a cell, or a row that leaves the
    first cell empty goes on with the one above.
    """
    gaps = [after.baseline - before.baseline for before, after in pairwise(rows)]
    if not gaps or min(gaps) <= 0:
        return [[row] for row in rows]
    at = [{*_places(row, columns)} for row in rows]
    beside = [
        columns is not None and gap < _BESIDE * min(one.size, two.size) and not at[n] & at[n + 1]
        for n, (gap, (one, two)) in enumerate(zip(gaps, pairwise(rows), strict=True))
    ]
    goes_on = _beside(gaps, beside) if any(beside) else _apart(rows, gaps) or _open(rows)
    made, held = [[rows[0]]], at[0]
    for row, own, on, next_to in zip(rows[1:], at[1:], goes_on, beside, strict=True):
        first = made[-1][0]
        fits = all(_column_of(x, first) is not None for x in row.parts)
        if next_to or (on and (fits or (any(beside) and (own <= held or not own & held)))):
            made[-1].append(row)
            held = held | own
        else:
            made.append([row])
            held = own
    return made


def _beside(gaps: Sequence[float], beside: Sequence[bool]) -> list[bool]:
    """Which rows go on where cells of one line stand at the middle of others."""
    lines = [gap for gap, one in zip(gaps, beside, strict=True) if not one]
    lines += [sum(two) for two, both in zip(pairwise(gaps), pairwise(beside), strict=True)
              if all(both)]  # fmt: skip
    least = min(lines, default=0.0)
    return [one or gap <= _TIGHT * least for gap, one in zip(gaps, beside, strict=True)]


def _apart(rows: Sequence[Row], gaps: Sequence[float]) -> list[bool] | None:
    """Which rows go on, where rows of the table stand farther apart than those of a cell.

    Rules may part the head and the sum from rows of numbers, which do not go on.
    """
    least = min(gaps)
    tight = [gap <= _TIGHT * least for gap in gaps]
    loose = [gap >= _LOOSE * least for gap in gaps]
    apart = all(one or two for one, two in zip(tight, loose, strict=True))
    near = [row for row, on in zip(rows[1:], tight, strict=True) if on]
    numbers = sum(any(_NUMBER.fullmatch(text) for (text,) in cells_of([row], None)) for row in near)
    return tight if apart and sum(loose) >= _LEAST and 2 * numbers <= len(near) else None


def _column_of(x: float, row: Row) -> int | None:
    """The cell of a row that begins at the same edge; None where none does."""
    return next((n for n, edge in enumerate(row.parts) if abs(edge - x) < _OFF), None)


def _open(rows: Sequence[Row]) -> list[bool]:
    """Which rows, from the second on, leave the first cell empty, where no whole row does."""
    first = min(row.parts[0] for row in rows)
    empty = [row.parts[0] > first + _OFF for row in rows]
    filled = [row for row, none in zip(rows, empty, strict=True) if not none]
    whole = all(len(row.parts) > 1 for row in filled)
    return empty[1:] if whole and not empty[0] else [False] * (len(rows) - 1)


def cells_of(drawn: Sequence[Row], columns: Sequence[Room] | None) -> list[list[str]]:
    """The lines of each cell of a row, over its drawn rows; without columns by its parts."""
    spots = [_places(row, columns) for row in drawn]
    if columns is None:
        spots[1:] = [[_column_of(x, drawn[0]) or 0 for x in row.parts] for row in drawn[1:]]
    spread = columns is not None and len(drawn[0].parts) > 1
    count = len(columns) if columns and spread else max(map(max, spots)) + 1
    cells: list[list[str]] = [[] for _ in range(count)]
    for row, spot in zip(drawn, spots, strict=True):
        texts: list[list[str]] = [[] for _ in row.parts]
        for run in row.runs:
            part = max((n for n, x in enumerate(row.parts) if run.left >= x - 1), default=0)
            texts[part].append(run.text)
        for cell, text in zip(spot, texts, strict=True):
            cells[cell].append(" ".join("".join(text).split()))
    return cells
