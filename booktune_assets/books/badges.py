"""Badges and bars at listings: a language that stands off the level of rows, a box over a box.

Belongs here: their places. Does not: which words are labels, titles or files (``beside.py``), bars
that are headings (``bars.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Box
from booktune_assets.books.lang import is_language
from booktune_assets.books.rows import Row

__all__ = ["badges", "bars_over", "touches"]

_TOUCH = 2.0  # pt between the bar of a label and the box below
_BADGE = 1.2  # sizes of code below a row: the place of the next one
_LONG = 30  # characters of a label


def badges(members: Sequence[Row], fonts: Fonts) -> list[int]:
    """Numbers of rows that only name a language, right of the code row above and off its level."""
    found: list[int] = []
    for number, (before, row) in enumerate(pairwise(members), start=1):
        near = before.mono and 0 < row.baseline - before.baseline < _BADGE * before.size
        right = near and row.box[0] > before.box[2] + _TOUCH and len(row.text) <= _LONG
        if not right or any(fonts.mono(run) for run in row.runs if run.text.strip()):
            continue
        if is_language(row.text.strip()):
            found.append(number)
    return found


def touches(above: Box, frame: Box) -> bool:
    """Whether a box stands right above another one with the same sides."""
    edges = (0, 0), (2, 2), (3, 1)
    return all(abs(above.rect[one] - frame.rect[two]) < _TOUCH for one, two in edges)


def bars_over(above: Box, frame: Box) -> bool:
    """Whether a box of another colour lies over a box that may be smaller, as its bar."""
    tinted = above.filled and not above.white and above.color != frame.color
    wide = above.rect[0] - _TOUCH < frame.rect[0] and frame.rect[2] < above.rect[2] + _TOUCH
    return tinted and wide and -_TOUCH < frame.rect[1] - above.rect[3] < 2 * _TOUCH
