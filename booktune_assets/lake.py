"""The Parquet lake: folders, receipts, atomic writes, reuse.

``<root>/<asset>/<key>/<table>.parquet`` plus ``_receipt.json``, which is written last: no receipt
means "not there". Belongs here: how tables reach the disk and how we know that they are current.
Does not: what is in them (``schemas.py``), when to build (``chain/build.py``), Dagster.

Publishing writes every file beside its final name first (the slow part), then takes the folder's
lock, removes the old receipt, renames the files, writes the new receipt and lets the lock go. A
process killed at any moment leaves either the old state, or no receipt, or the new state; readers
of this module wait for a writer that is inside the short locked part.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import polars as pl

from booktune_assets.contracts import Digests, Table, check, check_key
from booktune_assets.errors import BookError, BooktuneError, Code, ServiceDown
from booktune_assets.ids import digest, file_sha256, slug
from booktune_assets.on_disk import Rows
from booktune_assets.schemas import TABLES, tables_of

__all__ = ["Failure", "Lake", "Receipt", "TableFact", "alive", "replaced", "write_json"]

RECEIPT, FAILURE, CURRENT, LOCK = "_receipt.json", "_failure.json", "_current.json", "_lock"
TEMP_MARK = ".tmp-"
_NAME_MAX = 255  # bytes of a file's name


@dataclass(frozen=True, slots=True)
class TableFact:
    """``digest`` of the content; ``positions`` digest with page and box columns too; row count."""

    digest: str
    positions: str
    rows: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was built, from what, by which code, and what came out."""

    asset: str
    key: str
    code_version: str
    settings: str
    inputs: dict[str, str]
    tables: dict[str, TableFact]
    files: dict[str, str] = field(default_factory=dict[str, str])
    counts: dict[str, int] = field(default_factory=dict[str, int])
    notes: dict[str, object] = field(default_factory=dict[str, object])
    made_at: float = 0.0
    seconds: float = 0.0

    @property
    def digest(self) -> str:
        """Content digest over all tables: Dagster's data version."""
        return digest({name: fact.digest for name, fact in self.tables.items()})

    @property
    def placed(self) -> list[str]:
        """Names, within the build's folder, of its tables and its other files."""
        return [f"{table}.parquet" for table in self.tables] + list(self.files)

    def fact(self, table: str, *, positions: bool = False) -> str:
        """Digest of one table, for a reader's ``inputs``."""
        return self.tables[table].positions if positions else self.tables[table].digest

    def same_work(self, code_version: str, settings: str, inputs: Mapping[str, str]) -> bool:
        """Was it made by the same code, with the same settings, from the same inputs?"""
        return (self.code_version, self.settings, self.inputs) == (
            code_version,
            settings,
            dict(inputs),
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """The row that stands for a build that failed: code, message, remedy, what it was made from."""

    asset: str
    key: str
    code: str
    message: str
    remedy: str
    code_version: str = ""
    settings: str = ""
    inputs: dict[str, str] = field(default_factory=dict[str, str])
    failed_at: float = 0.0


class Lake:
    """Reader and writer of one lake root. Holds no state but the path: make as many as you like."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, asset: str, key: str) -> Path:
        """Folder of one asset and key."""
        return self.root / asset / key

    def keys(self, asset: str) -> list[str]:
        """Keys with a receipt, sorted."""
        return sorted(path.parent.name for path in (self.root / asset).glob(f"*/{RECEIPT}"))

    def receipt(self, asset: str, key: str) -> Receipt | None:
        """The receipt, or None. Waits for a writer that is swapping files just now."""
        path = self.folder(asset, key) / RECEIPT
        raw = _read_json(path)
        if raw is None and path.parent.is_dir():
            with _locked(path.parent, shared=True):
                raw = _read_json(path)
        if raw is None:
            return None
        tables = {name: TableFact(**fact) for name, fact in raw.pop("tables").items()}
        return Receipt(tables=tables, **raw)

    def current(
        self, asset: str, key: str, code_version: str, settings: str, inputs: Mapping[str, str]
    ) -> Receipt | None:
        """The receipt if it stands for the same work and its files are there, else None."""
        found = self.receipt(asset, key)
        if found is None or not found.same_work(code_version, settings, inputs):
            return None
        here = self.folder(asset, key)
        return found if all((here / name).exists() for name in found.placed) else None

    def publish(
        self,
        asset: str,
        key: str,
        frames: Mapping[str, pl.DataFrame | Rows],
        *,
        code_version: str,
        settings: str = "",
        inputs: Mapping[str, str] | None = None,
        counts: Mapping[str, int] | None = None,
        notes: Mapping[str, object] | None = None,
        files: Mapping[str, Path] | None = None,
        seconds: float = 0.0,
    ) -> Receipt:
        """Check and write all tables of an asset, then its receipt.

        ``files`` maps names within the folder (``adapter/weights.safetensors``) to finished files
        on the same disk; they are moved, not copied. Every table of the asset must be given.
        """
        wanted = {table.name for table in tables_of(asset)}
        if wanted != set(frames):
            raise BookError(
                Code.CONTRACT_BROKEN,
                f"{asset} must publish exactly {sorted(wanted)}, got {sorted(frames)}",
                asset=asset,
                key=key,
            )
        here = self.folder(asset, key)
        try:
            here.mkdir(parents=True, exist_ok=True)
            staged, facts = _stage_frames(here, frames)
            hashes = {name: file_sha256(path) for name, path in (files or {}).items()}
            staged.update(files or {})
            receipt = Receipt(
                asset, key, code_version, settings, dict(inputs or {}), facts, hashes,
                dict(counts or {}), dict(notes or {}), time.time(), round(seconds, 3),
            )  # fmt: skip
            with _locked(here):
                before = (_read_json(here / RECEIPT) or {}).get("files") or {}
                (here / RECEIPT).unlink(missing_ok=True)  # readers stop trusting the folder now
                for name, source in staged.items():
                    (here / name).parent.mkdir(parents=True, exist_ok=True)
                    os.replace(source, here / name)
                _sync_folder(here)
                write_json(here / RECEIPT, asdict(receipt))  # and trust it again here
                (here / FAILURE).unlink(missing_ok=True)
                _sweep(here, keep=set(staged))
                for name in set(before) - set(hashes):  # files of the build before
                    (here / name).unlink(missing_ok=True)
        except OSError as problem:
            raise ServiceDown(
                Code.DISK,
                "Free space or fix the permissions, then run again",
                path=here,
                why=problem,
            ) from problem
        return receipt

    def note(self, asset: str, key: str, notes: Mapping[str, object]) -> None:
        """Add to the notes of a receipt that is there; its tables and inputs stay as they are."""
        here = self.folder(asset, key)
        with _locked(here):
            if raw := _read_json(here / RECEIPT):
                raw["notes"] = {**raw["notes"], **notes}
                write_json(here / RECEIPT, raw)

    def fail(
        self,
        asset: str,
        key: str,
        error: BooktuneError,
        *,
        code_version: str = "",
        settings: str = "",
        inputs: Mapping[str, str] | None = None,
    ) -> Failure:
        """Record a failure. What was built before stays readable and is marked as not current."""
        here = self.folder(asset, key)
        here.mkdir(parents=True, exist_ok=True)
        row = Failure(
            asset, key, error.code.value, str(error), error.remedy,
            code_version, settings, dict(inputs or {}), time.time(),
        )  # fmt: skip
        write_json(here / FAILURE, asdict(row))
        return row

    def failure(self, asset: str, key: str) -> Failure | None:
        """The failure recorded for this asset and key, or None."""
        raw = _read_json(self.folder(asset, key) / FAILURE)
        return None if raw is None else Failure(**raw)

    def failures(self, asset: str) -> list[Failure]:
        """All failures recorded for an asset, by key."""
        found = (
            self.failure(asset, path.parent.name)
            for path in sorted((self.root / asset).glob(f"*/{FAILURE}"))
        )
        return [row for row in found if row is not None]

    def clear_failure(self, asset: str, key: str) -> None:
        """Take back a recorded failure (the build it stood for is good again)."""
        (self.folder(asset, key) / FAILURE).unlink(missing_ok=True)

    def path(self, table: str, key: str) -> Path:
        """Path of one table of one key (it may not be there: ask :meth:`receipt`)."""
        return self.folder(TABLES[table].asset, key) / f"{table}.parquet"

    def read(self, table: str, key: str) -> pl.DataFrame:
        """One table of one key; ``NOT_BUILT`` without a receipt, ``LAKE_DAMAGED`` if spoilt."""
        asset = TABLES[table].asset
        if self.receipt(asset, key) is None:
            raise BookError(
                Code.NOT_BUILT, f"Build {asset} first: booktune run {asset}", asset=asset, key=key
            )
        path = self.path(table, key)
        try:
            with _locked(self.folder(asset, key), shared=True):
                return pl.read_parquet(path)
        except pl.exceptions.ComputeError as problem:
            raise BookError(
                Code.LAKE_DAMAGED,
                f"Remove it, then it is made again: rm '{path}'; booktune run {asset}",
                asset=asset, key=key, table=table,
            ) from problem  # fmt: skip

    def read_all(self, table: str, keys: Sequence[str] | None = None) -> pl.DataFrame:
        """One table over all built keys (or the given ones), in key order."""
        wanted = self.keys(TABLES[table].asset) if keys is None else keys
        frames = [self.read(table, key) for key in wanted]
        return pl.concat(frames) if frames else pl.DataFrame(schema=TABLES[table].schema)

    def set_current(self, asset: str, key: str) -> None:
        """Point an asset whose keys are ids (sets, adapters, evaluations) at its newest key."""
        write_json(self.root / asset / CURRENT, {"key": key})

    def current_key(self, asset: str) -> str | None:
        """The key that :meth:`set_current` pointed at, if it is built."""
        raw = _read_json(self.root / asset / CURRENT)
        key = None if raw is None else str(raw["key"])
        return key if key and self.receipt(asset, key) else None

    def interrupted(self, asset: str) -> list[str]:
        """Keys whose folder holds files but no receipt: a writer was killed there."""
        folders = [path for path in (self.root / asset).glob("*") if path.is_dir()]
        return sorted(
            path.name
            for path in folders
            if not (path / RECEIPT).exists()
            and any(entry.suffix == ".parquet" for entry in path.iterdir())
        )

    def forget(self, asset: str, key: str) -> None:
        """Remove an asset's folder for a key; the receipt goes first."""
        here = self.folder(asset, key)
        (here / RECEIPT).unlink(missing_ok=True)
        shutil.rmtree(here, ignore_errors=True)


@contextmanager
def replaced(path: Path) -> Generator[Path]:
    """A temporary path beside ``path``; synced and renamed onto it when the block ends well.

    A device or a pipe is written to as it is: renaming onto ``/dev/null`` would remove it.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    mark = f"{TEMP_MARK}{os.getpid()}"
    long = len(path.name.encode("utf-8", "surrogateescape")) + len(mark) > _NAME_MAX
    temp = path.with_name(f"{slug(path.name) if long else path.name}{mark}")
    try:
        yield temp
        _sync_file(temp)
        os.replace(temp, path)
    finally:
        temp.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write JSON atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as temp:
        temp.write_text(json.dumps(value, indent=1, ensure_ascii=False))


def _stage_frames(
    here: Path, frames: Mapping[str, pl.DataFrame | Rows]
) -> tuple[dict[str, Path], dict[str, TableFact]]:
    """Write each frame beside its final name; the digests come from the checked rows."""
    staged: dict[str, Path] = {}
    facts: dict[str, TableFact] = {}
    for name, frame in frames.items():
        table = TABLES[name]
        temp = here / f"{name}.parquet{TEMP_MARK}{os.getpid()}"
        if isinstance(frame, Rows):
            facts[name] = _stage_rows(table, frame, temp)
        else:
            checked = check(table, frame)
            digests = Digests(table)
            digests.add(checked.sort(table.key) if table.key else checked)
            facts[name] = TableFact(digests.plain, digests.full, checked.height)
            checked.write_parquet(temp, compression="zstd")
        _sync_file(temp)
        staged[f"{name}.parquet"] = temp
    return staged, facts


def _stage_rows(table: Table, rows: Rows, temp: Path) -> TableFact:
    """The same for rows that are not in memory: checked, sorted by key and digested in parts."""
    for part in rows.parts():
        check(table, part)
    keys = rows.narrow(list(table.key))
    check_key(table, keys)
    digests = Digests(table)
    del keys
    for part in rows.in_order(rows.order(table.key)):
        digests.add(part)
    rows.write_parquet(temp)
    return TableFact(digests.plain, digests.full, rows.height)


def _sweep(here: Path, keep: set[str]) -> None:
    """Remove what a killed writer left and tables of an older layout. Called under the lock."""
    for path in here.iterdir():
        orphan = TEMP_MARK in path.name and not alive(path.name.rpartition(TEMP_MARK)[2])
        if orphan or (path.suffix == ".parquet" and path.name not in keep):
            path.unlink(missing_ok=True)


def alive(pid: str) -> bool:
    """Is the writer of a temporary file still at work? Its files are then not ours to remove."""
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _locked(folder: Path, *, shared: bool = False) -> Generator[None]:
    """Advisory lock of one folder; freed by the kernel when its holder dies.

    A reader of a disk that nobody can write to takes the lock that is there, or none.
    """
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as problem:
        if not shared or problem.errno not in (errno.EROFS, errno.EACCES):
            raise
        if not (folder / LOCK).exists():
            yield
            return
        handle = os.open(folder / LOCK, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(path: Path) -> None:
    _sync_file(path)
