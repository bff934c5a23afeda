"""Books in one face of fixed pitch, as typewriters and text files have it: words told from code.

Belongs here: when a book is set so, and which of its lines are words. Does not: books with a face
for words (``fonts.py``).

The pitch says nothing there. Words begin where next to all rows of paragraphs begin, behind a
bullet or a number, or at the indent of such an item; what is bold is a title; code is set in. Lines
of words get a font of their own name, so that all that follows sees two faces.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from booktune_assets.books.fonts import WORDS, Fonts
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.packed import Pages

__all__ = ["name_words"]

_ALL = 0.95  # of the letters of a book are of fixed pitch
_LINES = 60  # that show it
_EDGE = 0.25  # of the lines of a side begin at the edge of its text
_WORDY = 0.6  # of those lines are words
_OFF = 0.6  # of a letter by which lines of one edge differ
_NEXT = 1.9  # type sizes between rows of a paragraph
_ITEM = re.compile(r"\s*(?:[\u2022\u25e6\u25aa*o-]|\(?\d{1,2}[.)]|[a-z][.)])\s+(?=\S)")
_BULLET = re.compile(r"[\u2022\u25e6\u25aa*o-]|\(?\d{1,2}[.)]|[a-z][.)]")
_SENTENCE = re.compile(r"[^\W\d_]{2,}[,.;:]? [^\W\d_]+[,.;:]? [^\W\d_]+")
_PROMPT = re.compile(r"\s*(?:iex|\.\.\.|\$|\d+>)")


def name_words(pages: Pages, fonts: Fonts) -> bool:
    """Give lines of words another font, in a book of one face; whether there are any."""
    if fonts.fixed < _ALL:
        return False
    starts: dict[int, Counter[int]] = {0: Counter(), 1: Counter()}
    wordy: Counter[tuple[int, int]] = Counter()
    for page in pages:
        for line in page.lines:
            side, left = page.number % 2, round(line.box[0])
            starts[side][left] += 1
            wordy[side, left] += bool(_SENTENCE.search(line.text))
    if sum(map(Counter.total, starts.values())) < _LINES:
        return False
    edges = {
        side: min((x for x, n in found.items()
                   if n >= _EDGE * found.total() and wordy[side, x] >= _WORDY * n), default=None)
        for side, found in starts.items()
    }  # fmt: skip
    if all(edge is None for edge in edges.values()):
        return False
    for page in pages.edited():
        edge = edges[page.number % 2]
        for line in _worded(page, edge, fonts) if edge is not None else ():
            line.runs = [replace(run, font=run.font + WORDS) for run in line.runs]
    return True


def _worded(page: PageDrawn, edge: float, fonts: Fonts) -> Sequence[Line]:
    """The lines of a page that are words."""
    found: list[Line] = []
    hang: float | None = None  # where the item goes on that the row above belongs to
    last = 0.0
    bullet = -1.0  # the baseline of one that is drawn by itself
    for line in sorted(page.lines, key=lambda line: (round(line.baseline), line.box[0])):
        run = next(run for run in line.runs if run.text.strip())
        cell = fonts.advance.get(run.font, 0.6) * run.size
        near = 0 < line.baseline - last < _NEXT * run.size
        left = line.box[0]
        item = _ITEM.match(line.text)
        at_edge = abs(left - edge) < _OFF * cell and not _PROMPT.match(line.text)
        goes_on = hang is not None and near and abs(left - hang) < _OFF * cell
        bold = all(one.bold for one in line.runs if one.text.strip())
        if _BULLET.fullmatch(line.text.strip()):
            found.append(line)
            bullet = line.baseline
            continue
        if abs(line.baseline - bullet) < 1:
            found.append(line)
            hang, last = left, line.baseline
            continue
        listed = item is not None and _SENTENCE.search(line.text) is not None
        if at_edge or goes_on or bold or left < edge - cell or listed:
            found.append(line)
            if listed and item is not None:
                hang = left + item.end() * cell
            elif not goes_on:
                hang = None
        else:
            hang = None
        last = line.baseline
    return found
