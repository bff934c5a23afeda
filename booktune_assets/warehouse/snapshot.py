"""A picture of the lake that holds still while dbt reads it.

Belongs here: hard links of the tables of all complete builds, and two tables made from receipts and
failures (``lake_builds``, ``lake_failures``). Does not: SQL.

Writers replace files by rename, so a hard link keeps the bytes it was made of. A folder without a
receipt is not there; a receipt that changes while its files are linked is linked again. Each table
becomes one folder with an empty file of the contract's types in front, so that a table nobody has
built yet is an empty table and not an error.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

import polars as pl

from booktune_assets import progress
from booktune_assets.contracts import Table
from booktune_assets.ids import digest
from booktune_assets.lake import Failure, Lake, Receipt
from booktune_assets.schemas import EDITIONS, TABLES, tables_of
from booktune_assets.warehouse.project import BUILDS, FAILURES

__all__ = ["LakeState", "Snapshot", "behind", "look", "take"]

ASSETS = tuple(dict.fromkeys(table.asset for table in TABLES.values()))
PER_BOOK = ("raw_books", "sections", "concept_graph", "instruction_pairs")
NEWEST_ONLY = ("sharegpt_set", "alpaca_set", "rehearsal_set")
_TRIES = 3


@dataclass(frozen=True, slots=True)
class LakeState:
    """What receipts and failures say about the lake, without reading a table."""

    receipts: dict[tuple[str, str], Receipt]
    failures: list[Failure]
    current: dict[str, str | None]

    @property
    def digest(self) -> str:
        """The same for the same content, whenever and however often it was built."""
        receipts = {
            f"{asset}/{key}": [
                receipt.code_version,
                receipt.inputs,
                {name: [fact.digest, fact.positions] for name, fact in receipt.tables.items()},
            ]
            for (asset, key), receipt in self.receipts.items()
        }
        failures = [[row.asset, row.key, row.message] for row in self.failures]
        return digest({"receipts": receipts, "failures": failures, "current": self.current})

    def is_current(self, asset: str, key: str) -> bool:
        """Books always are; of sets, adapters and evaluations the newest is."""
        return asset in PER_BOOK or self.current[asset] == key


@dataclass(slots=True)
class Snapshot:
    """The folder that dbt reads, the state it was made from, and files that did not fit."""

    root: Path
    state: LakeState
    misfits: list[str] = field(default_factory=list)


def look(lake: Lake) -> LakeState:
    """Read every receipt and failure."""
    receipts: dict[tuple[str, str], Receipt] = {}
    for asset in ASSETS:
        for key in lake.keys(asset):
            if receipt := lake.receipt(asset, key):
                receipts[asset, key] = receipt
    failures = [row for asset in ASSETS for row in lake.failures(asset)]
    current = {asset: lake.current_key(asset) for asset in ASSETS if asset not in PER_BOOK}
    return LakeState(receipts, failures, current)


def take(lake: Lake, root: Path, editions: pl.DataFrame | None = None) -> Snapshot:
    """Link all tables of all complete builds into ``root/<table>/``; write ``editions`` beside."""
    for table in (*TABLES.values(), EDITIONS, BUILDS, FAILURES):
        (root / table.name).mkdir(parents=True)
        pl.DataFrame(schema=table.schema).write_parquet(root / table.name / "0-empty.parquet")
    state = look(lake)
    made = Snapshot(root, state)
    wanted = [
        where for where in state.receipts if where[0] not in NEWEST_ONLY or state.is_current(*where)
    ]
    linked: dict[tuple[str, str], Receipt] = {}
    for asset, key in progress.each("looking at the lake", wanted):
        if receipt := _link_build(lake, asset, key, made):
            linked[asset, key] = receipt
    # what vanished meanwhile is not there; what changed meanwhile counts as it was linked
    rest = {where: row for where, row in state.receipts.items() if where not in wanted}
    made.state = LakeState({**linked, **rest}, state.failures, state.current)
    _write_facts(made)
    if editions is not None:
        editions.write_parquet(root / EDITIONS.name / "1-rows.parquet")
    return made


def behind(receipt: Receipt, state: LakeState) -> list[str]:
    """Inputs of a build that are not what they were. Inputs outside of the lake are not judged."""
    changed: list[str] = []
    for name, was in receipt.inputs.items():
        key, _, table = name.rpartition("/")
        asset = table.split("__", 1)[0]
        if asset not in ASSETS:
            continue
        key = key or (receipt.key if asset in PER_BOOK else state.current[asset] or "")
        source = state.receipts.get((asset, key))
        if source is None:
            changed.append(name)
            continue
        fact = source.tables.get(table)
        now = {source.digest, key} | ({fact.digest, fact.positions} if fact else set())
        if was not in now:
            changed.append(name)
    return changed


def _link_build(lake: Lake, asset: str, key: str, made: Snapshot) -> Receipt | None:
    for _ in range(_TRIES):
        before = lake.receipt(asset, key)
        if before is None:
            return None
        for table in tables_of(asset):
            _link_table(lake.path(table.name, key), table, key, made)
        if lake.receipt(asset, key) == before:
            return before
    return None


def _link_table(source: Path, table: Table, key: str, made: Snapshot) -> None:
    target = made.root / table.name / f"{key}.parquet"
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        return
    except OSError:  # another disk, or a file system without hard links
        shutil.copyfile(source, target)
    # A table written by an older layout would poison the whole folder for DuckDB.
    try:
        fits = pl.read_parquet_schema(target) == table.schema
    except pl.exceptions.PolarsError:
        fits = False
    if not fits:
        target.unlink()
        made.misfits.append(f"{table.asset}/{key}/{source.name}")


def _write_facts(made: Snapshot) -> None:
    state = made.state
    builds: list[dict[str, object]] = []
    for (asset, key), receipt in sorted(state.receipts.items()):
        late = behind(receipt, state)
        if any(name.startswith(f"{asset}/{key}/") for name in made.misfits):
            late.append("written in an older layout")
        builds.append(
            {
                "asset": asset,
                "key": key,
                "per_book": asset in PER_BOOK,
                "is_current": state.is_current(asset, key),
                "in_step": not late,
                "behind": ", ".join(late),
                "code_version": receipt.code_version,
                "counts": json.dumps(dict(receipt.counts), sort_keys=True),
                "made_at": receipt.made_at,
                "seconds": receipt.seconds,
            }
        )
    failures: list[dict[str, object]] = [
        {**asdict(row), "per_book": row.asset in PER_BOOK} for row in state.failures
    ]
    for table, rows in ((BUILDS, builds), (FAILURES, failures)):
        table.frame(rows).write_parquet(made.root / table.name / "1-rows.parquet")
