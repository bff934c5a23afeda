"""Where rows of a PDF stand, and in what type: the place of a piece, with the font that it is in.

Belongs here: the box and the type of some rows or lines. Does not: what follows from them
(``layout.py headings.py``).

A book has thousands of places, few types and few edges of columns: equal ones are one object.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from booktune_assets.books.blocks import Block, Face, Place, inked
from booktune_assets.books.fonts import CODED, WORDS, Fonts
from booktune_assets.books.glyphs import Line, Rect
from booktune_assets.books.rows import Row

__all__ = ["face_of", "face_of_lines", "place_of", "rounded", "running_head"]


def place_of(start: int, end: int, rows: Sequence[Row]) -> Place:
    """The place of rows of one page, which are ``text[start:end]`` of their block."""
    box = (
        min(row.box[0] for row in rows), min(row.box[1] for row in rows),
        max(row.box[2] for row in rows), max(row.box[3] for row in rows),
    )  # fmt: skip
    return Place(start, end, page=rows[0].page, box=rounded(box), face=_face(rows))


def face_of(row: Row) -> Face:
    """The type of a row."""
    return _kept(_named(row.font), round(row.size, 1), row.bold, row.mono)


def _face(rows: Sequence[Row]) -> Face:
    """The type that most of the letters of some rows are set in, row by row."""
    weights: Counter[tuple[str, float, bool, bool]] = Counter()
    for row in rows:  # a Face for each would take longer
        weights[_named(row.font), round(row.size, 1), row.bold, row.mono] += len(row.text)
    return _kept(*weights.most_common(1)[0][0])


@lru_cache(maxsize=256)
def _kept(font: str, size: float, bold: bool, mono: bool) -> Face:
    return Face(font, size, bold=bold, mono=mono)


def face_of_lines(lines: Sequence[Line], fonts: Fonts) -> Face | None:
    """The type that most of the letters of some lines are set in; None without a letter."""
    weights: Counter[Face] = Counter()
    for line in lines:
        for run in line.runs:
            mono = run.font in fonts.advance
            face = _kept(_named(run.font), round(run.size, 1), run.bold, mono)
            weights[face] += inked(run.text)
    return max(weights, key=lambda face: weights[face]) if weights.total() else None


def running_head(page: int, line: Line, fonts: Fonts) -> Block | None:
    """The block of a line that is no text of the book; None for one without a letter."""
    text = " ".join(line.text.split())
    place = Place(0, len(text), page=page, box=rounded(line.box), face=face_of_lines([line], fonts))
    return Block("running_head", text, places=[place]) if text else None


def _named(font: str) -> str:
    """The name of a font as the file has it, without what a pass over the book noted behind it."""
    return font.removesuffix(CODED).removesuffix(WORDS)


def rounded(box: Rect) -> Rect:
    """A box in hundredths of a point."""
    return _hundredths(box[0]), round(box[1], 2), _hundredths(box[2]), round(box[3], 2)


@lru_cache(maxsize=1024)
def _hundredths(edge: float) -> float:
    return round(edge, 2)
