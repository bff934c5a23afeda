"""Pictures that a book brings as files: images of an EPUB, files beside a Markdown text.

Belongs here: what bytes may be kept, SVG made harmless, figures and captions of these formats. Does
not: where a picture stands (``epub.py shown.py markdown.py``), figures of PDF (``figures.py``).

Nothing is fetched: a picture is an entry of the archive, a file in the folder of the book, or
written out in the text. Bytes of rasters are kept as they are and never decoded.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from booktune_assets.books.blocks import Block, Figure, Parsed, Place, printable
from booktune_assets.books.desk import Desk
from booktune_assets.books.drawings import LABEL
from booktune_assets.books.figures import keep_picture
from booktune_assets.books.html import parse_xml
from booktune_assets.books.neighbours import pictures_folder

__all__ = ["BYTES_MAX", "Gallery", "beside"]

BYTES_MAX = 25_000_000  # of one picture
_PIXELS_MAX = 200_000_000
_ALL_MAX = 1_000_000_000  # bytes of all pictures of a book
_ICON = 40  # pixels: a smaller picture is an icon
_OFTEN, _LITTLE = 3, 200  # times that an icon is shown, pixels that it has at most
_CAPTION_MAX = 400  # characters
_TYPES = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "GIF": ("image/gif", "gif"),
          "WEBP": ("image/webp", "webp")}  # fmt: skip
_DATA = re.compile(r"data:image/[\w.+-]+;base64,", re.I)
_UNSAFE = frozenset({
    "script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler", "set",
    "animate", "animatemotion", "animatetransform", "image", "a", "metadata",
})  # fmt: skip
_OUTSIDE = re.compile(r"@import|url\s*\(\s*['\"]?\s*(?!#)|expression\s*\(|javascript:", re.I)
_NUMBER = re.compile(r"\s*([\d.]+)")
Load = Callable[[str], bytes | None]


class Gallery:
    """The pictures of one book. ``load`` gives the bytes behind an address, or None."""

    def __init__(self, parsed: Parsed, desk: Desk, load: Load) -> None:
        self.parsed, self.desk, self.load = parsed, desk, load
        self.bytes = 0
        self.missing = ""  # the first address without a picture

    def show(self, source: str, alt: str | None, href: str | None, load: Load | None = None) -> (
        Figure | None
    ):  # fmt: skip
        """The figure at an address; None for icons and for what the book does not bring."""
        source = source.strip()
        if source.lower().startswith(("http:", "https:", "//", "file:", "ftp:", "javascript:")):
            return None
        data = _inline(source) if source[:5].lower() == "data:" else (load or self.load)(source)
        if data is None or self.bytes + len(data) > _ALL_MAX:
            self.parsed.count("pictures_missing")
            self.missing = self.missing or source
            return None
        self.bytes += len(data)
        kind = "svg" if _is_svg(data) else "raster"
        figure = self._figure(kind, sha256(data).hexdigest(), alt, href)
        (self._vector if kind == "svg" else self._raster)(figure, data)
        if figure.width and figure.height and min(figure.width, figure.height) < _ICON:
            return None
        self.parsed.figures.append(figure)
        return figure

    def drawn(self, element: Any, href: str | None) -> Figure | None:
        """The figure of an ``<svg>`` that stands in the text."""
        from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

        data = etree.tostring(element, with_tail=False)
        if len(data) < 200:
            return None
        figure = self._figure("svg", sha256(data).hexdigest(), None, href)
        self._vector(figure, data)
        if figure.width and figure.height and min(figure.width, figure.height) < _ICON:
            return None
        self.parsed.figures.append(figure)
        return figure

    def settle(self) -> None:
        """Take out what is shown again and again, and tie captions that only stand beside."""
        often = Counter(figure.content for figure in self.parsed.figures)
        icons = {
            id(one.block) for one in self.parsed.figures
            if often[one.content] >= _OFTEN and max(one.width or 0, one.height or 0) <= _LITTLE
        }  # fmt: skip
        self.parsed.blocks = [block for block in self.parsed.blocks if id(block) not in icons]
        order = {id(block): number for number, block in enumerate(self.parsed.blocks)}
        self.parsed.figures = [one for one in self.parsed.figures if id(one.block) in order]
        self.parsed.figures.sort(key=lambda figure: order[id(figure.block)])
        taken = {id(one.caption) for one in self.parsed.figures if one.caption}
        for figure in self.parsed.figures:
            if figure.caption is None:
                figure.caption = _neighbour(self.parsed.blocks, order[id(figure.block)], taken)
                taken.add(id(figure.caption))
        self.parsed.count("figures", len(self.parsed.figures))
        if self.missing:
            number = self.parsed.counts["pictures_missing"]
            first = " ".join(printable([self.missing]).split())[:80]
            self.parsed.warn(
                f"{number} of the pictures that it names are not there (first: {first})"
            )

    def _figure(self, kind: str, content: str, alt: str | None, href: str | None) -> Figure:
        block = Block("figure", "", content=content, places=[Place(0, 0, href=href)])
        text = " ".join(printable([alt or ""]).split())
        return Figure(block, kind, content, alt=text or None)

    def _raster(self, figure: Figure, data: bytes) -> None:
        from PIL import Image

        try:
            with Image.open(io.BytesIO(data)) as image:  # reads the head, decodes nothing
                form, (wide, high) = image.format or "", image.size
        except MemoryError:
            raise
        except Exception as problem:
            figure.fault = f"is no picture that can be read ({type(problem).__name__})"
            return
        if form not in _TYPES or wide * high > _PIXELS_MAX or not wide * high:
            figure.fault = f"is of a kind or size that is not kept ({form or '?'} {wide}×{high})"
            return
        figure.width, figure.height = wide, high
        keep_picture(figure, data, *_TYPES[form], self.desk)

    def _vector(self, figure: Figure, data: bytes) -> None:
        root = parse_xml(data)
        if root is None or _tag(root) != "svg":
            figure.fault = "is no SVG that can be read"
            return
        from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

        inner = ("".join(e.itertext()) for e in root.iter() if _tag(e) == "text")
        figure.words = " ".join(printable([" ".join(inner)]).split())
        _make_harmless(root)
        figure.width, figure.height = _svg_size(root)
        keep_picture(figure, etree.tostring(root), "image/svg+xml", "svg", self.desk)


def beside(path: Path) -> Load:
    """Files in the folder of a book and below it, and nothing else of the disk.

    Of the same name the one in the book's own folder of pictures is meant.
    """
    own, around = pictures_folder(path), path.parent

    def load(source: str) -> bytes | None:
        name = unquote(source.split("#", 1)[0].split("?", 1)[0])
        if not name or "\0" in name:
            return None
        found = _inside(own.resolve(), name) if own.is_dir() else None
        return found if found is not None else _inside(around.resolve(), name)

    return load


def _inside(folder: Path, name: str) -> bytes | None:
    """The bytes of a file in a folder or below, that is no larger than a picture may be."""
    try:
        file = (folder / name).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            return None
        return file.read_bytes() if file.stat().st_size <= BYTES_MAX else None
    except (OSError, RuntimeError, ValueError):
        return None


def _neighbour(blocks: Sequence[Block], at: int, taken: set[int]) -> Block | None:
    """A block right behind or before a figure that calls itself its caption."""
    for near in (at + 1, at - 1):
        if not 0 <= near < len(blocks):
            continue
        block = blocks[near]
        called = LABEL.match(block.text) and len(block.text) <= _CAPTION_MAX
        if called and block.kind in ("prose", "caption", "callout") and id(block) not in taken:
            block.kind = "caption"
            return block
    return None


def _inline(source: str) -> bytes | None:
    """The bytes of a ``data:`` address."""
    head = _DATA.match(source[:100])
    if head is None or len(source) > 1.4 * BYTES_MAX:
        return None
    try:
        return base64.b64decode(unquote(source[head.end() :]), validate=False)
    except (binascii.Error, ValueError):
        return None


def _is_svg(data: bytes) -> bool:
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<") and b"<svg" in data[:5000]


def _make_harmless(root: Any) -> None:
    """Without what runs, fetches or links: SVG that only draws."""
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            parent = element.getparent()
            if parent is not None:
                _drop(element, parent)
            continue
        tag, parent = _tag(element), element.getparent()
        links = [v for k, v in element.attrib.items() if k.rsplit("}", 1)[-1] == "href"]
        own = tag == "image" and all(_DATA.match(link) for link in links)
        styled = tag == "style" and _OUTSIDE.search(element.text or "")
        if parent is not None and ((tag in _UNSAFE and not own) or styled):
            _drop(element, parent)
            continue
        for name, value in list(element.attrib.items()):
            plain = name.rsplit("}", 1)[-1].lower()
            linked = plain in ("href", "src") and not value.startswith("#") and not own
            if plain.startswith("on") or linked or _OUTSIDE.search(value):
                del element.attrib[name]


def _drop(element: Any, parent: Any) -> None:
    """Take an element out and leave the text behind it; what a link shows stays."""
    if isinstance(element.tag, str) and _tag(element) == "a":
        element.tag = element.tag.rsplit("}", 1)[0] + "}g" if "}" in element.tag else "g"
        element.attrib.clear()
        return
    parent.remove(element)


def _svg_size(root: Any) -> tuple[int | None, int | None]:
    """Width and height as the drawing states them, by its size or its view box."""
    box = [_NUMBER.match(part) for part in re.split(r"[\s,]+", root.get("viewBox") or "")]
    sizes: list[int | None] = []
    for name, number in (("width", 2), ("height", 3)):
        said = root.get(name) or ""
        match = None if "%" in said else _NUMBER.match(said)
        match = match or (box[number] if len(box) == 4 else None)
        value = float(match.group(1)) if match and match.group(1).count(".") < 2 else 0.0
        sizes.append(min(round(value), 100_000) or None)
    return sizes[0], sizes[1]


def _tag(element: Any) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""
