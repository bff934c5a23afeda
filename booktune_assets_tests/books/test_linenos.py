"""Line numbers: left of code, right of it, on some lines only, in the font of the code itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import CODE_KINDS, Parsed

Read = Callable[[Path], Parsed]
FILLER = "Words of prose that stand between the listings of this small book about tides."
CODE = [
    "defmodule Tide do", "  use GenServer", "", "  def init(level) do", "    {:ok, level}", "  end",
    "", "  def rise(level, by) do", "    total = level + by", "    {:ok, total}", "  end", "end",
]  # fmt: skip


def numbered(path: Path, x: float, step: int) -> Path:
    with pymupdf.open() as document:
        for _ in range(2):
            page = document.new_page(width=420, height=420)
            for line in range(5):
                page.insert_text((60, 50 + 14 * line), FILLER, fontname="tiro", fontsize=9)
            for number, row in enumerate(CODE, start=1):
                y = 130 + 11 * number
                if row:
                    page.insert_text((60, y), row, fontname="cour", fontsize=9)
                if number == 1 or number % step == 0:
                    wide = pymupdf.get_text_length(str(number), "helv", 6)
                    page.insert_text((x - wide, y), str(number), fontname="helv", fontsize=6)
        document.save(path)
    return path


@pytest.mark.parametrize(("x", "step"), [(50.0, 1), (50.0, 5), (380.0, 1)])
def test_numbers_are_taken_off(tmp_path: Path, read: Read, x: float, step: int) -> None:
    parsed = read(numbered(tmp_path / "n.pdf", x, step))
    code = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    assert code == ["\n".join(CODE)] * 2
    assert {change["kind"] for change in parsed.changes} >= {"line_numbers"}
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)


Draw = Callable[[pymupdf.Page, int, float, str], None]
SIZE, CELL = 9.0, 5.4


def listings(path: Path, draw: Draw, rows: list[str] = CODE, pages: int = 2) -> Path:
    """Pages of prose with a listing, whose rows ``draw`` sets: page, number, y, text."""
    with pymupdf.open() as document:
        for _ in range(pages):
            page = document.new_page(width=420, height=420)
            for line in range(5):
                page.insert_text((60, 50 + 14 * line), FILLER, fontname="tiro", fontsize=9)
            for number, row in enumerate(rows, start=1):
                draw(page, number, 130 + 11 * number, row)
        document.save(path)
    return path


def listing_of(parsed: Parsed) -> list[str]:
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)
    return [block.text for block in parsed.blocks if block.kind in CODE_KINDS]


def column(page: pymupdf.Page, number: int, y: float, row: str) -> None:
    """A number in a column of its own, in the font and size of the code."""
    page.insert_text((60 + CELL * (number < 10), y), f"{number}", fontname="cour", fontsize=SIZE,
                     color=(0.6, 0.6, 0.6))  # fmt: skip
    page.insert_text((88, y), row, fontname="cour", fontsize=SIZE)


def inline(page: pymupdf.Page, number: int, y: float, row: str) -> None:
    """A number one space from its code, all in one run."""
    page.insert_text((60, y), f"{number:>2} {row}", fontname="cour", fontsize=SIZE)


def parted(page: pymupdf.Page, number: int, y: float, row: str) -> None:
    page.insert_text((60, y), f"{number:>2}: {row}", fontname="cour", fontsize=SIZE)


def second(page: pymupdf.Page, number: int, y: float, row: str) -> None:
    """A number on each second line only."""
    page.insert_text((60, y), row, fontname="cour", fontsize=SIZE)
    if number % 2 == 0:
        page.insert_text((48 - 3 * (number > 9), y), f"{number}", fontname="helv", fontsize=6)


@pytest.mark.parametrize("draw", [column, inline, parted, second])
def test_numbers_need_no_font_of_their_own(tmp_path: Path, read: Read, draw: Draw) -> None:
    assert listing_of(read(listings(tmp_path / "n.pdf", draw))) == ["\n".join(CODE)] * 2


def test_a_list_is_not_numbered_code(tmp_path: Path, read: Read) -> None:
    rows = ["1 cap", "2 boats", "3 lamps", "4 ropes", "5 bells"]

    def draw(page: pymupdf.Page, _: int, y: float, row: str) -> None:
        page.insert_text((60, y), row, fontname="cour", fontsize=SIZE)

    assert listing_of(read(listings(tmp_path / "n.pdf", draw, rows))) == ["\n".join(rows)] * 2


def test_clauses_that_begin_with_digits_are_code(tmp_path: Path, read: Read) -> None:
    rows = ["case level do", "  1 -> :low", "  2 -> :mid", "  3 -> :high", "end"]

    def draw(page: pymupdf.Page, _: int, y: float, row: str) -> None:
        page.insert_text((60, y), row, fontname="cour", fontsize=SIZE)

    assert listing_of(read(listings(tmp_path / "n.pdf", draw, rows))) == ["\n".join(rows)] * 2


def test_a_listing_that_begins_set_in(tmp_path: Path, read: Read) -> None:
    """Where numbers stand tells where column 0 is."""

    def draw(page: pymupdf.Page, number: int, y: float, row: str) -> None:
        shown = CODE[2:6] if page.number == 3 else CODE
        if number > len(shown):
            return
        page.insert_text((60, y), shown[number - 1], fontname="cour", fontsize=SIZE)
        wide = pymupdf.get_text_length(str(number), "helv", 6)
        page.insert_text((50 - wide, y), str(number), fontname="helv", fontsize=6)

    found = listing_of(read(listings(tmp_path / "n.pdf", draw, pages=4)))
    assert found[-1] == "\n".join(CODE[3:6])


def test_numbers_that_leave_out_blank_lines(tmp_path: Path, read: Read) -> None:
    def draw(page: pymupdf.Page, number: int, y: float, row: str) -> None:
        if row:
            count = str(sum(map(bool, CODE[:number])))
            wide = pymupdf.get_text_length(count, "helv", 6)
            page.insert_text((50 - wide, y), count, fontname="helv", fontsize=6)
            page.insert_text((60, y), row, fontname="cour", fontsize=SIZE)

    assert listing_of(read(listings(tmp_path / "n.pdf", draw))) == ["\n".join(CODE)] * 2


def test_numbers_of_a_table_count_rows(tmp_path: Path, read: Read) -> None:
    """Code that wraps beside a column of numbers has more rows than that: they say nothing then."""
    rows = [
        "def rise(level, by) do", '  raise "the water stands too high for all of the boats and the',
        'harbour"', "  {:ok, level + by}", "end", "rise(1, 2)",
    ]  # fmt: skip

    def draw(page: pymupdf.Page, number: int, y: float, row: str) -> None:
        if number < len(rows):
            page.insert_text((60, y), f"{number}", fontname="helv", fontsize=6)
        page.draw_rect((56, y - 8, 420, y + 3), color=None, fill=(0.9, 0.9, 0.9), overlay=False)
        page.insert_text((80, y), row, fontname="cour", fontsize=SIZE)

    joined = [*rows[:1], f"{rows[1]} {rows[2]}", *rows[3:]]
    assert listing_of(read(listings(tmp_path / "n.pdf", draw, rows, 3))) == ["\n".join(joined)] * 3


def test_numbers_in_the_gutter_of_two_columns(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        for _ in range(3):
            page = document.new_page(width=520, height=420)
            for x in (40, 290):
                for line in range(6):
                    page.insert_text((x, 50 + 12 * line), FILLER[:52], fontname="tiro", fontsize=9)
                for number, row in enumerate(CODE, start=1):
                    y = 130 + 11 * number
                    wide = pymupdf.get_text_length(str(number), "helv", 6)
                    page.insert_text((x - 5 - wide, y), str(number), fontname="helv", fontsize=6)
                    page.insert_text((x, y), row, fontname="cour", fontsize=SIZE)
                for line in range(8):
                    page.insert_text((x, 280 + 12 * line), FILLER[:52], fontname="tiro", fontsize=9)
        document.save(tmp_path / "n.pdf")
    assert listing_of(read(tmp_path / "n.pdf")) == ["\n".join(CODE)] * 6


def sessions(path: Path, rows: Callable[[int], list[str]], pages: int = 5) -> Path:
    """A book of flat sessions, one a page."""
    with pymupdf.open() as document:
        for number in range(pages):
            page = document.new_page(width=420, height=420)
            for line in range(5):
                page.insert_text((60, 50 + 14 * line), FILLER, fontname="tiro", fontsize=9)
            for at, row in enumerate(rows(number)):
                page.insert_text((60, 141 + 11 * at), row, fontname="cour", fontsize=9)
        document.save(path)
    return path


def flat(number: int) -> list[str]:
    rows = [row for n in range(3) for row in (f"iex> {number} + {n}", f"{number + n}")]
    return rows if number else rows[:2]


def test_every_row_of_a_book_of_flat_sessions_has_a_number(tmp_path: Path, read: Read) -> None:
    def counted(number: int) -> list[str]:
        return [f"{at}  {row}" for at, row in enumerate(flat(number), start=1)]

    parsed = read(sessions(tmp_path / "n.pdf", counted))
    assert listing_of(parsed) == ["\n".join(flat(number)) for number in range(5)]


def test_rows_that_count_themselves_beside_code_without_numbers_stay(
    tmp_path: Path, read: Read
) -> None:
    def some(number: int) -> list[str]:
        told = [f"{at}  tide{at} ok" for at in range(1, 5)]
        return [*flat(number), *flat(number + 1), "iex> list()", *told]

    parsed = read(sessions(tmp_path / "n.pdf", some))
    assert listing_of(parsed) == ["\n".join(some(number)) for number in range(5)]
