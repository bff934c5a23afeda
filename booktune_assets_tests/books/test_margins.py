"""Notes in the margin beside prose, and the columns that they are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import Parsed

Read = Callable[[Path], Parsed]
TEXT = [
    "Words of prose that fill the rows of this small book about", "tides, harbours and the ships",
    "that lie in them until the water is high enough for them to", "leave. Nobody waits for low",
    "water, but all who can read a table know when it will come.",
]  # fmt: skip
NOTE = ["Page {n} has a note", "of its own, beside", "the second row."]


def made(path: Path, notes: dict[int, tuple[float, float]], rows: list[str], pages: int) -> Path:
    """``notes``: by parity of the page, where text and notes begin, pt."""
    with pymupdf.open() as document:
        for n in range(1, pages + 1):
            page = document.new_page(width=460, height=300)
            left, beside = notes[n % 2]
            for number in range(15):
                text = TEXT[number % 5]
                page.insert_text((left, 50 + 13 * number), text, fontname="tiro", fontsize=10)
            for number, row in enumerate(rows):
                at = beside, 63 + 10 * number
                page.insert_text(at, row.replace("{n}", str(n)), fontname="tiro", fontsize=8)
        document.save(path)
    return path


@pytest.mark.parametrize("notes", [{0: (40, 330), 1: (40, 330)}, {0: (150, 40), 1: (40, 330)}])
def test_notes_beside_prose_stand_alone(
    tmp_path: Path, read: Read, notes: dict[int, tuple[float, float]]
) -> None:
    parsed = read(made(tmp_path / "a.pdf", notes, NOTE, 6))
    said = [block.text for block in parsed.blocks if block.kind == "callout"]
    assert said == [" ".join(NOTE).replace("{n}", str(n)) for n in range(1, 7)]
    prose = " ".join(block.text for block in parsed.blocks if block.kind == "prose")
    assert prose == " ".join(TEXT * 18)
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)


def test_two_notes_are_no_habit_and_a_page_without_prose_has_none(
    tmp_path: Path, read: Read
) -> None:
    parsed = read(made(tmp_path / "b.pdf", {0: (40, 330), 1: (40, 330)}, NOTE, 2))
    assert not [block for block in parsed.blocks if block.kind == "callout"]


def test_a_second_column_is_no_margin(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        for _ in range(4):
            page = document.new_page(width=620, height=300)
            for left in (40, 330):
                for number in range(15):
                    text = TEXT[number % 5]
                    page.insert_text((left, 50 + 13 * number), text, fontname="tiro", fontsize=10)
        document.save(tmp_path / "c.pdf")
    parsed = read(tmp_path / "c.pdf")
    assert {block.kind for block in parsed.blocks} == {"prose"}
    assert " ".join(block.text for block in parsed.blocks) == " ".join(TEXT * 24)


def test_short_rows_left_of_the_right_one_of_two_columns_are_no_notes(
    tmp_path: Path, read: Read
) -> None:  # fmt: skip
    """Most rows of the only even page begin at the right: the left column is text, too."""
    path = tmp_path / "d.pdf"
    with pymupdf.open() as document:
        for n in range(1, 4):
            page = document.new_page(width=460, height=300)
            for number in range(15):
                at, text = 50 + 13 * number, f"Row {n}.{number} is about ships, and about the tides"
                said = f"end of {n}.{number}." if number in (2, 6, 10) else text
                if number not in (3, 7, 11):
                    page.insert_text((40, at), said, fontname="tiro", fontsize=10)
                page.insert_text((240, at), text, fontname="tiro", fontsize=10)
        document.save(path)
    assert {block.kind for block in read(path).blocks} == {"prose"}
