"""What every reader gives: blocks with the places they stand, pages, warnings.

Belongs here: the records that pass between readers, the worker and the frames, and their plain
(JSON) form. Does not: reading (``pdf epub markdown livebook``), Polars (``frames.py``): the worker
imports this module, and it has to start fast.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from booktune_assets.books.identity import CODE_KINDS, normalised, same_text

__all__ = ["CODE_KINDS", "Block", "Limits", "Page", "Parsed", "Place", "normalised"]


@dataclass(slots=True)
class Place:
    """One piece of a block: ``text[start:end]`` stands on this page or in this part."""

    start: int
    end: int
    page: int | None = None
    href: str | None = None
    box: tuple[float, float, float, float] | None = None


@dataclass(slots=True)
class Block:
    """One block in reading order. ``lang`` is one of ``schemas.LANGS``."""

    kind: str
    text: str
    level: int | None = None
    number: str | None = None
    lang: str = ""
    anchor: str | None = None
    places: list[Place] = field(default_factory=list[Place])


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


@dataclass(slots=True)
class Limits:
    """The bounds of one reading: the part of ``settings.Reading`` that the worker needs."""

    unpacked_mb: int = 100
    pages_max: int = 20_000
    accept_restricted: bool = True
    repairs_off: tuple[str, ...] = ()

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
    changes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter of the report."""
        self.counts[name] = self.counts.get(name, 0) + by

    def warn(self, words: str) -> None:
        """Keep a warning once, and not without end."""
        if words not in self.warnings and len(self.warnings) < 50:
            self.warnings.append(words)

    def content_sha256(self) -> str:
        """SHA-256 over all that the book says: the same for a re-zipped or re-saved copy."""
        said = same_text((block.kind, block.text) for block in self.blocks)
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()

    def as_plain(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {**asdict(self), "content_sha256": self.content_sha256()}


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
