"""What stands right of code in other type: rows of a note that are on no row of code, and digits.

Belongs here: which rows and runs may be such. Does not: whether a book has the habit, taking them
off (``beside.py``); numbers in circles, which no code holds (``listing.py``).

The remarks that some publishers set beside a listing have smaller type and a pitch of their own, so
that their rows fall between those of the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.rows import Row

__all__ = ["digits_of", "hanging"]

_DIGITS = re.compile(r"\s*\(?\d{1,2}\)?\s*")
_SAME = 3.0  # pt between the left edges of the rows of one note
_CLEAR = 6.0  # pt between code and what stands beside it
_NEXT = 1.7  # sizes between the rows of a note
_NEAR = 2.6  # sizes between neighbours in a listing, over a blank line


def hanging(members: Sequence[Row], cuts: Sequence[int | None]) -> list[int]:
    """The numbers of rows of words beside a listing, of which no part is on a row of code.

    ``cuts`` are the runs at which notes begin on the rows of code. Such a row stands right of the
    code and between two rows of it, or goes on below another row of a note.
    """
    found: list[int] = []
    for number, row in enumerate(members):
        if row.mono or cuts[number] is not None or not any(map(str.isalpha, row.text)):
            continue
        before = _before(members, cuts, found, number)
        if before is None:
            continue
        after = next((one for one in members[number + 1 :] if one.mono), None)
        if _between(row, members[before], cuts[before], after) or _goes_on(
            members, cuts, found, number
        ):
            found.append(number)
    return found


def _before(
    members: Sequence[Row], cuts: Sequence[int | None], found: Sequence[int], number: int
) -> int | None:
    """The row of code above, past rows of the same note."""
    at = number - 1
    while at in found:
        at -= 1
    return at if at >= 0 and (members[at].mono or cuts[at] is not None) else None


def _between(row: Row, above: Row, cut: int | None, below: Row | None) -> bool:
    if below is None or not above.baseline < row.baseline < below.baseline:
        return False
    if below.baseline - above.baseline > _NEAR * max(above.size, below.size):
        return False
    if above.frame is not below.frame or abs(above.column[0] - below.column[0]) > 1:
        return False
    return row.box[0] > max(_end(above, cut), below.box[2]) + _CLEAR


def _goes_on(
    members: Sequence[Row], cuts: Sequence[int | None], found: Sequence[int], number: int
) -> bool:
    row, above = members[number], members[number - 1]
    cut = cuts[number - 1]
    if number - 1 not in found and cut is None:
        return False
    first = above.runs[cut or 0]
    near = 0 < row.baseline - above.baseline < _NEXT * row.size
    left = first.lefts[len(first.text) - len(first.text.lstrip())]
    return near and abs(row.box[0] - left) < _SAME and row.runs[0].font == first.font


def _end(row: Row, cut: int | None) -> float:
    """Where the code of a row ends, pt."""
    if cut is None:
        return row.box[2]
    return max((run.right for run in row.runs[:cut] if run.text.strip()), default=row.box[0])


def digits_of(
    rows: Sequence[Row], fonts: Fonts, near: Callable[[Row, Row], bool]
) -> list[int | None]:
    """For each row the run with a number in another font behind code: it may point at a remark.

    One alone in its row marks a blank line, where code stands above and below in the rows of the
    same listing, as ``near`` says.
    """
    digits = [_digits_at(row, fonts) for row in rows]
    found: list[int | None] = []
    for n, row in enumerate(rows):
        alone = digits[n] is not None and not any(run.text.strip() for run in row.runs[: digits[n]])
        if alone and 0 < n < len(rows) - 1:
            before, after = rows[n - 1], rows[n + 1]
            coded = all(rows[o].mono or digits[o] is not None for o in (n - 1, n + 1))
            between = before.baseline < row.baseline < after.baseline
            alone = not (coded and between and near(before, row) and near(row, after))
        found.append(None if alone else digits[n])
    return found


def _digits_at(row: Row, fonts: Fonts) -> int | None:
    """The run with a number in another font that a row ends with, behind code or nothing."""
    inked = [n for n, run in enumerate(row.runs) if run.text.strip()]
    if not inked:
        return None
    *code, last = (row.runs[n] for n in inked)
    apart = not code or last.left > code[-1].right - 0.5
    plain = not fonts.mono(last) and _DIGITS.fullmatch(last.text)
    return inked[-1] if plain and apart and all(map(fonts.mono, code)) else None
