"""What is larger than memory: rows in parts on disk, texts that are read by their number.

Belongs here: ``Column`` (what is asked for a slice or for rows, be it in memory or not), ``Spool``
(texts in one file), ``Rows`` (a frame in parts) and its order. Does not: what is in them, Parquet
files that last (``lake.py``, ``pairs/export.py``).

A set of a million examples is 2 GB of text. What is chosen is chosen from narrow columns; text is
read when it is looked at, some ten thousand rows at a time, and forgotten.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["AT_ONCE", "Column", "Places", "Rows", "Spool", "Turns", "in_frame"]

AT_ONCE = 10_000  # rows of a part, unless it comes in one piece
BUCKET = 50_000  # rows that are put in order at a time
AT = "__at"

Places = npt.NDArray[np.int64]


class Column(Protocol):
    """A column of which a slice or some rows can be had; every ``pl.Series`` is one."""

    def __len__(self) -> int: ...
    def __getitem__(self, key: slice, /) -> pl.Series: ...
    def gather(self, indices: Places, /) -> pl.Series: ...


Shape: TypeAlias = Callable[[pl.LazyFrame], pl.LazyFrame]
Turns: TypeAlias = Callable[[pl.DataFrame], Column]  # the messages of some pairs, row by row


def in_frame(pairs: pl.DataFrame) -> Column:
    """The messages of pairs that have them in memory."""
    return pairs["turns"]


class Spool:
    """So many texts in one file that nobody sees, put in any order and read by their number.

    A number that nothing was put for is an empty text.
    """

    def __init__(self, rows: int, folder: Path | None = None) -> None:
        self._starts = np.zeros(rows, dtype=np.int64)
        self._sizes = np.zeros(rows, dtype=np.int32)
        self._end = 0
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115

    def __len__(self) -> int:
        return len(self._starts)

    def put(self, rows: Places, texts: pl.Series) -> None:
        """Keep the texts of these rows."""
        said = texts.to_list()
        sizes = texts.str.len_bytes().to_numpy()
        self._starts[rows] = self._end + np.cumsum(sizes) - sizes
        self._sizes[rows] = sizes
        data = memoryview("".join(said).encode())
        while len(data):
            data = data[self._file.write(data) :]
        self._end += int(sizes.sum())

    def __getitem__(self, key: slice, /) -> pl.Series:
        return self.gather(np.arange(*key.indices(len(self))))

    def gather(self, indices: Places, /) -> pl.Series:
        """The texts of some rows, read in the order in which they lie."""
        handle, found = self._file.fileno(), [""] * len(indices)
        starts, sizes = self._starts[indices].tolist(), self._sizes[indices].tolist()
        for at in np.argsort(self._starts[indices], kind="stable").tolist():
            found[at] = os.pread(handle, sizes[at], starts[at]).decode()
        return pl.Series(found, dtype=pl.String)


class Rows:
    """A frame in parts on disk, in order; the folder and all parts go with the last user of it."""

    def __init__(self, schema: pl.Schema, folder: Path | None = None) -> None:
        self.schema = schema
        self._home = Path(tempfile.mkdtemp(dir=folder, prefix="rows-"))
        self._gone = weakref.finalize(self, shutil.rmtree, self._home, ignore_errors=True)
        self._waiting: list[pl.DataFrame] = []
        self._paths: list[Path] = []
        self.height = 0

    @classmethod
    def of(cls, frame: pl.DataFrame, folder: Path | None = None) -> Rows:
        """The same rows as a frame."""
        made = cls(frame.schema, folder)
        for start in range(0, frame.height, AT_ONCE):
            made.append(frame.slice(start, AT_ONCE))
        return made

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.schema.names()

    def is_empty(self) -> bool:
        """Is there no row?"""
        return not self.height

    def append(self, frame: pl.DataFrame) -> None:
        """More rows; few ones wait for others, so that there are not too many files."""
        self._waiting.append(frame)
        self.height += frame.height
        if sum(one.height for one in self._waiting) >= AT_ONCE:
            self._write()

    def parts(self) -> Iterator[pl.DataFrame]:
        """All rows, a part at a time."""
        for path in self.files():
            yield pl.read_ipc(path)

    def files(self) -> list[Path]:
        """Arrow files of the parts, in order."""
        self._write()
        return list(self._paths)

    def narrow(self, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of all rows."""
        made = [pl.read_ipc(path, columns=list(columns)) for path in self.files()]
        schema = {name: self.schema[name] for name in columns}
        return pl.concat(made).select(columns) if made else pl.DataFrame(schema=schema)

    def where(self, rule: pl.Expr) -> pl.DataFrame:
        """The rows that keep a rule, in memory."""
        made = [part.filter(rule) for part in self.parts()]
        return pl.concat(made) if made else pl.DataFrame(schema=self.schema)

    def order(self, columns: Sequence[str]) -> Places:
        """The number of each row when all are sorted by some columns."""
        sorted_ = self.narrow(columns).with_row_index(AT).sort(columns)[AT].to_numpy()
        places = np.empty(self.height, dtype=np.int64)
        places[sorted_] = np.arange(self.height)
        return places

    def arranged(self, places: Places, folder: Path | None = None) -> Rows:
        """The rows in another order: ``places`` are their new numbers, -1 for what is left out."""
        made = Rows(self.schema, folder)
        for part in self.in_order(places):
            made.append(part)
        return made

    def in_order(self, places: Places) -> Iterator[pl.DataFrame]:
        """The same, a part at a time, without keeping it: rows go to the files of a bucket each,
        and a bucket is small enough to be sorted in memory."""
        count = int(places.max()) // BUCKET + 1 if len(places) else 0
        with tempfile.TemporaryDirectory(dir=self._home.parent) as name:
            files: list[list[Path]] = [[] for _ in range(count)]
            start = 0
            for number, part in enumerate(self.parts()):
                own = places[start : start + part.height]
                start += part.height
                placed = part.with_columns(pl.Series(AT, own, dtype=pl.Int64))
                for bucket in np.unique(own[own >= 0] // BUCKET).tolist():
                    path = Path(name) / f"{bucket}-{number}.arrow"
                    placed.filter(pl.Series(own // BUCKET == bucket)).write_ipc(path)
                    files[bucket].append(path)
            for some in files:
                rows = pl.concat([pl.read_ipc(path) for path in some])
                rows = rows.sort(AT).drop(AT)
                for path in some:
                    path.unlink()
                yield from rows.iter_slices(AT_ONCE)

    def write_parquet(self, path: Path, shape: Shape | None = None, **where: str) -> None:
        """Write all rows to a file, a group of ten thousand after the other: what ``shape`` makes
        of those whose columns are as ``where`` says."""
        rows = pl.scan_ipc(self.files()).filter(**where) if where else pl.scan_ipc(self.files())
        rows = shape(rows) if shape else rows
        rows.sink_parquet(path, compression="zstd", row_group_size=AT_ONCE)

    def close(self) -> None:
        """Remove the parts now."""
        self._gone()

    def _write(self) -> None:
        frame = pl.concat(self._waiting) if self._waiting else None
        self._waiting = []
        if frame is not None and frame.height:
            path = self._home / f"{len(self._paths):06}.arrow"
            frame.write_ipc(path)
            self._paths.append(path)
