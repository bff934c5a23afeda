"""What ``benchmarks/_reprints.py`` sets: parts in columns, three columns, floats, terms, maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.bands import BandEdges
from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.misnamed import mend_misnamed
from booktune_assets.books.packed import Pages

Read = Callable[[Path], Parsed]
WORDS = ["tide", "comes", "in", "goes", "out", "harbour", "keeps", "its", "boats", "order"]
CODE = ["defmodule Tide do", "  def rise(level), do: level + 1", "", "  def fall(level) do",
        "    level - 1", "  end", "end"]  # fmt: skip
NAMES = ["Harbours", "Ledgers", "Beacons", "Lanterns", "Anchors", "Kettles", "Signals", "Parcels"]


def words(seed: int, count: int) -> str:
    return " ".join(WORDS[(seed * 3 + at) % len(WORDS)] for at in range(count))


class Sheet:
    """A book that is written row by row."""

    def __init__(self, width: float = 440, height: float = 620) -> None:
        self.document = pymupdf.open()
        self.size = width, height
        self.turn()

    def turn(self) -> None:
        self.page = self.document.new_page(width=self.size[0], height=self.size[1])
        self.y = 60.0

    def row(self, text: str, x: float = 30, font: str = "tiro", size: float = 9,
            down: float = 12) -> None:  # fmt: skip
        self.page.insert_text((x, self.y), text, fontname=font, fontsize=size)
        self.y += down

    def rows(self, tag: str, count: int, wide: int, x: float = 30, size: float = 9) -> None:
        for at in range(count):
            self.row(f"{tag}{at} {words(at + sum(map(ord, tag)), wide)}", x, size=size)

    def code(self, rows: Sequence[str], x: float = 40, size: float = 8, down: float = 10) -> None:
        for row in rows:
            self.row(row, x, "cour", size, down)
        self.y += 10

    def read(self, read: Read, path: Path) -> Parsed:
        self.document.save(path)
        parsed = read(path)
        assert all((page.lost, page.doubled) == (0, 0) for page in parsed.pages)
        return parsed


def marks(parsed: Parsed) -> list[str]:
    text = " ".join(block.text for block in parsed.blocks)
    return [word for word in text.split() if word[:1] in "abcd" and "." in word]


def listings(parsed: Parsed) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind in CODE_KINDS]


def heads(parsed: Parsed) -> list[tuple[str, int | None]]:
    return [(block.text, block.level) for block in parsed.blocks if block.kind == "heading"]


def test_a_part_of_a_page_in_two_columns(tmp_path: Path, read: Read) -> None:
    sheet, wanted = Sheet(), list[str]()
    for page in range(1, 4):
        for tag, count, wide, x in (("a", 12, 14, 30), ("b", 8, 7, 30), ("c", 7, 7, 230),
                                    ("d", 12, 14, 30)):  # fmt: skip
            if tag == "c":
                sheet.y -= 8 * 12
            sheet.rows(f"{tag}{page}.", count, wide, x)
            if tag == "c":
                sheet.y += 24
            sheet.y += 8 if tag == "a" else 0
            wanted += [f"{tag}{page}.{at}" for at in range(count)]
        sheet.turn()
    assert marks(sheet.read(read, tmp_path / "p.pdf")) == wanted


def test_cells_of_a_table_are_no_part_in_columns() -> None:
    edges = BandEdges(())
    for _ in range(4):
        lines: list[Line] = []
        for row in range(6):
            for x in (30.0, 230.0):
                for at in range(2):
                    y = 60 + 44 * row + 12 * at
                    run = Run("keeps its boats in order", "Serif", 9, 0, 0, b"")
                    lines.append(Line([run], y, (x, y - 7, x + 180 - 30 * at, y + 2)))
        edges.see(lines)
    assert edges.edges() == ()


def test_three_columns_are_read_one_after_the_other(tmp_path: Path, read: Read) -> None:
    sheet, wanted = Sheet(width=660), list[str]()
    for page in range(1, 5):
        for tag, x in (("a", 30), ("b", 235), ("c", 440)):
            sheet.y = 60
            sheet.rows(f"{tag}{page}.", 30 - page, 6, x)
            wanted += [f"{tag}{page}.{at}" for at in range(30 - page)]
        sheet.turn()
    assert marks(sheet.read(read, tmp_path / "t.pdf")) == wanted


def test_weight_and_slant_tell_levels_of_one_size(tmp_path: Path, read: Read) -> None:
    sheet, wanted = Sheet(), list[tuple[str, int]]()
    for page, name in enumerate(NAMES[:4]):
        for level, font in enumerate(("hebo", "helv", "heit"), start=1):
            sheet.y += 14
            title = f"{name} of {WORDS[page + level]}"
            sheet.row(title, font=font, size=12, down=20)
            sheet.rows(f"a{page}.", 4, 13)
            wanted.append((title, level))
        sheet.turn()
    assert heads(sheet.read(read, tmp_path / "e.pdf")) == wanted


def test_bold_terms_and_heads_of_tables_are_no_titles(tmp_path: Path, read: Read) -> None:
    sheet = Sheet()
    for page, name in enumerate(NAMES[:5]):
        sheet.row(name, font="hebo", size=14, down=24)
        sheet.rows(f"a{page}.", 4, 13)
        sheet.y += 10
        sheet.row(f"Keeper {WORDS[page]}", font="tibo")
        sheet.rows(f"b{page}.", 3, 11, x=48)
        sheet.y += 10
        for font, cells in (("tibo", ("Call", "Result")), ("tiro", ("rise", "one more")),
                            ("tiro", ("fall", "one less"))):  # fmt: skip
            sheet.row(cells[0], font=font, down=0)
            sheet.row(cells[1], 150, font, down=14)
        sheet.y += 10
        sheet.rows(f"c{page}.", 4, 13)
        sheet.turn()
    assert [text for text, _ in heads(sheet.read(read, tmp_path / "b.pdf"))] == NAMES[:5]


def test_code_in_two_sizes_keeps_its_blank_lines(tmp_path: Path, read: Read) -> None:
    sheet = Sheet()
    for page in range(5):
        for size, down in ((9.0, 12.0), (9.0, 12.0), (6.0, 7.2)):
            sheet.rows(f"a{page}.", 3, 13)
            sheet.y += 4
            sheet.code(CODE, size=size, down=down)
            sheet.y += 6
        sheet.turn()
    assert listings(sheet.read(read, tmp_path / "s.pdf")) == ["\n".join(CODE)] * 15


def test_listings_a_little_apart_are_two(tmp_path: Path, read: Read) -> None:
    sheet, short = Sheet(), ["rise(1)", "fall(2)"]
    for page in range(4):
        sheet.rows(f"a{page}.", 3, 13)
        sheet.y += 6
        for _ in range(3):
            sheet.code(short, down=16)
            sheet.y -= 6  # a quarter of a row is left
        sheet.y += 20
        sheet.code(CODE, down=16)
        sheet.turn()
    found = listings(sheet.read(read, tmp_path / "l.pdf"))
    assert found == (["\n".join(short)] * 3 + ["\n".join(CODE)]) * 4


def _floated(sheet: Sheet, page: int) -> str:
    code = [f"def float_{page}(x) do", "  x", "end"]
    sheet.row(f"Listing {3 * page + 2}: What {NAMES[page]} {words(page, 2)}", x=150, down=16)
    sheet.code(code)
    sheet.y += 30
    return "\n".join(code)


def test_text_and_code_go_on_past_floats(tmp_path: Path, read: Read) -> None:
    sheet, floats = Sheet(), list[str]()
    for page in range(6):
        floats.append(_floated(sheet, page))
        if page:
            sheet.code(CODE[3:])
        sheet.rows(f"a{page}.", 28 if page else 34, 13)
        sheet.y += 6
        sheet.code(CODE[:2])
        sheet.turn()
    parsed = sheet.read(read, tmp_path / "f.pdf")
    whole = [text for text in listings(parsed) if text.startswith("defmodule")]
    assert whole == ["\n".join(CODE[:2] + CODE[3:])] * 5 + ["\n".join(CODE[:2])]
    assert [text for text in listings(parsed) if text.startswith("def float")] == floats


def test_a_title_over_both_columns_keeps_its_number(tmp_path: Path, read: Read) -> None:
    sheet = Sheet()
    for page in range(1, 6):
        for x in (30, 230):
            sheet.y = 60
            sheet.rows(f"{'a' if x < 99 else 'b'}{page}.", 20, 6, x)
        sheet.y += 20
        sheet.row("1.2", font="hebo", size=14, down=0)
        sheet.row(f"{NAMES[page]} that keep their boats in order", 62, "hebo", 14, down=24)
        top = sheet.y
        for x in (30, 230):
            sheet.y = top
            sheet.rows(f"{'c' if x < 99 else 'd'}{page}.", 15, 6, x)
        sheet.turn()
    parsed = sheet.read(read, tmp_path / "r.pdf")
    assert [text for text, _ in heads(parsed)] == [
        f"{name} that keep their boats in order" for name in NAMES[1:6]
    ]


def _pages(*texts: str, wide: float = 5.0, room: float | None = None) -> Pages:
    """Pages with a row each; ``wide`` is the width of a soft hyphen, ``room`` that up to the letter
    behind it."""
    pages = Pages()
    for number, text in enumerate(texts, start=1):
        lefts, rights, x = list[float](), list[float](), 50.0
        for char in text:
            own = wide if char == "\u00ad" else 5.0
            lefts.append(x)
            rights.append(x + own)
            x += own if room is None or char != "\u00ad" else room
        run = Run(text, "Serif", 10.0, 0, 0, edges_of(lefts, rights))
        pages.append(PageDrawn(number, 420, 600, [Line([run], 60, (50, 52, x, 62))]))
    return pages


def _texts(pages: Pages) -> list[str]:
    return [line.text for page in pages for line in page.lines]


def test_a_map_that_names_look_alikes_is_mended() -> None:
    ledger, pages = Ledger(), _pages(*["a\u00adb \u037e x \u2215 y"] * 4)
    mend_misnamed(pages, ledger)
    assert _texts(pages) == ["a-b ; x / y"] * 4


@pytest.mark.parametrize(
    ("text", "wide"),
    [("well\u00adkept", 0.0), ("the harbour keeps\u00ad", 5.0), ("a - b and a\u00adb", 5.0)],
)
def test_soft_hyphens_that_are_meant_stay(text: str, wide: float) -> None:
    pages = _pages(*[text] * 6, wide=wide)
    mend_misnamed(pages, Ledger())
    assert _texts(pages) == [text] * 6


def test_soft_hyphens_under_the_letter_behind_them_are_none() -> None:
    """As a browser prints those at which no row was parted."""
    texts = ["the har\u00adbour keeps boats"] * 6
    pages = _pages(*texts, room=0.1)
    mend_misnamed(pages, Ledger())
    assert _texts(pages) == texts


def test_a_soft_hyphen_that_is_seen_within_a_row_is_one_though_it_is_the_only_one() -> None:
    pages = _pages("binary\u00adsize", "the harbour keeps\u00ad", "nothing")
    mend_misnamed(pages, Ledger())
    assert _texts(pages) == ["binary-size", "the harbour keeps\u00ad", "nothing"]


def test_spaces_that_the_map_calls_fixed_are_plain() -> None:
    ledger, pages = Ledger(), _pages("a\u00adb c\u00a0d\u00a0e", "x\u00a0y\u00a0z", "one\u00a0two")
    mend_misnamed(pages, ledger)
    assert _texts(pages) == ["a-b c d e", "x y z", "one two"]
    spaces = [change for change in ledger.changes if change.after == " "]
    assert [change.page for change in spaces] == [1, 2, 3]
    rare = _pages(
        "one\u00a0two and more words that stand here", "a\u00a0b c", "a\u00a0b c", "a\u00a0b c"
    )
    few = _texts(rare)
    mend_misnamed(rare, Ledger(frozenset({"glyphs"})))
    assert _texts(rare) == few


def test_repairs_of_maps_can_be_switched_off() -> None:
    pages = _pages(*["a \u037e b"] * 6)
    mend_misnamed(pages, Ledger(frozenset({"glyphs"})))
    assert _texts(pages) == ["a \u037e b"] * 6


def test_sentences_in_large_type_are_no_titles(tmp_path: Path, read: Read) -> None:
    sheet = Sheet()
    for page, name in enumerate(NAMES[:5]):
        sheet.row(name, font="hebo", size=18, down=30)
        sheet.rows(f"a{page}.", 6, 13)
        sheet.y += 20
        sheet.row(f"A keeper {words(page, 4)},", 60, "tiit", 14, 18)
        sheet.row("and nobody has to tell it when.", 60, "tiit", 14, 30)
        sheet.rows(f"b{page}.", 6, 13)
        sheet.turn()
    assert [text for text, _ in heads(sheet.read(read, tmp_path / "q.pdf"))] == NAMES[:5]


def test_titles_that_count_may_be_sentences(tmp_path: Path, read: Read) -> None:
    sheet = Sheet()
    titles = [f"Item {n}: Keep the {name} in the order of tides." for n, name in enumerate(NAMES)]
    for page, title in enumerate(titles):
        sheet.row(title, font="hebo", size=13, down=30)
        sheet.rows(f"a{page}.", 9, 13)
        sheet.turn()
    assert len(heads(sheet.read(read, tmp_path / "i.pdf"))) == len(titles)


def test_columns_that_stand_elsewhere_on_odd_pages(tmp_path: Path, read: Read) -> None:
    sheet, wanted = Sheet(), list[str]()
    for page in range(1, 9):
        off, count = (60, 7) if page % 2 else (0, 20)
        for tag, x in (("a", 30), ("b", 205)):
            sheet.y = 60
            sheet.rows(f"{tag}{page}.", count, 6, x + off)
            if page % 2:
                sheet.code(["rise(1)", "fall(2)"] * 9, x + off + 6)
            wanted += [f"{tag}{page}.{at}" for at in range(count)]
        sheet.turn()
    assert marks(sheet.read(read, tmp_path / "o.pdf")) == wanted


def test_bold_titles_without_air_and_labels_that_are_none(tmp_path: Path, read: Read) -> None:
    sheet, wanted = Sheet(), list[str]()
    for page, name in enumerate(NAMES):
        sheet.row(name, font="hebo", size=14, down=22)
        for part in range(3):
            sheet.rows(f"a{page}{part}.", 3, 13)
            sheet.row(f"a{page}{part} is the last of them.")
            sheet.row(f"{name} {WORDS[part]}", font="hebo")
        sheet.row("Here they are kept in order.")
        sheet.row("Exercises", font="hebo")
        sheet.rows(f"b{page}.", 3, 13)
        sheet.row("Note", font="hebi", down=13)
        sheet.rows(f"c{page}.", 3, 13)
        wanted += [name, *(f"{name} {WORDS[part]}" for part in range(3)), "Exercises"]
        sheet.turn()
    assert [text for text, _ in heads(sheet.read(read, tmp_path / "h.pdf"))] == wanted


def test_output_in_smaller_type_belongs_to_its_listing(tmp_path: Path, read: Read) -> None:
    sheet = Sheet()
    for page in range(4):
        sheet.rows(f"a{page}.", 3, 13)
        sheet.y += 8
        for number in range(3):
            sheet.row(f"iex> rise({number})", 40, "cour", 8, 10)
            sheet.row(f"{number}", 40, "cour", 7, 20)
        sheet.y += 20
        sheet.turn()
    session = "\n\n".join(f"iex> rise({number})\n{number}" for number in range(3))
    assert listings(sheet.read(read, tmp_path / "z.pdf")) == [session] * 4


def test_code_within_a_sentence_that_runs_over_its_line_is_no_listing(
    tmp_path: Path, read: Read
) -> None:
    """Two rows of it below a row that ends in it; one alone above a listing in its own size."""
    sheet = Sheet()
    for page in range(6):
        sheet.rows(f"a{page}.", 3, 13)
        sheet.y += 8
        sheet.page.insert_text((270, sheet.y), '["tide", "ebb",', fontname="cour", fontsize=8)
        sheet.row(f"Turn each of these words round with rise {page}, one by one: ")
        sheet.row(
            '"harbour", "boats", "order", "ledger", "lantern", "kettle", "mast",', 30, "cour", 8
        )
        sheet.row('"anchor"]', 30, "cour", 8, 20)
        sheet.rows(f"b{page}.", 3, 13)
        sheet.row(
            f"The next one is {page}, which goes up where the water does, and it is done by",
            down=12,
        )
        sheet.row("Tide.rise/1", 30, "cour", 8, 18)
        sheet.code(CODE, x=30, size=7)
        sheet.turn()
    parsed = sheet.read(read, tmp_path / "i.pdf")
    assert listings(parsed) == ["\n".join(CODE)] * 6
    prose = " ".join(block.text for block in parsed.blocks if block.kind == "prose")
    assert prose.count('"mast", "anchor"]') == 6 and prose.count("done by Tide.rise/1") == 6
