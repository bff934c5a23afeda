"""Prose that is written in other letters than Latin ones: Chinese, Japanese, Russian, Greek.

Belongs here: which fonts set words in such letters, when these are a string or a remark of code,
and where rows of signs are joined without a blank. Does not: fonts of Latin words (``fonts.py``).

What is not ASCII comes from another font in code, too, so such letters alone do not make a row
prose. A font that sets rows of its own writes words; where it stands behind code it belongs to that
only within an open string or behind the sign of a remark.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from booktune_assets.books.blocks import inked

if TYPE_CHECKING:
    from booktune_assets.books.glyphs import Line, Run

__all__ = ["Scripts", "is_of_code", "joins_bare"]

_ROWS = 12  # of its own, that show a font of words
_LETTERS = 4  # of another script than Latin that a row has at least
_SHARE = 0.3  # of the letters of the font are of that script
_REMARK = re.compile(r"(?:#|%|//|--|\(\*|/\*)\s*$")
# Chinese and Japanese signs with their punctuation; Korean parts its words by blanks
_SIGNS = re.compile(r"[\u2e80-\u2fdf\u3000-\u30ff\u31f0-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
                    r"\uff01-\uff60\U00020000-\U0003ffff]")  # fmt: skip


class Scripts:
    """Counts, over the lines of a book, which fonts set words in other letters."""

    def __init__(self) -> None:
        self._alone: Counter[str] = Counter()
        self._letters: Counter[str] = Counter()
        self._other: Counter[str] = Counter()

    def see(self, line: Line) -> None:
        """Look at a line; nearly all are told by being ASCII."""
        for run in line.runs:
            if run.text.isascii():
                self._letters[run.font] += inked(run.text)
                continue
            letters = [char for char in run.text if char.isalpha()]
            other = sum(char > "\u024f" for char in letters)  # beyond the Latin ones
            self._letters[run.font] += len(letters)
            self._other[run.font] += other
            if other >= _LETTERS and other > len(line.text) / 2:
                self._alone[run.font] += 1

    def fonts(self) -> frozenset[str]:
        """Those that write words in them."""
        return frozenset(
            font for font, rows in self._alone.items()
            if rows >= _ROWS and self._other[font] > _SHARE * self._letters[font]
        )  # fmt: skip


def is_of_code(runs: Sequence[Run], mono: frozenset[str] | dict[str, float]) -> bool:
    """Whether the words of a row are strings and remarks of the code that it begins with."""
    before = ""
    for run in runs:
        if run.font in mono or run.text.isspace():
            before += run.text
        elif not before.strip():
            return False
        elif _REMARK.search(before):
            return True
        elif before.count('"') % 2 == 0:
            return False
    return True


def joins_bare(text: str, line: str) -> bool:
    """Whether a row goes on after another without a blank between."""
    return bool(_SIGNS.match(text[-1:]) and _SIGNS.match(line[:1]))
