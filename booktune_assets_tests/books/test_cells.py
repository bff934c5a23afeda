"""Rows of tables as text, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.cells import added_by, parted, row_text
from booktune_assets.books.ledger import ink

CELLS = st.lists(st.lists(st.sampled_from(["|", "||", "a|b", "x", "|>"]), max_size=4), min_size=1)


@given(CELLS)
def test_cells_come_back_as_they_were(words: list[list[str]]) -> None:
    cells = [" ".join(one) for one in words]
    line = row_text(cells)
    assert parted(line) == cells
    added = ink(line)
    added.subtract(ink("".join(cells)))
    assert added == Counter(added_by(cells)) or not added_by(cells)


def test_a_bar_in_a_cell_of_markdown_stays_in_it(
    tmp_path: Path, read: Callable[[Path], Parsed]
) -> None:
    path = tmp_path / "book.md"
    path.write_text("# T\n\n| sign | says |\n| --- | --- |\n| `\\|` | a \\| b |\n")
    parsed = read(path)
    (table,) = (block.text for block in parsed.blocks if block.kind == "table")
    assert [parted(line) for line in table.split("\n")] == [["sign", "says"], ["|", "a | b"]]
    assert [(page.lost, page.doubled) for page in parsed.pages] == [(0, 0)]
