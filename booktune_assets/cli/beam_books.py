"""What the verbs of ``beam`` read of a book: a file, which needs no home, or one of the shelf.

Belongs here: names to frames. Does not: what is done with them.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from booktune_assets.cli.asked import Asked
from booktune_assets.cli.words import refuse_folder

if TYPE_CHECKING:
    import polars as pl

__all__ = ["BookFrames", "book_frames", "exports_folder"]

_TABLES = ("sections", "sections__blocks", "sections__spans")


@dataclass(frozen=True, slots=True)
class BookFrames:
    """A book's key, file, title and the frames of ``sections``; is it one of the shelf?"""

    key: str
    path: Path
    title: str
    frames: Mapping[str, pl.DataFrame]
    shelved: bool


def book_frames(asked: Asked, name: str) -> BookFrames:
    """A book by its file or key. Raises FILE_MISSING, NOT_A_FILE, NOT_BUILT and more."""
    from booktune_assets.errors import BookError, Code

    refuse_folder(name)
    if Path(name).is_file():
        return _of_file(asked, Path(name))
    if "/" in name:  # no key looks like that
        raise BookError(Code.FILE_MISSING, "Name a book file, or a key of the shelf", path=name)
    return _of_shelf(asked, name)


@contextmanager
def exports_folder(asked: Asked) -> Generator[Path]:
    """Where the installed exports are kept: in the home, where there is one; none is made."""
    if asked.settings.home.is_dir():
        yield asked.settings.cache
        return
    with TemporaryDirectory(prefix="booktune-exports-") as folder:
        yield Path(folder)


def _of_file(asked: Asked, file: Path) -> BookFrames:
    from booktune_assets.books.reader import read_book
    from booktune_assets.books.sections import into_sections
    from booktune_assets.ids import slug

    key = slug(file.stem)
    raw = read_book(file, key, asked.settings.reading, includes=True).frames
    parts = (raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links"))
    frames = into_sections(key, str(raw["raw_books"]["file_sha256"][0]), *parts)
    return BookFrames(key, file, str(raw["raw_books"]["title"][0]), frames, False)


def _of_shelf(asked: Asked, name: str) -> BookFrames:
    from booktune_assets.books.shelf import Shelf
    from booktune_assets.errors import BookError, Code
    from booktune_assets.lake import Lake

    found = Shelf(asked.settings).book(name)
    lake = Lake(asked.settings.lake)
    if lake.receipt("sections", found.key) is None:
        raise BookError(Code.NOT_BUILT, f"booktune run --book {found.key}", book=name)
    frames = {table: lake.read(table, found.key) for table in _TABLES}
    title = str(lake.read("raw_books", found.key)["title"][0])
    return BookFrames(found.key, found.path, title, frames, True)
