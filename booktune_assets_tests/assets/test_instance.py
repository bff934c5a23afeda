"""The instance: made once however many come first, and told apart when it is spoilt."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from booktune_assets.assets.instance import DATABASES, ensure_instance, spoilt_databases
from booktune_assets.lake import Lake
from booktune_assets.settings import Settings

BOOKTUNE = [sys.executable, "-c", "from booktune_assets.cli import main; main()"]


def booktune(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*BOOKTUNE, "--home", str(home), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_first_runs_at_the_same_time_all_end_well(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.books.mkdir()
    keys = [f"book-{number}" for number in range(6)]
    for key in keys:
        (settings.books / f"{key}.md").write_text(f"# {key}\n\nA process is a unit of {key}.\n")
    command = [*BOOKTUNE, "--home", str(tmp_path), "run", "raw_books", "--book"]
    running = [
        subprocess.Popen([*command, key], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for key in keys
    ]
    said = [process.communicate(timeout=300)[0].decode() for process in running]
    assert [process.returncode for process in running] == [0] * 6, said
    assert Lake(settings.lake).keys("raw_books") == keys
    assert spoilt_databases(settings.dagster_home) == []


def test_a_spoilt_database_is_told_with_its_remedy(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.books.mkdir()
    (settings.books / "book.md").write_text("# Book\n\nText.\n")
    home = ensure_instance(settings)
    assert all((home / name).is_file() for name in DATABASES)
    with closing(sqlite3.connect(home / DATABASES[0])) as connection, connection:
        connection.execute("insert into alembic_version values ('ffffffffffff')")
    done = booktune(tmp_path, "run")
    assert done.returncode == 1
    assert "INSTANCE_SPOILT" in done.stderr and f"Remove {home}" in done.stderr
    found = json.loads(booktune(tmp_path, "doctor", "--json").stdout)
    (told,) = [item for item in found if item["name"] == "instance"]
    assert told["level"] == "problem" and str(home) in told["remedy"]
