"""Page numbers among the lines near the edges of pages, and what stands in a row with them.

Belongs here: how numbers follow the pages, rows that hold the number of their page. Does not: which
lines are looked at, and repetition of words (``furniture.py``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "LONG", "Seen", "Type", "beside_numbers", "counts", "dropped_folios", "numbered_rows",
    "shifts_of",
]  # fmt: skip

LONG = 60  # characters of a running head
_MANY = 6  # pages that make numbers in a row page numbers
_NEARLY = 0.7  # of the pages have their number there
_NUMBERED = 0.9  # of the pages with a row in large type: it has their number
Type = tuple[str, float]


@dataclass(slots=True)
class Seen:
    page: int
    index: int
    text: str
    numbers: list[int]
    row: str  # letters of the rows of its size that it stands in
    twice: bool  # whether the page has these letters elsewhere, as below a running head
    baseline: float
    level: bool  # whether it is level with the text of the book
    clear: bool  # whether it stands apart from the rows above and below
    lone: bool  # a label that the book prints once
    title: Type | None  # font and size, if it may be a title over the first row of the page's text
    within: bool  # whether text of the page stands between it and the edge
    bold: bool  # whether it may be a bold title itself, in the size of text


def beside_numbers(groups: Sequence[tuple[list[Seen], bool]], pages: int) -> dict[int, set[int]]:
    """Lines of no large type that are level with page numbers, which stand apart from the text."""
    rows: dict[int, list[float]] = defaultdict(list)  # by page: baselines of its number
    for members, large in groups:
        shifts = shifts_of(members, pages)
        bare = [one for one in members if one.text.isdigit() and counts(one, shifts)]
        if large or len({one.page for one in bare}) < max(_MANY, _NEARLY * pages):
            continue
        if any(one.level for one in bare):
            continue  # they stand in the margin, beside the first row of the text
        for one in bare:
            if one.clear:
                rows[one.page].append(one.baseline)
    found: dict[int, set[int]] = defaultdict(set)
    for members, large in groups:
        for one in members if not large else ():
            if one.lone:
                continue
            level = any(abs(one.baseline - row) < 1 for row in rows.get(one.page, ()))
            if level and len(one.text) <= LONG:
                found[one.page].add(one.index)
    return found


def dropped_folios(
    groups: Sequence[tuple[list[Seen], bool]], heads: Sequence[list[Seen]], pages: int
) -> dict[int, set[int]]:
    """Lone numbers of pages whose heads have none, as pages have that begin chapters.

    ``heads`` are the groups that are furniture: what they count tells the number of such a page.
    """
    known: set[tuple[int, int]] = set()
    numbered: set[int] = set()
    for members in heads:
        shifts = shifts_of(members, pages)
        told = {one.page for one in members if counts(one, shifts)}
        if len(told) >= _NEARLY * len({one.page for one in members}):
            known |= {shift for shift in shifts if shift[0] == 1}
            numbered |= told
    found: dict[int, set[int]] = defaultdict(set)
    for one in (one for members, large in groups for one in members if not large):
        alone = one.text.isdigit() and one.clear and not one.level and not one.within
        if alone and one.page not in numbered and counts(one, known):
            found[one.page].add(one.index)
    return found


def numbered_rows(members: Sequence[Seen], shifts: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Page and height of rows in large type with the page's number, where next to all have it.

    A row may name a chapter of a page or two; that others say one thing on page after page tells
    them from titles of sections that are a page long and numbered as the pages are.
    """
    found = {(one.page, round(one.baseline)) for one in members if counts(one, shifts)}
    on = Counter(row for _, row in {(one.page, one.row) for one in members})
    pages = {one.page for one in members}
    again = {one.page for one in members if on[one.row] > 1}
    habit = len(found) >= max(_MANY, _NUMBERED * len(pages)) and len(again) >= len(pages) / 3
    return found if habit else set()


def counts(seen: Seen, shifts: set[tuple[int, int]]) -> bool:
    """Whether a line holds the number of its page."""
    return any(n - by * seen.page == shift for n in seen.numbers for by, shift in shifts)


def shifts_of(members: Sequence[Seen], pages: int) -> set[tuple[int, int]]:
    """How numbers follow the page: pages on a sheet, and the difference; empty when they do not.

    Three headings at the top of pages may be numbered in a row, too: so on a few pages of many the
    numbers say nothing.
    """
    found = Counter(
        shift for seen in members
        for shift in {(by, number - by * seen.page) for number in seen.numbers for by in (1, 2)}
    )  # fmt: skip
    on = len({one.page for one in members})
    if on < _MANY and on < 0.5 * pages:
        return set()
    most = max(found.values(), default=0)
    return {shift for shift, times in found.items() if times >= max(3, 0.8 * most)}
