"""Pages of PDFs of seldom forms: turned and trimmed, drop caps, remarks behind signs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.glyphs import draw_page
from booktune_assets.books.mupdf import library
from booktune_assets_tests.books.makers import CODE, LEFT, MODULE, PdfMaker, harbour, paragraph

Read = Callable[[Path], Parsed]


def turned(source: Path, path: Path, turn: int) -> Path:
    """The pages lie on their side in larger sheets, which are trimmed and shown upright."""
    fitz = library()
    with fitz.open(source) as book, fitz.open() as made:
        for page in book:
            wide, high = page.rect.width, page.rect.height
            if turn != 180:
                wide, high = high, wide
            sheet = made.new_page(width=wide + 80, height=high + 60)
            place = fitz.Rect(50, 20, 50 + wide, 20 + high)
            sheet.show_pdf_page(place, book, page.number, rotate=turn)
            sheet.insert_text((4, 12), "slug of the printer")
            sheet.set_cropbox(place)
            sheet.set_rotation(turn)
        made.save(path)
    return path


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_pages_that_are_trimmed_stand_as_they_are_shown(tmp_path: Path, turn: int) -> None:
    plain = harbour(tmp_path / "a.pdf")
    file = turned(plain, tmp_path / "b.pdf", turn)
    with library().open(plain) as one, library().open(file) as two:
        for number in range(1, 4):
            wanted, made = draw_page(one[number - 1], number), draw_page(two[number - 1], number)
            assert (made.width, made.height) == (wanted.width, wanted.height)
            assert made.outside == ["slug of the printer"]
            places = [
                [(line.text, *(round(x) for x in line.box)) for line in page.lines]
                for page in (wanted, made)
            ]  # fmt: skip
            assert sorted(places[0]) == sorted(places[1])


class Capped(PdfMaker):
    def capped(self, text: str, gap: float = 2.0) -> None:
        """A paragraph whose first letter is as high as its first two rows."""
        rows = [text[1:].lstrip()[at : at + 52] for at in range(0, len(text), 52)]
        self.canvas.setFont("Times-Roman", 34)
        wide = self.canvas.stringWidth(text[0], "Times-Roman", 34) + gap
        self.canvas.drawString(LEFT, self.y - 26, text[0])
        self.canvas.setFont("Times-Roman", 10)
        for number, row in enumerate(rows):
            self.y -= 13
            self.canvas.drawString(LEFT + (wide if number < 2 else 0), self.y, row)
        self.y -= 8

    def remark(self, number: int, text: str) -> None:
        """A sign in a circle and a sentence."""
        self.y -= 13
        self.canvas.circle(LEFT + 5, self.y + 3, 5, fill=1)
        self.canvas.setFillGray(1)
        self.canvas.setFont("Helvetica-Bold", 7)
        self.canvas.drawCentredString(LEFT + 5, self.y + 1, str(number))
        self.canvas.setFillGray(0)
        self.canvas.setFont("Times-Roman", 10)
        self.canvas.drawString(LEFT + 20, self.y, text)


@pytest.mark.parametrize("gap", [0.5, 4.0])
def test_a_drop_cap_begins_its_paragraph(tmp_path: Path, read: Read, gap: float) -> None:
    book = Capped(tmp_path / "b.pdf", outline=False)
    for seed, name in enumerate(("Tides", "Boats", "Lamps")):
        book.heading(f"{seed + 1} {name}", 1)
        book.capped(f"{'HAI'[seed]}{' ' * (seed > 0)}{paragraph(seed)[1:].lower()}", gap)
        book.prose(paragraph(20 + seed))
        book.code(MODULE.replace("Tide", name))
        book.prose(paragraph(40 + seed))
    parsed = read(book.save())
    words = [block.text for block in parsed.blocks if block.kind == "prose"]
    firsts = [text.split()[0] for text in words[::3]]
    assert [first[0] for first in firsts] == ["H", "A", "I"]
    assert firsts[1:] == ["A", "I"]
    assert len(firsts[0]) > 3
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)] * len(parsed.pages)


def test_remarks_behind_signs_are_no_table(tmp_path: Path, read: Read) -> None:
    book = Capped(tmp_path / "b.pdf")
    for seed, name in enumerate(("Tides", "Boats", "Lamps")):
        book.heading(f"{seed + 1} {name}", 1)
        book.prose(paragraph(seed))
        book.code(MODULE.replace("Tide", name))
        for number in (1, 2, 3):
            book.remark(number, f"The {name.lower()} answer the question {number} of the keeper.")
        book.y -= 12
        book.prose(paragraph(40 + seed))
    parsed = read(book.save())
    assert not [block for block in parsed.blocks if block.kind == "table"]
    said = [block.text for block in parsed.blocks if "the question" in block.text]
    assert [text.split()[0] for text in said] == ["1", "2", "3"] * 3
    code = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    assert code == [MODULE.replace("Tide", name) for name in ("Tides", "Boats", "Lamps")]


class Foliated(PdfMaker):
    """Numbers of pages in the type of the code, ``every`` page or those that begin chapters."""

    every = True
    begins = True

    def heading(self, text: str, level: int) -> None:
        super().heading(text, level)
        self.begins = self.begins or level == 1

    def turn(self) -> None:
        if self.every or self.begins:
            self.canvas.setFont("Courier", 8)
            self.canvas.drawCentredString(210, 24, str(self.page + 10))
        self.begins = False
        super().turn()


@pytest.mark.parametrize("every", [True, False])
def test_page_numbers_in_the_type_of_the_code_are_no_code(
    tmp_path: Path, read: Read, every: bool
) -> None:
    book = Foliated(tmp_path / "b.pdf", boxes=False, head=False)
    book.every = every
    wanted: list[str] = []
    for seed, name in enumerate(("Tides", "Boats", "Lamps", "Ropes")):
        book.heading(f"{seed + 1} {name}", 1)
        for part in range(5):
            book.prose(paragraph(10 * seed + part))
            wanted.append(MODULE.replace("Tide", f"{name}{part}"))
            book.code(wanted[-1])
        book.prose(paragraph(100 + seed, 9))
    parsed = read(book.save())
    assert [block.text for block in parsed.blocks if block.kind in CODE_KINDS] == wanted


def test_numbers_that_do_not_count_the_pages_stay(tmp_path: Path, read: Read) -> None:
    book = PdfMaker(tmp_path / "b.pdf", boxes=False, head=False)
    for seed, name in enumerate(("Tides", "Boats", "Lamps", "Ropes")):
        book.heading(f"{seed + 1} {name}", 1)
        book.prose(paragraph(seed))
        book.code(MODULE.replace("Tide", name))
        book.canvas.setFont("Courier", 8)
        book.canvas.drawString(LEFT + 7, 40, str((7, 42, 3, 19)[seed]))
    parsed = read(book.save())
    assert sum(block.text in ("7", "42", "3", "19") for block in parsed.blocks) == 4


class Layered(PdfMaker):
    """Draws a row colour by colour, as some programs do: signs first, then the names."""

    def _coloured(self, x: float, y: float, line: str) -> None:
        wide = self.canvas.stringWidth("m", *CODE[:2])
        for pattern in (r"[^\w\s]+", r"\b[a-z_]\w*", r"\b[A-Z]\w*|\b\d+"):
            self.canvas.setFillGray(len(pattern) / 40)
            for found in re.finditer(pattern, line):
                self.canvas.drawString(x + found.start() * wide, y, found.group())
        self.canvas.setFillGray(0)


def test_rows_that_are_drawn_colour_by_colour_stay_whole(tmp_path: Path, read: Read) -> None:
    book = Layered(tmp_path / "b.pdf")
    rows = 'iex> Harbour.Tides.rise(["a","b","c"], :low)\n{:ok,[1,2,3]}\niex> Map.get(%{a: 1},:a)'
    for seed, name in enumerate(("Tides", "Boats", "Lamps")):
        book.heading(f"{seed + 1} {name}", 1)
        book.prose(paragraph(seed))
        book.code(rows)
        book.prose(paragraph(10 + seed))
        book.code(MODULE.replace("Tide", name))
    parsed = read(book.save())
    code = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    names = ("Tides", "Boats", "Lamps")
    assert code == [text for name in names for text in (rows, MODULE.replace("Tide", name))]
    assert all((one.lost, one.doubled) == (0, 0) for one in parsed.pages)
