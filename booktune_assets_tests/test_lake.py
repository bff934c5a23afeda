"""The lake under good and bad conditions: reuse, kill -9 at random moments, 16 writers at once."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import polars as pl
import pytest

from booktune_assets.errors import BookError, Code, ServiceDown
from booktune_assets.lake import RECEIPT, TEMP_MARK, Lake, replaced
from booktune_assets_tests.lake_writer import frames, write

KILLS = 24


def start(root: Path, key: str, rounds: int, rows: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "booktune_assets_tests.lake_writer"]
    return subprocess.Popen(
        [*command, str(root), key, str(rounds), str(rows)], stdout=subprocess.PIPE, text=True
    )


def assert_whole(lake: Lake, key: str, rows: int) -> int | None:
    """What is there is one round, complete, and equal to its receipt. Returns the round."""
    receipt = lake.receipt("sections", key)
    if receipt is None:
        return None
    rounds: set[str] = set()
    for table in ("sections", "sections__blocks", "sections__spans"):
        frame = pl.read_parquet(lake.path(table, key))  # a torn file raises here
        assert frame.height == rows == receipt.tables[table].rows
        if "text" in frame.columns:
            rounds |= set(frame["text"].unique())
        else:
            rounds |= {f"round {sha} " * 20 for sha in frame["file_sha256"].unique()}
    assert rounds == {f"round {receipt.inputs['round']} " * 20}
    return int(receipt.inputs["round"])


def test_a_pipe_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with replaced(pipe) as target:
        target.write_text("row")
    assert os.read(reader, 10) == b"row" and pipe.is_fifo()
    os.close(reader)


def test_reuse_asks_for_the_same_code_settings_inputs_and_files(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, "guide", 1, 3)
    assert lake.current("sections", "guide", "test.1", "", {"round": "1"})
    assert not lake.current("sections", "guide", "test.2", "", {"round": "1"})
    assert not lake.current("sections", "guide", "test.1", "other", {"round": "1"})
    assert not lake.current("sections", "guide", "test.1", "", {"round": "2"})
    lake.path("sections__spans", "guide").unlink()
    assert not lake.current("sections", "guide", "test.1", "", {"round": "1"})


def test_same_rows_give_the_same_digest_and_a_moved_page_only_the_other_one(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, "guide", 1, 3)
    first = lake.receipt("sections", "guide")
    moved = frames("guide", 1, 3)
    moved["sections__spans"] = moved["sections__spans"].with_columns(page=pl.lit(9, pl.Int32))
    lake.publish("sections", "guide", moved, code_version="test.1")
    second = lake.receipt("sections", "guide")
    assert first is not None
    assert second is not None
    assert first.digest == second.digest
    assert first.fact("sections__spans") == second.fact("sections__spans")
    assert first.fact("sections__spans", positions=True) != second.fact(
        "sections__spans", positions=True
    )


def test_a_broken_frame_leaves_what_was_there(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, "guide", 1, 3)
    broken = frames("guide", 2, 3)
    broken["sections"] = broken["sections"].with_columns(role=pl.lit("nonsense"))
    with pytest.raises(BookError) as caught:
        lake.publish("sections", "guide", broken, code_version="test.1")
    assert caught.value.code is Code.CONTRACT_BROKEN
    assert assert_whole(lake, "guide", 3) == 1
    with pytest.raises(BookError, match="must publish exactly"):
        lake.publish("sections", "guide", {}, code_version="test.1")


def test_a_failure_is_a_row_and_keeps_the_last_good_build(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, "guide", 1, 3)
    problem = BookError(Code.DAMAGED_FILE, "Get another copy", book="guide", page=4)
    lake.fail("sections", "guide", problem, inputs={"round": "2"})
    row = lake.failure("sections", "guide")
    assert row is not None
    assert (row.code, row.remedy) == ("DAMAGED_FILE", "Get another copy")
    assert "page=4" in row.message
    assert assert_whole(lake, "guide", 3) == 1
    write(lake, "guide", 3, 3)
    assert lake.failure("sections", "guide") is None


def test_a_read_without_receipt_says_what_to_build(tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        Lake(tmp_path).read("sections", "nobody")
    assert caught.value.code is Code.NOT_BUILT
    assert "booktune run sections" in str(caught.value)


def test_a_disk_that_refuses_is_a_service_fault(tmp_path: Path) -> None:
    (tmp_path / "sections").write_text("a file where the folder should be")
    with pytest.raises(ServiceDown) as caught:
        write(Lake(tmp_path), "guide", 1, 1)
    assert caught.value.code is Code.DISK


@pytest.mark.parametrize("locked", [True, False])
def test_a_disk_that_takes_no_writes_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, locked: bool
) -> None:
    lake = Lake(tmp_path)
    write(lake, "guide", 1, 1)
    lock = lake.folder("sections", "guide") / "_lock"
    if not locked:
        lock.unlink()
    plain = os.open

    def refusing(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & (os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return plain(path, flags, mode)

    monkeypatch.setattr("booktune_assets.lake.os.open", refusing)
    assert lake.read("sections", "guide").height
    with pytest.raises(ServiceDown):
        write(lake, "guide", 2, 1)


def test_current_key_points_only_at_what_is_built(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.set_current("sections", "guide")
    assert lake.current_key("sections") is None
    write(lake, "guide", 1, 1)
    assert lake.current_key("sections") == "guide"


@pytest.mark.slow
def test_kill_9_at_random_moments_leaves_nothing_torn(tmp_path: Path) -> None:
    """A real process, killed 24 times while it writes; each time the state is whole or absent."""
    lake, dice = Lake(tmp_path), random.Random(20261122)
    absent, rows = 0, 2_000
    write(lake, "guide", 0, rows)
    for _ in range(KILLS):
        process = start(tmp_path, "guide", 10_000, rows)
        assert process.stdout is not None
        process.stdout.readline()  # it is writing now
        time.sleep(dice.uniform(0, 0.12))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if assert_whole(lake, "guide", rows) is None:
            absent += 1
            assert lake.interrupted("sections") == ["guide"]
        write(lake, "guide", 999_999, rows)  # the next run repairs whatever was left
        assert assert_whole(lake, "guide", rows) == 999_999
        leftovers = [
            p.name for p in lake.folder("sections", "guide").iterdir() if TEMP_MARK in p.name
        ]
        assert not leftovers
    print(f"{KILLS} kills, {absent} left no receipt, 0 torn files")


@pytest.mark.parametrize("step", range(4))
def test_death_at_each_step_of_a_publish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The same, but at each rename in turn, so that no window is left to luck."""
    lake = Lake(tmp_path)
    write(lake, "guide", 1, 5)
    real, calls = os.replace, 0

    def dying(source: str | Path, target: str | Path) -> None:
        nonlocal calls
        if calls == step:
            raise SystemExit(9)
        calls += 1
        real(source, target)

    monkeypatch.setattr("booktune_assets.lake.os.replace", dying)
    with pytest.raises(SystemExit):  # steps 0-2 are the three tables, 3 is the receipt
        write(lake, "guide", 2, 5)
    assert lake.receipt("sections", "guide") is None
    assert lake.interrupted("sections") == ["guide"]
    monkeypatch.setattr("booktune_assets.lake.os.replace", real)
    write(lake, "guide", 3, 5)
    assert assert_whole(lake, "guide", 5) == 3


@pytest.mark.slow
def test_16_processes_write_16_books_at_once(tmp_path: Path) -> None:
    lake, rows, rounds = Lake(tmp_path), 500, 3
    keys = [f"book-{number}" for number in range(16)]
    writers = [start(tmp_path, key, rounds, rows) for key in keys]
    assert [writer.wait() for writer in writers] == [0] * 16
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.close()
    assert lake.keys("sections") == sorted(keys)
    assert all(assert_whole(lake, key, rows) == rounds for key in keys)
    assert lake.read_all("sections").height == 16 * rows
    glob = str(tmp_path / "sections" / "*" / "sections.parquet")
    found = duckdb.execute(f"select count(*), count(distinct book_id) from '{glob}'").fetchall()
    assert found == [(16 * rows, 16)]


def test_a_reader_waits_for_a_writer_in_the_middle_of_its_swap(tmp_path: Path) -> None:
    """Readers never see a book as missing because somebody is publishing it."""
    lake, rows = Lake(tmp_path), 50
    write(lake, "guide", 0, rows)
    process = start(tmp_path, "guide", 25, rows)
    seen = 0
    while process.poll() is None:
        assert lake.receipt("sections", "guide") is not None
        assert lake.read("sections", "guide").height == rows
        seen += 1
    assert process.wait() == 0
    assert process.stdout is not None
    process.stdout.close()
    assert seen > 10
    assert (lake.folder("sections", "guide") / RECEIPT).exists()
