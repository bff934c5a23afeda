"""Titles where few books have them: numbered on page after page, in bars, in the margin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets_tests.books.makers import paragraph
from booktune_assets_tests.books.test_presses import HIGH, WIDE, Press

Read = Callable[[Path], Parsed]
TITLES = (
    "Values and names", "Functions", "The shape of data", "Recursion", "Processes", "Supervision",
    "Registry and names", "Ports and drivers", "Releases", "Testing",
)  # fmt: skip


def titles(parsed: Parsed) -> list[str]:
    return [b.text for b in parsed.blocks if b.kind == "heading"]


def texts_of(parsed: Parsed) -> list[str]:
    return [b.text for b in parsed.blocks if b.kind != "running_head"]


def test_chapters_of_one_page_each_keep_their_numbered_titles(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    for number, title in enumerate(TITLES, start=1):
        press.line(f"{number} {title}", "Times-Roman", 18)
        for seed in range(6):
            press.prose(number * 10 + seed)
        press.turn()
    parsed = read(press.save())
    assert titles(parsed) == list(TITLES)
    assert [b.number for b in parsed.blocks if b.kind == "heading"] == [
        str(number) for number in range(1, 11)
    ]


def test_a_large_running_head_with_the_page_goes(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    for number, title in enumerate(TITLES, start=1):
        press.line(f"{number} {title}", "Times-Roman", 13)
        press.y -= 20
        press.line(title, "Times-Bold", 18)
        for seed in range(5):
            press.prose(number * 10 + seed)
        press.turn()
    assert titles(read(press.save())) == list(TITLES)


def bar(press: Press, text: str, size: float = 10) -> None:
    """White bold words on a coloured bar."""
    press.y -= 14 + size
    press.canvas.setFillColorRGB(0.1, 0.2, 0.5)
    press.canvas.rect(50, press.y, WIDE - 100, size + 8, 0, 1)
    press.canvas.setFillGray(1)
    press.canvas.setFont("Helvetica-Bold", size)
    press.canvas.drawString(56, press.y + 5, text)
    press.canvas.setFillGray(0)


def bars(path: Path, names: list[str], *, boxed: bool) -> Path:
    """A book with a bar over each paragraph; ``boxed``: with a box below that it touches."""
    press = Press(path)
    for number, name in enumerate(names):
        press.prose(number + 30, 60)
        bar(press, name)
        if boxed:
            press.canvas.setFillGray(0.9)
            press.canvas.rect(50, press.y - 70, WIDE - 100, 70, 0, 1)
            press.canvas.setFillGray(0)
        press.prose(number, 30)
        press.y -= 30
        if press.y < 0.3 * HIGH:
            press.turn()
    return press.save()


def test_bars_that_say_something_new_are_headings(tmp_path: Path, read: Read) -> None:
    parsed = read(bars(tmp_path / "book.pdf", list(TITLES), boxed=False))
    assert titles(parsed) == list(TITLES)


@pytest.mark.parametrize(("names", "boxed"), [(["Note", "Tip"] * 5, False), (list(TITLES), True)])
def test_bars_over_notes_and_boxes_are_none(
    tmp_path: Path, read: Read, names: list[str], boxed: bool
) -> None:
    assert titles(read(bars(tmp_path / "book.pdf", names, boxed=boxed))) == []


@pytest.mark.parametrize("outline", [True, False])
def test_titles_in_the_margin_stand_before_their_text(
    tmp_path: Path, read: Read, outline: bool
) -> None:
    press = Press(tmp_path / "book.pdf")
    for number, title in enumerate(TITLES):
        press.y -= 20
        press.canvas.setFont("Helvetica-Bold", 10)
        for n, word in enumerate(title.split(" ", 1)):
            press.canvas.drawRightString(142, press.y - 13.5 - 12 * n, word)
        if outline:
            press.named(title, 1)
        words = paragraph(number, 29).split()
        for start in range(0, len(words), 5):
            press.line(" ".join(words[start : start + 5]), "Times-Roman", 10, 150)
        if number % 4 == 3:
            press.turn()
    parsed = read(press.save())
    shown = [(b.kind, b.text) for b in parsed.blocks]
    assert shown == [
        pair for number, title in enumerate(TITLES)
        for pair in (("heading", title), ("prose", paragraph(number, 29)))
    ]  # fmt: skip
    assert not any(page.lost or page.doubled for page in parsed.pages)


def test_terms_of_a_list_stay_with_what_they_mean(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    for number in range(8):
        press.prose(number + 50, 60)
        press.y -= 20
        press.canvas.setFont("Times-Bold", 10)
        press.canvas.drawString(50, press.y - 13.5, f"term{number}")
        press.line(paragraph(number, 6), "Times-Roman", 10, 110)
        if number % 3 == 2:
            press.turn()
    parsed = read(press.save())
    assert titles(parsed) == []
    text = " ".join(b.text for b in parsed.blocks)
    assert all(f"term{n} {paragraph(n, 6)}" in " ".join(text.split()) for n in range(8))


def small_capitals(press: Press, text: str, size: float) -> None:
    """Capitals of two sizes, as typesetters fake small capitals."""
    press.y -= 2 * size
    x = 50.0
    for char in text:
        own = size if char.isupper() or char == " " else 0.8 * size
        press.canvas.setFont("Times-Roman", own)
        press.canvas.drawString(x, press.y, char.upper())
        x += press.canvas.stringWidth(char.upper(), "Times-Roman", own)


def test_small_capitals_are_as_large_as_their_capitals(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    for number, title in enumerate(TITLES[:8]):
        small_capitals(press, title, 12 if number % 4 else 20)
        press.prose(number, 60)
        if number % 4 == 3:
            press.turn()
    parsed = read(press.save())
    levels = [(b.level, b.text) for b in parsed.blocks if b.kind == "heading"]
    assert levels == [(2 if n % 4 else 1, title.upper()) for n, title in enumerate(TITLES[:8])]


def test_a_value_above_a_title_is_not_its_number(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    for number, title in enumerate(TITLES[:8]):
        if number % 3 == 0:
            press.prose(number + 20)
        press.y -= 10
        press.line(title, "Helvetica-Bold", 10)
        press.canvas.bookmarkPage(title)  # which says no height
        press.canvas.addOutlineEntry(title, title, 0)
        press.prose(number, 60)
        press.code(["iex> last([1, 2, 3])", "3"])
        if number % 3 == 2:
            press.turn()
    parsed = read(press.save())
    assert [(b.number, b.text) for b in parsed.blocks if b.kind == "heading"] == [
        (None, title) for title in TITLES[:8]
    ]
    code = [b.text for b in parsed.blocks if b.kind in CODE_KINDS]
    assert code == ["iex> last([1, 2, 3])\n3"] * 8


def head(press: Press, text: str, page: int | None = None) -> None:
    """A small running head; with ``page``, in one row with its number and that of the section."""
    press.canvas.setFont("Times-Italic", 9)
    press.canvas.drawRightString(WIDE - 50, HIGH - 34, text)
    if page is not None:
        press.canvas.drawString(50, HIGH - 34, str(page))
        press.canvas.drawString(200, HIGH - 34, f"{page // 3}.{page % 3 + 1}")


LISTING = ["defmodule Pier do", "  def boats(list) do", "    Enum.count(list)", "  end", "end"]


def test_running_heads_that_come_once_go_with_the_page_numbers(tmp_path: Path, read: Read) -> None:
    """They say sections as long as a page, and code goes on below them."""
    press = Press(tmp_path / "book.pdf")
    for page, title in enumerate(TITLES, start=1):
        head(press, title, page)
        if page % 2 == 0:
            bare(press, LISTING[2:])
        for seed in range(8):
            press.prose(page * 10 + seed)
        if page % 2:
            press.y -= 6
            bare(press, LISTING[:2])
        press.turn()
    parsed = read(press.save())
    assert not {*texts_of(parsed)} & set(TITLES)
    code = [b.text for b in parsed.blocks if b.kind in CODE_KINDS]
    assert code == ["\n".join(LISTING)] * 5


def bare(press: Press, lines: list[str]) -> None:
    for line in lines:
        press.y -= 12
        press.canvas.setFont("Courier", 9)
        press.canvas.drawString(60, press.y, line)


def test_numbers_in_the_margin_of_the_first_row_make_it_no_head(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    firsts: list[str] = []
    for page, title in enumerate(TITLES, start=1):
        press.canvas.setFont("Times-Italic", 9)
        press.canvas.drawString(30, press.y - 19.5, str(page))
        if page % 4 == 2:
            firsts.append(f"{title} in short.")
            press.y -= 6
            press.line(firsts[-1], "Times-Roman", 10)
        for seed in range(8):
            press.prose(page * 10 + seed)
        press.turn()
    assert set(firsts) <= {*texts_of(read(press.save()))}


def test_small_heads_that_name_large_titles_go_without_an_outline(
    tmp_path: Path, read: Read
) -> None:
    press = Press(tmp_path / "book.pdf")
    for page, title in enumerate(TITLES, start=1):
        head(press, title)
        press.prose(page * 10 + 9)
        press.y -= 10
        press.line(title, "Times-Bold", 15)
        for seed in range(6):
            press.prose(page * 10 + seed)
        press.turn()
    texts = texts_of(read(press.save()))
    assert [texts.count(title) for title in TITLES] == [1] * len(TITLES)


def test_a_chapter_of_one_page_has_a_head_as_the_others_have(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    for page, chapter in enumerate((1, 1, 1, 2, 2, 2, 3, 4, 4, 4), start=1):
        head(press, f"Chapter {chapter}")
        for seed in range(8):
            press.prose(page * 10 + seed)
        press.turn()
    assert not [text for text in texts_of(read(press.save())) if text.startswith("Chapter")]


def test_titles_no_larger_than_text_may_take_two_rows(tmp_path: Path, read: Read) -> None:
    """In a narrow column many do; a bold paragraph is none."""
    press = Press(tmp_path / "book.pdf")
    wanted: list[str] = []
    for page, title in enumerate(TITLES, start=1):
        for part in (1, 2):
            rows = [f"{title} {part}"]
            if (page + part) % 3 == 0:
                rows = [f"{TITLES[-page]} in a harbour that waits for", f"{title.lower()} {part}"]
            wanted.append(" ".join(rows))
            press.y -= 12
            for row in rows:
                press.line(row, "Times-Bold", 10)
            for seed in range(3):
                press.prose(page * 10 + part * 3 + seed, 20)
        if page % 4 == 1:
            press.y -= 12
            words = paragraph(page, 24).split()
            for start in (0, 8, 16):
                press.line(" ".join(words[start : start + 8]), "Times-Bold", 10)
            press.prose(page)
        press.turn()
    assert titles(read(press.save())) == wanted


@pytest.mark.parametrize("named", [False, True])
def test_small_titles_at_the_top_of_pages_under_a_running_head(
    tmp_path: Path, read: Read, named: bool
) -> None:
    """They stand in one place on page after page, in the type of those further down. A running head
    that says the page's second section is in its own."""
    press = Press(tmp_path / "book.pdf")
    for number, title in enumerate(TITLES):
        if number % 2 == 0:
            head(press, TITLES[number + 1] if named else "Boats of the harbour")
            press.canvas.drawRightString(WIDE - 50, 30, str(number // 2 + 1))
        press.line(f"1.{number + 1} {title}", "Times-Bold", 10)
        press.named(title, 1)
        for seed in range(3):
            press.prose(number * 10 + seed)
        if number % 2:
            press.turn()
    assert titles(read(press.save())) == list(TITLES)
