"""The rows of a book between two passes over it, packed by page but for the first pages.

Belongs here: rows as bytes and back, what passes noted on them. Does not: what rows mean.

A pass reads the rows like a list and may set ``role`` and ``level`` of the one it holds and of its
neighbours; nothing else of them is kept. Some pages stand open at a time, so that neighbours over a
page break are the same objects. Runs are only there where ``whole`` rows are asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, overload

from booktune_assets.books.glyphs import Box
from booktune_assets.books.packed import (
    LIVE,
    fields_of,
    pack_boxes,
    pack_runs,
    packed,
    trim,
    unpack_runs,
    unpacked,
)
from booktune_assets.books.rows import Row
from booktune_assets.books.scratch import Scratch, Spot

__all__ = ["Kept", "RowBook"]

_OPEN = 6  # pages that stand open at a time: a row and its neighbours are on two or three
_TRIM = 100  # forgotten pages after which memory is given back
_FULL = 4  # as many with their runs
_NOTES = tuple[str, "int | None"]


@dataclass(slots=True)
class _Sheet:
    """The rows of one page, live or packed; ``gone`` are numbers of rows that were taken away."""

    size: int
    live: list[Row] | None = None
    light: Spot = b""
    runs: Spot = b""
    edges: Spot = b""
    notes: dict[int, _NOTES] = field(default_factory=dict[int, _NOTES])
    gone: frozenset[int] = frozenset()


_NOTHING = _Sheet(0)


class RowBook(Sequence[Row]):
    """All rows of a book, in reading order; ``settled``: no pass notes anything on them more.

    ``scratch`` is where the bytes of packed pages lie, ``live`` how many pages are not packed.
    """

    def __init__(
        self, scratch: Scratch | None = None, *, live: int | None = None, settled: bool = False
    ) -> None:
        self.scratch = scratch or Scratch()
        self.live = LIVE if live is None else live
        self._settled = settled
        self._sheets: list[_Sheet] = []
        self._starts: list[int] = []
        self._size = 0
        self._open: OrderedDict[int, list[Row]] = OrderedDict()
        self._full: dict[int, list[Row]] = {}
        self._forgotten = 0

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self._size))]
        if index < 0:
            index += self._size
        if not 0 <= index < self._size:
            raise IndexError(index)
        sheet = bisect_right(self._starts, index) - 1
        return self._rows(sheet)[index - self._starts[sheet]]

    def __iter__(self) -> Iterator[Row]:
        for sheet in range(len(self._sheets)):
            yield from self._rows(sheet)

    @property
    def packs(self) -> bool:
        """Whether the page that comes next is packed."""
        return len(self._sheets) >= self.live

    def add(self, rows: Sequence[Row]) -> None:
        """The rows of the next page; none of them has been looked at by a pass."""
        if not rows:
            return
        self._sheets.append(self._sealed(rows) if self.packs else _Sheet(len(rows), list(rows)))
        self._starts.append(self._size)
        self._size += len(rows)

    def pages(self) -> Iterator[list[Row]]:
        """The rows of page after page with their runs."""
        for sheet in self._sheets:
            yield sheet.live if sheet.live is not None else self._again(sheet, whole=True)

    def put(self, page: int, rows: Sequence[Row]) -> None:
        """Keep the rows of a page, which ``pages`` gave, as they are now."""
        if self._sheets[page].live is None:
            self._open.pop(page, None)
            self._sheets[page] = self._sealed(rows)

    def light(self, start: int, end: int) -> list[Row]:
        """Rows ``start`` to ``end`` of one page, without their runs."""
        number = bisect_right(self._starts, start) - 1
        first = self._starts[number]
        return self._rows(number)[start - first : end - first]

    def whole(self, start: int, end: int) -> list[Row]:
        """Rows ``start`` to ``end`` with their runs."""
        found: list[Row] = []
        for number in range(max(0, bisect_right(self._starts, start) - 1), len(self._sheets)):
            first = self._starts[number]
            if first >= end:
                break
            rows = self._sheets[number].live or self._full.get(number)
            if rows is None:
                while len(self._full) >= _FULL:
                    del self._full[next(iter(self._full))]
                rows = self._full[number] = self._again(self._sheets[number], whole=True)
            found += rows[max(0, start - first) : end - first]
        return found

    def forget(self, end: int) -> None:
        """Let go of all pages that end before row ``end``; they are not asked for again."""
        last = bisect_right(self._starts, end) - 1
        for number in range(self._forgotten, last):
            self._sheets[number] = _NOTHING
            self._open.pop(number, None)
            self._full.pop(number, None)
        if last // _TRIM > self._forgotten // _TRIM:
            trim()
        self._forgotten = max(last, self._forgotten)

    def cut(self, start: int, end: int) -> None:
        """Leave rows ``start`` to ``end`` out of the pages; their numbers stay."""
        for number, sheet in enumerate(self._sheets):
            first = self._starts[number]
            inside = range(max(0, start - first), min(sheet.size, end - first))
            sheet.gone = sheet.gone | frozenset(inside)

    def taken(self) -> Iterator[list[Row]]:
        """The rows of page after page, whole and with what was noted; each is forgotten here."""
        for number in list(self._open):
            self._close(number)
        self._size = 0
        self._starts.clear()
        self._sheets.reverse()
        while self._sheets:
            sheet = self._sheets.pop()
            rows = sheet.live or self._again(sheet, whole=True)
            if left := [row for n, row in enumerate(rows) if n not in sheet.gone]:
                yield left
            if len(self._sheets) % _TRIM == 0:
                trim()

    def _rows(self, number: int) -> list[Row]:
        rows = self._sheets[number].live
        if rows is not None:
            return rows
        rows = self._open.get(number)
        if rows is None:
            while len(self._open) >= _OPEN:
                self._close(next(iter(self._open)))
            rows = self._open[number] = self._again(self._sheets[number], whole=False)
        else:
            self._open.move_to_end(number)
        return rows

    def _again(self, sheet: _Sheet, *, whole: bool) -> list[Row]:
        get = self.scratch.get
        runs = (get(sheet.runs), get(sheet.edges)) if whole else None
        made = _again(get(sheet.light), runs)
        for number, (role, level) in sheet.notes.items():
            made[number].role, made[number].level = role, level
        return made

    def _sealed(self, rows: Sequence[Row]) -> _Sheet:
        light, runs, edges = map(self.scratch.put, _seal(rows))
        return _Sheet(len(rows), None, light, runs, edges)

    def _close(self, number: int) -> None:
        rows = self._open.pop(number)
        if self._settled:
            return
        self._sheets[number].notes = {
            n: (row.role, row.level) for n, row in enumerate(rows)
            if row.role or row.level is not None
        }  # fmt: skip


class Kept(Sequence[Row]):
    """Some rows of one page of a book of rows, made anew when they are asked for, without runs."""

    __slots__ = ("_book", "_end", "_start", "page")

    def __init__(self, book: RowBook, start: int, end: int, page: int) -> None:
        self._book, self._start, self._end, self.page = book, start, end, page

    def __len__(self) -> int:
        return self._end - self._start

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return self._rows()[index]
        return self._book[self._start + (index if index >= 0 else index + len(self))]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows())

    def whole(self) -> list[Row]:
        """The same rows with their runs."""
        return self._book.whole(self._start, self._end)

    def forget(self) -> None:
        """Let the book of rows go of all before these."""
        self._book.forget(self._start)

    def _rows(self) -> list[Row]:
        return self._book.light(self._start, self._end)


_ROW = fields_of(Row)
_RUNS, _FRAME = _ROW.index("runs"), _ROW.index("frame")
_of_row = attrgetter(*_ROW)


def _seal(rows: Sequence[Row]) -> tuple[bytes, bytes, bytes]:
    frames: dict[int, tuple[int, Box]] = {}
    plain: list[list[Any]] = []
    for row in rows:
        if row.runs:  # what passes ask of rows that come without them; code may hold words, too
            row.hangs, row.ink = row.runs[-1].text[-1:].isspace(), row.inked_from()
        values = list(_of_row(row))
        values[_RUNS] = len(row.runs)
        if row.frame is not None:
            values[_FRAME] = frames.setdefault(id(row.frame), (len(frames), row.frame))[0]
        plain.append(values)
    boxes = pack_boxes(box for _, box in frames.values())
    runs, edges = pack_runs([run for row in rows for run in row.runs])
    return packed((plain, boxes)), packed(runs), edges


def _again(light: bytes, packed_runs: tuple[bytes, bytes] | None) -> list[Row]:
    plain, boxes = unpacked(light)
    frames = [Box(*box) for box in boxes]
    runs = unpack_runs(unpacked(packed_runs[0]), packed_runs[1]) if packed_runs else []
    made: list[Row] = []
    at = 0
    for values in plain:
        count, frame = values[_RUNS], values[_FRAME]
        values[_RUNS] = runs[at : at + count]
        at += count
        if frame is not None:
            values[_FRAME] = frames[frame]
        made.append(Row(*values))
    return made
