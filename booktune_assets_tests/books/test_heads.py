"""Running heads and titles that look like each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf

from booktune_assets.books.blocks import Parsed
from booktune_assets_tests.books.makers import paragraph
from booktune_assets_tests.books.test_presses import HIGH, Press

Read = Callable[[Path], Parsed]


def titles(parsed: Parsed) -> list[str]:
    return [b.text for b in parsed.blocks if b.kind == "heading"]


def test_a_title_below_the_first_rows_of_pages_is_no_running_head(
    tmp_path: Path, read: Read
) -> None:
    press = Press(tmp_path / "book.pdf")
    for number in range(12):
        if number % 3 == 0:
            press.prose(number + 90, 17)
            press.y -= 8
            press.line("Exercises", "Helvetica-Bold", 10)
        for seed in range(5):
            press.prose(number * 10 + seed)
        press.turn()
    parsed = read(press.save())
    assert titles(parsed) == ["Exercises"] * 4


def test_large_running_heads_of_chapters_of_a_page_or_two_go(tmp_path: Path, read: Read) -> None:
    """Even pages say the book's name; odd ones name chapters, most of them only once."""
    names = ["Harbours", "Ships", "Tides", "Moons", "Ropes", "Sails", "Anchors", "Maps"]
    press = Press(tmp_path / "book.pdf")
    for page in range(2, 2 + 2 * len(names)):
        name = names[(page - 2) // 2]
        press.canvas.setFont("Times-Roman", 12)
        if page % 2 == 0:
            press.canvas.drawString(50, HIGH - 40, f"{page}   A Shelf of Programs")
        else:
            press.canvas.drawString(50, HIGH - 40, name)
            press.canvas.drawString(330, HIGH - 40, str(page))
        if page % 2 == 0:
            press.line(f"All about {name}" if page % 4 else name, "Times-Bold", 18)
        for seed in range(5):
            press.prose(page * 10 + seed)
        press.turn()
    parsed = read(press.save())
    assert titles(parsed) == [
        f"All about {name}" if at % 2 == 0 else name for at, name in enumerate(names)
    ]


def outlined(path: Path, *, title_page: bool) -> Path:
    """Chapters in large type; the outline has only sections, from the third chapter on."""
    entries: list[list[object]] = []
    with pymupdf.open() as document:
        if title_page:
            page = document.new_page(width=420, height=420)
            page.insert_text((40, 160), "The Shelf", fontname="hebo", fontsize=20)
            page.insert_text((40, 200), "A. Writer", fontname="tiro", fontsize=10)
        for number in range(1, 8):
            page = document.new_page(width=420, height=420)
            page.insert_text(
                (40, 60), f"Of {paragraph(number, 2)[:-1]}", fontname="hebo", fontsize=20
            )
            for row, words in enumerate(paragraph(number * 50 + one, 11) for one in range(8)):
                page.insert_text((40, 80 + 13 * row), words, fontname="tiro", fontsize=10)
            if number > 2:
                page.insert_text((40, 220), f"More {number}", fontname="hebo", fontsize=14)
                for row, words in enumerate(paragraph(number * 70 + one, 11) for one in range(8)):
                    page.insert_text((40, 240 + 13 * row), words, fontname="tiro", fontsize=10)
                entries.append([1, f"More {number}", page.number + 1])
        document.set_toc(entries)
        document.save(path)
    return path


def test_chapters_before_the_first_entry_of_an_outline_are_titles(
    tmp_path: Path, read: Read
) -> None:
    for title_page in (False, True):
        parsed = read(outlined(tmp_path / f"{title_page}.pdf", title_page=title_page))
        found = [b for b in parsed.blocks if b.kind == "heading"]
        assert [b.level for b in found] == [1, 1, *([1, 2] * 5)]
        assert "The Shelf" not in titles(parsed)


def test_page_notes_that_say_the_same_stay(tmp_path: Path, read: Read) -> None:
    """Each of many pages refers to the same place, in a note at one height."""
    press = Press(tmp_path / "book.pdf")
    for page in range(12):
        press.canvas.setFont("Times-Roman", 8)
        press.canvas.drawString(200, 30, str(page + 1))
        for seed in range(6):
            press.prose(page * 10 + seed)
        if page % 2:
            press.line("The tide is told by the moon", "Times-Roman", 10)
            width = press.canvas.stringWidth("The tide is told by the moon", "Times-Roman", 10)
            press.canvas.setFont("Times-Roman", 6)
            press.canvas.drawString(50 + width, press.y + 4, "1")
            press.canvas.drawString(50, 64, "1")
            press.canvas.setFont("Times-Roman", 8)
            press.canvas.drawString(55, 62, "See the chapter on moons.")
        press.turn()
    parsed = read(press.save())
    notes = [b.text for b in parsed.blocks if b.kind == "footnote"]
    assert len(notes) == 6 and all("See the chapter on moons." in text for text in notes)
    texts = [b.text.strip() for b in parsed.blocks if b.kind != "running_head"]
    assert not any(map(str.isdigit, texts))
