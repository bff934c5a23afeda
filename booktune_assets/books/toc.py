"""What an EPUB's table of contents knows about headings: which there are, and how deep.

Belongs here: reading the navigation document or NCX, headings that are set as paragraphs, and
settling heading levels. Does not: the headings themselves (``walker.py``), PDF outlines
(``pdf.py``).

Many publishers restart at ``h1`` in every file or section; there only the table of contents tells
chapters from sections. It is only used to make headings deeper: a flat one says nothing.
"""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from booktune_assets.books.blocks import Block, printable
from booktune_assets.books.elements import types_of
from booktune_assets.books.headings import folded
from booktune_assets.books.html import parse_page, parse_xml
from booktune_assets.books.labels import bare_number, is_label, label_word, split_number
from booktune_assets.books.leaves import label_said
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.package import Package

__all__ = ["Point", "join_labels", "promote", "read_leaves", "read_points", "settle_levels"]

_DEPTH_MAX = 12
_ENTRIES_MAX = 20_000
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_HEADING_MAX = 160
_LABEL_MAX = 40  # characters of what a page is called
_CHAPTERS = 2  # at least, in a book
_PAGE_LISTS = frozenset({"page-list", "doc-pagelist"})


@dataclass(frozen=True, slots=True)
class Point:
    """One entry: the address that it leads to (``document#anchor``), its words, depth from 1."""

    href: str
    title: str
    depth: int


def read_points(package: Package) -> list[Point]:
    """The entries in order; none when there is no table of contents that can be read."""
    for item in package.items:
        found: dict[str, Point] = {}
        if item.name not in package.names:
            continue
        if "nav" in item.properties.split():
            root = parse_page(package.read(item.name))[0]
            if root is not None:
                _walk_nav(root, posixpath.dirname(item.name), found)
        elif item.media == "application/x-dtbncx+xml":
            _walk_ncx(parse_xml(package.read(item.name)), posixpath.dirname(item.name), found)
        if found:
            return list(found.values())
    return []


def read_leaves(package: Package) -> dict[str, str]:
    """The printed pages that the book lists, by the address where each begins."""
    for item in package.items:
        if item.name not in package.names:
            continue
        found: dict[str, Point] = {}
        base = posixpath.dirname(item.name)
        if "nav" in item.properties.split():
            root = parse_page(package.read(item.name))[0]
            navs = [] if root is None else [e for e in root.iter() if _tag(e) == "nav"]
            for nav in (one for one in navs if types_of(one) & _PAGE_LISTS):
                for link in (e for e in nav.iter() if _tag(e) == "a"):
                    _note(link.get("href") or "", _words(link), base, 1, found)
        elif item.media == "application/x-dtbncx+xml":
            _walk_ncx(parse_xml(package.read(item.name)), base, found, "pagetarget")
        told = {one.href: printable([one.title])[:_LABEL_MAX] for one in found.values()}
        if labels := {href: label_said(said) or said for href, said in told.items() if said}:
            return labels
    return {}


def promote(
    blocks: Sequence[Block], points: Sequence[Point], looks: Mapping[int, str], ledger: Ledger,
    targets: Mapping[str, Block],
) -> None:  # fmt: skip
    """Make headings of the paragraphs that the table of contents names, and of those set alike.

    ``looks`` is how each block was set, by ``id(block)``; ``targets`` are the blocks that anchors
    lead to. A chapter's title may be set in two paragraphs (``Chapter 3``, ``Processes``) where the
    entry has both. An entry whose place begins with a heading of its own names that one, whatever
    it says.
    """
    by_document: dict[str, list[Block]] = defaultdict(list)
    for block in blocks:
        by_document[_document(block)].append(block)
    indexes = {name: _Index(found) for name, found in by_document.items()}
    opening = Counter(folded(found[0].text) for found in by_document.values())
    made: Counter[str] = Counter()
    levels: dict[str, Counter[int]] = defaultdict(Counter)
    for point in points:
        index = indexes.get(point.href.partition("#")[0])
        if index and _titled(index.at(point, targets), opening):
            continue
        for block in index.paragraphs(point) if index else ():
            _make_heading(block, point.depth, ledger)
            made[looks.get(id(block), "")] += 1
            levels[looks.get(id(block), "")][point.depth] += 1
    used = Counter(looks.get(id(block), "") for block in blocks)
    for block in blocks:
        look = looks.get(id(block), "")
        alike = " " in look and made[look] >= 2 and 2 * made[look] >= used[look]
        if alike and block.kind == "prose" and len(block.text) <= _HEADING_MAX:
            _make_heading(block, levels[look].most_common(1)[0][0], ledger)


def _titled(block: Block | None, opening: Counter[str]) -> bool:
    """Whether a place begins with a heading of its own: no number, and no line of all documents."""
    return (
        block is not None and block.kind == "heading" and _label(block) is None
        and opening[folded(block.text)] < 2
    )  # fmt: skip


class _Index:
    """What the blocks of one document spell, with and without a printed number."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.headings: dict[str, set[str | None]] = defaultdict(set)  # words → numbers
        self.spelt: dict[str, list[tuple[int, int]]] = defaultdict(list)  # words → ranges
        self.first: dict[str, int] = {}
        for at, block in enumerate(blocks):
            self.first.setdefault(block.places[0].href or "", at)
            if len(block.text) > _HEADING_MAX:
                continue
            if block.kind == "heading":
                for words in _spellings(block.text):
                    self.headings[words].add(block.number)
            elif block.kind in ("prose", "caption", "callout"):
                for words in _spellings(block.text):
                    self.spelt[words].append((at, at + 1))
                after = blocks[at + 1] if at + 1 < len(blocks) else None
                if after is not None and after.kind == "prose" and len(after.text) <= _HEADING_MAX:
                    self.spelt[folded(block.text + after.text)].append((at, at + 2))

    def at(self, point: Point, targets: Mapping[str, Block]) -> Block | None:
        """The block that an entry leads to; None where its anchor is unknown."""
        return targets.get(point.href) if "#" in point.href else self.blocks[0]

    def paragraphs(self, point: Point) -> Sequence[Block]:
        """The paragraphs that spell an entry, nearest to its address; none where a heading does."""
        number = split_number(point.title)[0]
        wanted = _spellings(point.title)
        for words in wanted:
            numbers = self.headings.get(words, ())
            if any((number or own) == (own or number) for own in numbers):
                return ()
        found = [
            place for words in wanted for place in self.spelt.get(words, ())
            if self.blocks[place[0]].kind != "heading"
        ]  # fmt: skip
        near = self.first.get(point.href, 0)
        best = min(
            found, key=lambda place: (abs(place[0] - near), place[0] - place[1]), default=None
        )
        return () if best is None else self.blocks[best[0] : best[1]]


def _spellings(text: str) -> set[str]:
    return {folded(text), folded(split_number(text)[1])} - {""}


def _make_heading(block: Block, level: int, ledger: Ledger) -> None:
    text = block.text
    number, title = split_number(text)
    block.kind, block.level, block.number, block.text = "heading", level, number, title
    block.label = label_word(text)
    block.anchor = (block.places[0].href or "").partition("#")[2] or None
    block.places[0].end = len(title)
    if number:
        page = ledger.page_of(block.places[0])
        ledger.took(page, "heading_number", text[: len(text) - len(title)], block=block)


def join_labels(blocks: list[Block], points: Sequence[Point], ledger: Ledger) -> None:
    """``Chapter 7`` set above a title belongs to it; a number without a title is no heading.

    It may be set as a paragraph; a paragraph that is just a number has to begin its document.
    """
    named = {folded(point.title) for point in points}
    kept: list[Block] = []
    for number, block in enumerate(blocks):
        after = blocks[number + 1] if number + 1 < len(blocks) else None
        first = number == 0 or _document(blocks[number - 1]) != _document(block)
        label = _label(block, first=first)
        if label is None:
            kept.append(block)
        elif after is not None and _labels(block, after, named):
            after.number, after.label = label, label_word(block.text)
            if block.level is not None:
                after.level = min(after.level or 0, block.level)
            after.places[0].href = block.places[0].href
            ledger.took(ledger.page_of(block.places[0]), "heading_number", block.text, block=after)
        else:
            if block.kind == "heading" and folded(block.text).isdigit():
                block.kind, block.level, block.anchor = "prose", None, None
            kept.append(block)
    blocks[:] = kept


def _labels(block: Block, after: Block, named: set[str]) -> bool:
    """Whether a label belongs to the heading after it: not to a section of a nameless chapter."""
    own = (
        block.kind == "heading"
        and (after.level or 0) > (block.level or 0)
        and {
            folded(block.text),
            folded(after.text),
        }
        <= named
    )
    return (
        after.kind == "heading" and after.number is None and _label(after) is None
        and _document(block) == _document(after) and not own
    )  # fmt: skip


def _label(block: Block, *, first: bool = False) -> str | None:
    if block.kind not in ("heading", "prose") or block.number is not None:
        return None
    text = block.text.strip().strip(".:")
    if block.kind == "prose":
        return is_label(text) or (bare_number(text) if first else None)
    return is_label(text) or (text if text.isdigit() and len(text) <= 3 else None)


def _document(block: Block) -> str:
    return (block.places[0].href or "").partition("#")[0]


def settle_levels(blocks: Sequence[Block], points: Sequence[Point], title: str = "") -> None:
    """Set the levels of headings: the table of contents may deepen them, parts become level 0.

    A heading that comes with level 0 is known to be a part. ``title`` is that of the book: where it
    alone has the first tags, or nothing has, those after them are the chapters'.
    """
    places = [number for number, block in enumerate(blocks) if block.kind == "heading"]
    headings = [blocks[number] for number in places]
    parts = {number for number, block in enumerate(headings) if block.level == 0}
    tags = [block.level or 1 for block in headings]
    known = _depths_of(headings, points)
    above = _is_titled(headings, tags, title)  # by one heading, or by none
    lift = 0 if parts else min(tags[above:], default=1) - 1
    if lift:
        tags[above:] = [tag - lift for tag in tags[above:]]
        deep = min((depth for depth in known[above:] if depth), default=1) - 1
        known[above:] = [depth and depth - deep for depth in known[above:]]
        for heading, tag in zip(headings, tags, strict=True):
            heading.level = tag
    nested = any(depth and depth > tag for depth, tag in zip(known, tags, strict=True))
    if nested:
        _deepen(headings, tags, known)
    if nested and parts:
        _lift(headings, parts)
    elif not parts:
        empty = [after == before + 1 for before, after in pairwise([*places, len(blocks) + 1])]
        _raise_bare(headings, empty)


def _is_titled(headings: Sequence[Block], tags: Sequence[int], title: str) -> bool:
    """Whether the first heading is the title of the book, alone in its document or by its words.

    All others have deeper tags, and at least two documents begin with the first of these.
    """
    if len(tags) <= _CHAPTERS or tags[0] != 1 or 1 in tags[1:]:
        return False
    top = min(tags[1:])
    begun = {_document(one) for one, tag in zip(headings, tags, strict=True) if tag == top}
    alone = _document(headings[0]) not in {_document(one) for one in headings[1:]}
    same = folded(headings[0].text) == folded(title)
    return (alone and len(begun) >= _CHAPTERS) or (same and tags.count(top) >= _CHAPTERS)


def _deepen(headings: Sequence[Block], tags: Sequence[int], known: Sequence[int | None]) -> None:
    last_tag = last_level = 0
    for heading, tag, depth in zip(headings, tags, known, strict=True):
        if depth is not None:
            heading.level = max(tag, depth)
            last_tag, last_level = tag, heading.level
        elif last_level:
            heading.level = max(1, last_level + tag - last_tag)


def _lift(headings: Sequence[Block], parts: set[int]) -> None:
    """The table of contents put parts at 1 and their chapters at 2: all moves up by one."""
    inside = False
    for number, heading in enumerate(headings):
        level = heading.level or 0
        if number in parts:
            inside = True
        elif level == 1:
            inside = False  # a preface or an appendix beside the parts
        if inside:
            heading.level = max(0, level - 1)


def _raise_bare(headings: Sequence[Block], empty: Sequence[bool]) -> None:
    """Titles without number and text right before a numbered chapter, at least twice, are parts."""
    top = min((heading.level or 1 for heading in headings), default=1)
    bare = [
        number for number, (one, two) in enumerate(pairwise(headings))
        if empty[number] and one.level == two.level == top and two.number and not one.number
    ]  # fmt: skip
    for number in bare if len(bare) > 1 else []:
        headings[number].level = top - 1


def _depths_of(headings: Sequence[Block], points: Sequence[Point]) -> list[int | None]:
    """An entry may name the heading, only the document that begins with it, or its words."""
    depths = {point.href: point.depth for point in points}
    titles = {(p.href.partition("#")[0], folded(split_number(p.title)[1])): p.depth for p in points}
    found: list[int | None] = []
    seen: set[str] = set()
    for heading in headings:
        href, document = heading.places[0].href or "", _document(heading)
        first = document not in seen
        seen.add(document)
        depth = depths.get(href) or (depths.get(document) if first else None)
        found.append(depth or titles.get((document, folded(heading.text))))
    return found


def _walk_nav(root: Any, base: str, found: dict[str, Point]) -> None:
    for nav in (e for e in root.iter() if _tag(e) == "nav"):
        kind = nav.get(_EPUB_TYPE) or nav.get("epub:type") or nav.get("role") or "toc"
        if "toc" in kind:
            for link in (e for e in nav.iter() if _tag(e) == "a"):
                depth = sum(1 for above in link.iterancestors() if _tag(above) == "ol")
                _note(link.get("href") or "", _words(link), base, depth, found)


def _walk_ncx(root: Any, base: str, found: dict[str, Point], kind: str = "navpoint") -> None:
    for point in root.iter() if root is not None else ():
        if _tag(point) == kind:
            depth = 1 + sum(1 for above in point.iterancestors() if _tag(above) == kind)
            content = next((e for e in point if _tag(e) == "content"), None)
            if content is not None:
                label = next((_words(e) for e in point if _tag(e) == "navlabel"), "")
                _note(content.get("src") or "", label, base, depth, found)


def _note(href: str, title: str, base: str, depth: int, found: dict[str, Point]) -> None:
    if not href or ":" in href.split("/")[0] or len(found) >= _ENTRIES_MAX:
        return
    file, mark, anchor = unquote(href).partition("#")
    name = posixpath.normpath(posixpath.join(base, file))
    address = name + mark + anchor
    found.setdefault(address, Point(address, title, min(depth, _DEPTH_MAX)))


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _tag(element: Any) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""
