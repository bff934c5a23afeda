"""The pictures that one document shows, and which caption is whose.

Belongs here: addresses within an archive, ``<figure>`` with its caption, SVG around an image. Does
not: bytes of pictures (``pictures.py``), the walk over the document (``walker.py``).
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from booktune_assets.books.blocks import Block, Figure
from booktune_assets.books.package import Package
from booktune_assets.books.pictures import BYTES_MAX, Gallery

__all__ = ["Shown"]


class Shown:
    """The pictures of a document: entries of a package, or what the gallery finds.

    ``open`` counts the ``<figure>`` elements around the walker; ``waiting`` are figures inside of a
    paragraph that is not at its end.
    """

    def __init__(
        self, gallery: Gallery | None = None, package: Package | None = None, document: str = ""
    ) -> None:
        self.gallery, self.package, self.document = gallery, package, document
        self.open = 0
        self.waiting: list[Block] = []

    def show(self, source: str, alt: str | None, href: str) -> Figure | None:
        """The figure of an image."""
        if self.gallery is None:
            return None
        load = self._load if self.package else None
        figure = self.gallery.show(source, alt, href, load)
        if figure is not None:
            self.waiting.append(figure.block)
        return figure

    def draw(self, element: Any, href: str) -> Figure | None:
        """The figure of an ``<svg>``; one that only shows an image is that image."""
        if self.gallery is None:
            return None
        links = [
            value
            for inner in element.iter() if isinstance(inner.tag, str)
            and inner.tag.rsplit("}", 1)[-1].lower() == "image"
            for name, value in inner.attrib.items() if name.rsplit("}", 1)[-1] == "href"
        ]  # fmt: skip
        if links and not "".join(element.itertext()).strip():
            found = [self.show(link, None, href) for link in links]
            return next((figure for figure in found if figure), None)
        figure = self.gallery.drawn(element, href)
        if figure is not None:
            self.waiting.append(figure.block)
        return figure

    def tie(self, blocks: Sequence[Block]) -> None:
        """Give the figures among the blocks of a ``<figure>`` the caption among them."""
        inside = {id(block) for block in blocks if block.kind == "figure"}
        caption = next((block for block in blocks if block.kind == "caption"), None)
        for figure in self.gallery.parsed.figures if self.gallery else ():
            if id(figure.block) in inside and figure.caption is None:
                figure.caption = caption

    def _load(self, source: str) -> bytes | None:
        """An entry of the archive by an address relative to the document."""
        path = unquote(source.split("#", 1)[0].split("?", 1)[0])
        name = posixpath.normpath(posixpath.join(posixpath.dirname(self.document), path))
        if self.package is None or name not in self.package.names:
            return None
        try:
            with self.package.archive.open(name) as handle:
                data = handle.read(BYTES_MAX + 1)
        except MemoryError:
            raise
        except Exception:  # an entry that is cut or uses an unknown compression
            return None
        return data if len(data) <= BYTES_MAX else None
