"""Listings side by side, each in its box: read one after the other, not across.

Belongs here: which boxes of code stand abreast, and their rows. Does not: boxes beside prose
(``asides.py``), columns of a whole page (``columns.py``), cells of a table, which touch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from booktune_assets.books import asides
from booktune_assets.books.columns import Columns
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Rect
from booktune_assets.books.rows import Row, into_rows

__all__ = ["rows_of"]

_LINES = 2  # with letters in each box, or
_WIDE = 0.3  # of the text's width: ground behind single words is narrow
_APART = 2.0  # pt between boxes; those of a table or of a column of numbers touch
_LEVEL = 0.5  # of the lower box stands level with the other
_MOST = 300  # boxes of code on a page; more are a drawing

Held = tuple[Rect, set[int]]


def rows_of(page: PageDrawn, fonts: Fonts, dropped: set[int], usual: Columns | None) -> list[Row]:
    """The rows of a page in reading order; boxes of code that stand abreast from left to right."""
    groups = _groups(page, fonts, dropped) if usual is None else []
    inside = set[int]().union(*(lines for group in groups for _, lines in group))
    rows = asides.rows_of(page, fonts, dropped | inside, usual)
    every = set(range(len(page.lines)))
    edges = [line.box for n, line in enumerate(page.lines) if n not in dropped]
    for group in groups:
        top = min(rect[1] for rect, _ in group)
        # they are no columns: code does not go on from one into the next
        column = min(box[0] for box in edges), max(box[2] for box in edges)
        made = [
            replace(row, column=column)
            for _, lines in group for row in into_rows(page, fonts, every - lines)
        ]  # fmt: skip
        at = next((n for n, row in enumerate(rows) if row.baseline > top), len(rows))
        rows[at:at] = made
    return rows


def _groups(page: PageDrawn, fonts: Fonts, dropped: set[int]) -> list[list[Held]]:
    """Boxes of code abreast, from the last on the page to the first, with their lines."""
    kept = {n: line for n, line in enumerate(page.lines) if n not in dropped}
    rects = dict.fromkeys(box.rect for box in page.boxes)
    wide = _WIDE * (
        max((line.box[2] for line in kept.values()), default=0.0)
        - min((line.box[0] for line in kept.values()), default=0.0)
    )
    held = [(rect, lines) for rect in rects if (lines := _code_in(rect, kept, fonts, wide))]
    groups: list[list[Held]] = []
    taken: set[int] = set()
    across = sorted(held if len(held) <= _MOST else (), key=lambda one: one[0][0])
    for first in sorted(across, key=lambda one: (one[0][1], one[0][0])):
        group = [first]
        for other in across:
            if all(_abreast(one[0], other[0]) for one in group):
                group.append(other)
        lines = set[int]().union(*(lines for _, lines in group))
        low, high = min(rect[1] for rect, _ in group), max(rect[3] for rect, _ in group)
        level = {n for n, line in kept.items() if low < line.baseline < high}
        if len(group) > 1 and level == lines and not lines & taken:
            taken |= lines
            groups.append(sorted(group, key=lambda one: one[0][0]))
    return groups[::-1]


def _code_in(rect: Rect, lines: dict[int, Line], fonts: Fonts, wide: float) -> set[int]:
    """The lines in a box, if it holds nothing but some rows of code."""
    x0, y0, x1, y1 = rect
    level = [(n, line) for n, line in lines.items() if y0 < line.baseline < y1]
    inside = [(n, o) for n, o in level if x0 - 1 <= o.box[0] and o.box[2] <= x1 + 1]
    if not all(_is_code(line, fonts) for _, line in inside):
        return set()
    worded = {round(line.baseline) for _, line in inside if any(map(str.isalpha, line.text))}
    enough = len(worded) >= _LINES or (worded and x1 - x0 >= wide)
    return {n for n, _ in inside} if enough else set()


def _is_code(line: Line, fonts: Fonts) -> bool:
    runs = [run for run in line.runs if not run.text.isspace()]
    return not any(map(fonts.words, runs))


def _abreast(one: Sequence[float], other: Sequence[float]) -> bool:
    apart = max(one[0], other[0]) - min(one[2], other[2])
    level = min(one[3], other[3]) - max(one[1], other[1])
    return apart >= _APART and level >= _LEVEL * min(one[3] - one[1], other[3] - other[1])
