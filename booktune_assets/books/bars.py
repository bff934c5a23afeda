"""Headings that stand in coloured bars: which boxes of one bold row begin a section.

Belongs here: telling such bars from titles of notes and listings. Does not: levels, styles
(``headings.py``), which box holds a row (``rows.py``).

A note names its kind over and over, a box of any sort touches what its title belongs to; headings
in bars say something new each time, and text follows them at a distance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, pairwise

from booktune_assets.books.blocks import inked
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.rows import Row

__all__ = ["in_bars"]

_WIDE = 0.6  # of the column
_HIGH = 3.2  # type sizes
_ENOUGH = 3  # bars of one style
_OWN = 0.8  # of their texts are said once, and so many have text below them
_APART = 2.0  # pt between a bar and the next box
_LONG = 90  # characters


def in_bars(rows: Sequence[Row], fonts: Fonts) -> set[int]:
    """Numbers of the rows that are headings in bars, of styles that the book keeps for them."""
    bars: dict[tuple[object, ...], list[tuple[int, str, bool]]] = defaultdict(list)
    used: dict[tuple[object, ...], int] = defaultdict(int)
    before: Row | None = None
    for number, (row, after) in enumerate(pairwise(chain(rows, (None,)))):
        assert row is not None
        if row.bold and not row.mono:
            used[row.style] += 1
            if _is_bar(row, before, after, fonts):
                bars[row.style].append((number, row.text.casefold(), _heads(row, after)))
        before = row
    found: set[int] = set()
    for style, members in bars.items():
        count = len(members)
        texts = len({text for _, text, _ in members})
        heads = sum(head for _, _, head in members)
        if count >= max(_ENOUGH, 0.5 * used[style]) and min(texts, heads) >= _OWN * count:
            found |= {number for number, _, _ in members}
    return found


def _is_bar(row: Row, before: Row | None, after: Row | None, fonts: Fonts) -> bool:
    """Whether a row is alone in a coloured box as wide as its column and no higher than a title."""
    box = row.frame
    if box is None or not box.filled or box.white or len(row.parts) > 2:
        return False
    left, top, right, bottom = box.rect
    low = bottom - top < _HIGH * row.size and right - left > _WIDE * (row.column[1] - row.column[0])
    alone = not any(
        near is not None and near.page == row.page and near.frame is not None
        and near.frame.rect == box.rect for near in (before, after)
    )  # fmt: skip
    worded = len(row.text) <= _LONG and any(map(str.isalpha, row.text)) and inked(row.text) > 1
    return low and alone and worded and row.size > fonts.body_size - 1


def _heads(row: Row, after: Row | None) -> bool:
    """Whether what follows is text of the book, not the box that the bar is the title of."""
    if after is None or row.frame is None:
        return False
    if after.page != row.page:
        return True
    box = after.frame
    return not after.mono and (box is None or box.rect[1] > row.frame.rect[3] + _APART)
