"""Blank lines at page breaks by the habit of a book."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from booktune_assets.books.blocks import CODE_KINDS, Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.listing import Listing
from booktune_assets.books.rhythm import learn_rhythm

Read = Callable[[Path], Parsed]
FILLER = "Words of prose that stand between the listings of this small book about tides."
FORM = ['  @doc "Rise {n}"', "  def rise_{n}(level) do", "    level + {n}", "  end"]


CASE = ["  def rise_{n}(level) do", "    case level do", "      {n} ->", "        :high", "",
        "      _ ->", "        :low", "    end", "  end"]  # fmt: skip


def module(forms: int, form: list[str] = FORM) -> list[str]:
    rows = ["defmodule Tide do"]
    for n in range(forms):
        rows += ["", *(row.replace("{n}", str(n)) for row in form)]
    return [*rows, "end"]


def listing(rows: list[str]) -> Listing:
    kept = [number for number, row in enumerate(rows) if row]
    blanks = [b - a - 1 for a, b in zip([-1, *kept], kept, strict=False)]
    return Listing([], texts=[rows[number] for number in kept], blanks=blanks)


def test_what_a_book_does_between_two_kinds_of_lines() -> None:
    rhythm = learn_rhythm([listing(module(5))])
    assert rhythm.says("  end", '  @doc "x"', "elixir") is True
    assert rhythm.says('  @doc "x"', "  def y(z) do", "elixir") is False
    assert rhythm.says("  def y(z) do", "    z", "elixir") is False
    assert rhythm.says("    z", "  end", "elixir") is False
    assert rhythm.says("    z", "    w", "elixir") is None
    assert rhythm.says("  end", '  @doc "x"', "shell") is None
    assert rhythm.says("iex> 1", "  end", "elixir") is None


def test_a_book_of_other_habits_is_taken_as_it_is() -> None:
    loose = [row for line in module(5) for row in ([line, ""] if line.endswith("do") else [line])]
    rhythm = learn_rhythm([listing(loose)])
    assert rhythm.says("  def y(z) do", "    z", "elixir") is not False


def test_nothing_is_known_of_a_book_without_code() -> None:
    assert learn_rhythm([]).says("  end", "  def y do", "elixir") is None


def cut(path: Path, at: int, forms: int = 9, form: list[str] = FORM) -> Path:
    """A module over two pages without boxes; nothing in the geometry tells of a blank line."""
    rows = module(forms, form)
    with pymupdf.open() as document:
        for part, top in ((rows[:at], 130), (rows[at:], 60)):
            page = document.new_page(width=420, height=145 + 11 * at)
            for line in range(5 if top == 130 else 0):
                page.insert_text((60, 50 + 14 * line), FILLER, fontname="tiro", fontsize=9)
            y = float(top)
            while part and not part[0]:
                part = part[1:]
            for row in part:
                if row:
                    page.insert_text((60, y), row, fontname="cour", fontsize=9)
                y += 11
        document.save(path)
    return path


@pytest.mark.parametrize("at", [20, 21, 22, 23, 24, 25])
def test_a_break_anywhere_in_a_module(tmp_path: Path, read: Read, at: int) -> None:
    path = cut(tmp_path / "c.pdf", at)
    parsed = read(path)
    code = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    assert code == ["\n".join(module(9))]
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)


def test_the_change_is_written_down_and_can_be_switched_off(tmp_path: Path) -> None:
    path = cut(tmp_path / "c.pdf", 26, 4, CASE)  # between ``:high`` and ``_ ->``
    on, off = (parse(path, Limits(repairs_off=names), lambda done, total: None)
               for names in ((), ("blank_lines",)))  # fmt: skip
    assert on.blocks[-1].text == "\n".join(module(4, CASE))
    made = [change for change in on.changes if change["kind"] == "blank_lines"]
    assert [(change["before"], change["after"]) for change in made] == [
        ("        :high\n      _ ->", "        :high\n\n      _ ->")
    ]
    assert off.blocks[-1].text.count("\n") == on.blocks[-1].text.count("\n") - 1


def test_a_box_that_reaches_the_foot_of_the_page_hides_no_blank_line(
    tmp_path: Path, read: Read
) -> None:
    """Boxes without padding go to the foot of the page, whatever room the last row leaves."""
    code = [f"iex> rise({n})" for n in range(8)]
    with pymupdf.open() as document:
        for number in range(8):
            page = document.new_page(width=420, height=300)
            if number % 2:
                page.draw_rect((40, 40, 380, 62), color=None, fill=(0.93, 0.93, 0.93))
                for at, row in enumerate(code[6:]):
                    page.insert_text((44, 48 + 11 * at), row, fontname="cour", fontsize=9)
                tops = range(90, 250, 13)
            else:
                top = 280 - 66 - (0, 4, 9, 6)[number // 2]
                page.draw_rect((40, top, 380, 280), color=None, fill=(0.93, 0.93, 0.93))
                for at, row in enumerate(code[:6]):
                    page.insert_text((44, top + 8 + 11 * at), row, fontname="cour", fontsize=9)
                tops = range(50, 180, 13)
            for y in tops:
                page.insert_text((40, y), FILLER, fontname="tiro", fontsize=10)
        document.save(tmp_path / "level.pdf")
    parsed = read(tmp_path / "level.pdf")
    found = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    assert found == ["\n".join(code)] * 4
