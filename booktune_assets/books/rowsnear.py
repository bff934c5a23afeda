"""Recognised rows that are code by the rows at which they stand.

Belongs here: the distance of rows of code, the columns that they share. Does not: rows that tell
it alone (``recognised.py``).

Recognition reads words and misreads signs: a prompt becomes noise, the border of a box a letter,
and what is left of a row has not the width of its columns. But its words stand where those of the
row above do, or whole columns from there, and a row's distance below it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Protocol

__all__ = ["exact_column", "spread_code"]

_ENOUGH = 6  # distances of rows of code that tell the usual one
_PITCH, _SAME = 0.2, 0.3  # of it: a box ends where its letters do; within one row
_TRIED, _OFF = 30, 0.025  # widths of a column, so far around the one that is known
_LONG = 3  # words that tell a width
_ON_GRID, _MOST = 0.2, 0.75  # of a column; of the words behind the first one
_EDGE = 0.75  # columns left of the rows of a listing; the border of a box may be read as a letter
_LOOK = 2  # rows are parted at wide gaps
_ROUNDS = 12  # rows that follow each other without one that tells alone


class _Word(Protocol):
    text: str
    x0: float
    x1: float
    base: float


_Line = Sequence[_Word]


def spread_code(
    pages: Mapping[int, Sequence[_Line]], found: Mapping[int, list[bool]], step: float
) -> None:
    """Note in ``found`` the rows that are code by their neighbours; ``step`` is about a column."""
    gaps = [
        gap for page, lines in pages.items()
        for (one, above), (two, below) in pairwise(zip(found[page], lines, strict=True))
        if one and two and 0 < (gap := below[0].base - above[0].base) < 5 * step
    ]  # fmt: skip
    if len(gaps) < _ENOUGH:
        return
    pitch = median(gaps)
    told = [
        line for page, lines in pages.items()
        for one, line in zip(found[page], lines, strict=True) if one and len(line) >= _LONG
    ]  # fmt: skip
    step = exact_column(told, step)
    for page, lines in pages.items():
        edges = [
            line[0].x0 if one else None for one, line in zip(found[page], lines, strict=True)
        ]  # fmt: skip
        for _ in range(_ROUNDS):
            new = {
                n: edge for n, line in enumerate(lines)
                if edges[n] is None and (edge := _edge_at(line, lines, edges, n, pitch, step))
            }  # fmt: skip
            for number, edge in new.items():
                edges[number], found[page][number] = edge, True
            if not new:
                break


def _edge_at(
    line: _Line, lines: Sequence[_Line], edges: Sequence[float | None], n: int, pitch: float,
    step: float,
) -> float | None:  # fmt: skip
    """Where the listing begins that a row belongs to by its neighbours; None: to none."""
    same = above = below = False
    beside: list[float] = []
    for m in range(max(0, n - _LOOK), min(len(lines), n + _LOOK + 1)):
        edge, far = edges[m], abs(lines[m][0].base - line[0].base)
        row = far < _SAME * pitch
        if edge is not None and (row or abs(far - pitch) < _PITCH * pitch):
            beside.append(edge)
            same, above, below = same or row, above or m < n, below or m > n
    if not beside or line[0].x0 < min(beside) - _EDGE * step:
        return None
    edge = min(beside)
    share = _share(line, edge, step)
    if len(line) < _LONG:
        return edge if same or (above and below) or share == 1 else None
    return edge if share >= _MOST else None


def _share(line: _Line, edge: float, step: float) -> float:
    """The part of the words of a row, behind the first, that stand whole columns from an edge."""
    rest = line[1:] or line
    columns = ((word.x0 - edge) / step for word in rest)
    return sum(abs(one - round(one)) < _ON_GRID for one in columns) / len(rest)


def exact_column(lines: Sequence[_Line], about: float, off: float = _OFF) -> float:
    """The width of a column on which the words of rows of code stand best."""
    far = [word.x0 - line[0].x0 for line in lines for word in line[1:]]
    widths = [about * (1 + off * n / _TRIED) for n in range(-_TRIED, _TRIED + 1)]
    return max(widths, key=lambda wide: sum(math.cos(2 * math.pi * x / wide) for x in far))
