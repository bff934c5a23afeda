"""What holds two blocks together when a book is cut into units.

Belongs here: code groups, headings, lists: the price of a border between two blocks. Does not:
choosing the borders (``units.py``), cutting a block (``forms.py``).

A *code group* is the paragraph that leads to code, the code with its sessions and outputs, and the
first paragraph after it. A paragraph between two listings belongs to both. Where such a chain is
too long for one unit, the paragraph stays with the listing that it leads to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from booktune_assets.books.blocks import CODE_KINDS

__all__ = ["HARD", "bonds_of"]

Row = dict[str, Any]
HARD = float("inf")
CHAIN = 4.0  # a listing parted from the paragraph after it, which leads to the next one
LIST = 0.2  # a list parted from the words that announce it
ITEM = 0.1  # one list parted
PLAIN = 0.05  # two paragraphs
_WORDS = frozenset({"prose", "list", "callout", "exercise", "answer"})
_LABELLED = frozenset({"table", "figure", *CODE_KINDS})


def bonds_of(blocks: Sequence[Row]) -> list[float]:
    """For each block the price of a border before it; ``HARD`` where there may be none.

    The first block has nothing before it: its price is 0.
    """
    kinds = ["", *(block["kind"] for block in blocks), ""]
    prices = [0.0] * len(blocks)
    for number in range(1, len(blocks)):
        first, one, two, third = kinds[number - 1 : number + 3]
        before, text = blocks[number - 1]["text"], blocks[number]["text"]
        prices[number] = _price(first, one, two, third, before, text)
    return prices


def _price(first: str, one: str, two: str, third: str, before: str, text: str) -> float:
    """The price between ``one`` and ``two``; ``first`` and ``third`` stand around them."""
    if one == "heading":
        return HARD
    if two == "heading":
        return 0.0
    if two in CODE_KINDS:
        return _before_code(first, one)
    if one in CODE_KINDS:
        return _after_code(two, third, text)
    if one == "caption" and two in _LABELLED:
        return HARD
    if two == "caption" and one in ("table", "figure"):
        return LIST if third in _LABELLED else HARD
    if first in CODE_KINDS and one == "caption" and two in _WORDS:
        return _after_code(two, third, text)  # the caption stands below the listing
    if one in _WORDS and two in ("list", "table") and before.rstrip().endswith(":"):
        return LIST
    return ITEM if one == two == "list" else PLAIN


def _before_code(first: str, one: str) -> float:
    """Sessions and outputs stay with their code, and code with what leads to it."""
    if one in CODE_KINDS or one in _WORDS or one == "caption":
        return HARD
    return PLAIN


def _after_code(two: str, third: str, text: str) -> float:
    """The first paragraph after belongs to code, unless it leads to the next."""
    leads = third in CODE_KINDS or (third == "caption" and two != "caption")
    if two == "caption":
        return LIST if leads else HARD
    if two not in _WORDS:
        return PLAIN
    if leads:
        return LIST if text.rstrip().endswith(":") else CHAIN
    return HARD
