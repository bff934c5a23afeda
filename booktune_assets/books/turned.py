"""Text that runs in another direction than most text of its page: left out, and said.

Belongs here: telling on which pages that is more than a stamp in the margin. Does not: which
direction a page is read in (``glyphs.py``), the account of what was left out (``ledger.py``).

Labels of axes, watermarks and notes along the margin are no text of a book. A table or a listing
that lies on its side below upright text is: who sees the warning can look at the page.
"""

from __future__ import annotations

from collections import Counter

from booktune_assets.books.blocks import Parsed, inked
from booktune_assets.books.boldlines import fold
from booktune_assets.books.glyphs import PageDrawn
from booktune_assets.errors import Code

__all__ = ["Turned"]

_CHARS = 120  # without white space: fewer are a label or a stamp
_REPEATS = 3  # pages that say the same: furniture
_NAMED = 12  # pages that the warning names


class Turned:
    """The pages of one book that hold such text."""

    def __init__(self) -> None:
        self._found: dict[int, list[tuple[int, int]]] = {}  # by page: digest and ink of each line

    def note(self, page: PageDrawn) -> None:
        """Look at a page that was drawn."""
        if sum(map(inked, page.turned)) >= _CHARS:
            self._found[page.number] = [
                (hash(fold(text) or text), inked(text)) for text in page.turned
            ]

    def tell(self, parsed: Parsed) -> None:
        """Write it into the rows of the pages and into the warnings."""
        seen = Counter(line for lines in self._found.values() for line, _ in set(lines))
        pages = [
            page for page, lines in self._found.items()
            if sum(ink for line, ink in lines if seen[line] < _REPEATS) >= _CHARS
        ]  # fmt: skip
        for row in parsed.pages:
            if row.page in pages and row.code is None:
                row.code = Code.TURNED_TEXT.value
        if pages:
            parsed.count("pages_turned", len(pages))
            more = f" and {len(pages) - _NAMED} more" if len(pages) > _NAMED else ""
            named = ", ".join(map(str, pages[:_NAMED]))
            parsed.warn(f"{Code.TURNED_TEXT.value}: {Code.TURNED_TEXT.says}: page {named}{more}")
