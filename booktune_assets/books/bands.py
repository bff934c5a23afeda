"""Columns of two that fill a part of a page: a section in two columns between wide text.

Belongs here: from where to where on a page two columns stand beside each other, and whether a book
has such parts. Does not: books in two columns throughout (``columns.py``), tables (``grids.py``).

A part of two columns is a run of lines none of which crosses the place where the right column
begins, with words that fill both sides. The rows of a table leave the same room in all columns;
columns of text do so by chance. A page alone proves little: three of the book show one edge, or it
has many rows of words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from booktune_assets.books.glyphs import Line

__all__ = ["Band", "BandEdges", "bands_at"]

_MIDDLE = (0.35, 0.7)  # of the width of the text: where a right column begins
_ENOUGH = 6  # lines on each side that prove a part of two columns, on three pages
_PAGES = 3
_SURE = 12  # rows of words on each side that prove it on one page
_FEW = 2  # lines on each side of a part, where the book has shown its edge
_ALIGNED, _FULL = 0.4, 0.35  # of the lines: begin at the edge; fill their column
_WIDE = 0.7  # of its column, that a line fills
_GUTTER = 5.0  # pt that stay free between the columns
_INDENT = 30.0  # pt by which lines are set in from their column
_NEAR = 1.5  # pt between edges that are one
_STRIP = 0.7  # type sizes without any ink; so many of them for each line are a table
_STRIPS = 12
_LARGER = 1.5  # pt above the size of most lines: a title
_NEXT = 2.2  # type sizes: a wider gap ends the left column
_EDGES = 3  # that are tried on a page


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a page in two columns, with the lines of both."""

    edge: float
    left: list[Line]
    right: list[Line]


class BandEdges:
    """Where the right columns of such parts begin; ``mono`` are the fonts of fixed pitch."""

    def __init__(self, mono: Collection[str]) -> None:
        self._mono = mono
        self._seen: Counter[int] = Counter()

    def see(self, lines: Sequence[Line]) -> None:
        """Look at the lines of a page."""
        for edge, sure in _proven(lines, self._mono):
            self._seen[edge] += _PAGES if sure else 1

    def edges(self) -> tuple[float, ...]:
        """The edges, x in pt, the commonest first; none where the book has no such parts."""
        found: list[float] = []
        for edge, _ in self._seen.most_common():
            votes = sum(self._seen[edge + off] for off in (-1, 0, 1))
            if votes >= _PAGES and all(abs(edge - other) > 2 * _NEAR for other in found):
                found.append(float(edge))
        return tuple(found[:_EDGES])


def _proven(lines: Sequence[Line], mono: Collection[str]) -> Iterator[tuple[int, bool]]:
    """The edges at which a page shows a part of two columns, and whether it alone proves it."""
    if len(lines) < 2 * _ENOUGH:
        return
    left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    low, high = (left + share * (right - left) for share in _MIDDLE)
    starts = Counter(round(line.box[0]) for line in lines if low < line.box[0] < high)
    for edge, count in starts.most_common(_EDGES):
        if count < _ENOUGH:
            return
        found = [
            rows for band in bands_at(lines, (float(edge),))
            if (rows := _rows_of_text(band, left, right, mono))
        ]  # fmt: skip
        if found:
            yield edge, max(found) >= _SURE


def _rows_of_text(band: Band, left: float, right: float, mono: Collection[str]) -> int:
    """How many rows of words the shorter side has; 0 where it is a table or no column of words."""
    rows: list[int] = []
    for lines, wide in ((band.left, band.edge - left), (band.right, right - band.edge)):
        words = [line for line in lines if not all(run.font in mono for run in line.runs)]
        full = sum(line.box[2] - line.box[0] > _WIDE * wide for line in words)
        rows.append(len(words))
        if len(words) < _ENOUGH or full < _FULL * len(words):
            return 0
    aligned = sum(abs(line.box[0] - band.edge) < _NEAR for line in band.right)
    both = [*band.left, *band.right]
    texts = aligned >= _ALIGNED * len(band.right) and _strips(both) <= 1 + len(both) / _STRIPS
    return min(rows) if texts else 0


def _strips(lines: Sequence[Line]) -> int:
    """How often no ink is level between two lines that follow each other."""
    first, *others = sorted(lines, key=lambda line: line.box[1])
    found, reached = 0, first.box[3]
    for line in others:
        found += line.box[1] - reached > _STRIP * line.size
        reached = max(reached, line.box[3])
    return found


def bands_at(lines: Sequence[Line], edges: Iterable[float]) -> list[Band]:
    """The parts of a page in two columns whose right one begins at one of some edges, from top."""
    ordered = sorted(lines, key=lambda line: (line.baseline, line.box[0]))
    usual = Counter(round(line.size, 1) for line in ordered).most_common(1)
    large = usual[0][0] + _LARGER if usual else 0.0
    found: list[Band] = []
    for edge in edges:
        run: list[Line] = []
        for line in [*ordered, None]:
            over = line is None or _crosses(line, edge) or _titles(line, ordered, edge, large)
            if line is not None and not over:
                run.append(line)
                continue
            if (band := _band(run, edge)) is not None:
                found.append(band)
            run = []
        if found:
            break
    return found


def _crosses(line: Line, edge: float) -> bool:
    return line.box[0] < edge - _NEAR and line.box[2] > edge - _GUTTER


def _titles(line: Line, lines: Sequence[Line], edge: float, large: float) -> bool:
    """Whether a line at the left in large type has nothing beside it, as a title over both has."""
    if line.box[0] >= edge - _NEAR or line.size < large:
        return False
    room = large - _LARGER
    top, bottom = line.box[1] - room, line.box[3] + room
    return not any(
        one.box[0] >= edge - _NEAR and top < one.baseline and one.box[1] < bottom for one in lines
    )


def _band(run: Sequence[Line], edge: float) -> Band | None:
    """The two columns in a run of lines that do not cross an edge; what is above them is none."""
    right = [line for line in run if line.box[0] >= edge - _NEAR]
    if len(right) < _FEW or not any(abs(line.box[0] - edge) < _NEAR for line in right):
        return None
    if right[0].box[0] > edge + 2 * _INDENT:
        return None
    top, bottom = right[0].box[1], right[-1].box[3]
    left: list[Line] = []
    for line in run:
        size = line.size
        if line.box[0] >= edge - _NEAR or line.box[3] < top - size:
            continue
        if line.box[1] > bottom and left and line.baseline - left[-1].baseline > _NEXT * size:
            break
        left.append(line)
    start = min((line.box[0] for line in left), default=0.0)
    wide = any(line.box[2] - line.box[0] > _WIDE * (edge - start) for line in left)
    return Band(edge, left, right) if len(left) >= _FEW and wide else None
