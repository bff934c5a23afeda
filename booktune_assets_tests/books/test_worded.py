"""Boxes that hold words and code, bars and badges at listings, borders, rules drawn as masks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.glyphs import draw_page

Read = Callable[[Path], Parsed]
WORDS = "Words of prose that stand between the listings of this small book about tides."
CODE = ["defmodule Tide do", "  def low?(level) do", "    level < 3", "  end", "end"]
GREY, BLUE = (0.93, 0.93, 0.93), (0.86, 0.9, 0.98)


def prose(page: Any, top: float, count: int = 4, text: str = WORDS) -> None:
    for line in range(count):
        page.insert_text((40, top + 13 * line), text, fontname="tiro", fontsize=10)


def coded(page: Any, left: float, top: float, rows: list[str] = CODE) -> None:
    for number, row in enumerate(rows):
        page.insert_text((left, top + 11 * number), row, fontname="cour", fontsize=9)


def codes(parsed: Parsed) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind in CODE_KINDS]


def said(parsed: Parsed, kind: str) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind == kind]


def whole(parsed: Parsed) -> bool:
    return all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)


def test_a_side_bar_keeps_its_words_and_its_code(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        for number in range(4):
            page = document.new_page(width=420, height=420)
            prose(page, 50)
            page.draw_rect((40, 110, 380, 172), color=None, fill=GREY)
            coded(page, 44, 122)
            page.draw_rect((40, 200, 380, 300), color=None, fill=BLUE)
            page.insert_text(
                (52, 216), f"Why do {number} tides turn?", fontname="hebo", fontsize=10
            )
            page.insert_text(
                (52, 230), f"Level {number} falls slowly.", fontname="tiro", fontsize=9
            )
            coded(page, 52, 246)
        document.save(tmp_path / "a.pdf")
    parsed = read(tmp_path / "a.pdf")
    assert codes(parsed) == ["\n".join(CODE)] * 8
    assert sum("falls slowly." in text for text in said(parsed, "callout")) == 4
    assert whole(parsed)


def test_a_remark_in_a_font_of_words_stays_in_its_listing(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        for number in range(4):
            page = document.new_page(width=420, height=420)
            prose(page, 50)
            page.draw_rect((40, 110, 380, 186), color=None, fill=GREY)
            page.insert_text((44, 122), f"# how high is {number}", fontname="tiit", fontsize=9)
            coded(page, 44, 133)
        prose(document[0], 250, text="It is a tide.")
        document.save(tmp_path / "r.pdf")
    parsed = read(tmp_path / "r.pdf")
    assert codes(parsed) == ["\n".join([f"# how high is {n}", *CODE]) for n in range(4)]


def test_rows_with_grounds_of_their_own_are_one_listing(tmp_path: Path, read: Read) -> None:
    """The ground of the first row begins where its border would end."""
    with pymupdf.open() as document:
        for _ in range(3):
            page = document.new_page(width=420, height=420)
            prose(page, 50)
            for number, _row in enumerate(CODE):
                top = 110 + 11 * number
                left = 44 if number == 0 else 36
                page.draw_rect((left, top, 380, top + 11), color=None, fill=GREY)
            coded(page, 44, 118.5)
            prose(page, 200)
        document.save(tmp_path / "w.pdf")
    assert codes(read(tmp_path / "w.pdf")) == ["\n".join(CODE)] * 3


def test_a_badge_below_the_level_of_its_row_tears_no_listing(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        for _ in range(4):
            page = document.new_page(width=420, height=420)
            prose(page, 50)
            coded(page, 44, 122)
            page.insert_text((350, 127), "elixir", fontname="helv", fontsize=6)
            prose(page, 210)
        document.save(tmp_path / "b.pdf")
    parsed = read(tmp_path / "b.pdf")
    assert codes(parsed) == ["\n".join(CODE)] * 4
    assert "elixir" not in " ".join(block.text for block in parsed.blocks)
    assert whole(parsed)


def test_bold_rows_in_bars_of_another_colour_are_titles(tmp_path: Path, read: Read) -> None:
    titles = [f"lib/tide_{number}.ex and its level" for number in range(5)]
    with pymupdf.open() as document:
        for title in titles:
            page = document.new_page(width=420, height=420)
            prose(page, 50)
            page.draw_rect((40, 105, 380, 121), color=None, fill=(0.8, 0.8, 0.8))
            page.insert_text((44, 116), title, fontname="cobo", fontsize=9)
            page.draw_rect((40, 121, 380, 186), color=None, fill=GREY)
            coded(page, 44, 135)
            prose(page, 210)
        document.save(tmp_path / "t.pdf")
    parsed = read(tmp_path / "t.pdf")
    assert codes(parsed) == ["\n".join(CODE)] * 5
    assert said(parsed, "caption") == titles


def test_rules_painted_through_masks_make_a_box() -> None:
    """dvips paints each rule through a mask of one pixel."""
    rules = [(40, 300, 300, 0.4), (40, 200, 300, 0.4), (40, 200, 0.4, 100), (339.6, 200, 0.4, 100)]
    drawn = "".join(
        f"q {wide} 0 0 {high} {x} {y} cm BI /W 1 /H 1 /IM true /BPC 1 /D [1 0] ID \x80 EI Q\n"
        for x, y, wide, high in rules
    )
    with pymupdf.open() as document:
        page: Any = document.new_page(width=420, height=420)
        page.insert_text((60, 150), WORDS, fontname="tiro", fontsize=10)
        xref = page.get_contents()[0]
        document.update_stream(xref, document.xref_stream(xref) + drawn.encode("latin-1"))
        boxes = draw_page(document[0], 1).boxes
    assert [tuple(map(round, box.rect)) for box in boxes] == [(40, 120, 340, 220)]
