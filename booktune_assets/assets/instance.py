"""The Dagster instance of a home: its folder, its configuration, its databases.

Belongs here: making them once, opening them, telling spoilt ones. Does not: runs (``execute.py``).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path
from urllib.parse import quote

import dagster as dg

from booktune_assets.assets.partitions import BOOKS_NAME
from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets.lake import replaced
from booktune_assets.settings import PROJECT, Settings

__all__ = ["ensure_instance", "forget_partition", "open_instance", "spoilt_databases"]

TEMPLATE = PROJECT / "deploy" / "local" / "dagster.yaml"
READY = "_ready"  # the databases have been made
DATABASES = ("schedules/schedules.db", "history/runs.db", "history/runs/index.db")
_NO_CAPTURE = """
compute_logs:
  module: dagster.core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


def ensure_instance(settings: Settings) -> Path:
    """DAGSTER_HOME with its ``dagster.yaml`` and databases; what is there already is left alone.

    The databases are made by one process while the others wait: two that stamp a fresh one at the
    same time leave it with two versions, and Dagster never opens it again.
    """
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    ready, config = home / READY, home / "dagster.yaml"
    if ready.exists() and config.exists():
        return home
    handle = os.open(home / "_lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not config.exists():
            with replaced(config) as temp:
                temp.write_text(TEMPLATE.read_text())
        if not ready.exists():
            with _opened(home, "dagster.yaml") as instance:
                # named one by one, because each database is made when it is first asked for
                _ = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
            ready.touch()
    finally:
        os.close(handle)
    return home


def open_instance(settings: Settings) -> AbstractContextManager[dg.DagsterInstance]:
    """The persistent instance of these settings, as a context manager.

    The same storage as the UI's, but what a step prints is not captured: capturing would put a pipe
    and a second process between the caller and its terminal for every step.
    """
    home = ensure_instance(settings)
    config = (home / "dagster.yaml").read_text()
    if "\ncompute_logs:" not in config:
        config += _NO_CAPTURE
    with replaced(home / "dagster-cli.yaml") as temp:
        temp.write_text(config)
    return _opened(home, "dagster-cli.yaml")


def forget_partition(settings: Settings, key: str) -> None:
    """Remove the partition of a book; its events stay in the log, which no view shows any more."""
    if not (settings.dagster_home / "dagster.yaml").is_file():
        return
    with open_instance(settings) as instance:
        if key in instance.get_dynamic_partitions(BOOKS_NAME):
            instance.delete_dynamic_partition(BOOKS_NAME, key)


def _opened(home: Path, config: str) -> dg.DagsterInstance:
    """The instance of a folder, or what to do about one whose databases are spoilt."""
    if spoilt := spoilt_databases(home):
        raise MissingPrerequisite(
            Code.INSTANCE_SPOILT,
            f"Remove {home} and run again: the receipts of the lake decide, so nothing that is "
            "built is built again; only the list of earlier runs is lost",
            database=", ".join(spoilt),
        )
    return dg.DagsterInstance.from_config(str(home), config)


def spoilt_databases(home: Path) -> list[str]:
    """Databases of an instance that hold more than one version of themselves, by file name."""
    return [name for name in DATABASES if (home / name).is_file() and _versions(home / name) > 1]


def _versions(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("select count(*) from alembic_version").fetchone()[0])
        except sqlite3.OperationalError:  # no such table yet: being made just now
            return 0
