"""Figures of PDFs: found, cropped, tied to captions and to the places that speak of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from booktune_assets.books.blocks import CODE_KINDS, Block, Limits, Parsed, Place
from booktune_assets.books.desk import Desk
from booktune_assets.books.figures import spot_on_page
from booktune_assets.books.formats import parse
from booktune_assets.books.multimodal import figures_in_context
from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.chain.build import build
from booktune_assets.chain.house import House
from booktune_assets.contracts import check
from booktune_assets.errors import BookError, Code
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Reading, Settings
from booktune_assets_tests.books.figure_makers import (
    caption,
    illustrated,
    picture,
    place_image,
    place_tree,
)
from booktune_assets_tests.books.makers import LEFT, MODULE, PAGE, PdfMaker, harbour, paragraph

Read = Callable[[Path], Parsed]
IMAGE = picture((60, 50))


def in_context(path: Path, folder: Path) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    raw = read_book(path, "b", Reading(), figures=folder).frames  # type: ignore[call-arg]
    for name, frame in raw.items():
        check(TABLES[name], frame)
    sections = into_sections(
        "b", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"], raw["raw_books__pages"]
    )
    return raw, figures_in_context({**raw, **sections})


def test_from_pdf_to_figure_caption_and_the_places_that_refer(tmp_path: Path) -> None:
    raw, shown = in_context(illustrated(tmp_path / "b.pdf"), tmp_path / "out")
    tree, lamp = shown.to_dicts()
    assert tree["caption"] == "Figure 1.1 The supervision tree of the harbour"
    assert (tree["kind"], tree["label"], tree["title_path"]) == (
        "vector", "figure 1.1", ["Harbours"],
    )  # fmt: skip
    assert tree["words"].split("\n") == ["Harbour.Sup", "Log", "Berths", "Watch"]
    assert [one["words"] for one in tree["refers"]] == ["Figure 1.1", "figure 1.1"]
    for one in tree["refers"]:
        assert one["text"].lower().count("figure 1.1") == 1
    assert (lamp["kind"], lamp["caption"]) == ("raster", None)
    assert [one["words"] for one in lamp["refers"]] == ["The picture below"]
    assert lamp["title_path"] == ["Boats"]
    for row in (tree, lamp):
        data = (tmp_path / "out" / Path(row["file"]).name).read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (row["width"], row["height"]) and image.format == "PNG"
    assert abs(lamp["width"] - 400) < 20  # the resolution that the image has
    pages = raw["raw_books__pages"]
    assert pages["lost"].sum() == 0 and pages["doubled"].sum() == 0
    words = " ".join(raw["raw_books__blocks"]["text"])
    assert "Berths" not in words  # words of a drawing are no text


def test_a_figure_without_caption_or_label_has_its_words(tmp_path: Path) -> None:
    book = PdfMaker(tmp_path / "b.pdf")
    book.heading("1 Harbours", 1)
    book.prose("Every berth has a lamp. The picture below was taken at the second one.")
    place_image(book, picture((400, 240), "olive"), 180, 108)
    book.prose("In the picture above the water is low, and nobody is at the pier at all.")
    place_tree(book, ["Top", "One", "Two", "Three"])
    raw, shown = in_context(book.save(), tmp_path / "out")
    lamp, tree = shown.to_dicts()
    assert (lamp["kind"], tree["kind"]) == ("raster", "vector")
    for row in (lamp, tree):
        assert (row["caption"], row["label"]) == (None, None) and row["fault"] is None
        assert (tmp_path / "out" / Path(row["file"]).name).is_file()
        assert row["title_path"] == ["Harbours"]
    assert lamp["lead"].startswith("Every berth") and tree["lead"].startswith("In the picture")
    assert [one["words"] for one in lamp["refers"]] == ["The picture below", "the picture above"]
    assert tree["refers"] == []
    assert raw["raw_books__pages"]["lost"].sum() == 0


def test_a_paragraph_that_begins_with_the_label_is_no_second_caption(tmp_path: Path) -> None:
    book = PdfMaker(tmp_path / "b.pdf")
    book.heading("1 Harbours", 1)
    place_tree(book, ["Top", "One", "Two", "Three"])
    caption(book, "Figure 1.1 The tree")
    book.prose(paragraph(3))
    book.prose("Figure 1.1 has three children, and every one of them is restarted when it stops.")
    _, shown = in_context(book.save(), tmp_path / "out")
    (row,) = shown.to_dicts()
    assert row["caption"] == "Figure 1.1 The tree"
    assert [one["words"] for one in row["refers"]] == ["Figure 1.1"]


def test_code_tables_and_boxes_are_no_figures(tmp_path: Path, read: Read) -> None:
    for options in ({}, {"boxes": False}, {"numbers": True}):
        assert read(harbour(tmp_path / "book.pdf", **options)).figures == []
    book = PdfMaker(tmp_path / "b.pdf")
    book.heading("1 Boxes", 1)
    canvas = book.canvas
    book.prose(paragraph(1))
    canvas.roundRect(LEFT - 4, book.y - 52, PAGE[0] - 2 * LEFT + 8, 56, 6)  # a callout
    canvas.circle(LEFT + 8, book.y - 4, 4)
    book.prose(
        "Mind the gap between the boat and the pier, and mind the rope that lies on it too, "
        "for many a sailor fell over one or into the other on a night without a moon."
    )
    for row in range(4):
        for column in range(3):
            canvas.rect(LEFT + 90 * column, book.y - 20 * row - 20, 90, 20)
            canvas.setFont("Times-Roman", 9)
            canvas.drawString(LEFT + 90 * column + 4, book.y - 20 * row - 14, f"r{row} c{column}")
    book.y -= 100
    book.code(MODULE)
    parsed = read(book.save())
    assert parsed.figures == []
    assert "Mind the gap" in " ".join(block.text for block in parsed.blocks)
    assert [block.text for block in parsed.blocks if block.kind in CODE_KINDS] == [MODULE]


def test_a_background_behind_the_text_is_no_figure(tmp_path: Path, read: Read) -> None:
    book = PdfMaker(tmp_path / "b.pdf")
    for turn in range(2):
        place = (0, 0, *PAGE) if turn else (LEFT - 10, 300, PAGE[0] - 2 * LEFT + 20, 250)
        data = picture((300, 400), "lightgrey")
        from reportlab.lib.utils import ImageReader

        book.canvas.drawImage(ImageReader(io.BytesIO(data)), *place)
        book.heading(f"{turn + 1} Paper", 1)
        for number in range(4):
            book.prose(paragraph(10 * turn + number))
        book.turn()
    parsed = read(book.save())
    assert parsed.figures == [] and sum(block.kind == "prose" for block in parsed.blocks) == 8


@pytest.mark.parametrize("above", [True, False])
def test_captions_stand_above_or_below(tmp_path: Path, read: Read, above: bool) -> None:
    book = PdfMaker(tmp_path / "b.pdf")
    book.heading("1 Lamps", 1)
    for number in (1, 2):
        book.prose(paragraph(number))
        if above:
            caption(book, f"Figure 1.{number}: Lamp {number}")
        place_image(book, picture((200, 120), "olive" if number > 1 else "navy"), 120, 70)
        if not above:
            caption(book, f"Figure 1.{number}: Lamp {number}")
    parsed = read(book.save())
    said = [figure.caption.text if figure.caption else None for figure in parsed.figures]
    assert said == ["Figure 1.1: Lamp 1", "Figure 1.2: Lamp 2"]


def test_boxes_and_straight_lines_are_a_figure_where_a_caption_says_so(
    tmp_path: Path, read: Read
) -> None:
    def drawn(text: str) -> Parsed:
        book = PdfMaker(tmp_path / "b.pdf")
        book.heading("1 Layers", 1)
        book.prose(paragraph(1))
        for number, name in enumerate(("Web", "Core", "Store")):
            book.canvas.rect(LEFT + 60, book.y - 40 * number - 30, 120, 24)
            book.canvas.setFont("Helvetica", 9)
            book.canvas.drawString(LEFT + 100, book.y - 40 * number - 20, name)
            if number:
                x, y = LEFT + 120, book.y - 40 * number - 6
                book.canvas.line(x, y, x, y + 16)
        book.y -= 120
        caption(book, text)
        book.prose(paragraph(2))
        return read(book.save())

    (figure,) = drawn("Figure 1.1 Three layers").figures
    assert figure.words.split("\n") == ["Web", "Core", "Store"]
    assert drawn("Three layers and nothing else").figures == []


def test_figures_are_known_by_what_they_show(tmp_path: Path) -> None:
    ids: list[list[str]] = []
    more = "A paragraph that moves everything behind it down by some lines of text. " * 3
    for lead in ("", more):
        book = PdfMaker(tmp_path / "b.pdf")
        book.heading("1 Lamps", 1)
        if lead:
            book.prose(lead)
        place_tree(book, ["Top", "One", "Two", "Three"])
        book.prose(paragraph(2))
        place_image(book, picture((200, 120)), 120, 70)
        frames = read_book(book.save(), "b", Reading()).frames  # type: ignore[call-arg]
        figures = frames["raw_books__figures"].sort("ordinal")
        ids.append([*figures["figure_id"], *figures["block_id"]])
    assert ids[0] == ids[1] and len(set(ids[0])) == 4


def test_the_lake_holds_the_pictures_and_drops_those_of_the_build_before(tmp_path: Path) -> None:
    own = Settings.load(tmp_path / "home")
    own.books.mkdir(parents=True)
    path = own.books / "b.pdf"
    illustrated(path)
    house = House.open(own)
    assert build("raw_books", "b", house).status == "made"
    files = house.lake.read("raw_books__figures", "b")["file"].to_list()
    assert len(files) == 2 and all((own.home / file).is_file() for file in files)
    harbour(path)
    assert build("raw_books", "b", House.open(own)).status == "made"
    assert not any((own.home / file).exists() for file in files)


_WORD = st.sampled_from(["lamp", "pier", "x = 1", "do", "Figure 1.1", "a", "harbour", "|>", "end"])
_TEXT = st.tuples(
    st.integers(20, 300), st.integers(2, 40), st.sampled_from(["helv", "cour", "tiro"]),
    st.sampled_from([7.0, 10.0, 16.0]), st.lists(_WORD, min_size=1, max_size=8),
)  # fmt: skip
_SHAPE = st.tuples(
    st.sampled_from(["line", "oval", "box", "image"]), st.integers(10, 300), st.integers(20, 500),
    st.integers(3, 260), st.integers(3, 260),
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.lists(_TEXT, min_size=3, max_size=20), st.lists(_SHAPE, min_size=1, max_size=12)
        ),
        min_size=1, max_size=3,
    ),
    st.booleans(),
)  # fmt: skip
def test_whatever_is_drawn_no_character_is_lost(pages: list[Any], precise: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "any.pdf")
        with pymupdf.open() as document:
            for texts, shapes in pages:
                sheet = document.new_page(width=420, height=600)
                sheet.insert_text((40, 590), "enough words for a page that is no scan", fontsize=7)
                for kind, x, y, wide, high in shapes:
                    rect = pymupdf.Rect(x, y, min(x + wide, 415), min(y + high, 595))
                    if kind == "line":
                        sheet.draw_line(rect.tl, rect.br)
                    elif kind == "oval":
                        sheet.draw_oval(rect)
                    elif kind == "box":
                        sheet.draw_rect(rect)
                    else:
                        sheet.insert_image(rect, stream=IMAGE, keep_proportion=False)
                for x, row, font, size, words in texts:
                    sheet.insert_text((x, 14 * row), " ".join(words), fontname=font, fontsize=size)
            document.save(path)
        desk = Desk(figures=True)
        try:
            parsed = parse(path, Limits(precise=precise), lambda done, total: None, desk)
        except BookError as problem:  # every word stands inside of a drawing
            assert problem.code is Code.NO_CONTENT
            return
    assert [(row.lost, row.doubled) for row in parsed.pages] == [(0, 0)] * len(parsed.pages)
    for figure in parsed.figures:
        assert figure.fault or f"figures/{figure.file}" in desk.given
    assert len({id(block) for block in parsed.blocks}) == len(parsed.blocks)
    parsed.as_plain()


def test_reading_order_of_what_is_put_in() -> None:
    def at(page: int, top: float, left: float = 50.0) -> Place:
        return Place(0, 1, page=page, box=(left, top, left + 150, top + 40))

    blocks = [
        Block("prose", "a", places=[at(1, 500)]),
        Block("prose", "b", places=[at(1, 600), at(2, 50)]),
        Block("prose", "c", places=[at(2, 200)]),
        Block("prose", "d", places=[at(2, 60, 250)]),
    ]
    assert spot_on_page(blocks, 2, (50, 20, 200, 45)) == 2  # not into a running paragraph
    assert spot_on_page(blocks, 2, (50, 120, 200, 180)) == 2
    assert spot_on_page(blocks, 2, (50, 260, 200, 300)) == 3
    assert spot_on_page(blocks, 2, (250, 120, 400, 180)) == 4
    assert spot_on_page(blocks, 1, (50, 20, 200, 80)) == 0
    assert spot_on_page(blocks, 3, (50, 20, 200, 80)) == 4
