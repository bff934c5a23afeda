"""Tabs over listings: ``Elixir  Erlang  Gleam``, printed by pages that show a listing in each.

Belongs here: rows of nothing but names of languages, right above code. Does not: one name in the
box of a listing (``beside.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    found: list[tuple[int, Row]] = []
    start = 0
    for members in rows.pages():
        found += [(start + number, members[number]) for number in _tabs(members)]
        start += len(members)
    if len(found) < _ENOUGH:
        return
    for number, row in found:
        ledger.took(row.page, "mark", row.text)
        rows.cut(number, number + 1)


def _tabs(members: Sequence[Row]) -> Iterator[int]:
    for number, (row, after) in enumerate(pairwise(members)):
        near = 0 < after.baseline - row.baseline < _NEAR * max(row.size, after.size)
        if not row.mono and after.mono and near and _names(row.text):
            yield number


def _names(text: str) -> bool:
    words = text.casefold().split()
    if not _NAMES[0] <= len(words) <= _NAMES[1] or len(set(words)) < len(words):
        return False
    return all(is_language(word) or word in _ALSO for word in words)
