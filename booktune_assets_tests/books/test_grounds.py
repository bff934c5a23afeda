"""What programs put on, under and between the rows of a listing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.rows import into_rows
from booktune_assets_tests.books.test_presses import WIDE, Press

Read = Callable[[Path], Parsed]
LISTING = [
    'key = "hello"', '%{^key => value} = %{"hello" => "world"}', "value", '"world"', "value",
    "key",
]  # fmt: skip


def listings(parsed: Parsed) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind in CODE_KINDS]


def boxed(press: Press, rows: list[str]) -> None:
    """A listing in a box, in which each word has a ground of the colour of the box."""
    canvas, deep = press.canvas, 12 * len(rows)
    press.y -= 8
    canvas.setFillGray(0.9)
    canvas.rect(44, press.y - deep - 6, WIDE - 88, deep + 12, 0, 1)
    for text in rows:
        press.y -= 12
        x = 50.0
        for word in text.replace(" ", "\0 \0").split("\0"):
            wide = stringWidth(word, "Courier", 9)
            canvas.setFillGray(0.9)
            canvas.rect(x, press.y, wide, 12, 0, 1)
            canvas.setFillGray(0)
            canvas.setFont("Courier", 9)
            canvas.drawString(x, press.y + 3, word)
            x += wide
    press.y -= 14


def test_grounds_that_nobody_sees_part_no_listing(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "a.pdf")
    for seed in range(4):
        press.prose(seed)
        boxed(press, LISTING)
        press.prose(seed + 50)
        press.turn()
    assert listings(read(press.save())) == ["\n".join(LISTING)] * 4


@pytest.mark.parametrize("first", [1, 2, 3])
def test_a_box_for_each_line_is_one_where_lines_were_wrapped(
    tmp_path: Path, read: Read, first: int
) -> None:
    press = Press(tmp_path / "d.pdf")
    heights = (first, 1, 2, 2, 1)  # rows of each line
    rows = [f"row{n} = {n}" for n in range(sum(heights))]
    for seed in range(4):
        press.prose(seed)
        press.y -= 8
        at = 0
        for height in heights:
            press.canvas.setFillGray(0.9)
            press.canvas.rect(50, press.y - 12 * height, WIDE - 100, 12 * height, 0, 1)
            press.canvas.setFillGray(0)
            press.canvas.setFont("Courier", 9)
            for text in rows[at : at + height]:
                press.y -= 12
                press.canvas.drawString(50, press.y + 3, text)
            at += height
        press.prose(seed + 50)
        press.turn()
    assert listings(read(press.save())) == ["\n".join(rows)] * 4


def line(text: str, font: str, left: float, baseline: float) -> Line:
    lefts = [left + 5.4 * n for n in range(len(text))]
    run = Run(text, font, 9.0, 0, 0, edges_of(lefts, [x + 5.4 for x in lefts]))
    return Line([run], baseline, (left, baseline - 7, left + 5.4 * len(text), baseline + 2))


def test_a_mark_that_is_printed_over_code_leaves_no_row() -> None:
    page = PageDrawn(1, 400.0, 400.0)
    page.lines = [
        line("tide = moon(3)", "Mono", 50, 100), line("\u2776", "Signs", 80, 100.6),
        line("tide + 1", "Mono", 50, 111), line("no mark", "Signs", 60, 111.4),
    ]  # fmt: skip
    found = into_rows(page, Fonts({"Mono": 0.6}), set())
    assert [row.text for row in found] == ["tide = moon(3) \u2776", "tide + 1", "no mark"]


def test_a_sign_that_lifts_its_row_parts_no_listing(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "b.pdf")
    for seed in range(12):
        press.prose(seed)
        press.y -= 8
        for text in LISTING:
            press.line(text, "Courier", 8)
        if seed % 3 == 0:
            press.y -= 8 * 1.35 + 0.5  # a blank line, and what the sign takes
            press.line("tide = ", "Courier", 8)
            press.canvas.setFont("Symbol", 8)
            press.canvas.drawString(50 + 7 * 4.8, press.y, "\u03b1")
        press.prose(seed + 50)
        press.turn()
    found = listings(read(press.save()))
    assert len(found) == 12
    assert [text.count("\n\n") for text in found] == [1, 0, 0] * 4


def test_remarks_in_words_between_blank_lines_are_code(tmp_path: Path, read: Read) -> None:
    press = Press(tmp_path / "c.pdf")
    for seed in range(4):
        press.prose(seed)
        press.y -= 10
        for text, font in (
            ("tide = 3 ", "Courier"), ("# high", "Times-Italic"), ("", ""),
            ("# the moon", "Times-Italic"), ("# is full", "Times-Italic"), ("", ""),
            ("moon(tide)", "Courier"),
        ):  # fmt: skip
            behind = text == "# high"
            press.y -= 0 if behind else 12
            if text:
                press.canvas.setFont(font, 9)
                press.canvas.drawString(98.6 if behind else 50, press.y, text)
        press.y -= 10
        press.prose(seed + 50)
        press.turn()
    want = "tide = 3 # high\n\n# the moon\n# is full\n\nmoon(tide)"
    assert listings(read(press.save())) == [want] * 4
