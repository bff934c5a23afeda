"""Remarks of the code in a font of words: slanted Roman type behind typewriter, as in older books.

Belongs here: telling that rows which end in such a remark, and rows of nothing else among code, are
code. Does not: how wide its blanks are (``listing.py``), notes beside code (``beside.py``).

A font of remarks is one that, behind code, nearly always begins with the sign of a remark. A
setup that takes "#{" for one sets the rest of a string in it: that is code all the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from booktune_assets.books.beside import take_beside
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Run
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.marks import take_signs
from booktune_assets.books.rowbook import RowBook
from booktune_assets.books.rows import Row
from booktune_assets.books.tabs import take_tabs

__all__ = ["keep_remarks", "take_notes"]

_SIGN = re.compile(r"\s*(?:#|%|//|--|\(\*|/\*)")
_ENOUGH = 3  # rows of code that end in a remark
_NEARLY = 0.9  # of the rows of code that go on in that font
_NEAR = 1.6  # sizes between rows of a listing without a blank line


def take_notes(rows: RowBook, fonts: Fonts, ledger: Ledger) -> dict[int, list[Row]]:
    """Tell remarks from what else stands beside code, which is taken off; gives notes by page."""
    keep_remarks(rows, fonts)
    take_tabs(rows, ledger)
    take_signs(rows, fonts, ledger)
    return take_beside(rows, fonts, ledger)


def keep_remarks(rows: RowBook, fonts: Fonts) -> None:
    """Mark rows as code that end in a remark in a font of words, or are one among code."""
    seen: Counter[str] = Counter()
    signed: Counter[str] = Counter()
    for members in rows.pages():
        for number, row in enumerate(members):
            tail = None if row.mono else _tail(row, fonts) or _lone(members, number)
            if tail is not None:
                seen[tail[0]] += 1
                signed[tail[0]] += tail[1]
    known = {font for font, n in signed.items() if n >= max(_ENOUGH, _NEARLY * seen[font])}
    known.discard(fonts.body)
    for page, members in enumerate(rows.pages() if known else ()):
        found = [
            row for row in members
            if not row.mono and (tail := _tail(row, fonts)) is not None
            and tail[1] and tail[0] in known
        ]  # fmt: skip
        for row in found:
            row.mono = True
            _settle(row, fonts)
        alone = _alone(members, known)
        for row in alone:
            row.mono = True
        if found or alone:
            rows.put(page, members)


def _tail(row: Row, fonts: Fonts) -> tuple[str, bool] | None:
    """The font of words that a row of code goes on in, and whether it begins as a remark does."""
    inked = [run for run in row.runs if run.text.strip()]
    if len(inked) < 2 or not fonts.mono(inked[0]):
        return None
    at = next((n for n, run in enumerate(inked) if fonts.words(run)), None)
    if at is None:
        at = next((n for n, run in enumerate(inked) if not fonts.mono(run)), None)
    if at is None:
        return None
    tail = inked[at:]
    if any(run.font != tail[0].font and not _sign(run) for run in tail):
        return tail[0].font, False
    first = tail[0].text
    before = inked[at - 1].text.rstrip()
    return tail[0].font, bool(_SIGN.match(first)) or before.endswith(("#", "%"))


def _lone(members: Sequence[Row], number: int) -> tuple[str, bool] | None:
    """The same of a row in one font of words that has rows of code right above and below it."""
    row = members[number]
    if not 0 < number < len(members) - 1 or any(
        run.font != row.font and not _sign(run) for run in row.runs
    ):
        return None
    above, below = members[number - 1], members[number + 1]
    near = _NEAR * row.size
    close = 0 < row.baseline - above.baseline < near and 0 < below.baseline - row.baseline < near
    same = above.frame is row.frame is below.frame
    if not (above.mono and below.mono and close and same):
        return None
    return row.font, bool(_SIGN.match(row.text))


def _sign(run: Run) -> bool:
    """Whether a run holds but signs, which old fonts take from another one."""
    return not any(map(str.isalnum, run.text))


def _settle(row: Row, fonts: Fonts) -> None:
    """Give a row the type of its code."""
    first = next(run for run in row.runs if run.text.strip() and fonts.mono(run))
    row.font, row.size, row.bold, row.color = first.font, first.size, first.bold, first.color


def _broken(before: Row, row: Row) -> bool:
    """Whether a row goes on with a remark for which the row before had no room."""
    last = next((run for run in reversed(before.runs) if run.text.strip()), None)
    if last is None:
        return False
    near = 0 < row.baseline - before.baseline < _NEAR * max(row.size, before.size)
    same = all(run.font == last.font for run in row.runs if not _sign(run))
    return before.mono and last.font == row.font and near and same


def _inside(members: Sequence[Row], number: int, known: set[str]) -> bool:
    """Whether code stands above and below the remarks around a row, a blank line apart at most."""
    ends: list[bool] = []
    for step in (-1, 1):
        at = number + step
        while 0 <= at < len(members) and _remark(members[at], known):
            at += step
        if not 0 <= at < len(members):
            return False
        gap = abs(members[at].baseline - members[at - step].baseline)
        row, last = members[at], members[at - step]
        ends.append(row.mono and row.frame is last.frame and gap < 2 * _NEAR * row.size)
    return all(ends)


def _remark(row: Row, known: set[str]) -> bool:
    return row.font in known and bool(_SIGN.match(row.text))


def _alone(members: Sequence[Row], known: set[str]) -> list[Row]:
    """Rows of nothing but a remark, next to a row of code at an edge of code."""
    found: list[Row] = []
    for number, row in enumerate(members):
        if row.mono or row.font not in known:
            continue
        if not _SIGN.match(row.text):
            if number and _broken(members[number - 1], row):
                row.mono = True  # at once: the row after it may go on, too
                found.append(row)
            continue
        around = [members[n] for n in (number - 1, number + 1) if 0 <= n < len(members)]
        if _inside(members, number, known) or any(
            one.mono and abs(one.baseline - row.baseline) < _NEAR * max(row.size, one.size)
            and one.frame is row.frame
            for one in around
        ):  # fmt: skip
            found.append(row)
    return found
