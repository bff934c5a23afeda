"""Links of the format: which words carry them, and the block that they lead to.

Belongs here: link annotations of a PDF laid over the words, addresses of EPUB and Markdown settled
to blocks. Does not: what a link means for the structure of the book (``crossrefs.py``).

A PDF knows only rectangles. The characters under one are looked for in the block that stands there;
of several places with the same words the one is taken that has as much text before it.
"""

from __future__ import annotations

import math
import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from booktune_assets.books.blocks import CODE_KINDS, Block, Link, Place, inked, printable
from booktune_assets.books.mupdf import library

if TYPE_CHECKING:
    from booktune_assets.books.glyphs import Line, PageDrawn

__all__ = ["Hit", "Trail", "address", "hits_on", "linked", "moved_links", "place_links"]

Rect = tuple[float, float, float, float]
_LINKS_MAX = 2_000  # of one page
_TARGET_CHARS = 2_000
_ANNOTATIONS_MAX, _REFERENCE = 20_000, 6  # of one page; characters of one in their list
_ROW = 16.0  # pt: what stands deeper in a paragraph than its first row
_MARGIN = 90.0  # pt that a browser may be wrong by
_SLACK = 2.0  # pt by which a rectangle may stand beside its words or its block


@dataclass(slots=True)
class Hit:
    """One link annotation: where it can be clicked, and where it leads."""

    rect: Rect
    target: str
    internal: bool
    page: int | None = None
    x: float | None = None
    y: float | None = None


def hits_on(page: Any) -> list[Hit]:
    """The links of a PyMuPDF page that have an area; typesetters also make empty ones."""
    hits: list[Hit] = []
    if _annotations(page) > _ANNOTATIONS_MAX:
        return hits
    with suppress(Exception):  # a broken annotation is no reason to lose the page
        first = page.first_link
        link = first.this if first else None  # MuPDF's own: PyMuPDF's ``next`` lists all of them
        for _ in range(_LINKS_MAX):
            if link is None or not link.m_internal:
                break
            area, uri = link.rect(), link.uri()
            rect: Rect = float(area.x0), float(area.y0), float(area.x1), float(area.y1)
            if rect[2] - rect[0] > 1 and rect[3] - rect[1] > 1 and uri:
                external = library().mupdf.fz_is_external_link(uri)
                hits.append(_hit(page.parent, rect, str(uri), internal=not external))
            link = link.next()
    return hits


def _annotations(page: Any) -> int:
    """About how many annotations a page lists; MuPDF would load them all."""
    with suppress(Exception):
        kind, value = page.parent.xref_get_key(page.xref, "Annots")
        if kind == "xref":
            value = page.parent.xref_object(int(value.split()[0]), compressed=True)
        return len(value) // _REFERENCE
    return 0


def _hit(document: Any, rect: Rect, uri: str, *, internal: bool) -> Hit:
    hit = Hit(rect, printable([uri])[:_TARGET_CHARS], internal)
    if internal:
        with suppress(Exception):
            spot, x, y = document.resolve_link(uri)
            number = int(spot[1] if isinstance(spot, tuple) else spot)
            if 0 <= number < document.page_count:
                hit.page = number + 1
                hit.x, hit.y = (value if math.isfinite(value) else None for value in (x, y))
    return hit


def place_links(pages: Iterable[PageDrawn], blocks: Sequence[Block]) -> None:
    """Give the blocks of a PDF their links. Code keeps its text alone."""
    stands: dict[int, list[tuple[int, Place]]] = defaultdict(list)
    for number, block in enumerate(blocks):
        for place in block.places:
            if place.page is not None and place.box is not None:
                stands[place.page].append((number, place))
    for page in pages:
        for hit in page.links:
            found = _holder(hit.rect, stands[page.number])
            if found is None or blocks[found[0]].kind in CODE_KINDS:
                continue
            block = blocks[found[0]]
            if (span := _words(hit.rect, page, block, found[1])) is None:
                continue
            to = _target(hit, stands, blocks) if hit.page is not None else None
            _add(block, Link(*span, hit.target, hit.internal, hit.page, hit.y, to))


def linked(page: PageDrawn) -> PageDrawn:
    """What ``place_links`` needs of a page: its lines, and those under links with their edges."""
    middles = [(hit.rect[1] + hit.rect[3]) / 2 for hit in page.links]
    lines = [
        line if any(line.box[1] <= middle <= line.box[3] for middle in middles)
        else replace(line, runs=[replace(run, text=line.text, edges=b"") for run in line.runs[:1]])
        for line in page.lines
    ]  # fmt: skip
    return replace(
        page, lines=lines, boxes=[], rules=[], dashes=[], pictures=[], marks=[], dots=[],
        lattices=[], turned=[], outside=[], hems=[],
    )  # fmt: skip


def _holder(rect: Rect, places: Iterable[tuple[int, Place]]) -> tuple[int, Place] | None:
    """The smallest block around the middle of a rectangle."""
    x, y = (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2
    around = [one for one in places if one[1].box and _inside(x, y, one[1].box)]
    return min(around, key=lambda one: _area(one[1].box), default=None)


def _words(rect: Rect, page: PageDrawn, block: Block, place: Place) -> tuple[int, int] | None:
    """The part of the block's text that is drawn under the rectangle."""
    assert place.box is not None
    before, under = 0, ""
    middle = (rect[1] + rect[3]) / 2
    for line in sorted(page.lines, key=lambda line: (line.baseline, line.box[0])):
        x0, y0, x1, y1 = line.box
        if not _inside((x0 + x1) / 2, (y0 + y1) / 2, place.box):
            continue
        if y0 <= middle <= y1:
            left, words = _covered(line, rect)
            if words:
                under, before = words, before + left
                break
        if line.baseline < middle:
            before += inked(line.text)
    return _find(block.text, place, "".join(under.split()), before) if under.strip() else None


def _covered(line: Line, rect: Rect) -> tuple[int, str]:
    """Characters left of a rectangle that are no blanks, and the text under it."""
    left, words = 0, ""
    for run in line.runs:
        for char, start, end in zip(run.text, run.lefts, run.rights, strict=True):
            middle = (start + end) / 2
            if rect[0] - 0.5 <= middle <= rect[2] + 0.5:
                words += char
            elif not words and not char.isspace():
                left += 1
    return left, words


def _find(text: str, place: Place, words: str, before: int) -> tuple[int, int] | None:
    """The words in a piece of text, white space apart; ``before`` inked characters precede them."""
    spots = [at for at in range(place.start, place.end) if not text[at].isspace()]
    plain = "".join(text[at] for at in spots)
    for wanted in (words, words.rstrip("-\u2010\u00ad"), words.strip(".,;:()[]")):
        if not wanted:
            continue
        found: list[int] = []
        at = plain.find(wanted)
        while at >= 0:
            found.append(at)
            at = plain.find(wanted, at + 1)
        if found:
            best = min(found, key=lambda at: abs(at - before))
            return spots[best], spots[best + len(wanted) - 1] + 1
    return None


def _inside(x: float, y: float, box: Rect) -> bool:
    return box[0] - _SLACK <= x <= box[2] + _SLACK and box[1] - _SLACK <= y <= box[3] + _SLACK


def _area(box: Rect | None) -> float:
    return (box[2] - box[0]) * (box[3] - box[1]) if box else 0.0


def _add(block: Block, link: Link) -> None:
    """A link that goes on in the next row is one link."""
    last = block.links[-1] if block.links else None
    if last is not None and (last.target, last.page, last.y) == (link.target, link.page, link.y):
        between = block.text[last.end : link.start]
        if last.end <= link.start and len(between) <= 2 and not between.strip(" -\u00ad"):
            last.end = link.end
            return
    block.links.append(link)


def _target(
    hit: Hit, stands: Mapping[int, Sequence[tuple[int, Place]]], blocks: Sequence[Block]
) -> int | None:  # fmt: skip
    """The first block on the page that does not end above the point; else the last one.

    Browsers leave the margin of the page out of their points. So a point in the midst of a
    paragraph means the title that comes next, if one is near.
    """
    places = stands.get(hit.page or 0, ())
    for spot, (number, place) in enumerate(places):
        assert place.box is not None
        right = hit.x is None or place.box[2] > hit.x
        if right and (hit.y is None or place.box[3] > hit.y + 1):
            inside = hit.y is not None and place.box[1] + _ROW < hit.y
            if inside and blocks[number].kind == "prose" and hit.y is not None:
                for other, below in places[spot + 1 :]:
                    near = below.box is not None and below.box[1] < hit.y + _MARGIN
                    if near and blocks[other].kind == "heading":
                        return other
            return number
    return places[-1][0] if places else None


def address(href: str, document: str, known: Collection[str] = ()) -> tuple[str, bool]:
    """An ``href`` as ``document#anchor`` and True, or as it stands and False when it leads out.

    ``document`` is where it is written, ``known`` the documents of the book.
    """
    file, mark, anchor = href.strip().partition("#")
    if not file and mark:
        return printable([f"{document}#{unquote(anchor)}"])[:_TARGET_CHARS], True
    if ":" in file.split("/")[0] or file.startswith("//"):
        return printable([href.strip()])[:_TARGET_CHARS], False
    name = posixpath.normpath(posixpath.join(posixpath.dirname(document), unquote(file)))
    return printable([name + mark + unquote(anchor)])[:_TARGET_CHARS], name in known


@dataclass(slots=True)
class Mark:
    """A link that is being read: positions in the reader's list of pieces; open without end."""

    href: str
    start: int
    end: int | None = None


@dataclass(slots=True)
class Trail:
    """Anchors that were passed and links that were opened while a marked-up text is read.

    ``known`` are the documents of the book. An anchor belongs to the block that comes next.
    """

    known: Collection[str] = ()
    targets: dict[str, Block] = field(default_factory=dict[str, Block])
    terms: list[tuple[Block, str]] = field(default_factory=list[tuple[Block, str]])
    _passed: list[str] = field(default_factory=list[str])
    _indexed: list[str] = field(default_factory=list[str])
    _marks: list[Mark] = field(default_factory=list[Mark])

    def passed(self, *places: str) -> None:
        """Addresses that the next block answers to."""
        self._passed += places

    def indexed(self, *marks: str) -> None:
        """Terms of the index that belong to the next block."""
        self._indexed += marks

    def ends(self, blocks: Sequence[Block]) -> None:
        """A title or the end comes: what waits for a block belongs to the last one before it."""
        if blocks and self._indexed:
            self.terms += [(blocks[-1], mark) for mark in self._indexed]
            self._indexed.clear()

    def stands(self, block: Block) -> None:
        """A block that was added."""
        for place in self._passed:
            self.targets.setdefault(place, block)
        self._passed.clear()
        self.terms += [(block, mark) for mark in self._indexed]
        self._indexed.clear()

    def hold(self) -> tuple[list[str], list[str]]:
        """Take what waits for a block: it belongs to lines that are no block yet."""
        held = self._passed, self._indexed
        self._passed, self._indexed = [], []
        return held

    def give(self, held: tuple[list[str], list[str]]) -> None:
        """Put back what was taken."""
        self._passed += held[0]
        self._indexed += held[1]

    def open(self, href: str, at: int) -> Mark:
        """A link begins before piece number ``at``; whoever opens it sets its ``end``."""
        self._marks.append(Mark(href, at))
        return self._marks[-1]

    def links(self, pieces: Sequence[str], document: str) -> list[Link]:
        """The links of a block made of these pieces, white space collapsed.

        A link that is still open goes on in the next block.
        """
        if not self._marks:
            return []
        edges = [0, *accumulate(map(len, pieces))]
        spans: list[tuple[int, int, str]] = []
        for mark in self._marks:
            end = len(pieces) if mark.end is None else mark.end
            spans.append((edges[mark.start], edges[end], mark.href))
            mark.start = 0
        self._marks = [mark for mark in self._marks if mark.end is None]
        return [
            Link(start, end, *address(href, document, self.known))
            for start, end, href in _collapsed("".join(pieces), spans)
        ]

    def settle(self, blocks: Sequence[Block]) -> None:
        """Fill in where the links lead."""
        number = {id(block): place for place, block in enumerate(blocks)}
        for block in blocks:
            for link in block.links:
                if link.internal and (target := self.targets.get(link.target)) is not None:
                    link.to = number.get(id(target))


def _collapsed(raw: str, spans: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Stretches of ``raw`` as they stand in ``" ".join(raw.split())``; blank ones are left out."""
    if not spans:
        return
    inks = [0, *accumulate(0 if char.isspace() else 1 for char in raw)]
    spots = [at for at, char in enumerate(" ".join(raw.split())) if not char.isspace()]
    for start, end, href in spans:
        first, last = inks[start], inks[end]
        if first < last:
            yield spots[first], spots[last - 1] + 1, href


def moved_links(links: list[Link], before: str, after: str) -> list[Link]:
    """Links of a text of which some characters were taken off."""
    if before == after or not links:
        return links
    spots, at = [], 0
    for char in before:
        spots.append(at)
        at += at < len(after) and after[at] == char
    spots.append(at)
    for link in links:
        link.start, link.end = spots[link.start], spots[min(link.end, len(before))]
    return [link for link in links if link.start < link.end]
