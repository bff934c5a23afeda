"""Ligatures that a PDF prints as one character: their letters.

Belongs here: spelling them out. Does not: ligatures that a font maps to something else
(``slots.py swapped.py``), signs of two characters that a font of code draws as one (``repair.py``).

In words a ligature is how its letters are printed. In a fixed pitch it is not: no typesetter joins
letters there, so a program that was pasted put it in, and the change is written down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from booktune_assets.books.glyphs import Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact

__all__ = ["SPELT", "mend_ligatures"]

SPELT = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
_PRINTED = re.compile(f"[{''.join(SPELT)}]")
_FIXED = 8  # the font says that its pitch is fixed
_CODED = re.compile("mono|code|courier|consol|typewriter|cmtt", re.I)  # and so do names


def mend_ligatures(pages: Pages, ledger: Ledger) -> None:
    """Put the letters of ligatures in their place, and write down those of code."""
    again = pages.again()
    for index, page in pages.having(Fact.LIGATURES):
        if not any(_PRINTED.search(line.text) for line in page.lines):
            continue
        for line in again.edited(index).lines:
            if _PRINTED.search(line.text):
                line.runs = list(_spelt(line.runs, page.number, ledger))
    again.close()


def _spelt(runs: list[Run], page: int, ledger: Ledger) -> Iterator[Run]:
    for run in runs:
        found = _PRINTED.findall(run.text)
        coded = bool(run.flags & _FIXED or _CODED.search(run.font))
        if not found or (coded and not ledger.wants("glyphs")):
            yield run
            continue
        if coded:
            ledger.misread(page, "".join(found), "".join(SPELT[one] for one in found))
        yield _in_letters(run)


def _in_letters(run: Run) -> Run:
    """The first letter takes the place of the ligature, the others none, as MuPDF has it."""
    chars: list[str] = []
    lefts: list[float] = []
    rights: list[float] = []
    for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
        letters = SPELT.get(char, char)
        chars.append(letters)
        lefts += [left, *[right] * (len(letters) - 1)]
        rights += [right] * len(letters)
    return replace(run, text="".join(chars), edges=edges_of(lefts, rights))
