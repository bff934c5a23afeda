"""Recognised rows that are code by what begins and ends them, and the numbers beside them.

Belongs here: rows from ``def … do`` to the ``end`` below it, columns of numbers left of code. Does
not: columns of characters in single rows (``recognised.py``), rows by their neighbours
(``rowsnear.py``).

A short listing has no row that is long enough to tell fixed pitch. But prose is never set in below
a row that ends in "do", up to a lone "end" at the edge of that row; where the words in between
stand in columns, too, all of it is code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Protocol

from booktune_assets.books.rowsnear import exact_column

__all__ = ["beside_code", "counted", "enclosed", "width_of"]

_OPENS = re.compile(
    r"(?:def(?:module|p|macrop?|impl|protocol)?|test|describe|case|if|unless|receive|cond|quote)\b"
    r"(?:.*\s)?do$"
)
_EDGE, _DEEPER = 0.5, 0.6  # type sizes: edges that are one; rows between are set in by more
_NEXT = 3.4  # type sizes to the next row, with a blank line between
_CUT = 3  # words of a part of a row
_ROWS, _LEAST = 80, 3  # of such a listing
_LONG, _SIDES = 6, 0.3  # letters that tell a width; of a column, which the ink of a word lacks
_OFF = 0.05  # so far around it the exact one is looked for
_ON_GRID, _MOST = 0.22, 0.75  # of a column; of the words
_FREE = -0.5, 1.4  # columns that the ink of a word leaves free
_NUMBERS, _DIGITS = 5, 3  # that make a column of them; of one number
_RIGHT = 0.75  # of them are read as what they have to be


class _Word(Protocol):
    text: str
    x0: float
    x1: float
    base: float
    size: float


_Line = Sequence[_Word]


def counted(lines: Sequence[_Line]) -> list[dict[int, int]]:
    """Numbers that may be those of rows: each column of them that counts by one, by line.

    Recognition misreads some of them; what the others say tells what they are.
    """
    alone = [
        n for n, line in enumerate(lines) if len(line) == 1 and len(line[0].text) <= _DIGITS
        and any(_level(line, other) and other[0].x0 > line[0].x1 for other in lines[n + 1 : n + 3])
    ]  # fmt: skip
    columns: list[list[int]] = []
    for n, line in enumerate(lines):
        if len(line) > 1 or len(line[0].text) > _DIGITS or not (n in alone or _is_count(line)):
            continue
        last = lines[columns[-1][-1]] if columns else None
        if last is not None and _is_below(last, line):
            columns[-1].append(n)
        else:
            columns.append([n])
    found: list[dict[int, int]] = []
    for column in columns:
        firsts = [
            int(lines[n][0].text) - place for place, n in enumerate(column) if _is_count(lines[n])
        ]
        first = max(firsts, key=firsts.count, default=0)
        beside = sum(n in alone for n in column)
        if firsts.count(first) >= max(_NUMBERS, _RIGHT * len(column)) and 2 * beside > len(column):
            found.append({n: first + place for place, n in enumerate(column)})
    return found


def beside_code(
    lines: Sequence[_Line], columns: Sequence[Mapping[int, int]], code: set[int]
) -> dict[int, int]:
    """The numbers of those columns that stand beside code; others may be the cells of a table."""
    found: dict[int, int] = {}
    for column in columns:
        coded = sum(any(_level(lines[n], lines[row]) for row in code) for n in column)
        if 2 * coded > len(column):
            found |= column
    return found


def _is_count(line: _Line) -> bool:
    return line[0].text.isascii() and line[0].text.isdigit()


def _level(one: _Line, two: _Line) -> bool:
    return abs(one[0].base - two[0].base) < 0.3 * max(_size(one), _size(two))


def _is_below(above: _Line, line: _Line) -> bool:
    """Whether a number stands below another, at the edge of its last digit."""
    size = max(_size(above), _size(line))
    flush = abs(above[0].x1 - line[0].x1) < _EDGE * size
    return flush and 0 < line[0].base - above[0].base < _NEXT * size


def enclosed(lines: Sequence[_Line], columns: Sequence[Mapping[int, int]]) -> set[int]:
    """The lines of a page that stand between a ``do`` and its ``end`` and are set in columns."""
    found: set[int] = set()
    counts = {n for column in columns for n in column}
    for n, line in enumerate(lines):
        if n in found or n in counts or not _OPENS.match(_said(line)):
            continue
        rows = _down_to_end(n, lines, counts)
        if len(rows) >= _LEAST and _in_columns([lines[row] for row in rows]):
            found.update(rows)
    return found


def _down_to_end(start: int, lines: Sequence[_Line], counts: set[int]) -> list[int]:
    """The lines from one to the lone ``end`` below it; none where something else comes first."""
    opens, rows = lines[start], [start]
    size = _size(opens)
    for n in range(start + 1, min(len(lines), start + _ROWS)):
        if n in counts:
            continue
        line, gap = lines[n], lines[n][0].base - lines[rows[-1]][0].base
        in_by = line[0].x0 - opens[0].x0
        same = abs(gap) < _EDGE * size  # cut at a wide gap, or a remark in the margin
        if not -_EDGE * size < gap < _NEXT * size or (same and len(line) > _CUT):
            break
        rows.append(n)
        if abs(in_by) < _EDGE * size and _said(line) == "end":
            return rows
        if in_by < _DEEPER * size:
            break
    return []


def width_of(rows: Sequence[_Line]) -> float | None:
    """The width of a column in rows of code; None where no word is long enough to tell."""
    told = [
        (word.x1 - word.x0) / (len(word.text) - _SIDES)
        for line in rows for word in line if len(word.text) >= _LONG
    ]  # fmt: skip
    return exact_column(rows, median(told), _OFF) if told else None


def _in_columns(rows: Sequence[_Line]) -> bool:
    """Whether the words of rows stand in columns of one width, and are as wide as these."""
    step = width_of(rows)
    rest = [(word.x0 - line[0].x0) for line in rows for word in line[1:]]
    if step is None or not rest:
        return False
    on_grid = sum(abs(x / step - round(x / step)) < _ON_GRID for x in rest)
    words = [word for line in rows for word in line]
    free = (len(word.text) - (word.x1 - word.x0) / step for word in words)
    wide = sum(_FREE[0] < columns < _FREE[1] for columns in free)
    return on_grid >= _MOST * len(rest) and wide >= _MOST * len(words)


def _said(line: _Line) -> str:
    return " ".join(word.text for word in line)


def _size(line: _Line) -> float:
    return float(median(word.size for word in line))
