"""Where code begins and how wide its columns are: by the habit of the book, not by one page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import CODE_KINDS, Parsed

Read = Callable[[Path], Parsed]
FILLER = "Words of prose that stand between the listings of this small book about tides."
CELL, SIZE = 5.4, 9.0
HEAD = ["defmodule Tide do", "  use GenServer", ""]
INNER = [
    line for step in range(14)
    for line in (f"  def rise_{step}(level) do", f"    {{:ok, level + {step}}}", "  end")
]  # fmt: skip


def prose(page: pymupdf.Page, x: float, top: float, rows: int = 5) -> None:
    for line in range(rows):
        page.insert_text((x, top + 12 * line), FILLER, fontname="tiro", fontsize=8)


def code(page: pymupdf.Page, x: float, top: float, rows: list[str], unit: float = 1.0) -> None:
    for number, row in enumerate(rows):
        bare = row.lstrip()
        at = x + unit * CELL * (len(row) - len(bare))
        page.insert_text((at, top + 11 * number), bare, fontname="cour", fontsize=SIZE)


def texts(parsed: Parsed) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind in CODE_KINDS]


def test_a_page_of_indented_rows_keeps_them(tmp_path: Path, read: Read) -> None:
    """The second column of a page holds nothing but the inside of a module."""
    with pymupdf.open() as document:
        for number in range(4):
            page = document.new_page(width=640, height=420)
            prose(page, 40, 50)
            prose(page, 340, 50 if number < 3 else 600)
            if number < 3:
                code(page, 40, 130, ["x = 1", "y = 2"])
                code(page, 340, 130, ["z = 3"])
                prose(page, 40, 180, 17)
                prose(page, 340, 180, 17)
                continue
            code(page, 40, 130, HEAD + INNER[:21])
            code(page, 340, 50, [*INNER[21:42], "end"])
        document.save(tmp_path / "c.pdf")
    assert texts(read(tmp_path / "c.pdf"))[-1] == "\n".join([*HEAD, *INNER, "end"])


@pytest.mark.parametrize("unit", [0.9, 1.0, 1.15])
def test_columns_of_indents_need_not_be_letters_wide(
    tmp_path: Path, read: Read, unit: float
) -> None:
    rows = [*HEAD, *INNER[:12], "  def deep do", "          :it", "  end", "end"]
    with pymupdf.open() as document:
        for _ in range(3):
            page = document.new_page(width=420, height=420)
            prose(page, 40, 50)
            code(page, 40, 130, rows, unit)
        document.save(tmp_path / "u.pdf")
    assert texts(read(tmp_path / "u.pdf")) == ["\n".join(rows)] * 3
