"""Letters of ligatures whose two bytes were swapped: Ghostscript writes ``fi`` as U+6600 U+6900.

Belongs here: telling such pairs from Chinese, and putting the letters back. Does not: fonts without
a map (``fontmaps.py``), codes of old fonts (``slots.py``).

Where one glyph stands for several letters, some versions write their map with the lower byte first.
A letter of ASCII then becomes a character whose lower byte is 0, and always beside another: a book
that has such pairs and hardly any other ideographs was written so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from booktune_assets.books.glyphs import Line, Run
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact
from booktune_assets.books.slots import rewrite

__all__ = ["mend_swapped"]

# Without the per cent sign: its place is that of the line that trees of files are drawn with.
_ASCII = "".join(chr(code << 8) for code in range(0x21, 0x7F) if code != 0x25)
_PAIRS = re.compile(f"[{re.escape(_ASCII)}]{{2,}}")
_WIDE = re.compile("[\u2e80-\u9fff]")
_SHARE = 0.9  # of the ideographs of a book
_PLAIN = {ord(char): chr(ord(char) >> 8) for char in _ASCII}


def mend_swapped(pages: Pages, ledger: Ledger) -> None:
    """Put letters in the place of swapped ones, and write it down."""
    if not ledger.wants("glyphs"):
        return
    swapped = other = 0
    for _, page in pages.having(Fact.WIDE):
        for line in page.lines:
            for run in line.runs:
                if not run.text.isascii():
                    text = run.text
                    pairs = "".join(_PAIRS.findall(text))
                    swapped += len(_WIDE.findall(pairs))  # letters: signs alone tell nothing
                    other += len(_WIDE.findall(text)) - len(_WIDE.findall(pairs))
    if not swapped or swapped < _SHARE * (swapped + other):
        return
    for page in pages.edited():
        for line in page.lines:
            if any(_PAIRS.search(run.text) for run in line.runs):
                rewrite(page.number, line, list(_mended(line)), ledger)


def _mended(line: Line) -> Iterator[Run]:
    for run in line.runs:
        text = _PAIRS.sub(lambda found: found.group().translate(_PLAIN), run.text)
        yield run if text == run.text else replace(run, text=text)
