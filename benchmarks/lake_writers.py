"""Eight processes write 40 books: the lake beside one shared DuckDB file, in the same run.

    python benchmarks/lake_writers.py [--books 40] [--rows 5000]

Prints wall seconds, lost rows and the ratio. The peer retries on its lock, as users' code does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from pathlib import Path

import duckdb

from booktune_assets.lake import Lake
from booktune_assets_tests.lake_writer import frames, write


def into_lake(job: tuple[str, str, int]) -> None:
    root, key, rows = job
    write(Lake(Path(root)), key, 1, rows)


def into_duckdb(job: tuple[str, str, int]) -> None:
    path, key, rows = job
    tables = frames(key, 1, rows)
    while True:
        try:
            with duckdb.connect(path) as connection:
                for name, frame in tables.items():
                    connection.register("incoming", frame.to_arrow())
                    empty = "from incoming limit 0"
                    connection.execute(f"create table if not exists {name} as {empty}")
                    connection.execute(f"delete from {name} where book_id = ?", [key])
                    connection.execute(f"insert into {name} from incoming")
            return
        except (duckdb.IOException, duckdb.TransactionException):
            time.sleep(0.05)


def main(books: int, rows: int) -> None:
    keys = [f"book-{number}" for number in range(books)]
    with tempfile.TemporaryDirectory() as folder:
        database, root = f"{folder}/shared.duckdb", f"{folder}/lake"
        with multiprocessing.get_context("spawn").Pool(8) as pool:
            pool.map(into_lake, [(f"{folder}/warm", key, 10) for key in keys[:8]])
            began = time.monotonic()
            pool.map(into_lake, [(root, key, rows) for key in keys], chunksize=1)
            ours = time.monotonic() - began
            began = time.monotonic()
            pool.map(into_duckdb, [(database, key, rows) for key in keys], chunksize=1)
            theirs = time.monotonic() - began
        kept = Lake(Path(root)).read_all("sections").height
        with duckdb.connect(database) as connection:
            row = connection.execute("select count(*) from sections").fetchone()
    assert row is not None
    print(f"{books} books × {rows} rows × 3 tables, 8 writers")
    print(f"  lake            {ours:6.1f} s, {books * rows - kept} rows lost")
    print(f"  one DuckDB file {theirs:6.1f} s, {books * rows - int(row[0])} rows lost")
    print(f"  ratio           {theirs / ours:6.1f} ×")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", type=int, default=40)
    parser.add_argument("--rows", type=int, default=5000)
    chosen = parser.parse_args()
    main(chosen.books, chosen.rows)
