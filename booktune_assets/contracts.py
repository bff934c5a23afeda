"""What a table is: columns, units, keys, references; checked at every write.

Belongs here: the description language (``Column``, ``Ref``, ``Table``), the write check and the row
digest. Does not: the tables themselves (``schemas.py``), files (``lake.py``).

One contract drives five things: the write check, the column schema in the Dagster UI, the dbt
sources, the reference page and the digests that decide whether anything downstream has to run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import polars as pl

from booktune_assets.errors import BookError, Code

__all__ = ["Column", "Digests", "Ref", "Table", "check", "check_key", "row_digest"]

_DIGEST_ROWS = 50_000  # rows serialised at a time: bounds memory, does not change the digest


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``dtype`` is a Polars type; ``unit`` is free text such as ``"pt"`` or ``"s"``.

    ``position`` marks where something stood (page, bounding box, order in the file): such columns
    stay out of the content digest, so a moved page does not wake anything downstream.
    ``volatile`` marks clocks and paths: they stay out of every digest.
    """

    name: str
    dtype: pl.DataType | type[pl.DataType]
    description: str
    unit: str = ""
    nullable: bool = False
    position: bool = False
    volatile: bool = False
    values: tuple[str, ...] = ()
    ge: float | None = None
    le: float | None = None
    min_length: int | None = None
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """``column`` holds values of ``table.target`` (checked by dbt over the whole lake)."""

    column: str
    table: str
    target: str


@dataclass(frozen=True, slots=True)
class Table:
    """A named table: ``asset`` or ``asset__part``. ``key`` columns are unique and never null."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    refs: tuple[Ref, ...] = ()

    @property
    def asset(self) -> str:
        """The asset that writes this table."""
        return self.name.split("__", 1)[0]

    @property
    def schema(self) -> pl.Schema:
        """Polars schema in column order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def frame(self, rows: Sequence[dict[str, object]]) -> pl.DataFrame:
        """A frame of this table from row dictionaries; columns left out become null."""
        data: dict[str, list[object] | pl.Series] = {}
        for name, dtype in self.schema.items():
            values = [row.get(name) for row in rows]
            records = _records(values, dtype)
            data[name] = values if records is None else records
        return pl.DataFrame(data, schema=self.schema, strict=True)


def _records(given: list[object], dtype: pl.DataType) -> pl.Series | None:
    """A column of lists of dictionaries, made field by field: Polars takes ten times as long.

    None for other columns, and where a list is missing or empty.
    """
    if not isinstance(dtype, pl.List) or not isinstance(dtype.inner, pl.Struct) or not given:
        return None
    if not all(isinstance(one, list) and one for one in given):
        return None
    values, fields = cast("list[list[dict[str, object]]]", given), dict(dtype.inner)
    flat = [record for row in values for record in row]
    columns = {name: [record.get(name) for record in flat] for name in fields}
    rows = [number for number, row in enumerate(values) for _ in row]
    frame = pl.DataFrame(columns, schema=fields, strict=True).select(
        pl.struct(pl.all()).alias("it")
    )
    packed = frame.with_columns(row=pl.Series(rows)).group_by("row", maintain_order=True).agg("it")
    return packed["it"]


def check(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its columns in contract order, or ``BookError(CONTRACT_BROKEN)``.

    The error names the column, the rule and the first offending row.
    """
    wanted, found = table.schema, frame.schema
    if missing := [name for name in wanted if name not in found]:
        raise _broken(table, f"columns are missing: {', '.join(missing)}")
    if extra := [name for name in found if name not in wanted]:
        raise _broken(table, f"columns are not in the contract: {', '.join(extra)}")
    frame = frame.select(list(wanted))
    for name, dtype in wanted.items():
        if frame.schema[name] != dtype:
            raise _broken(table, f"{name} is {frame.schema[name]}, the contract says {dtype}")
    for column in table.columns:
        _check_column(table, column, frame)
    check_key(table, frame)
    return frame


def check_key(table: Table, frame: pl.DataFrame) -> None:
    """``BookError(CONTRACT_BROKEN)`` where two rows have one key."""
    if table.key and frame.select(pl.struct(table.key).is_duplicated().any()).item():
        twice = frame.filter(pl.struct(table.key).is_duplicated()).select(table.key).row(0)
        raise _broken(table, f"key {table.key} is not unique, for example {twice}")


class Digests:
    """Digests of rows that are given sorted by key, in parts: of the content (``plain``), and with
    the position columns too (``full``).

    Made from values (newline-delimited JSON), never from Parquet bytes: writers put versions there.
    """

    def __init__(self, table: Table) -> None:
        told = [column for column in table.columns if not column.volatile]
        self._names = [
            [column.name for column in told if not column.position],
            [column.name for column in told],
        ]
        self._states = [hashlib.blake2b(digest_size=16) for _ in self._names]
        for names, state in zip(self._names, self._states, strict=True):
            state.update("\x1f".join(names).encode())

    def add(self, part: pl.DataFrame) -> None:
        """The next rows."""
        one, two = self._names
        for start in range(0, part.height, _DIGEST_ROWS):
            rows = part.slice(start, _DIGEST_ROWS)
            for names, state in zip(self._names, self._states, strict=True):
                if names is one or one != two:
                    state.update(rows.select(names).write_ndjson().encode())

    @property
    def plain(self) -> str:
        """Of the content."""
        return self._states[0].hexdigest()

    @property
    def full(self) -> str:
        """Of the content and where it stands."""
        return self._states[self._names[0] != self._names[1]].hexdigest()


def row_digest(table: Table, frame: pl.DataFrame, *, positions: bool = False) -> str:
    """Digest of the rows, sorted by key; ``positions`` includes the position columns too."""
    made = Digests(table)
    made.add(frame.sort(table.key) if table.key else frame)
    return made.full if positions else made.plain


def _check_column(table: Table, column: Column, frame: pl.DataFrame) -> None:
    series = frame[column.name]
    if (not column.nullable or column.name in table.key) and series.null_count():
        raise _broken(table, f"{column.name} may not be null", row=_first(series.is_null()))
    rules: list[tuple[str, pl.Expr]] = []
    value = pl.col(column.name)
    if column.ge is not None:
        rules.append((f"at least {column.ge}", value >= column.ge))
    if column.le is not None:
        rules.append((f"at most {column.le}", value <= column.le))
    if column.min_length is not None:
        rules.append(
            (f"at least {column.min_length} long", value.str.len_chars() >= column.min_length)
        )
    if column.values:
        rules.append((f"one of {', '.join(column.values)}", value.is_in(column.values)))
    if column.pattern:
        anchored = f"^(?:{column.pattern})$"
        re.compile(anchored)
        rules.append((f"like {column.pattern}", value.str.contains(anchored)))
    for words, rule in rules:
        bad = frame.select((~rule).fill_null(False).alias("bad"))["bad"]
        if bad.any():
            row = _first(bad)
            shown = str(series[row])[:60]
            raise _broken(table, f"{column.name} must be {words}, found {shown!r}", row=row)


def _first(mask: pl.Series) -> int:
    position = mask.arg_max()
    return -1 if position is None else int(position)


def _broken(table: Table, what: str, **where: object) -> BookError:
    return BookError(
        Code.CONTRACT_BROKEN,
        f"{what}. Fix the writer or change the contract in schemas.py",
        table=table.name,
        **where,
    )
