"""Customs of presses: text drawn twice, code beside words and in cells, one face, other letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from booktune_assets.books.blocks import CODE_KINDS, Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.lang import classify
from booktune_assets.books.latticed import lattices
from booktune_assets.books.scripts import is_of_code, joins_bare

Read = Callable[[Path], Parsed]
SAYS = "The keeper of the harbour counts the boats of each morning, and writes"
CODE = ("defmodule Tide do", "  def rise(level), do: level + 1", "", "  def fall(level) do",
        "    level - 1", "  end", "end")  # fmt: skip
NAMES = ("Harbours", "Ledgers", "Beacons", "Lanterns", "Anchors", "Kettles", "Signals", "Parcels")


class Sheets:
    """Pages that are written from the top down."""

    def __init__(self) -> None:
        self.document = pymupdf.open()
        self.turn()

    def turn(self) -> None:
        """Begin the next page."""
        self.page = self.document.new_page(width=420, height=900)
        self.y = 60.0

    def row(self, text: str, x: float = 50, font: str = "tiro", size: float = 10,
            color: Sequence[float] = (0, 0, 0), down: float = 13) -> None:  # fmt: skip
        """One row, and the room below it."""
        self.page.insert_text((x, self.y), text, fontname=font, fontsize=size, color=color)
        self.y += down

    def prose(self, seed: int, rows: int = 2) -> None:
        """A paragraph."""
        for number in range(rows):
            self.row(f"{SAYS} {seed}{'.' if number == rows - 1 else ''}")
        self.y += 8

    def code(self, rows: Sequence[str] = CODE, x: float = 62, size: float = 8) -> None:
        """A listing."""
        for row in rows:
            self.row(row, x, "cour", size, down=10)
        self.y += 9

    def read(self, read: Read, path: Path) -> Parsed:
        """The book; nothing of it is lost or doubled."""
        self.document.save(path)
        parsed = read(path)
        assert all((page.lost, page.doubled) == (0, 0) for page in parsed.pages)
        return parsed


def texts(parsed: Parsed, *kinds: str) -> list[str]:
    return [block.text for block in parsed.blocks if block.kind in kinds]


def listings(parsed: Parsed) -> list[str]:
    return texts(parsed, *CODE_KINDS)


def test_what_is_drawn_twice_is_read_once(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for name in NAMES[:4]:
        sheets.page.insert_text((50.7, sheets.y + 0.7), name, fontname="hebo", fontsize=18,
                                color=(0.7, 0.7, 0.7))  # fmt: skip
        sheets.row(name, font="hebo", size=18, down=26)
        sheets.prose(1)
        sheets.page.insert_text((62.3, sheets.y), "defmodule", fontname="cour", fontsize=8)
        sheets.code()
    parsed = sheets.read(read, tmp_path / "d.pdf")
    assert texts(parsed, "heading") == list(NAMES[:4])
    assert listings(parsed) == ["\n".join(CODE)] * 4
    assert sum(change["kind"] == "doubles" for change in parsed.changes) == 8
    kept = parse(tmp_path / "d.pdf", Limits(repairs_off=("doubles",)), lambda done, total: None)
    assert not [change for change in kept.changes if change["kind"] == "doubles"]
    assert texts(kept, "heading") != list(NAMES[:4])


def test_numbers_with_a_bar_go_on_over_listings(tmp_path: Path, read: Read) -> None:
    sheets, number = Sheets(), 0
    for seed in range(3):
        sheets.prose(seed)
        rows = [f"{number + at:03}| {row}".rstrip() for at, row in enumerate(CODE, start=1)]
        sheets.code(rows)
        number += len(CODE)
    assert listings(sheets.read(read, tmp_path / "n.pdf")) == ["\n".join(CODE)] * 3


def test_numbers_of_all_rows_of_a_page_count_no_code(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    long = 'total = rise(level) + fall(level) + "of all the boats in the' + " harbour" * 2
    for page in range(6):
        sheets.prose(page, rows=5 + page)
        sheets.code([f"{long} and", '  those at sea"', "boats = 2"], size=8.2)
        sheets.prose(page + 10)
        drawn: Any = sheets.page.get_text("dict")
        lines = [line for block in drawn["blocks"] for line in block.get("lines", ())]
        levels = sorted({round(line["spans"][0]["origin"][1], 1) for line in lines})
        for number, y in enumerate(levels, start=1):
            sheets.page.insert_text((36, y), str(number), fontname="helv", fontsize=6)
        sheets.turn()
    parsed = sheets.read(read, tmp_path / "p.pdf")
    assert len(listings(parsed)) == 6
    assert not any(char.isdigit() for text in listings(parsed) for char in text[:4])
    assert {change["kind"] for change in parsed.changes} & {"line_numbers"}


def test_pages_that_end_early_hide_no_blank_line(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    session = [row for n in range(12) for row in (f"iex> rise({n})", f"{n + 1}")]
    for page in range(6):
        sheets.row(f"{SAYS} {page}.", down=20)
        sheets.y = 840 - 62 * (page % 3)
        for row in session[:2]:
            sheets.row(row, 62, "cour", 8, down=10)
        sheets.turn()
        for row in session[2:6]:
            sheets.row(row, 62, "cour", 8, down=10)
        sheets.y = 850
        sheets.row(f"{SAYS} {page}.")
        sheets.turn()
    found = listings(sheets.read(read, tmp_path / "e.pdf"))
    assert not [text for text in found if "\n\n" in text]


def grid(page: pymupdf.Page, xs: Sequence[float], ys: Sequence[float]) -> None:
    for y in ys:
        page.draw_line((xs[0], y), (xs[-1], y), width=0.4)
    for x in xs:
        page.draw_line((x, ys[0]), (x, ys[-1]), width=0.4)


def test_code_in_cells_of_a_ruled_table_is_no_listing(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for table in range(3):
        sheets.prose(table)
        top = sheets.y
        grid(sheets.page, (50, 160, 230, 380), [top + 16 * n for n in range(5)])
        for n in range(4):
            y = top + 16 * n + 10
            sheets.page.insert_text((54, y), f"rise({n}, [:{table}])", fontname="cour", fontsize=8)
            sheets.page.insert_text((164, y), f"{{:ok, {n}}}", fontname="cour", fontsize=8)
            sheets.page.insert_text((234, y + 2), f"what boat {n} says", fontname="tiro",
                                    fontsize=10)  # fmt: skip
        sheets.y = top + 90
        sheets.code()
    parsed = sheets.read(read, tmp_path / "t.pdf")
    assert listings(parsed) == ["\n".join(CODE)] * 3
    tables = texts(parsed, "table")
    assert tables[0].split("\n")[1] == "rise(1, [:0]) | {:ok, 1} | what boat 1 says"
    assert len(tables) == 3


def test_lattices_have_two_rows_and_two_columns() -> None:
    def level(y: float) -> tuple[float, float, float, float]:
        return 50, y, 300, y + 0.4

    def post(x: float) -> tuple[float, float, float, float]:
        return x, 100, x + 0.4, 140

    rows = [level(100), level(120), level(140)]
    assert [len(cells) for cells in lattices([*rows, post(50), post(150), post(300)])] == [4]
    assert lattices([*rows, post(50), post(300)]) == []  # a box with a bar
    assert lattices([level(100), level(140), post(50), post(150), post(300)]) == []
    assert lattices([level(float(y)) for y in range(4000)]) == []


def test_code_beside_its_words_follows_them(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for page in range(3):
        for pair in range(4):
            top = sheets.y
            for at in range(5):
                sheets.row(f"The keeper {page}{pair} counts {'boats' if at else 'all'}", size=9,
                           down=11)  # fmt: skip
            sheets.page.draw_rect((190, top - 10, 390, top + 62), fill=(0.95, 0.95, 0.98), width=0)
            for at, row in enumerate((f"boats = {pair}", "if boats > 1 do", "  :many", "end")):
                sheets.page.insert_text((195, top + 10 * at), row, fontname="cour", fontsize=8)
            sheets.y = top + 80
        sheets.turn()
    blocks = sheets.read(read, tmp_path / "b.pdf").blocks
    kinds = ["code" if block.kind in CODE_KINDS else block.kind for block in blocks]
    assert kinds == ["prose", "code"] * 12
    assert blocks[1].text == "boats = 0\nif boats > 1 do\n  :many\nend"


def test_titles_that_only_their_colour_tells(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for name in NAMES:
        sheets.y += 10
        sheets.row(name, color=(0.7, 0.2, 0.1), down=18)
        sheets.prose(1)
        sheets.row("A word of this paragraph is a link, as")
        sheets.row("others are", color=(0, 0, 1))
        sheets.y += 8
        if NAMES.index(name) % 2:
            sheets.turn()
    assert texts(sheets.read(read, tmp_path / "c.pdf"), "heading") == list(NAMES)


def test_a_title_in_colour_below_another(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    wanted: list[str] = []
    for number, name in enumerate(NAMES):
        sheets.row(f"All {name}", font="hebo", size=20, down=26)
        wanted.append(f"All {name}")
        for text, color in (
            (name, (0.7, 0.2, 0.1)),
            (f"Of {name}", (0, 0, 1)),
            (f"At {name}", (0, 0, 1)),
        ):
            sheets.row(text, color=color, down=22)
            wanted.append(text)
        sheets.prose(number)
        sheets.turn()
    assert texts(sheets.read(read, tmp_path / "c.pdf"), "heading") == wanted


def test_titles_that_only_a_rule_below_tells(tmp_path: Path, read: Read) -> None:
    """Rules above listings, below linked words and at the foot of a page make no titles."""
    sheets = Sheets()
    wanted: list[tuple[str, int | None]] = []
    for number, name in enumerate(NAMES):
        for level, (text, thick) in enumerate(((name, 0.9), (f"Of {name}", 0.4)), start=1):
            sheets.y += 12
            box = (50, sheets.y + 5, 370, sheets.y + 5 + thick)
            sheets.page.draw_rect(box, color=None, fill=(0, 0, 0))
            sheets.row(text, down=22)
            wanted.append((text, level))
        sheets.prose(number)
        sheets.page.draw_rect((50, sheets.y + 1.5, 200, sheets.y + 2), color=None, fill=(0, 0, 0))
        sheets.row("A linked sentence stands here and is", down=26)
        sheets.row("What a listing holds stands below", down=5)
        sheets.page.draw_rect((50, sheets.y, 370, sheets.y + 0.4), color=None, fill=(0, 0, 0))
        sheets.y += 12
        sheets.code(x=50)
        if number % 2:
            sheets.turn()
    parsed = sheets.read(read, tmp_path / "r.pdf")
    heads = [(block.text, block.level) for block in parsed.blocks if block.kind == "heading"]
    assert [text for text, _ in heads] == [text for text, _ in wanted]
    assert {level for text, level in heads if text.startswith("Of ")} == {2}
    assert {level for text, level in heads if not text.startswith("Of ")} == {1}


def test_code_that_is_read_as_text_is_said(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for seed in range(4):
        sheets.prose(seed)
        sheets.row(f"{seed}> what the keeper of the harbour says of it, and of all its boats", x=50)
        sheets.row("that come in each morning, and of those that are at sea for a week or more.")
    parsed = sheets.read(read, tmp_path / "p.pdf")
    assert not listings(parsed) and any("fixed pitch" in words for words in parsed.warnings)


def test_names_of_languages_over_listings_are_tabs(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for seed in range(4):
        sheets.prose(seed)
        sheets.page.insert_text((120, sheets.y), "Erlang", fontname="helv", fontsize=8)
        sheets.row("Elixir", font="helv", size=8, down=14)
        sheets.code()
    parsed = sheets.read(read, tmp_path / "t.pdf")
    assert listings(parsed) == ["\n".join(CODE)] * 4
    assert not [text for text in texts(parsed, "prose", "table") if "Erlang" in text]


def test_running_heads_in_the_type_of_code_go_and_code_at_the_top_stays(
    tmp_path: Path, read: Read
) -> None:
    sheets = Sheets()
    for name in NAMES:
        sheets.page.insert_text((50, 30), f"{name}.rise/2", fontname="cour", fontsize=8)
        if name in NAMES[::2]:
            sheets.code()
        for seed in range(6):
            sheets.prose(seed)
        sheets.turn()
    assert listings(sheets.read(read, tmp_path / "h.pdf")) == ["\n".join(CODE)] * 4


def test_a_book_of_one_face_has_words_and_code(tmp_path: Path, read: Read) -> None:
    sheets = Sheets()
    for number, name in enumerate(NAMES):
        title = name.upper() if number % 2 == 0 else name
        sheets.row(title, font="cobo", down=24)
        for at in range(3):
            sheets.row(f"The keeper of {name} counts boats, {at} and more", font="cour", size=9)
        sheets.y += 10
        sheets.row("- the first boat of them all is", 50, "cour", 9)
        sheets.row("the one that came last", 60.8, "cour", 9)
        sheets.y += 10
        sheets.code(x=71.6, size=9)
        sheets.y += 6
        if number % 2:
            sheets.turn()
    parsed = sheets.read(read, tmp_path / "o.pdf")
    assert listings(parsed) == ["\n".join(CODE)] * 8
    heads = [(block.text, block.level) for block in parsed.blocks if block.kind == "heading"]
    assert [text.casefold() for text, _ in heads] == [name.casefold() for name in NAMES]
    assert {level for text, level in heads if text.isupper()} == {1}
    assert {level for text, level in heads if not text.isupper()} == {2}


HAN = "管理员每天早上数港口的船并把数目写在本子里"


def test_chinese_words_with_code_are_prose_and_go_on_without_blanks(
    tmp_path: Path, read: Read
) -> None:
    sheets = Sheets()
    for seed in range(8):
        sheets.row(HAN, font="china-s")
        sheets.row(HAN, font="china-s")
        sheets.page.insert_text((50, sheets.y), "rise", fontname="cour", fontsize=10)
        sheets.page.insert_text((78, sheets.y), HAN, fontname="china-s", fontsize=10)
        sheets.y += 26
        sheets.page.insert_text((62, sheets.y), "level = 1  # ", fontname="cour", fontsize=8)
        sheets.page.insert_text((130, sheets.y), HAN[:6], fontname="china-s", fontsize=8)
        sheets.y += 10
        sheets.row(f"rise(level + {seed})", 62, "cour", 8, down=24)
    parsed = sheets.read(read, tmp_path / "h.pdf")
    assert len(listings(parsed)) == 8
    assert all(text.startswith("level = 1  #") for text in listings(parsed))
    assert HAN + HAN in texts(parsed, "prose")[0]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (("IO.puts(", '"', "船", '")'), True),
        (("level  # ", "船"), True),
        (("rise", "船"), False),
        (("船", "rise"), False),
        (('"a"', "船"), False),
    ],
)
def test_words_belong_to_code_in_an_open_string_or_a_remark(
    parts: Sequence[str], code: bool
) -> None:
    runs = [
        Run(text, "Han" if "船" in text else "Mono", 10.0, 0, 0, edges_of([0.0], [1.0]))
        for text in parts
    ]
    assert is_of_code(runs, {"Mono": 0.6}) is code


def test_only_signs_that_need_no_blank_are_joined() -> None:
    assert joins_bare("船", "在") and joins_bare("船。", "在")
    assert not joins_bare("船", "rise") and not joins_bare("boat", "船")
    assert not joins_bare("배", "가")  # Korean parts its words


def test_a_string_with_an_expression_is_elixir() -> None:
    assert classify('"I have #{4 + 4} apples."')[1] == "elixir"
    assert classify('M = #{"a" => 1}.')[1] == "erlang"


def test_a_page_of_one_level_is_read_in_bounded_time(tmp_path: Path, read: Read) -> None:
    from booktune_assets.books.doubled import take_doubled
    from booktune_assets.books.ledger import Ledger

    def at(number: int) -> Line:
        x = 5.0 * (number % 90)
        run = Run("a", "Mono", 10.0, 0, 0, edges_of([x], [x + 5]))
        return Line([run], 100.0, (x, 90.0, x + 5, 102.0))

    page = PageDrawn(1, 500, 500, lines=[at(number) for number in range(20_000)])
    assert len(list(take_doubled([page], Ledger()))) == 1


def test_a_wrapped_row_with_a_ground_of_its_own_parts_no_listing(
    tmp_path: Path, read: Read
) -> None:
    rows = ["def rise(level) do", "  level + fall(level) + boats +", "end", "rise(1)"]
    sheets = Sheets()
    for seed in range(4):
        sheets.prose(seed)
        top = sheets.y - 9
        sheets.page.draw_rect((50, top, 380, top + 72.4), color=(0.8, 0.8, 0.8), width=0.5)
        for number, row in enumerate(rows, start=1):
            high = 18 if number == 2 else 8.4
            tint = 1.0 if number % 2 == 0 else 0.95
            y = sheets.y - 7
            sheets.page.draw_rect((50, y, 380, y + high), fill=(tint,) * 3, color=None)
            sheets.page.insert_text((56, sheets.y), str(number), fontname="helv", fontsize=6)
            sheets.row(row, 70, "cour", 8, down=9.6 if number == 2 else 14.8)
            if number == 2:
                sheets.row("fall(boats)", 70, "cour", 8, down=14.8)
        sheets.y += 12
    found = listings(sheets.read(read, tmp_path / "w.pdf"))
    assert len(found) == 4
    assert not [text for text in found if "\n\n" in text]
