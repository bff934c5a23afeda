"""Captions without a mark behind their number: titles, files and functions, and no sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.codenames import names_code
from booktune_assets_tests.books.makers import paragraph
from booktune_assets_tests.books.test_presses import Press

Read = Callable[[Path], Parsed]
CODE = ["defmodule Tide do", "  def rise(height), do: height + 1", "end"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("lib/tide.ex", True), ("mix.exs", True), ("lib/tide.ex (excerpt)", True),
        ("Tide.rise/1", True), ("handle_call", True), ("./run", True), ("rise(tide)", True),
        ("shows how", False), ("and/or", False), ("e.g. this", False), ("iex", False),
        ("lib/tide.ex shows how", False), ("in lib/tide.ex", False),
    ],
)  # fmt: skip
def test_names_of_code(text: str, named: bool) -> None:
    assert names_code(text) == named


def test_captions_that_name_files_are_captions_and_sentences_are_prose(
    tmp_path: Path, read: Read
) -> None:
    captions = [
        "Listing 1.1 lib/tide.ex", "Listing 1.2 The tide", "Example 3 mix.exs",
        "Listing 1.4 Tide.rise/1",
    ]  # fmt: skip
    press = Press(tmp_path / "book.pdf")
    for number, caption in enumerate(captions):
        press.prose(number)
        press.y -= 6
        press.line(caption, "Helvetica-BoldOblique", 9)
        press.code(CODE)
    press.turn()
    press.prose(9)
    said = "Listing 1.1 shows how the harbour was built"
    press.y -= 6
    press.line(said, "Times-Roman", 9)
    press.prose(10)
    parsed = read(press.save())
    assert [b.text for b in parsed.blocks if b.kind == "caption"] == captions
    assert [b.text for b in parsed.blocks if b.kind == "prose"] == [
        *(paragraph(number, 30) for number in (0, 1, 2, 3, 9)), said, paragraph(10, 30),
    ]  # fmt: skip
