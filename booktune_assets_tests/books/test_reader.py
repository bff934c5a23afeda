"""The reading child: bounded, reused, replaced; errors with codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from booktune_assets import progress
from booktune_assets.books import bounded, reader
from booktune_assets.books.crops import crop_page
from booktune_assets.books.reader import VERSION, read_book
from booktune_assets.contracts import check
from booktune_assets.errors import BookError, Code
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Reading
from booktune_assets_tests.books.makers import epub, harbour

READING = Reading()  # type: ignore[call-arg]


def test_frames_keep_their_contracts(tmp_path: Path) -> None:
    ticks: list[str] = []
    with progress.sink(lambda tick: ticks.append(tick.what)):
        raw = read_book(harbour(tmp_path / "book.pdf"), "harbour", READING, licence="CC0-1.0")
    for name, frame in raw.frames.items():
        check(TABLES[name], frame)
    row = raw.frames["raw_books"].row(0, named=True)
    assert (row["format"], row["title"], row["licence"]) == ("pdf", "A Small Harbour", "CC0-1.0")
    assert (row["reader"], row["warnings"]) == (VERSION, [])
    assert (
        raw.counts["failed"] == 0 and raw.counts["rows"] == raw.frames["raw_books__blocks"].height
    )
    assert "reading harbour" in ticks


def test_same_bytes_are_not_read_again(tmp_path: Path) -> None:
    path = epub(tmp_path / "b.epub", {"c.xhtml": "<h1>T</h1>"})
    first = read_book(path, "b", READING)
    again = read_book(path, "b", READING, previous=first.frames)
    assert again.counts == {"reused": 1}
    epub(path, {"c.xhtml": "<h1>U</h1>"})
    assert "reused" not in read_book(path, "b", READING, previous=first.frames).counts


def test_one_child_reads_many_books(tmp_path: Path) -> None:
    path = epub(tmp_path / "b.epub", {"c.xhtml": "<h1>T</h1>"})
    read_book(path, "b", READING)
    child = bounded._child().pid  # pyright: ignore[reportPrivateUsage]
    for number in range(5):
        read_book(path, f"b{number}", READING)
    assert bounded._child().pid == child  # pyright: ignore[reportPrivateUsage]


def test_a_child_that_died_while_idle_is_replaced(tmp_path: Path) -> None:
    path = epub(tmp_path / "b.epub", {"c.xhtml": "<h1>T</h1>"})
    read_book(path, "b", READING)
    os.kill(bounded._child().pid, signal.SIGKILL)  # pyright: ignore[reportPrivateUsage]
    assert read_book(path, "b", READING).counts["rows"] == 1


def test_time_is_bounded_and_the_next_book_is_read(tmp_path: Path) -> None:
    path = tmp_path / "slow.md"
    path.write_text("*a **b " * 600_000)  # many times what any machine parses in two seconds
    with pytest.raises(BookError) as caught:
        read_book(path, "slow", Reading(seconds_per_book=0.2))  # type: ignore[call-arg]
    assert caught.value.code is Code.TOO_SLOW
    good = epub(tmp_path / "b.epub", {"c.xhtml": "<h1>T</h1>"})
    assert read_book(good, "b", READING).counts["rows"] == 1


def test_memory_is_bounded(tmp_path: Path) -> None:
    path = epub(tmp_path / "b.epub", {"c.xhtml": "<p>" + "<b>x</b>" * 1_000_000 + "</p>"})
    bounded.close()
    with pytest.raises(BookError) as caught:
        read_book(path, "b", Reading(memory_mb=256))  # type: ignore[call-arg]
    assert caught.value.code in (Code.TOO_LARGE, Code.READER_CRASHED)


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    path = epub(tmp_path / "b.epub", {"c.xhtml": "<h1>T</h1>"})
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from booktune_assets.books import bounded\n"
        "from booktune_assets.books.reader import read_book\n"
        "from booktune_assets.settings import Reading\n"
        f"read_book(Path({str(path)!r}), 'b', Reading())\n"
        "print(bounded._child().pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the reading child outlived its parent")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.pdf", b"", Code.EMPTY_FILE),
        ("a.pdf", b"\x00\x01\x02" * 100, Code.UNKNOWN_FORMAT),
        ("a.pdf", b"%PDF-1.4 and nothing else", Code.DAMAGED_FILE),
        ("a.epub", b"PK\x03\x04 and nothing else", Code.DAMAGED_FILE),
        ("a.md", b"   \n\n", Code.NO_CONTENT),
    ],
)
def test_what_cannot_be_read_has_a_code(tmp_path: Path, name: str, data: bytes, code: Code) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(BookError) as caught:
        read_book(path, "b", READING)
    assert caught.value.code is code and "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    named = {tmp_path / "none.pdf": Code.FILE_MISSING, tmp_path: Code.NOT_A_FILE}
    for path, code in named.items():
        with pytest.raises(BookError) as caught:
            read_book(path, "b", READING)
        assert caught.value.code is code


def test_names_do_not_matter(tmp_path: Path) -> None:
    for name in (
        "a\nb.epub",
        "\U0001f680 caf\u00e9 'quoted' $(x).epub",
        "-rf.epub",
        "a" * 240 + ".pdf",
    ):
        path = epub(tmp_path / name, {"c.xhtml": "<h1>T</h1>"})
        row = read_book(path, "b", READING).frames["raw_books"].row(0, named=True)
        assert row["file_name"] == name and row["format"] == "epub"


def test_crops_are_pictures_of_the_place(tmp_path: Path) -> None:
    path = harbour(tmp_path / "book.pdf")
    spans = read_book(path, "b", READING).frames["raw_books__spans"]
    row = spans.row(0, named=True)
    box = (row["x0"], row["y0"], row["x1"], row["y1"])
    picture = crop_page(path, row["page"], [box])
    assert picture is not None and picture.startswith(b"\x89PNG")
    whole = crop_page(path, 1, [])
    assert whole is not None and len(whole) > len(picture)
    assert crop_page(path, 999, [box]) is None
    assert crop_page(epub(tmp_path / "b.epub", {"c.xhtml": "<h1>T</h1>"}), 1, [box]) is None


# Bump reader.VERSION when this changes: some book will be read differently.
GOLDEN = {"raw_books.32": "e91e45175bb4fdc07faea3e3b7d690ab865a4e64a8d71bdcf66235f0048eff3e"}


def test_golden_content_changes_only_with_the_version(tmp_path: Path) -> None:
    raw = read_book(harbour(tmp_path / "book.pdf"), "harbour", READING)
    assert raw.frames["raw_books"]["content_sha256"][0] == GOLDEN[VERSION]


def test_lost_characters_are_a_warning_of_the_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.md"
    path.write_text("# T\n\nWords.\n")
    assert list(read_book(path, "b", Reading()).frames["raw_books"]["warnings"][0]) == []
    whole = reader.ask

    def losing(*task: Any, **bounds: Any) -> bytes:
        parsed = json.loads(whole(*task, **bounds))
        parsed["pages"][0] |= {"lost": 3, "doubled": 1}
        return json.dumps(parsed).encode()

    monkeypatch.setattr(reader, "ask", losing)
    raw = read_book(path, "b", Reading())
    (said,) = raw.frames["raw_books"]["warnings"][0]
    assert said.startswith("3 characters are lost and 1 doubled on 1 of 1 pages")
    assert raw.counts["warnings"] == 1


def test_the_parents_side_loads_no_reader_and_no_tables() -> None:
    code = (
        "import sys; import booktune_assets.books.bounded\n"
        "heavy = {'polars', 'pymupdf', 'booktune_assets.books.pdf', 'booktune_assets.books.epub'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_child_that_was_begun_early_is_the_one_that_reads(tmp_path: Path) -> None:
    bounded.close()
    bounded.begin()
    early = bounded._child().pid  # pyright: ignore[reportPrivateUsage]
    path = tmp_path / "b.md"
    path.write_text("# T\n\nWords.\n")
    read_book(path, "b", Reading())
    assert bounded._child().pid == early  # pyright: ignore[reportPrivateUsage]
