"""Small things that layouts of publishers do: how code, notes, remarks and heads are told there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import CODE_KINDS, Block, Parsed, Place
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.repair import mend_code

Read = Callable[[Path], Parsed]
WORDS = ["tide", "comes", "in", "goes", "out", "harbour", "keeps", "its", "boats", "order"]
NAMES = ["Harbours", "Ledgers", "Beacons", "Lanterns"]
CODE = ["defmodule Tide do", "  def rise(level), do: level + 1", "", "  def fall(level) do",
        "    level - 1", "  end", "end"]  # fmt: skip


def words(seed: int, count: int = 9) -> str:
    return " ".join(WORDS[(seed * 3 + at) % len(WORDS)] for at in range(count))


class Book:
    """A book that is written row by row, at places that the test says."""

    def __init__(self, width: float = 420, height: float = 400) -> None:
        self.document = pymupdf.open()
        self.size = width, height
        self.turn()

    def turn(self, top: float = 50) -> None:
        self.page = self.document.new_page(width=self.size[0], height=self.size[1])
        self.y = top

    def put(self, x: float, text: str, font: str = "tiro", size: float = 9) -> None:
        self.page.insert_text((x, self.y), text, fontname=font, fontsize=size)

    def rows(self, rows: Sequence[str], x: float = 40, font: str = "tiro", size: float = 9,
             down: float = 12) -> None:  # fmt: skip
        for row in rows:
            if row:
                self.put(x, row, font, size)
            self.y += down

    def prose(self, seed: int, count: int) -> None:
        self.rows([f"{words(seed + at, 12).capitalize()}" for at in range(count - 1)])
        self.rows([f"{words(seed, 4)}."])

    def read(self, read: Read, path: Path) -> Parsed:
        self.document.save(path)
        parsed = read(path)
        assert all((page.lost, page.doubled) == (0, 0) for page in parsed.pages)
        return parsed


def spoken(parsed: Parsed) -> list[Block]:
    return [block for block in parsed.blocks if block.kind != "running_head"]


def listings(parsed: Parsed) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind in CODE_KINDS]


def test_a_row_in_the_type_of_listings_is_none_of_its_paragraph(tmp_path: Path, read: Read) -> None:
    book = Book()
    for number in range(3):
        if number:
            book.turn()
        book.rows(CODE, 40, "cour", 7, 9)
        book.y += 6
        book.prose(number, 3)
        book.put(40, "The tide is ")
        book.put(90, "rise/1", "cour", 9)
        book.put(130, f"and {words(number, 8)}")
        book.y += 12
        book.rows([f"iex> rise({number})"], 40, "cour", 7, 11)
        book.prose(number + 3, 3)
    found = listings(book.read(read, tmp_path / "type.pdf"))
    assert found == [one for n in range(3) for one in ("\n".join(CODE), f"iex> rise({n})")]


def test_rows_that_a_setup_takes_for_remarks_are_code(tmp_path: Path, read: Read) -> None:
    """``#{`` begins a map in Erlang; a setup for remarks sets the row in slanted Roman type."""
    book = Book()
    rows = ["start(Port) ->", "    listen([{port, Port}],", "        #{level => high}", "    )."]
    for number in range(4):
        book.prose(number, 4)
        for at, row in enumerate(rows):
            bare = row.lstrip()
            place = 40 + 4.8 * (len(row) - len(bare))
            book.put(place, bare, *(("tiit", 8) if at == 2 else ("cour", 8)))
            book.y += 10
        book.y += 4
    assert listings(book.read(read, tmp_path / "map.pdf")) == ["\n".join(rows)] * 4


def test_a_note_beside_code_does_not_lift_its_rows(tmp_path: Path, read: Read) -> None:
    book = Book(height=700)
    rows = [f"iex> rise({number})" for number in range(9)]
    for number in range(8):
        if number == 4:
            book.turn()
        book.prose(number, 4)
        book.y += 4
        top = book.y
        book.rows(rows, 40, "cour", 7, 8.5)
        after = book.y
        for at in range(3 if number % 2 else 0):  # its rows have a pitch of their own
            book.y = top + 9.4 + 7.4 * at
            book.put(250, f"the {words(number + at, 4)} then", "heit", 6)
        book.y = after + 4
    assert listings(book.read(read, tmp_path / "note.pdf")) == ["\n".join(rows)] * 8


def test_a_blank_line_at_the_top_of_a_page_is_seen(tmp_path: Path, read: Read) -> None:
    """Code that begins pages shows where; a row lower it goes on behind a blank line."""
    one, two = ["a = rise(1)", "b = rise(2)"], ["c = fall(3)", "d = fall(4)"]
    book = Book(height=330)
    for number in range(3):
        book.rows(one, 40, "cour", 8, 10)
        book.y += 6
        book.prose(number, 4)
        book.turn()
    book.prose(5, 12)
    book.y += 6
    book.rows(one, 40, "cour", 8, 10)
    book.turn(60)
    book.rows(two, 40, "cour", 8, 10)
    book.y += 6
    book.prose(7, 5)
    found = listings(book.read(read, tmp_path / "top.pdf"))
    assert found == ["\n".join(one)] * 3 + ["\n".join([*one, "", *two])]


def test_a_running_head_on_a_sheet_that_has_but_one(tmp_path: Path, read: Read) -> None:
    """Two pages on each sheet; the last sheet has one, whose head no other stands beside."""
    book = Book(640, 300)
    for sheet in range(6):
        if sheet:
            book.turn()
        for side in (0, 320) if sheet < 5 else (0,):
            book.y = 24
            book.put(side + 90, "A Shelf of Programs", size=12)
            book.y = 50
            book.rows([f"{words(sheet + at + side, 9)}" for at in range(16)], side + 30)
    parsed = book.read(read, tmp_path / "sheets.pdf")
    assert not [block for block in spoken(parsed) if "Shelf" in block.text]


def test_a_long_row_does_not_move_the_gutter_of_odd_pages(tmp_path: Path, read: Read) -> None:
    """A wide gutter, into which rows of code reach: into half of it on an odd page."""
    book = Book(640, 300)
    rows = [", ".join(map(str, range(count))) for count in (5, 21, 3)]
    for sheet in range(1, 9):
        if sheet > 1:
            book.turn()
        book.rows([words(sheet + at, 10) for at in range(10)], 30)
        code = [f"rise({row})" for row in (rows if sheet in (5, 6) else rows[::2])]
        book.rows(code, 40, "cour", 6.2, 8)
        book.y = 50
        book.rows([words(sheet + at, 11) for at in range(9)], 350)
        book.rows(CODE, 372, "cour", 6.2, 8)
    found = listings(book.read(read, tmp_path / "gutter.pdf"))
    assert found[10] == "\n".join(f"rise({row})" for row in rows)
    assert found.count("\n".join(CODE)) == 8


def test_a_minus_within_a_word_is_a_hyphen() -> None:
    text = 'reply(200, #{<<"content\u2212type">> => Type}, X \u2212 1).'
    block = Block("code", text, lang="erlang", places=[Place(0, len(text), page=1)])
    mend_code([block], Ledger())
    assert block.text == 'reply(200, #{<<"content-type">> => Type}, X - 1).'


@pytest.mark.parametrize("mark", ["", " (continued)"])
def test_a_caption_that_the_next_page_says_again(tmp_path: Path, read: Read, mark: str) -> None:
    book = Book(height=330)
    for number in range(1, 4):
        if number > 1:
            book.turn()
        book.prose(number, 14)
        book.y += 6
        said = f"Listing 2.{number}: What harbours {WORDS[number]} and {WORDS[number + 4]}"
        book.put(40, said, "hebo", 8)
        book.y += 12
        book.rows(CODE[:4], 40, "cour", 8, 10)
        book.turn()
        book.put(40, said + mark, "hebo", 8)
        book.y += 12
        book.rows(CODE[4:], 40, "cour", 8, 10)
        book.y += 6
        book.prose(number + 5, 6)
    parsed = book.read(read, tmp_path / "again.pdf")
    assert listings(parsed) == ["\n".join(CODE)] * 3
    assert sum("Listing" in block.text for block in spoken(parsed)) == 3


def test_numbers_that_count_on_from_listing_to_listing(tmp_path: Path, read: Read) -> None:
    """Other room than that of blank lines is between two listings, one right below the other."""
    book = Book(height=500)
    count = 0
    for number in range(4):
        book.prose(number, 5)
        book.y += 6
        for part in (CODE[:2], CODE[3:6]):
            for row in part:
                count += 1
                book.put(380, str(count), "helv", 6)
                book.put(40, row, "cour", 8)
                book.y += 10
            book.y += 14
        if number == 1:
            book.turn()
    parts = ["\n".join(CODE[:2]), "\n".join(CODE[3:6])]
    assert listings(book.read(read, tmp_path / "counts.pdf")) == parts * 4


def test_a_listing_in_a_box_that_is_called_a_figure(tmp_path: Path, read: Read) -> None:
    """Rows of two shades and a badge with the language; one has a single row."""
    book = Book(height=500)
    for number in range(4):
        book.prose(number, 5)
        code = CODE[:2] if number % 2 else [f"IO.puts({number})"]
        top = book.y
        for at in range(len(code)):
            shade = (0.94 if at % 2 else 1.0,) * 3
            for x0, x1 in ((40, 60), (60, 380)):
                box = (x0, top + 11 * at, x1, top + 11 * at + 11)
                book.page.draw_rect(box, color=None, fill=shade)
        book.page.draw_rect((40, top, 380, top + 11 * len(code)), color=(0.8, 0.8, 0.8))
        for at, row in enumerate(code):
            book.y = top + 8 + 11 * at
            book.put(44, str(at + 1), "helv", 6)
            book.put(66, row, "cour", 8)
            if not at:
                book.put(352, "elixir", "helv", 6)
        book.y += 18
        book.put(120, f"Figure {number + 1}: What the harbour {WORDS[number]}", "tiit", 8)
        book.y += 20
        if number == 1:
            book.turn()
    parsed = book.read(read, tmp_path / "figure.pdf")
    said = [f"IO.puts({n})" if n % 2 == 0 else "\n".join(CODE[:2]) for n in range(4)]
    assert listings(parsed) == said and parsed.figures == []


def test_a_paragraph_of_one_row_before_another(tmp_path: Path, read: Read) -> None:
    book = Book(height=500)
    for number in range(14):
        if number == 7:
            book.turn()
        book.put(55, f"{NAMES[number % 4]} {words(number, 5)}.")
        book.y += 12
        book.put(55, f"Then {words(number, 11)}")
        book.y += 12
        book.rows([words(number + 2, 13), f"{words(number, 4)}."])
    parsed = book.read(read, tmp_path / "rows.pdf")
    assert sum(block.kind == "prose" for block in parsed.blocks) == 28


def test_the_folio_of_pages_that_begin_chapters(tmp_path: Path, read: Read) -> None:
    """They have no head, and their number at the foot; it parts no listing."""
    book = Book(height=420)
    for number in range(1, 13):
        if number > 1:
            book.turn()
        opens = number in (1, 6)
        book.y = 400 if opens else 24
        book.put(200 if opens else 360, str(number))
        if not opens:
            book.put(40, f"Of {NAMES[number % 4]} and {WORDS[number % 9]}")
        book.y = 50
        if number in (2, 7):
            book.rows(CODE[4:], 40, "cour", 8, 10)
            book.y += 6
        book.prose(number, 20 if opens else 22)
        if opens:
            book.y += 6
            book.rows(CODE[:4], 40, "cour", 8, 10)
    parsed = book.read(read, tmp_path / "folios.pdf")
    assert listings(parsed) == ["\n".join(CODE)] * 2
    assert not [block.text for block in spoken(parsed) if block.text.isdigit()]


def test_numbers_of_letters_and_digits_in_several_parts(tmp_path: Path, read: Read) -> None:
    book = Book(height=500)
    heads = [("I. Of Harbours", 1), ("I.A. Of Boats", 2), ("I.A.1. Of Oars", 3),
             ("I.A.2. Of Sails", 3), ("I.B. Of Quays", 2), ("II. Of the Sea", 1),
             ("II.A. Of Tides", 2), ("II.B. Of Storms", 2)]  # fmt: skip
    for at, (title, level) in enumerate(heads):
        if at in (3, 6):
            book.turn()
        book.put(40, title, "tibi" if level == 2 else "hebo", 11)
        book.y += 20
        book.prose(at, 6)
        book.y += 12
    parsed = book.read(read, tmp_path / "parts.pdf")
    found = [(b.number, b.text, b.level) for b in parsed.blocks if b.kind == "heading"]
    assert found == [
        (title.split()[0].rstrip("."), title.partition(" ")[2], level) for title, level in heads
    ]  # fmt: skip


def test_a_term_in_the_type_of_inline_code_is_no_listing(tmp_path: Path, read: Read) -> None:
    """What it means stands beside it, but for one that the foot of its page parts from that."""
    book = Book(height=500)
    for page in range(3):
        if page:
            book.turn()
        book.rows(CODE, 40, "cour", 7, 9)
        book.y += 8
        for at in range(5):
            book.prose(page + at, 3)
            book.y += 4
            book.put(40, f"Tide.{WORDS[at]}/{page}", "cour", 8.5)
            if at == 4 and page == 1:
                book.turn()
            book.y += 1.5
            book.rows([words(at, 9), f"{words(at, 2)} {page}."], 150)
            book.y += 4
    assert listings(book.read(read, tmp_path / "terms.pdf")) == ["\n".join(CODE)] * 3


@pytest.mark.parametrize("count", [4, 14])
def test_cells_in_larger_type_than_the_text_are_no_titles(
    tmp_path: Path, read: Read, count: int
) -> None:
    """A browser sets tables in its own size; long ones look like columns of the page."""
    book = Book()
    for chapter, name in enumerate(NAMES):
        book.turn()
        book.put(50, name, "hebo", 16)
        for row in range(12):
            book.y += 22 if not row else 12
            book.put(50, words(chapter + row, 12))
    book.turn()
    for row in range(count):
        book.put(50, f"{WORDS[row % 10]}_{WORDS[row % 7]}", size=12)
        book.put(220, WORDS[(row + 3) % 10], size=12)
        book.y += 16
    book.document.save(tmp_path / "t.pdf")
    titles = [one.text for one in read(tmp_path / "t.pdf").blocks if one.kind == "heading"]
    assert titles == NAMES
