"""Levels of headings that Roman numerals count: "II. Results", "A. Speed", "1) Of words".

Belongs here: which signs count, and which of them count within which. Does not: dotted digits and
words before numbers (``headings.py``), taking such numbers off (``numerals.py``).

Numerals that begin again below each of another kind are one level deeper than those. Roman ones
above digits that go on from one to the next number parts, and so do those that stand alone over
titles with pages of their own; then nothing is said here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from booktune_assets.books.numerals import value_of

__all__ = ["counted_levels", "counting", "is_counted", "outline_agrees"]

_KINDS = {
    "roman": re.compile(r"([IVXLC]+)\s?[.:]\s+(?=\S)"),
    "letter": re.compile(r"([A-Z])\s?[.)]\s+(?=\S)"),
    "digit": re.compile(r"(\d{1,2})[.)]\s+(?=\S)"),
    "small": re.compile(r"([a-z])[.)]\s+(?=\S)"),
}
_ANY = re.compile("|".join(pattern.pattern for pattern in _KINDS.values()))
_ENOUGH = 3  # numerals that count on from I
_AGAIN = 2  # of the others: times that they begin anew
_NEARLY = 0.8  # of the signs of a kind count; of the levels of an outline are those of the numbers
_FRESH = 0.6  # of the titles below parts begin pages
_PAGES = 3  # parts that show it


def counted_levels(titles: Sequence[str], fresh: Sequence[bool | None] = ()) -> list[int | None]:
    """The levels that such numbers give; none where Roman ones count parts or nothing.

    ``fresh`` says which titles begin a page; None of rows in which titles go on.
    """
    none: list[int | None] = [None] * len(titles)
    kinds = counting(titles)
    marked = Counter(kind for kind, _ in kinds if kind)
    if marked["roman"] < _ENOUGH:
        return none
    begun = Counter(kind for kind, count in kinds if kind and count == 1)
    order = [
        kind for kind in dict.fromkeys(kind for kind, _ in kinds if kind)
        if kind == "roman" or begun[kind] >= _AGAIN
    ]  # fmt: skip
    if order[0] != "roman":
        return none
    if len(order) == 1 and (_numbered(titles) or _own_pages(kinds, fresh)):
        return none
    return [order.index(kind) + 1 if kind in order else None for kind, _ in kinds]


def outline_agrees(levels: Sequence[int], own: Sequence[int | None]) -> bool:
    """Whether the levels of titles are, but for a constant, those that their numbers give."""
    apart = Counter(given - level for level, given in zip(levels, own, strict=True) if given)
    deep = {given for given in own if given}
    return len(deep) > 1 and max(apart.values()) >= _NEARLY * apart.total()


def is_counted(title: str) -> bool:
    """Whether a title begins with a sign that can count."""
    return _ANY.match(title) is not None


def counting(titles: Sequence[str]) -> list[tuple[str, int]]:
    """Kind and value of the number of each title that counts, ``("", 0)`` of the others."""
    last: Counter[str] = Counter()
    order: list[str] = []
    seen: Counter[str] = Counter()
    found: list[tuple[str, int]] = []
    for title in titles:
        signs = [
            (kind, _value(kind, match.group(1))) for kind, pattern in _KINDS.items()
            if (match := pattern.match(title))
        ]  # fmt: skip
        on = next((sign for sign in signs if sign[1] == last[sign[0]] + 1), None)
        if on is None and ("roman", 1) in signs and last["roman"] >= _ENOUGH:
            on = "roman", 1  # the next paper of a volume
        kind, value = on or ("", 0)
        for sign, _ in signs[:1]:
            seen[kind or sign] += 1
        if kind and kind not in order:
            order.append(kind)
        for below in order[order.index(kind) + 1 :] if kind else ():
            last[below] = 0
        last[kind] = value
        found.append((kind, value))
    counted = Counter(kind for kind, _ in found)
    rare = {kind for kind in seen if counted[kind] < _NEARLY * seen[kind]}
    return [("", 0) if kind in rare else (kind, value) for kind, value in found]


def _value(kind: str, sign: str) -> int:
    if kind == "roman":
        return value_of(sign)
    return int(sign) if kind == "digit" else ord(sign.lower()) - ord("a") + 1


def _numbered(titles: Sequence[str]) -> bool:
    """Whether digits number titles, too: they go on from one numeral to the next."""
    return sum(title[:1].isdigit() for title in titles) >= _ENOUGH


def _own_pages(kinds: Sequence[tuple[str, int]], fresh: Sequence[bool | None]) -> bool:
    """Whether the titles right below the numbered ones begin pages, as chapters of parts do."""
    if len(fresh) != len(kinds):
        return False
    whole = [(kind, new) for (kind, _), new in zip(kinds, fresh, strict=True) if new is not None]
    below = [two[1] for one, two in pairwise(whole) if one[0] == "roman" and two[0] != "roman"]
    return len(below) >= _PAGES and sum(below) >= _FRESH * len(below)
