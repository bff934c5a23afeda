"""Titles in capitals above titles in the same type that are not: a level of their own.

Belongs here: whether the titles of one style are of two kinds. Does not: finding titles
(``headings.py``), small capitals (``rows.py``).

An abbreviation is a title, too: so it takes several titles of capitals, most of them longer than
any abbreviation, and the first of both is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from booktune_assets.books.rows import Row

__all__ = ["differ_in_capitals", "in_capitals"]

_ENOUGH = 4  # of each kind
_LONG = 5  # letters; abbreviations have fewer
_MOST = 0.7  # of those in capitals are longer


def in_capitals(rows: Mapping[int, Row], at: Sequence[int]) -> list[int]:
    """Those of the titles of one style that are in capitals, if the others are below them."""
    upper = [index for index in at if _is_upper(rows[index].text)]
    if min(len(upper), len(at) - len(upper)) < _ENOUGH or min(at) != min(upper):
        return []
    long = sum(_letters(rows[index].text) > _LONG for index in upper)
    return upper if long >= _MOST * len(upper) else []


def differ_in_capitals(row: Row, after: Row) -> bool:
    """Whether two bold rows are two titles, one of them in capitals, longer than abbreviations."""
    upper = _is_upper(row.text), _is_upper(after.text)
    first = row.text if upper[0] else after.text
    return row.bold and after.bold and upper[0] != upper[1] and _letters(first) > _LONG


def _is_upper(text: str) -> bool:
    return text.isupper() and _letters(text) > 1


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
