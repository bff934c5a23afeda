"""The files of a set outside of the lake: written, known by their hashes, mended.

Belongs here: which files a receipt stands for and whether they are still what it says. Does not:
their forms (``pairs/export.py``), what goes into a set (``chain_books.py``).

Exports lie where people move and edit things. The receipt therefore keeps the hash of each, and a
set is reused only after what is missing or differs was written again from the lake.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from booktune_assets.chain import House
from booktune_assets.chain_clean import write_preferences
from booktune_assets.ids import file_sha256
from booktune_assets.lake import Receipt
from booktune_assets.page.write import mend_page

__all__ = ["exported", "mend_exports", "write_exports"]


def write_exports(house: House, asset: str, frame: pl.DataFrame) -> dict[str, object]:
    """Write all files of a set; the notes for its receipt: names and hashes."""
    from booktune_assets.pairs.export import export_set

    fmt = asset.removesuffix("_set")
    books = sorted(frame["book_id"].unique().to_list())
    raw = house.lake.read_all("raw_books", books)
    licences = {str(key): str(licence or "") for key, licence in raw["book_id", "licence"].rows()}
    files = export_set(frame, fmt, house.settings.exports / fmt, licences=licences)
    files += write_preferences(house.lake, frame, house.settings.exports / fmt)
    names = [_relative(path, house.settings.home) for path in files]
    hashes = {name: file_sha256(path) for name, path in zip(names, files, strict=True)}
    return {"export": names, "export_sha256": hashes}


def exported(house: House, receipt: Receipt) -> dict[Path, bool]:
    """The files that a receipt lists, in order, and whether each is there."""
    listed = receipt.notes.get("export")
    names = [str(name) for name in listed] if isinstance(listed, list) else []
    return {house.settings.home / name: (house.settings.home / name).is_file() for name in names}


def mend_exports(house: House, receipt: Receipt) -> None:
    """Write the exports of a built set again if one is missing or is not what was written."""
    mend_page(house.settings, receipt)
    hashes = receipt.notes.get("export_sha256")
    known = hashes if isinstance(hashes, dict) else {}
    there = exported(house, receipt)
    if there and all(
        found and known.get(_relative(path, house.settings.home)) == file_sha256(path)
        for path, found in there.items()
    ):
        return
    frame = house.lake.read(receipt.asset, receipt.key)
    house.lake.note(receipt.asset, receipt.key, write_exports(house, receipt.asset, frame))


def _relative(path: Path, home: Path) -> str:
    return str(path.relative_to(home) if path.is_relative_to(home) else path)
