"""Callouts that a press writes as ``#A``: letters behind code that count its remarks.

Belongs here: telling them from remarks of the code and taking them off. Does
not: circled numbers (``listing.py``), numbers in other type (``beside.py``).

They are set in the font of the code, so only their counting tells: in a listing the first is A (or
1), the next B, each once. Where that holds of three listings and nearly all of the book's, they are
callouts; a remark of one letter is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from booktune_assets.books.ledger import Ledger
from booktune_assets.books.listing import Listing

__all__ = ["take_letters"]

_LETTER = re.compile(r"(?<=\S)\s+#([A-Z]|\d{1,2})(?:\s*#[A-Z])?$|^\s*#([A-Z])$")
_LISTINGS = 3  # that count from the first letter on
_MOST = 0.8  # of the listings that have any
Marks = list[tuple[int, int]]  # row, what it counts


def take_letters(listings: Sequence[Listing], ledger: Ledger) -> None:
    """Take letters that count remarks off the rows of listings, where the book has that habit."""
    if not ledger.wants("callout_marks"):
        return
    found = [_marks(listing) for listing in listings]
    counted = rising = begun = 0
    last = 0
    for marks in found:
        if not marks:
            continue
        counted += 1
        numbers = [number for number, _ in groupby(count for _, count in marks)]
        goes = all(two == one + 1 for one, two in pairwise(numbers))
        rising += goes and numbers[0] in (1, last + 1)
        begun += goes and numbers[0] == 1 and len(numbers) > 1
        last = numbers[-1]
    if begun < _LISTINGS or rising < _MOST * counted:
        return
    for listing, marks in zip(listings, found, strict=True):
        for row, _ in marks:
            text = listing.texts[row]
            match = _LETTER.search(text)
            if match is not None:
                ledger.took(listing.rows[row].page, "callout_marks", match.group().strip())
                listing.texts[row] = text[: match.start()].rstrip()


def _marks(listing: Listing) -> Marks:
    made: Marks = []
    for number, text in enumerate(listing.texts):
        match = _LETTER.search(text)
        if match is not None:
            sign = match.group(1) or match.group(2)
            made.append((number, int(sign) if sign.isdigit() else ord(sign) - 64))
    return made
