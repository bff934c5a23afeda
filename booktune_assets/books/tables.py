"""Tables of (X)HTML: which of them hold words in cells, and their rows.

Belongs here: telling a table from a grid that only arranges a page. Does not: listings set as
tables (``codetags.py``), tables of PDF (``layout.py grids.py``).
"""

from __future__ import annotations

from typing import Any

from booktune_assets.books.elements import classes_of, everything, is_regular, tag_of
from booktune_assets.books.ledger import ink
from booktune_assets.books.printmarks import text_of, unread

__all__ = ["is_grid", "rows_of"]


def is_grid(element: Any) -> bool:
    """A table of words; one that holds code, tables or loose text only arranges the page."""
    inner = [e for e in element.iter() if e is not element]
    if any(tag_of(e) in ("pre", "table") for e in inner):
        return False
    cells = [e for e in inner if tag_of(e) in ("td", "th")]
    if len(cells) == 1 or (cells and "icon" in classes_of(cells[0])):
        return False
    if not cells or not is_regular(element):
        return False
    held = [text_of(e) for e in element if tag_of(e) == "caption"]
    held += [text_of(cell) for row in rows_of(element) for cell in row]
    return ink("".join([*held, *unread(element)])) == ink(everything(element))


def rows_of(table: Any) -> list[list[Any]]:
    """The cells of a table, by row."""
    return [
        [cell for cell in row if tag_of(cell) in ("td", "th")]
        for row in table.iter() if tag_of(row) == "tr"
    ]  # fmt: skip
