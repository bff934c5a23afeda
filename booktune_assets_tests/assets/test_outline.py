"""The tables of a book's structure on the page of ``sections``."""

from __future__ import annotations

from pathlib import Path

from booktune_assets.assets.outline import ROWS, outlined
from booktune_assets.books.blocks import Block, Parsed, Place
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.sections import into_sections
from booktune_assets.lake import Lake


def lake_with(tmp_path: Path, blocks: list[Block]) -> Lake:
    parsed = Parsed("md", title="T", blocks=blocks)
    raw = into_frames(parsed.as_plain(), Facts("b", Path("b.md"), "0" * 64, 1, "raw_books.0"))
    frames = into_sections("b", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"])
    lake = Lake(tmp_path)
    lake.publish("sections", "b", frames, code_version="sections.0")
    return lake


def block(kind: str, text: str, lang: str = "", number: str | None = None) -> Block:
    level = 1 if kind == "heading" else None
    return Block(kind, text, level, number, lang, places=[Place(0, len(text))])


def test_the_order_says_why_and_open_references_are_listed(tmp_path: Path) -> None:
    found = outlined(lake_with(tmp_path, [
        block("heading", "Tides", number="1"),
        block("code", "defmodule Tide do\n  def high?(l), do: l > 3\nend", "elixir"),
        block("heading", "Boats | <b>", number="2"),
        block("code", "Tide.high?(4)", "elixir"),
        block("prose", "See Chapter 1, and Chapter 9 for `more`."),
    ]), "b")  # fmt: skip
    order = found["learning_order"].value
    assert "| 1 | 1 | 1 Tides |  |" in order
    assert r"| 2 | 2 | 2 Boats \| \<b\> | 1 Tides (Chapter 1, Tide and 1 more) |" in order
    assert "| Chapter 9 | 2 Boats" in found["unresolved_references"].value
    assert "no such number" in found["unresolved_references"].value


def test_long_lists_are_cut_and_empty_ones_left_out(tmp_path: Path) -> None:
    blocks = [block("heading", f"Chapter {n}") for n in range(ROWS + 5)]
    found = outlined(lake_with(tmp_path, blocks), "b")
    assert set(found) == {"learning_order"}
    assert found["learning_order"].value.endswith("\n5 more")
    assert outlined(lake_with(tmp_path / "none", [block("prose", "words")]), "b").keys() == {
        "learning_order"
    }
