"""What other publishers do: labels over titles, parted listings, room around code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.labels import bare_number, is_label
from booktune_assets_tests.books.makers import paragraph

Read = Callable[[Path], Parsed]
WIDE, HIGH = A5
ONES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Chapter 7", "7"), ("CHAPTER SEVEN", "7"), ("Part IV.", "IV"), ("Appendix B:", "B"),
        ("Chapter Twenty-One", "21"), ("chapter thirty", "30"), ("Chapter one day", None),
        ("The chapter 7", None), ("Seven", None),
    ],
)  # fmt: skip
def test_labels(text: str, number: str | None) -> None:
    assert is_label(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", "7"), ("VII", "VII"), ("SEVEN", "7"), ("Ninety nine", "99"), ("One more", None),
     ("7 wonders", None), ("", None), ("Mix", None)],
)  # fmt: skip
def test_bare_numbers(text: str, number: str | None) -> None:
    assert bare_number(text) == number


@given(st.integers(1, 99))
def test_spelled_numbers_are_the_number(number: int) -> None:
    ten, one = divmod(number, 10)
    above = TENS[ten - 2] + (f"-{ONES[one - 1]}" if one else "")
    word = ONES[number - 1] if number < 20 else above
    assert is_label(f"Chapter {word.title()}") == str(number)
    assert bare_number(word.upper()) == str(number)


class Press:
    """A book whose pages are set by hand: what stands where is the point of these tests."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.canvas = Canvas(str(path), pagesize=A5, invariant=True)
        self.y = HIGH - 60

    def line(self, text: str, font: str, size: float, x: float = 50) -> None:
        self.y -= size * 1.35
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.y, text)

    def prose(self, seed: int, words: int = 30) -> None:
        self.y -= 6
        text = paragraph(seed, words).split()
        for start in range(0, len(text), 9):
            self.line(" ".join(text[start : start + 9]), "Times-Roman", 10)

    def code(self, lines: list[str]) -> None:
        """A box without padding, as DocBook's style sheets make it."""
        self.y -= 6
        self.canvas.setFillGray(0.9)
        self.canvas.rect(50, self.y - 12 * len(lines), WIDE - 100, 12 * len(lines), 0, 1)
        self.canvas.setFillGray(0)
        for text in lines:
            self.y -= 12
            self.canvas.setFont("Courier", 9)
            self.canvas.drawString(50, self.y + 3, text)

    def named(self, text: str, level: int) -> None:
        self.canvas.bookmarkPage(f"{text}{level}", fit="XYZ", left=0, top=self.y + 20, zoom=0)
        self.canvas.addOutlineEntry(text, f"{text}{level}", level - 1)

    def turn(self) -> None:
        self.canvas.showPage()
        self.y = HIGH - 60

    def save(self) -> Path:
        self.canvas.save()
        return self.path


def heads(parsed: Parsed) -> list[tuple[int | None, str | None, str]]:
    return [(b.level, b.number, b.text) for b in parsed.blocks if b.kind == "heading"]


@pytest.mark.parametrize("outline", [True, False])
@pytest.mark.parametrize("style", ["word", "two rows", "numeral"])
def test_a_number_over_a_title_is_the_number_of_its_chapter(
    tmp_path: Path, read: Read, style: str, outline: bool
) -> None:
    press = Press(tmp_path / "book.pdf")
    for number, word in enumerate(ONES[:6], start=1):
        if style == "word":
            press.line(f"CHAPTER {word.upper()}", "Helvetica-Bold", 12)
        elif style == "two rows":
            press.line("CHAPTER", "Helvetica-Bold", 11)
            press.line(word.upper(), "Helvetica-Bold", 24)
        else:
            press.line(str(number), "Helvetica-Bold", 30)
        press.y -= 12
        if outline:
            press.named(f"The {word}th pier", 1)
        press.line(f"The {word}th pier", "Helvetica-Bold", 22)
        for seed in range(14):
            press.prose(100 * number + seed)
            if seed == 6:
                press.turn()
        press.turn()
    found = heads(read(press.save()))
    assert [(level, title) for level, _, title in found] == [
        (1, f"The {word}th pier") for word in ONES[:6]
    ]
    assert [number for _, number, _ in found] == [str(n) for n in range(1, 7)]


def test_titles_that_stand_twice_on_a_page_go_to_what_the_outline_points_at(
    tmp_path: Path, read: Read
) -> None:
    press = Press(tmp_path / "book.pdf")
    for number, title in enumerate(("Matching", "Mailboxes", "Supervisors"), start=1):
        press.named(title, 1)
        press.line(title, "Helvetica-Bold", 13)
        press.prose(100 + number)
        press.prose(200 + number)
        press.named(title, 2)
        press.line(title, "Helvetica-Bold", 15)  # larger than the chapter: only the place tells
        press.prose(300 + number)
        press.turn()
    found = [(level, text) for level, _, text in heads(read(press.save()))]
    assert found == [
        (level, title) for title in ("Matching", "Mailboxes", "Supervisors") for level in (1, 2)
    ]


def test_a_listing_goes_on_past_the_notes_that_say_so(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    press.line("Harbours", "Helvetica-Bold", 20)
    for seed in range(5):
        press.prose(seed)
    one = ["defmodule Pier do", "  def open(ship) do", "    {:ok, ship}"]
    two = ["  end", "end"]
    press.y = 60 + 12 * len(one) + 12 + 12
    press.code(one)
    press.line("(continues on next page)", "Times-Roman", 8, x=260)
    press.turn()
    press.line("(continued from previous page)", "Times-Roman", 8, x=240)
    press.code(two)
    for seed in range(5, 9):
        press.prose(seed)
    parsed = read(press.save())
    assert [b.text for b in parsed.blocks if b.kind in CODE_KINDS] == ["\n".join(one + two)]
    texts = [block.text for block in parsed.blocks if block.kind != "running_head"]
    assert not any("contin" in text for text in texts)
    assert sum(page.furniture for page in parsed.pages) > 40


@pytest.mark.parametrize("parted", [1, 2])
def test_a_box_of_one_row_at_a_page_end_is_a_piece_of_its_listing(
    tmp_path: Path, read: Read, parted: int
) -> None:
    press = Press(tmp_path / "book.pdf")
    press.line("Harbours", "Helvetica-Bold", 20)
    for seed in range(4):
        press.prose(seed)
        press.code(["iex> Pier.open(:tern)", "{:ok, :tern}"] if seed == 2 else ["Pier.close()"])
    lines = ["iex> Pier.count()", "3", "iex> Pier.list()"]
    press.y = 60 + 12 * parted + 6
    press.code(lines[:parted])
    press.turn()
    press.code(lines[parted:])
    for seed in range(6, 9):
        press.prose(seed)
    code = [b.text for b in read(press.save()).blocks if b.kind in CODE_KINDS]
    assert "\n".join(lines) in code
    assert code.count("Pier.close()") == 3


def test_indented_code_below_a_stretched_line_is_no_table(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    press.line("Harbours", "Helvetica-Bold", 20)
    for seed in range(4):
        press.prose(seed)
    press.line("what can be said with case.", "Times-Roman", 10)
    press.canvas.drawString(190, press.y, "For")
    press.line("those, if is useful:", "Times-Roman", 10)
    press.y -= 4
    code = ["iex> if true do", '...>   "yes"', "...> end", '"yes"', "iex> if nil do", '...>   "no"']
    for text in code:
        prompt, gap, rest = text.partition("   ")
        press.line(prompt, "Courier", 8)
        press.canvas.drawString(50 + 4.8 * (len(prompt) + 3), press.y, rest if gap else "")
    parsed = read(press.save())
    assert not any(block.kind == "table" for block in parsed.blocks)
    assert "\n".join(code) in [b.text for b in parsed.blocks if b.kind in CODE_KINDS]


def test_numbered_titles_one_after_another_in_one_style(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    wanted: list[tuple[int, str, str]] = []
    for number, title in enumerate(("Piers", "Tides", "Crews"), start=1):
        rows = [
            (1, f"{number}", title), (2, f"{number}.1", f"{title} at rest"),
            (3, f"{number}.1.1", f"and: {title} at night."), (2, f"{number}.2", f"{title} at sea"),
        ]  # fmt: skip
        for level, printed, text in rows:
            press.y -= 10
            press.line(f"{printed}. {text}", "Times-Bold", 10)
            if level == 3:
                press.prose(10 * number)
        press.turn()
        press.prose(10 * number + 1)
        press.turn()
        wanted += rows
    assert heads(read(press.save())) == wanted


def test_a_short_title_alone_on_its_page_is_a_heading(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "book.pdf")
    for number, title in enumerate(("Piers", "Tides", "Crews"), start=1):
        press.line(f"{number}. {title}", "Times-Bold", 10)
        press.turn()
        press.line(f"{number}.1. {title} at rest", "Times-Bold", 10)
        press.prose(10 * number)
        press.prose(10 * number + 1)
        press.turn()
    found = [(level, text) for level, _, text in heads(read(press.save()))]
    assert found == [
        one
        for title in ("Piers", "Tides", "Crews")
        for one in ((1, title), (2, f"{title} at rest"))
    ]


@pytest.mark.parametrize("blanks", [0, 4], ids=["none", "some"])
def test_listings_with_less_or_more_than_a_blank_line_between_them_are_two(
    tmp_path: Path, read: Read, blanks: int
) -> None:
    """TeX sets code to a thousandth of a point, and leaves its own room around listings."""
    press = Press(tmp_path / "book.pdf")
    wanted: list[str] = []

    def rows(lines: list[str]) -> None:
        for text in lines:
            press.y -= 11
            press.canvas.setFont("Courier", 9)
            press.canvas.drawString(50, press.y, text)
        wanted.append("\n".join(lines))

    for number in range(12):
        press.line(f"Pier {number}", "Helvetica-Bold", 14)
        press.prose(number)
        press.y -= 8
        deep = ["def one(ship) do", "  ship = moor(ship)", *([""] if number < blanks else []),
                "  open(ship)", "  |> wait()", "end"]  # fmt: skip
        rows(deep)
        press.y -= 9 if number % 2 else 12.5
        rows(["one(:tern)", f"|> two({number})"])
        press.turn()
    code = [block.text for block in read(press.save()).blocks if block.kind in CODE_KINDS]
    assert code == wanted
