"""Labels that stand beside what they label: NOTE, TIP or a sign in a column left of its rows.

Belongs here: which lines of a page are such labels and which rows are theirs. Does not: boxes that
are drawn (``rows.py asides.py``), notes in the margin (``margins.py``), remarks beside code
(``beside.py``).

A label is alone in its column, as high as the rows beside it or less, and nothing of the page runs
on below it: a word at the start of a paragraph has text under it, a term of a table has other terms
above or below. What the label says is known, or it is a sign, or it stands in the middle of rows,
where no term would. It is a mark of the typesetter; its rows are a callout, with the lists and the
code among them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from booktune_assets.books.columns import Columns, columns_on, in_columns
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Box, Line, PageDrawn
from booktune_assets.books.headed import frame_headed
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.lit import without_grounds
from booktune_assets.books.roles import is_label_word
from booktune_assets.books.rows import Row, set_frames

__all__ = ["advised"]

_BULLETS = frozenset("\u25a0\u25a1\u25aa\u25ab\u25b6\u25b8\u25ba\u25cb\u25cf\u25e6\u25c6\u25c7")
_UNKNOWN = "\ufffd"  # a font of icons seldom says what it draws
_LONG = 14  # letters of a label
_SIGN = 1.4  # of the size of text: larger signs are no bullets
_FAR = 80.0  # pt between a label and its rows
_APART = 0.8  # type sizes, at least so much
_NEXT, _CODE = 1.9, 3.0  # type sizes between two rows of a callout, around code in it
_ROWS = 3.6  # type sizes from the row before to the row after
_CLEAR = 0.6  # type sizes between its last row and text that begins left of it
_SHORT = 3.0  # type sizes: the least width of its rows
_CELLS = 40.0  # pt above and below in which a table would have other cells
_MIDDLE = 0.4  # type sizes off the middle of its rows
_ALIKE = 0.8  # pt by which its type may be larger than that of text
_CROWDED = 100_000  # words that may be labels times lines of a page; more are a table


@dataclass(slots=True)
class _Advice:
    """A label and the lines beside it."""

    label: Line
    lines: list[Line]
    rect: tuple[float, float, float, float]


def advised(
    page: PageDrawn, gone: set[int], *, fonts: Fonts, ledger: Ledger, usual: Columns | None,
    lay: Callable[..., list[Row]],
) -> list[Row]:  # fmt: skip
    """The rows of a page in their boxes, as ``lay`` gives them, without labels beside them.

    ``gone`` are lines that are no text. The rows of a label have one frame, which is not drawn.
    """
    found = _find(page, gone, fonts, usual)
    labels = {id(one.label) for one in found}
    held = {n for n, line in enumerate(page.lines) if id(line) in labels}
    for number in sorted(held):
        ledger.took(page.number, "mark", page.lines[number].text)
    rows = lay(page, dropped=gone | held)
    page.boxes = without_grounds(page.boxes, rows)
    set_frames(page, rows, fonts)
    for one in found:
        _frame(one, rows)
    frame_headed(page, rows, fonts)
    return rows


def _frame(advice: _Advice, rows: Sequence[Row]) -> None:
    """Give the rows of a callout its frame; code keeps its own, or none."""
    frame = Box(advice.rect, filled=False, white=False)
    x0, y0, x1, y1 = advice.rect
    own = [
        row for row in rows
        if y0 <= row.baseline <= y1 and row.box[0] >= x0 - 1 and row.box[2] <= x1 + 1
    ]  # fmt: skip
    for row in own:
        if not row.mono and (row.frame is None or row.frame.white or _around(row.frame, frame)):
            row.frame = frame
    for before, row, after in zip(own, own[1:], own[2:], strict=False):
        inline = before.frame is after.frame is frame and row.frame is None
        if inline and after.baseline - before.baseline < _ROWS * row.size:
            row.frame = frame


def _around(box: Box, frame: Box) -> bool:
    return box.rect[1] <= frame.rect[1] + 2 and box.rect[3] >= frame.rect[3] - 2


def _find(
    page: PageDrawn, gone: set[int], fonts: Fonts, usual: Columns | None
) -> list[_Advice]:  # fmt: skip
    kept = [line for n, line in enumerate(page.lines) if n not in gone]
    labels = sum(_may_label(line, fonts) for line in kept)
    if not labels or labels * len(kept) > _CROWDED:
        return []
    columns = columns_on(page.number, kept, usual)
    return [one for group, _ in in_columns(kept, columns) for one in _advice(group, fonts)]


def _advice(lines: Sequence[Line], fonts: Fonts) -> Iterator[_Advice]:
    """The labels of one column with their lines, from the top."""
    for label in lines:
        if not _may_label(label, fonts):
            continue
        block = _block(label, lines, fonts)
        if not block or not _fits(label, block, fonts):
            continue
        others = [line for line in lines if line is not label and line not in block]
        if _alone(label, block, others, fonts):
            yield _Advice(label, block, _around_all(block))


def _may_label(line: Line, fonts: Fonts) -> bool:
    text = line.text.strip()
    if not text or len(text) > _LONG or all(map(fonts.mono, line.runs)):
        return False
    return is_label_word(text) or _is_sign(text) or _is_word(line)


def _is_sign(text: str) -> bool:
    if len(text) > 2 or text[0] in _BULLETS:
        return False
    return all(unicodedata.category(char) in ("So", "Co", "Mn") for char in text)


def _is_word(line: Line) -> bool:
    text = line.text.strip(" :.!")
    bold = all(run.bold for run in line.runs if run.text.strip())
    return len(text) > 2 and text.isalpha() and (bold or text.isupper())


def _block(label: Line, lines: Sequence[Line], fonts: Fonts) -> list[Line]:
    """The lines beside a label: the nearest one, and what follows it up and down.

    What begins left of them ends them.
    """
    middle = _middle(label)
    right = label.box[2] + 3
    beside = [line for line in lines if line.box[0] > right]
    near = min(beside, key=lambda line: abs(_middle(line) - middle), default=None)
    if near is None:
        return []
    left = [_middle(line) for line in lines if line.box[0] <= right and line is not label]
    top = max((y for y in left if y < _middle(near)), default=-inf)
    bottom = min((y for y in left if y >= _middle(near)), default=inf)
    below = [line for line in beside if _middle(near) <= _middle(line) < bottom]
    above = [line for line in beside if top < _middle(line) < _middle(near)]
    block = [near]
    for line in sorted(below, key=_middle):
        gap = line.box[1] - max(one.box[3] for one in block)
        if line is not near and gap < _room(block[-1], line, fonts):
            block.append(line)
    for line in sorted(above, key=_middle, reverse=True):
        last = min(block, key=_middle)
        gap = min(one.box[1] for one in block) - line.box[3]
        if gap < _room(last, line, fonts):
            block.append(line)
    rect = _around_all(block)
    return block if rect[1] - 1 <= middle <= rect[3] + 1 else []


def _room(last: Line, line: Line, fonts: Fonts) -> float:
    """The least room between two lines that parts them."""
    coded = any(all(map(fonts.mono, one.runs)) for one in (last, line))
    return (_CODE if coded else _NEXT) * _size(line)


def _middle(line: Line) -> float:
    return (line.box[1] + line.box[3]) / 2


def _fits(label: Line, block: Sequence[Line], fonts: Fonts) -> bool:
    """Whether a label and rows may belong together, by their places and their type."""
    x0, y0, x1, y1 = _around_all(block)
    size = median(_size(line) for line in block)
    gap = x0 - label.box[2]
    if not _APART * size <= gap <= _FAR or x1 - x0 < _SHORT * size:
        return False
    if size > fonts.body_size + _ALIKE:
        return False  # a title
    text = label.text.strip()
    if is_label_word(text):
        return True
    if text[0] == _UNKNOWN and _size(label) <= _SIGN * size:
        return False  # a bullet
    off = abs(_middle(label) - (y0 + y1) / 2)
    middle = off < _MIDDLE * size and y1 - y0 > 2 * size
    return middle or (_is_sign(text) and _size(label) > _SIGN * size)


def _alone(label: Line, block: Sequence[Line], others: Sequence[Line], fonts: Fonts) -> bool:
    """Nothing else is level with the rows, near below them, or set like a label in a table."""
    x0, y0, _, y1 = _around_all(block)
    size = median(_size(line) for line in block)
    for line in others:
        left, top, right, bottom = line.box
        if top < y1 - 1 and bottom > y0 + 1:
            return False
        under = left < x0 - 1 and -_CLEAR * size < top - y1 < _CLEAR * size
        over = left < x0 - 1 and -_CLEAR * size < y0 - bottom < _CLEAR * size
        if under or over:
            return False
        known = is_label_word(line.text.strip()) or _is_sign(line.text.strip())
        celled = right < x0 and left > label.box[0] - 3 and not known
        near = y0 - _CELLS < bottom and top < y1 + _CELLS
        if celled and near and any(
            other.box[0] > x0 - 3 and abs(other.baseline - line.baseline) < 0.5 * size
            for other in others
        ):  # fmt: skip
            return False
    return True


def _around_all(lines: Sequence[Line]) -> tuple[float, float, float, float]:
    boxes = [line.box for line in lines]
    return (
        min(box[0] for box in boxes), min(box[1] for box in boxes),
        max(box[2] for box in boxes), max(box[3] for box in boxes),
    )  # fmt: skip


def _size(line: Line) -> float:
    return max(run.size for run in line.runs if run.text.strip())
