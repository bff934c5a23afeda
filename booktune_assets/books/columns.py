"""Columns of text: where the gutter of a page is, and its lines in the order of its columns.

Belongs here: two columns on a page or through a whole book. Does not: rows within a column
(``rows.py``), tables (``layout.py``).

A book in two columns has its gutter at one place on most pages, so that short lines of code or
lists, which leave no full lines to measure, do not hide it. A single page in two columns, such as
an index, has to prove itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from booktune_assets.books.bands import BandEdges, bands_at
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.several import Several, in_several
from booktune_assets.books.strips import CELL, ShortBook, clear_strips
from booktune_assets.books.widecode import ends_level, in_fonts, parting_code, size_of, wide_code

__all__ = ["Columns", "columns_on", "find_columns", "in_columns"]

Gutter = tuple[float, float]
Texts = Iterable[tuple[Sequence[Line], float]]
_SHIFT = 6.0  # pt between the gutters of odd and even pages that are two
_NARROWEST = 8.0  # pt; a narrower strip is a gap between words
_ENOUGH = 6  # lines on each side
_SPANNING = 0.9  # of the headings of a size, or of the code, have nothing beside them
_CODE = 12  # lines of code that show where it stands
_INDENT = 30.0  # pt by which paragraphs and code are set in from the edge of their column
_SOME = 3  # lines that begin at one place on a page
_LEVEL = 0.5  # pt between baselines that are one
_LARGER = 1.0  # pt that a title is larger than text
_TITLE = 3.0  # type sizes from its first row to its last


@dataclass(frozen=True, slots=True)
class Columns:
    """A book in two columns: its gutter, the type sizes of headings that span both, code that does.

    ``code`` holds the fonts of code, where no listing has text beside it; ``narrow`` those of fixed
    pitch, where listings have. ``parts``: where the right columns of pages begin that are in two
    columns in part; ``gutters``: of a book in more than two columns;
    ``sides``: those of even and of odd pages, where they stand elsewhere.
    """

    gutter: Gutter = (0.0, 0.0)
    spanning: frozenset[float] = frozenset()
    code: frozenset[str] = frozenset()
    narrow: frozenset[str] = frozenset()
    parts: tuple[float, ...] = ()
    gutters: tuple[float, ...] = ()
    sides: tuple[Columns, ...] = ()


def find_columns(
    pages: Sequence[PageDrawn], dropped: Mapping[int, set[int]], mono: Collection[str] = ()
) -> Columns | None:
    """The strip that stays empty on most pages of a book in two columns, or None.

    ``mono`` has the fonts of fixed pitch.
    """

    def texts(side: int | None = None) -> Iterator[tuple[list[Line], float]]:
        """Lines and width of page after page: a book is too much to hold at once."""
        for page in pages:
            if side is None or page.number % 2 == side:
                yield _kept(page, dropped), page.width

    bands, several, short = BandEdges(mono), Several(), ShortBook(mono)
    strips: list[tuple[int, Gutter | None]] = []
    for page in pages:
        lines = _kept(page, dropped)
        bands.see(lines)
        several.see(lines)
        if len(lines) >= 3 * _ENOUGH:
            strips.append((page.number % 2, short.see(lines, _strip(lines, page.width))))
    if more := several.gutters():
        return Columns(gutters=more)
    gutter = _usual([strip for _, strip in strips]) or short.gutter()
    even, odd = (_usual([strip for at, strip in strips if at == side]) for side in (0, 1))
    if even and odd and _elsewhere(even, odd):
        sides = (
            _throughout(partial(texts, side), one, mono) for side, one in ((0, even), (1, odd))
        )
        return Columns(sides=tuple(sides))
    if gutter is None:
        parts = bands.edges()
        return Columns(parts=parts) if parts else None
    return replace(_throughout(texts, gutter, mono), parts=bands.edges())


def _elsewhere(one: Gutter, two: Gutter) -> bool:
    """Whether two gutters have no strip in common; long rows only make one of them narrower."""
    return abs(sum(one) - sum(two)) > 2 * _SHIFT and (
        min(one[1], two[1]) - max(one[0], two[0]) < _NARROWEST
    )


def _kept(page: PageDrawn, dropped: Mapping[int, set[int]]) -> list[Line]:
    gone = dropped.get(page.number, set())
    return [line for n, line in enumerate(page.lines) if n not in gone]


def _throughout(texts: Callable[[], Texts], gutter: Gutter, mono: Collection[str]) -> Columns:
    code = _wide_code(texts, gutter, mono)
    return Columns(gutter, _spanning(texts, gutter), code, frozenset(() if code else mono))


def _wide_code(texts: Callable[[], Texts], gutter: Gutter, mono: Container[str]) -> frozenset[str]:
    """The fonts of the code, if it begins at the left, with nothing beside it, and some is wide.

    One long line of a narrow listing may cross the gutter, too; but others have text beside them.
    """
    seen = alone = across = 0
    fonts: set[str] = set()
    for lines, _ in texts():
        right = [
            (line.box[1] - 2, line.box[3] + 2) for line in lines
            if line.box[0] >= sum(gutter) / 2 and not in_fonts(line, mono)
        ]  # fmt: skip
        for line in lines:
            if not in_fonts(line, mono):
                continue
            seen += 1
            left = line.box[0] < gutter[0]
            level = any(top < line.baseline and line.box[1] < bottom for top, bottom in right)
            alone += left and not level
            across += left and line.box[2] > gutter[1]
            fonts.update(run.font for run in line.runs if not run.text.isspace())
    spans = seen >= _CODE and alone >= _SPANNING * seen and across > 0
    return frozenset(fonts) if spans else frozenset()


def _spanning(texts: Callable[[], Texts], gutter: Gutter) -> frozenset[float]:
    """Sizes of large type in the left column that never has text beside it in the right one."""
    sizes = Counter(size_of(line) for lines, _ in texts() for line in lines)
    body = sizes.most_common(1)[0][0]
    seen: Counter[float] = Counter()
    alone: Counter[float] = Counter()
    for lines, _ in texts():
        right = [line for line in lines if line.box[0] >= sum(gutter) / 2]
        for line in lines:
            size = size_of(line)
            if size < body + 2 or line.box[2] > gutter[1]:
                continue
            seen[size] += 1
            top, bottom = line.box[1] - 2, line.box[3] + 2
            alone[size] += not any(top < o.baseline and o.box[1] < bottom for o in right)
    return frozenset(
        size for size in seen if seen[size] >= 3 and alone[size] >= _SPANNING * seen[size]
    )


def _usual(looked: Sequence[Gutter | None]) -> Gutter | None:
    """The gutter that the pages of a book share, of those that are long enough to show one."""
    strips = [strip for strip in looked if strip is not None]
    if len(strips) < max(3, 0.5 * len(looked)):
        return None
    cells = Counter(
        cell for low, high in strips for cell in range(int(low / CELL), int(high / CELL) + 1)
    )
    best, votes = max(cells.items(), key=lambda item: (item[1], -item[0]))
    if votes < max(3, 0.45 * len(looked)):
        return None
    first = last = best
    while cells[first - 1] >= 0.9 * votes:
        first -= 1
    while cells[last + 1] >= 0.9 * votes:
        last += 1
    return first * CELL, (last + 1) * CELL


def _strip(lines: Sequence[Line], width: float) -> Gutter | None:
    """The widest strip in the middle of a page that hardly any line crosses, between real text."""
    left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    low, high = left + 0.35 * (right - left), left + 0.65 * (right - left)
    if right - left < 0.5 * width:
        return None
    cells = int((high - low) / CELL) + 1
    steps = [0] * (cells + 1)
    for line in lines:
        first = max(0, int((line.box[0] - low) / CELL) + 1)
        after = min(cells, math.ceil((line.box[2] - low) / CELL))
        if first < after:
            steps[first] += 1
            steps[after] -= 1
    found = clear_strips(steps[:cells], low, 0.04 * len(lines))
    for begin, end in sorted(found, key=lambda strip: strip[0] - strip[1]):
        if end - begin >= _NARROWEST and _beside(lines, begin, end):
            return begin, end
    return None


def _beside(lines: Sequence[Line], begin: float, end: float) -> bool:
    """Text of many lines on both sides at the same height, some of it wide."""
    ones = [line for line in lines if line.box[2] <= begin + CELL]
    others = [line for line in lines if line.box[0] >= end - CELL]
    if min(len(ones), len(others)) < _ENOUGH:
        return False
    tops = max(ones[0].baseline, others[0].baseline), min(ones[-1].baseline, others[-1].baseline)
    edges = Counter(round(line.box[0]) for line in others)
    aligned = edges.most_common(1)[0][1]
    wide = [
        max(line.box[2] - line.box[0] for line in side) / max(1.0, side_width)
        for side, side_width in (
            (ones, begin - min(line.box[0] for line in ones)),
            (others, max(line.box[2] for line in others) - end),
        )
    ]
    return tops[1] - tops[0] > 40 and aligned >= 0.25 * len(others) and min(wide) > 0.8


def columns_on(number: int, lines: Sequence[Line], usual: Columns | None) -> Columns | None:
    """The columns that a page of a book has; none where others of its pages have a part in two."""
    if usual is not None and usual.sides:
        return usual.sides[number % 2]
    if usual is None or usual.gutter[1] or usual.gutters:
        return usual
    return usual if bands_at(lines, usual.parts) else None


def in_columns(
    lines: Sequence[Line], usual: Columns | None = None
) -> list[tuple[list[Line], tuple[float, float]]]:
    """Groups of lines in reading order, each with the edges of its column, x in pt."""
    if not lines:
        return []
    left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    usual = usual or Columns()
    if usual.gutters:
        return in_several(lines, usual.gutters, (left, right))
    text = [line for line in lines if not in_fonts(line, usual.code)] if usual.code else lines
    gutter = _gutter(text, left, right)
    if usual.gutter[1]:
        low, high = usual.gutter
        middle = (low + high) / 2
        crossing = _crossing(text, middle)
        fits = left < low and right > high and crossing <= 0.3 * len(text)
        if fits and (gutter is None or crossing < _crossing(text, gutter)):
            gutter = middle
    if gutter is None and usual.parts:
        return _in_parts(lines, (left, right), usual.parts)
    return _divided(lines, gutter, (left, right), usual)


def _in_parts(
    lines: Sequence[Line], edges: tuple[float, float], starts: Sequence[float]
) -> list[tuple[list[Line], tuple[float, float]]]:
    """Groups of the lines of a page that is in two columns in part."""
    left, right = edges
    bands = bands_at(lines, starts)
    inside = {id(line) for band in bands for line in (*band.left, *band.right)}
    rest = [line for line in lines if id(line) not in inside]
    rest.sort(key=lambda line: (line.baseline, line.box[0]))
    groups: list[tuple[list[Line], tuple[float, float]]] = []
    for band in bands:
        top = min(band.left[0].baseline, band.right[0].baseline)
        groups.append(([line for line in rest if line.baseline < top], edges))
        rest = [line for line in rest if line.baseline >= top]
        groups += [(band.left, (left, band.edge)), (band.right, (band.edge, right))]
    return [group for group in (*groups, (rest, edges)) if group[0]]


def _crossing(lines: Sequence[Line], x: float) -> int:
    return sum(line.box[0] < x < line.box[2] for line in lines)


def _gutter(lines: Sequence[Line], left: float, right: float) -> float | None:
    """The x of a gutter between two columns of text, or None.

    Both sides must hold many lines, those of the right side begin at one edge, and hardly any line
    crosses. Tables fail the test on line widths: their cells are short.
    """
    wide = right - left
    if len(lines) < 16 or wide < 200:
        return None
    starts = Counter(
        round(line.box[0]) for line in lines
        if left + 0.35 * wide < line.box[0] < left + 0.7 * wide
    )  # fmt: skip
    if not starts:
        return None
    edge, aligned = starts.most_common(1)[0]
    edge = min(_outer(starts, edge), edge, key=lambda x: _crossing(lines, x - 3)) - 3
    ones = [line for line in lines if line.box[2] <= edge]
    others = [line for line in lines if line.box[0] >= edge]
    crossing = len(lines) - len(ones) - len(others)
    if min(len(ones), len(others)) < 6 or aligned < 0.4 * len(others):
        return None
    if crossing > 0.25 * len(lines):
        return None
    ends = sorted(line.box[2] for line in ones)
    if edge - ends[-1] > 0.2 * wide or edge + 3 - ends[int(0.95 * len(ends))] < 6:
        return None
    full = [line for line in ones if line.box[2] - line.box[0] > 0.7 * (edge - left)]
    full_other = [line for line in others if line.box[2] - line.box[0] > 0.7 * (right - edge)]
    if len(full) < 0.35 * len(ones) or len(full_other) < 0.35 * len(others):
        return None
    return edge


def _outer(starts: Counter[int], edge: int) -> int:
    """The edge of a column whose lines are mostly set in to ``edge``: paragraphs, code, entries."""
    return min(x for x in starts if x == edge or (edge - _INDENT < x < edge and starts[x] >= _SOME))


def _divided(
    lines: Sequence[Line],
    gutter: float | None,
    edges: tuple[float, float],
    usual: Columns,
) -> list[tuple[list[Line], tuple[float, float]]]:
    """Groups of lines in reading order, each with the edges of its column."""
    left, right = edges
    ordered = sorted(lines, key=lambda line: (line.baseline, line.box[0]))
    if gutter is None:
        return [(ordered, (left, right))]
    groups: list[tuple[list[Line], tuple[float, float]]] = []
    first: list[Line] = []
    second: list[Line] = []

    def flush() -> None:
        if first:
            groups.append((list(first), (left, gutter)))
        if second:
            groups.append((list(second), (gutter, right)))
        first.clear()
        second.clear()

    over, both = wide_code(ordered, gutter, usual.gutter[1], usual.narrow)
    spans = _parting(ordered, gutter)
    both |= parting_code(ordered, gutter, usual.narrow)
    wide: list[Line] = []  # the code over both columns that was seen last
    for line in ordered:
        if id(line) in both or (usual.code and in_fonts(line, usual.code)):
            if first or second or not wide:
                flush()
                wide = []
                groups.append((wide, (left, right)))
            wide.append(line)
        elif id(line) in over:
            first.append(line)
        elif line.box[0] < gutter < line.box[2] or id(line) in spans or (
            line.box[2] <= gutter and size_of(line) in usual.spanning
        ):  # fmt: skip
            row = [*_pulled(first, line), line]
            flush()
            wide = []
            _across(groups, row, (left, right))
        else:
            (first if line.box[2] <= gutter + 1 else second).append(line)
    flush()
    return groups


def _parting(ordered: Sequence[Line], gutter: float) -> set[int]:
    """Titles in the left column, by id, at which both columns end and begin again at one height.

    They are larger than text, or in a bold face and no smaller.
    """
    body = Counter(map(size_of, ordered)).most_common(1)[0][0]
    left = [line for line in ordered if line.box[2] <= gutter + 1]
    right = [line.baseline for line in ordered if line.box[0] >= gutter]
    found: set[int] = set()
    for n, line in enumerate(left):
        size = size_of(line)
        least = body if _is_bold(line) else body + _LARGER
        if not n or size < least or _alike(left[n - 1], line):
            continue
        end = n + 1
        while end < len(left) and _alike(left[end], line):
            end += 1
        level = ends_level(left, n, end, right, body)
        if level and left[end - 1].baseline - line.baseline < _TITLE * size:
            found.update(map(id, left[n:end]))
    return found


def _alike(line: Line, title: Line) -> bool:
    return size_of(line) == size_of(title) and _is_bold(line) == _is_bold(title)


def _is_bold(line: Line) -> bool:
    return all(run.bold for run in line.runs if not run.text.isspace())


def _pulled(column: list[Line], line: Line) -> list[Line]:
    """What stands left on the row of a line over both columns, no longer in its column."""
    level = [one for one in column if abs(one.baseline - line.baseline) < _LEVEL]
    column[:] = [one for one in column if one not in level]
    return level


def _across(
    groups: list[tuple[list[Line], tuple[float, float]]], row: list[Line],
    edges: tuple[float, float],
) -> None:  # fmt: skip
    """Add a row over both columns, behind the number of a title, if that stands before it."""
    if groups and abs(groups[-1][0][-1].baseline - row[-1].baseline) < _LEVEL:
        groups[-1][0].extend(row)
    else:
        groups.append((row, edges))
