"""Upright strips of a page that hardly any line crosses: what gutters are found among.

Belongs here: telling the strips from where lines begin and end, and those of a book of a page or
two. Does not: which of them is the gutter of a longer book (``columns.py several.py``).
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from itertools import accumulate

from booktune_assets.books.glyphs import Line

__all__ = ["CELL", "ShortBook", "clear_strips"]

CELL = 2.0  # pt; the grid on which crossing lines are counted
_SHORT = 3  # pages that show a habit: a shorter book has none
_CODE = 6  # lines of code on each side of a gutter
_NARROWEST = 8.0  # pt


def clear_strips(steps: Sequence[int], low: float, most: float) -> Iterator[tuple[float, float]]:
    """From where to where, pt, at most ``most`` lines cross.

    ``steps`` has for each cell right of ``low`` how many lines begin less how many end there.
    """
    begin: float | None = None
    for cell, crossed in enumerate([*accumulate(steps), math.inf]):
        x = low + cell * CELL
        if crossed <= most:
            begin = x if begin is None else begin
        elif begin is not None:
            yield begin, x
            begin = None


class ShortBook:
    """The strips of a book of a page or two, which has no habit: rows of text and code that are
    level may be those of a table. Much code on both sides of a strip of each page says columns.
    """

    def __init__(self, mono: Container[str]) -> None:
        self._mono = mono
        self._strips: list[tuple[float, float] | None] = []

    def see(
        self, lines: Sequence[Line], strip: tuple[float, float] | None
    ) -> tuple[float, float] | None:  # fmt: skip
        """Look at the next page and its strip, which is given back."""
        if len(self._strips) < _SHORT:
            coded = strip is not None and self._coded(lines, strip)
            self._strips.append(strip if coded else None)
        return strip

    def gutter(self) -> tuple[float, float] | None:
        """What the strips of all pages share."""
        if not 0 < len(self._strips) < _SHORT:
            return None
        low = max(strip[0] if strip else math.inf for strip in self._strips)
        high = min(strip[1] if strip else 0.0 for strip in self._strips)
        return (low, high) if high - low >= _NARROWEST else None

    def _coded(self, lines: Sequence[Line], strip: tuple[float, float]) -> bool:
        code = [
            line for line in lines
            if all(run.font in self._mono for run in line.runs if not run.text.isspace())
        ]  # fmt: skip
        left = sum(line.box[2] <= strip[0] + CELL for line in code)
        return min(left, sum(line.box[0] >= strip[1] - CELL for line in code)) >= _CODE
