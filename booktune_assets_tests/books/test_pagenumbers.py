"""Which number is printed on which page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
from reportlab.pdfgen.canvas import Canvas

from booktune_assets.books.blocks import Page, Parsed
from booktune_assets.books.pagenumbers import label_of, number_pages, read_rules
from booktune_assets_tests.books.makers import PAGE, paragraph

Read = Callable[[Path], Parsed]


def labels(furniture: dict[int, list[str]], count: int, given: str | None = None) -> list[str]:
    pages = [Page(number, label=given and f"{given}{number}") for number in range(1, count + 1)]
    number_pages(pages, furniture)
    return [page.label or "-" for page in pages]


def test_front_matter_in_roman_numerals_and_an_opening_without_a_number() -> None:
    heads = {n: [sign] for n, sign in enumerate(("iii", "iv", "v", "vi"), start=3)}
    heads |= {n: [f"{n - 6} | Chapter {n // 4}"] for n in (7, 8, 9, 11, 12, 13)}
    assert labels(heads, 13) == [
        "-", "-", "iii", "iv", "v", "vi", "1", "2", "3", "4", "5", "6", "7"
    ]  # fmt: skip


def test_what_is_printed_counts_more_than_the_labels_of_the_file() -> None:
    assert labels({n: [f"Tides {n - 2}"] for n in range(3, 9)}, 8, "p")[2:] == list("123456")


def test_years_and_numbers_of_chapters_count_no_pages() -> None:
    assert labels({n: ["Boats 2024", "Chapter 3"] for n in range(1, 9)}, 8) == ["-"] * 8
    assert labels({1: ["7"], 2: ["8"], 3: ["9"]}, 3) == ["-"] * 3  # too few


def test_rules_that_say_their_type(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as made:
        for _ in range(3):
            made.new_page()
        made.xref_set_key(
            made.pdf_catalog(), "PageLabels",
            "<</Nums[0<</Type/PageLabel/S/r>>1<</Type/PageLabel/S/D/St 5>>]>>",
        )  # fmt: skip
        made.save(path)
    with pymupdf.open(path) as book:
        rules = read_rules(book)
        assert [label_of(page, rules) for page in (1, 2, 3)] == ["i", "5", "6"]


def test_numbers_at_the_foot_become_labels(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=PAGE, invariant=True)
    for number in range(1, 9):
        for row, line in enumerate(paragraph(number, 60).split(". ")):
            canvas.setFont("Times-Roman", 10)
            canvas.drawString(50, PAGE[1] - 80 - 14 * row, f"{line[:70]}.")
        canvas.drawCentredString(PAGE[0] / 2, 30, str(number + 10))
        canvas.showPage()
    canvas.save()
    parsed = read(tmp_path / "a.pdf")
    assert [page.label for page in parsed.pages] == [str(n + 10) for n in range(1, 9)]
