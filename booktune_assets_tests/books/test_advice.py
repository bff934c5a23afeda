"""Labels beside what they label, the words that only look so; the last page of contents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.contents import is_contents

Read = Callable[[Path], Parsed]
TEXT = "Words of prose that stand above and below whatever this small book of tides says."
ROWS = [
    "Two hosts may match a request, and then only",
    "the paths on the second one are looked at. The",
    "result is an error, because all that is used are",
    "the paths of the first host that matches.",
]


def words(page: pymupdf.Page, x: float, y: float, *rows: str, font: str = "tiro") -> None:
    for number, row in enumerate(rows):
        page.insert_text((x, y + 14 * number), row, fontname=font, fontsize=10)


def made(path: Path, draw: Callable[[pymupdf.Page], None]) -> Path:
    with pymupdf.open() as document:
        for _ in range(2):
            page = document.new_page(width=420, height=420)
            words(page, 40, 50, *[TEXT] * 4)
            draw(page)
            words(page, 40, 300, *[TEXT] * 4)
        document.save(path)
    return path


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("label", ["NOTE", "Tip", "ACHTUNG"])
def test_a_label_in_a_column_of_its_own(tmp_path: Path, read: Read, count: int, label: str) -> None:
    def draw(page: pymupdf.Page) -> None:
        words(page, 54, 140 + 7 * (count - 1), label, font="tibo")
        page.draw_line((118, 128), (118, 146 + 14 * (count - 1)))
        words(page, 130, 140, *ROWS[:count])

    parsed = read(made(tmp_path / "a.pdf", draw))
    called = [block.text for block in parsed.blocks if block.kind == "callout"]
    if label == "ACHTUNG" and count == 1:  # nothing says that this is no term of a table
        assert called == []
    else:
        assert called == [" ".join(ROWS[:count])] * 2
        assert [one["before"] for one in parsed.changes if one["kind"] == "mark"] == [label] * 2
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)


def test_lists_and_code_in_it_stay_what_they_are(tmp_path: Path, read: Read) -> None:
    def draw(page: pymupdf.Page) -> None:
        words(page, 54, 176, "WARNING", font="tibo")
        words(page, 130, 140, *ROWS[:2])
        words(page, 140, 172, "\u2022 An item of the list")
        words(page, 130, 200, "start() ->", "    ok.", font="cour")
        words(page, 130, 232, "And the end of it.")

    parsed = read(made(tmp_path / "a.pdf", draw))
    first = [(block.kind, block.text) for block in parsed.blocks if "tides" not in block.text]
    assert first[: len(first) // 2] == [
        ("callout", " ".join(ROWS[:2])), ("list", "An item of the list"),
        ("code", "start() ->\n    ok."), ("callout", "And the end of it."),
    ]  # fmt: skip


@pytest.mark.parametrize("what", ["paragraph", "table", "columns", "bullet"])
def test_what_only_looks_like_a_label(tmp_path: Path, read: Read, what: str) -> None:
    def draw(page: pymupdf.Page) -> None:
        if what == "paragraph":  # text runs on below the word
            words(page, 40, 140, "Note", font="tibo")
            words(page, 80, 140, "that two hosts may match a request.")
            words(page, 40, 154, *ROWS[1:])
        elif what == "table":
            for number, term in enumerate(("Level", "Note", "Boats")):
                words(page, 54, 140 + 20 * number, term, font="tibo")
                words(page, 130, 140 + 20 * number, "what it is called here")
        elif what == "columns":
            words(page, 40, 140, "Some words of", "the left one.", "Tip", "And more.")
            words(page, 130, 140, *ROWS)
        else:
            page.insert_text((54, 140), "\u25cf", fontname="china-s", fontsize=10)
            words(page, 70, 140, *ROWS)

    parsed = read(made(tmp_path / "a.pdf", draw))
    assert "callout" not in {block.kind for block in parsed.blocks}


@pytest.mark.parametrize(
    ("rows", "goes_on", "contents"),
    [
        (["24.3 Concurrent . . . . . . . 174", "24.4 The machine . . . . . 175"], False, True),
        (["Index ........ 301"], False, True),
        (["24.5 A title that is long and", "goes on in a second row . . . . . 175"], True, True),
        (["24.5 A title that is long and", "goes on in a second row . . . . . 175"], False, False),
        (["Tides 120", "Boats 131"], True, True),
        (["Tides 120", "Boats 131"], False, False),
        (["In the year of 1874", "the harbour was built."], True, False),
        (["And so it goes on . . . . .", "as it did in 1874."], True, False),
        (["Chapter 1"], True, False),
        ([], True, False),
    ],
)  # fmt: skip
def test_the_last_page_of_contents(rows: list[str], goes_on: bool, contents: bool) -> None:
    assert is_contents(rows, goes_on=goes_on) is contents


def test_few_rows_of_contents_are_no_table(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        for first, count in ((1, 12), (13, 3)):
            page = document.new_page(width=420, height=420)
            for number in range(count):
                row = f"{first + number}. A chapter of this book . . . . . . . . . . ."
                words(page, 40, 60 + 16 * number, row)
                words(page, 350, 60 + 16 * number, str(10 * (first + number)))
        words(document.new_page(width=420, height=420), 40, 60, *[TEXT] * 8)
        document.save(tmp_path / "a.pdf")
    parsed = read(tmp_path / "a.pdf")
    assert {block.kind for block in parsed.blocks} == {"prose"}
    assert parsed.counts["contents_pages"] == 2
    assert sum(one["kind"] == "contents" for one in parsed.changes) >= 1
