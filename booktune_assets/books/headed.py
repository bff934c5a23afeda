"""Callouts without a box: "Tip" alone in a row over rows that are set in, and bars beside rows.

Belongs here: telling them on a page. Does not: labels beside rows (``advice.py``), boxes that are
drawn (``rows.py asides.py``).

The label is one of the words for it and no larger than text by much; what is below it, up to a row
that begins where text begins, is its own. Where these rows begin as all text does, nothing tells
where they end: then the label stays what it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Box, PageDrawn, Rect
from booktune_assets.books.roles import is_label_word
from booktune_assets.books.rows import Row

__all__ = ["frame_headed"]

_LARGER = 1.2  # than text
_INSET = 0.8  # type sizes
_NEXT = 2.2  # type sizes from row to row
_FAR, _PAD = 32.0, 1.6  # pt from a bar to its rows; type sizes that it is higher than they
_TEXT = 4  # rows of text of a page that tell where it begins


def frame_headed(page: PageDrawn, rows: Sequence[Row], fonts: Fonts) -> None:
    """Give a label and the rows below it, or the rows beside a bar, one frame, not drawn."""
    for bar in page.bars:
        _frame(_beside(bar, rows, fonts))
    for number, label in enumerate(rows):
        if _is_label(label, fonts):
            own = _below(rows, number, _edge(rows, label, fonts))
            _frame([label, *own] if own else [])


def _frame(held: Sequence[Row]) -> None:
    if not held:
        return
    rect = (
        min(row.box[0] for row in held), min(row.box[1] for row in held),
        max(row.box[2] for row in held), max(row.box[3] for row in held),
    )  # fmt: skip
    frame = Box(rect, filled=False, white=False)
    for row in held:
        row.frame = row.frame if row.mono and row.frame else frame


def _beside(bar: Rect, rows: Sequence[Row], fonts: Fonts) -> list[Row]:
    """The rows right of an upright bar as high as they are, if they begin with a bold title.

    Text that is quoted begins like text; titles with a bar have no text beside it.
    """
    x0, y0, x1, y1 = bar
    level = [row for row in rows if row.box[3] > y0 + 1 and row.box[1] < y1 - 1]
    own = [row for row in level if x1 < row.box[0] < x1 + _FAR]
    if not own or any(row.box[0] < x1 < row.box[2] for row in level):
        return []
    top, bottom = own[0].box[1] - y0, y1 - own[-1].box[3]
    fits = all(-2 < room < _PAD * own[0].size for room in (top, bottom))
    edge = _edge(rows, own[0], fonts)
    first = next((run for run in own[0].runs if run.text.strip()), None)
    bold = first is not None and first.bold and own[0].size <= _LARGER * fonts.body_size
    text = any(row.font == fonts.body and not row.mono for row in own)
    free = all(row.frame is None or row.mono for row in own)
    inside = edge is None or x0 > edge - _PAD * own[0].size
    return own if fits and bold and text and free and inside else []


def _is_label(row: Row, fonts: Fonts) -> bool:
    small = row.size <= _LARGER * fonts.body_size and not row.mono
    own = row.bold or row.font != fonts.body or row.text.isupper()
    return small and own and row.frame is None and is_label_word(row.text)


def _edge(rows: Sequence[Row], label: Row, fonts: Fonts) -> float | None:
    """Where most rows of text of the label's column begin."""
    lefts = Counter(
        round(row.box[0]) for row in rows
        if row.column == label.column and row.font == fonts.body and row.frame is None
    )  # fmt: skip
    return min(lefts, key=lambda x: (-lefts[x], x)) if lefts.total() >= _TEXT else None


def _below(rows: Sequence[Row], number: int, edge: float | None) -> list[Row]:
    """The rows that follow a label closely and are set in; empty where text goes on below it."""
    own: list[Row] = []
    last = rows[number]
    for row in rows[number + 1 :] if edge is not None else ():
        gap = row.baseline - last.baseline
        if row.column != last.column or not 0 < gap < _NEXT * max(row.size, last.size):
            break
        if row.box[0] < (edge or 0.0) + _INSET * row.size or row.frame is not None:
            break
        own.append(row)
        last = row
    return own
