"""Outlines that say too little or the wrong thing, and letters with swapped bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages
from booktune_assets.books.swapped import mend_swapped

Read = Callable[[Path], Parsed]
FILLER = "Words of prose that stand between the titles of this small book about tides."
NAMES = ("Harbours", "Ships", "Tides", "Moons", "Ropes", "Sails")


def made(path: Path, toc: Callable[[int, str], list[list[object]]]) -> Path:
    """A chapter and two sections on each page, with an outline of them."""
    entries: list[list[object]] = []
    with pymupdf.open() as document:
        for number, name in enumerate(NAMES, start=1):
            page = document.new_page(width=420, height=420)
            page.insert_text((40, 60), name, fontname="hebo", fontsize=20)
            for at, section in enumerate((f"Old {name}", f"New {name}")):
                top = 100 + 120 * at
                page.insert_text((40, top), section, fontname="hebo", fontsize=14)
                for row in range(5):
                    page.insert_text((40, top + 20 + 13 * row), FILLER, fontname="tiro",
                                     fontsize=10)  # fmt: skip
            entries += toc(number, name)
        document.set_toc(entries)
        document.save(path)
    return path


def levels(parsed: Parsed) -> list[tuple[str, int | None]]:
    return [(block.text, block.level) for block in parsed.blocks if block.kind == "heading"]


WANTED = [
    (title, level) for name in NAMES for title, level in
    ((name, 1), (f"Old {name}", 2), (f"New {name}", 2))
]  # fmt: skip


def test_titles_above_those_of_the_outline_are_found(tmp_path: Path, read: Read) -> None:
    path = made(tmp_path / "a.pdf", lambda page, name: [
        [1, f"Old {name}", page], [1, f"New {name}", page]])  # fmt: skip
    assert levels(read(path)) == WANTED


def test_an_outline_that_nests_at_random_gives_no_levels(tmp_path: Path, read: Read) -> None:
    def toc(page: int, name: str) -> list[list[object]]:
        own = ((1, 2, 1), (1, 1, 2), (2, 3, 1))[(page - 1) % 3]
        named = zip(own, (name, f"Old {name}", f"New {name}"), strict=True)
        return [[level, title, page] for level, title in named]

    assert levels(read(made(tmp_path / "b.pdf", toc))) == WANTED


def test_a_right_outline_keeps_its_say(tmp_path: Path, read: Read) -> None:
    path = made(tmp_path / "c.pdf", lambda page, name: [
        [1, name, page], [2, f"Old {name}", page], [2, f"New {name}", page]])  # fmt: skip
    assert levels(read(path)) == WANTED


def drawn(text: str) -> Pages:
    edges = edges_of([float(n) for n in range(len(text))], [n + 1.0 for n in range(len(text))])
    page = PageDrawn(1, 100.0, 100.0)
    page.lines = [Line([Run(text, "F", 10.0, 0, 0, edges)], 50.0, (0.0, 40.0, 50.0, 52.0))]
    pages = Pages()
    pages.append(page)
    return pages


def test_ligatures_with_swapped_bytes_are_letters() -> None:
    ledger = Ledger()
    pages = drawn("de\u6600\u6900ne an e\u6600\u6600ect \u2d00\u3e00")
    mend_swapped(pages, ledger)
    assert [line.text for page in pages for line in page.lines] == ["define an effect ->"]
    assert [change.kind for change in ledger.changes] == ["glyphs"]


def test_chinese_stays_and_the_repair_can_be_off() -> None:
    for text, off in (
        ("\u4e00\u4e00\u7684\u4e66", ()),
        ("\u251c\u2500\u2500 lib", ()),
        ("de\u6600\u6900ne", ("glyphs",)),
    ):
        ledger = Ledger(frozenset(off))
        pages = drawn(text)
        mend_swapped(pages, ledger)
        assert [line.text for page in pages for line in page.lines] == [text]
        assert not ledger.changes


def test_a_wrapped_row_left_of_all_lines_keeps_its_spaces(tmp_path: Path, read: Read) -> None:
    rows = [(1, "iex> List.reverse(names)"), (2, "** (UndefinedFunctionError) is undefined"),
            (0, "or not public at all"), (3, "iex> tide")]  # fmt: skip
    with pymupdf.open() as document:
        for _ in range(4):
            page = document.new_page(width=330, height=300)
            for row in range(6):
                page.insert_text((40, 50 + 13 * row), FILLER[:56], fontname="tiro", fontsize=10)
            page.draw_rect((40, 140, 290, 190), color=None, fill=(0.93, 0.93, 0.93))
            for at, (number, text) in enumerate(rows):
                y = 152 + 11 * at
                if number:
                    page.insert_text((44, y), str(number), fontname="cour", fontsize=6)
                page.insert_text((56 if number else 44, y), text, fontname="cour", fontsize=9)
        document.save(tmp_path / "d.pdf")
    code = [block.text for block in read(tmp_path / "d.pdf").blocks if block.kind in CODE_KINDS]
    whole = "** (UndefinedFunctionError) is undefined or not public at all"
    assert code == [f"iex> List.reverse(names)\n{whole}\niex> tide"] * 4


def test_an_outline_of_one_level_leaves_levels_to_type(tmp_path: Path, read: Read) -> None:
    def flat(number: int, name: str) -> list[list[object]]:
        return [[1, title, number] for title in (name, f"Old {name}", f"New {name}")]

    assert levels(read(made(tmp_path / "a.pdf", flat))) == WANTED
