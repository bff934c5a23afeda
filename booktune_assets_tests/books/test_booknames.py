"""Titles of books whose files state none: running heads, headings, the name of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from booktune_assets.books.booknames import BookName
from booktune_assets.books.reader import read_book
from booktune_assets.settings import Reading
from booktune_assets_tests.books.test_presses import HIGH, WIDE, Press

CHAPTERS = ("Processes", "Supervisors", "Releases")


def bound(path: Path, left: str, right: str = "", *, first: str = "Preface") -> str:
    """The title of a book whose running heads are these on the left and on the right.

    ``{page}`` stands for the number of the page, ``{title}`` and ``{topic}`` for the chapter.
    """
    press = Press(path)
    press.canvas.setTitle("")
    page = 0
    for number, title in enumerate((first, *CHAPTERS)):
        for turn in range(4):
            page += 1
            head = (right if page % 2 else left).format(page=page, title=title, topic=number + 1)
            press.canvas.setFont("Helvetica", 8)
            press.canvas.drawString(50, HIGH - 30, head)
            press.canvas.drawString(WIDE - 70, 25, str(page))
            if not turn:
                press.line(f"{number} {title}" if number else title, "Helvetica-Bold", 20)
            for seed in range(6):
                press.prose(10 * page + seed, 40)
            press.turn()
    raw = read_book(press.save(), "b", Reading())
    return str(raw.frames["raw_books"]["title"][0])


@pytest.mark.parametrize(
    ("left", "right", "title"),
    [
        ("Serving Tea", "{title}", "Serving Tea"),
        ("{page}   Serving Tea", "{title}   {page}", "Serving Tea"),
        ("{title}", "Serving Tea | {page}", "Serving Tea"),
        ("7 Teas in 7 Days", "{title}", "7 Teas in 7 Days"),
        ("{title}", "{title}", "book"),  # chapters, not the book
        ("{title}", "", "book"),
        ("Topic {topic}", "Topic {topic}", "book"),
        ("Draft of May", "https://tea.example", "book"),
    ],
)
def test_running_heads_name_the_book(tmp_path: Path, left: str, right: str, title: str) -> None:
    assert bound(tmp_path / "book.pdf", left, right) == title


def test_a_heading_before_the_chapters_names_the_book(tmp_path: Path) -> None:
    assert bound(tmp_path / "book.pdf", "", first="Serving Tea") == "Serving Tea"


def heading(text: str, level: int = 1, number: str | None = None) -> dict[str, object]:
    return {"kind": "heading", "text": text, "level": level, "number": number, "places": []}


@pytest.mark.parametrize(
    ("blocks", "title"),
    [
        ([heading("Preface"), heading("Who reads this", 2), heading("Tea")], "Tea"),
        ([heading("Preface"), heading("Processes", 1, "1"), heading("Exercises", 2)], ""),
        ([heading("Copyright"), heading("Index")], ""),
        ([], ""),
    ],
)
def test_front_matter_and_numbered_chapters_do_not_name_a_pdf(
    blocks: list[dict[str, object]], title: str
) -> None:
    name = BookName()
    for block in blocks:
        name.see(block)
    assert name.heading(paged=True) == title
    assert name.heading(paged=False) == (blocks[0]["text"] if blocks else "")
