"""Titles that only their font sets apart: italics or another face, neither bold nor large.

Belongs here: which styles of a book are such. Does not: bold and large titles, levels
(``headings.py``).

One such row may be a caption, a term or somebody's words. Of a habit nearly all rows stand alone,
each with words of its own, on several pages, and belong to what is below them; and they have
numbers with dots, or text of the book begins below, at their own edge, as it does below no term.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from booktune_assets.books.drawings import LABEL
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.rows import Row

__all__ = ["apart_titles"]

_SIZES = (0.94, 1.13)  # of the type size of text; larger type is a title by that
_HABIT = (4, 3)  # titles, and pages that have them
_MANY = 8  # titles that are a habit in a short book, too
_NEARLY = 0.8  # of the rows of such a style
_TEXT = 0.5  # of the titles of a style have text below
_LEAN = 1.3  # of the room above: so much may be below
_INDENT = 1.8  # type sizes by which the first row of a paragraph may be set in
_DEEP = re.compile(r"\d{1,3}(?:\.\d{1,3})+\.?\s+\S")
Style = tuple[str, float, bool]


def apart_titles(
    rows: Sequence[Row], fonts: Fonts, alone: Callable[[int], bool]
) -> dict[Style, list[int]]:
    """Numbers of the rows of each such style; ``alone`` says whether a row stands alone."""
    used: Counter[Style] = Counter()
    found: dict[Style, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if not _plain(row, fonts):
            continue
        used[row.style] += 1
        free = not row.role and row.frame is None and not LABEL.match(row.text)
        if free and alone(number) and _leans_down(rows, number):
            found[row.style].append(number)
    return {
        style: at for style, at in found.items()
        if len(at) >= max(_HABIT[0], _NEARLY * used[style])
        and (len({rows[number].page for number in at}) >= _HABIT[1] or len(at) >= _MANY)
        and len({rows[number].text for number in at}) >= _NEARLY * len(at)
        and _titling(rows, at, fonts)
    }  # fmt: skip


def _plain(row: Row, fonts: Fonts) -> bool:
    """Whether a row is in a font of its own, as large as text."""
    low, high = (share * fonts.body_size for share in _SIZES)
    own = row.font != fonts.body and row.font not in fonts.advance
    return own and not row.bold and not row.mono and low <= row.size < high


def _leans_down(rows: Sequence[Row], number: int) -> bool:
    """Whether a row is not clearly nearer to what is above it than to what is below."""
    row, after = rows[number], rows[number + 1]
    before = rows[number - 1] if number else None
    if after.page != row.page:
        return False
    below = after.baseline - row.baseline
    if before is None or before.page != row.page or before.baseline > row.baseline:
        return below > 0  # it begins a page or a column
    return 0 < below < _LEAN * (row.baseline - before.baseline)


def _titling(rows: Sequence[Row], at: Sequence[int], fonts: Fonts) -> bool:
    numbered = sum(bool(_DEEP.match(rows[number].text)) for number in at)
    if numbered >= _NEARLY * len(at):
        return True
    begun = sum(_begins_text(rows[number], rows[number + 1], fonts) for number in at)
    return begun >= _TEXT * len(at)


def _begins_text(row: Row, after: Row, fonts: Fonts) -> bool:
    """Whether the row below is text of the book, set in no more than a paragraph is."""
    text = after.font == fonts.body and abs(after.size - fonts.body_size) < 0.3
    return text and abs(after.box[0] - row.box[0]) < _INDENT * fonts.body_size
