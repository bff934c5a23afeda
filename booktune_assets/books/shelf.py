"""The shelf: which book files are there, and under which key each of them is known.

Belongs here: finding files in the library folder, stable partition keys, sidecars, file hashes.
Does not: opening books (``reader.py``), Dagster partitions (``assets/``).

The key is the book, the bytes are its data: a corrected file keeps its key. Keys are remembered in
``<home>/shelf.json`` by file name, so that what arrives later never renames what came before.
"""

from __future__ import annotations

import fcntl
import json
import os
import tomllib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from booktune_assets.books.neighbours import sidecar_path
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import file_sha256, slug
from booktune_assets.lake import write_json
from booktune_assets.settings import Settings

__all__ = ["FORMATS", "Book", "Shelf"]

FORMATS = {
    ".pdf": "pdf", ".epub": "epub", ".livemd": "livemd", ".md": "md", ".markdown": "md",
    ".adoc": "adoc", ".asciidoc": "adoc", ".asc": "adoc",
}  # fmt: skip


def _nearest(name: str, keys: list[str]) -> str:
    """Which key may be meant by a title, a file name or a slip of the hand, as a sentence."""
    from difflib import get_close_matches

    found = get_close_matches(slug(name), keys, n=1, cutoff=0.6)
    return f"Did you mean {found[0]}? " if found else ""


@dataclass(frozen=True, slots=True)
class Book:
    """One file of the shelf. ``format`` is what its name says; the reader judges by content."""

    key: str
    path: Path
    format: str
    title: str | None
    licence: str | None
    changed_ns: int
    size: int
    fault: str | None = None  # what is wrong with its sidecar: the book fails alone
    noticed_ns: int = 0  # change of the file or of its sidecar, whichever came later


class _Hash(TypedDict):
    size: int
    changed_ns: int
    sha256: str


class _Register(TypedDict):
    keys: dict[str, str]
    hashes: dict[str, _Hash]


class Shelf:
    """The library folder of some settings. Safe to use from several processes at once."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.books
        self._register = settings.home / "shelf.json"

    def books(self) -> list[Book]:
        """All books by key; files that are new get their key now and keep it."""
        found = self._files()
        known = self._load()["keys"]
        if any(path.name not in known for path in found):
            with self._changing() as register:
                known = register["keys"]
                for path in found:  # PDF first: it gets the plain key among files of one stem
                    if path.name not in known:
                        known[path.name] = self._new_key(path, known)
        return sorted((self._book(path, known[path.name]) for path in found), key=lambda b: b.key)

    def book(self, key: str) -> Book:
        """One book, or ``UNKNOWN_BOOK``; ``FILE_MISSING`` when its file is gone."""
        register = self._load()["keys"]
        names = [name for name, known in register.items() if known == key]
        if not names or not (self.folder / names[0]).is_file():
            for book in self.books():
                if book.key == key:
                    return book
            code = Code.FILE_MISSING if names else Code.UNKNOWN_BOOK
            remedy = (
                "Put the file back, or add it again: booktune add FILE"
                if names
                else f"{_nearest(key, [*register.values()])}See the keys with: booktune status"
            )
            known = {"file": names[0]} if names else {}
            raise BookError(code, remedy, book=key, **known)
        return self._book(self.folder / names[0], key)

    def in_order(self, keys: list[str]) -> list[str]:
        """Keys in the order in which their books came to the shelf; strangers last, by name."""
        rank = {key: number for number, key in enumerate(self._load()["keys"].values())}
        return sorted(keys, key=lambda key: (rank.get(key, len(rank)), key))

    def knows(self, key: str) -> bool:
        """Was this key ever given to a file?"""
        return key in self._load()["keys"].values()

    def forget(self, key: str) -> None:
        """Give a key up. A file of it that is still in the folder comes back as a new book."""
        with self._changing() as register:
            names = [name for name, known in register["keys"].items() if known == key]
            for name in names:
                del register["keys"][name]
                register["hashes"].pop(name, None)

    def fingerprint(self, book: Book) -> str:
        """SHA-256 of the file; remembered by size and change time, so a look costs no read."""
        stored = self._load()["hashes"].get(book.path.name)
        if stored and (stored["size"], stored["changed_ns"]) == (book.size, book.changed_ns):
            return stored["sha256"]
        try:
            sha = file_sha256(book.path)
        except OSError as problem:
            raise BookError(
                Code.FILE_MISSING,
                f"Make the file readable: {problem.strerror}",
                file=book.path.name,
            ) from problem
        with self._changing() as register:
            register["hashes"][book.path.name] = {
                "size": book.size,
                "changed_ns": book.changed_ns,
                "sha256": sha,
            }
        return sha

    def _files(self) -> list[Path]:
        """Book files, PDF, EPUB, Livebook, Markdown, AsciiDoc in this order, then by name."""
        if not self.folder.is_dir():
            return []
        order = list(FORMATS)
        found = [
            path
            for path in self.folder.iterdir()
            if path.suffix.lower() in FORMATS
            and not path.name.startswith((".", "_"))
            and path.is_file()
        ]
        return sorted(found, key=lambda path: (order.index(path.suffix.lower()), path.name))

    def _new_key(self, path: Path, known: dict[str, str]) -> str:
        """Slug of the sidecar's id or the stem; the format is added when the slug is taken."""
        taken = set(known.values())
        wanted = _sidecar(path)[0].get("id") or path.stem
        key = slug(wanted)
        if key in taken:
            key = slug(f"{wanted} {FORMATS[path.suffix.lower()]}")
        return key if key not in taken else slug(path.name, taken)

    def _book(self, path: Path, key: str) -> Book:
        status = path.stat()
        extra, fault = _sidecar(path)
        return Book(
            key, path, FORMATS[path.suffix.lower()], extra.get("title"), extra.get("licence"),
            status.st_mtime_ns, status.st_size, fault, max(status.st_mtime_ns, _changed(path)),
        )  # fmt: skip

    def _load(self) -> _Register:
        try:
            raw = json.loads(self._register.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            raw = {}
        return {"keys": raw.get("keys", {}), "hashes": raw.get("hashes", {})}

    @contextmanager
    def _changing(self) -> Generator[_Register]:
        """The register under an exclusive lock; written back atomically at the end."""
        self._register.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._register.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            register = self._load()
            yield register
            write_json(self._register, register)
        finally:
            os.close(handle)


def _changed(path: Path) -> int:
    """Change time of the sidecar of a book, ns; 0 without one."""
    with suppress(OSError):
        return sidecar_path(path).stat().st_mtime_ns
    return 0


def _sidecar(path: Path) -> tuple[dict[str, str], str | None]:
    """What the sidecar says (``id``, ``title``, ``licence``), and what is wrong with it."""
    beside = sidecar_path(path)
    try:
        raw = tomllib.loads(beside.read_text())
    except FileNotFoundError:
        return {}, None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        return {}, f"Mend the sidecar {beside.name}: {problem}"
    return {name: str(raw[name]) for name in ("id", "title", "licence") if name in raw}, None
