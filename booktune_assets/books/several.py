"""Books in three columns or four: their gutters, and their lines in the order of the columns.

Belongs here: pages that equal strips without ink part into more than two columns of text. Does not:
two columns (``columns.py bands.py``), tables (``grids.py``).

Hardly any line of such a page is wider than a column; its columns are equally wide, begin with many
lines at one edge, and stand at the same place on page after page. Columns of a table are not equal.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from booktune_assets.books.glyphs import Line
from booktune_assets.books.strips import CELL, clear_strips

__all__ = ["Several", "in_several"]

Group = tuple[list[Line], tuple[float, float]]
_GUTTER = 6.0  # pt
_ENOUGH = 8  # lines of each column
_WIDE, _FEW = 0.42, 0.15  # of the width of the text: so few lines of it are wider
_CROSS = 0.04  # of the lines may cross a gutter
_EQUAL = 0.06  # of the distance between columns, by which such distances differ
_CLEAR = 2.5  # pt left of the lines of a column
_COLUMNS = (3, 4)
_ALIGNED = 0.12  # of the lines of a column begin at its edge
_FULL, _FILL = 0.1, 0.75  # of its lines fill so much of it
_PAGES, _SHARE = 3, 0.5  # pages that have them; of those with text
_LEVEL = 0.5  # pt between baselines that are one


class Several:
    """The gutters of a book in three columns or four, page after page."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[int, ...]] = Counter()
        self._looked = 0

    def see(self, lines: Sequence[Line]) -> None:
        """Look at the lines of a page."""
        if len(lines) < 3 * _ENOUGH:
            return
        self._looked += 1
        if found := _gutters(lines):
            self._seen[tuple(round(x / 4) for x in found)] += 1

    def gutters(self) -> tuple[float, ...]:
        """Where columns begin, from the second on, x in pt; none in a book without as many."""
        best = max(self._seen, key=self._near, default=())
        if not best or self._near(best) < max(_PAGES, _SHARE * self._looked):
            return ()
        return tuple(4.0 * x for x in best)

    def _near(self, found: tuple[int, ...]) -> int:
        return sum(
            count for other, count in self._seen.items()
            if len(other) == len(found)
            and all(abs(x - y) < 2 for x, y in zip(found, other, strict=True))
        )  # fmt: skip


def _gutters(lines: Sequence[Line]) -> list[float]:
    """Where the columns of text begin, from the second on, into which equal strips part a page."""
    left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    wide = right - left
    if sum(line.box[2] - line.box[0] > _WIDE * wide for line in lines) > _FEW * len(lines):
        return []
    strips = list(_strips(lines, left, right))
    for count in _COLUMNS:
        near = [
            [one for one in strips if abs(sum(one) / 2 - left - wide * n / count) < 0.08 * wide]
            for n in range(1, count)
        ]
        if not all(near):
            continue
        chosen = [max(ones, key=lambda one: one[1] - one[0]) for ones in near]
        edges = [(left, chosen[0][0]), *((one[1], two[0]) for one, two in pairwise(chosen)),
                 (chosen[-1][1], right)]  # fmt: skip
        if _equal([start for start, _ in edges]) and all(_is_text(lines, *one) for one in edges):
            return [high - _CLEAR for _, high in chosen]
    return []


def _strips(lines: Sequence[Line], left: float, right: float) -> Iterator[tuple[float, float]]:
    """The upright strips within a page that hardly any line crosses."""
    cells = int((right - left) / CELL) + 1
    steps = [0] * (cells + 1)
    for line in lines:
        steps[max(0, int((line.box[0] - left) / CELL))] += 1
        steps[min(cells, math.ceil((line.box[2] - left) / CELL))] -= 1
    for begin, end in clear_strips(steps[:cells], left, _CROSS * len(lines)):
        if end - begin >= _GUTTER:
            yield begin, end


def _equal(starts: Sequence[float]) -> bool:
    """Whether columns begin at equal distances; where ragged ones end says nothing."""
    steps = [two - one for one, two in pairwise(starts)]
    return max(steps) - min(steps) <= _EQUAL * max(steps)


def _is_text(lines: Sequence[Line], left: float, right: float) -> bool:
    """Whether many lines between two edges begin at the first, and some fill the room."""
    own = [line for line in lines if left - CELL <= line.box[0] and line.box[2] <= right + CELL]
    aligned = sum(line.box[0] < left + 2 * CELL for line in own)
    full = sum(line.box[2] - line.box[0] > _FILL * (right - left) for line in own)
    return len(own) >= _ENOUGH and aligned >= _ALIGNED * len(own) and full >= _FULL * len(own)


def in_several(
    lines: Sequence[Line], gutters: Sequence[float], edges: tuple[float, float]
) -> list[Group]:
    """Groups of the lines of a page in reading order, each with the edges of its column."""
    bounds = [edges[0], *gutters, edges[1]]
    groups: list[Group] = []
    columns: list[list[Line]] = [[] for _ in bounds[1:]]

    def flush() -> None:
        for number, column in enumerate(columns):
            if column:
                groups.append((list(column), (bounds[number], bounds[number + 1])))
                column.clear()

    for line in sorted(lines, key=lambda line: (line.baseline, line.box[0])):
        if any(line.box[0] < x < line.box[2] for x in gutters):
            level = [one for one in columns[0] if abs(one.baseline - line.baseline) < _LEVEL]
            columns[0] = [one for one in columns[0] if one not in level]
            flush()
            groups.append(([*level, line], edges))
        else:
            columns[sum(x <= line.box[0] for x in gutters)].append(line)
    flush()
    return groups
