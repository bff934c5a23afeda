"""Printed numbers of titles: "3.2 Maps", and rows above that only number: "Chapter 7", "SEVEN".

Belongs here: telling them, and which heading such rows belong to. Does not: levels (``levels.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from booktune_assets.books.codenames import names_code
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.rows import Row

__all__ = [
    "SPELLED", "bare_number", "begins_caption", "is_caption", "is_label", "label_word",
    "mark_labels", "split_number",
]  # fmt: skip

_ONES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: number for number, word in enumerate(_ONES, start=1)} | {
    word: 10 * number for number, word in enumerate(_TENS, start=2)
}
SPELLED = rf"(?:(?:{'|'.join(_TENS)})[ -]?)?(?:{'|'.join(_ONES)})|{'|'.join(_TENS)}"
_LABEL = re.compile(
    rf"^(chapter|part|appendix|section|lesson)\s+(\d{{1,3}}|[A-Z]|[IVXLC]+|{SPELLED})[.:]?$", re.I
)
_BARE = re.compile(rf"^(\d{{1,3}}|[IVX]+|{SPELLED})[.:]?$", re.I)

_NUMBER = re.compile(
    r"^(?:(?P<word>chapter|part|appendix|section|lesson)\s+)?"
    r"(?P<number>\d{1,3}(?:\.\d{1,3})*|[A-Z](?:\.\d{1,3})+|(?<=\s)(?:[A-Z]|[IVXLC]+)\b)"
    r"(?P<mark>\s*[.:)\u2014\u2013-])?\s+(?=\S)",
    re.I,
)
_SPELLED = re.compile(
    rf"(?:chapter|part|appendix|lesson)\s+(?P<number>{SPELLED})"
    r"(?:\s*[.:\u2014\u2013-]\s+(?=\S)|\s+(?=(?-i:[A-Z\u00c0-\u00de])))", re.I,
)  # fmt: skip
_WORD = re.compile(r"(chapter|part|appendix|section|lesson)\s", re.I)
_OWN = re.compile(r"chapter\s+\d{1,3}\s*[.:\u2014\u2013-]?\s+\S", re.I)
_CAPTION = re.compile(
    r"^(?:figure|table|listing|example|program|diagram)\s+[\dA-Z]+(?:[.-]\d+)*[.:\u2014\u2013]\s",
    re.I,
)
_WHAT = r"^(?:figure|table|listing|example|program|diagram)\s+"
_FLOAT = re.compile(
    _WHAT + r"(?:(?:\d+|[A-Z])[.-]\d+|\d+\s+[\u2014\u2013])\s+(?:[\u2014\u2013]\s+)?"
    r"(?-i:[^\W\da-z])",
    re.I,
)
_COUNTED = re.compile(
    _WHAT + r"(?:(?:\d+|[A-Z])[.-])?\d+\s+(?:[\u2014\u2013]\s+)?(?P<rest>\S)", re.I
)
_SMALLER = 0.95  # of the size of text


def is_label(text: str) -> str | None:
    """The number of a row that only says ``Chapter 7``; words for numbers become digits."""
    match = _LABEL.match(text.strip())
    return _digits(match.group(2)) if match else None


def bare_number(text: str) -> str | None:
    """The number of a row that says nothing else: ``7``, ``VII``, ``SEVEN``."""
    match = _BARE.match(text.strip())
    return _digits(match.group(1)) if match else None


def split_number(text: str) -> tuple[str | None, str]:
    """``("3.2", "Title")`` of ``"3.2 Title"``; ``(None, text)`` without a printed number."""
    match = _NUMBER.match(text)
    if not match:
        spelled = _SPELLED.match(text)  # "Chapter One: Harbours"
        title = text[spelled.end() :].strip() if spelled else ""
        return (_digits(spelled["number"]), title) if spelled and title else (None, text)
    number, plain = match.group("number"), match.group("mark") is None
    if match.group("word") is None and plain and "." not in number and len(number) > 2:
        return None, text  # "404 responses" is a title, "3 Responses" is numbered
    title = text[match.end() :].strip()
    if _counted_anew(match):
        return split_number(title)
    return number, title


def _counted_anew(number: re.Match[str]) -> bool:
    """Whether a program counted what its author had numbered: "2 Chapter 1. Maps"."""
    bare = number.group("word") is None and number.group("mark") is None
    return bare and _OWN.match(number.string, number.end()) is not None


def label_word(text: str) -> str | None:
    """``part`` of ``"Part 2: Recap"`` and of a lone ``"Part 2"``; None where no word is printed."""
    if (counted := _NUMBER.match(text)) is not None and _counted_anew(counted):
        text = text[counted.end() :]
    word = _WORD.match(text.strip())
    return word.group(1).lower() if word and (split_number(text)[0] or is_label(text)) else None


def is_caption(text: str) -> bool:
    """Whether a row begins a caption: what it is of, and a number."""
    return _CAPTION.match(text) is not None


def begins_caption(row: Row, fonts: Fonts) -> bool:
    """Whether a row begins a caption; without a mark behind its number its type has to differ."""
    if is_caption(row.text):
        return True
    run = next((run for run in row.runs if run.text.strip()), None)
    small = row.size < _SMALLER * fonts.body_size
    own = small or row.font != fonts.body or (run is not None and run.bold)
    if not own or _FLOAT.match(row.text):
        return own
    counted = _COUNTED.match(row.text)
    return counted is not None and names_code(row.text[counted.start("rest") :])


def mark_labels(rows: Sequence[Row], named: set[int]) -> None:
    """Rows right above a heading that number it become part of it: role and level of the heading.

    ``named`` has the numbers of rows that the outline names: a chapter may be called "One".
    """
    firsts: list[tuple[int, int]] = []  # lone numbers that are first on their pages
    waiting: list[tuple[int, int | None]] = []  # rows that number if those do, and their levels
    page = 0  # of the row before
    for number, (above, row) in enumerate(pairwise(rows)):
        begins, page = above.page != page, above.page
        if above.page != row.page or row.role != "heading":
            continue
        if begins and (said := _counts_alone(above, row)) is not None:
            firsts.append((number, said))
        if number in named or is_label(row.text) or bare_number(row.text):
            continue
        if is_label(above.text):
            if not _ends_paragraph(rows, number):
                above.role, above.level = "heading", row.level  # whatever its own type is
        elif bare_number(above.text):
            if _large(above, row):
                above.role, above.level = "heading", row.level
            else:
                waiting.append((number, row.level))
    rising = _rising(firsts)
    for number, level in waiting:
        if number in rising:
            rows[number].role, rows[number].level = "heading", level


def _ends_paragraph(rows: Sequence[Row], number: int) -> bool:
    """Whether a row is the last one of a paragraph: "… see Listing 2 and / Appendix B."."""
    row, before = rows[number], rows[number - 1] if number else None
    if before is None or row.role or before.role:
        return False
    near = before.page == row.page and 0 < row.baseline - before.baseline < 1.7 * row.size
    return near and before.style == row.style and not before.text.endswith((".", "!", "?", ":"))


def _counts_alone(above: Row, row: Row) -> int | None:
    """The number that a row says above a heading, if it says nothing else and is not small."""
    said = "" if above.mono else bare_number(above.text) or ""
    return int(said) if said.isdigit() and above.size >= 0.5 * row.size else None


def _rising(found: Sequence[tuple[int, int]]) -> set[int]:
    """Lone numbers that are first on their pages, above headings, and count on."""
    counts = [said for _, said in found]
    rising = len(counts) > 1 and all(two == one + 1 for one, two in pairwise(counts))
    return {number for number, _ in found} if rising else set()


def _large(above: Row, row: Row) -> bool:
    """Whether a lone number is set as a heading: in its type or larger, and close to it."""
    near = 0 < row.baseline - above.baseline < 6 * max(above.size, row.size)
    alike = above.font == row.font and above.size >= 0.7 * row.size
    return near and not above.mono and (
        above.size >= 0.95 * row.size or alike
        or (above.role == "heading" and above.bold == row.bold)
    )  # fmt: skip


def _digits(number: str) -> str:
    words = re.split(r"[ -]", number.casefold())
    if all(word in _WORDS for word in words):
        return str(sum(_WORDS[word] for word in words))
    return number
