"""Titles in text size whose dotted numbers go on where those before them stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets_tests.books.test_presses import Press

Read = Callable[[Path], Parsed]
NAMES = ("Harbours", "Boats", "Tides", "Ropes", "Nets", "Charts")


def book(path: Path, small: list[str]) -> Path:
    """Chapters and sections in large type; the ``small`` rows below section 2.1, in italics."""
    press = Press(path)
    for chapter, name in enumerate(NAMES, start=1):
        press.line(f"{chapter} {name}", "Times-Bold", 20)
        press.prose(chapter)
        for section in (1, 2):
            press.line(f"{chapter}.{section} {name} of the {section}", "Times-Bold", 14)
            press.prose(10 * chapter + section)
            for number, row in enumerate(small if (chapter, section) == (2, 1) else []):
                press.y -= 8
                press.line(row, "Times-Italic", 10)
                press.prose(100 + number)
        press.turn()
    return press.save()


def levels(parsed: Parsed) -> list[tuple[int | None, str]]:
    return [(b.level, b.text) for b in parsed.blocks if b.kind == "heading" and b.level != 1]


def test_two_titles_are_enough_where_their_numbers_come_next(tmp_path: Path, read: Read) -> None:
    parsed = read(book(tmp_path / "b.pdf", ["2.1.1 Keels of oak", "2.1.2 Keels of elm"]))
    assert [one for one in levels(parsed) if "Keels" in one[1]] == [
        (3, "Keels of oak"), (3, "Keels of elm")
    ]  # fmt: skip
    assert len(levels(parsed)) == 14


@pytest.mark.parametrize(
    "small",
    [["2.1.3 Keels of oak", "1.1.1 Keels of elm"], ["2.1.1 Keels of oak are here to stay."],
     ["2 Keels of oak", "3 Keels of elm"]],
)  # fmt: skip
def test_other_numbers_and_sentences_are_no_titles(
    tmp_path: Path, read: Read, small: list[str]
) -> None:
    parsed = read(book(tmp_path / "b.pdf", small))
    assert not [one for one in levels(parsed) if "Keels" in one[1]]
    assert len(levels(parsed)) == 12
