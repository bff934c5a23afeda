"""Rows of a table without rules whose cells were wrapped: which drawn rows are one.

Belongs here: what distances and empty first cells tell. Does not: ruled tables, whose lines tell
(``grids.py``), finding tables (``layout.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from booktune_assets.books.rows import Row

__all__ = ["column_of", "whole_rows"]

_OFF = 3.0  # pt between edges that are one
_TIGHT, _LOOSE = 1.08, 1.22  # of the least distance: rows of one cell; rows of the table
_LEAST = 2  # such distances


def whole_rows(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of a table on one page, each with the drawn rows that its cells were wrapped to.

    Either the rows of the table stand farther apart than those of a cell, or a row that leaves the
    first cell empty goes on with the one above.
    """
    gaps = [after.baseline - before.baseline for before, after in pairwise(rows)]
    if not gaps or min(gaps) <= 0:
        return [[row] for row in rows]
    least = min(gaps)
    tight = [gap <= _TIGHT * least for gap in gaps]
    loose = [gap >= _LOOSE * least for gap in gaps]
    apart = all(one or two for one, two in zip(tight, loose, strict=True))
    goes_on = tight if apart and sum(loose) >= _LEAST else _open(rows)
    made = [[rows[0]]]
    for row, on in zip(rows[1:], goes_on, strict=True):
        fits = on and all(column_of(x, made[-1][0]) is not None for x in row.parts)
        if fits:
            made[-1].append(row)
        else:
            made.append([row])
    return made


def column_of(x: float, row: Row) -> int | None:
    """The cell of a row that begins at the same edge; None where none does."""
    return next((n for n, edge in enumerate(row.parts) if abs(edge - x) < _OFF), None)


def _open(rows: Sequence[Row]) -> list[bool]:
    """Which rows, from the second on, leave the first cell empty, where no whole row does."""
    first = min(row.parts[0] for row in rows)
    empty = [row.parts[0] > first + _OFF for row in rows]
    filled = [row for row, none in zip(rows, empty, strict=True) if not none]
    whole = all(len(row.parts) > 1 for row in filled)
    return empty[1:] if whole and not empty[0] else [False] * (len(rows) - 1)
