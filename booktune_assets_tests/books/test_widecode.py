"""Books in two columns whose listings are narrow, but for some that span both columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets_tests.books.test_columns import WORDS

Read = Callable[[Path], Parsed]
NARROW = ["mix test", "mix run", "mix help"]
LONG = ["defmodule Harbour do", "", f"  def tide(n), do: {'n + ' * 10}1", "end"]
TAGS = ("aa", "bb", "cc", "dd", "ee")
SHORT = ["defmodule Harbour do", "", "  def tide(n), do: n + 1", "end"]


def _column(page: pymupdf.Page, x: float, top: float, rows: int, tag: str) -> None:
    for row in range(rows):
        at = (row * 3) % len(WORDS)
        words = " ".join((WORDS[at:] + WORDS)[:6])
        page.insert_text((x, top + 12 * row), f"{tag} {words}", fontname="tiro", fontsize=9)


def _code(page: pymupdf.Page, x: float, top: float, rows: list[str]) -> None:
    for number, row in enumerate(rows):
        page.insert_text((x, top + 11 * number), row, fontname="cour", fontsize=7)


@pytest.mark.parametrize("listing", [LONG, SHORT], ids=["long", "short"])
def test_a_listing_that_parts_both_columns_is_whole(
    tmp_path: Path, read: Read, listing: list[str]
) -> None:
    """Short rows of it stand at the left only; text of the right column comes before them."""
    path = tmp_path / "wide.pdf"
    with pymupdf.open() as document:
        for number in range(1, 7):
            page = document.new_page(width=440, height=620)
            _column(page, 30, 60, 8, "aa")
            _code(page, 30, 162, NARROW)
            _column(page, 30, 200, 4, "bb")
            _column(page, 230, 60, 15, "cc")
            if number % 3 == 0:
                _code(page, 30, 254, listing)
                _column(page, 30, 310, 20, "dd")
                _column(page, 230, 310, 20, "ee")
            else:
                _column(page, 230, 240, 20, "ee")
        document.save(path)
    parsed = read(path)
    code = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    assert code.count("\n".join(listing)) == 2
    assert code.count("\n".join(NARROW)) == 6
    marks = [word for block in parsed.blocks for word in block.text.split() if word in TAGS]
    order = "".join(mark[0] for mark in marks)
    assert order.count("a" * 8 + "b" * 4 + "c" * 15 + "d" * 20 + "e" * 20) == 2


def test_a_number_of_a_page_counts_no_bullets_of_the_next(tmp_path: Path, read: Read) -> None:
    """Items of nothing but code, in a book whose numbers of pages are set as its bullets are."""
    names = ["Harbour", "Lantern", "Anchor", "Mooring", "Tide"]
    path = tmp_path / "bullets.pdf"
    with pymupdf.open() as document:
        for number in range(1, 5):
            page = document.new_page(width=400, height=500)
            _column(page, 40, 50, 12, "aa")
            for row, name in enumerate(names):
                page.insert_text((50, 220 + 22 * row), "\u2022", fontname="tiro", fontsize=9)
                page.insert_text((62, 220 + 22 * row), name, fontname="cour", fontsize=9)
            page.insert_text((46, 470), str(number), fontname="tiro", fontsize=9)
        document.save(path)
    parsed = read(path)
    assert [block.text for block in parsed.blocks if block.kind == "list"] == names * 4
    assert not [block for block in parsed.blocks if block.kind in CODE_KINDS]


def test_blank_lines_in_the_type_of_the_text(tmp_path: Path, read: Read) -> None:
    """A word processor sets empty paragraphs higher than rows of code: two of them are sure."""
    clauses = ["def rise(0), do: 1", "def rise(1), do: 2", "", "def rise(2), do: 3"]
    nested = ["defmodule Tide do", "  @low 1", "", "  def low, do: @low", "end"]
    path = tmp_path / "word.pdf"
    with pymupdf.open() as document:
        for number in range(6):
            page = document.new_page(width=400, height=500)
            _column(page, 40, 50, 10, "aa")
            y = 190.0
            for row in nested if number < 2 else clauses:
                page.insert_text((52, y), row, fontname="cour", fontsize=8)
                y += 10.5 if row else 13.4
            _column(page, 40, 300, 10, "bb")
        document.save(path)
    code = [block.text for block in read(path).blocks if block.kind in CODE_KINDS]
    assert code == ["\n".join(nested)] * 2 + ["\n".join(clauses)] * 4


def test_words_that_are_drawn_from_the_last_to_the_first(tmp_path: Path, read: Read) -> None:
    """Each is a line of its own then, as the cells of a table are; but none stands apart."""
    rows = ["keep the boats in order and count them at", "the harbour before the tide goes out to"]
    code = ["def rise(level) do", "  level + 1", "end"]
    path = tmp_path / "reverse.pdf"
    with pymupdf.open() as document:
        for _ in range(2):
            page = document.new_page(width=400, height=500)
            drawn: list[tuple[float, float, str, str]] = []
            for y, text, font in (
                *((60 + 12 * n, row, "tiro") for n, row in enumerate(rows * 6)),
                *((220 + 11 * n, row, "cour") for n, row in enumerate(code)),
                *((280 + 12 * n, row, "tiro") for n, row in enumerate(rows * 6)),
            ):
                x = 40.0 + 4.8 * (len(text) - len(text.lstrip()))
                for word in text.split():
                    drawn.append((x, y, word, font))
                    x += pymupdf.get_text_length(f"{word} ", font, 8)
            for x, y, word, font in reversed(drawn):
                page.insert_text((x, y), word, fontname=font, fontsize=8)
        document.save(path)
    parsed = read(path)
    assert {block.kind for block in parsed.blocks} == {"prose", "code"}
    found = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    assert found == ["\n".join(code)] * 2
    assert parsed.blocks[0].text.startswith(" ".join(rows))


def test_code_goes_on_behind_the_notes_of_its_page(tmp_path: Path, read: Read) -> None:
    """High notes end the text of a page early; other pages reach its foot."""
    session = ["iex> Tide.rise(1)", ":ok", "iex> Tide.fall(2)", ":ok"]
    path = tmp_path / "notes.pdf"
    with pymupdf.open() as document:
        for number in range(6):
            page = document.new_page(width=400, height=500)
            if number % 2:
                _code(page, 52, 50, session[2:])
                _column(page, 40, 80, 33, "aa")
                continue
            _column(page, 40, 50, 20, "aa")
            _code(page, 52, 296, session[:2])
            for row in range(13):
                text = f"{number + 1} Of the tide," if row == 0 else f"the boats and ropes {row},"
                page.insert_text((40, 330 + 10 * row), text, fontname="tiro", fontsize=7)
        document.save(path)
    found = [block.text for block in read(path).blocks if block.kind in CODE_KINDS]
    assert found == ["\n".join(session)] * 3


def test_rows_on_whole_pixels(tmp_path: Path, read: Read) -> None:
    """A browser rounds where rows stand: blank lines are a little higher or lower, too."""
    rows = ["defmodule Tide do", "  @low 1", "", "  def low, do: @low", "", "  def up, do: 2"]
    rows += ["end", "", "Tide.low()", "Tide.up()"]
    path = tmp_path / "pixels.pdf"
    with pymupdf.open() as document:
        for _ in range(20):
            page = document.new_page(width=400, height=500)
            _column(page, 40, 50, 10, "aa")
            for row, text in enumerate(rows):
                y = 0.75 * round(253 + 13.3 * row)
                x = 52 + 4.8 * (len(text) - len(text.lstrip()))
                page.insert_text((x, y), text.lstrip(), fontname="cour", fontsize=8)
            _column(page, 40, 330, 10, "bb")
        document.save(path)
    found = [block.text for block in read(path).blocks if block.kind in CODE_KINDS]
    assert found == ["\n".join(rows)] * 20


def test_room_between_listings_is_no_rounded_blank_line(tmp_path: Path, read: Read) -> None:
    """A blank line is a pixel higher at most; two pixels more lie between listings."""
    first = ["defmodule Tide do", "  @low 1", "", "  def low, do: @low", "", "  def up, do: 2"]
    first += ["end"]
    rows, steps = [*first, "Tide.low()", "Tide.up()"], (40, 0, 80, 0, 80, 41, 82, 41)
    path = tmp_path / "pixels.pdf"
    with pymupdf.open() as document:
        for _ in range(20):
            page = document.new_page(width=400, height=500)
            _column(page, 40, 50, 10, "aa")
            y = 200.0
            for text, step in zip(rows, (*steps, 0), strict=True):
                x = 52 + 4.8 * (len(text) - len(text.lstrip()))
                page.insert_text((x, y), text.lstrip(), fontname="cour", fontsize=8)
                y += 0.27 * step
            _column(page, 40, 330, 10, "bb")
        document.save(path)
    found = [block.text for block in read(path).blocks if block.kind in CODE_KINDS]
    assert found == ["\n".join(first), "\n".join(rows[7:])] * 20
