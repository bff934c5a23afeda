"""Pages that are images of text: never an empty success, recognised where that is asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import CODE_KINDS, Block, Limits, Page, Parsed, Place
from booktune_assets.books.desk import Desk
from booktune_assets.books.drawings import find_drawings
from booktune_assets.books.fonts import measure
from booktune_assets.books.formats import parse
from booktune_assets.books.glyphs import PageDrawn
from booktune_assets.books.onside import best_turn, is_sound, lay_back
from booktune_assets.books.packed import Pages
from booktune_assets.books.paths import Mark
from booktune_assets.books.reader import read_book
from booktune_assets.books.recognised import Word, lines_of
from booktune_assets.books.scans import read_scans
from booktune_assets.books.tessdata import find_tessdata, missing_languages, packages_for
from booktune_assets.cli.checkup import checkup
from booktune_assets.contracts import check
from booktune_assets.errors import BookError, Code, MissingPrerequisite
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Reading, Settings
from booktune_assets_tests.books.makers import PdfMaker, harbour

needs_tesseract = pytest.mark.skipif(
    bool(missing_languages(find_tessdata(), "eng")),
    reason="Tesseract's English data are not here (apt-get install tesseract-ocr)",
)
OCR = Reading(ocr=True)  # type: ignore[call-arg]
SENTENCE = "Boats that come into the harbour at night follow the lamp on the pier."


def scan_of(source: Path, target: Path, pages: list[int], dpi: int = 200) -> Path:
    """The same book with some of its pages as images; the others stay as they are."""
    with pymupdf.open(source) as old, pymupdf.open() as new:
        for number, page in enumerate(old, start=1):
            if number not in pages:
                new.insert_pdf(old, from_page=number - 1, to_page=number - 1)
                continue
            sheet = new.new_page(width=page.rect.width, height=page.rect.height)
            sheet.insert_image(sheet.rect, pixmap=page.get_pixmap(dpi=dpi))
        new.save(target, deflate=True)
    return target


def test_stamps_on_scans_are_no_text_of_the_book(tmp_path: Path) -> None:
    scan_of(small(tmp_path / "a.pdf"), tmp_path / "b.pdf", [1, 2, 3])
    with pymupdf.open(tmp_path / "b.pdf") as book:
        for sheet in book:
            sheet.insert_text((40, 580), "Licensed to Ann Author, 2024-02-03", fontsize=6)
        book.save(tmp_path / "c.pdf")
    with pytest.raises(BookError) as raised:
        parse(tmp_path / "c.pdf", Limits(), lambda done, total: None)
    assert raised.value.code is Code.NO_TEXT_LAYER and "ocr" in raised.value.remedy


def test_recognised_text_has_the_face_of_the_text_on_other_pages() -> None:
    lines = [
        [Word(word, 50.0 + 40 * n, y, 85.0 + 40 * n, y + 10, y + 9, 10.4 + y / 200)
         for n, word in enumerate(("boats", "come", "home"))]
        for y in (100.0, 114.0, 128.0)
    ]  # fmt: skip
    title = [Word("Lamps", 50.0, 60.0, 120.0, 80.0, 78.0, 21.0)]
    (made,) = lines_of({1: [title, *lines]}, ("Serif", 10.5)).values()
    assert {(run.font, run.size) for line in made[1:] for run in line.runs} == {("Serif", 10.5)}
    assert made[0].runs[0].font != "Serif" and made[0].runs[0].size == 21.0


def small(path: Path) -> Path:
    book = PdfMaker(path, head=False)
    book.heading("1 Harbours", 1)
    book.prose(f"{SENTENCE} The keeper of the pier lights it every evening before the sun is gone.")
    book.code("defmodule Lamp do\n  def light(level) do\n    level + 1\n  end\nend")
    book.prose("When the fog is thick the keeper rings the bell as well until the last boat is in.")
    book.code("iex> Lamp.light(4)\n5\niex> Enum.map([1, 2], &Lamp.light/1)\n[2, 3]")
    return book.save()


def test_a_scan_is_refused_with_the_setting_and_the_package(tmp_path: Path) -> None:
    path = scan_of(small(tmp_path / "a.pdf"), tmp_path / "b.pdf", [1])
    with pytest.raises(BookError) as caught:
        read_book(path, "b", Reading())  # type: ignore[call-arg]
    assert caught.value.code is Code.NO_TEXT_LAYER
    assert "reading.ocr = true" in str(caught.value) and "tesseract-ocr" in str(caught.value)


def test_some_scanned_pages_are_counted_and_said(tmp_path: Path) -> None:
    path = scan_of(harbour(tmp_path / "a.pdf"), tmp_path / "b.pdf", [2, 4])
    raw = read_book(path, "b", Reading())  # type: ignore[call-arg]
    pages = raw.frames["raw_books__pages"].sort("page")
    assert pages["status"].to_list().count("scanned") == raw.counts["pages_scanned"] == 2
    assert pages["status"][1] == "scanned" and pages["source"][1] is None
    assert pages["source"][0] == "text"
    (words,) = raw.frames["raw_books"]["warnings"][0]
    assert words.startswith("2 of ") and "reading.ocr = true" in words
    assert raw.frames["raw_books__figures"].is_empty()


def test_without_the_data_of_tesseract_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    path = scan_of(small(tmp_path / "a.pdf"), tmp_path / "b.pdf", [1])
    for language, packages in (("eng", "tesseract-ocr,"), ("deu", "tesseract-ocr-deu,")):
        reading = Reading(ocr=True, ocr_language=language)  # type: ignore[call-arg]
        with pytest.raises(MissingPrerequisite) as caught:
            read_book(path, "b", reading)
        assert caught.value.code is Code.MISSING_PROGRAM
        assert f"apt-get install {'tesseract-ocr ' if language != 'eng' else ''}{packages}" in str(
            caught.value
        )
    # a book that needs none is read
    assert read_book(tmp_path / "a.pdf", "b", OCR).counts["rows"] > 3


def test_the_doctor_says_whether_the_data_are_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    file = tmp_path / "booktune.toml"
    levels: list[tuple[str, str]] = []
    for asked in ("false", "true"):
        file.write_text(f"[reading]\nocr = {asked}\n")
        found = checkup(Settings.load(tmp_path, file))
        levels += [(one.level, one.remedy) for one in found if one.name == "tesseract"]
    assert levels == [
        ("warn", "apt-get install tesseract-ocr"), ("problem", "apt-get install tesseract-ocr"),
    ]  # fmt: skip
    (tmp_path / "eng.traineddata").write_bytes(b"x")
    found = checkup(Settings.load(tmp_path, file))
    assert [one.level for one in found if one.name == "tesseract"] == ["ok"]


def test_packages_are_named_as_debian_names_them() -> None:
    assert packages_for(["eng"]) == "tesseract-ocr"
    assert packages_for(["deu", "chi_sim"]) == (
        "tesseract-ocr tesseract-ocr-deu tesseract-ocr-chi-sim"
    )


def test_language_settings_are_plain_words(tmp_path: Path) -> None:
    file = tmp_path / "booktune.toml"
    file.write_text('[reading]\nocr_language = "eng; rm"\n')
    with pytest.raises(BookError) as caught:
        Settings.load(tmp_path, file)
    assert caught.value.code is Code.BAD_SETTING


@needs_tesseract
def test_a_scan_is_recognised_marked_and_kept(tmp_path: Path) -> None:
    path = scan_of(small(tmp_path / "a.pdf"), tmp_path / "b.pdf", [1])
    kept = tmp_path / "kept"
    raw = read_book(path, "b", OCR, kept=kept)
    for name, frame in raw.frames.items():
        check(TABLES[name], frame)
    text = " ".join(raw.frames["raw_books__blocks"]["text"])
    assert SENTENCE in text
    page = raw.frames["raw_books__pages"].row(0, named=True)
    assert (page["source"], page["status"], page["lost"], page["doubled"]) == ("ocr", "ok", 0, 0)
    assert raw.counts["pages_ocr"] == 1
    assert "recognised in images" in raw.frames["raw_books"]["warnings"][0][0]
    (file,) = kept.iterdir()
    assert re.fullmatch(r"[0-9a-f]{64}\.json", file.name)

    said = file.read_text().replace("harbour", "HARBOUR")
    file.write_text(said)  # what is kept is what is taken
    again = read_book(path, "b", OCR, kept=kept)
    assert "HARBOUR" in " ".join(again.frames["raw_books__blocks"]["text"])
    file.write_text("{not json")  # and what is broken is made anew
    third = read_book(path, "b", OCR, kept=kept)
    assert SENTENCE in " ".join(third.frames["raw_books__blocks"]["text"])


@needs_tesseract
def test_code_of_a_scan_is_code_in_its_columns(tmp_path: Path) -> None:
    path = scan_of(harbour(tmp_path / "a.pdf", head=False), tmp_path / "b.pdf", [1, 2], dpi=300)
    blocks = parse(
        path, Limits(ocr=True, tessdata=find_tessdata()), lambda done, total: None
    ).blocks
    here = [b for b in blocks if b.places[0].page in (1, 2) and b.kind in CODE_KINDS]
    lines = [line for block in here for line in block.text.split("\n")]
    assert "  def high?(level) when level > 3 do" in lines
    assert sum(line == "    true" for line in lines) >= 2
    prose = " ".join(b.text for b in blocks if b.places[0].page in (1, 2) and b.kind == "prose")
    assert "defmodule" not in prose and "In section 1.1 the shell shows" in prose


@needs_tesseract
def test_only_pages_without_text_are_recognised(tmp_path: Path) -> None:
    path = scan_of(harbour(tmp_path / "a.pdf"), tmp_path / "b.pdf", [2])
    kept = tmp_path / "kept"
    raw = read_book(path, "b", OCR, kept=kept)
    pages = raw.frames["raw_books__pages"].sort("page")
    assert pages["source"].to_list() == ["text", "ocr", *["text"] * (pages.height - 2)]
    assert len(list(kept.iterdir())) == raw.counts["pages_ocr"] == 1


@needs_tesseract
def test_a_text_layer_that_recognition_made_is_not_all_code(tmp_path: Path) -> None:
    """Tools write what they recognise in one font without glyphs that calls itself fixed."""
    source = harbour(tmp_path / "a.pdf")
    with pymupdf.open(source) as old, pymupdf.open() as new:
        for number in range(2):
            data = old[number].get_pixmap(dpi=200).pdfocr_tobytes(tessdata=find_tessdata())
            with pymupdf.open(stream=data, filetype="pdf") as sheet:
                new.insert_pdf(sheet)
        new.save(tmp_path / "b.pdf")
    parsed = parse(tmp_path / "b.pdf", Limits(), lambda done, total: None)
    kinds = [block.kind for block in parsed.blocks]
    assert kinds.count("prose") >= 2 and any(kind in CODE_KINDS for kind in kinds)
    assert parsed.pages[0].source == "text"
    assert any("made by text recognition" in words for words in parsed.warnings)
    assert all(page.lost == page.doubled == 0 for page in parsed.pages)


@needs_tesseract
def test_the_shared_scan(shared: Path) -> None:
    raw = read_book(shared / "hostile" / "scanned-image-only.pdf", "b", OCR)
    text = " ".join(raw.frames["raw_books__blocks"]["text"])
    assert "appeases the masses" in text and raw.counts["pages_ocr"] == 3


def kettle(path: Path, *, picture: bool) -> Path:
    """One scanned sheet: text, a narrow listing, a picture (or none) with a caption, text."""
    with pymupdf.open() as old, pymupdf.open() as new:
        page = old.new_page(width=400, height=330)
        page.insert_text((40, 230), "Figure 1.1: A kettle", fontname="tiro", fontsize=11)
        for y in (36, 50, 260, 274):
            page.insert_text((40, y), SENTENCE, fontname="tiro", fontsize=11)
        for row, text in enumerate(KETTLE):
            page.insert_text((50, 80 + 13 * row), text, fontname="cour", fontsize=10)
        if picture:
            pixels = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 60, 30))
            pixels.set_rect(pixels.irect, (200, 30, 90))
            page.insert_image((90, 150, 250, 215), pixmap=pixels)
        sheet = new.new_page(width=400, height=330)
        sheet.insert_image(sheet.rect, pixmap=page.get_pixmap(dpi=250))
        new.save(path, deflate=True)
    return path


KETTLE = ["defmodule Tea do", "  def boil(kettle) do", "    {:ok, kettle}", "  end", "end"]


@needs_tesseract
@pytest.mark.parametrize("picture", [True, False])
def test_no_line_above_a_caption_of_a_scan_is_words_in_a_drawing(
    tmp_path: Path, picture: bool
) -> None:
    raw = read_book(kettle(tmp_path / "a.pdf", picture=picture), "a", OCR)
    assert raw.frames["raw_books__figures"].is_empty()
    blocks = raw.frames["raw_books__blocks"]
    assert "defmodule Tea do" in "\n".join(blocks["text"])
    assert "Figure 1.1: A kettle" in blocks["text"].to_list()


def test_drawings_of_a_recognised_page_take_no_line() -> None:
    """Layers that other tools made: the type parts no labels from text, images stay figures."""
    lines = lines_of({1: spoken(["Kettle", "Cup", "Pot"], None, 60)})[1]
    art = [Mark((50.0, 200.0 + n, 250.0, 290.0), True) for n in range(6)]
    for recognised, wanted in ((True, [("raster", 0)]), (False, [("raster", 3), ("vector", 0)])):
        page = PageDrawn(1, 400.0, 500.0, lines, chars=60, recognised=recognised, marks=art)
        page.pictures.append(((40.0, 40.0, 260.0, 130.0), 440, 180))
        drawn = Pages()
        drawn.append(page)
        found = find_drawings(drawn, measure([page]), {})
        assert [(one.kind, len(one.lines)) for one in found[1]] == wanted


def spoken(texts: list[str], widths: dict[str, float] | None, top: float) -> list[list[Word]]:
    """Lines of words: in fixed pitch, or with the widths of a proportional font."""
    lines: list[list[Word]] = []
    for number, text in enumerate(texts):
        base, x, words = top + 12 * number, 50.0, list[Word]()
        step = 5.4
        for column, char in enumerate(text):
            wide = step if widths is None else widths.get(char, 5.0)
            if char != " ":
                if column and text[column - 1] != " " and words:
                    words[-1].text += char
                    words[-1].x1 = x + wide
                else:
                    words.append(
                        Word(char, x, base - 8, x + wide, base + 2, base, 9.0 + number % 2)
                    )
            x += wide
        lines.append(words)
    return lines


def test_fixed_pitch_is_told_by_columns() -> None:
    code = ["def run(list) do", "  list |> Enum.map(fn x -> x + 1 end)", "  x = %{a: 1,    b: 2}",
            "  Enum.zip(one, two) |> Map.new()", "  other = fn a -> a * 2 end", "end"]  # fmt: skip
    narrow = dict.fromkeys("iltfj.,' ", 2.6) | dict.fromkeys("mwMW", 7.8)
    prose = ["will it fill till the mill is still, little by little", "mammoth women warm him now",
             "a lamp is lit in the window of the mill when it is time to row home"]  # fmt: skip
    made = lines_of({1: [*spoken(code, None, 60), *spoken(prose, narrow, 300)]})[1]
    assert [line.text for line in made] == [*(text.strip() for text in code), *prose]
    assert [line.runs[0].font.endswith("Mono") for line in made] == [True] * 6 + [False] * 3
    assert len({line.runs[0].size for line in made[6:]}) == 1  # that of the book


@pytest.mark.parametrize("fixed", [True, False])
def test_a_little_code_is_told_by_its_signs_and_columns(fixed: bool) -> None:
    """One page of a book is a scan: no line of its listing is long enough to tell alone."""
    code = ["defmodule Tides do", "  @moduledoc false", "  def high?(level) do", "    level > 3",
            "  def low?(level) do", "  def ebb?(level) do", "end"]  # fmt: skip
    narrow = dict.fromkeys("iltfj.,' ", 2.6) | dict.fromkeys("mwMW", 7.8)
    prose = ["will it fill till the mill is still, little by little", "mammoth women warm him now"]
    lines = [*spoken(code, None if fixed else narrow, 60), *spoken(prose, narrow, 300)]
    made = lines_of({1: lines})[1]
    mono = [line.runs[0].font.endswith("Mono") for line in made]
    assert mono == [fixed] * len(code) + [False] * len(prose)


def test_rows_of_noise_are_code_where_their_words_stand_below_those_of_code() -> None:
    """Recognition reads words and misreads prompts, and the border of a box as a letter of them."""
    typed = ["iex> Enum.map(list, fn x -> x + 1 end)", "iex> case Tides.rise(level, 2) do",
             "...>   {:ok, level} -> level", '...>   {:error, _} -> "the tide is low"', "...> end",
             '"the tide is low"', "iex> level = Tides.fall(level, 3)", "7"]  # fmt: skip
    lines = [*spoken(typed * 2, None, 60), *spoken(["level is the tide of the morning"], {}, 252)]
    for line in lines:
        if line[0].text == "...>":
            line[0] = Word("oo", line[0].x0 + 3, line[0].y0, line[0].x0 + 12, 0, line[0].base, 6.0)
            for word in line[1:]:
                word.text = word.text[: (len(word.text) + 1) // 2].strip(":>{}()=") + "y"
    lines[6][0].text, lines[7][0].text = "jiex>", "il"
    narrow = dict.fromkeys("iltfj.,' ", 2.6) | dict.fromkeys("mwMW", 7.8)
    lines += spoken(["mammoth women warm him now", "it is late"], narrow, 264)
    mono = [line.runs[0].font.endswith("Mono") for line in lines_of({1: lines})[1]]
    assert mono == [True] * (2 * len(typed)) + [False] * 3


@pytest.mark.parametrize(("mode", "told"), [(3, True), (0, False)])
def test_an_invisible_layer_over_images_is_said_to_be_recognised(
    tmp_path: Path, mode: int, told: bool
) -> None:
    """Other programs than Tesseract write such layers in a plain font; visible text is text."""
    sheet = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 60, 80))
    sheet.clear_with(200)
    with pymupdf.open() as document:
        for number in range(3):
            page = document.new_page(width=300, height=400)
            page.insert_image(page.rect, pixmap=sheet)
            for row in range(12):
                text = f"The keeper of harbour {number} counts the boats in row {row}."
                page.insert_text((30, 60 + 14 * row), text, fontsize=9, render_mode=mode)
        document.save(tmp_path / "layer.pdf")
    parsed = parse(tmp_path / "layer.pdf", Limits(), lambda done, total: None)
    assert "keeper of harbour 2" in " ".join(block.text for block in parsed.blocks)
    said = any("made by text recognition" in words for words in parsed.warnings)
    assert said is told


def words(*lines: str) -> list[list[Word]]:
    return [[Word(text, 1, 2, 3, 4, 4, 9) for text in line.split()] for line in lines]


def test_only_what_reads_like_text_turns_a_sheet() -> None:
    noise, text = words("3 oe | Ss c¢ 2% a] x6 §§ eo w2 ;", "& 8 =I Q"), words(SENTENCE)
    assert is_sound(text) and is_sound(words("3 | 4")) and not is_sound(noise)
    assert best_turn(noise, [(90, noise), (270, text), (180, text)]) == (270, text)
    assert best_turn(noise, [(90, words("lamps")), (270, noise)]) == (0, noise)
    assert not is_sound(words("yBnous Jedu SI INOqUeY aU} |IWUN dy} UO Awe] dy} MO}|O} syeog"))
    assert is_sound(words("GenServer.handle_call(Żaba, 灯台灯台)"))
    parsed = Parsed("pdf", pages=[Page(1, width=100.0, height=50.0)])
    parsed.blocks = [Block("prose", "a", places=[Place(0, 1, page=1, box=(10.0, 5.0, 30.0, 9.0))])]
    lay_back(parsed, {1: 180})
    assert parsed.blocks[0].places[0].box == (70.0, 41.0, 90.0, 45.0)


@needs_tesseract
@pytest.mark.parametrize("turn", [90, 270])
def test_a_sheet_on_its_side_is_read_and_its_boxes_lie_on_it(tmp_path: Path, turn: int) -> None:
    with pymupdf.open() as old, pymupdf.open() as new:
        page = old.new_page(width=260, height=90)
        page.insert_text((20, 30), "Boats follow the lamp on the pier", fontsize=12)
        page.insert_text((20, 46), "until the harbour is near enough.", fontsize=12)
        sheet = new.new_page(width=90, height=260)
        sheet.insert_image(sheet.rect, pixmap=page.get_pixmap(dpi=200), rotate=turn)
        new.save(tmp_path / "b.pdf", deflate=True)
    limits = Limits(ocr=True, tessdata=find_tessdata())
    parsed = parse(tmp_path / "b.pdf", limits, lambda done, total: None)
    assert "the lamp on the pier" in " ".join(block.text for block in parsed.blocks)
    with pymupdf.open(tmp_path / "b.pdf") as book:
        page = book[0]
        boxes = [place.box for block in parsed.blocks for place in block.places if place.box]

        def dark(clip: pymupdf.Rect) -> int:
            return sum(one < 99 for one in page.get_pixmap(clip=clip, colorspace=gray).samples)

        gray = pymupdf.csGRAY
        whole, inside = dark(page.rect), sum(dark(pymupdf.Rect(box)) for box in boxes)
    assert inside > 0.8 * whole > 0


def test_pages_of_outlines_are_told_by_those_among_which_they_stand() -> None:
    def statuses(*paths: int) -> list[str]:
        parsed = Parsed("pdf", pages=[Page(n, status="empty") for n in range(1, len(paths) + 1)])
        drawn = Pages()
        for number, many in enumerate(paths, start=1):
            marks = [Mark((0.0, 0.0, 5.0, 5.0), True)] * many
            drawn.append(PageDrawn(number, 100.0, 100.0, marks=marks))
        read_scans(None, drawn, parsed, Limits(), Desk(), lambda done, total: None)
        return [page.status for page in parsed.pages]

    assert statuses(300, 40, 3) == ["scanned", "scanned", "empty"]
    assert statuses(40, 40) == ["empty", "empty"]
