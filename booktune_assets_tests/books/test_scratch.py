"""What is put by outside of memory comes back, whatever the disk does."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.books import bounded, packed
from booktune_assets.books.blocks import Limits
from booktune_assets.books.desk import Desk
from booktune_assets.books.formats import parse
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.packed import Pages
from booktune_assets.books.reader import read_book
from booktune_assets.books.scratch import Scratch, ScratchFile, Spilled
from booktune_assets.settings import Reading
from booktune_assets_tests.books.makers import harbour

LONG = packed.LIVE + 20


def long_book(path: Path) -> Path:
    """More pages than are kept as objects, a line of code on each."""
    with pymupdf.open() as document:
        for number in range(LONG):
            page = document.new_page(width=300, height=300)
            page.insert_text((40, 60), f"The ship number {number} comes in with the tide.")
            page.insert_text((40, 90), f"ship_{number} = :moored", fontname="cour")
        document.save(path)
    return path


@given(st.lists(st.binary(max_size=200_000), max_size=12), st.integers(0, 6))
def test_bytes_come_back_when_the_disk_is_full_as_well(pieces: list[bytes], room: int) -> None:
    file, kept = ScratchFile(), 0

    def keep(data: bytes) -> bool:
        nonlocal kept
        kept += 1
        return kept <= room and file.keep(data)

    spilled = Spilled(file.reading, keep)
    spots = [spilled.put(piece) for piece in pieces]
    assert [spilled.get(spot) for spot in spots] == pieces
    file.close()


def test_a_spot_of_another_scratch_is_refused() -> None:
    assert Scratch().get(Scratch().put(b"bytes")) == b"bytes"
    with pytest.raises(TypeError):
        Scratch().get(7)


def test_the_file_has_no_name_and_the_child_cannot_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = ScratchFile()
    assert file.keep(b"words") and os.pread(file.reading, 5, 0) == b"words"
    assert not list(tmp_path.iterdir())
    with pytest.raises(OSError):
        os.write(file.reading, b"more")
    file.clear()
    assert os.pread(file.reading, 5, 0) == b""
    with pytest.raises(OSError):
        Spilled(file.reading, file.keep).get(5)
    file.close()
    file.close()
    assert not file.keep(b"more")


def test_a_thread_that_ends_leaves_no_file_open(tmp_path: Path) -> None:
    book = tmp_path / "b.md"
    book.write_text("# Title\n\nWords.\n")

    def reads() -> None:
        threads = [threading.Thread(target=read_book, args=(book, "b", Reading()))
                   for _ in range(2)]  # fmt: skip
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        gc.collect()

    reads()
    before = len(list(Path("/proc/self/fd").iterdir()))
    reads()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_without_a_folder_for_it_a_book_is_read_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    file = ScratchFile()
    assert file.reading == -1 and not file.keep(b"words")
    bounded.close()
    raw = read_book(long_book(tmp_path / "long.pdf"), "long", Reading())
    assert raw.counts["pages"] == LONG and raw.counts["lost"] == 0
    bounded.close()


@pytest.mark.parametrize("room", [0, 1, 1_000])
def test_a_book_reads_the_same_put_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    book = harbour(tmp_path / "book.pdf", numbers=True)

    def read(desk: Desk) -> dict[str, object]:
        return parse(book, Limits(precise=True), lambda done, total: None, desk).as_plain()

    live = read(Desk())
    monkeypatch.setattr(packed, "LIVE", 1)
    monkeypatch.setattr("booktune_assets.books.scratch._PIECE", 5_000)
    file, asked = ScratchFile(), list[int]()

    def keep(data: bytes) -> bool:
        asked.append(len(data))
        return len(asked) <= room and file.keep(data)

    assert read(Desk(scratch=Spilled(file.reading, keep))) == live
    assert len(asked) == (room + 1 if room < 2 else len(asked)) and len(asked) > room // 1_000
    file.close()


def test_pages_of_a_long_book_hold_no_bytes(tmp_path: Path) -> None:
    from booktune_assets.books.glyphs import draw_page

    file = ScratchFile()
    pages = Pages(Spilled(file.reading, file.keep), LONG)
    with pymupdf.open(long_book(tmp_path / "long.pdf")) as document:
        for number in range(LONG):
            pages.append(draw_page(document[number], number + 1))
    held = pages._pages
    assert all(isinstance(spot, int) for page in held[packed.FEW :] for spot in page)
    before = list(held)
    for page in pages.edited():
        page.lines = page.lines[: 1 if page.number == LONG else None]
    changed = [n for n, (one, two) in enumerate(zip(before, held, strict=True)) if one != two]
    assert changed == [LONG - 1], "what stays as it is lies where it lay"
    assert [len(page.lines) for page in pages][-2:] == [2, 1]
    file.close()


def test_the_child_puts_by_and_answers_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = long_book(tmp_path / "long.pdf")
    kept: list[int] = []
    whole: Callable[..., bool] = ScratchFile.keep

    def noting(self: ScratchFile, data: bytes) -> bool:
        kept.append(len(data))
        return whole(self, data)

    monkeypatch.setattr(ScratchFile, "keep", noting)
    monkeypatch.setattr("booktune_assets.books.scratch._PIECE", 1)  # of this process alone
    raw = read_book(book, "long", Reading())
    parsed = parse(book, Limits(), lambda done, total: None)
    facts = Facts("long", book, raw.frames["raw_books"]["file_sha256"][0], book.stat().st_size,
                  raw.frames["raw_books"]["reader"][0])  # fmt: skip
    assert kept
    for name, frame in into_frames(parsed.as_plain(), facts).items():
        assert frame.equals(raw.frames[name]), name


def test_a_child_whose_answer_nobody_took_is_not_asked_again(tmp_path: Path) -> None:
    book = tmp_path / "b.md"
    book.write_text("# Title\n\nWords.\n")
    task = {"do": "read", "path": str(book), "limits": {}}

    def refuses(piece: bytes) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        bounded.ask(task, seconds=20, memory_mb=1_000, take=refuses)
    assert read_book(book, "b", Reading()).frames["raw_books"]["title"][0] == "Title"


def test_a_limit_that_the_shell_sets_is_kept(tmp_path: Path) -> None:
    """A batch system bounds time and memory: the child stays below and does not end at once."""
    book = tmp_path / "b.md"
    book.write_text("# Title\n\nWords.\n")
    script = (
        "import resource, sys; from pathlib import Path\n"
        "for kind, size in ((resource.RLIMIT_CPU, 200), (resource.RLIMIT_AS, 3 << 30)):\n"
        "    resource.setrlimit(kind, (size, size))\n"
        "from booktune_assets.books.bounded import ask\n"
        "task = {'do': 'read', 'path': sys.argv[1], 'limits': {}}\n"
        "print(len(ask(task, seconds=900, memory_mb=4_000)) > 20)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(book)], capture_output=True, text=True)
    assert done.stdout.strip() == "True", done.stderr
