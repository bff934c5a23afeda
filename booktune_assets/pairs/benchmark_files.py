"""Files of problems that no format of ours describes, as records: whatever a user names.

Belongs here: which files of a folder are read, encodings, rows of tables, lines of JSON. Does not:
what of a record is statement and what is code (``benchmarks.py``).
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import polars as pl

from booktune_assets.errors import BookError, Code

__all__ = ["MIXED", "SUFFIXES", "files_of", "records_of"]

_LINES, _TABLES = (".jsonl", ".ndjson"), {".csv": ",", ".tsv": "\t"}
_TEXTS = (".txt", ".md", ".livemd", ".ex", ".exs", ".erl")
SUFFIXES = (*_LINES, ".json", ".parquet", *_TABLES, *_TEXTS)
MIXED = "\x00mixed"  # the field of a text that may hold words and code side by side
_SOURCE = (".ex", ".exs", ".erl")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


def files_of(path: Path) -> list[Path]:
    """The file, or all of a folder that can be read, hidden ones left out."""
    if not path.is_dir():
        return [path]
    found = (file for file in path.rglob("*") if file.is_file() and file.suffix in SUFFIXES)
    return sorted(
        file for file in found
        if not any(part.startswith(".") for part in file.relative_to(path).parts)
    )  # fmt: skip


def records_of(file: Path) -> Iterable[object]:
    """The records of one file; raises ``BookError(BAD_ROW)`` with the line that cannot be read."""
    try:
        if file.suffix == ".parquet":
            return pl.read_parquet(file).to_dicts()
        text = _whole(_decoded(file.read_bytes()))
        if file.suffix in _LINES:
            return _of_lines(file, text)
        if file.suffix in _TABLES:
            return _of_table(text, _TABLES[file.suffix])
        if file.suffix == ".json":
            made = _sound(json.loads(text))
            return cast("list[object]", made) if isinstance(made, list) else [made]
    except (OSError, ValueError, RecursionError, csv.Error, pl.exceptions.PolarsError) as problem:
        raise BookError(
            Code.BAD_ROW, f"Mend the benchmark's file: {_why(problem)}", file=file
        ) from problem
    return [text] if file.suffix in _SOURCE else [{MIXED: text}]


def _of_lines(file: Path, text: str) -> list[object]:
    found: list[object] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(_sound(json.loads(line)))
        except (ValueError, RecursionError) as problem:
            raise BookError(
                Code.BAD_ROW, f"Mend the benchmark's line: {_why(problem)}", file=file, line=number
            ) from problem
    return found


def _of_table(text: str, between: str) -> list[object]:
    """Rows under the names of the first one; a table of one row has no names."""
    csv.field_size_limit(1 << 27)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=between) if any(row)]
    if len(rows) < 2:
        return [list(row) for row in rows]
    names = rows[0]
    # a cell may be more than there are names, and the first row may be a problem like the others
    own = ["" if len(name) > 60 else name for name in names]
    found = [
        {(own[at] if at < len(own) else "") or f"column {at + 1}": cell
         for at, cell in enumerate(row)}
        for row in rows[1:]
    ]  # fmt: skip
    return [*([list(names)] if "" in own and any(names) else []), *found]


def _decoded(raw: bytes) -> str:
    """By its byte-order mark, else UTF-8."""
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return raw.decode(name)
    return raw.decode("utf-8")


def _sound(value: object) -> object:
    """A value of JSON whose texts can be written: halves of surrogate pairs are marked as lost."""
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, list):
        return [_sound(one) for one in cast("list[object]", value)]
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        return {_whole(name): _sound(one) for name, one in named.items()}
    return value


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")


def _why(problem: Exception) -> str:
    if isinstance(problem, UnicodeDecodeError):
        return f"save it as UTF-8 (byte {problem.start} is none)"
    return str(problem)
