"""Headings that run in: "1) Integers: In Elixir …", a title in the first row of its paragraph.

Belongs here: parting such a title from its paragraph where the outline names it. Does not: titles
in rows of their own, levels (``headings.py``).

Terms, notes and names begin paragraphs in the same type, so type alone tells nothing. A title
stands where its entry points, ends where its type does, and has no row of its own on the page.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby, pairwise

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.headings import Entry, folded
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.rows import Row, row_of

__all__ = ["with_run_ins"]

_NUMBER = re.compile(r"^\(?(?:[A-Za-z]|[IVXLCivxlc]+|\d{1,3}(?:\.\d{1,3})*)[.:)]?\s+(?=\S)")
_MARKS = (":", ".", "\u2014", "\u2013")  # end a title before text, and are no part of it
_ROWS = 3  # of a title
_NEAR = 2.5  # type sizes between the row and where its entry points
Lay = Callable[[PageDrawn, set[int]], list[Row]]


def with_run_ins(lay: Lay, outline: Sequence[Entry], fonts: Fonts, ledger: Ledger) -> Lay:
    """``lay``, whose rows are parted where a title of the outline runs into its paragraph."""
    named: dict[int, list[Entry]] = defaultdict(list)
    for entry in outline:
        if folded(entry.title):
            named[entry.page].append(entry)

    def laid(page: PageDrawn, gone: set[int]) -> list[Row]:
        rows = lay(page, gone)
        for entry in named.get(page.number, ()):
            _part(rows, entry, fonts, ledger)
        return rows

    return laid


def _part(rows: list[Row], entry: Entry, fonts: Fonts, ledger: Ledger) -> None:
    wanted = _spellings(entry.title)
    marked = entry.title.endswith(_MARKS)
    for number, row in enumerate(rows):
        if row.font != fonts.body and _near(row, entry) and wanted & _spellings(row.text):
            if not (marked or row.mono):
                rows[number] = _unmarked(row, fonts, ledger)
            return
    for number in range(len(rows)):
        if found := _title_at(rows, number, entry, wanted, fonts):
            at, end = found
            row = rows[at]
            first, after = (_like(row, part, fonts) for part in (row.runs[:end], row.runs[end:]))
            rows[at : at + 1] = [first if marked else _unmarked(first, fonts, ledger), after]
            return


def _title_at(
    rows: Sequence[Row], start: int, entry: Entry, wanted: set[str], fonts: Fonts
) -> tuple[int, int] | None:
    """The row in which the title ends that begins with row ``start``, and the run behind it."""
    if not _near(rows[start], entry):
        return None
    text = ""
    for number in range(start, min(start + _ROWS, len(rows))):
        row = rows[number]
        if row.mono or row.page != rows[start].page or row.bullet:
            return None
        for end in _changes(row.runs, fonts):
            head = "".join(run.text for run in row.runs[:end])
            if wanted & _spellings(f"{text} {head}".strip()):
                return number, end
        text = f"{text} {row.text}".strip()
        if len(text) > len(entry.title) + 12:
            return None
    return None


def _changes(runs: Sequence[Run], fonts: Fonts) -> Iterator[int]:
    """Places in a row where the type of text, or of code in it, begins after another."""
    inked = [n for n, run in enumerate(runs) if run.text.strip()]
    texts = [n for n in inked if runs[n].font == fonts.body]
    for before, after in pairwise(inked):
        one, two = runs[before], runs[after]
        other = one.font not in (two.font, fonts.body)
        text = two.font == fonts.body or (two.font in fonts.advance and texts[-1:] > [after])
        if other and text:
            yield after


def _spellings(text: str) -> set[str]:
    return {folded(text), folded(_NUMBER.sub("", text, count=1))} - {""}


def _near(row: Row, entry: Entry) -> bool:
    """Whether a row is where an entry points; some point at nothing but the page."""
    return not entry.y or abs(row.baseline - row.size - entry.y) < _NEAR * row.size


def _like(row: Row, runs: Sequence[Run], fonts: Fonts) -> Row:
    """A row of some of the runs of another, in the parts in which they stood."""
    spot = partial(bisect_right, [left - 1 for left in row.parts])
    parts = [list(members) for _, members in groupby(runs, lambda run: spot(run.left))]
    lines = [_line(row, part) for part in parts if any(run.text.strip() for run in part)]
    made = row_of(row.page, lines, fonts, row.column)
    made.frame = row.frame
    return made


def _line(row: Row, runs: list[Run]) -> Line:
    inked = [run for run in runs if run.text.strip()]
    first, last = inked[0], inked[-1]
    left = first.lefts[len(first.text) - len(first.text.lstrip())]
    right = last.rights[len(last.text.rstrip()) - 1]
    return Line(runs, row.baseline, (left, row.box[1], right, row.box[3]))


def _unmarked(row: Row, fonts: Fonts, ledger: Ledger) -> Row:
    """A title without the mark that parts it from the text."""
    mark = next((mark for mark in _MARKS if row.text.endswith(mark)), "")
    if not mark or not folded(row.text):
        return row
    runs = list(row.runs)
    while not runs[-1].text.strip():
        runs.pop()
    last, size = runs[-1], len(runs[-1].text.rstrip()) - len(mark)
    ledger.took(row.page, "mark", mark)
    runs[-1] = replace(
        last, text=last.text[:size], edges=edges_of(last.lefts[:size], last.rights[:size])
    )
    if not runs[-1].text.strip():
        runs.pop()
    return _like(row, runs, fonts)
