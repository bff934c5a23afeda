"""Tables in both modes, and where words stand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib import colors
from reportlab.platypus import Table, TableStyle

from booktune_assets.books.blocks import CODE_KINDS, Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.multimodal import word_boxes
from booktune_assets.books.reader import read_book
from booktune_assets.settings import Reading
from booktune_assets_tests.books.makers import LEFT, MODULE, PAGE, PdfMaker, harbour, paragraph

HEAD = ["Function", "Gives", "Since"]
ROWS = [
    ["Enum.map/2", "a list of what the function\ngives for every item", "1.0"],
    ["Enum.zip/2", "pairs of items", "1.0"],
    ["Map.new/1", "a map of the pairs that\nstand in the list", "1.4"],
]

WHOLE = (
    "Function | Gives | Since\n"
    "Enum.map/2 | a list of what the function gives for every item | 1.0\n"
    "Enum.zip/2 | pairs of items | 1.0\n"
    "Map.new/1 | a map of the pairs that stand in the list | 1.4"
)


def with_table(
    path: Path, rows: list[list[str]], style: list[tuple[object, ...]], widths: list[float]
) -> Path:
    book = PdfMaker(path, head=False)
    book.heading("1 Tables", 1)
    book.prose(paragraph(1))
    base = [("FONTNAME", (0, 0), (-1, -1), "Times-Roman"), ("FONTSIZE", (0, 0), (-1, -1), 9),
            ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEADING", (0, 0), (-1, -1), 12)]  # fmt: skip
    table = Table(rows, colWidths=widths, style=TableStyle([*base, *style]))
    _, high = table.wrapOn(book.canvas, PAGE[0] - 2 * LEFT, 400)
    table.drawOn(book.canvas, LEFT, book.y - high)
    book.y -= high + 16
    book.prose(paragraph(2))
    book.code(MODULE)
    return book.save()


GRID = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
BOLD = [("FONTNAME", (0, 0), (-1, 0), "Times-Bold")]
WIDTHS = [90.0, 150.0, 60.0]


def both(path: Path) -> tuple[Parsed, Parsed]:
    fast, precise = (
        parse(path, Limits(precise=mode), lambda done, total: None) for mode in (False, True)
    )
    for parsed in (fast, precise):
        assert all(page.lost == page.doubled == 0 for page in parsed.pages)
        assert [block.text for block in parsed.blocks if block.kind in CODE_KINDS] == [MODULE]
    assert fast.cells == [] and fast.words == []
    return fast, precise


def tables(parsed: Parsed) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind == "table"]


def test_cells_of_several_lines_are_one_cell(tmp_path: Path) -> None:
    path = with_table(tmp_path / "b.pdf", [HEAD, *ROWS], [*GRID, *BOLD], WIDTHS)
    fast, precise = both(path)
    assert tables(precise) == tables(fast) == [WHOLE]
    assert [(cell.row, cell.column, cell.header) for cell in precise.cells] == [
        (row, column, row == 0) for row in range(4) for column in range(3)
    ]
    assert precise.cells[4].text == "a list of what the function\ngives for every item"
    kinds = [block.kind for block in precise.blocks]
    assert kinds == ["heading", "prose", "table", "prose", "code"]


def test_wrapped_cells_of_a_table_without_rules_are_joined(tmp_path: Path) -> None:
    apart = [("TOPPADDING", (0, 0), (-1, -1), 5), ("BOTTOMPADDING", (0, 0), (-1, -1), 5)]
    tight = [("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0)]
    for name, style in (("apart", apart), ("tight", tight)):  # rows, or empty first cells, tell
        path = with_table(tmp_path / f"{name}.pdf", [HEAD, *ROWS], [*BOLD, *style], WIDTHS)
        fast, _ = both(path)
        assert tables(fast) == [WHOLE]
    first = [["the second word\nof a call", "what it takes", "1.0"], *ROWS[1:]]
    path = with_table(tmp_path / "first.pdf", [HEAD, *first], [*BOLD, *apart], WIDTHS)
    assert "the second word of a call | what it takes | 1.0\n" in tables(both(path)[0])[0]


def test_rows_that_no_cell_was_wrapped_to_stay(tmp_path: Path) -> None:
    short = [["Enum.map/2", "a list", ""], ["", "of items", "1.1"], ["Map.new/1", "a map", "1.4"]]
    path = with_table(tmp_path / "s.pdf", [["Name", "", ""], *short], BOLD, WIDTHS)
    assert "Enum.map/2 | a list | \n | of items | 1.1\nMap.new/1" in "\n".join(
        tables(both(path)[0])
    )


def test_merged_cells_are_said(tmp_path: Path) -> None:
    rows = [["Name", "Where", ""], ["", "harbour", "sea"], ["Petrel", "yes", "no"]]
    spans = [("SPAN", (1, 0), (2, 0)), ("SPAN", (0, 0), (0, 1))]
    path = with_table(tmp_path / "b.pdf", rows, [*GRID, *spans], [80, 80, 80])
    _, precise = both(path)
    assert tables(precise) == ["Name | Where | \n | harbour | sea\nPetrel | yes | no"]
    spot = {cell.text: (cell.row, cell.column, cell.rows, cell.columns) for cell in precise.cells}
    assert spot["Name"] == (0, 0, 2, 1) and spot["Where"] == (0, 1, 1, 2)
    assert spot["sea"] == (1, 2, 1, 1)


def test_code_words_in_cells_stay_in_the_table(tmp_path: Path) -> None:
    mono = [("FONTNAME", (0, 1), (0, -1), "Courier")]
    path = with_table(tmp_path / "b.pdf", [HEAD, *ROWS], [*GRID, *mono], WIDTHS)
    _, precise = both(path)
    assert tables(precise)[0].split("\n")[1].startswith("Enum.map/2 | a list of what")


@pytest.mark.parametrize("style", [[], [("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black)]])
def test_tables_without_cells_are_read_alike(
    tmp_path: Path, style: list[tuple[object, ...]]
) -> None:
    rows = [HEAD, *[[one.replace("\n", " ")[:22] for one in row] for row in ROWS]]
    fast, precise = both(with_table(tmp_path / "b.pdf", rows, style, WIDTHS))
    assert tables(fast) == tables(precise) != [] and precise.cells == []


def test_a_table_over_a_page_break_is_one(tmp_path: Path) -> None:
    book = PdfMaker(tmp_path / "b.pdf", head=False)
    book.heading("1 Tables", 1)
    book.prose(paragraph(1))
    for part in range(2):
        rows = [[f"name {part}{n}", f"value {part}{n}"] for n in range(4)]
        table = Table(rows, colWidths=[100, 100], style=TableStyle(GRID))
        _, high = table.wrapOn(book.canvas, 300, 400)
        table.drawOn(book.canvas, LEFT, 62 if part == 0 else book.y - high)
        if part == 0:
            book.turn()
        else:
            book.y -= high + 16
    book.prose(paragraph(2))
    parsed = parse(book.save(), Limits(precise=True), lambda done, total: None)
    (table,) = [block for block in parsed.blocks if block.kind == "table"]
    assert [place.page for place in table.places] == [1, 2]
    assert table.text.split("\n")[3:5] == ["name 03 | value 03", "name 10 | value 10"]
    assert max(cell.row for cell in parsed.cells) == 7


def test_listings_in_boxes_are_no_tables(tmp_path: Path) -> None:
    for options in ({}, {"numbers": True}):
        path = harbour(tmp_path / "book.pdf", **options)
        fast, precise = (
            parse(path, Limits(precise=mode), lambda done, total: None) for mode in (False, True)
        )
        assert precise.cells == []
        assert [block.text for block in fast.blocks] == [block.text for block in precise.blocks]


def test_words_stand_where_pdfplumber_sees_them(tmp_path: Path) -> None:
    import pdfplumber

    path = harbour(tmp_path / "book.pdf")
    frames = read_book(path, "b", Reading(precise=True)).frames  # type: ignore[call-arg]
    words = frames["raw_books__words"]
    with pdfplumber.open(path) as document:
        seen = {
            (page.page_number, word["text"], round(word["x0"]), round(word["x1"]))
            for page in document.pages
            for word in page.extract_words(x_tolerance=1.5)
        }
    ours = [
        (row["page"], row["text"], round(row["x0"]), round(row["x1"]))
        for row in words.iter_rows(named=True)
    ]
    assert len(ours) > 900
    assert sum(one in seen for one in ours) >= 0.97 * len(ours)


def test_the_very_words_of_a_passage_have_boxes(tmp_path: Path) -> None:
    book = PdfMaker(tmp_path / "b.pdf", head=False)
    book.heading("1 Words", 1)
    book.prose(
        "A supervisor restarts its children when they stop, in the order that was asked for "
        "when it was started, and stops itself when that happens too often in a short time."
    )
    path = book.save()
    frames = read_book(path, "b", Reading(precise=True)).frames  # type: ignore[call-arg]
    row = frames["raw_books__blocks"].row(1, named=True)
    start = row["text"].index("children when they")
    found = word_boxes(frames["raw_books__words"], row["block_id"], start, start + 18)
    ((page, boxes),) = found.items()
    assert page == 1 and len(boxes) == 1
    wide = book.canvas.stringWidth("children when they", "Times-Roman", 10.5)
    assert abs((boxes[0][2] - boxes[0][0]) - wide) < 1
    whole = word_boxes(frames["raw_books__words"], row["block_id"], 0, len(row["text"]))
    assert len(whole[1]) > 1  # one box a row


def test_without_precise_pdfplumber_is_not_loaded(tmp_path: Path) -> None:
    path = with_table(tmp_path / "b.pdf", [HEAD, *ROWS], GRID, WIDTHS)
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from booktune_assets.books.blocks import Limits\n"
        "from booktune_assets.books.formats import parse\n"
        "parse(Path(sys.argv[1]), Limits(), lambda a, b: None)\n"
        "assert not {'pdfplumber', 'pdfminer', 'PIL'} & set(sys.modules)\n"
        "parse(Path(sys.argv[1]), Limits(precise=True), lambda a, b: None)\n"
        "assert 'pdfplumber' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


def test_a_repaired_place_does_not_lose_the_words_behind_it(
    tmp_path: Path, read: Callable[[Path], Parsed]
) -> None:
    book = PdfMaker(tmp_path / "b.pdf", numbers=True)
    book.heading("1 Words", 1)
    for number in range(6):
        book.prose(paragraph(number))
        book.code(MODULE)
    parsed = parse(book.save(), Limits(precise=True), lambda done, total: None)
    placed = {(word.block, word.word) for word in parsed.words}
    every = {
        (number, word)
        for number, block in enumerate(parsed.blocks)
        for word in range(len(block.text.split()) if block.kind != "running_head" else 0)
    }
    assert placed == every
