"""A file on the shelf into the frames of ``raw_books``.

Belongs here: the one function that the chain calls, and its version. Does not: parsing, which runs
in a bounded child (``bounded.py``, ``worker.py``), nor the shelf (``shelf.py``).
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets import progress
from booktune_assets.books.bounded import ask
from booktune_assets.books.frames import Facts, Making, RawBook
from booktune_assets.books.keeping import Drawers
from booktune_assets.books.tessdata import find_tessdata
from booktune_assets.errors import BookError, Code, MissingPrerequisite
from booktune_assets.ids import file_sha256
from booktune_assets.settings import Reading

__all__ = ["VERSION", "RawBook", "read_book"]

VERSION = "raw_books.32"


def read_book(
    path: Path, book_id: str, reading: Reading, *,
    licence: str | None = None, title: str | None = None,
    previous: dict[str, pl.DataFrame] | None = None, figures: Path | None = None,
    kept: Path | None = None, includes: bool = False,
) -> RawBook:  # fmt: skip
    """The book in a file. Raises ``BookError`` for a file that cannot be read.

    ``previous`` are frames of the same book; they are given back when the bytes are the same.
    Pictures are written into the folder ``figures`` (none are made without it); what text
    recognition finds is kept in the folder ``kept`` and taken from there. ``includes``: AsciiDoc
    may include files of its folder; a book of the shelf is one file, by whose bytes it is known.
    """
    facts = _facts(path, book_id, title, licence)
    if previous is not None and _same(previous, facts):
        return RawBook(previous, {"reused": 1})
    limits = {
        "unpacked_mb": reading.unpacked_mb,
        "pages_max": reading.pages_max,
        "accept_restricted": reading.accept_restricted,
        "repairs_off": reading.repairs_off,
        "precise": reading.precise,
        "ocr": reading.ocr,
        "ocr_language": reading.ocr_language,
        "tessdata": find_tessdata() if reading.ocr else None,
        "includes": includes,
    }
    task = {
        "do": "read", "path": str(path.absolute()), "limits": limits,
        "figures": figures is not None,
    }  # fmt: skip
    folders = {"figures": figures, "ocr": kept}
    drawers = Drawers({name: folder for name, folder in folders.items() if folder is not None})
    seconds = reading.seconds_per_book + (reading.ocr_seconds if reading.ocr else 0)
    making = Making(book_id)
    try:
        body = ask(
            task, seconds=seconds, memory_mb=reading.memory_mb, drawers=drawers,
            take=lambda piece: making.take(json.loads(piece)),
            progress=lambda done, total: progress.advance(f"reading {book_id}", done, total),
        )  # fmt: skip
    except (BookError, MissingPrerequisite) as problem:
        kind = type(problem)
        raise kind(problem.code, problem.remedy, book=book_id, **problem.where) from problem
    if path.stat().st_size != facts.bytes:
        raise BookError(Code.STALE_INPUT, "Run again when the file is whole", book=book_id)
    told: dict[str, Any] = json.loads(body)
    told["warnings"] += _unaccounted(making.pages())
    frames = making.frames(told, facts)
    counts = _counts(frames, making, told)
    return RawBook(frames, counts, _pictures(frames, drawers), str(told["licence"] or ""))


def _unaccounted(pages: pl.DataFrame) -> list[str]:
    """A sentence when characters of some pages are lost or doubled, which is never right."""
    bad = pages.filter((pl.col("lost") > 0) | (pl.col("doubled") > 0))
    if bad.is_empty():
        return []
    return [
        f"{pages['lost'].sum()} characters are lost and {pages['doubled'].sum()} doubled on "
        f"{bad.height} of {pages.height} pages "
        f"(first: {bad['page'][0]}): a fault of the reader, please report it with the page"
    ]


def _pictures(frames: dict[str, pl.DataFrame], drawers: Drawers) -> dict[str, Path]:
    """Pictures that the frames name, by ``figures/<name>``; others of the child's are removed."""
    named = {f"figures/{Path(file).name}"
             for file in frames["raw_books__figures"]["file"].drop_nulls()}  # fmt: skip
    drawn = {name: path for name, path in drawers.written.items() if name.startswith("figures/")}
    for name in drawn.keys() - named:
        drawn.pop(name).unlink(missing_ok=True)
    return drawn


def _facts(path: Path, book_id: str, title: str | None, licence: str | None) -> Facts:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise BookError(Code.NOT_A_FILE, "Name a file of a book", book=book_id, file=path.name)
        if size == 0:
            raise BookError(Code.EMPTY_FILE, "Copy the file again", book=book_id, file=path.name)
        sha = file_sha256(path)
    except OSError as problem:
        raise BookError(
            Code.FILE_MISSING, f"Put it back or remove the book ({problem.strerror})",
            book=book_id, file=path.name,
        ) from problem  # fmt: skip
    return Facts(book_id, path, sha, size, VERSION, title, licence)


def _same(previous: dict[str, pl.DataFrame], facts: Facts) -> bool:
    """Same bytes, same reader, same words from the sidecar."""
    row = previous["raw_books"].row(0, named=True)
    wanted = replace(
        facts, title=facts.title or row["title"], licence=facts.licence or row["licence"]
    )
    return (
        row["file_sha256"] == wanted.sha256 and row["reader"] == wanted.version
        and row["title"] == wanted.title and row["licence"] == wanted.licence
        and row["book_id"] == wanted.book_id
    )  # fmt: skip


def _counts(
    frames: dict[str, pl.DataFrame], making: Making, told: dict[str, Any]
) -> dict[str, int]:  # fmt: skip
    pages = frames["raw_books__pages"]
    sums = pages.select(
        "chars", "kept", "moved", "lost", "doubled", pl.col("furniture").alias("dropped"),
        failed=(pl.col("status") == "failed").cast(pl.Int64),
    ).sum()  # fmt: skip
    return {
        "rows": frames["raw_books__blocks"].height,
        "pages": pages.height,
        **{name: int(number or 0) for name, number in sums.row(0, named=True).items()},
        **{f"change_{kind}": number for kind, number in making.changes.items()},
        "warnings": len(told["warnings"]),
        **told["counts"],
    }
