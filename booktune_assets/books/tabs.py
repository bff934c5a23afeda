"""Tabs over listings: ``Elixir  Erlang  Gleam``, printed by pages that show a listing in each.

Belongs here: rows of nothing but names of languages, right above code. Does not: one name in the
box of a listing (``beside.py``).
"""

from __future__ import annotations

from itertools import pairwise

from booktune_assets.books.lang import is_language
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.rowbook import RowBook
from booktune_assets.books.rows import Row

__all__ = ["take_tabs"]

_ENOUGH = 3  # rows of tabs in a book
_NAMES = 2, 8  # in such a row
_NEAR = 3.0  # type sizes from the tabs to the first row of code
_ALSO = frozenset({"iex", "mix", "output", "result", "terminal", "repl", "test", "tests"})


def take_tabs(rows: RowBook, ledger: Ledger) -> None:
    """Take rows of tabs off, where a book has them time after time."""
    found = [
        (number, row) for number, (row, after) in enumerate(pairwise(rows))
        if after.mono and _are_tabs(row, after)
    ]  # fmt: skip
    if len(found) < _ENOUGH:
        return
    for number, row in found:
        ledger.took(row.page, "mark", row.text)
        rows.cut(number, number + 1)


def _are_tabs(row: Row, code: Row) -> bool:
    near = 0 < code.baseline - row.baseline < _NEAR * max(row.size, code.size)
    return row.page == code.page and not row.mono and near and _names(row.text)


def _names(text: str) -> bool:
    words = text.casefold().split()
    if not _NAMES[0] <= len(words) <= _NAMES[1] or len(set(words)) < len(words):
        return False
    return all(is_language(word) or word in _ALSO for word in words)
