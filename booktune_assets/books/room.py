"""How many columns a row of code has room for: the page's edges, and what was wrapped.

Belongs here: the room of a listing. Does not: which rows go on (``wraps.py``, ``hangs.py``).

A page may show no full line of text, and padding is never measured exactly: the room that geometry
gives may be some columns too wide or too narrow. The edge of most pages is better than that of one,
and rows that were wrapped for certain tell what did not fit.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from booktune_assets.books.hangs import NARROW
from booktune_assets.books.listing import Listing
from booktune_assets.books.rows import Row

__all__ = ["hanging", "settle_columns"]

_COMMON = 0.3  # of the pages have their edge at one place
_CHUNK = re.compile(r"\S+")
_SURE = 2  # rows that were wrapped for certain
_MISTAKEN = 0.2  # of these may have been wrapped early
_FAR = 0.15  # of the room may be measured wrongly
_VERY_FAR, _CLEAR = 0.4, 3  # where so many wraps say so and none says otherwise
_HANGING = 0.5  # of all rows: a file that ends more rows in a space ends them so anyway
_Key = tuple[int, int]


def hanging(row: Row) -> bool:
    """Whether a row ends in a space that a typesetter left where it wrapped."""
    return row.runs[-1].text[-1:].isspace()


def settle_columns(listings: Sequence[Listing], in_string: Callable[[str], bool]) -> None:
    """Set the room of all listings by the evidence of the book.

    ``in_string`` tells whether a string is open at the end of a row.
    """
    _common_edges(listings)
    _from_wraps(listings, in_string)
    longest: dict[int, int] = defaultdict(int)
    for listing in listings:
        for text in listing.texts:
            longest[listing.columns] = max(longest[listing.columns], len(text))
    for listing in listings:
        if longest[listing.columns] == listing.columns - 1:
            listing.columns -= 1


def _common_edges(listings: Sequence[Listing]) -> None:
    """Measure listings without a box up to the edge that the columns of most pages share."""
    edges: dict[_Key, dict[int, float]] = defaultdict(dict)
    for listing in listings:
        for row in listing.rows:
            edges[_place(row)][row.page] = row.column[1]
    usual: dict[_Key, float] = {}
    for place, found in edges.items():
        counted = Counter(round(edge) for edge in found.values())
        common, votes = max(counted.items(), key=lambda item: (item[1], item[0]))
        if votes > 1 and votes >= _COMMON * len(found):
            usual[place] = sum(x for x in found.values() if round(x) == common) / votes
    for listing in listings:
        edge = usual.get(_place(listing.rows[0]))
        if edge is not None and listing.rows[0].frame is None and listing.advance:
            listing.columns = int((edge - listing.base) / listing.advance + 0.05)


def _place(row: Row) -> _Key:
    return row.page % 2, round(row.column[0] / 4)


def _from_wraps(listings: Sequence[Listing], in_string: Callable[[str], bool]) -> None:
    """Make the room smaller than what was wrapped for certain would have needed."""
    rooms: dict[int, list[Listing]] = defaultdict(list)
    for listing in listings:
        rooms[listing.columns].append(listing)
    rows = sum(len(listing.rows) for listing in listings)
    spaced = sum(hanging(row) for listing in listings for row in listing.rows)
    trailing = 0 < spaced <= _HANGING * rows
    sure = {
        columns: [need for one in group for need in _needed(one, in_string, trailing=trailing)]
        for columns, group in rooms.items() if columns >= NARROW
    }  # fmt: skip
    if sum(map(len, sure.values())) < _SURE:
        return
    for columns, needs in sure.items():
        longest = max(
            (len(text) for one in rooms[columns] for text in one.texts if len(text) <= columns),
            default=0,
        )
        kept = [need for need in needs if need > longest]
        if not kept or len(needs) - len(kept) > _MISTAKEN * len(needs):
            continue
        room = min(kept) - 1
        wrong = _VERY_FAR if len(needs) == len(kept) >= _CLEAR else _FAR
        if columns * (1 - wrong) <= room < columns:
            for listing in rooms[columns]:
                listing.columns = room


def _needed(listing: Listing, in_string: Callable[[str], bool], *, trailing: bool) -> Iterator[int]:
    """Columns that rows would have needed for the word after them, where they were wrapped."""
    for number in range(1, len(listing.rows)):
        before, text = listing.texts[number - 1], listing.texts[number].lstrip()
        word = _CHUNK.match(text)
        if word is None or listing.blanks[number]:
            continue
        stringy = '"""' not in before and in_string(before) and not text.startswith('"""')
        if (trailing and hanging(listing.rows[number - 1])) or (
            stringy and len(before) >= (1 - _FAR) * listing.columns
        ):
            yield len(before) + 1 + word.end()
