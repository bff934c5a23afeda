"""PDF layout: on books that the tests draw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.pdf import refuse_unmapped
from booktune_assets.books.reader import read_book
from booktune_assets.settings import Reading
from booktune_assets_tests.books.makers import (
    LEFT,
    MODULE,
    PdfMaker,
    harbour,
    harbour_code,
    paragraph,
)

Read = Callable[[Path], Parsed]


def code_of(parsed: Parsed) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind in CODE_KINDS]


@pytest.mark.parametrize(
    "options",
    [{}, {"boxes": False}, {"numbers": True}, {"outline": False}, {"head": False}],
    ids=["boxes", "no-boxes", "numbered", "no-outline", "no-heads"],
)
def test_code_is_exact_over_page_breaks(
    tmp_path: Path, read: Read, options: dict[str, bool]
) -> None:
    parsed = read(harbour(tmp_path / "book.pdf", **options))
    assert code_of(parsed) == harbour_code()


def test_some_listing_really_runs_over_a_page_break(tmp_path: Path, read: Read) -> None:
    parsed = read(harbour(tmp_path / "book.pdf"))
    split = [b for b in parsed.blocks if b.kind in CODE_KINDS and len(b.places) > 1]
    assert split
    for block in split:
        first, second = block.places
        assert second.page == (first.page or 0) + 1
        assert block.text[first.start : first.end].strip()
        assert block.text[second.start : second.end].strip()


@pytest.mark.parametrize("outline", [True, False])
def test_headings_levels_and_numbers(tmp_path: Path, read: Read, outline: bool) -> None:
    parsed = read(harbour(tmp_path / "book.pdf", outline=outline))
    heads = [(b.level, b.number, b.text) for b in parsed.blocks if b.kind == "heading"]
    assert heads[:3] == [
        (1, "1", "Tides"),
        (2, "1.1", "Part a of Tides"),
        (2, "1.2", "Part b of Tides"),
    ]
    assert len(heads) == 15


def test_running_heads_and_page_numbers_are_furniture(tmp_path: Path, read: Read) -> None:
    parsed = read(harbour(tmp_path / "book.pdf"))
    texts = [block.text for block in parsed.blocks if block.kind != "running_head"]
    assert not any(text.startswith("Page ") for text in texts)
    assert sum(text == "Tides" for text in texts) == 1
    for page in parsed.pages:
        assert page.kept + page.furniture + page.moved + page.repaired == page.chars
        assert page.lost == page.doubled == 0
    assert sum(page.furniture for page in parsed.pages) > 0


def test_prose_is_whole_and_kinds_are_told_apart(tmp_path: Path, read: Read) -> None:
    parsed = read(harbour(tmp_path / "book.pdf"))
    prose = [block.text for block in parsed.blocks if block.kind == "prose"]
    assert {paragraph(10 * n + turn) for n in (1, 2, 3) for turn in range(4)} <= set(prose)
    langs = {(block.kind, block.lang) for block in parsed.blocks if block.kind in CODE_KINDS}
    assert langs == {("code", "elixir"), ("iex", "iex")}


def test_places_have_pages_and_boxes_inside_the_page(tmp_path: Path, read: Read) -> None:
    parsed = read(harbour(tmp_path / "book.pdf"))
    pages = {page.page: page for page in parsed.pages}
    for block in parsed.blocks:
        assert block.places
        for place in block.places:
            page = pages[place.page or 0]
            assert place.box is not None and page.width and page.height
            x0, y0, x1, y1 = place.box
            assert 0 <= x0 < x1 <= page.width and 0 <= y0 < y1 <= page.height
            assert 0 <= place.start <= place.end <= len(block.text)


def test_numbers_that_are_code_are_not_taken_for_line_numbers(tmp_path: Path, read: Read) -> None:
    book = PdfMaker(tmp_path / "book.pdf")
    book.heading("1 Maps", 1)
    book.prose(paragraph(1))
    text = "%{\n1 => 4,\n2 => 1,\n3 => 2\n}"
    book.code(text)
    assert code_of(read(book.save())) == [text]


def test_long_lines_that_were_wrapped_are_joined(tmp_path: Path, read: Read) -> None:
    book = PdfMaker(tmp_path / "book.pdf")
    book.heading("1 Wraps", 1)
    book.prose(paragraph(1))
    book.code(
        'IO.puts("a line that is quite as wide as it can be in a\nlittle book", :of_boats)\n:ok'
    )
    assert code_of(read(book.save())) == [
        'IO.puts("a line that is quite as wide as it can be in a little book", :of_boats)\n:ok'
    ]


def test_hyphenation_is_undone_and_real_hyphens_stay(tmp_path: Path, read: Read) -> None:
    import pymupdf

    document = pymupdf.open()
    page = document.new_page(width=300, height=400)
    lines = (
        "A process keeps its mail-",
        "box to itself, and a well-",
        "known name helps. Its mailbox",
        "is well-known to all of us.",
    )
    for number, line in enumerate(lines):
        page.insert_text((40, 60 + 14 * number), line, fontsize=11)
    document.save(str(tmp_path / "book.pdf"))
    text = " ".join(block.text for block in read(tmp_path / "book.pdf").blocks)
    assert "its mailbox to itself" in text and "a well-known name" in text


@pytest.fixture
def soft_font() -> str:
    """A font that has a soft hyphen and a space of no width."""
    import reportlab

    return str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")


def lines_of(path: Path, *lines: str, font: str | None = None) -> Path:
    import pymupdf

    document = pymupdf.open()
    page = document.new_page(width=300, height=400)
    for number, line in enumerate(lines):
        name = "soft" if font else "helv"
        page.insert_text((40, 60 + 14 * number), line, fontsize=11, fontname=name, fontfile=font)
    document.save(str(path))
    return path


def test_a_hyphen_between_two_words_of_the_book_stays_and_why_is_said(
    tmp_path: Path, read: Read
) -> None:
    lines = (
        "A process is a cheap thing to start, and a fault-", "tolerant system has many. Its mail-",
        "box is its own; a mailbox is no queue. It is toler-", "able that one fails: one fault, "
        "one", "tolerant neighbour. Two are an ex-", "ception.",
    )  # fmt: skip
    parsed = read(lines_of(tmp_path / "book.pdf", *lines))
    text = " ".join(block.text for block in parsed.blocks)
    assert "a fault-tolerant system" in text and "an exception." in text
    assert "Its mailbox is" in text and "is tolerable that" in text
    whys = {str(c["after"]).split()[0]: c["why"] for c in parsed.changes if c["kind"] == "hyphens"}
    assert whys == {
        "box": "the word stands unbroken elsewhere",
        "able": "the word stands broken only, and its halves are not both words of the book",
        "ception.": "the word stands broken only, and its halves are not both words of the book",
    }


def test_a_hyphen_unlike_that_of_its_word_is_a_typesetters(tmp_path: Path, read: Read) -> None:
    import pymupdf

    font = tmp_path / "font.ttf"
    font.write_bytes(pymupdf.Font("cjk").buffer)  # has the hyphen that browsers draw
    lines = ("A node that is auto-restar\u2010", "ted has a well\u2010known name, well\u2010",
             "known to all, and re-start-", "ed it is, too.")  # fmt: skip
    parsed = read(lines_of(tmp_path / "book.pdf", *lines, font=str(font)))
    said = " ".join(block.text for block in parsed.blocks).replace("\u2010", "-")
    assert said == (
        "A node that is auto-restarted has a well-known name, well-known to all, "
        "and re-start-ed it is, too."
    )


def test_what_does_not_show_is_taken_off_prose(tmp_path: Path, read: Read, soft_font: str) -> None:
    lines = ("A su\u00adper\u00advisor starts its chil\u00ad", "dren in an order of its own.")
    parsed = read(lines_of(tmp_path / "book.pdf", *lines, font=soft_font))
    assert [b.text for b in parsed.blocks] == [
        "A supervisor starts its children in an order of its own."
    ]
    assert [(c["kind"], c["chars"]) for c in parsed.changes] == [("hyphens", 2), ("hyphens", 1)]
    assert [(page.lost, page.doubled) for page in parsed.pages] == [(0, 0)]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("untitled", ""), ("(Untitled Document)", ""), ("Untitled-1", ""), ("Untitled Tides", None)],
)
def test_a_title_that_says_there_is_none_is_none(
    tmp_path: Path, read: Read, said: str, wanted: str | None
) -> None:
    book = PdfMaker(tmp_path / "book.pdf", said)
    book.prose(paragraph(1))
    assert read(book.save()).title == (said if wanted is None else wanted)


def test_two_columns_are_read_one_after_the_other(tmp_path: Path, read: Read) -> None:
    import pymupdf

    document = pymupdf.open()
    page = document.new_page(width=500, height=400)
    for number in range(16):
        y = 60 + 14 * number
        left, right = f"left column row {number:02d}", f"right column row {number:02d}"
        page.insert_text((40, y), f"{left} runs on and on and on again", fontsize=10)
        page.insert_text((270, y), f"{right} runs on and on as well", fontsize=10)
    document.save(str(tmp_path / "book.pdf"))
    text = " ".join(block.text for block in read(tmp_path / "book.pdf").blocks)
    assert text.index("left column row 15") < text.index("right column row 00")


@pytest.mark.parametrize("turn", [90, 270])
def test_pages_that_are_stored_turned_are_read_upright(
    tmp_path: Path, read: Read, turn: int
) -> None:
    words = "A page that lies on its side in the file and stands upright for whoever reads it."
    with pymupdf.open() as document:
        for _ in range(2):
            page = document.new_page(width=600, height=400)
            spot = (60, 340) if turn == 90 else (540, 60)
            page.insert_text(spot, words[:40], fontsize=10, rotate=turn)
            page.insert_text((spot[0] + (14 if turn == 90 else -14), spot[1]), words[40:],
                             fontsize=10, rotate=turn)  # fmt: skip
            page.set_rotation(turn)
        document.save(tmp_path / "t.pdf")
    parsed = read(tmp_path / "t.pdf")
    assert [block.text for block in parsed.blocks] == [words, words]
    assert parsed.pages[0].width == 400 and parsed.pages[0].height == 600
    box = parsed.blocks[0].places[0].box
    assert box is not None and box[0] > 0 and box[2] < 400


def test_text_in_another_direction_is_told(tmp_path: Path, read: Read) -> None:
    """Page 2 has a listing on its side; a stamp and a note of every page are no text."""
    words = "A long sentence about the harbour and its boats, set along the side of the page."
    with pymupdf.open() as document:
        for number in range(1, 5):
            page = document.new_page(width=400, height=600)
            for row in range(16):
                page.insert_text((50, 60 + 14 * row), f"{row} {words[:50]}", fontsize=10)
            page.insert_text((20, 500), f"Draft of page {number}", fontsize=8, rotate=90)
            for row in range(3):
                page.insert_text((370 + 9 * row, 580), words, fontsize=7, rotate=90)
            if number == 2:
                for row in range(4):
                    page.insert_text((100 + 14 * row, 560), f"Enum.map(boats, {row})" * 2,
                                     fontsize=10, rotate=90)  # fmt: skip
        document.save(tmp_path / "t.pdf")
    parsed = read(tmp_path / "t.pdf")
    assert [page.code for page in parsed.pages] == [None, "TURNED_TEXT", None, None]
    assert [words for words in parsed.warnings if "TURNED" in words] == [
        "TURNED_TEXT: text that runs in another direction than the rest was left out: page 2"
    ]
    assert parsed.counts["pages_turned"] == 1
    assert not any(page.lost or page.doubled for page in parsed.pages)


def test_fonts_that_do_not_say_their_letters_give_no_text(tmp_path: Path) -> None:
    """A page of signs that stand for unknown letters is told, not kept."""
    drawn = PageDrawn(1, 400, 600, chars=40)
    edges = edges_of([float(n) for n in range(20)], [float(n + 1) for n in range(20)])
    run = Run("\ufffd" * 20, "F0", 9.0, 0, 0, edges)
    drawn.lines = [Line([run], 50.0, (0.0, 40.0, 20.0, 52.0))]
    parsed = Parsed("pdf")
    refuse_unmapped(drawn, parsed)
    assert drawn.unmapped and not drawn.lines and not drawn.chars
    assert drawn.outside == ["\ufffd" * 20] and parsed.warnings


def test_printed_page_numbers_are_kept(tmp_path: Path, read: Read) -> None:
    with pymupdf.open(harbour(tmp_path / "h.pdf", head=False)) as document:
        document.set_page_labels(
            [{"startpage": 0, "style": "r"}, {"startpage": 2, "style": "D", "prefix": "A-"}]
        )
        document.save(tmp_path / "l.pdf")
    parsed = read(tmp_path / "l.pdf")
    assert [row.label for row in parsed.pages[:4]] == ["i", "ii", "A-1", "A-2"]


TOPICS = ("tides", "boats", "piers", "lamps", "fog", "ropes")
SMALL = ("first look", "Second look")  # below the size of the text, one in small letters


def test_a_title_that_only_the_pages_say_is_that_of_the_book(tmp_path: Path) -> None:
    def made(name: str, foot: str) -> str:
        book = PdfMaker(tmp_path / name, outline=False)
        book.prose("The Harbour Book")
        book.prose("Ann Author")
        for number in range(1, 7):
            book.turn()
            book.heading(f"Chapter {number}: Tides", 1)
            for seed in range(8):
                book.prose(paragraph(seed + 10 * number))
        file = book.save()
        with pymupdf.open(file) as pages:
            for number in range(1, pages.page_count):
                page = pages[number]
                page.insert_text((200, page.rect.height - 18), foot, fontsize=8)
            pages.set_metadata({})
            pages.save(tmp_path / f"x-{name}")
        raw = read_book(tmp_path / f"x-{name}", "b", Reading())
        return str(raw.frames["raw_books"]["title"][0])

    assert made("a.pdf", "The Harbour Book") == "The Harbour Book"
    assert made("b.pdf", "Draft of May") == "x-b"  # nor is it the title of a chapter


def titles(parsed: Parsed) -> list[tuple[int | None, str]]:
    return [(b.level, b.text) for b in parsed.blocks if b.kind == "heading"]


def small_titles(path: Path, chapters: int, caption: str = "") -> Path:
    """A book without an outline, whose sections have titles in small bold type."""
    maker = PdfMaker(path, outline=False)
    for number in range(chapters):
        maker.heading(
            f"Chapter on {['tides', 'boats', 'piers', 'lamps', 'fog', 'ropes'][number]}", 1
        )
        for turn, words in enumerate(SMALL):
            maker.prose(paragraph(10 * number + turn, 60))
            maker.y -= 20
            maker.canvas.setFont("Helvetica-Bold", 9.5)
            maker.canvas.drawString(LEFT, maker.y, caption or f"{words} at {number}")
            maker.y -= 4
        maker.prose(paragraph(10 * number + 5, 60))
    return maker.save()


def test_titles_smaller_than_the_text_are_headings_where_that_is_a_habit(
    tmp_path: Path, read: Read
) -> None:
    found = titles(read(small_titles(tmp_path / "b.pdf", 5)))
    wanted = [f"{words} at {number}" for number in range(5) for words in SMALL]
    assert [text for level, text in found if level == 2] == wanted
    assert len([text for level, text in found if level == 1]) == 5
    one = titles(read(small_titles(tmp_path / "c.pdf", 1)))  # no habit: it may be a label
    assert [text for _, text in one] == ["Chapter on tides"]
    same = titles(read(small_titles(tmp_path / "d.pdf", 5, "Figure 3")))
    assert len(same) == 5


def face_titles(path: Path, chapters: int, followed: bool = True) -> Path:
    """Chapters with sections whose titles are in italics as large as text, and no outline."""
    maker = PdfMaker(path, outline=False)
    for number in range(chapters):
        maker.heading(f"Chapter on {TOPICS[number]}", 1)
        for turn, words in enumerate(SMALL):
            maker.prose(paragraph(10 * number + turn, 60))
            maker.y -= 22
            maker.canvas.setFont("Times-Italic", 10.5)
            maker.canvas.drawString(LEFT, maker.y, f"{words} at {number}")
            maker.y -= 4
            if not followed:
                maker.code(MODULE)
        maker.prose(paragraph(10 * number + 5, 60))
    return maker.save()


def test_titles_that_only_italics_set_apart_are_headings_where_that_is_a_habit(
    tmp_path: Path, read: Read
) -> None:
    found = titles(read(face_titles(tmp_path / "b.pdf", 5)))
    wanted = [f"{words} at {number}" for number in range(5) for words in SMALL]
    assert [text for level, text in found if level == 2] == wanted
    assert len(titles(read(face_titles(tmp_path / "c.pdf", 1)))) == 1  # may be anything
    over_code = titles(read(face_titles(tmp_path / "d.pdf", 5, followed=False)))
    assert len(over_code) == 5  # captions of listings


def test_lone_numbers_above_titles_count_chapters(tmp_path: Path, read: Read) -> None:
    maker = PdfMaker(tmp_path / "b.pdf", outline=False)
    for number, topic in enumerate(TOPICS[:4], start=1):
        maker.turn()
        maker.y -= 30
        maker.canvas.setFont("Times-Roman", 11)
        maker.canvas.drawString(200, maker.y, str(number))
        maker.y -= 24
        maker.canvas.setFont("Times-Roman", 14)
        maker.canvas.drawString(180, maker.y, f"Of {topic}")
        maker.y -= 10
        maker.prose(paragraph(number, 80 * number))
        maker.heading(f"{number}.1 More of {topic}", 2)
        maker.prose(paragraph(20 + number, 300))
    found = read(maker.save())
    assert titles(found) == [
        pair for topic in TOPICS[:4] for pair in ((1, f"Of {topic}"), (2, f"More of {topic}"))
    ]
    numbers = [b.number for b in found.blocks if b.kind == "heading" and b.level == 1]
    assert numbers == ["1", "2", "3", "4"]


NOTES = ("Of all tides.", "Ropes are told later.", "Nobody knows.", "See the pier, and its lamps.")


def test_footnotes_stand_at_the_foot_of_the_first_column_too(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "book.pdf"), pagesize=(500, 500), invariant=True)
    for page in range(4):
        for column, x in enumerate((40, 270)):
            canvas.setFont("Times-Roman", 9)
            for row in range(28):
                words = " ".join(paragraph(100 * page + 40 * column + row, 9).split()[:9])
                canvas.drawString(x, 450 - 13 * row, f"{words[:42]}")
            if column == 0:
                canvas.setFont("Times-Roman", 7)
                canvas.drawString(x, 450 - 13 * 28 - 8, f"{page + 1} {NOTES[page]}")
        canvas.showPage()
    canvas.save()
    notes = [b.text for b in read(tmp_path / "book.pdf").blocks if b.kind == "footnote"]
    assert notes == list(NOTES)
