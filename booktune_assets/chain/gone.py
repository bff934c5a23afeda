"""Books whose file has left the shelf, and forgetting a book on purpose.

Belongs here: which keys of the lake have no file, what a book has left where, removing that. Does
not: asking first (``cli/forget.py``), the Dagster partition (``assets/instance.py``).

A file that is gone is never taken for an order to delete: its book leaves the sets and is shown,
and its tables stay until somebody says so.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from booktune_assets.books.neighbours import pictures_folder, sidecar_path
from booktune_assets.chain.house import PER_BOOK, House
from booktune_assets.lake import FAILURE

__all__ = ["belongings", "forget_book", "gone_books", "shelved"]


def shelved(house: House) -> set[str] | None:
    """Keys with a file; None when the folder itself is not there (a disk that is not mounted)."""
    if not house.shelf.folder.is_dir():
        return None
    return {book.key for book in house.shelf.books()}


def gone_books(house: House) -> list[str]:
    """Keys that the lake has tables or a failure of, and the shelf no file."""
    there = shelved(house)
    if there is None:
        return []
    known: set[str] = set()
    for asset in PER_BOOK:
        known.update(house.lake.keys(asset))
        known.update(path.parent.name for path in (house.lake.root / asset).glob(f"*/{FAILURE}"))
    return sorted(known - there)


def belongings(house: House, key: str, *, files: bool = False) -> list[Path]:
    """What would be removed with a book: lake folders, claims, pictures; its file when asked."""
    found = [house.lake.folder(asset, key) for asset in PER_BOOK]
    claims = (house.lake.root / "raw_books" / "_content").glob("*")
    found += [path for path in sorted(claims) if path.read_text() == key]
    found.append(house.settings.reports / "show" / key)
    found.append(house.settings.exports / "notebooks" / f"{key}.livemd")
    if files:
        found += [
            path
            for book in house.shelf.books()
            if book.key == key
            for path in (book.path, sidecar_path(book.path), pictures_folder(book.path))
        ]
    return [path for path in found if path.exists()]


def forget_book(house: House, key: str, paths: Sequence[Path]) -> None:
    """Remove these belongings and the key. Receipts go first, so a kill leaves no half truth."""
    for asset in reversed(PER_BOOK):
        house.lake.forget(asset, key)
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    house.shelf.forget(key)
