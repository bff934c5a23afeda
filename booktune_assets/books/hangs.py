"""Wrapped rows of code that a typesetter sets in by an indent of its own.

Belongs here: finding that indent in a book, and what it says of the break. Does not: wraps without
an indent (``wraps.py``), marks (``marks.py``).

The indent shows in numbers: it follows full rows, time after time, and hardly any other. It may be
no whole number of columns. LaTeX's listings may break before a space and keep it: the rows that are
one column further in had a space at the break.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from booktune_assets.books.listing import Listing

__all__ = ["no_room", "note_hangs"]

NARROW = 20  # columns: a box that holds less is not measured
_ENOUGH = 3
_OTHERS = 0.2  # of those after full rows: so many after other rows are ordinary indents
_ODD = 0.5  # the same for an indent that no writer of code uses: one column, or no whole number
_FAR = 16  # columns
_STEP = 0.1  # columns; measures of one indent differ by less than two of these
_BLUR = 2
_COLUMN = round(1 / _STEP)  # one column, in steps


def no_room(listing: Listing, number: int, slack: int = 0) -> bool:
    """Whether the first word of a row did not fit on the row before, but for ``slack`` columns."""
    columns = listing.columns - slack
    if columns < NARROW:
        return False
    asked = listing.asked(number)
    return asked > 0 and listing.filled(number - 1) + asked > columns


def note_hangs(listings: Sequence[Listing]) -> None:
    """Note in ``listing.glue`` the rows that go on, with what stood at the break.

    Typesetters set rows in from their line, or all of them from the edge of the listing.
    """
    from_line, from_edge = _learn(listings, _offsets, _BLUR), _learn(listings, _from_edge, 1)
    if not from_line and not from_edge:
        return
    bare = all(abs(one - _COLUMN) <= _BLUR for one in from_line | from_edge)
    for listing in listings:
        for measured, hangs in ((_offsets, from_line), (_from_edge, from_edge)):
            for number, offset, full in measured(listing) if hangs else ():
                bucket = _bucket(offset)
                spaced = full and not bare and not hangs.isdisjoint(_around(bucket - _COLUMN))
                sure = full or (_odd(bucket) and abs(bucket - _COLUMN) > _BLUR)
                if spaced or (bucket in hangs and sure):
                    glue = " " if bare or spaced else None
                    listing.glue.setdefault(number, glue)


def _learn(
    listings: Sequence[Listing],
    measured: Callable[[Listing], Iterator[tuple[int, float, bool]]],
    blur: int,
) -> set[int]:
    """Indents that follow full rows time after time, and hardly any other."""
    after_full: Counter[int] = Counter()
    after_other: Counter[int] = Counter()
    for listing in listings:
        for _, offset, full in measured(listing):
            (after_full if full else after_other)[_bucket(offset)] += 1
    return {
        one for one in after_full
        if one > _BLUR and (often := _near(after_full, one, blur)) >= _ENOUGH
        and _near(after_other, one, blur) <= (_ODD if _odd(one) else _OTHERS) * often
    }  # fmt: skip


def _from_edge(listing: Listing) -> Iterator[tuple[int, float, bool]]:
    """As ``_offsets``, from the edge of the listing."""
    for number in range(1, len(listing.rows)):
        text, before = listing.texts[number], listing.texts[number - 1]
        if listing.blanks[number] or not text or not before or number in listing.marked:
            continue
        offset = (listing.known.lefts[number] - listing.base) / listing.advance
        full = no_room(listing, number)
        if listing.numbered:
            full = listing.known.number(number) is None
        if 0 < offset < _FAR:
            yield number, offset, full


def _offsets(listing: Listing) -> Iterator[tuple[int, float, bool]]:
    """Rows with how far they are set in from their line, in columns, and if the row was full."""
    start = 0
    for number in range(1, len(listing.rows)):
        text, before = listing.texts[number], listing.texts[number - 1]
        if listing.blanks[number] or not text or not before or number in listing.marked:
            start = number
            continue
        lefts = listing.known.lefts
        offset = (lefts[number] - lefts[start]) / listing.advance
        full = no_room(listing, number)
        if listing.numbered:
            full = listing.known.number(number) is None
        if 0 < offset < _FAR:
            yield number, offset, full
        if not full or offset <= 0:
            start = number


def _bucket(offset: float) -> int:
    return round(offset / _STEP)


def _odd(bucket: int) -> bool:
    whole = bucket % _COLUMN <= _BLUR - 1 or bucket % _COLUMN > _COLUMN - _BLUR
    return abs(bucket - _COLUMN) <= _BLUR or not whole


def _near(counted: Counter[int], bucket: int, blur: int) -> int:
    return sum(counted[one] for one in range(bucket - blur, bucket + blur + 1))


def _around(bucket: int) -> range:
    return range(bucket - _BLUR, bucket + _BLUR + 1)
