"""What a book is called whose file does not say so: what its pages print.

Belongs here: the candidates for its title, gathered while its blocks come in, and which of them it
is. Does not: titles of sections (``headings.py``), what metadata says (``pdf.py``).

A book's title stands alone on its first page and on page after page, or runs above the text of
several chapters; the title of a chapter, which runs on the page opposite, ends with the chapter.
Else it is the first heading, which in a PDF may be neither front matter nor a numbered chapter.
Only candidates are kept: each line that runs once, however many pages have it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.books.matter import chapter_level, is_matter
from booktune_assets.ids import fold_prose

__all__ = ["BookName"]

Plain = Mapping[str, Any]
_TITLE_CHARS = 120
_RUNS, _RUN_SHARE = 3, 0.2  # pages, share of all pages that print the title of the book
_HEAD_SHARE = 0.3  # of all pages, where the first does not print it: every other page, or nearly
_CHAPTERS = 2  # that begin while a running head stays the same
_FOLIO = r"(?:\d{1,4}|[ivxlc]{1,7})"
_APART = r"[|\u2022\u00b7/\u2014\u2013-]"
_COUNTED = re.compile(
    rf"^(?P<left>{_FOLIO})(?:\s*{_APART}\s*|\s+)|(?:\s*{_APART}\s*|\s+)(?P<right>{_FOLIO})$"
)
_NO_TITLE = re.compile(
    r"://|www\.|@|\u00a9|\bcopyright\b|\bpage\b|\b(?:draft|version|chapter)\b", re.I
)
_LETTERS = 3
_SHIFTS = 50  # more are no numbers of pages
_AGREE = 0.8  # of the pages: their numbers count on with them


@dataclass(slots=True)
class _Head:
    """A line that runs: how it is written, without its page number, and the pages that have it."""

    text: str
    whole: str
    first: int
    last: int = 0
    pages: int = 0
    same: int = 0  # of them print it with the same number, or with none
    shifts: Counter[int] = field(default_factory=Counter[int])  # of printed numbers to pages
    top: float = 0.0  # the lowest place that it has

    def is_steady(self) -> bool:
        """Whether only the number of the page changes in it: "Part 1", "Part 2" are two titles."""
        counted = max(self.shifts.values(), default=0)
        return max(self.same, counted) >= _AGREE * self.pages


class BookName:
    """What a book without a title in its file may be called."""

    def __init__(self) -> None:
        self._opening: dict[str, str] = {}  # what stands on the first page, by its letters
        self._often: dict[str, set[int]] = defaultdict(set)
        self._opened = False
        self._heads: dict[str, _Head] = {}
        self._begin: list[tuple[int, int]] = []  # level and page of each heading
        self._first = ""
        self._named: str | None = None  # the first heading that may name a book; "" for none
        self._level = 0

    def see(self, block: Plain) -> None:
        """The next block."""
        place = next(iter(block["places"]), None)
        if block["kind"] == "heading":
            self._see_heading(block, place["page"] if place else None)
        elif block["kind"] == "running_head" and place and place["page"] and place["box"]:
            self._see_head(str(block["text"]), place["page"], place["box"][3])
        self._opened = self._opened or place is None or place["page"] != 1
        if not self._opened and len(block["text"]) <= _TITLE_CHARS:
            self._opening.setdefault(fold_prose(block["text"]), str(block["text"]))

    def furniture(self, changes: Sequence[Plain]) -> None:
        """Changes, when all blocks were seen."""
        for change in changes if self._opening else ():
            if change["kind"] == "furniture":
                folded = fold_prose(change["before"])
                if folded in self._opening:
                    self._often[folded].add(change["page"])

    def printed(self, heights: Sequence[float | None]) -> str:
        """The title that pages of these heights print again and again."""
        often = max(_RUNS, _RUN_SHARE * len(heights))
        begin = self._chapters()
        opening = (
            text for folded, text in self._opening.items()
            if len(on := self._often[folded]) >= often and not is_matter(text)
            and (len(begin) <= _CHAPTERS or _spans(begin, min(on), max(on)))
        )  # fmt: skip
        return next(opening, "") or self._running(
            len(heights), max((one or 0.0 for one in heights), default=0.0)
        )

    def heading(self, *, paged: bool) -> str:
        """The heading that names the book; on pages it is no heading of a part of the book."""
        return (self._named or "") if paged else self._first

    def _see_heading(self, block: Plain, page: int | None) -> None:
        text, level = str(block["text"]), block["level"] or 0
        if not self._begin:
            self._first, self._level = text, level
        self._begin.append((level, page or 0))
        if self._named is not None:
            return
        if block["number"] is not None:
            self._named = ""  # the chapters begin
        elif level <= self._level and not is_matter(text):
            self._named = text

    def _see_head(self, whole: str, page: int, bottom: float) -> None:
        if len(whole) > _TITLE_CHARS:
            return
        number = _COUNTED.search(whole)
        text = (whole[: number.start()] + whole[number.end() :] if number else whole).strip()
        if sum(map(str.isalpha, text)) < _LETTERS:
            return
        head = self._heads.setdefault(fold_prose(text), _Head(text, whole, page))
        if page != head.last:
            head.last, head.pages = page, head.pages + 1
            head.same += head.whole == whole
            said = (number["left"] or number["right"]) if number else ""
            if said.isdigit() and len(head.shifts) < _SHIFTS:
                head.shifts[int(said) - page] += 1
        head.top = max(head.top, bottom)

    def _chapters(self) -> list[int]:
        """The pages on which chapters begin."""
        level = chapter_level([level for level, _ in self._begin])
        return [page for said, page in self._begin if said <= level]

    def _running(self, pages: int, height: float) -> str:
        """What runs at the top of pages of several chapters, and is no title of one of them."""
        begin = self._chapters()
        found = [
            head for head in self._heads.values()
            if head.pages >= max(_RUNS, _HEAD_SHARE * pages) and head.top < height / 2
            and _spans(begin, head.first, head.last) and head.is_steady()
            and not _NO_TITLE.search(head.text) and not is_matter(head.text)
        ]  # fmt: skip
        best = max(found, key=lambda head: head.pages, default=None)
        if best is None:
            return ""
        return best.whole if best.same >= _AGREE * best.pages else best.text


def _spans(begin: Sequence[int], first: int, last: int) -> bool:
    """Whether chapters begin between two pages that print the same."""
    return sum(first < page <= last for page in begin) >= _CHAPTERS
