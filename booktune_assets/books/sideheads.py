"""Titles in the margin, left of the text that they begin: bold, and beside its first row.

Belongs here: where the text of a book begins on odd and even pages, which lines stand left of
it, their place in reading order. Does not: columns of text (``columns.py``), boxes (``asides.py
abreast.py``), whether such a row is a heading (``headings.py``).

A term of a list stands in the text; these stand where no text of the book ever does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from booktune_assets.books import abreast
from booktune_assets.books.columns import Columns, columns_on
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.rows import Row, row_of

__all__ = ["Edges", "Starts", "rows_of"]

Edges = Mapping[int, float]
_CLEAR = 3.0  # pt between a title and the text
_ROWS = 10  # of text that show where it begins
_MOST = 0.95  # of the rows of text begin there or further right
_ENOUGH = 3  # titles in a book
_SAME = 0.5  # of the type size: baselines that are one
_NEXT = 1.6  # of the type size: a row that goes on with the title above


class Starts:
    """Where the rows of text and the bold lines of a book begin and end, page after page."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._starts: dict[int, Counter[int]] = {0: Counter(), 1: Counter()}
        self._titles: list[tuple[int, float]] = []

    def see(self, page: PageDrawn, dropped: set[int]) -> None:
        """Count the lines of a page but for those that are no text."""
        side, fonts = page.number % 2, self._fonts
        for n, line in enumerate(page.lines):
            if n in dropped:
                continue
            if _is_bold(line, fonts):
                self._titles.append((side, line.box[2]))
            elif line.runs[0].font == fonts.body and line.size > 0.9 * fonts.body_size:
                self._starts[side][round(line.box[0])] += 1

    def edges(self) -> Edges | None:
        """Where text begins on even (0) and odd (1) pages, x in pt, if titles stand left of it."""
        found = {
            side: edge for side, counted in self._starts.items()
            if (edge := _edge(counted)) is not None
        }  # fmt: skip
        beside = sum(side in found and right < found[side] - _CLEAR for side, right in self._titles)
        return found if beside >= _ENOUGH else None


def _edge(starts: Counter[int]) -> float | None:
    """The commonest left edge, when next to no text begins left of it."""
    if starts.total() < _ROWS:
        return None
    edge, _ = starts.most_common(1)[0]
    inside = sum(count for x, count in starts.items() if x >= edge - _CLEAR)
    return edge - 1.0 if inside >= _MOST * starts.total() else None


def rows_of(
    page: PageDrawn, fonts: Fonts, dropped: set[int], usual: Columns | None, edges: Edges | None
) -> list[Row]:
    """The rows of a page in reading order; a title in the margin is one row before its text."""
    usual = columns_on(
        page.number, [o for n, o in enumerate(page.lines) if n not in dropped], usual
    )
    edge = None if edges is None or usual is not None else edges.get(page.number % 2)
    titles = [] if edge is None else _titles(page, fonts, dropped, edge)
    if not titles:
        return abreast.rows_of(page, fonts, dropped, usual)
    beside = {n for title in titles for n in title}
    rows = abreast.rows_of(page, fonts, dropped | beside, usual)
    for title in titles:
        lines = [page.lines[n] for n in title]
        top = lines[0].baseline
        at = next((n for n, row in enumerate(rows) if _level(row.baseline, lines[0])), None)
        if at is None:
            at = next((n for n, row in enumerate(rows) if row.baseline > top), len(rows))
        column = rows[min(at, len(rows) - 1)].column
        made = row_of(page.number, lines, fonts, column)
        rows.insert(at, replace(made, baseline=top, parts=made.parts[:1]))
    return rows


def _titles(page: PageDrawn, fonts: Fonts, dropped: set[int], edge: float) -> list[list[int]]:
    """The lines of each title in the margin, from the top, where text begins beside its first."""
    kept = [n for n in range(len(page.lines)) if n not in dropped]
    side = [
        n for n in kept
        if page.lines[n].box[2] < edge - _CLEAR + 1 and _is_bold(page.lines[n], fonts)
    ]  # fmt: skip
    text = [page.lines[n] for n in kept if n not in set(side)]
    found: list[list[int]] = []
    for n in sorted(side, key=lambda n: (page.lines[n].baseline, page.lines[n].box[0])):
        line = page.lines[n]
        last = page.lines[found[-1][-1]] if found else None
        if last is not None and _goes_on(last, line):
            found[-1].append(n)
        elif any(_level(one.baseline, line) and one.box[0] >= edge - _CLEAR for one in text):
            found.append([n])
    return found


def _goes_on(last: Line, line: Line) -> bool:
    same = abs(last.size - line.size) < 0.1
    return same and line.baseline - last.baseline < _NEXT * line.size


def _level(baseline: float, line: Line) -> bool:
    return abs(baseline - line.baseline) < _SAME * line.size


def _is_bold(line: Line, fonts: Fonts) -> bool:
    runs = [run for run in line.runs if not run.text.isspace()]
    worded = any(map(str.isalpha, line.text))
    return worded and all(run.bold and run.font not in fonts.advance for run in runs)
