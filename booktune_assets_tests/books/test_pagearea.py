"""Page breaks in books that browsers printed: the file says where the area of a page ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.pagearea import printed_area
from booktune_assets_tests.books.test_customs import SAYS, Sheets, listings

Read = Callable[[Path], Parsed]
TOP, BOTTOM, ROW, RISE = 50.0, 850.0, 10.0, 7.5
START, LAST = TOP + RISE, BOTTOM - ROW + RISE  # the first baseline that has room, the last one
SESSION = ("iex> Tide.rise(1)", "2", "iex> Tide.rise(2)", "3", "iex> Tide.rise(3)", "4",
           "iex> Tide.rise(4)", "5")  # fmt: skip


def clipped(page: pymupdf.Page, top: float = TOP, bottom: float = BOTTOM) -> None:
    """Begin a page as Chromium does: turned, and with a clip."""
    scale, high = 0.24, page.rect.height
    box = f"{40 / scale:f} {top / scale:f} {340 / scale:f} {(bottom - top) / scale:f}"
    back = f"{1 / scale:f} 0 0 {-1 / scale:f} 0 {high / scale:f} cm"
    drawn = f"{scale} 0 0 -{scale} 0 {high:g} cm\nq\n{box} re\nW* n\nQ\n{back}\n"
    put = pymupdf.TOOLS._insert_contents  # pyright: ignore[reportPrivateUsage]
    put(page, drawn.encode(), False)


def printed(sheets: Sheets, producer: str = "Skia/PDF m156") -> Sheets:
    for page in sheets.document:
        clipped(page)
    sheets.document.set_metadata({"producer": producer})
    return sheets


def broken(
    rows: Sequence[str], at: int, ends: float, sheets: Sheets, begins: float = START
) -> None:
    """A listing of which so many rows stand on this page, the last one ``ends`` rows too high."""
    above = [*rows[:at]]
    sheets.y = LAST - ends * ROW - (len(above) - 1) * ROW
    begun = sheets.page
    for row in above:
        sheets.row(row, 62, "cour", 8, down=ROW)
    for y in range(70, int(LAST - ends * ROW - len(above) * ROW) - 20, 13):
        begun.insert_text((50, y), f"{SAYS} {y}.", fontname="tiro", fontsize=10)
    sheets.turn()
    sheets.y = begins
    for row in rows[at:]:
        sheets.row(row, 62, "cour", 8, down=ROW)
    sheets.y += 20
    sheets.prose(1)
    sheets.turn()


@pytest.mark.parametrize("producer", ["Skia/PDF m156", "Another"])
def test_the_area_of_a_page_tells_the_blank_lines_at_its_end(
    producer: str, tmp_path: Path, read: Read
) -> None:
    sheets = Sheets()
    for ends in (0.65, 0.9, 0.75):
        broken(SESSION, 4, ends, sheets)
    broken(SESSION, 2, 1.5, sheets)  # room for one more, though no row of the book reaches it
    found = listings(printed(sheets, producer).read(read, tmp_path / "a.pdf"))
    whole = "\n".join(SESSION)
    told = "\n".join([*SESSION[:2], "", *SESSION[2:]])
    assert found == [whole] * 3 + [told if producer.startswith("Skia") else whole]


def test_a_session_that_parts_its_prompts_has_no_blank_line_where_there_was_no_room(
    tmp_path: Path, read: Read
) -> None:
    sheets = Sheets()
    rows = (*SESSION[:4], "", *SESSION[4:6])
    for ends in (0.65, 0.9, 0.75):
        broken(rows, 2, ends, sheets)
    found = listings(printed(sheets).read(read, tmp_path / "p.pdf"))
    assert found == ["\n".join(rows)] * 3


def test_rows_that_are_blocks_of_their_own_go_over_one_by_one(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for at, ends in ((7, 0.4), (7, 0.6), (4, 0.8)):
        broken(SESSION, at, ends, sheets)
    broken(SESSION, 6, 1.4, sheets)  # one of the last two rows had room
    found = listings(printed(sheets).read(read, tmp_path / "s.pdf"))
    assert found == ["\n".join(SESSION)] * 3 + ["\n".join([*SESSION[:6], "", *SESSION[6:]])]


def shaded(page: pymupdf.Page, top: float, bottom: float) -> None:
    box = pymupdf.Rect(55, top, 370, bottom)
    page.draw_rect(box, fill=(0.9, 0.9, 0.9), color=None, overlay=False)


def test_a_box_that_runs_to_the_end_goes_on_with_a_blank_line(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for at, ends, begins in ((4, 0.4, START), (4, 0.4, START), (4, 1.6, START + ROW)):
        broken(SESSION, at, ends, sheets, begins)
        shaded(sheets.document[-3], LAST - (ends + at - 1) * ROW - 18, BOTTOM)
        shaded(sheets.document[-2], TOP, begins + (len(SESSION) - at - 1) * ROW + 10)
    for _ in range(4):  # whole ones show their padding
        top = sheets.y
        sheets.y += 18
        sheets.code(SESSION)
        shaded(sheets.page, top, sheets.y - 9)
        sheets.y += 14
        sheets.prose(2)
    found = listings(printed(sheets).read(read, tmp_path / "b.pdf"))
    told = "\n".join([*SESSION[:4], "", *SESSION[4:]])
    assert found[:3] == ["\n".join(SESSION)] * 2 + [told]


def document(
    *areas: tuple[float, float] | None, producer: str = "Skia/PDF m156"
) -> pymupdf.Document:
    made = pymupdf.open()
    for area in areas:
        page = made.new_page(width=420, height=900)
        page.insert_text((50, 100), SAYS)
        if area:
            clipped(page, *area)
    made.set_metadata({"producer": producer})
    return made


def test_only_what_all_pages_of_a_browser_say_is_known() -> None:
    assert printed_area(document((50, 850), (50, 850), (50, 850))) == (50, 850)
    assert printed_area(document((50, 850))) == (50, 850)
    assert printed_area(document((50, 850), (60, 850), (50, 850), (50, 850))) is None
    assert printed_area(document(None, None)) is None
    assert printed_area(document((50, 950))) is None
    assert printed_area(document((50, 150))) is None
    assert printed_area(document((50, 850), producer="")) is None


def test_what_stands_above_the_first_prompt_parts_no_values(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    rows = ("defmodule Tide do", "  def rise(x), do: x + 1", "end", "", *SESSION[:4])
    for ends in (0.2, 0.3, 0.4):
        broken(rows, 6, ends, sheets)
    assert listings(sheets.read(read, tmp_path / "v.pdf")) == ["\n".join(rows)] * 3


def test_examples_set_in_below_words_are_parted_as_from_those(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    rows = ["def rise(x)", "", "Adds one to x", "as the sea does", "and gives it", ""]
    rows += [f"    {row}" for row in SESSION[:4]]
    for ends in (0.2, 0.3, 0.4):
        broken(rows, 8, ends, sheets)
    told = "\n".join([*rows[:8], "", *rows[8:]])
    assert listings(sheets.read(read, tmp_path / "d.pdf")) == [told] * 3
