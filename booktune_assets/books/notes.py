"""Marks of footnotes in a PDF: raised digits that are no part of the word before them.

Belongs here: taking them off the text of a page that has the note. Does not: which rows are notes
(``layout.py``), notes of other formats (``walker.py``).

Exponents are raised digits, too: only a digit whose note stands on the page is a mark, and none
behind another digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from booktune_assets.books.blocks import inked
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.rows import Row

__all__ = ["NOTE_MARK", "take_note_marks"]

_SIGN = r"\d{1,3}(?!\d)|[*\u2020\u2021\u00a7\u00b6]{1,3}"
NOTE_MARK = re.compile(rf"(?:\[(?:{_SIGN})\]|(?:{_SIGN})[.)]?)\s*(?=\S)")
_RAISED = 1  # the flag of a run that stands above the line
_SMALL = 0.8  # of the row's size


def take_note_marks(rows: Sequence[Row], ledger: Ledger) -> None:
    """Take the marks off the rows of a page, whose ``role`` tells code and notes."""
    noted = {_plain(found.group()) for row in rows if row.role == "footnote"
             if (found := NOTE_MARK.match(row.text))}  # fmt: skip
    for row in rows if noted else ():
        if row.role not in ("code", "table", "footnote"):
            for mark, at in _marks(row, noted):
                row.text = row.text[:at].rstrip() + row.text[at + len(mark) :]
                ledger.took(row.page, "mark", mark)


def _marks(row: Row, noted: set[str]) -> Iterator[tuple[str, int]]:
    """Marks with their places in the row's text, from the last to the first."""
    before = 0
    found: list[tuple[str, int]] = []
    for run in row.runs:
        mark = run.text.strip()
        raised = run.flags & _RAISED and run.size < _SMALL * row.size
        if raised and _plain(mark) in noted and before:
            at = _place(row.text, before)
            behind = row.text[:at].rstrip()[-1:]
            if row.text.startswith(mark, at) and not behind.isdigit():
                found.append((mark, at))
        before += inked(run.text)
    return reversed(found)


def _place(text: str, ink: int) -> int:
    """Where the character is that so many others, white space apart, precede."""
    for at, char in enumerate(text):
        if not char.isspace():
            if not ink:
                return at
            ink -= 1
    return len(text)


def _plain(mark: str) -> str:
    return mark.strip().strip("[].)")
