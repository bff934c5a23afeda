"""Books in two columns: reading order, headings over both, code that goes on in the next column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import CODE_KINDS, Parsed

Read = Callable[[Path], Parsed]
WORDS = ["tide", "comes", "in", "goes", "out", "harbour", "keeps", "its", "boats", "order"]


def _column(page: pymupdf.Page, x: float, top: float, rows: int, tag: str) -> None:
    for row in range(rows):
        at = (row * 3) % len(WORDS)
        words = " ".join((WORDS[at:] + WORDS)[:6])
        page.insert_text((x, top + 12 * row), f"{tag}{row} {words}", fontname="tiro", fontsize=9)


def two_columns(
    path: Path, *, spanning: bool, titled: Sequence[int] = range(1, 6), size: float = 16
) -> Path:  # fmt: skip
    """Five pages of two columns; with headings over both in the middle of each page.

    Not all of them have one when the pages that are ``titled`` are said.
    """
    with pymupdf.open() as document:
        for number in range(1, 6):
            page = document.new_page(width=440, height=620)
            if spanning and number not in titled:
                _column(page, 30, 60, 38, "x")
                _column(page, 230, 60, 38, "x")
                continue
            _column(page, 30, 60, 15, f"a{number}.")
            _column(page, 230, 60, 15, f"b{number}.")
            top = 240 if not spanning else 300
            if spanning:
                title = f"Chapter of Boats {number}"
                page.insert_text((30, 270), title, fontname="hebo", fontsize=size)
            _column(page, 30, top, 20, f"c{number}.")
            _column(page, 230, top, 20, f"d{number}.")
        document.save(path)
    return path


def _marks(parsed: Parsed) -> list[str]:
    text = " ".join(block.text for block in parsed.blocks)
    return [word for word in text.split() if word[:1] in "abcd" and "." in word]


def _expected(order: str) -> list[str]:
    rows = {"a": 15, "b": 15, "c": 20, "d": 20}
    return [
        f"{tag}{page}.{row}" for page in range(1, 6) for tag in order for row in range(rows[tag])
    ]


def test_columns_are_read_one_after_the_other(tmp_path: Path, read: Read) -> None:
    assert _marks(read(two_columns(tmp_path / "a.pdf", spanning=False))) == _expected("acbd")


def test_a_heading_over_both_columns_ends_them(tmp_path: Path, read: Read) -> None:
    parsed = read(two_columns(tmp_path / "b.pdf", spanning=True))
    assert _marks(parsed) == _expected("abcd")
    titles = [block.text for block in parsed.blocks if block.kind == "heading"]
    assert titles == [f"Chapter of Boats {number}" for number in range(1, 6)]


@pytest.mark.parametrize(("titled", "size"), [([2], 16), ([4, 5], 16), ([2, 3], 9.6)])
def test_a_heading_over_both_columns_that_has_few_beside_it(
    tmp_path: Path, read: Read, titled: list[int], size: float
) -> None:
    """Both columns end above it and begin below it at one height: so says a single one."""
    path = two_columns(tmp_path / "b.pdf", spanning=True, titled=titled, size=size)
    parsed = read(path)
    pages = {f"{tag}{page}.0" for page in titled for tag in "abcd"}
    assert [mark for mark in _marks(parsed) if mark in pages] == [
        f"{tag}{page}.0" for page in titled for tag in "abcd"
    ]
    titles = [block.text for block in parsed.blocks if block.kind == "heading"]
    assert titles == [f"Chapter of Boats {number}" for number in titled]


def test_small_titles_at_the_top_of_a_column_are_no_running_heads(
    tmp_path: Path, read: Read
) -> None:
    path = tmp_path / "c.pdf"
    with pymupdf.open() as document:
        for number in range(1, 7):
            page = document.new_page(width=440, height=620)
            _column(page, 30, 60, 40, f"a{number}.")
            page.insert_text((230, 60), f"{number}.2", fontname="hebo", fontsize=9)
            page.insert_text((255, 60), f"{WORDS[number]} of boats", fontname="hebo", fontsize=9)
            _column(page, 230, 80, 38, f"b{number}.")
        document.set_toc(
            [[1, f"{number}.2 {WORDS[number]} of boats", number] for number in range(1, 7)]
        )
        document.save(path)
    titles = [block.text for block in read(path).blocks if block.kind == "heading"]
    assert titles == [f"{WORDS[number]} of boats" for number in range(1, 7)]


def _code(page: pymupdf.Page, top: float, rows: list[str]) -> None:
    for number, row in enumerate(rows):
        page.insert_text((30, top + 11 * number), row, fontname="cour", fontsize=8)


def test_code_over_both_columns_is_whole(tmp_path: Path, read: Read) -> None:
    long = [
        "defmodule Harbour do",
        f"  def tide(n), do: {'n + ' * 12}1",
        "",
        "  def in, do: 1",
        "end",
    ]
    path = tmp_path / "wide.pdf"
    with pymupdf.open() as document:
        for number in range(1, 7):
            page = document.new_page(width=440, height=620)
            _column(page, 30, 60, 15, f"a{number}.")
            _column(page, 230, 60, 15, f"b{number}.")
            _code(page, 250, long if number % 2 else ["mix test", "mix run"])
            _column(page, 30, 320, 20, f"c{number}.")
            _column(page, 230, 320, 20, f"d{number}.")
        document.save(path)
    parsed = read(path)
    rows = [mark.partition(".")[0] for mark in _marks(parsed)]
    assert rows == [
        f"{tag}{n}" for n in range(1, 7)
        for tag, count in (("a", 15), ("b", 15), ("c", 20), ("d", 20)) for _ in range(count)
    ]  # fmt: skip
    code = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    assert code == ["\n".join(long), "mix test\nmix run"] * 3


def test_code_in_one_column_stays_in_it(tmp_path: Path, read: Read) -> None:
    narrow = ["defmodule Harbour do", f"  def tide(n), do: {'n + ' * 3}1", "end"]
    path = tmp_path / "narrow.pdf"
    with pymupdf.open() as document:
        for number in range(1, 8):
            page = document.new_page(width=440, height=620)
            _column(page, 30, 60, 15, f"a{number}.")
            _code(page, 250, narrow)
            _column(page, 30, 300, 20, f"c{number}.")
            _column(page, 230, 60, 40, f"d{number}.")
        document.save(path)
    parsed = read(path)
    marks = _marks(parsed)
    assert [mark[0] for mark in marks] == (["a"] * 15 + ["c"] * 20 + ["d"] * 40) * 7
    code = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    assert code == ["\n".join(narrow)] * 7


LISTING = [
    "defmodule Harbour do",
    f"  def tide(n), do: {'n + ' * 8}1",
    "",
    "  def in, do: 1",
    "end",
]


def test_code_that_runs_out_of_its_column_does_not_span_both(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "overfull.pdf"
    with pymupdf.open() as document:
        for number in range(1, 8):
            page = document.new_page(width=440, height=620)
            _column(page, 30, 60, 15, f"a{number}.")
            _code(page, 250, LISTING if number % 3 == 0 else ["mix test", "mix run", "mix help"])
            _column(page, 30, 320, 15, f"c{number}.")
            _column(page, 230, 60, 15, f"b{number}.")
            # level with the listing, but with air beside its long row
            _column(page, 230, 277, 19, f"d{number}.")
        document.save(path)
    parsed = read(path)
    assert [mark[0] for mark in _marks(parsed)] == (
        ["a"] * 15 + ["c"] * 15 + ["b"] * 15 + ["d"] * 19
    ) * 7
    code = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    assert code.count("\n".join(LISTING)) == 2


def test_a_column_begins_where_few_of_its_lines_do(tmp_path: Path, read: Read) -> None:
    """On some pages most lines of the right column are set in: short paragraphs, code, entries."""
    path = tmp_path / "indented.pdf"
    with pymupdf.open() as document:
        for number in range(1, 8):
            page = document.new_page(width=440, height=620)
            _column(page, 30, 60, 40, f"a{number}.")
            if number != 4:
                _column(page, 190, 60, 40, f"b{number}.")
                continue
            for top in range(60, 540, 36):
                _column(page, 200, top, 2, f"b{number}.{top}.")
                _column(page, 190, top + 24, 1, f"b{number}.{top + 24}.")
        document.save(path)
    marks = _marks(read(path))
    assert [mark[0] for mark in marks] == [
        tag for number in range(1, 8)
        for tag, count in (("a", 40), ("b", 42 if number == 4 else 40)) for _ in range(count)
    ]  # fmt: skip


def test_titles_in_italics_may_begin_a_column(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "italics.pdf"
    titles: list[str] = []
    with pymupdf.open() as document:
        for number in range(1, 8):
            page = document.new_page(width=440, height=620)
            _column(page, 30, 60, 40, f"a{number}.")
            titles += [f"{WORDS[number].title()} of the boats", f"{WORDS[number].title()} at noon"]
            page.insert_text((230, 60), titles[-2], fontname="tiit", fontsize=9.5)
            _column(page, 230, 82, 18, f"b{number}.")
            page.insert_text((230, 310), titles[-1], fontname="tiit", fontsize=9.5)
            _column(page, 230, 332, 16, f"d{number}.")
        document.save(path)
    found = [block.text for block in read(path).blocks if block.kind == "heading"]
    assert found == titles


def test_a_page_of_code_in_two_columns_is_no_table(tmp_path: Path, read: Read) -> None:
    """The rows are level, and none fills its column: a book of a page has no habit that tells."""
    rows = ["def step(n) do", "  n + 1", "end"]
    with pymupdf.open() as document:
        page = document.new_page(width=440, height=400)
        for number in range(8):
            x, top = 30 + 200 * (number // 4), 60 + 70 * (number % 4)
            page.insert_text((x, top), f"Number {number} of the steps to the boats.", fontsize=9)
            for line, row in enumerate(rows, start=1):
                at = x, top + 4 + 12 * line
                page.insert_text(at, row.replace("1", str(number)), fontname="cour", fontsize=8)
        document.save(tmp_path / "p.pdf")
    parsed = read(tmp_path / "p.pdf")
    assert [block.text for block in parsed.blocks if block.kind == "code"] == [
        "\n".join(rows).replace("1", str(number)) for number in range(8)
    ]
