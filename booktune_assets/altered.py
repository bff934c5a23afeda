"""Is what lies in the lake still what was put there?

Belongs here: comparing tables and files of a build with the digests of its receipt. Does not:
writing them or mending (``lake.py``: what is removed, the next run makes again), saying it to a
person (``cli/checkup.py``).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from booktune_assets.contracts import row_digest
from booktune_assets.errors import BooktuneError
from booktune_assets.ids import file_sha256
from booktune_assets.lake import Lake, Receipt, TableFact
from booktune_assets.schemas import TABLES

__all__ = ["altered", "touched"]

_SLACK = 2.0  # seconds: a disk may round times, a receipt is written after its files


def touched(lake: Lake, receipt: Receipt) -> list[str]:
    """Names of the build's files that are there and were written after their receipt.

    A copy of a lake that did not keep times names all of them.
    """
    here = lake.folder(receipt.asset, receipt.key)
    return [
        name
        for name in receipt.placed
        if (here / name).exists() and (here / name).stat().st_mtime > receipt.made_at + _SLACK
    ]


def altered(lake: Lake, receipt: Receipt, names: list[str] | None = None) -> dict[str, str]:
    """File name to what is wrong with it, for the given ones (None: all that are there).

    A table is read whole and compared by its rows, so that another Parquet writer alters nothing;
    any other file is compared by SHA-256. Empty when everything is as the receipt says.
    """
    here = lake.folder(receipt.asset, receipt.key)
    found: dict[str, str] = {}
    for name in receipt.placed if names is None else names:
        path = here / name
        if not path.exists():
            continue
        if name in receipt.files:
            wrong = "" if file_sha256(path) == receipt.files[name] else "has other bytes"
        else:
            table = name.removesuffix(".parquet")
            wrong = _wrong_table(table, path, receipt.tables[table])
        if wrong:
            found[name] = wrong
    return found


def _wrong_table(name: str, path: Path, fact: TableFact) -> str:
    """What is wrong with a table, or nothing. Its layout may be older than today's contract."""
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError):
        return "cannot be read"
    table = TABLES.get(name)
    if frame.height != fact.rows:
        return f"has {frame.height} rows, not {fact.rows}"
    if table is None or list(frame.columns) != list(table.schema):
        return ""
    try:
        same = row_digest(table, frame, positions=True) == fact.positions
    except (BooktuneError, pl.exceptions.PolarsError):
        same = False
    return "" if same else "has other rows"
