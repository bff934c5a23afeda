"""Code in fonts of words: on a grid, told by its indent alone, set in by steps and spaces."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets_tests.books.test_customs import CODE, Sheets, listings, texts

Read = Callable[[Path], Parsed]
LONGER = ("defmodule Harbour do", "  @berths 12", "", "  def count(boats) when is_list(boats) do",
          "    Enum.count(boats, fn boat -> boat.berth > 0 end)", "  end", "end")  # fmt: skip
NAMES = ("Mathematical!", "Lovely lists", "Marvellous maps", "Funky functions")
SESSION = ("iex> Harbour.count(boats)", "12", 'iex> "illW" <> boat', '"illWMary"')


def spread(sheets: Sheets, row: str, x: float, cell: float, size: float = 9) -> None:
    """A row as LaTeX's listings sets it: n letters of a word in n cells, with equal gaps."""
    font = pymupdf.Font("helv")
    for word in re.finditer(r"\w+|[^\w\s]", row):
        wide = [font.text_length(char, size) for char in word.group()]
        gap = (len(wide) * cell - sum(wide)) / (len(wide) + 1)
        at = x + word.start() * cell + gap
        for char, own in zip(word.group(), wide, strict=True):
            sheets.page.insert_text((at, sheets.y), char, fontname="helv", fontsize=size)
            at += own + gap
    sheets.y += 11


@pytest.mark.parametrize("cell", [5.4, 5.03])
def test_letters_that_are_spread_over_a_grid_are_code(
    cell: float, tmp_path: Path, read: Read
) -> None:
    sheets = Sheets()
    shown = (CODE, LONGER, SESSION)
    for seed in range(9):
        sheets.prose(seed, rows=3)
        for row in shown[seed % 3]:
            spread(sheets, row, 62, cell)
        sheets.y += 10
        if seed % 3 == 2:
            sheets.turn()
    parsed = sheets.read(read, tmp_path / "g.pdf")
    assert listings(parsed) == ["\n".join(rows) for rows in shown] * 3
    assert len(texts(parsed, "prose")) == 9


def test_what_begins_where_only_code_does_is_code(tmp_path: Path, read: Read) -> None:
    said = ("Hello to the keeper, who is old and grey.", "The tide is a friend of the harbour")
    sheets = Sheets()
    for seed in range(12):
        sheets.prose(seed, rows=3)
        for row in said if seed == 7 else (*CODE, *SESSION):
            sheets.row(row, 66, "tiro", 10, down=13)
        sheets.y += 8
        if seed % 2:
            sheets.turn()
    found = listings(sheets.read(read, tmp_path / "e.pdf"))
    assert "\n".join(said) in found and len(found) == 12


def test_titles_that_read_like_code_stay_titles(tmp_path: Path, read: Read) -> None:
    names = ("The tides", "else", "Boats", "iex helper functions", "Ropes", "Of moons", "Sails",
             "Maps", "Charts", "Piers")  # fmt: skip
    sheets = Sheets()
    for seed, name in enumerate(names):
        sheets.y += 12
        sheets.row(name, font="hebo", size=10.5, down=18)
        sheets.prose(seed, rows=3)
        for row in CODE:
            sheets.row(row, 66, "tiro", 10, down=13)
        if seed % 3 == 2:
            sheets.turn()
    assert texts(sheets.read(read, tmp_path / "t.pdf"), "heading") == list(names)


@pytest.mark.parametrize(("step", "space"), [(12.0, 2.5), (10.0, 5.0)])
def test_spaces_of_the_font_stand_behind_steps(
    step: float, space: float, tmp_path: Path, read: Read
) -> None:
    """Either steps of two columns with single spaces behind them, or columns of two spaces."""
    rows = ("with {:ok, tide} <- rise(level),", "     {:ok, boat} <- find(tide) do",
            "  boat", "else", "  :error ->", "    nil", "end")  # fmt: skip
    sheets = Sheets()
    for seed in range(6):
        sheets.prose(seed)
        sheets.y += 4
        for row in rows:
            steps, odd = divmod(len(row) - len(row.lstrip()), 2)
            sheets.row(row.lstrip(), 62 + step * steps + space * odd, "helv", 9, down=11)
        sheets.y += 10
        if seed == 2:
            sheets.turn()
    assert listings(sheets.read(read, tmp_path / "s.pdf")) == ["\n".join(rows)] * 6


def test_running_heads_in_a_face_of_code_are_none(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for number in range(8):
        head = f"{number + 1}" if number % 2 else NAMES[number // 2]
        sheets.page.insert_text((50, 30), head, fontname="helv", fontsize=9)
        for seed in range(3):
            sheets.prose(10 * number + seed, rows=3)
            for row in CODE:
                sheets.row(row, 62, "helv", 9, down=11)
            sheets.y += 8
        sheets.turn()
    parsed = sheets.read(read, tmp_path / "h.pdf")
    assert listings(parsed) == ["\n".join(CODE)] * 24
