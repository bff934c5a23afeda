"""Titles that only their font sets apart: italics or another face, neither bold nor large.

Belongs here: which styles of a book are such. Does not: bold and large titles, levels
(``headings.py``).

Titles in the middle of their column are above those at its edge, and may be capitals of the font of
the text; their styles are told apart by a word behind the font and a size that ranks them.

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
_MIDDLE, _SHORT = 2.0, 0.7  # pt from the middle of a column; of it, that a title there fills
_AIR = 1.45  # type sizes from baseline to baseline
_KINDS = ("centred capitals", "centred", "")  # from the upper level down
_BELOW = 0.45  # pt from one of them to the next, in the sizes that rank styles
_DEEP = re.compile(r"\d{1,3}(?:\.\d{1,3})+\.?\s+\S")
Style = tuple[str, float, bool]


def apart_titles(
    rows: Sequence[Row], fonts: Fonts, alone: Callable[[int], bool]
) -> dict[Style, list[int]]:
    """Numbers of the rows of each such style; ``alone`` says whether a row stands alone."""
    used: Counter[Style] = Counter()
    found: dict[Style, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if (style := _style_of(row, fonts)) is None:
            continue
        used[style] += 1
        free = not row.role and row.frame is None and not LABEL.match(row.text)
        own = style[0].endswith(_KINDS[0]) and _has_air(rows, number)
        if free and (own or alone(number)) and _leans_down(rows, number):
            found[style].append(number)
    return _ranked({
        style: at for style, at in found.items()
        if len(at) >= max(_HABIT[0], _NEARLY * used[style])
        and (len({rows[number].page for number in at}) >= _HABIT[1] or len(at) >= _MANY)
        and len({rows[number].text for number in at}) >= _NEARLY * len(at)
        and _titling(rows, at, fonts)
    })  # fmt: skip


def _ranked(found: dict[Style, list[int]]) -> dict[Style, list[int]]:
    """The styles, with sizes that rank those of several kinds."""
    kinds = {style: next(kind for kind in _KINDS if style[0].endswith(kind)) for style in found}
    order = [kind for kind in _KINDS if kind in kinds.values()]
    return {
        (style[0], style[1] - _BELOW * order.index(kinds[style]), style[2]): at
        for style, at in found.items()
    }


def _style_of(row: Row, fonts: Fonts) -> Style | None:
    """The style of a row as large as text in a font of its own, or in centred capitals."""
    low, high = (share * fonts.body_size for share in _SIZES)
    if row.bold or row.mono or not low <= row.size < high or row.font in fonts.advance:
        return None
    upper = row.text.isupper() and _is_centred(row)
    if row.font == fonts.body and not upper:
        return None
    kind = "centred capitals" if upper else "centred" if _is_centred(row) else ""
    font, size, bold = row.style
    return (f"{font} {kind}", size, bold) if kind else row.style


def _has_air(rows: Sequence[Row], number: int) -> bool:
    """Whether room above and below sets a row apart from text in its own font."""
    row = rows[number]
    near = [rows[at] for at in (number - 1, number + 1) if 0 <= at < len(rows)]
    gaps = [abs(row.baseline - one.baseline) for one in near if one.page == row.page]
    ended = row.text.endswith((".", ",", ";", ":"))
    return bool(gaps) and min(gaps) > _AIR * row.size and not ended


def _is_centred(row: Row) -> bool:
    left, right = row.column
    apart = abs(row.box[0] + row.box[2] - left - right) / 2
    return apart < _MIDDLE and row.box[2] - row.box[0] < _SHORT * (right - left)


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
    start = row.column[0] if _is_centred(row) else row.box[0]
    return text and abs(after.box[0] - start) < _INDENT * fonts.body_size
