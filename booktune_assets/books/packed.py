"""The pages of a long book between two passes over it: as objects they take 60 kB each.

Belongs here: drawn pages as bytes and back. Does not: rows (``rowbook.py``), any judgement.

Passes that ask what the whole book looks like go over its pages again and again. Those of a book of
usual length stay as they are, which is faster; of a longer one only the first ``FEW`` do, and the
bytes of the others lie in a scratch file, so that memory does not grow with its pages. A packed
page is made anew for each pass: what one changes is only kept when it goes over ``edited`` pages.
Most passes do without the edges of the single characters, which are most of the bytes: packed pages
have ``edges = b""`` unless ``whole`` is asked for.
"""

from __future__ import annotations

import ctypes
import marshal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from itertools import accumulate, islice, pairwise, repeat
from operator import attrgetter
from typing import Any, overload

from booktune_assets.books.glyphs import Box, Line, PageDrawn, Run
from booktune_assets.books.links import Hit
from booktune_assets.books.pagefacts import Fact, facts_of
from booktune_assets.books.paths import Mark
from booktune_assets.books.scratch import Scratch, Spot

__all__ = [
    "Pages", "fields_of", "pack_boxes", "pack_runs", "packed", "trim", "unpack_runs", "unpacked",
]  # fmt: skip

LIVE = 300  # pages of a book that is not packed at all
FEW = 60  # pages of a longer one that are not
_TRIM = 100  # pages that are let go until memory is given back

Sealed = tuple[Spot, Spot]  # all but the edges, and these


class Pages(Sequence[PageDrawn]):
    """Drawn pages in order. Iterating and indexing give packed ones without edges of characters.

    ``scratch`` is where the bytes of packed ones lie; ``expected``: how many pages will come.
    """

    def __init__(self, scratch: Scratch | None = None, expected: int = 0) -> None:
        self.scratch = scratch or Scratch()
        self.live = LIVE if expected <= LIVE else min(FEW, LIVE)
        self._pages: list[PageDrawn | Sealed] = []
        self._facts: list[int] = []  # what packed ones may hold; a live one is soon looked at

    def __len__(self) -> int:
        return len(self._pages)

    @overload
    def __getitem__(self, index: int) -> PageDrawn: ...
    @overload
    def __getitem__(self, index: slice) -> list[PageDrawn]: ...
    def __getitem__(self, index: int | slice) -> PageDrawn | list[PageDrawn]:
        if isinstance(index, slice):
            return [self._opened(page, whole=False) for page in self._pages[index]]
        return self._opened(self._pages[index], whole=False)

    def __iter__(self) -> Iterator[PageDrawn]:
        return (self._opened(page, whole=False) for page in self._pages)

    def append(self, page: PageDrawn) -> None:
        """Add a page behind the others."""
        live = len(self._pages) < self.live
        self._pages.append(page if live else self._sealed(page))
        self._facts.append(Fact.EVERY if live else facts_of(page))

    def having(self, facts: int) -> Iterator[tuple[int, PageDrawn]]:
        """The pages that may hold one of some facts (``pagefacts.py``), with their indices."""
        return ((n, self[n]) for n, found in enumerate(self._facts) if found & facts)

    def whole(self) -> Iterator[PageDrawn]:
        """The pages with the edges of their characters."""
        return (self._opened(page, whole=True) for page in self._pages)

    def one(self, index: int) -> PageDrawn:
        """A page with the edges of its characters."""
        return self._opened(self._pages[index], whole=True)

    def edited(self) -> Iterator[PageDrawn]:
        """The pages with their edges, to be changed: each is kept as it is when the next is asked
        for.
        """
        for index, page in enumerate(self._pages):
            opened = self._opened(page, whole=True)
            yield opened
            self.put(index, opened)

    def put(self, index: int, page: PageDrawn) -> None:
        """Keep a page that came with its edges as it is now."""
        if self._pages[index] is not page:
            self._pages[index] = self._sealed(page, self._pages[index])
            self._facts[index] = facts_of(page)

    def again(self) -> _Again:
        """The pages one at a time, by index, for one who looks only at some of them."""
        return _Again(self)

    def where(
        self, wanted: Sequence[bool], lean: Callable[[PageDrawn], PageDrawn] | None = None
    ) -> Pages:
        """Some of the pages, shared with these; of packed ones what ``lean`` leaves of them."""
        some = Pages(self.scratch, len(self))
        some._facts = [found for found, keep in zip(self._facts, wanted, strict=True) if keep]
        for one, keep in zip(self._pages, wanted, strict=True):
            if keep and lean is not None and not isinstance(one, PageDrawn):
                some._pages.append(self._sealed(lean(self._opened(one, whole=True))))
            elif keep:
                some._pages.append(one)
        return some

    def taken(self) -> Iterator[PageDrawn]:
        """The pages with their edges, each forgotten here when it is given."""
        self._pages.reverse()
        while self._pages:
            yield self._opened(self._pages.pop(), whole=True)
            if len(self._pages) % _TRIM == 0:
                trim()

    def _opened(self, page: PageDrawn | Sealed, *, whole: bool) -> PageDrawn:
        if isinstance(page, PageDrawn):
            return page
        light, edges = page
        return _open(self.scratch.get(light), self.scratch.get(edges) if whole else None)

    def _sealed(self, page: PageDrawn, before: PageDrawn | Sealed | None = None) -> Sealed:
        """A page as it is put by; where nothing changed it lies ``before``."""
        made = _seal(page)
        olds = before if isinstance(before, tuple) else (None, None)
        light, edges = (
            old if old is not None and self.scratch.get(old) == new else self.scratch.put(new)
            for old, new in zip(olds, made, strict=True)
        )
        return light, edges


class _Again:
    """Pages opened once more, one at a time; each that is to be changed is kept when it is left."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._open: tuple[int, PageDrawn] | None = None
        self._changed = False

    def page(self, index: int) -> PageDrawn:
        """The page with its edges, as it is now."""
        if self._open is None or self._open[0] != index:
            self.close()
            self._open = index, self._pages.one(index)
        return self._open[1]

    def edited(self, index: int) -> PageDrawn:
        """The same, to be changed."""
        page = self.page(index)
        self._changed = True
        return page

    def close(self) -> None:
        """Keep what was changed."""
        if self._open is not None and self._changed:
            self._pages.put(*self._open)
        self._open, self._changed = None, False


def trim() -> None:
    """Give freed memory back to the system: glibc keeps it, and memory would seem to grow."""
    with suppress(OSError, AttributeError):  # glibc has it
        ctypes.CDLL(None).malloc_trim(0)


def packed(value: Any) -> bytes:
    """Plain values (tuples, lists, text, numbers, bytes) as bytes."""
    return marshal.dumps(value)


def unpacked(data: bytes) -> Any:
    """What was ``packed``."""
    return marshal.loads(data)


def pack_runs(runs: Sequence[Run]) -> tuple[list[tuple[Any, ...]], bytes]:
    """Runs as columns of plain values without their edges, and the edges of all as bytes."""
    columns = list(zip(*map(_of_run, runs), strict=True)) or [()] * len(_RUN)
    columns[_FONT] = tuple(map(sys.intern, columns[_FONT]))  # marshal brings them back as that
    columns.append(tuple(len(run.edges) for run in runs))
    return columns, b"".join(run.edges for run in runs)


def unpack_runs(columns: Sequence[tuple[Any, ...]], edges: bytes | None) -> list[Run]:
    """Runs again; without edges when there are none."""
    *plain, lengths = columns
    if edges is None:
        return list(map(Run, *plain, repeat(b"")))
    cuts = [edges[at:end] for at, end in pairwise(accumulate(lengths, initial=0))]
    return list(map(Run, *plain, cuts))


def fields_of(kind: type, *but: str) -> tuple[str, ...]:
    """Names of the fields of a data class, in order."""
    return tuple(one.name for one in fields(kind) if one.name not in but)


_PAGE, _RUN = fields_of(PageDrawn), fields_of(Run, "edges")
_FONT = _RUN.index("font")
_LINE, _BOX = fields_of(Line, "runs"), fields_of(Box)
_MARK, _HIT = fields_of(Mark), fields_of(Hit)
_of_page, _of_run, _of_line, _of_box, _of_mark, _of_hit = (
    attrgetter(*names) for names in (_PAGE, _RUN, _LINE, _BOX, _MARK, _HIT)
)


def pack_boxes(boxes: Iterable[Box]) -> list[tuple[Any, ...]]:
    """Boxes as plain values."""
    return [_of_box(box) for box in boxes]


def _seal(page: PageDrawn) -> tuple[bytes, bytes]:
    plain, edges = pack_runs([run for line in page.lines for run in line.runs])
    own = dict(zip(_PAGE, _of_page(page), strict=True))
    own["lines"] = [(len(line.runs), *_of_line(line)) for line in page.lines]
    own["boxes"] = pack_boxes(page.boxes)
    own["marks"] = [_of_mark(mark) for mark in page.marks]
    own["links"] = [_of_hit(hit) for hit in page.links]
    return packed((plain, tuple(own.values()))), edges


def _open(light: bytes, edges: bytes | None) -> PageDrawn:
    plain, values = unpacked(light)
    own = dict(zip(_PAGE, values, strict=True))
    runs = iter(unpack_runs(plain, edges))
    own["lines"] = [Line(list(islice(runs, count)), *rest) for count, *rest in own["lines"]]
    own["boxes"] = [Box(*box) for box in own["boxes"]]
    own["marks"] = [Mark(*mark) for mark in own["marks"]]
    own["links"] = [Hit(*hit) for hit in own["links"]]
    return PageDrawn(**own)
