"""Letters that a typesetter spread: "C H A P T E R  1" is one word and its number.

Belongs here: telling the room within spread words from that between them. Does not: cells that are
wider than a letter in code (``listing.py``).

A gap as wide as a blank counts as one when a line is drawn. In a line of next to nothing but single
letters the gaps say what is what: those within words are all alike, those between are wider by more
than the blank of a font.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import median

from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger

__all__ = ["close_tracked"]

_LETTERS = 5  # gaps that show the habit of a line
_SINGLE = 0.75  # of its words are one letter
_LEAST = 0.08  # of the type size: narrower gaps are no tracking
_BLANK = 0.15  # of the type size: so much wider is the room between words
_EVEN = 0.7  # of the gaps are alike
_OFF = 0.06  # of the type size


def close_tracked(pages: Iterable[PageDrawn], ledger: Ledger) -> Iterator[PageDrawn]:
    """The pages, with the blanks taken out of words whose letters are spread."""
    wanted = ledger.wants("spread_letters")
    for page in pages:
        for line in page.lines:
            if wanted and _spread(before := line.text):
                _close(line)
                if line.text != before:
                    ledger.took(page.number, "spread_letters", before, line.text)
        yield page


def _spread(text: str) -> bool:
    if text.count(" ") < _LETTERS:  # nearly all lines end here
        return False
    words = text.split()
    single = sum([word.isalnum() for word in words if len(word) == 1])
    if single <= _LETTERS or single < _SINGLE * len(words):
        return False
    return sum(map(str.isalpha, "".join(words))) > single / 2


def _close(line: Line) -> None:
    inked = [
        (left, right) for run in line.runs
        for char, left, right in zip(run.text, run.lefts, run.rights, strict=True)
        if not char.isspace()
    ]  # fmt: skip
    size = max(run.size for run in line.runs)
    gaps = [after[0] - before[1] for before, after in pairwise(inked)]
    usual = median(gaps)
    alike = sum(abs(gap - usual) <= _OFF * size for gap in gaps)
    if usual < _LEAST * size or alike < max(_LETTERS, _EVEN * len(gaps)):
        return
    wide = iter([False, *(gap > usual + _BLANK * size for gap in gaps)])
    line.runs = [made for run in line.runs if (made := _closed(run, wide)) is not None]


def _closed(run: Run, wide: Iterator[bool]) -> Run | None:
    """A run with one blank before each letter that begins a word, and no other."""
    chars: list[str] = []
    lefts: list[float] = []
    rights: list[float] = []
    for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
        if char.isspace():
            continue
        if next(wide):
            chars.append(" ")
            lefts.append(rights[-1] if rights else left)
            rights.append(left)
        chars.append(char)
        lefts.append(left)
        rights.append(right)
    if not chars:
        return None
    return Run("".join(chars), run.font, run.size, run.flags, run.color, edges_of(lefts, rights))
