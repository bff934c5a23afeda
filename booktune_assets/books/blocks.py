"""What every reader gives: blocks with the places they stand, pages, warnings.

Belongs here: the records that pass between readers, the worker and the frames, and their plain
(JSON) form. Does not: reading (``pdf epub markdown livebook``), Polars (``frames.py``): the worker
imports this module, and it has to start fast.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from booktune_assets.books.identity import CODE_KINDS, same_pieces

__all__ = ["CODE_KINDS", "Block", "Figure", "Limits", "Link", "Page", "Parsed", "Place"]

_PIECE = 100_000  # bytes of an answer that are handed on at a time


@dataclass(frozen=True, slots=True)
class Face:
    """The type that a piece is set in. ``mono``: its letters are drawn of one width."""

    font: str
    size: float
    bold: bool = False
    mono: bool = False


@dataclass(slots=True)
class Place:
    """One piece of a block: ``text[start:end]`` stands on this page or in this part.

    ``printed`` is what a book without pages says of the printed one, see ``leaves.py``.
    """

    start: int
    end: int
    page: int | None = None
    href: str | None = None
    box: tuple[float, float, float, float] | None = None
    face: Face | None = None  # of most of its letters; None where the format sets no type
    printed: str | None = None


@dataclass(slots=True)
class Link:
    """``text[start:end]`` leads to ``target``: an address outside, or a place in the book.

    ``to`` is the block that stands there, by its position in ``Parsed.blocks``; None outside of the
    book and where nothing stands. ``index``: a term of the index, see ``terms.py``.
    """

    start: int
    end: int
    target: str
    internal: bool = False
    page: int | None = None
    y: float | None = None
    to: int | None = None
    index: bool = False


@dataclass(slots=True)
class Block:
    """One block in reading order. ``lang`` is one of ``schemas.LANGS``.

    ``label`` is the word that a heading prints before its number: part, chapter, appendix …
    """

    kind: str
    text: str
    level: int | None = None
    number: str | None = None
    lang: str = ""
    anchor: str | None = None
    places: list[Place] = field(default_factory=list[Place])
    links: list[Link] = field(default_factory=list[Link])
    content: str = ""  # what a block without text is known by: the digest of a picture
    label: str | None = None
    markup: str | None = None  # as its author wrote it, see ``mdsource.py``


@dataclass(slots=True)
class Figure:
    """A picture of the book; ``block`` has its place and no text, ``words`` stand inside of it.

    ``content`` is the digest of what is drawn, ``kind`` what it is drawn with: ``raster``,
    ``vector`` or ``svg``. Without a file there is a ``fault``.
    """

    block: Block
    kind: str
    content: str
    words: str = ""
    alt: str | None = None
    caption: Block | None = None
    file: str | None = None
    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    bytes: int | None = None
    sha256: str | None = None
    fault: str | None = None

    def as_plain(self, spots: dict[int, int]) -> dict[str, Any]:
        """JSON values; blocks become their numbers (``spots`` has them by identity)."""
        names = ("kind", "content", "words", "alt", "file", "media_type", "width", "height",
                 "bytes", "sha256", "fault")  # fmt: skip
        plain = {name: getattr(self, name) for name in names}
        caption = None if self.caption is None else spots.get(id(self.caption))
        return {**plain, "block": spots[id(self.block)], "caption": caption}


@dataclass(slots=True)
class Word:
    """A word of a block as it is drawn: one box; a word broken over rows has several pieces."""

    block: int
    word: int
    piece: int
    start: int
    end: int
    page: int
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class Cell:
    """A cell of a ruled table, at its top left row and column."""

    block: int
    row: int
    column: int
    rows: int
    columns: int
    header: bool
    text: str
    page: int
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class Page:
    """One page or spine document, read or not."""

    page: int
    label: str | None = None
    width: float | None = None
    height: float | None = None
    chars: int = 0
    kept: int = 0
    furniture: int = 0
    moved: int = 0
    repaired: int = 0
    lost: int = 0
    doubled: int = 0
    status: str = "ok"
    code: str | None = None
    source: str | None = None


@dataclass(slots=True)
class Limits:
    """The bounds of one reading: the part of ``settings.Reading`` that the worker needs."""

    unpacked_mb: int = 100
    pages_max: int = 20_000
    accept_restricted: bool = True
    repairs_off: tuple[str, ...] = ()
    precise: bool = False
    ocr: bool = False
    ocr_language: str = "eng"
    tessdata: str | None = None
    includes: bool = False  # AsciiDoc may include files of its folder

    @property
    def unpacked(self) -> int:
        """Largest unpacked piece, bytes."""
        return self.unpacked_mb * 1_000_000


@dataclass(slots=True)
class Parsed:
    """A book as it was read."""

    format: str
    title: str = ""
    authors: list[str] = field(default_factory=list[str])
    language: str | None = None
    licence: str | None = None
    blocks: list[Block] = field(default_factory=list[Block])
    pages: list[Page] = field(default_factory=list[Page])
    warnings: list[str] = field(default_factory=list[str])
    counts: dict[str, int] = field(default_factory=dict[str, int])
    changes: Sequence[dict[str, Any]] = ()
    figures: list[Figure] = field(default_factory=list[Figure])
    words: list[Word] = field(default_factory=list[Word])
    cells: list[Cell] = field(default_factory=list[Cell])
    heads: list[Block] = field(default_factory=list[Block])  # running heads: no text, no order

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter of the report."""
        self.counts[name] = self.counts.get(name, 0) + by

    def warn(self, words: str) -> None:
        """Keep a warning once, and not without end."""
        if words not in self.warnings and len(self.warnings) < 50:
            self.warnings.append(words)

    def add_heads(self) -> None:
        """Put running heads behind all other blocks, when the readers are done with those."""
        self.blocks += self.heads
        self.heads = []

    def content_sha256(self) -> str:
        """SHA-256 over all that the book says: the same for a re-zipped or re-saved copy."""
        said = [(block.kind, block.text or block.content) for block in self.blocks]
        made = hashlib.sha256()
        for piece in same_pieces(said):
            made.update(piece.encode("utf-8", "surrogatepass"))
        return made.hexdigest()

    def as_plain(self) -> dict[str, Any]:
        """The record as JSON values."""
        spots = {id(block): number for number, block in enumerate(self.blocks)}
        return {
            **asdict(replace(self, figures=[], changes=list(self.changes))),
            "figures": [figure.as_plain(spots) for figure in self.figures],
            "content_sha256": self.content_sha256(),
        }

    def as_json(self, **more: object) -> Iterator[bytes]:
        """``as_plain``, and more, as JSON objects that are put together again by who takes them:
        some 100 kB of the rows of one table, and in the last one all that is no row. Whole, the
        answer of a long book takes several times the memory of its text.
        """
        spots = {id(block): number for number, block in enumerate(self.blocks)}
        records: dict[str, Iterable[Any]] = {
            "blocks": map(asdict, self.blocks), "pages": map(asdict, self.pages),
            "words": map(asdict, self.words), "cells": map(asdict, self.cells),
            "figures": (figure.as_plain(spots) for figure in self.figures),
            "changes": self.changes,
        }  # fmt: skip
        own = asdict(replace(self, **{name: [] for name in records}))
        for name, values in records.items():
            yield from _pieces(name, values)
        rest = {name: value for name, value in own.items() if name not in records}
        yield json.dumps({**rest, "content_sha256": self.content_sha256(), **more}).encode()


def _pieces(name: str, values: Iterable[Any]) -> Iterator[bytes]:
    """Rows of a table, some at a time."""
    head = f'{{"{name}": ['.encode()
    made = bytearray(head)
    for value in values:
        made += (b", " if len(made) > len(head) else b"") + json.dumps(value).encode()
        if len(made) > _PIECE:
            yield bytes(made + b"]}")
            made = bytearray(head)
    if len(made) > len(head):
        yield bytes(made + b"]}")


def inked(text: str) -> int:
    """How many characters of a text are not white space."""
    return len("".join(text.split()))


def printable(pieces: Iterable[str]) -> str:
    """Joined text without what no table may hold: lone surrogates, NUL, non-characters."""
    text = "".join(pieces)
    if text.isascii() and "\0" not in text:
        return text
    return text.translate(_BROKEN)


class _Broken(dict[int, str | int]):
    def __missing__(self, key: int) -> int | str:
        broken = key == 0 or 0xD800 <= key <= 0xDFFF or key & 0xFFFE == 0xFFFE
        self[key] = "\ufffd" if broken else key
        return self[key]


_BROKEN = _Broken()
