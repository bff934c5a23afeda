"""How many columns a row of code has room for, by what was wrapped.

Belongs here: the room of a listing, corrected. Does not: the margin (``insets.py``), which rows go
on (``wraps.py``, ``hangs.py``).

Padding is never measured exactly: the room that geometry gives may be some columns too wide or too
narrow. Rows that were wrapped for certain tell what did not fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from booktune_assets.books.hangs import NARROW
from booktune_assets.books.listing import Listing

__all__ = ["settle_columns"]

_LESS = 0.01  # columns by which a row in a font of words was too narrow, at least
_SURE = 2  # rows that were wrapped for certain
_MISTAKEN = 0.2  # of these may have been wrapped early
_FAR = 0.15  # of the room may be measured wrongly
_VERY_FAR, _CLEAR = 0.4, 3  # where so many wraps say so and none says otherwise
_HANGING = 0.5  # of all rows: a file that ends more rows in a space ends them so anyway


def settle_columns(listings: Sequence[Listing], in_string: Callable[[str], bool]) -> None:
    """Set the room of all listings by the evidence of the book.

    ``in_string`` tells whether a string is open at the end of a row.
    """
    _from_wraps(listings, in_string)
    longest: dict[float, float] = defaultdict(float)
    for listing in listings:
        for number in range(len(listing.texts)):
            longest[listing.columns] = max(longest[listing.columns], listing.filled(number))
    for listing in listings:
        if longest[listing.columns] == listing.columns - 1:
            listing.columns -= 1


def _from_wraps(listings: Sequence[Listing], in_string: Callable[[str], bool]) -> None:
    """Make the room smaller than what was wrapped for certain would have needed."""
    rooms: dict[float, list[Listing]] = defaultdict(list)
    for listing in listings:
        rooms[round(listing.columns, 1)].append(listing)
    rows = sum(len(one.known.lefts) for one in listings)
    spaced = sum(sum(one.known.hung) for one in listings)
    trailing = 0 < spaced <= _HANGING * rows
    sure = {
        columns: [
            need for one in group
            for need in _needed(one, in_string, one.known.hung if trailing else ())
        ]
        for columns, group in rooms.items() if columns >= NARROW
    }  # fmt: skip
    if sum(map(len, sure.values())) < _SURE:
        return
    for columns, needs in sure.items():
        longest = max(
            (
                filled for one in rooms[columns] for number in range(len(one.texts))
                if (filled := one.filled(number)) <= columns
            ),
            default=0,
        )  # fmt: skip
        kept = [need for need in needs if need > longest]
        if not kept or len(needs) - len(kept) > _MISTAKEN * len(needs):
            continue
        room = min(kept) - (_LESS if any(one.drawn for one in rooms[columns]) else 1)
        wrong = _VERY_FAR if len(needs) == len(kept) >= _CLEAR else _FAR
        if columns * (1 - wrong) <= room < columns:
            for listing in rooms[columns]:
                listing.columns = room


def _needed(
    listing: Listing, in_string: Callable[[str], bool], hung: Sequence[bool]
) -> Iterator[float]:
    """Columns that rows would have needed for the word after them, where they were wrapped.

    ``hung``: which rows end in a space, where that tells a wrap.
    """
    for number in range(1, len(listing.rows)):
        before, text = listing.texts[number - 1], listing.texts[number].lstrip()
        asked, filled = listing.asked(number), listing.filled(number - 1)
        if not asked or listing.blanks[number]:
            continue
        stringy = '"""' not in before and in_string(before) and not text.startswith('"""')
        if (hung and hung[number - 1]) or (stringy and filled >= (1 - _FAR) * listing.columns):
            yield filled + asked
