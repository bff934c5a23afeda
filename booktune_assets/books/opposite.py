"""Code that stands beside the words that explain it: read pair by pair, not column by column.

Belongs here: whether a book is set so, which lines of a page make a pair, their rows. Does not:
listings side by side (``abreast.py``), notes around which text flows (``asides.py``), books in two
columns (``columns.py``).

In a pair a box of nothing but code begins level with a paragraph that ends where the box begins. In
columns that is chance; a book of pairs has hardly any box of code with words beside it that begin
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Rect
from booktune_assets.books.rows import Row, into_rows

__all__ = ["Pairs", "rows_in_pairs"]

_ENOUGH = 5  # pairs, and
_MOST = 0.8  # of the boxes of code with words beside them
_LEVEL = 1.5  # type sizes between the first rows of both
_NEXT = 1.7  # type sizes between two rows of a paragraph
_BOXES = 200  # on a page; more are a drawing
_LINES = 600


@dataclass(slots=True)
class _Pair:
    """A box with its code, and the words beside it, by the numbers of their lines."""

    rect: Rect
    code: list[int]
    words: list[int]


class Pairs:
    """Counts over the pages of a book whether code stands beside words."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._level = self._off = 0

    def see(self, page: PageDrawn, gone: set[int]) -> None:
        """Look at a page but for the lines that are no text."""
        level, off = _pairs(page, gone, self._fonts)
        self._level += len(level)
        self._off += off

    def is_habit(self) -> bool:
        """Whether the book is set so."""
        return self._level >= max(_ENOUGH, _MOST * (self._level + self._off))


def rows_in_pairs(
    page: PageDrawn, *, fonts: Fonts, dropped: set[int], lay: Callable[..., list[Row]], paired: bool
) -> list[Row]:
    """The rows of a page as ``lay`` gives them, in a book of pairs words before their code."""
    pairs = _pairs(page, dropped, fonts)[0] if paired else []
    if not pairs:
        return lay(page, fonts=fonts, dropped=dropped)
    every = set(range(len(page.lines)))
    taken = {n for pair in pairs for n in (*pair.code, *pair.words)}
    rows = lay(page, fonts=fonts, dropped=dropped | taken)
    for pair in reversed(pairs):
        left = min(page.lines[n].box[0] for n in pair.words)
        columns = (left, pair.rect[0]), (pair.rect[0], pair.rect[2])
        made = [
            replace(row, column=column)
            for lines, column in zip((pair.words, pair.code), columns, strict=True)
            for row in into_rows(page, fonts, every - set(lines))
        ]  # fmt: skip
        top = page.lines[pair.words[0]].baseline
        at = next((n for n, row in enumerate(rows) if row.baseline > top), len(rows))
        rows[at:at] = made
    return rows


def _pairs(page: PageDrawn, gone: set[int], fonts: Fonts) -> tuple[list[_Pair], int]:
    """The pairs of a page from the top, and how many boxes of code have words beside them else."""
    if not page.boxes or len(page.boxes) > _BOXES or len(page.lines) > _LINES:
        return [], 0
    lines = sorted(
        ((n, line) for n, line in enumerate(page.lines) if n not in gone),
        key=lambda one: one[1].baseline,
    )
    found: list[_Pair] = []
    taken: set[int] = set()
    off = 0
    for rect in sorted({box.rect for box in page.boxes}, key=lambda rect: rect[1]):
        code, level, beside = _around(rect, lines, fonts)
        if not code or not beside or taken & {*code, *beside}:
            continue
        words = _paragraph(beside, rect, lines)
        first, top = page.lines[code[0]], page.lines[words[0]] if words else None
        size = fonts.body_size
        near = top is not None and abs(top.baseline - first.baseline) < _LEVEL * size
        if level == len(code) + len(beside) and near and not _goes_on(words, lines, size, rect):
            found.append(_Pair(rect, code, words))
            taken |= {*code, *words}
        else:
            off += 1
    return found, off


def _around(
    rect: Rect, lines: Sequence[tuple[int, Line]], fonts: Fonts
) -> tuple[list[int], int, list[int]]:
    """The code in a box that holds nothing else, how many lines are level, and the words beside."""
    x0, y0, x1, y1 = rect
    level = [(n, line) for n, line in lines if y0 < line.baseline < y1]
    inside = [(n, o) for n, o in level if x0 - 1 <= o.box[0] and o.box[2] <= x1 + 1]
    if any(fonts.words(run) for _, line in inside for run in line.runs):
        return [], 0, []
    beside = [(n, o) for n, o in level if o.box[2] <= x0 + 1]
    if not any(fonts.words(run) for _, line in beside for run in line.runs):
        return [], 0, []
    return [n for n, _ in inside], len(level), [n for n, _ in beside]


def _paragraph(
    beside: Sequence[int], rect: Rect, lines: Sequence[tuple[int, Line]]
) -> list[int]:  # fmt: skip
    """All lines left of a box from the first that is level with it, and those that go on below."""
    first = next(at for at, (n, _) in enumerate(lines) if n == beside[0])
    found: list[int] = []
    last = None
    for n, line in lines[first:]:
        if line.box[2] > rect[0] + 1:
            if line.baseline > rect[3]:
                break
            continue
        size = max(run.size for run in line.runs)
        if line.baseline > rect[3] and last is not None and line.baseline - last > _NEXT * size:
            break
        found.append(n)
        last = line.baseline
    return found


def _goes_on(
    words: Sequence[int], lines: Sequence[tuple[int, Line]], size: float, rect: Rect
) -> bool:
    """Whether the words are the rest of a paragraph that begins above the box."""
    at = next(at for at, (n, _) in enumerate(lines) if n == words[0])
    first = lines[at][1]
    before = next((line for _, line in reversed(lines[:at]) if line.box[0] < rect[0]), None)
    if before is None:
        return False
    near = 0 < first.baseline - before.baseline < _NEXT * size
    alike = before.runs[0].font == first.runs[0].font
    return near and alike and abs(before.box[0] - first.box[0]) < 1 and before.box[2] < rect[0]
