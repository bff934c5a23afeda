"""A file on the shelf into the frames of ``raw_books``.

Belongs here: the one function that the chain calls, and its version. Does not: parsing, which runs
in a bounded child (``bounded.py``, ``worker.py``), nor the shelf (``shelf.py``).
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets import progress
from booktune_assets.books.bounded import ask
from booktune_assets.books.frames import Facts, RawBook, into_frames
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
    try:
        body = ask(
            task, seconds=seconds, memory_mb=reading.memory_mb, drawers=drawers,
            progress=lambda done, total: progress.advance(f"reading {book_id}", done, total),
        )  # fmt: skip
    except (BookError, MissingPrerequisite) as problem:
        kind = type(problem)
        raise kind(problem.code, problem.remedy, book=book_id, **problem.where) from problem
    if path.stat().st_size != facts.bytes:
        raise BookError(Code.STALE_INPUT, "Run again when the file is whole", book=book_id)
    parsed: dict[str, Any] = json.loads(body)
    parsed["warnings"] += _unaccounted(parsed["pages"])
    frames = into_frames(parsed, facts)
    own = str(parsed["licence"] or "")
    return RawBook(frames, _counts(parsed), _pictures(frames, drawers), own)


def _unaccounted(pages: list[dict[str, Any]]) -> list[str]:
    """A sentence when characters of some pages are lost or doubled, which is never right."""
    bad = [page["page"] for page in pages if page["lost"] or page["doubled"]]
    if not bad:
        return []
    lost, doubled = (sum(page[name] for page in pages) for name in ("lost", "doubled"))
    return [
        f"{lost} characters are lost and {doubled} doubled on {len(bad)} of {len(pages)} pages "
        f"(first: {bad[0]}): a fault of the reader, please report it with the page"
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


def _counts(parsed: dict[str, Any]) -> dict[str, int]:
    pages = parsed["pages"]
    return {
        "rows": len(parsed["blocks"]),
        "pages": len(pages),
        "failed": sum(page["status"] == "failed" for page in pages),
        "chars": sum(page["chars"] for page in pages),
        "kept": sum(page["kept"] for page in pages),
        **{name: sum(page[name] for page in pages) for name in ("moved", "lost", "doubled")},
        "dropped": sum(page["furniture"] for page in pages),
        **Counter(f"change_{change['kind']}" for change in parsed["changes"]),
        "warnings": len(parsed["warnings"]),
        **parsed["counts"],
    }
