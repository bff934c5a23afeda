"""Building the marts aside and swapping them in.

Belongs here: the lock of builders, reuse by digest, what test results mean, the swap. Does not: SQL
(``dbt/``), the picture of the lake (``snapshot.py``).

A reader that has the old file open keeps reading it: the new one takes its name by rename. A build
that is refused or killed leaves the old file as it was.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from booktune_assets.chain.editions import shelf_editions
from booktune_assets.children import run_child
from booktune_assets.errors import BookError, BooktuneError, Code, ServiceDown
from booktune_assets.ids import digest
from booktune_assets.lake import TEMP_MARK, Lake, write_json
from booktune_assets.settings import Settings
from booktune_assets.warehouse.project import DBT, Mart, marts, project_digest
from booktune_assets.warehouse.snapshot import look, take

__all__ = ["MartsMade", "MartsRefused", "Checked", "build_marts", "first_rows", "marts_state"]


@dataclass(frozen=True, slots=True)
class Checked:
    """Outcome of one dbt test: ``pass``, ``warn``, ``fail``, ``error`` or ``skipped``."""

    name: str
    mart: str
    status: str
    failures: int
    message: str
    blocking: bool

    @property
    def passed(self) -> bool:
        """Did it find nothing?"""
        return self.status == "pass"


@dataclass(frozen=True, slots=True)
class MartsMade:
    """Rows of each mart and results of its tests.

    ``misfits`` are lake files of an older layout that were left out; ``inputs`` is the digest of
    the lake and of the dbt project.
    """

    tables: dict[str, int]
    tests: list[Checked]
    reused: bool
    seconds: float
    misfits: list[str]
    inputs: str


class MartsRefused(BookError):
    """Tests of error severity failed: the file in use was not replaced. ``tests`` has them all."""

    def __init__(self, tests: list[Checked], old: Path) -> None:
        self.tests = tests
        bad = [test for test in tests if test.blocking and test.status in ("fail", "error")]
        said = "; ".join(f"{test.name} ({test.mart}): {_found(test)}" for test in bad)
        kept = "the marts made before stay in use" if old.exists() else "there are no marts yet"
        super().__init__(
            Code.CONTRACT_BROKEN, f"{said}. Mend the rows named, or the test in dbt/; {kept}",
            tests=", ".join(test.name for test in bad),
        )  # fmt: skip


def build_marts(settings: Settings, *, force: bool = False) -> MartsMade:
    """Build all marts from what is complete in the lake; reuse them when nothing changed.

    Raises :class:`MartsRefused` when a blocking test fails, ``BookError(INTERNAL)`` with dbt's own
    words when a model cannot be built.
    """
    began = time.monotonic()
    file = settings.warehouse
    file.parent.mkdir(parents=True, exist_ok=True)
    with _only_builder(file):
        lake = Lake(settings.lake)
        project = project_digest()
        if not force and (made := _made_before(file, digest([project, look(lake).digest]))):
            return made
        # one builder, one name: dbt parses its project anew when a path in its environment changes
        work = file.with_name(f"{file.name}{TEMP_MARK}build")
        shutil.rmtree(work, ignore_errors=True)  # of a builder that was killed
        try:
            return _build(settings, lake, work, project, began)
        except OSError as problem:
            raise ServiceDown(
                Code.DISK,
                "Free space or fix the permissions, then run again",
                path=work,
                why=problem,
            ) from problem
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _build(settings: Settings, lake: Lake, work: Path, project: str, began: float) -> MartsMade:
    snapshot = take(lake, work / "snapshot", shelf_editions(settings))
    fresh = work / settings.warehouse.name
    cache = settings.cache / "dbt"  # keeps dbt's parsed project from one build to the next
    answer = run_child(
        "booktune_assets.warehouse.dbt_child",
        {
            "project": str(DBT),
            "marts": str(fresh),
            "snapshot": str(snapshot.root),
            "target": str(cache / "target"),
            "logs": str(cache / "logs"),
        },
        cache,
    )
    tests = _judge(answer, marts(), settings.warehouse)
    stamp = digest([project, snapshot.state.digest])
    seconds = round(time.monotonic() - began, 2)
    made = MartsMade(_count_rows(fresh), tests, False, seconds, snapshot.misfits, stamp)
    # a log of the old file must never be replayed into the new one
    settings.warehouse.with_name(f"{settings.warehouse.name}.wal").unlink(missing_ok=True)
    os.replace(fresh, settings.warehouse)
    write_json(_receipt(settings.warehouse), asdict(made))
    return made


def _judge(answer: dict[str, Any], wanted: list[Mart], old: Path) -> list[Checked]:
    """Test results in the order of the YAML, or the error that they amount to."""
    rows: dict[str, dict[str, Any]] = {str(row["name"]): row for row in answer["results"]}
    broken = [
        row for row in answer["results"] if row["kind"] == "model" and row["status"] == "error"
    ]
    if broken or not rows:
        words = "; ".join(f"{row['name']}: {row['message']}" for row in broken) or answer["problem"]
        raise BooktuneError(
            Code.INTERNAL, f"dbt could not build the marts: {' '.join(words.split())}", project=DBT
        )
    tests = [
        Checked(
            test.name, test.mart, str(row["status"]), int(row["failures"] or 0),
            str(row["message"]), test.blocking,
        )
        for mart in wanted
        for test in mart.tests
        if (row := rows.get(test.name))
    ]  # fmt: skip
    if any(test.blocking and test.status in ("fail", "error") for test in tests):
        raise MartsRefused(tests, old)
    return tests


def _count_rows(file: Path) -> dict[str, int]:
    import duckdb

    counts: dict[str, int] = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        for mart in marts():
            row = connection.execute(f'select count(*) from "{mart.name}"').fetchone()
            counts[mart.name] = int(row[0]) if row else 0
    return counts


def _made_before(file: Path, stamp: str) -> MartsMade | None:
    try:
        raw = json.loads(_receipt(file).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    if raw.get("inputs") != stamp or not file.exists():
        return None
    tests = [Checked(**test) for test in raw.pop("tests")]
    rest: dict[str, Any] = {**raw, "tests": tests, "reused": True, "seconds": 0.0}
    return MartsMade(**rest)


def _receipt(file: Path) -> Path:
    return file.with_name(f"{file.stem}.receipt.json")


@contextmanager
def _only_builder(file: Path) -> Generator[None]:
    """One builder at a time; the next one waits and then finds the work done."""
    handle = os.open(file.with_name("_lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _found(test: Checked) -> str:
    if test.status != "fail":
        return test.message
    return "1 row" if test.failures == 1 else f"{test.failures} rows"


def first_rows(settings: Settings, mart: str, rows: int) -> list[dict[str, Any]]:
    """The first rows of a mart in its own order; the file is opened for reading only."""
    import duckdb

    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        found = connection.execute(f'select * from "{mart}" limit ?', [rows])
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def marts_state(settings: Settings) -> tuple[str, int | None]:
    """``current``, ``stale`` or ``missing``, and the rows of all marts together."""
    file = settings.warehouse
    stamp = digest([project_digest(), look(Lake(settings.lake)).digest])
    if made := _made_before(file, stamp):
        return "current", sum(made.tables.values())
    return ("stale" if file.exists() else "missing"), None
