"""Titles in the middle of their column, of books that have no outline and no larger type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf

from booktune_assets.books.blocks import Parsed

Read = Callable[[Path], Parsed]
WORDS = "keep the boats in order and count them before the tide goes out to sea again, then"
CHAPTERS = ["OF TIDES", "OF LANTERNS", "OF ROPES", "OF ANCHORS"]
SECTIONS = ["High water", "The wick", "A knot", "The chain"]


def _centred(page: pymupdf.Page, y: float, text: str, font: str) -> None:
    widest = max(pymupdf.get_text_length(WORDS[at:][:74], "tiro", 10) for at in range(7))
    wide = pymupdf.get_text_length(text, font, 10)
    page.insert_text((48 + (widest - wide) / 2, y), text, fontname=font, fontsize=10)


def _text(page: pymupdf.Page, y: float, rows: int, end: str = "") -> None:
    for row in range(rows):
        said = end if end and row + 1 == rows else WORDS[row % 7 :][:74]
        page.insert_text((48, y + 12 * row), said, fontname="tiro", fontsize=10)


def test_capitals_and_italics_in_the_middle_are_titles(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "centred.pdf"
    with pymupdf.open() as document:
        for chapter, section in zip(CHAPTERS, SECTIONS, strict=True):
            page = document.new_page(width=400, height=520)
            _centred(page, 60, chapter, "tiro")
            _text(page, 90, 8, "and so it is.")
            _centred(page, 206, section, "tiit")
            _text(page, 226, 18, "and so it is.")
        document.save(path)
    titles = [(one.level, one.text) for one in read(path).blocks if one.kind == "heading"]
    wanted = zip(CHAPTERS, SECTIONS, strict=True)
    assert titles == [title for one, two in wanted for title in ((1, one), (2, two))]


def test_cries_in_the_middle_of_text_are_none(tmp_path: Path, read: Read) -> None:
    """They are followed by no room, or end as sentences do."""
    path = tmp_path / "cries.pdf"
    with pymupdf.open() as document:
        for chapter in CHAPTERS:
            page = document.new_page(width=400, height=520)
            _text(page, 60, 8, "and so he cried:")
            _centred(page, 168, f"{chapter}:", "tiro")
            _text(page, 192, 8, "and so it is.")
            _centred(page, 300, chapter, "tiro")
            _text(page, 312, 12, "and so it is.")
        document.save(path)
    assert not [one.text for one in read(path).blocks if one.kind == "heading"]
