"""Listings that are set in a font of words: told from prose, and set in columns again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.codefaces import coded
from booktune_assets.books.formats import parse
from booktune_assets.books.stands import is_number
from booktune_assets_tests.books.test_customs import CODE, SAYS, Sheets, listings, texts

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


@pytest.mark.parametrize("step", [5.4, 7.0, 7.5])  # of a column; 2.5 is a space
def test_indents_may_be_steps_that_no_spaces_make(step: float, tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for seed in range(6):
        sheets.prose(seed)
        sheets.y += 4
        for row in CODE:
            deep = len(row) - len(row.lstrip())
            sheets.row(row.lstrip(), 62 + step * deep, "helv", 9, down=11)
        sheets.y += 10
    assert listings(sheets.read(read, tmp_path / "s.pdf")) == ["\n".join(CODE)] * 6


# Rows of letters of all widths: many characters fill no row where letters are narrow.
WIDE = ('iex> MOMENT.WAMMEM(%{MAWM: "MOWMAM WOMMAW MAMMOW", WOMM: 7}, fn MAMMO -> MAMMO end)',
        "14", 'iex> till(:ill, fit_till([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]))',
        "[ill: 1, till: 1]")  # fmt: skip


@pytest.mark.parametrize("boxed", [False, True])
def test_rows_in_a_font_of_words_are_full_where_their_letters_end(
    boxed: bool, tmp_path: Path, read: Read
) -> None:
    sheets = Sheets()
    right = 50 + pymupdf.get_text_length(f"{SAYS} 1", "tiro", 10) - 8 * boxed
    for seed in range(4):
        sheets.prose(seed, rows=3)
        rows = [*folded(WIDE, right - 58), *CODE]
        if boxed:
            box = pymupdf.Rect(50, sheets.y - 8, right + 8, sheets.y + 4 + 11.25 * len(rows))
            sheets.page.draw_rect(box, fill=(0.9,) * 3, color=None)
        listed(sheets, tuple(rows), 58, "helv", 9)
        if seed % 2:
            sheets.turn()
    found = listings(sheets.read(read, tmp_path / "w.pdf"))
    assert found == ["\n".join([*WIDE, *CODE])] * 4


def folded(lines: Sequence[str], room: float) -> list[str]:
    """Lines broken at the last space that fits."""
    rows: list[str] = []
    for line in lines:
        row = ""
        for word in line.split(" "):
            longer = f"{row} {word}" if row else word
            if row and pymupdf.get_text_length(longer, "helv", 9) > room:
                rows.append(row)
                longer = word
            row = longer
        rows.append(row)
    return rows


def test_the_precise_mode_says_where_words_are_drawn(tmp_path: Path) -> None:
    sheets = Sheets()
    for seed in range(4):
        sheets.prose(seed, rows=3)
        listed(sheets, CODE, 62, "helv", 9)
    path = tmp_path / "w.pdf"
    sheets.document.save(path)
    parsed = parse(path, Limits(precise=True), lambda done, total: None)
    words: Any = sheets.page.get_text("words")
    drawn = [tuple(word[:4]) for word in words if word[4] == "rise(level),"]
    code = {number for number, block in enumerate(parsed.blocks) if block.kind == "code"}
    found = [word.box for word in parsed.words if word.block in code and word.word == 4]
    assert len(drawn) == len(found) == 4
    for one, two in zip(drawn, found, strict=True):
        assert max(abs(a - b) for a, b in zip(one[::2], two[::2], strict=True)) < 0.6


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


def test_a_book_may_set_its_listings_in_both_ways(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for seed in range(12):
        sheets.prose(seed, rows=3)
        font = ("cour", "helv", "tiro")[seed % 3]
        listed(sheets, (CODE, ERLANG)[seed % 2], 64, font, 8.6)
        if seed % 3 == 2:
            sheets.turn()
    parsed = sheets.read(read, tmp_path / "p.pdf")
    assert listings(parsed) == ["\n".join(rows) for rows in (CODE, ERLANG)] * 6
    assert len(texts(parsed, "prose")) == 12


def test_calls_in_titles_and_cells_are_no_listings_beside_those_in_a_fixed_pitch(
    tmp_path: Path, read: Read
) -> None:
    sheets = Sheets()
    for seed in range(8):
        sheets.row(f"rise_{seed}(Level) -> {{ok, Level}}", 50, "hebo", 11, down=30)
        sheets.prose(seed, rows=3)
        listed(sheets, CODE, 64, "cour", 8.6)
        for name in ("rise(Level)", "fall(Level)", "Harbour.count(boats)"):
            sheets.row(name, 50, "helv", 8, down=14)
            sheets.page.insert_text((200, sheets.y), "The keeper says so.", fontname="tiro")
        sheets.y += 20
        sheets.turn()
    parsed = sheets.read(read, tmp_path / "p.pdf")
    assert listings(parsed) == ["\n".join(CODE)] * 8


ROWS = st.lists(
    st.tuples(
        st.sampled_from([*CODE, *ERLANG, *SESSION, "The keeper counts the boats.", "so it is"]),
        st.sampled_from([50, 62, 71.5, 150]), st.sampled_from(["tiro", "helv", "hebo", "heit"]),
        st.sampled_from([11.0, 25.0]),
    ), min_size=8, max_size=40,
)  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip
@given(ROWS)
def test_whatever_is_taken_for_code_keeps_its_characters(
    tmp_path: Path, read: Read, rows: list[tuple[str, float, str, float]]
) -> None:
    sheets = Sheets()
    sheets.prose(1)
    for text, x, font, down in rows * 2:
        if sheets.y > 840:
            sheets.turn()
        sheets.row(text, x, font, 9, down=down)
        if down > 20:
            sheets.page.insert_text((300, sheets.y), "# set apart", fontname=font, fontsize=9)
    parsed = sheets.read(read, tmp_path / "p.pdf")  # sees that nothing is lost or doubled
    said = Counter("".join("".join(block.text.split()) for block in parsed.blocks))
    drawn = Counter("".join("".join(text.split()) for text, *_ in rows))
    assert not {char for char in drawn if char.isalpha()} - said.keys()


@pytest.mark.parametrize(
    "row",
    ["defmodule Tide do", "  def fall(level) do", "end", "-module(tide).", "rise(_) ->",
     "iex> 1 + 1", "mix deps.get", "|> Enum.map(& &1)", "  {:ok, level} = fall(1)",
     "Next = Level + 1,"],
)  # fmt: skip
def test_rows_with_signs(row: str) -> None:
    assert coded(row)


@pytest.mark.parametrize("row", ["mix " + "-a " * 90 + "!", "fn " * 90, "fn " * 90_000])
def test_ways_to_read_a_row_do_not_multiply(row: str) -> None:
    assert not coded(row)


@pytest.mark.parametrize(
    "row", ["The keeper of the harbour counts", "of each morning, and writes", "Harbours", "1.2."]
)
def test_rows_without(row: str) -> None:
    assert not coded(row) and not is_number(row)


def spread(page: Any, x: float, y: float, text: str) -> None:
    """A row as LaTeX's listings sets it: n letters of a word are spread over n cells."""
    for word in re.finditer(r"\w+|[^\w\s]", text):
        count = len(word.group())
        gap = count * (5.06 - 4.2) / (count + 1)
        for number, char in enumerate(word.group()):
            spot = x + 5.06 * word.start() + gap + number * (4.2 + gap), y
            page.insert_text(spot, char, fontname="cour", fontsize=7)


def test_a_little_code_in_a_fixed_pitch_is_no_code_in_a_font_of_words(
    tmp_path: Path, read: Read
) -> None:  # fmt: skip
    sheets = Sheets()
    rows = ("step2(n) do", "  x = f(n)", "end")
    for seed in range(3):
        for row in rows:
            sheets.y += 11
            spread(sheets.page, 60, sheets.y, row)
        sheets.y += 10
        sheets.prose(seed, rows=24)
        sheets.turn()
    assert listings(sheets.read(read, tmp_path / "p.pdf")) == ["\n".join(rows)] * 3
