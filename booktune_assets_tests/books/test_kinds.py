"""Kinds of blocks besides code: what a page shows of tables, callouts, exercises, terms, notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from booktune_assets.books.blocks import Block, Parsed
from booktune_assets.books.cellwraps import justified
from booktune_assets.books.glyphs import Run, edges_of
from booktune_assets.books.lang import name_languages
from booktune_assets.books.rows import Row
from booktune_assets.errors import BookError, Code

Read = Callable[[Path], Parsed]
TEXT = "Words of prose that stand above and below whatever this small book of tides says."
SIZE = (420, 420)
Page = pymupdf.Page


def put(page: Page, x: float, y: float, text: str, font: str = "tiro", size: float = 10) -> float:
    """Draw words; gives where they end."""
    page.insert_text((x, y), text, fontname=font, fontsize=size)
    return x + pymupdf.get_text_length(text, font, size)


def right(page: Page, x: float, y: float, text: str) -> None:
    put(page, x - pymupdf.get_text_length(text, "tiro", 10), y, text)


def made(
    path: Path, draw: Callable[[Page], None], pages: int = 1, outline: Sequence[list[Any]] = ()
) -> Path:
    with pymupdf.open() as document:
        for _ in range(pages):
            page = document.new_page(width=SIZE[0], height=SIZE[1])
            for number in range(4):
                put(page, 40, 50 + 14 * number, TEXT)
                put(page, 40, 340 + 14 * number, TEXT)
            draw(page)
        document.set_toc([*outline])
        document.save(path)
    return path


def of(parsed: Parsed, kind: str) -> list[str]:
    assert all((page.lost, page.doubled) == (0, 0) for page in parsed.pages)
    return [block.text for block in parsed.blocks if block.kind == kind]


def test_columns_of_numbers_that_are_set_flush_right(tmp_path: Path, read: Read) -> None:
    rows = [("Herd", "ms", "kB"), ("Small", "1.2", "14"), ("Middling", "12.5", "130"),
            ("Large", "140.0", "1290"), ("Sum", "153.7", "1434")]  # fmt: skip

    def draw(page: Page) -> None:
        for number, (name, *cells) in enumerate(rows):
            y = 150 + 14 * number + 6 * (number > 0) + 6 * (number > 3)  # rules stand here
            put(page, 100, y, name)
            for n, cell in enumerate(cells):
                right(page, 220 + 60 * n, y, cell)

    assert of(read(made(tmp_path / "t.pdf", draw)), "table") == [
        "\n".join(" | ".join(row) for row in rows)
    ]


def test_empty_cells_and_heads_over_columns_keep_their_place(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        for n, head in enumerate(("Waits", "Answers")):
            put(page, 172 + 80 * n, 136, head)
        for number, row in enumerate([("call", "yes", "yes"), ("cast", "", "no"),
                                      ("info", "no", ""), ("stop", "yes", "yes")]):  # fmt: skip
            for n, cell in enumerate(row):
                put(page, 100 + 80 * n, 150 + 14 * number, cell) if cell else None

    assert of(read(made(tmp_path / "t.pdf", draw)), "table") == [
        " | Waits | Answers\ncall | yes | yes\ncast |  | no\ninfo | no | \nstop | yes | yes"
    ]


def test_a_cell_of_one_line_stands_at_the_middle_of_two(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        y = 150.0
        rows = [("Cry", "cast", ["Told to all, and nobody has to", "answer it"]),
                ("Nod", "call", ["It waits."]),
                ("Dive", "exit", ["Gone, and what was linked", "goes, too"])]  # fmt: skip
        for name, kind, lines in rows:
            middle = y + 6 * (len(lines) - 1)
            put(page, 60, middle, name)
            put(page, 130, middle, kind)
            for number, line in enumerate(lines):
                put(page, 200, y + 12 * number, line)
            y += 12 * len(lines) + 7

    assert of(read(made(tmp_path / "t.pdf", draw)), "table") == [
        "Cry | cast | Told to all, and nobody has to answer it\n"
        "Nod | call | It waits.\nDive | exit | Gone, and what was linked goes, too"
    ]


def test_a_paragraph_with_wide_gaps_is_no_table(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        put(page, 40, 160, "in every module,")
        right(page, 372, 160, "and it is a short way to write its name, or so.")
        put(page, 40, 174, "in each module.")
        right(page, 372, 174, "Imagine that a module had another long name")
        put(page, 40, 188, "which would be a mouthful.")

    parsed = read(made(tmp_path / "t.pdf", draw))
    assert of(parsed, "table") == []


@pytest.mark.parametrize(
    "marks", [("1-1", "1-2", "2-1"), ("Exercise 1.1.", "Exercise 1.2.", "Exercise 2.1.")]
)
def test_exercises_without_room_between_are_several(
    tmp_path: Path, read: Read, marks: tuple[str, ...]
) -> None:
    tasks = ["Count the gulls of a harbour.", "Why are there more at noon than at dusk? Say why.",
             "Write it in Erlang."]  # fmt: skip

    def draw(page: Page) -> None:
        put(page, 40, 140, "Exercises", "tibo", 16)
        for number, (mark, task) in enumerate(zip(marks, tasks, strict=True)):
            end = put(page, 40, 166 + 14 * number, mark, "tibo")
            put(page, end + 4, 166 + 14 * number, task)

    found = of(read(made(tmp_path / "e.pdf", draw, 2, [[1, "Exercises", 1]])), "exercise")
    assert found[:3] == [f"{mark} {task}" for mark, task in zip(marks, tasks, strict=True)]


def test_a_title_over_rows_that_are_set_in_makes_a_callout(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        put(page, 200, 150, "Tip", "tibo")
        put(page, 80, 164, "Give names to processes that others have to")
        put(page, 80, 178, "find, and to no others.")

    parsed = read(made(tmp_path / "c.pdf", draw, 2))
    assert of(parsed, "heading") == []
    assert " ".join(of(parsed, "callout")[:2]).startswith("Tip Give names to processes")


def test_a_bar_beside_a_bold_title_and_text_makes_a_callout(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        page.draw_rect((44, 140, 47, 184), fill=(1, 0.6, 0), color=None)
        put(page, 56, 152, "Beware", "tibo")
        put(page, 56, 166, "Gulls bite. Do not stand between a gull and")
        put(page, 56, 180, "its bread, however friendly it looks.")

    parsed = read(made(tmp_path / "c.pdf", draw, 2))
    assert of(parsed, "heading") == []
    assert of(parsed, "callout")[0].startswith("Beware Gulls bite.")


def test_terms_with_their_meaning_set_in_are_no_titles(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        put(page, 40, 130, "Words of the Trade", "tibo", 15)
        for number, term in enumerate(("cast", "call")):
            put(page, 40, 170 + 44 * number, term, "tibo")
            put(page, 70, 184 + 44 * number, f"What is meant by a {term}.")

    parsed = read(made(tmp_path / "d.pdf", draw, 2, [[1, "Words of the Trade", 1]]))
    assert set(of(parsed, "heading")) == {"Words of the Trade"}
    assert "cast What is meant by a cast." in of(parsed, "list")


def test_a_title_that_an_outline_leaves_out_goes_on_in_number(tmp_path: Path, read: Read) -> None:
    titles = ["1 Tides", "1.1 High tides", "1.1.1 At night"]

    def draw(page: Page) -> None:
        for number, title in enumerate(titles):
            put(page, 40, 140 + 44 * number, title, "tibo", 18 - 3 * number)
            put(page, 40, 160 + 44 * number, TEXT)

    parsed = read(made(tmp_path / "h.pdf", draw, 1, [[1, titles[0], 1], [2, titles[1], 1]]))
    found = [(b.level, b.number, b.text) for b in parsed.blocks if b.kind == "heading"]
    assert found == [(1, "1", "Tides"), (2, "1.1", "High tides"), (3, "1.1.1", "At night")]


def test_bold_captions_are_no_titles(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        for number, mark in enumerate((":", "")):
            y = 140 + 90 * number
            put(page, 40, y, "defmodule Tide do", "cour", 9)
            put(page, 40, y + 11, "end", "cour", 9)
            put(page, 40, y + 28, f"Listing 1.{number + 1}{mark} A module of tides", "tibo", 9)
            put(page, 40, y + 52, TEXT)

    parsed = read(made(tmp_path / "l.pdf", draw, 3))
    assert of(parsed, "heading") == []
    assert len(of(parsed, "caption")) == 6


def test_notes_in_brackets_whose_mark_ends_a_row(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        put(
            page,
            40,
            160,
            "All that is needed for this book of tides is a boat and, for those who have",
        )
        end = put(page, 40, 174, "it, patience.")
        put(page, end, 169, "[1]", size=6)
        put(page, 40, 404, "[1] Honey helps, too.", size=7.5)

    parsed = read(made(tmp_path / "n.pdf", draw, 2))
    assert of(parsed, "footnote") == ["Honey helps, too."] * 2
    assert any(text.endswith("patience.") for text in of(parsed, "prose"))


def test_a_paragraph_left_of_an_item_is_none_of_it(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        put(page, 60, 160, "\u2022 Quick, and")
        put(page, 70, 174, "loud")
        put(page, 40, 188, "Here text goes on.")

    parsed = read(made(tmp_path / "i.pdf", draw))
    assert of(parsed, "list") == ["Quick, and loud"]


def test_circled_numbers_begin_items(tmp_path: Path, read: Read) -> None:
    font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
    if not Path(font).is_file():
        pytest.skip("no font here has circled numbers")

    def draw(page: Page) -> None:
        for number, text in enumerate(("The name is that of it.", "It begins at nought.")):
            words = f"{chr(0x2460 + number)} {text}"
            page.insert_text(
                (50, 160 + 14 * number), words, fontsize=10, fontname="dj", fontfile=font
            )

    assert of(read(made(tmp_path / "i.pdf", draw)), "list") == [
        "The name is that of it.", "It begins at nought.",
    ]  # fmt: skip


def test_lines_of_a_log_are_output() -> None:
    texts = ["12:00:01.123 [error] GenServer Tide terminating\n** (stop) :hoarse",
             "2026-11-28 18:29:39.109 [notice] Application kv exited", "[info] Ready on port 4050",
             "test/t_test.exs:5\n1) test sings (T)\n\nFinished in 0.03 seconds\n1 test, 1 failure",
             "[info] = list"]  # fmt: skip
    blocks = [Block("code", text) for text in texts]
    name_languages(blocks)
    assert [block.kind for block in blocks] == ["output"] * 4 + ["code"]


def test_running_heads_are_blocks_and_each_piece_tells_its_type(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        put(page, 40, 24, f"The Tides of {int(page.number or 0) % 2}", size=8)
        put(page, 200, 410, str(int(page.number or 0) + 1), size=8)
        put(page, 40, 150, "iex> 1 + 1", "cour", 9)
        put(page, 40, 161, "2", "cour", 9)

    parsed = read(made(tmp_path / "r.pdf", draw, 6))
    heads = [block for block in parsed.blocks if block.kind == "running_head"]
    assert [block.text for block in heads[:2]] == ["The Tides of 0", "1"]
    assert parsed.blocks[-12:] == heads  # they have no place in the reading order
    assert [head.places[0].page for head in heads[:4]] == [1, 1, 2, 2]
    taken = [change for change in parsed.changes if change["kind"] == "furniture"]
    assert [parsed.blocks[change["block"]].text for change in taken] == [h.text for h in heads]
    faces = {block.kind: block.places[0].face for block in parsed.blocks}
    assert faces["iex"] and (faces["iex"].font, faces["iex"].size) == ("Courier", 9.0)
    assert faces["iex"].mono and faces["prose"] and not faces["prose"].mono
    assert faces["running_head"] and faces["running_head"].size == 8.0
    assert all((page.lost, page.doubled) == (0, 0) for page in parsed.pages)


def test_running_heads_alone_are_no_book(tmp_path: Path, read: Read) -> None:
    """Pages of pictures under a title and a number say nothing that could be read."""
    with pymupdf.open() as document:
        for number in range(12):
            page = document.new_page(width=SIZE[0], height=SIZE[1])
            put(page, 40, 30, "The Harbour of Erlang")
            put(page, 200, 405, str(number + 1))
        document.save(path := tmp_path / "heads.pdf")
    with pytest.raises(BookError) as refused:
        read(path)
    assert refused.value.code == Code.NO_CONTENT


def described(page: Page, items: Sequence[Sequence[str]], term: str = "tibo") -> None:
    """Terms with their text behind them, whose further rows are set in."""
    y = 130.0
    for name, *rows in items:
        end = put(page, 40, y, f"{name}  ", term)
        for number, row in enumerate(rows):
            put(page, 64 if number else end, y, row)
            y += 13
        y += 5


ITEMS = [("mailbox", "where the messages of a process wait until it takes", "them, in their order"),
         ("node", "one running system"),
         ("link", "ties two processes, so that the one ends with the", "other, by a signal"),
         ("monitor", "tells the end of a process. It does so", "once")]  # fmt: skip


@pytest.mark.parametrize("term", ["tibo", "cour"])
def test_terms_with_their_text_behind_them_are_items(
    term: str, tmp_path: Path, read: Read
) -> None:  # fmt: skip
    parsed = read(made(tmp_path / "t.pdf", lambda page: described(page, ITEMS, term)))
    assert of(parsed, "list") == [" ".join(item) for item in ITEMS]


def test_terms_above_their_text_are_items(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        y = 130.0
        for name, *rows in ITEMS[:1] + ITEMS[2:]:
            put(page, 40, y, name, "tibo")
            for number, row in enumerate(rows, 1):
                put(page, 64, y + 13 * number, row)
            y += 13 * len(rows) + 18

    parsed = read(made(tmp_path / "t.pdf", draw))
    assert of(parsed, "list") == [" ".join(item) for item in ITEMS[:1] + ITEMS[2:]]


def beside(page: Page, *, head: bool, term: str = "tibo") -> None:
    """Terms with their text at an edge of its own, as cells of a table have."""
    y = 130.0
    for name, *rows in ([("Word", "What it means here")] if head else []) + [*ITEMS]:
        put(page, 40, y, name, term)
        for row in rows:
            put(page, 130, y, row, "tibo" if name == "Word" else "tiro")
            y += 13
        y += 5


def test_terms_beside_their_text_are_items_and_a_table_has_a_head(
    tmp_path: Path, read: Read
) -> None:
    parsed = read(made(tmp_path / "t.pdf", lambda page: beside(page, head=False)))
    assert of(parsed, "list") == [" ".join(item) for item in ITEMS]
    assert not of(parsed, "table")
    tables = read(made(tmp_path / "h.pdf", lambda page: beside(page, head=True)))
    assert not of(tables, "list")
    assert len(of(tables, "table")) == 1
    coded = read(made(tmp_path / "c.pdf", lambda page: beside(page, head=False, term="cour")))
    assert not of(coded, "list")  # names of functions head no column, and yet are cells


def test_terms_in_code_type_above_their_text_are_items(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        y = 130.0
        for name, *rows in ITEMS[:1] + ITEMS[2:]:
            put(page, 40, y, f":{name}", "cour", 10)
            for number, row in enumerate(rows, 1):
                put(page, 64, y + 13 * number, row)
            y += 13 * len(rows) + 20
        for number, row in enumerate(("defmodule Tide do", "  def low, do: 1", "end")):
            put(page, 40 + 8 * (number == 1), y + 10 * number, row.strip(), "cour", 8)

    parsed = read(made(tmp_path / "t.pdf", draw, pages=3))
    wanted = [" ".join((f":{name}", *rows)) for name, *rows in ITEMS[:1] + ITEMS[2:]]
    assert of(parsed, "list") == wanted * 3
    assert not of(parsed, "heading")
    assert len(of(parsed, "code")) == 3


def test_rows_with_wide_gaps_are_a_paragraph_though_the_first_is_set_in() -> None:
    def row(y: float, words: Sequence[tuple[float, float, str]]) -> Row:
        runs = [
            Run(word, "F", 10, 0, 0, edges_of([x0, *[x1] * (len(word) - 1)], [x1] * len(word)))
            for x0, x1, word in words
        ]
        box = (words[0][0], y - 8, words[-1][1], y + 2)
        text, parts = " ".join(word for _, _, word in words), [x0 for x0, _, _ in words]
        return Row(1, runs, y, box, text, 10, "F", bold=False, mono=False, column=(40, 300),
                   parts=parts)  # fmt: skip

    below = row(62, [(40, 110, "tied"), (122, 200, "ends"), (212, 300, "there")])
    set_in = row(50, [(54, 110, "When"), (122, 200, "boats"), (212, 300, "are")])
    assert justified([set_in, below])
    assert not justified([row(50, [(84, 110, "When"), (122, 200, "of"), (212, 300, "are")]), below])
    assert not justified([below, set_in])
    few = row(74, [(40 + 52 * n, 66 + 52 * n, "word") for n in range(5)] + [(300, 310, "x")])
    assert not justified([set_in, few])
    wide = [row(y, [(40 + 56 * n, 72 + 56 * n, "word") for n in range(5)]) for y in (74, 86)]
    for one in wide:  # a row that no further word would have filled, below one that runs over
        one.column = (40, 305)
    assert justified(wide)


def test_code_that_ends_an_item_in_a_row_of_its_own(tmp_path: Path, read: Read) -> None:
    """In the size of code in text, which is not that of listings."""

    def draw(page: Page) -> None:
        put(page, 40, 153, "\u2022")
        end = put(page, 54, 153, "See what the tide does to a ")
        put(page, put(page, end, 153, "node", "cobo", 9.2), 153,
            " that runs in a session of another:")  # fmt: skip
        put(page, 54, 166, "iex --name tide -S mix", "cobo", 9.2)
        put(page, 40, 192, "Words of prose go on below it, in a paragraph of their own.")
        for number, text in enumerate(("defmodule Tide do", "  def low, do: 1", "end")):
            put(page, 40 + 8 * (number == 1), 216 + 10 * number, text.strip(), "cour", 8)

    parsed = read(made(tmp_path / "i.pdf", draw, pages=2))
    assert [text.endswith("iex --name tide -S mix") for text in of(parsed, "list")] == [True] * 2
    assert len(of(parsed, "code")) == 2


def test_bold_rows_above_paragraphs_are_no_terms(tmp_path: Path, read: Read) -> None:
    def draw(page: Page) -> None:
        for number in range(3):
            y = 120 + 60 * number
            put(page, 40, y, "Of boats", "tibo")
            put(page, 54, y + 13, "The first row of a paragraph is set in, and its other rows")
            put(page, 40, y + 26, "go back to the edge, as in many books.")

    assert not of(read(made(tmp_path / "t.pdf", draw)), "list")


def test_bold_words_that_begin_rows_of_paragraphs_begin_no_items(
    tmp_path: Path, read: Read
) -> None:  # fmt: skip
    def draw(page: Page) -> None:
        for number in range(4):  # the end of a paragraph, and the first row of the next
            y = 120 + 40 * number
            put(page, 40, y, "A paragraph whose rows reach from one side of the page to the")
            put(page, put(page, 40, y + 13, "other ", "tibo"), y + 13, "ends here.")
            put(page, 54, y + 26, "The next one is set in, and has a row only.")

    assert not of(read(made(tmp_path / "t.pdf", draw)), "list")
