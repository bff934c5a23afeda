"""Titles whose dotted numbers go on where the titles before them stopped.

Belongs here: ``2.5.1`` below ``2.5``, in type no larger than text, or larger but once in the book.
Does not: kinds of title that only count (``numbered.py``), titles that their type shows.

Few titles of the deepest kind in a book show no style of their own. A row in another font than text
that has the very number which comes next is one: items of lists count in one place only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.rows import Row

__all__ = ["mark_going_on", "titles_that_go_on"]

_NUMBERED = re.compile(r"((?:\d{1,2}|[A-Z])(?:\.\d{1,2})*)\.?\s+(?=\S*[^\W\d])")
_LEAST = 0.9  # of the type size of text
_LONGEST = 100

Number = tuple[str, ...]


def titles_that_go_on(rows: Sequence[Row], fonts: Fonts) -> list[int]:
    """Numbers of the rows of such titles, from the first row on."""
    found: list[int] = []
    last: Number = ()
    for at, row in enumerate(rows):
        match = _NUMBERED.match(row.text)
        number: Number = tuple(match.group(1).split(".")) if match else ()
        if row.role == "heading":
            last = number or last
        elif number and _is_next(number, last) and _like_title(rows, at, fonts):
            found.append(at)
            last = number
    return found


def mark_going_on(rows: Sequence[Row], fonts: Fonts) -> None:
    """Mark such titles that an outline leaves out, as deep below the last one as they count."""
    found = {*titles_that_go_on(rows, fonts)}
    depth, level = 0, 0
    for at, row in enumerate(rows) if found else ():
        match = _NUMBERED.match(row.text) if row.role == "heading" or at in found else None
        if match is None:
            continue
        own = match.group(1).count(".") + 1
        if at in found:
            row.role, row.level = "heading", level + own - depth
        depth, level = own, row.level or 0


def _is_next(number: Number, last: Number) -> bool:
    """Whether a number of two parts or more comes next: the first below, or one on at any depth."""
    if len(number) < 2 or not last:
        return False
    if number == (*last, "1"):
        return True
    depth = len(number)
    fits = depth <= len(last) and number[:-1] == last[: depth - 1]
    return fits and last[depth - 1].isdigit() and int(number[-1]) == int(last[depth - 1]) + 1


def _like_title(rows: Sequence[Row], at: int, fonts: Fonts) -> bool:
    """Whether a row is short, in another font than text, and over a row of text."""
    row = rows[at]
    free = not row.role and row.frame is None and not row.mono and row.font not in fonts.advance
    if not free or row.size < _LEAST * fonts.body_size or len(row.text) > _LONGEST:
        return False
    if row.text.rstrip().endswith((".", ",", ";", ":")):
        return False
    if any(run.font == fonts.body for run in row.runs if any(map(str.isalpha, run.text))):
        return False
    below = rows[at + 1] if at + 1 < len(rows) else None
    return below is not None and (
        below.page != row.page or (below.style != row.style and below.baseline != row.baseline)
    )
