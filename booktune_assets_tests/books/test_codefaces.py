"""Listings that are set in a font of words: told from prose, and set in columns again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.codefaces import coded, is_number
from booktune_assets_tests.books.test_customs import CODE, Sheets, listings, texts

Read = Callable[[Path], Parsed]
ERLANG = ("-module(tide).", "-export([rise/1]).", "", "rise(Level) when Level > 0 ->",
          "    Next = Level + 1,", "    {ok, Next};", "rise(_) ->", "    error.")  # fmt: skip
SESSION = ("iex> Tide.rise(1)", "2", "iex> Tide.fall(2)", "1")


def listed(sheets: Sheets, rows: tuple[str, ...], x: float, font: str, size: float) -> None:
    """A listing whose indents are the spaces of its font."""
    sheets.y += 4
    for row in rows:
        sheets.row(row, x, font, size, down=1.25 * size)
    sheets.y += 10


@pytest.mark.parametrize(
    ("font", "size", "x"), [("helv", 8.6, 64), ("tiro", 8.6, 64), ("tiro", 10, 66), ("helv", 9, 50)]
)
def test_listings_in_a_font_of_words_are_code(
    font: str, size: float, x: float, tmp_path: Path, read: Read
) -> None:
    sheets = Sheets()
    for seed in range(6):
        sheets.prose(seed, rows=3)
        listed(sheets, (CODE, ERLANG, SESSION)[seed % 3], x, font, size)
        if seed % 3 == 2:
            sheets.turn()
    parsed = sheets.read(read, tmp_path / "p.pdf")
    assert listings(parsed) == ["\n".join(rows) for rows in (CODE, ERLANG, SESSION)] * 2
    assert len(texts(parsed, "prose")) == 6 and not parsed.warnings


def test_a_box_tells_rows_that_say_little(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    rows = ('IO.puts("The boats of this morning are few")', "# the boats of this morning are few",
            "count = Enum.count(boats)", "The boats of this morning are few", ":ok")  # fmt: skip
    for seed in range(5):
        sheets.prose(seed, rows=3)
        top = sheets.y - 8
        sheets.page.draw_rect(
            pymupdf.Rect(50, top, 370, top + 12 + 11.25 * len(rows)), fill=(0.9,) * 3, color=None
        )  # fmt: skip
        listed(sheets, rows, 58, "tiro", 9)
    assert listings(sheets.read(read, tmp_path / "b.pdf")) == ["\n".join(rows)] * 5


def test_indents_may_be_steps_that_no_spaces_make(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for seed in range(6):
        sheets.prose(seed)
        sheets.y += 4
        for row in CODE:
            deep = len(row) - len(row.lstrip())
            sheets.row(row.lstrip(), 62 + 7 * deep, "helv", 9, down=11)
        sheets.y += 10
    assert listings(sheets.read(read, tmp_path / "s.pdf")) == ["\n".join(CODE)] * 6


def test_words_of_a_book_about_code_stay_words(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    says = ("Call Enum.map(list, fn boat -> boat + 1 end) for each boat of the harbour, and",
            "then rise(level) -> level + 1 of the tide, which {:ok, level} gives you, or do",
            "as the keeper does.")  # fmt: skip
    for seed in range(8):
        sheets.prose(seed, rows=3)
        for row in says:
            sheets.row(row)
        sheets.y += 8
        for name in ("rise/1", "fall/1 (of the tide)", "Harbour.count"):
            sheets.row(f"- {name}", 62)
        sheets.y += 8
        if seed % 4 == 3:
            sheets.turn()
    parsed = sheets.read(read, tmp_path / "w.pdf")
    assert not listings(parsed)
    assert sum("keeper does" in text for text in texts(parsed, "prose")) == 8


@pytest.mark.parametrize(
    "row",
    ["defmodule Tide do", "  def fall(level) do", "end", "-module(tide).", "rise(_) ->",
     "iex> 1 + 1", "mix deps.get", "|> Enum.map(& &1)", "  {:ok, level} = fall(1)",
     "Next = Level + 1,"],
)  # fmt: skip
def test_rows_with_signs(row: str) -> None:
    assert coded(row)


@pytest.mark.parametrize(
    "row", ["The keeper of the harbour counts", "of each morning, and writes", "Harbours", "1.2."]
)
def test_rows_without(row: str) -> None:
    assert not coded(row) and not is_number(row)
