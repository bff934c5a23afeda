"""Line numbers: left of code, right of it, on every line or every fifth."""

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
