"""Words in boxes of code: the paragraphs of a side bar that holds listings, too.

Belongs here: which fonts of a book set words, which rows of a box are a listing. Does not: boxes
beside the text (``asides.py``), titles of listings (``beside.py``), other kinds (``layout.py``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from booktune_assets.books.rows import Row

__all__ = ["WordFonts", "listed"]

_REMARKS = frozenset("#%/-;*")  # begin a remark
_LETTERS = 3  # of a paragraph in a box of code
_WORDED = 8  # rows in a font of words, outside of boxes of code


class WordFonts:
    """The fonts that set words outside of boxes, and in boxes that hold more words than code."""

    def __init__(self) -> None:
        self._found: Counter[str] = Counter()

    def see(self, page: Sequence[Row]) -> None:
        """Look at the rows of a page."""
        boxes: dict[int, list[Row]] = defaultdict(list)
        for row in page:
            boxes[id(row.frame) if row.frame else 0].append(row)
        for key, members in boxes.items():
            plain = [row for row in members if not row.mono]
            if not key or len(plain) > len(members) / 2:
                self._found.update(row.font for row in plain)

    def found(self) -> frozenset[str]:
        """Those that do so often."""
        return frozenset(font for font, count in self._found.items() if count >= _WORDED)


def listed(members: Sequence[Row], prose: frozenset[str]) -> list[Row]:
    """The rows of a box of code that are no paragraphs above, between or below its listings.

    A remark in a font of words begins with its sign, and may go on in the next row. A title stands
    above a paragraph, in any type.
    """
    worded: list[bool] = []
    remark = False
    for row in members:
        remark = not row.mono and (row.text[0] in _REMARKS or remark)
        worded.append(not row.mono and not remark and sum(map(str.isalpha, row.text)) >= _LETTERS)
    out: list[Row] = []
    below = False
    for row, words in zip(reversed(members), reversed(worded), strict=True):
        below = words and (below or row.font in prose)
        if not below:
            out.insert(0, row)
    return out
