"""Titles that run into their paragraphs, and levels that Roman numerals give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.counted import counted_levels, outline_agrees

Read = Callable[[Path], Parsed]
TEXT = "Words of prose that stand below the titles of a small paper about tides and ships."
PAPER = {
    "Tides": {"Height of water": ("Spring", "Neap"), "Speed": ("Ebb", "Flood of the night")},
    "Ships": {"Hulls": ("Oak", "Steel"), "Sails": ("Cloth", "Rope")},
    "Moons": {"Near ones": ("Old", "New"), "Far ones": ("Cold", "Dark")},
}
WANTED = [
    (title, level, number)
    for chapter, parts in enumerate(PAPER)
    for title, level, number in (
        (parts.upper(), 1, ("I", "II", "III")[chapter]),
        *(
            one
            for at, (part, names) in enumerate(PAPER[parts].items())
            for one in (
                (part, 2, "AB"[at]), *((name, 3, str(n)) for n, name in enumerate(names, 1))
            )
        ),
    )
]  # fmt: skip


def paper(
    path: Path, *, outline: bool = True, hang: float = 0, sign: str = "tiit",
    signs: tuple[str, ...] = ("I", "II", "III"), text: bool = True,
) -> Path:  # fmt: skip
    """Titles in small type over one page each; those of the third level run in.

    ``hang``: so much further right do their paragraphs go on; ``sign`` is the type of numbers;
    ``text``: whether some stands behind titles.
    """
    entries: list[list[object]] = []

    def say(page: pymupdf.Page, y: float, text: str, font: str, x: float = 40) -> float:
        page.insert_text((x, y), text, fontname=font, fontsize=10)
        return x + pymupdf.get_text_length(text, font, 10)

    def enter(page: pymupdf.Page, y: float, level: int, text: str) -> None:
        to = {"kind": 1, "to": pymupdf.Point(40, y - 9)}
        entries.append([level, text, int(page.number or 0) + 1, to])

    with pymupdf.open() as document:
        for roman, (title, parts) in zip(signs, PAPER.items(), strict=True):
            page, y = document.new_page(width=420, height=595), 48.0
            for _ in roman:  # the end of the page before
                say(page, y := y + 12, TEXT, "tiro")
            y += 24
            say(page, y, f"{roman}. {title.upper()}", "tiro", 180)
            enter(page, y, 1, title)
            for at, (part, names) in enumerate(parts.items()):
                y += 24
                say(page, y, f"{'AB'[at]}. {part}", "tiit")
                enter(page, y, 2, part)
                for number, name in enumerate(names, start=1):
                    y += 20
                    end = say(page, y, f"{number}) ", sign, 52)
                    end = say(page, y, f"{name}:", "tiit", end)
                    say(page, y, " " + TEXT[:40] if text else "", "tiro", end)
                    enter(page, y, 3, name)
                    for _ in range(4):
                        y += 12
                        say(page, y, TEXT, "tiro", 40 + hang)
        document.set_toc(entries if outline else [])
        document.save(path)
    return path


def heads(parsed: Parsed) -> list[tuple[str, int | None, str | None]]:
    return [(b.text, b.level, b.number) for b in parsed.blocks if b.kind == "heading"]


def test_titles_that_run_in_are_headings_where_the_outline_names_them(
    tmp_path: Path, read: Read
) -> None:
    parsed = read(paper(tmp_path / "a.pdf"))
    found = heads(parsed)
    assert [one[:2] for one in found] == [one[:2] for one in WANTED]
    assert found == WANTED
    assert all(page.lost == page.doubled == 0 for page in parsed.pages)
    texts = [block.text for block in parsed.blocks if block.kind == "prose"]
    assert len(texts) == 12 + 3
    assert {text[:60] for text in texts} == {TEXT[:60], f"{TEXT[:40]} {TEXT[:19]}"}


def test_titles_that_run_in_and_count_are_headings_without_an_outline(
    tmp_path: Path, read: Read
) -> None:
    parsed = read(paper(tmp_path / "a.pdf", outline=False))
    assert heads(parsed) == WANTED
    assert all(page.lost == page.doubled == 0 for page in parsed.pages)
    texts = [block.text for block in parsed.blocks if block.kind == "prose"]
    assert {text[:60] for text in texts} == {TEXT[:60], f"{TEXT[:40]} {TEXT[:19]}"}


@pytest.mark.parametrize(
    "change",
    [{"hang": 24}, {"signs": ("I", "III", "VI")}, {"sign": "tiro"}, {"text": False}],
    ids=["list", "nothing counts", "numbers in the type of text", "nothing behind them"],
)
def test_items_of_lists_do_not_run_in(tmp_path: Path, read: Read, change: dict[str, Any]) -> None:
    parsed = read(paper(tmp_path / "a.pdf", outline=False, **change))
    names = {name for parts in PAPER.values() for under in parts.values() for name in under}
    assert names.isdisjoint(head for head, _, _ in heads(parsed))
    assert all(page.lost == page.doubled == 0 for page in parsed.pages)


@pytest.mark.parametrize("signs", ["", "ABCDEF"], ids=["alone", "below letters"])
def test_stressed_words_that_no_numerals_stand_above_do_not_run_in(
    tmp_path: Path, read: Read, signs: str
) -> None:
    with pymupdf.open() as document:
        for number in range(1, 7):
            page = document.new_page(width=420, height=595)
            for row in range(1, 9 + number):
                page.insert_text((40, 40 + 12 * row), TEXT, fontname="tiro", fontsize=10)
            base = 40 + 12 * (8 + number)
            if signs:
                where = (40, base + 26)
                page.insert_text(where, f"{signs[number - 1]}. TIDES", fontname="tiro", fontsize=10)
            named, y = f"{1 if signs else number}) Oars {number}:", base + 44
            page.insert_text((40, y), named, fontname="tiit", fontsize=10)
            end = 40 + pymupdf.get_text_length(named, "tiit", 10)
            page.insert_text((end, y), " " + TEXT[:40], fontname="tiro", fontsize=10)
            for row in range(4):
                place = (40, base + 56 + 12 * row)
                page.insert_text(place, TEXT, fontname="tiro", fontsize=10)
        document.save(tmp_path / "b.pdf")
    assert not [text for text, _, _ in heads(read(tmp_path / "b.pdf")) if "Oars" in text]


@pytest.mark.parametrize(
    ("titles", "levels"),
    [
        (["I. One", "A. Two", "B. Six", "II. On", "A. At", "III. By"], [1, 2, 2, 1, 2, 1]),
        (["I. One", "1. Two", "II. On", "1. At", "2. To", "III. By"], [1, 2, 1, 2, 2, 1]),
        (["I. One", "1. Two", "II. On", "2. At", "3. To", "III. By"], [None] * 6),  # parts
        (["I. Robot", "C. elegans", "V. cholerae"], [None] * 3),
        (["A. One", "B. Two", "C. Three"], [None] * 3),
    ],
)  # fmt: skip
def test_levels_of_numerals(titles: list[str], levels: list[int | None]) -> None:
    assert counted_levels(titles) == levels


def test_numerals_over_chapters_that_begin_pages_count_parts() -> None:
    titles = ["I. One", "Ropes", "II. On", "Sails", "III. By", "Oars"]
    assert counted_levels(titles, [True] * 6) == [None] * 6
    assert counted_levels(titles, [True, False] * 3) == [1, None] * 3


def test_an_outline_agrees_with_numbers_but_for_a_constant() -> None:
    assert outline_agrees([1, 2, 2, 1, 2], [2, 3, 3, 2, None])
    assert not outline_agrees([1, 2, 1, 2, 1], [1, 1, 2, 2, 2])
    assert not outline_agrees([1, 1, 1], [1, 1, 1])  # numbers of one level tell nothing


def test_a_list_that_a_session_printed_is_no_number_of_a_title(tmp_path: Path, read: Read) -> None:
    entries: list[list[object]] = []
    with pymupdf.open() as document:
        for number, name in enumerate(("Harbours", "Ships", "Moons"), start=1):
            page = document.new_page(width=420, height=420)
            for row, (text, font) in enumerate((
                (TEXT, "tiro"), ("iex> tides()", "cour"), ("[2, 4]", "cour"), (name, "hebo"),
                (TEXT, "tiro"), (TEXT, "tiro"),
            )):  # fmt: skip
                size = 9 if font == "hebo" else 10
                page.insert_text((40, 60 + 16 * row), text, fontname=font, fontsize=size)
            to = {"kind": 1, "to": pymupdf.Point(40, 90)}
            entries.append([1, name, number, to])
        document.set_toc(entries)
        document.save(tmp_path / "b.pdf")
    parsed = read(tmp_path / "b.pdf")
    assert [head[0] for head in heads(parsed)] == ["Harbours", "Ships", "Moons"]
    code = [block.text for block in parsed.blocks if block.kind == "iex"]
    assert code == ["iex> tides()\n[2, 4]"] * 3
