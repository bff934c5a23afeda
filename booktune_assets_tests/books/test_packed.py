"""Pages and rows of long books: packed and made again, they say the same."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from booktune_assets.books import packed, rowbook
from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.fonts import Fonts, measure
from booktune_assets.books.formats import parse
from booktune_assets.books.glyphs import Box, Line, PageDrawn, Run, draw_page, edges_of
from booktune_assets.books.headings import mark_headings
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.linenos import take_numbers
from booktune_assets.books.measures import measure_rows
from booktune_assets.books.packed import Pages
from booktune_assets.books.rowbook import Kept, RowBook
from booktune_assets.books.rows import Row
from booktune_assets_tests.books.makers import harbour

Read = Callable[[Path], Parsed]


@pytest.fixture
def packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages but the first are packed."""
    monkeypatch.setattr(packed, "LIVE", 1)
    monkeypatch.setattr(rowbook, "LIVE", 1)


def drawn(path: Path) -> list[PageDrawn]:
    with pymupdf.open(path) as document:
        return [draw_page(document[n], n + 1) for n in range(document.page_count)]


@pytest.mark.parametrize("precise", [False, True])
@pytest.mark.parametrize("numbers", [False, True])
def test_a_book_reads_the_same_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbers: bool, precise: bool
) -> None:
    file = harbour(tmp_path / "book.pdf", numbers=numbers)

    def read() -> dict[str, object]:
        return parse(file, Limits(precise=precise), lambda done, total: None).as_plain()

    live = read()
    monkeypatch.setattr(packed, "LIVE", 1)
    monkeypatch.setattr(rowbook, "LIVE", 1)
    assert read() == live


def test_links_of_packed_pages_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = harbour(tmp_path / "plain.pdf")
    with pymupdf.open(file) as document:
        for page in document:
            for number, word in enumerate(page.get_text("words")[::40]):
                to = {"from": pymupdf.Rect(word[:4]), "kind": pymupdf.LINK_URI}
                page.insert_link({**to, "uri": f"https://sea.test/{page.number}/{number}"})
        document.save(tmp_path / "linked.pdf")

    def links() -> list[list[tuple[int, int, str]]]:
        read = parse(tmp_path / "linked.pdf", Limits(), lambda done, total: None)
        return [[(one.start, one.end, one.target) for one in block.links] for block in read.blocks]

    live = links()
    assert sum(map(len, live)) > 20
    monkeypatch.setattr(packed, "LIVE", 1)
    monkeypatch.setattr(rowbook, "LIVE", 1)
    assert links() == live


def test_looking_for_line_numbers_holds_few_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "LIVE", 0)
    pages, held = Pages(), list[int]()
    made = drawn(harbour(tmp_path / "book.pdf", numbers=True))
    while made:
        pages.append(made.pop(0))
    fonts = measure(pages.whole())
    again: Callable[..., PageDrawn] = getattr(packed, "_open")  # noqa: B009

    def alive() -> int:
        return sum(type(one) is PageDrawn for one in gc.get_objects())

    gc.collect()
    others = alive()  # of tests before this one

    def opened(*sealed: Any) -> PageDrawn:
        held.append(alive() - others)
        return again(*sealed)

    monkeypatch.setattr(packed, "_open", opened)
    assert take_numbers(pages, fonts, Ledger())
    assert len(held) > len(pages) > 5 and max(held) <= 3


def test_the_answer_is_written_a_record_at_a_time(tmp_path: Path) -> None:
    parsed = parse(harbour(tmp_path / "book.pdf"), Limits(precise=True), lambda done, total: None)
    assert parsed.words and parsed.changes
    wanted = json.loads(json.dumps({**parsed.as_plain(), "peak_mb": 7}))
    pieces = list(parsed.as_json(peak_mb=7))
    rows = {name: list[Any]() for name in ("blocks", "pages", "words", "cells", "figures")}
    rows["changes"] = []
    for piece in pieces[:-1]:
        ((name, some),) = json.loads(piece).items()
        rows[name] += some
    assert {**json.loads(pieces[-1]), **rows} == wanted
    parsed.blocks[0].text *= 20_000  # one text may be longer than a piece
    assert len(list(parsed.as_json())) == len(pieces) + 1


@pytest.mark.usefixtures("packs")
def test_pages_come_back_as_they_were(tmp_path: Path) -> None:
    made = drawn(harbour(tmp_path / "book.pdf"))
    pages = Pages()
    for page in made:
        pages.append(page)
    assert list(pages.whole()) == made and pages.one(2) == made[2]
    light = pages[2]
    assert [line.text for line in light.lines] == [line.text for line in made[2].lines]
    assert not any(run.edges for line in light.lines for run in line.runs)
    for page in pages.edited():
        page.lines = page.lines[1:]
    assert [len(page.lines) for page in pages] == [len(page.lines) for page in pages.whole()]
    some = pages.where([page.number == 3 for page in pages])
    assert [page.number for page in pages.taken()] == [page.number for page in made]
    assert not len(pages) and [page.number for page in some] == [3]


def rows_of(page: int, words: list[str]) -> list[Row]:
    box = Box((0.0, 0.0, 90.0, 90.0), True, False, (0.5,))
    return [
        Row(page, [Run(word, "F", 9.0, 0, 0, edges_of([1.0] * len(word), [2.0] * len(word)))],
            12.0 * n, (1.0, 0.0, 2.0, 9.0), word, 9.0, "F", False, False, frame=box)
        for n, word in enumerate(words)
    ]  # fmt: skip


@pytest.mark.usefixtures("packs")
def test_what_a_pass_notes_on_rows_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rowbook, "_OPEN", 2)
    book = RowBook()
    for page in range(1, 9):
        book.add(rows_of(page, ["one", "two", "three"]))
    for row in book:
        if row.text == "two":
            row.role, row.level = "heading", row.page
    assert [row.level for row in book if row.role == "heading"] == list(range(1, 9))
    assert book[4].level == 2 and book[-2].page == 8 and [row.text for row in book[2:4]]
    assert len({id(row.frame) for row in book.light(3, 6)}) == 1
    kept = Kept(book, 9, 12, 4)
    assert kept[1].level == 4 and kept[-1].text == "three" and len(kept) == 3
    assert kept[0].inked_from() == 1.0  # of words in a listing, too
    assert not kept[2].runs and kept.whole()[2].runs[0].rights[0] == 2.0 and kept.page == 4
    book.cut(4, 7)
    left = [[row.text for row in rows] for rows in book.taken()]
    assert left[1:3] == [["one"], ["two", "three"]] and len(left) == 8


def test_tallies_are_packed_and_still_counted() -> None:
    ledger = Ledger()
    for page in range(1, 12):
        ledger.drew(page, "so long" * page)
    for page in range(1, 12):
        ledger.drew(page, "!")
        assert ledger.drawn(page) == 6 * page + 1
    ledger.forget(3)
    assert ledger.drawn(3) == 0


def test_lines_without_runs_need_no_bytes() -> None:
    pages = Pages()
    pages.append(PageDrawn(1, 10.0, 10.0, [Line([], 1.0, (0.0, 0.0, 1.0, 1.0))]))
    assert next(pages.taken()).lines[0].text == ""


@pytest.mark.usefixtures("packs")
def test_titles_are_found_in_as_many_passes_for_many_styles_as_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A pass over the packed rows for each style made long books slow, and lists of them large."""
    opened: list[int] = []
    again = rowbook._again

    def counted(*sealed: Any) -> list[Row]:
        opened.append(len(sealed))
        return again(*sealed)

    monkeypatch.setattr(rowbook, "_again", counted)

    def passes(styles: int) -> tuple[float, list[str]]:
        book = RowBook()
        for page in range(1, 31):
            book.add(page_with_title(page, page % styles))
        opened.clear()
        fonts = Fonts(body="Serif", body_size=10.0)
        mark_headings(book, [], fonts)
        return len(opened) / 29, [row.text for row in book if row.role == "heading"]

    (one, titles), (many, others) = passes(1), passes(6)
    assert titles == others and len(titles) == 30
    assert many <= one + 8, (one, many)  # two more for each style, once


def page_with_title(page: int, style: int) -> list[Row]:
    """A title in one of several bold fonts in text size, and four rows of text below it."""
    rows = [row_of(page, 40.0, f"Harbours of the coast {page}", f"Bold{style}", bold=True)]
    for number in range(4):
        words = "The tide comes in twice a day and the boats that lie in the mud float again."
        rows.append(row_of(page, 70.0 + 12 * number, words, "Serif", bold=False))
    return rows


def row_of(page: int, baseline: float, text: str, font: str, *, bold: bool) -> Row:
    right = 50.0 + 5 * len(text)
    run = Run(
        text, font, 10.0, 16 if bold else 0, 0, edges_of([50.0] * len(text), [right] * len(text))
    )
    return Row(page, [run], baseline, (50.0, baseline - 9, right, baseline + 2), text, 10.0, font,
               bold, False, column=(50.0, 450.0), parts=[50.0])  # fmt: skip


@pytest.mark.usefixtures("packs")
def test_settled_rows_keep_no_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rowbook, "_OPEN", 1)
    book = RowBook(settled=True)
    for page in range(1, 5):
        rows = rows_of(page, ["one", "two"])
        rows[0].role = "heading"
        book.add(rows)
    assert [row.role for row in book] == ["heading", ""] * 4
    assert not any(sheet.notes for sheet in book._sheets)


@pytest.mark.usefixtures("packs")
def test_room_in_code_is_measured_on_packed_rows_as_on_live_ones() -> None:
    """Where ink begins is asked of rows whose runs are put by: it ended books of 300 pages."""
    fonts = Fonts(advance={"Mono": 0.6}, body="Serif", body_size=10.0)
    live: list[Row] = []
    book = RowBook()
    for page in range(1, 9):
        texts = ["def tide do", "  :high", "  :low", "end"]
        rows = [row_of(page, y, text, "Mono", bold=False) for y, text in zip(
            (50.0, 62.0, 87.4, 99.4), texts, strict=True)]  # fmt: skip
        for row, text in zip(rows, texts, strict=True):
            inside = 6.0 * (len(text) - len(text.lstrip()))
            row.mono, row.text = True, text.lstrip()
            row.runs[0].edges = edges_of(
                [50.0 + 6 * n for n in range(len(text))], [56.0 + 6 * n for n in range(len(text))]
            )
            assert row.inked_from() == 50.0 + inside
        live += rows
        book.add(rows)
    alone, together = measure_rows(book, fonts), measure_rows(live, fonts)
    assert alone.blank == together.blank != 1.0
    assert not book[-2].runs and book[-2].inked_from() == live[-2].inked_from() == 62.0
