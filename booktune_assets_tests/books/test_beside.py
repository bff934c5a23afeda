"""Labels, signs and notes in other type that a press sets beside code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest
from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets_tests.books.makers import paragraph

Read = Callable[[Path], Parsed]
WIDE, HIGH = A5
LEFT, CELL = 60.0, 5.4
LISTINGS = [
    ["def tide(level) do", f"  level + {number}", "  |> round()", "  |> Integer.to_string()", "end"]
    for number in range(8)
]


class Press:
    """A book of listings that are set line by line, two on a page."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.canvas = Canvas(str(path), pagesize=A5, invariant=True)
        self.y = HIGH - 60

    def put(self, text: str, font: str = "Times-Roman", size: float = 10, x: float = 50) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.y, text)

    def prose(self, seed: int) -> None:
        words = paragraph(seed, 30).split()
        for start in range(0, len(words), 9):
            self.y -= 13.5
            self.put(" ".join(words[start : start + 9]))
        self.y -= 10

    def box(self, rows: int) -> None:
        self.canvas.setFillGray(0.93)
        self.canvas.rect(50, self.y - 12 * rows - 6, WIDE - 100, 12 * rows + 6, 0, 1)
        self.canvas.setFillGray(0)

    def code(self, text: str) -> None:
        self.y -= 12
        if text:
            self.put(text, "Courier", 9, LEFT)

    def made(self, each: Callable[[Press, int, list[str]], None]) -> Path:
        for number, lines in enumerate(LISTINGS):
            self.prose(number)
            each(self, number, lines)
            self.y -= 20
            if number % 2:
                self.canvas.showPage()
                self.y = HIGH - 60
        self.canvas.save()
        return self.path


def listings(parsed: Parsed) -> list[list[str]]:
    return [b.text.split("\n") for b in parsed.blocks if b.kind in CODE_KINDS]


def taken(parsed: Parsed) -> list[object]:
    return [change["before"] for change in parsed.changes if change["kind"] == "mark"]


def balanced(parsed: Parsed) -> bool:
    return not any(page.lost or page.doubled for page in parsed.pages)


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("words", ["ELIXIR", "Copy code", "elixir  Copy", "Our own words"])
def test_a_label_in_the_box_is_no_code(tmp_path: Path, read: Read, words: str, right: bool) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        press.box(len(lines) + 1)
        press.y -= 12
        wide = pdfmetrics.stringWidth(words, "Helvetica", 7)
        press.put(words, "Helvetica", 7, WIDE - 54 - wide if right else LEFT)
        for line in lines:
            press.code(line)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert listings(parsed) == LISTINGS
    assert len(taken(parsed)) == len(LISTINGS) and balanced(parsed)


def test_a_label_on_the_level_of_the_first_row_says_the_language(
    tmp_path: Path, read: Read
) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        press.box(len(lines))
        for at, line in enumerate(lines):
            press.code(line)
            if not at:
                press.put("RUBY" if number == 3 else "ELIXIR", "Helvetica", 6, WIDE - 90)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert listings(parsed) == LISTINGS and balanced(parsed)
    langs = [b.lang for b in parsed.blocks if b.kind in CODE_KINDS]
    assert langs == ["other" if n == 3 else "elixir" for n in range(len(LISTINGS))]


def test_a_file_over_code_in_its_box_is_a_caption(tmp_path: Path, read: Read) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        press.box(len(lines) + 1)
        press.y -= 12
        press.put(f"lib/tide_{number}.ex", "Helvetica", 8, LEFT)
        for line in lines:
            press.code(line)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert listings(parsed) == LISTINGS and balanced(parsed)
    captions = [b.text for b in parsed.blocks if b.kind == "caption"]
    assert captions == [f"lib/tide_{number}.ex" for number in range(len(LISTINGS))]


def test_titles_in_boxes_are_captions_and_remarks_are_code(tmp_path: Path, read: Read) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        press.box(len(lines) + 2)
        for text in (f"Day {number} at sea", f"# day {number}"):
            press.y -= 12
            press.put(text, "Helvetica", 9, LEFT)
        for line in lines:
            press.code(line)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert not taken(parsed) and balanced(parsed)
    assert "caption" not in {b.kind for b in parsed.blocks}  # two rows of words: no title

    def titled(press: Press, number: int, lines: list[str]) -> None:
        press.box(len(lines) + 1)
        press.y -= 12
        press.put(f"Day {number} at sea", "Helvetica", 9, LEFT)
        for line in lines:
            press.code(line)

    parsed = read(Press(tmp_path / "titled.pdf").made(titled))
    assert listings(parsed) == LISTINGS and balanced(parsed)
    captions = [b.text for b in parsed.blocks if b.kind == "caption"]
    assert captions == [f"Day {number} at sea" for number in range(len(LISTINGS))]


@pytest.mark.parametrize("boxed", [False, True])
def test_notes_beside_code_follow_it(tmp_path: Path, read: Read, boxed: bool) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        if boxed:
            press.box(len(lines))
        for at, line in enumerate(lines):
            press.code(line)
            if at == 1:
                press.canvas.line(LEFT + 80, press.y + 2, 235, press.y + 2)
                press.put(f"Adds number {number}", "Helvetica-Bold", 7, 240)
            elif at == 2:
                press.put("to the level", "Helvetica-Bold", 7, 240)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert listings(parsed) == LISTINGS and balanced(parsed)
    kinds = [b.kind for b in parsed.blocks]
    notes = [b for b in parsed.blocks if b.kind == "callout"]
    assert [b.text for b in notes] == [f"Adds number {n} to the level" for n in range(8)]
    assert all(kinds[kinds.index("callout", n) - 1] in CODE_KINDS for n in (0, 5, 9))


def test_a_table_of_code_and_words_is_not_cut(tmp_path: Path, read: Read) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        for name in ("hd/1", "tl/1", "length/1", "elem/2"):
            press.code(name)
            press.put(f"What it gives {number}", "Helvetica", 8, 170)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert "callout" not in {b.kind for b in parsed.blocks} and balanced(parsed)


@pytest.mark.parametrize("often", [True, False])
def test_signs_left_of_code_are_marks(tmp_path: Path, read: Read, often: bool) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        for at, line in enumerate(lines):
            press.code(line)
            if at == number % 4 and (often or not number):
                press.put("\u27a4", "ZapfDingbats", 8, LEFT - 14)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert balanced(parsed)
    if often:
        assert listings(parsed) == LISTINGS and len(taken(parsed)) == len(LISTINGS)
    else:
        assert not taken(parsed)


@pytest.mark.parametrize("blue", [True, False])
def test_signs_in_the_font_of_the_code_are_marks_in_another_colour(
    tmp_path: Path, read: Read, blue: bool
) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        for at, line in enumerate(lines):
            press.code(line)
            if at == number % 4:
                press.canvas.setFillColorRGB(0, 0, 0.8 * blue)
                press.put("\u00ac", "Courier", 9, LEFT - 14)
                press.canvas.setFillGray(0)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert balanced(parsed)
    assert len(taken(parsed)) == (len(LISTINGS) if blue else 0)
    assert (listings(parsed) == LISTINGS) is blue


@pytest.mark.parametrize("left_out", ["-", "\u00b7"])
@pytest.mark.parametrize("blank", [True, False])
def test_signs_for_numbers_left_out_count_their_lines(
    tmp_path: Path, read: Read, left_out: str, blank: bool
) -> None:
    wanted = [[*lines[:2], "", *lines[2:], "", f"# {n}"] for n, lines in enumerate(LISTINGS)]

    def each(press: Press, number: int, lines: list[str]) -> None:
        for at, line in enumerate(wanted[number], start=1):
            press.code(line)
            text = "Line 1" if at == 1 else left_out if at % 5 else str(at)
            if line or blank:
                wide = pdfmetrics.stringWidth(text, "Helvetica", 6)
                press.put(text, "Helvetica", 6, LEFT - 4 - wide)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert listings(parsed) == wanted and balanced(parsed)


def test_lists_of_code_keep_their_dashes(tmp_path: Path, read: Read) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        for line in lines:
            press.code(line.strip())
            press.put("-", "Times-Roman", 10, LEFT - 8)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    kinds = {change["kind"] for change in parsed.changes}
    assert "line_numbers" not in kinds and balanced(parsed)


def test_numbers_in_circles_may_hang_left_of_the_box(tmp_path: Path, read: Read) -> None:
    marks: list[tuple[int, float, str]] = []

    def each(press: Press, number: int, lines: list[str]) -> None:
        press.box(len(lines))
        for at, line in enumerate(lines):
            press.code(line)
            if at in (1, 3):  # each listing counts its own remarks
                marks.append((number // 2, HIGH - press.y, "\u2460" if at == 1 else "\u2461"))

    with pymupdf.open(Press(tmp_path / "plain.pdf").made(each)) as document:
        font = pymupdf.Font("cjk")
        for page, y, mark in marks:
            writer = pymupdf.TextWriter(document[page].rect)
            writer.append((40, y), mark, font=font, fontsize=7)
            writer.write_text(document[page])
        document.save(tmp_path / "book.pdf")
    parsed = read(tmp_path / "book.pdf")
    assert listings(parsed) == LISTINGS and balanced(parsed)
    assert len(taken(parsed)) == len(marks)


@pytest.mark.parametrize("sign", ["1", "(1)"])
def test_digits_in_other_type_behind_code_are_marks(tmp_path: Path, read: Read, sign: str) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        for at, line in enumerate(lines):
            press.code(line)
            if at in (1, 2):
                mark = sign.replace("1", str(at))
                press.put(mark, "Helvetica-Bold", 6, LEFT + (len(line) + 1) * CELL)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert listings(parsed) == LISTINGS and balanced(parsed)
    marks = [one["before"] for one in parsed.changes if one["kind"] == "callout_marks"]
    assert len(marks) == 2 * len(LISTINGS)


def test_digits_on_every_row_are_no_marks(tmp_path: Path, read: Read) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        for at, line in enumerate(lines):
            press.code(line)
            press.put(str(at + 1), "Helvetica", 6, WIDE - 60)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert not [one for one in parsed.changes if one["kind"] == "callout_marks"]
    assert balanced(parsed)


def test_rows_of_a_note_may_stand_between_the_rows_of_code(tmp_path: Path, read: Read) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        for at, line in enumerate(lines):
            press.code(line)
            if at == 1:
                press.put(f"Adds what {number} says", "Helvetica-Bold", 6, 260)
                press.y -= 7
                press.put("18 boats and more", "Helvetica-Bold", 6, 260)
                press.y += 7

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert listings(parsed) == LISTINGS and balanced(parsed)
    said = [b.text for b in parsed.blocks if b.kind == "callout"]
    assert said == [f"Adds what {n} says 18 boats and more" for n in range(len(LISTINGS))]


def test_a_label_beside_the_only_row_of_a_box_is_no_code(tmp_path: Path, read: Read) -> None:
    def each(press: Press, number: int, lines: list[str]) -> None:
        press.box(2)
        press.code(lines[1].strip())
        press.put("Copy", "Helvetica", 6, WIDE - 80)
        press.y -= 12

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert listings(parsed) == [[lines[1].strip()] for lines in LISTINGS] and balanced(parsed)


@pytest.mark.parametrize("off", [0.0, 0.3])
def test_a_digit_may_mark_a_blank_line(tmp_path: Path, read: Read, off: float) -> None:
    """And the row of a sign may stand a little off its place: the listing is one."""

    def each(press: Press, number: int, lines: list[str]) -> None:
        for at, line in enumerate(lines):
            if at == 1:
                press.y -= off
            press.code(line)
            if at == 1:
                press.y += off
                press.put("1", "Helvetica-Bold", 6, LEFT + (len(line) + 1) * CELL)
                press.y -= 12  # a blank line
                if number % 2:
                    press.put("2", "Helvetica-Bold", 6, LEFT + CELL)

    parsed = read(Press(tmp_path / "book.pdf").made(each))
    assert listings(parsed) == [[*lines[:2], "", *lines[2:]] for lines in LISTINGS]
    assert balanced(parsed)
    marks = [one["before"] for one in parsed.changes if one["kind"] == "callout_marks"]
    assert sorted(marks) == ["1"] * 8 + ["2"] * 4
