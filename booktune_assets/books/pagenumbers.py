"""Which number is printed on which page: what the file says, corrected by what the pages say.

Belongs here: the rules for labels of a PDF, numbers in running heads and footers. Does not: finding
running heads (``furniture.py``), what refers to a page (``crossrefs.py backmatter.py``).

A reader of the book knows only what is printed. The labels of a file are often missing, or count
its pages from the cover on; so numbers that were taken off as furniture count for more. They have
to go up with the pages over a stretch of the book; a page between two of one stretch has its own.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from booktune_assets.books.blocks import Page
from booktune_assets.books.mupdf import library
from booktune_assets.books.numerals import value_of

__all__ = ["Rules", "label_of", "number_pages", "read_rules"]

Rules = list[tuple[int, str]]
Shift = tuple[str, int]  # roman or digit; the printed number less the page
_KIND = re.compile(r"/Type\s*/PageLabel\b")
_EDGE = re.compile(r"^\W*(?:page\s+)?([ivxlc]{1,8}|\d{1,4})\b|\b([ivxlc]{1,8}|\d{1,4})\W*$", re.I)
_ENOUGH = 4  # pages of a stretch
_HOLE = 4  # pages without a number within a stretch
_LOWER = re.compile(r"[ivxlc]+")


def read_rules(document: Any) -> Rules:
    """The rules for labels of a PDF, once: a page that is asked reads all of them."""
    with suppress(Exception):  # a broken tree of numbers
        # PyMuPDF takes the name of the type for a prefix
        return sorted((page, _KIND.sub("", rule)) for page, rule in document._get_page_labels())
    return []


def label_of(page: int, rules: Rules) -> str | None:
    """The label that the file gives a page, counted from 1."""
    with suppress(Exception):
        return str(library().utils.get_label_pno(page - 1, rules)) if rules else None
    return None


def number_pages(pages: Sequence[Page], furniture: Mapping[int, Sequence[str]]) -> None:
    """Set the labels of pages to the numbers that ``furniture``, their running heads, prints."""
    seen = {page: set(_numbers(texts, page)) for page, texts in furniture.items()}
    often = Counter(shift for shifts in seen.values() for shift in shifts)
    best: dict[int, Shift] = {}
    for page, shifts in seen.items():
        # a year or the number of a chapter counts no pages: its difference changes every page
        if found := max(shifts, key=lambda shift: (often[shift], shift), default=None):
            best[page] = found
    for first, last, (kind, shift) in _stretches(best):
        for page in pages:
            if first <= page.page <= last:
                number = page.page + shift
                page.label = _roman(number) if kind == "roman" else str(number)


def _numbers(texts: Sequence[str], page: int) -> Iterator[Shift]:
    """What the first and last words of running heads may count."""
    for text in texts:
        for match in _EDGE.finditer(text):
            word = match[1] or match[2]
            if word.isdigit():
                yield "digit", int(word) - page
            elif _LOWER.fullmatch(word) and _roman(value := value_of(word.upper())) == word:
                yield "roman", value - page


def _stretches(best: Mapping[int, Shift]) -> Iterator[tuple[int, int, Shift]]:
    """First and last page of each run of pages with one difference, long enough to be believed."""
    runs: dict[Shift, list[list[int]]] = defaultdict(list)
    for page in sorted(best):
        shift = best[page]
        if runs[shift] and page - runs[shift][-1][-1] <= _HOLE:
            runs[shift][-1].append(page)
        else:
            runs[shift].append([page])
    for shift, found in runs.items():
        for run in found:
            if len(run) >= _ENOUGH:
                yield run[0], run[-1], shift


def _roman(number: int) -> str:
    if number < 1:
        return ""
    out = ""
    steps = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"),
             (4, "iv"), (1, "i"))  # fmt: skip
    for value, sign in steps:
        while number >= value:
            out, number = out + sign, number - value
    return out
