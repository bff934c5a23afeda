"""Marks that a typesetter puts where it wrapped a line of code: found by evidence, taken off.

Belongs here: arrows at the end of a wrapped row or the beginning of the next. Does not: wraps
without a mark (``wraps.py``), callout marks (``listing.py``).

An arrow may be part of the code. It is a mark where the row before it is full time after time: its
next word would not have fitted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.listing import Listing
from booktune_assets.books.rowbook import RowBook
from booktune_assets.books.rows import Row

__all__ = ["take_marks", "take_signs"]

_LEADING = re.compile(
    r"^\s*((?:[\u0592\ufffd\u02d3\u2282]\s?)?\u2192|[\u21aa\u2937\u21b3\u27a5\u2ba1\u2ba9\u27a6\u2b91])"
    r"\s{0,2}(?=\S)"
)
_TRAILING = re.compile(  # TeX puts its hooked arrow together from two signs
    r"\s?([\u21a9\u2936\u21b5\u21b2\u23ce\u2b90\u2ba0\u21a8]|\u2190\s?[\u0592\ufffd\u02d2\u02d3\u2283,-]?)$"
)
_SLACK = 3  # columns; a typesetter keeps room for its mark
_SIGN = 3  # characters
_HUNG = 2  # columns
_BULLETS = frozenset("\u2022\u25e6\u25aa\u25cf\u00b7\u2013*-")
_FILLED = 0.7  # of the widest row of code
_ENOUGH = 2
_SHARE = 0.75
Sign = tuple[tuple[str, str], ...]


def take_signs(rows: RowBook, fonts: Fonts, ledger: Ledger) -> None:
    """Take off the marks that are put together from signs of other fonts: ``,!`` for an arrow.

    Such a row is code but for the mark, so this is done before code is told from prose.
    """
    if not ledger.wants("wrap_marks"):
        return
    found: dict[Sign, list[tuple[int, int, float]]] = defaultdict(list)
    widest = 0.0
    for page, members in enumerate(rows.pages()):
        widest = max([widest, *(_wide(row) for row in members if row.mono)])
        for number, (before, row) in enumerate(pairwise(members), start=1):
            sign = _sign(row, fonts)
            if sign and (before.mono or _sign(before, fonts)):
                found[sign].append((page, number, _wide(before)))
    taken: dict[int, list[tuple[int, Sign]]] = defaultdict(list)
    for sign, places in found.items():
        full = sum(wide > _FILLED * widest for _, _, wide in places)
        if len(places) >= _ENOUGH and full >= _SHARE * len(places):
            for page, number, _ in places:
                taken[page].append((number, sign))
    for page, members in enumerate(rows.pages()) if taken else ():
        for number, sign in taken.get(page, ()):
            _take_sign(members[number], len(sign), ledger)
        if page in taken:
            rows.put(page, members)


def _wide(row: Row) -> float:
    """How far a row reaches from the edge of its column, pt."""
    return row.box[2] - row.column[0]


def _sign(row: Row, fonts: Fonts) -> tuple[tuple[str, str], ...]:
    """The signs in other fonts that a row of code begins with, and their fonts."""
    if row.line_no is not None:
        return ()
    inked = [run for run in row.runs if run.text.strip()]
    sign = list(takewhile(lambda run: not fonts.mono(run) and run.font != fonts.body, inked))
    text = "".join(run.text.strip() for run in sign)
    rest = inked[len(sign) :]
    odd = text in _BULLETS or any(map(str.isalnum, text))
    if not 0 < len(text) <= _SIGN or odd or not rest:
        return ()
    coded = all(map(fonts.mono, rest)) and rest[0].left > sign[-1].right
    return tuple((run.text.strip(), run.font) for run in sign) if coded else ()


def _take_sign(row: Row, count: int, ledger: Ledger) -> None:
    inked = [number for number, run in enumerate(row.runs) if run.text.strip()]
    first = inked[count]
    taken = "".join(run.text for run in row.runs[:first]).strip()
    row.runs = row.runs[first:]
    left = min(
        x for x, char in zip(row.runs[0].lefts, row.runs[0].text, strict=True) if char != " "
    )
    row.box = (left, *row.box[1:])
    row.text = "".join(run.text for run in row.runs).strip()
    row.parts = [left]
    row.mono = row.goes_on = True
    ledger.took(row.page, "wrap_marks", taken)


def take_marks(listings: Sequence[Listing], ledger: Ledger) -> int:
    """Take the marks of a book off its code and note the rows that go on; says how many."""
    taken = 0
    if not ledger.wants("wrap_marks"):
        return taken
    for listing in listings:
        listing.marked |= listing.known.marked
        taken += len(listing.marked)
    for leading in (False, True):
        found: dict[str, list[tuple[Listing, int, str, str]]] = defaultdict(list)
        for listing, number, mark, before, after in _marked(listings, leading=leading):
            found[mark].append((listing, number, before, after))
        for mark, places in found.items():
            widest = max(len(before) for _, _, before, _ in places)
            full = sum(_full(before, after, widest) for _, _, before, after in places)
            if len(places) < _ENOUGH or full < _SHARE * len(places):
                continue
            for listing, number, before, after in places:
                if leading:
                    listing.texts[number] = after
                else:
                    listing.texts[number - 1] = before
                listing.marked |= {number}
                row = listing.rows[number if leading else number - 1]
                ledger.took(row.page, "wrap_marks", mark)
                taken += 1
        if found and taken:
            taken += _at_breaks(listings, ledger, leading=leading)
    return taken + _take_folds(listings, ledger)


def _take_folds(listings: Sequence[Listing], ledger: Ledger) -> int:
    """Take the backslashes off that stand in the last column of full rows, and nowhere else.

    A shell's own stand where somebody put them. Rows were cut anywhere, so that what comes next,
    spaces too, follows without anything between; unless all that comes next is set in.
    """
    longest = max((len(text) for listing in listings for text in listing.texts), default=0)
    places = [
        (listing, number, text)
        for listing in listings for number, text in enumerate(listing.texts)
        if text.endswith("\\") and not text.endswith("\\\\")
    ]  # fmt: skip
    full = [place for place in places if len(place[2]) >= longest - 1]
    if len(full) < _ENOUGH or len(full) < _SHARE * len(places):
        return 0
    following = dict(zip(map(id, listings), [*listings[1:], None], strict=False))
    taken: list[tuple[Listing, int, str]] = []
    going: list[tuple[Listing, int, int]] = []  # listing, row that goes on, how far it is set in
    for listing, number, text in full:
        inside = number + 1 < len(listing.texts)
        after, row = (listing, number + 1) if inside else (following[id(listing)], 0)
        if after is None or not after.texts:
            continue
        listing.texts[number] = text[:-1]
        after.marked |= {row}
        taken.append((listing, number, text))
        going.append((after, row, len(after.texts[row]) - len(after.texts[row].lstrip())))
        ledger.took(listing.rows[number].page, "wrap_marks", "\\")
    cut = any(lead < _HUNG for _, _, lead in going)
    for (after, row, lead), (listing, number, text) in zip(going, taken, strict=True):
        if cut:
            after.glue[row] = " " * lead
        elif text[:-1] != (bare := text[:-1].rstrip()):
            listing.texts[number], after.glue[row] = bare, " "
    return len(going)


def _at_breaks(listings: Sequence[Listing], ledger: Ledger, *, leading: bool) -> int:
    """Take the marks of rows that go on over a page or column break."""
    taken = 0
    for before, after in pairwise(listings):
        if not before.texts or not after.texts:
            continue
        if leading and (mark := _LEADING.match(after.texts[0])):
            after.texts[0] = after.texts[0][mark.end() :]
        elif not leading and (mark := _TRAILING.search(before.texts[-1])):
            before.texts[-1] = before.texts[-1][: mark.start()]
        else:
            continue
        after.marked |= {0}
        row = after.rows[0] if leading else before.rows[-1]
        ledger.took(row.page, "wrap_marks", mark.group(1))
        taken += 1
    return taken


def _marked(
    listings: Sequence[Listing], *, leading: bool
) -> Iterator[tuple[Listing, int, str, str, str]]:
    """Listing, number of the row that goes on, mark, and both rows without it."""
    for listing in listings:
        for number in range(1, len(listing.texts)):
            before, after = listing.texts[number - 1], listing.texts[number]
            if leading and (found := _LEADING.match(after)):
                yield listing, number, found.group(1), before, after[found.end() :]
            elif not leading and (found := _TRAILING.search(before)):
                yield listing, number, found.group(1), before[: found.start()], after


def _full(before: str, after: str, widest: int) -> bool:
    word = re.match(r"\S+", after.lstrip())
    return word is not None and len(before.rstrip()) + 1 + word.end() > widest - _SLACK
