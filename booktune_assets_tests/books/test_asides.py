"""Boxes on a page: those beside text, and those behind every second row of code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf

from booktune_assets.books.blocks import CODE_KINDS, Parsed

Read = Callable[[Path], Parsed]
FILLER = "Words of prose that stand between the listings of this small book about tides."
ASIDE = ["Is this sidebar a part", "of the text around it,", "or does it stand alone?"]
CODE = [
    "defmodule Tide do", "  use GenServer", "", "  def init(level) do", "    {:ok, level}", "  end",
    "", "  def low?(level) do", "    level < 3", "  end", "end",
]  # fmt: skip


def filled(page: pymupdf.Page) -> None:
    for line in range(5):
        page.insert_text((40, 50 + 13 * line), FILLER, fontname="tiro", fontsize=10)


def coded(page: pymupdf.Page, top: float) -> None:
    for number, row in enumerate(CODE):
        page.insert_text((44, top + 11 * number), row, fontname="cour", fontsize=9)


def test_a_sidebar_is_read_whole(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        for _ in range(3):
            page = document.new_page(width=420, height=420)
            filled(page)
            coded(page, 130)
            page.draw_rect((250, 135, 378, 185), color=(0.4, 0.4, 0.4), fill=(0.95, 0.95, 0.9))
            for number, row in enumerate(ASIDE):
                page.insert_text((256, 150 + 11 * number), row, fontname="helv", fontsize=8)
        document.save(tmp_path / "a.pdf")
    parsed = read(tmp_path / "a.pdf")
    assert [block.text for block in parsed.blocks if block.kind in CODE_KINDS] == [
        "\n".join(CODE)
    ] * 3
    assert [block.text for block in parsed.blocks if block.kind == "callout"] == [
        " ".join(ASIDE)
    ] * 3
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)


def test_stripes_are_one_listing(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        for page_number in range(3):
            page = document.new_page(width=420, height=420)
            filled(page)
            for number in range(page_number % 2, len(CODE), 2):
                top = 131.5 + 11 * number - 9.5
                page.draw_rect((40, top, 380, top + 11), color=None, fill=(0.9, 0.9, 0.9))
            coded(page, 131.5)
        document.save(tmp_path / "z.pdf")
    parsed = read(tmp_path / "z.pdf")
    assert [block.text for block in parsed.blocks if block.kind in CODE_KINDS] == [
        "\n".join(CODE)
    ] * 3
