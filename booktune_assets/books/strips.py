"""Upright strips of a page that hardly any line crosses: what gutters are found among.

Belongs here: telling the strips from where lines begin and end. Does not: which of them is a gutter
(``columns.py several.py``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate

__all__ = ["CELL", "clear_strips"]

CELL = 2.0  # pt; the grid on which crossing lines are counted


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
