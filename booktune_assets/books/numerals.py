"""Numbers of headings that are no digits: "IV. Results", "B. Related work".

Belongs here: telling them by their counting and keeping them as numbers. Does not: digits, and
words before numbers (``headings.split_number``).

Appendices beside numbered chapters may only bear a letter ("A Installing Elixir"): the next one
bears the next letter, or what is below it is numbered A.1.

"I. Robot" and "C. elegans" are titles; a book that numbers so counts: I, II, III from its
beginning, A, B, C from each of those again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from booktune_assets.books.blocks import Block
from booktune_assets.books.ledger import Ledger

__all__ = [
    "composed_levels", "take_appendices", "take_numerals", "take_parts", "value_of",
]  # fmt: skip

_APPENDIX = re.compile(r"([A-Z])[.:]?\s+(?=\S)")
_ROMAN = re.compile(r"([IVXLC]+)\s?[.:]\s+(?=\S)")
_LETTER = re.compile(r"([A-Z])\s?[.):]\s+(?=\S)")
_PART = r"(?:[IVXLC]{1,7}|[A-Z]|\d{1,3})"
_COMPOSED = re.compile(rf"((?:[IVXLC]{{1,7}}|[A-Z])(?:\.{_PART}){{1,4}})\.?\s+(?=\S)")
_FIRST = frozenset({"I", "A", "1"})
_NEARLY = 0.8  # of such numbers
_LETTERS = re.compile(r"([IVXLC]+|[A-Z])\s?[.:)]\s+(?=\S)")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_ENOUGH = 3  # headings that count on
_TWICE = 2  # letters, where Roman numerals count


def take_numerals(blocks: Sequence[Block], ledger: Ledger) -> None:
    """Move Roman numerals and letters that count headings from their titles into ``number``."""
    heads = [block for block in blocks if block.kind == "heading" and block.number is None]
    for block, deep in zip(heads, composed_levels([one.text for one in heads]), strict=True):
        if deep:
            _move(block, _COMPOSED if deep > 1 else _LETTERS, ledger)
    heads = [block for block in heads if block.number is None]
    roman = _counting(heads)
    if len(roman) < _ENOUGH:
        return
    last = 0
    lettered: list[Block] = []
    counted = {id(block) for block in roman}
    for block in heads:
        if id(block) in counted:
            last = 0
        elif (match := _LETTER.match(block.text)) and ord(match.group(1)) - 64 == last + 1:
            last += 1
            lettered.append(block)
    for block in roman:
        _move(block, _ROMAN, ledger)
    for block in lettered if len(lettered) >= _TWICE else ():
        _move(block, _LETTER, ledger)


def composed_levels(titles: Sequence[str]) -> list[int | None]:
    """How many parts the numbers of titles have that are like "II.B.3"; 1 for those above them.

    None of them has one unless nearly all come next after one before.
    """
    numbers = [
        match.group(1).split(".") if (match := _COMPOSED.match(title)) else None for title in titles
    ]  # fmt: skip
    found = [number for number in numbers if number]
    follow = sum(_follows(one, two) for one, two in pairwise(found))
    if follow < _ENOUGH or follow < _NEARLY * (len(found) - 1):
        return [None] * len(titles)
    tops = {number[0] for number in found}
    return [
        len(number) if number else 1 if (top := _ROMAN.match(title) or _LETTER.match(title))
        and top.group(1) in tops else None
        for number, title in zip(numbers, titles, strict=True)
    ]  # fmt: skip


def _follows(before: Sequence[str], number: Sequence[str]) -> bool:
    """Whether a number is the next one of its level, or of a level above, or the first below."""
    last = len(number) - 1
    if len(number) == len(before) + 1 and list(number[:last]) == list(before):
        return number[last] in _FIRST
    for at in range(min(last, len(before) - 1) + 1):
        if number[at] != before[at]:
            first = all(part in _FIRST for part in number[at + 1 :])
            return first and bool(_counts(number[at]) & {one + 1 for one in _counts(before[at])})
    return False


def _counts(part: str) -> set[int]:
    """What a part of a number may count: "C" is the third letter and a hundred."""
    if part.isdigit():
        return {int(part)}
    letter = {ord(part) - 64} if len(part) == 1 else set[int]()
    return letter | ({value_of(part)} if set(part) <= _VALUES.keys() else set())


def take_parts(blocks: Sequence[Block], ledger: Ledger) -> None:
    """Move the Roman numerals of parts from their titles into ``number``: "II: The Open Sea"."""
    parts = [block for block in blocks if block.kind == "heading" and block.level == 0]
    for block in _counting([block for block in parts if block.number is None]):
        block.label = "part"
        _move(block, _ROMAN, ledger)


def take_appendices(blocks: Sequence[Block], ledger: Ledger) -> None:
    """Move the letters of appendices from their titles into ``number``."""
    heads = [block for block in blocks if block.kind == "heading"]
    chapters: Counter[int] = Counter()
    found: list[tuple[Block, bool]] = []  # and whether titles below bear its letter, too
    for place, block in enumerate(heads):
        level = block.level or 0
        if block.number is not None:
            chapters[level] += block.number.isdigit()
            continue
        match = _APPENDIX.match(block.text)
        if match is None or chapters[level] < _TWICE or ord(match[1]) - 65 != len(found):
            continue
        if found and found[0][0].level != level:
            continue
        after = heads[place + 1].number if place + 1 < len(heads) else None
        found.append((block, (after or "").startswith(f"{match[1]}.")))
    if len(found) > 1 or any(told for _, told in found):
        for block, _ in found:
            _move(block, _APPENDIX, ledger)


def _counting(heads: Sequence[Block]) -> list[Block]:
    """Headings that count on in Roman numerals, from I."""
    found: list[Block] = []
    last = 0
    for block in heads:
        match = _ROMAN.match(block.text)
        if match and value_of(match.group(1)) == last + 1:
            found.append(block)
            last += 1
    return found


def value_of(roman: str) -> int:
    """What a Roman numeral counts."""
    values = [_VALUES[letter] for letter in roman]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-one if one < two else one for one, two in pairs)


def _move(block: Block, pattern: re.Pattern[str], ledger: Ledger) -> None:
    match = pattern.match(block.text)
    if match is None:
        return
    cut = match.end()
    ledger.took(ledger.page_of(block.places[0]), "heading_number", block.text[:cut], block=block)
    block.number, block.text = match.group(1), block.text[cut:]
    for place in block.places:
        place.start, place.end = max(0, place.start - cut), max(0, place.end - cut)
