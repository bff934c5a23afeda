"""Titles that only their colour tells from text: of its font, its size and its weight.

Belongs here: finding them in a book without an outline. Does not: larger, bold or slanted titles
(``headings.py italics.py``).

A colour of titles is kept for them: rows in it stand alone, on several pages, with text below, and
hardly any word of another row has it, as links and stressed words have. Of two such colours the one
that comes first is that of the upper level: a chapter begins with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.rows import Row

__all__ = ["coloured_titles"]

_ENOUGH, _PAGES = 5, 3  # titles in a colour, and pages that have them
_KEPT = 0.8  # of the rows that have the colour are titles
_VARIED = 0.3  # of the titles differ
_WIDE = 0.85  # of the column: a longer row is one of a paragraph
_LONGEST = 90
_AIR = 1.45  # type sizes above a title
_SIZE = 0.6  # pt by which its size may differ from that of text


def coloured_titles(rows: Sequence[Row], fonts: Fonts) -> list[list[int]]:
    """Numbers of rows that are titles, for each colour of titles from the upper level down."""
    used: Counter[int] = Counter()
    plain: Counter[int] = Counter()
    found: dict[int, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        if row.mono:
            continue
        colours = {run.color for run in row.runs if any(map(str.isalpha, run.text))}
        colours = colours or {row.color}  # a packed row has no runs
        used.update(colours)
        if row.font == fonts.body:
            plain[row.color] += len(row.text)  # titles are short
        if len(colours) == 1 and not row.role and _is_alone(rows, index, fonts):
            found[row.color].append(index)
    text = plain.most_common(1)[0][0] if plain else 0
    kept = {
        colour: at for colour, at in found.items()
        if colour != text and len(at) >= max(_ENOUGH, _KEPT * used[colour])
        and len({rows[index].page for index in at}) >= _PAGES
        and len({rows[index].text for index in at}) >= _VARIED * len(at)
    }  # fmt: skip
    return sorted(kept.values(), key=lambda at: at[0])


def _is_alone(rows: Sequence[Row], index: int, fonts: Fonts) -> bool:
    """A short row of text's type with air above, and text of another colour below."""
    row = rows[index]
    if row.font != fonts.body or row.bold or abs(row.size - fonts.body_size) > _SIZE:
        return False
    wide = row.column[1] - row.column[0]
    if len(row.text) > _LONGEST or row.box[2] - row.box[0] > _WIDE * wide or row.frame is not None:
        return False
    if row.text.endswith((".", ",", ";", ":")) or not any(map(str.isalpha, row.text)):
        return False
    before = rows[index - 1] if index else None
    after = rows[index + 1] if index + 1 < len(rows) else None
    same = after is not None and after.page == row.page and after.color == row.color
    if after is None or (same and after.baseline - row.baseline <= _AIR * row.size):
        return False  # a title below a title has air above
    if before is None or before.page != row.page or row.baseline < before.baseline:
        return True
    size = row.size if before.role == "heading" else max(row.size, before.size)
    return row.baseline - before.baseline > _AIR * size
