"""The editions of the shelf: what the lake knows about books that are one text.

Belongs here: reading what the comparison needs, and keeping its answer until a book changes. Does
not: comparing (``books/editions.py``), what the sets do about it (``books.py``).
"""

from __future__ import annotations

import polars as pl

from booktune_assets.books.editions import find_editions, imprint
from booktune_assets.books.shelf import Shelf
from booktune_assets.ids import digest
from booktune_assets.lake import Lake, replaced
from booktune_assets.schemas import EDITIONS
from booktune_assets.settings import Settings

__all__ = ["same_texts", "shelf_editions"]

_VERSION = "editions.1"
_PRINTS = "sections__prints"
_FRONT_SECTIONS = 3  # besides those that are front matter: a title page may be a section
_FRONT_CHARS = 4000  # of each of them


def shelf_editions(settings: Settings) -> pl.DataFrame:
    """Rows of ``EDITIONS`` over all books with sections; kept in the cache by what they hold."""
    lake = Lake(settings.lake)
    facts: dict[str, list[str]] = {}
    for key in Shelf(settings).in_order(lake.keys("sections")):
        sections, raw = lake.receipt("sections", key), lake.receipt("raw_books", key)
        if sections and raw and _PRINTS in sections.tables:
            facts[key] = [sections.fact(_PRINTS), sections.fact("sections"), raw.fact("raw_books")]
    if len(facts) < 2:
        return EDITIONS.frame([])
    name = digest([_VERSION, [[key, *found] for key, found in facts.items()]])
    kept = settings.cache / "editions" / f"{name}.parquet"
    if kept.is_file():
        return pl.read_parquet(kept)
    found = _compare(lake, list(facts))
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob("*.parquet"):
        old.unlink(missing_ok=True)
    with replaced(kept) as temp:
        found.write_parquet(temp)
    return found


def same_texts(settings: Settings) -> dict[str, str]:
    """For books whose whole text stands in an earlier one of the shelf too: that earlier one.

    It is the earlier one that the sets take, whichever of them was read first.
    """
    lake, shelf = Lake(settings.lake), Shelf(settings)
    there = {book.key for book in shelf.books()} if shelf.folder.is_dir() else None
    owner: dict[str, str] = {}
    found: dict[str, str] = {}
    for key in shelf.in_order(lake.keys("raw_books")):
        receipt = lake.receipt("raw_books", key)
        if receipt is None or (there is not None and key not in there):
            continue
        if (first := owner.setdefault(str(receipt.notes.get("content_sha256")), key)) != key:
            found[key] = first
    return found


def _compare(lake: Lake, keys: list[str]) -> pl.DataFrame:
    books = [lake.read("raw_books", key).row(0, named=True) for key in keys]
    prints = pl.concat(
        lake.read(_PRINTS, key).select("book_id", "print_id", "chars") for key in keys
    )
    imprints = {
        str(book["book_id"]): imprint(book["title"], _front(lake.read("sections", book["book_id"])))
        for book in books
    }
    return find_editions(prints, books, imprints)


def _front(sections: pl.DataFrame) -> str:
    """What stands before the book and on its first pages."""
    first = (pl.col("role") == "front") | (pl.col("ordinal") < _FRONT_SECTIONS)
    chosen = sections.sort("ordinal").filter(first)["text"].str.slice(0, _FRONT_CHARS)
    return "\n".join(chosen.to_list())
