"""Levels of headings on the scale of the contract, by the numbers that are printed before them.

Belongs here: dotted digits, "Chapter 7", and how they correct an outline or type sizes. Does not:
numerals that are no digits (``counted.py``), which rows are headings (``headings.py``).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from booktune_assets.books import outlined
from booktune_assets.books.counted import counted_levels
from booktune_assets.books.labels import bare_number, is_label, split_number
from booktune_assets.books.numerals import composed_levels
from booktune_assets.books.rows import Row

__all__ = ["number_levels", "printed_levels"]

Style = tuple[str, float, bool]
_PART = re.compile(r"^(?:part\b|[IVXLC]+[.:]\s)", re.I)
_SMALLER = 0.4  # points: more than rounding
_ENOUGH = 2


def number_levels(rows: Sequence[Row], *, shift_from_outline: bool) -> None:
    """Put levels on the scale of the contract: a heading numbered 3.2 is of level 2."""
    titles = _titles(rows)
    own = _printed(titles)
    marked = [(one.number, one.text, one.style, one.level) for one in titles]
    shifts: Counter[int] = Counter()
    styles: dict[Style, Counter[int]] = defaultdict(Counter)
    for (_, _, style, level), given in zip(marked, own, strict=True):
        if given is not None:
            shifts[given - level] += 1
            styles[style][given] += 1
    shift = 0
    if shifts:
        found, votes = shifts.most_common(1)[0]
        shift = found if votes >= 0.1 * len(marked) else 0
    elif shift_from_outline and any(_PART.match(one[1]) for one in marked if one[3] == 1):
        shift = -1
    usual = outlined.usual_levels([(style, level + shift) for _, _, style, level in marked])
    mended: tuple[int, Style, int] | None = None  # number and type against an outline's entry
    for (number, _, style, before), given in zip(marked, own, strict=True):
        level = before + shift
        if shift_from_outline and given is not None and usual.get(style) == given != level:
            mended = number, style, given
        elif mended is not None and (given is not None or mended[:2] != (number - 1, style)):
            mended = None
        if mended is not None:  # with the rows in which its title goes on
            mended, level = (number, style, mended[2]), mended[2]
        elif not shift_from_outline and styles[style]:
            level = styles[style].most_common(1)[0][0] if given is None else given
        rows[number].level = max(0, level)


def printed_levels(rows: Sequence[Row]) -> list[int | None]:
    """The levels that the numbers of headings give, for each row that is one."""
    return _printed(_titles(rows))


class _Title(NamedTuple):
    number: int  # of its row
    text: str
    style: Style
    level: int
    fresh: bool | None  # it begins a page; None: it goes on with the title above


def _titles(rows: Sequence[Row]) -> list[_Title]:
    """The headings, found in one pass."""
    found: list[_Title] = []
    before: Row | None = None
    for number, row in enumerate(rows):
        if row.role == "heading" and row.level is not None:
            page = before.page if before is not None else 0
            goes_on = page == row.page and before and before.role and before.style == row.style
            fresh = None if goes_on else page != row.page
            found.append(_Title(number, row.text, row.style, row.level, fresh))
        before = row
    return found


def _printed(titles: Sequence[_Title]) -> list[int | None]:
    texts = [one.text for one in titles]
    own = _own_levels([(one.text, one.style[1]) for one in titles])
    if any(composed := composed_levels(texts)):
        return [one or other for one, other in zip(composed, own, strict=True)]
    counted = counted_levels(texts, [one.fresh for one in titles])
    if not any(counted):
        return own
    dotted = [level if level and level > 1 else None for level in own]
    return [one or other for one, other in zip(counted, dotted, strict=True)]


def _alone(marked: Sequence[tuple[str, float]]) -> frozenset[str]:
    """The numbers that stand alone above titles, if they count the chapters of the book."""
    found = [number for text, _ in marked if (number := bare_number(text)) and number.isdigit()]
    counts = list(map(int, found))
    rising = all(two == one + 1 for one, two in pairwise(counts))
    return frozenset(found) if len(counts) >= _ENOUGH and rising else frozenset()


def _own_levels(marked: Sequence[tuple[str, float]]) -> list[int | None]:
    """Levels that printed numbers give; ``Chapter 7`` lends its level to the title below it.

    ``marked`` are texts and type sizes. A chapter's number that comes again in smaller type only
    names the chapter: its answers, its notes.
    """
    own: list[int | None] = []
    chapters = _alone(marked)
    lent: int | None = None
    sizes: dict[str, float] = {}  # of the chapters that stand above
    for text, size in marked:
        number, label = split_number(text)[0], is_label(text)
        if label is None and (bare := bare_number(text)) in chapters:
            label = bare
        if number and text[len(number) :].startswith(")"):
            number = None  # "1) Of words" counts within what is above, whatever that is
        chapter = (label if not _PART.match(text) else None) or (
            number if number and number.isdigit() else None
        )
        if chapter and lent is None:
            if size < sizes.setdefault(chapter, size) - _SMALLER:
                own.append(None)
                continue
            sizes[chapter] = max(sizes[chapter], size)
        if label:
            lent = 0 if _PART.match(text) else 1
            own.append(lent)
            continue
        if lent is None and number and (number.replace(".", "").isdigit() or "." in number):
            lent = number.count(".") + 1
        own.append(lent)
        lent = None
    return own
