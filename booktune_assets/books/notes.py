"""Footnotes of a PDF: their marks, which are no part of the word before them, and their place.

Belongs here: taking marks off the text of a page that has the note, and which text a note belongs
to. Does not: which rows are notes (``layout.py``), notes of other formats (``walker.py``).

Exponents are raised digits, too: only a digit whose note stands on the page is a mark, and none
behind another digit. In reading order a note follows the text that its mark stands in, as it does
in the sources that books are set from; so it belongs to that section, whatever begins below it on
the page. Code that this text leads to stays with it, and the note comes after both.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import groupby

from booktune_assets.books.blocks import inked
from booktune_assets.books.glyphs import Run
from booktune_assets.books.layout import Piece
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.rows import Row

__all__ = ["NOTE_MARK", "marks_in", "notes_in_place", "take_note_marks"]

_SIGN = r"\d{1,3}(?!\d)|[*\u2020\u2021\u00a7\u00b6]{1,3}"
NOTE_MARK = re.compile(rf"(?:\[(?:{_SIGN})\]|(?:{_SIGN})[.)]?)\s*(?=\S)")
_RAISED = 1  # the flag of a run that stands above the line
_BRACKETS = re.compile(r"\[\d{1,3}\]")
_SMALL = 0.8  # of the row's size
_BEHIND = re.compile(r"(?<=[^\W\d_]|[.,:;!?)\"'\u201d\u2019])\d{1,3}(?!\w)")
_WIDE = frozenset("bdhnopqu")  # as wide as digits are
_NARROW = 0.8  # of such a letter's advance


def take_note_marks(
    pieces: Sequence[Piece], ledger: Ledger, ahead: Mapping[str, int] | None = None
) -> None:  # fmt: skip
    """Take the marks off the rows of a page's pieces; each piece keeps which signs it had.

    ``ahead``: signs of notes at the end of the chapter, with the pages that these stand on.
    """
    for piece in pieces:
        if piece.kind == "footnote" and (found := NOTE_MARK.match(piece.rows[0].text)):
            piece.notes = ((piece.page, _plain(found.group())),)
    noted = {sign: page for piece in pieces for page, sign in piece.notes}
    noted = {**(ahead or {}), **noted}
    for piece in pieces if noted else ():
        signs: list[str] = []
        for row in piece.rows:
            if row.role in ("code", "table", "footnote"):
                continue
            found = list(marks_in(row, noted))
            for mark, at in reversed(found):
                row.text = row.text[:at].rstrip() + row.text[at + len(mark) :]
                ledger.took(row.page, "mark", mark)
            signs += [_plain(mark) for mark, _ in found]
        if signs:
            piece.notes = tuple((noted[sign], sign) for sign in signs)


def notes_in_place(groups: Sequence[list[Piece]]) -> list[list[Piece]]:
    """Pieces by block in reading order, each note behind the block that its mark stands in.

    A note without a mark in the text of its page stays at the foot of the page.
    """
    homes: dict[tuple[int, str], int] = {}
    for number, group in enumerate(groups):
        for note in (note for piece in group if piece.kind != "footnote" for note in piece.notes):
            homes.setdefault(note, number)
    behind: dict[int, list[list[Piece]]] = {}
    moved: set[int] = set()
    for number, group in enumerate(groups):
        home = homes.get(group[0].notes[0]) if group[0].notes else None
        if group[0].kind == "footnote" and home is not None:
            behind.setdefault(_past_code(groups, home), []).append(group)
            moved.add(number)
    return [
        one for number, group in enumerate(groups)
        for one in (*(() if number in moved else (group,)), *behind.get(number, ()))
    ]  # fmt: skip


def _past_code(groups: Sequence[list[Piece]], number: int) -> int:
    """The last of the blocks that a block leads to: code, with a caption between."""
    last = number
    for after in range(number + 1, len(groups)):
        kind = groups[after][0].kind
        if kind == "code":
            last = after
        elif kind not in ("caption", "footnote"):
            break
    return last


def marks_in(row: Row, noted: Container[str]) -> Iterator[tuple[str, int]]:
    """Marks with their places in the row's text, from the first to the last."""
    before = 0
    for small, group in groupby(row.runs, key=lambda run: run.size < _SMALL * row.size):
        runs, ink = list(group), before
        for run in runs:
            for mark, past in _drawn_small(run, noted):
                yield mark, _place(row.text, ink + past)
            ink += inked(run.text)
        mark = "".join(run.text for run in runs).strip()
        # MuPDF calls no run raised that begins a line of its own; brackets tell as well
        raised = all(run.flags & _RAISED for run in runs) or _BRACKETS.fullmatch(mark)
        if small and raised and _plain(mark) in noted and before:
            at = _place(row.text, before)
            behind = row.text[:at].rstrip()[-1:]
            if row.text.startswith(mark, at) and not behind.isdigit():
                yield mark, at
        before = ink


def _drawn_small(run: Run, noted: Container[str]) -> Iterator[tuple[str, int]]:
    """Marks that are drawn by small digits of the font itself, which stand on the line, and the
    ink before each: their advance is much less than that of its letters, as no other digit's is."""
    letters: list[float] | None = None
    for found in _BEHIND.finditer(run.text):
        if found.group() not in noted or len(run.lefts) != len(run.text):
            continue
        if letters is None:
            letters = sorted(
                run.rights[at] - run.lefts[at] for at, char in enumerate(run.text) if char in _WIDE
            )
        digits = [run.rights[at] - run.lefts[at] for at in range(*found.span())]
        if letters and max(digits) < _NARROW * letters[len(letters) // 2]:
            yield found.group(), inked(run.text[: found.start()])


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
