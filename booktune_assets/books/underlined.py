"""Titles that only a rule below them tells from text: of its font, its size and its weight.

Belongs here: rules that run under a row and on to the end of its column, and the rows of a book
without an outline that are titles by them. Does not: larger, bold or slanted titles
(``headings.py italics.py``), titles of a colour (``coloured.py``).

Listings, tables and links have rules below rows, too. A rule above code belongs to the code; a link
is underlined no farther than it reads; rows of tables stand close. What is left are titles where
nearly all such rows stand alone, on several pages. A thickness of rules is a level: that comes
first which is the upper one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import PageDrawn
from booktune_assets.books.rows import Row

__all__ = ["note_rules", "ruled_titles"]

_MOST = 200  # rules of a page; more are a drawing or tables
_EDGE = 3.0  # pt by which a rule may begin beside its row
_BELOW = 0.1, 1.3  # type sizes from a baseline to its rule
_WIDE = 0.6  # of the column, that a rule takes
_ENOUGH, _PAGES = 5, 3  # titles over rules, and pages that have them
_KEPT = 0.8  # of the rows over rules are titles
_VARIED = 0.3  # of the titles differ
_LONGEST = 90
_AIR = 1.45  # type sizes above a title, and below one that another follows
_SIZE = 0.6  # pt by which it may be smaller than text


def note_rules(page: PageDrawn, rows: Sequence[Row]) -> None:
    """Note on the rows of a page how thick the rule below each is, 0 where there is none."""
    rules = page.rules + page.hems
    if not 0 < len(rules) <= _MOST:
        return
    for row in rows:
        if row.mono or len(row.parts) > 1:
            continue
        for x0, y0, x1, y1 in rules if row.frame is None else page.hems:  # a hem has its box
            down = (y0 + y1) / 2 - row.baseline
            wide = x1 - x0 >= _WIDE * (row.column[1] - row.column[0]) and x1 > row.box[2] - 1
            if wide and abs(x0 - row.box[0]) < _EDGE and (
                _BELOW[0] * row.size < down < _BELOW[1] * row.size
            ):  # fmt: skip
                row.ruled = max(row.ruled, round(y1 - y0, 1), 0.1)


def ruled_titles(rows: Sequence[Row], fonts: Fonts) -> list[list[int]]:
    """Numbers of rows that are titles, for each thickness of rules from the upper level down."""
    used: Counter[float] = Counter()
    found: dict[float, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        after = rows[index + 1] if index + 1 < len(rows) else None
        if not row.ruled or row.role or (after and after.page == row.page and after.mono):
            continue
        used[row.ruled] += 1
        if after is not None and _is_alone(rows, index, after, fonts):
            found[row.ruled].append(index)
    kept = {
        thick: at for thick, at in found.items()
        if len(at) >= _KEPT * used[thick]
        and len({rows[index].text for index in at}) >= _VARIED * len(at)
    }  # fmt: skip
    sure = any(
        len(at) >= _ENOUGH and len({rows[index].page for index in at}) >= _PAGES
        for at in kept.values()
    )
    return sorted(kept.values(), key=lambda at: at[0]) if sure else []


def _is_alone(rows: Sequence[Row], index: int, after: Row, fonts: Fonts) -> bool:
    """A short row with air above, and below where another such row follows."""
    row, before = rows[index], rows[index - 1] if index else None
    if row.size < fonts.body_size - _SIZE or len(row.text) > _LONGEST:
        return False
    if row.text.endswith((".", ",", ";", ":")) or not any(map(str.isalpha, row.text)):
        return False
    near = _AIR * row.size
    if after.ruled and after.page == row.page and after.baseline - row.baseline <= near:
        return False
    if before is None or before.page != row.page or row.baseline < before.baseline:
        return True
    size = row.size if before.role == "heading" else max(row.size, before.size)
    return row.baseline - before.baseline > _AIR * size
