"""The index at the back of a PDF: one block per entry, column after column.

Belongs here: finding the rows of an index, its columns, and which of its rows go on. Does not:
terms and page numbers (``backmatter.py``).

An index is set in columns that the rest of the book does not have, in short rows that look like a
table. So its rows are taken before any are read as text: cut where a column ends, put in order, and
joined where one goes on. ``level`` of a block is the depth of the entry, from 1.

Dots that lead to the pages are no text. They make an index look like a table of contents; but its
terms go by the alphabet, or have several pages each, and its pages do not rise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from booktune_assets.books.blocks import Block, Face, Place
from booktune_assets.books.glyphs import Rect, Run
from booktune_assets.books.headings import folded
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.placed import face_of, rounded
from booktune_assets.books.rowbook import RowBook
from booktune_assets.books.rows import Row

__all__ = ["is_index", "put_index", "take_index"]

_TITLES = frozenset({"index", "subjectindex", "generalindex", "indexofterms", "theindex"})
_ENTRY = re.compile(r"(?:[,\s]\s*(?:\d{1,4}|[ivxl]{1,6})(?:\s*[\u2013-]\s*\d{1,4})?|\bsee\b.*)$")
_GOES_ON = re.compile(r"[,;\u2013(]$|\bsee(?: also)?$")
_NUMBERS = re.compile(r"\d{1,4}(?:\s*[\u2013-]\s*\d{1,4})?(?:\s*,.*)?$")
_DOTS = r"(?:(?:\s?\.){3,}|(?:\s?\u2026){2,}|(?:\s?\u00b7){3,}|_{5,})"
_LEADER = re.compile(rf"\s*{_DOTS}\s*(?=[\divxl])")
_LED = re.compile(
    rf"(?P<term>\S.*?)\s*{_DOTS}\s*(?P<pages>\d{{1,4}}(?:\s*[,\u2013-]\s*\d{{1,4}})*)"
)
_ENTRIES = 4  # led entries that tell an index from contents
_RISES = 0.8  # of neighbours whose pages rise: contents
_SORTED = 0.7  # of neighbours that go by the alphabet, sub-entries among them
_SEVERAL = 0.25  # of the entries that have several pages
_GUTTER = 8.0  # pt without ink between two columns
_INDENT = 3.0  # pt that make a sub-entry
_SHARE = 0.5  # of the rows that have to read like entries
_LONG = 2_000  # characters; what is longer is no row of entries
_LAST = 0.6  # an index stands in the last part of a book


@dataclass(slots=True)
class _Line:
    """One row of one column."""

    page: int
    text: str
    box: Rect
    baseline: float
    face: Face
    depth: int = 1


def is_index(texts: Sequence[str]) -> bool:
    """Whether rows of a page, with dots to their pages, are an index and no table of contents.

    A row may hold entries of several columns; each column is judged by itself.
    """
    columns: dict[int, list[tuple[str, list[int]]]] = {}
    for text in texts:
        led = _LED.finditer(text) if len(text) <= _LONG and _LEADER.search(text) else ()
        for spot, found in enumerate(led):
            numbers = [int(one) for one in re.findall(r"\d+", found["pages"])]
            columns.setdefault(spot, []).append((folded(found["term"]), numbers))
    entries = [entry for column in columns.values() for entry in column]
    pairs = [pair for column in columns.values() for pair in pairwise(column)]
    if len(entries) < _ENTRIES or not pairs:
        return False
    rising = sum(one[1][0] <= two[1][0] for one, two in pairs) / len(pairs)
    in_order = sum(one[0] <= two[0] for one, two in pairs) / len(pairs)
    several = sum(len(numbers) > 1 for _, numbers in entries) / len(entries)
    return rising < _RISES and (in_order >= _SORTED or several >= _SEVERAL)


def take_index(rows: RowBook, ledger: Ledger) -> list[Block]:
    """The index of a book as blocks; its rows are taken out, and dots to its pages are dropped."""
    start = _heading(rows)
    if start is None:
        return []
    level = rows[start].level or 0
    end = next(
        (n for n in range(start + 1, len(rows)) if _ends(rows[n], level)), len(rows)
    )  # fmt: skip
    lines: list[_Line] = []
    for _, members in groupby(rows.whole(start + 1, end), key=lambda row: row.page):
        lines += _in_columns([line for row in members for line in _cut(row)])
    hits = sum(bool(_ENTRY.search(line.text)) for line in lines)
    if len(lines) < 4 or hits < _SHARE * len(lines):
        return []
    rows.cut(start + 1, end)
    for line in lines:
        for dots in _LEADER.findall(line.text):
            ledger.took(line.page, "mark", dots.strip())
        line.text = _LEADER.sub("\u2003", line.text)
    return _blocks(lines)


def put_index(blocks: list[Block], index: Sequence[Block]) -> list[Block]:
    """The blocks of a book with its index after the heading of that name."""
    if not index:
        return blocks
    titled = (n + 1 for n, one in enumerate(blocks) if _titled(one.kind, one.text))
    spot = max(titled, default=len(blocks))
    return [*blocks[:spot], *index, *blocks[spot:]]


def _titled(kind: str | None, text: str) -> bool:
    return kind == "heading" and folded(text).lstrip("0123456789") in _TITLES


def _heading(rows: Sequence[Row]) -> int | None:
    """The last heading of that name, if it stands late enough and not below others."""
    last = rows[-1].page if rows else 0
    for number in range(len(rows) - 1, -1, -1):
        row = rows[number]
        if row.page < _LAST * last:
            return None
        if _titled(row.role, row.text) and (row.level or 0) <= 1:
            return number
    return None


def _ends(row: Row, level: int) -> bool:
    """A heading beside the index; the letters in it are of no lower level or one letter."""
    text = folded(row.text)
    letters = all(len(word) == 1 for word in row.text.split()) or text in ("symbols", "numbers")
    return row.role == "heading" and (row.level or 0) <= level and not letters


def _cut(row: Row) -> list[_Line]:
    """The pieces of a row that stand apart."""
    groups: list[list[Run]] = []
    for run in row.runs:
        if not run.text.strip() and not groups:
            continue
        starts = any(abs(run.left - x) < 1 for x in row.parts)
        apart = starts and groups and run.left - groups[-1][-1].right > _GUTTER / 2
        if not groups or (apart and not _is_led(groups[-1], run)):
            groups.append([])
        groups[-1].append(run)
    found: list[_Line] = []
    for runs in groups:
        text = " ".join("".join(run.text for run in runs).split())
        inked = [run for run in runs if run.text.strip()]
        if text:
            box = (inked[0].left, row.box[1], inked[-1].right, row.box[3])
            found.append(_Line(row.page, text, box, row.baseline, face_of(row)))
    return found


def _is_led(runs: Sequence[Run], run: Run) -> bool:
    """Whether dots stand between the two: a term and its pages, however far apart."""
    before = "".join(one.text for one in runs).rstrip()
    return bool(re.search(rf"{_DOTS}$", before) or re.match(_DOTS, run.text))


def _in_columns(lines: Sequence[_Line]) -> list[_Line]:
    """The lines of a page, column after column, with the depth that their indent tells."""
    columns: list[list[_Line]] = []
    right = 0.0
    for line in sorted(lines, key=lambda line: line.box[0]):
        if not columns or line.box[0] > right + _GUTTER:
            columns.append([])
        columns[-1].append(line)
        right = max(right, line.box[2])
    for column in columns:
        column.sort(key=lambda line: line.baseline)
        lefts = sorted({round(line.box[0], 1) for line in column})
        steps = [b for a, b in pairwise([lefts[0] - 2 * _INDENT, *lefts]) if b - a > _INDENT]
        for line in column:
            line.depth = max(1, sum(step <= line.box[0] + 0.1 for step in steps))
    return [line for column in columns for line in column]


def _blocks(lines: Sequence[_Line]) -> list[Block]:
    blocks: list[Block] = []
    for line in lines:
        last = blocks[-1] if blocks else None
        if last and (_GOES_ON.search(last.text) or _NUMBERS.match(line.text)):
            start = len(last.text) + 1
            last.text = f"{last.text} {line.text}"
            last.places.append(_place(start, len(last.text), line))
            continue
        place = _place(0, len(line.text), line)
        blocks.append(Block("list", line.text, line.depth, places=[place]))
    return blocks


def _place(start: int, end: int, line: _Line) -> Place:
    return Place(start, end, page=line.page, box=rounded(line.box), face=line.face)
