"""What an EPUB's table of contents knows about the levels of headings.

Belongs here: reading the navigation document or NCX, and settling heading levels with it. Does not:
the headings themselves (``epub.py``), PDF outlines (``pdf.py``).

Many publishers restart at ``h1`` in every file or section; there only the table of contents tells
chapters from sections. It is only used to make headings deeper: a flat one says nothing.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from booktune_assets.books.blocks import Block
from booktune_assets.books.html import parse_page, parse_xml
from booktune_assets.books.package import Package

__all__ = ["read_depths", "settle_levels"]

_DEPTH_MAX = 12
_ENTRIES_MAX = 20_000
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"

Depths = dict[str, int]  # "document#anchor" or "document" → depth from 1


def read_depths(package: Package) -> Depths:
    """Depths by address; empty when there is no table of contents that can be read."""
    for item in package.items:
        found: Depths = {}
        if item.name not in package.names:
            continue
        if "nav" in item.properties.split():
            root = parse_page(package.read(item.name))[0]
            if root is not None:
                _walk_nav(root, posixpath.dirname(item.name), found)
        elif item.media == "application/x-dtbncx+xml":
            _walk_ncx(parse_xml(package.read(item.name)), posixpath.dirname(item.name), found)
        if found:
            return found
    return {}


def settle_levels(blocks: Sequence[Block], depths: Depths) -> None:
    """Set the levels of headings: the table of contents may deepen them, parts become level 0.

    A heading that comes with level 0 is known to be a part.
    """
    places = [number for number, block in enumerate(blocks) if block.kind == "heading"]
    headings = [blocks[number] for number in places]
    parts = {number for number, block in enumerate(headings) if block.level == 0}
    tags = [block.level or 1 for block in headings]
    known = _depths_of(headings, depths)
    nested = any(depth and depth > tag for depth, tag in zip(known, tags, strict=True))
    if nested:
        _deepen(headings, tags, known)
    if nested and parts:
        _lift(headings, parts)
    elif not parts:
        empty = [after == before + 1 for before, after in pairwise([*places, len(blocks) + 1])]
        _raise_bare(headings, empty)


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


def _depths_of(headings: Sequence[Block], depths: Depths) -> list[int | None]:
    """An entry may name the heading, or only the document that begins with it."""
    found: list[int | None] = []
    seen: set[str] = set()
    for heading in headings:
        href = heading.places[0].href or ""
        document = href.partition("#")[0]
        first = document not in seen
        seen.add(document)
        found.append(depths.get(href) or (depths.get(document) if first else None))
    return found


def _walk_nav(root: Any, base: str, found: Depths) -> None:
    for nav in (e for e in root.iter() if _tag(e) == "nav"):
        kind = nav.get(_EPUB_TYPE) or nav.get("epub:type") or nav.get("role") or "toc"
        if "toc" in kind:
            for link in (e for e in nav.iter() if _tag(e) == "a"):
                depth = sum(1 for above in link.iterancestors() if _tag(above) == "ol")
                _note(link.get("href") or "", base, depth, found)


def _walk_ncx(root: Any, base: str, found: Depths) -> None:
    for point in root.iter() if root is not None else ():
        if _tag(point) == "navpoint":
            depth = 1 + sum(1 for above in point.iterancestors() if _tag(above) == "navpoint")
            content = next((e for e in point if _tag(e) == "content"), None)
            if content is not None:
                _note(content.get("src") or "", base, depth, found)


def _note(href: str, base: str, depth: int, found: Depths) -> None:
    if not href or ":" in href.split("/")[0] or len(found) >= _ENTRIES_MAX:
        return
    file, mark, anchor = unquote(href).partition("#")
    name = posixpath.normpath(posixpath.join(base, file))
    found.setdefault(name + mark + anchor, min(depth, _DEPTH_MAX))


def _tag(element: Any) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""
