"""Titles that run in and count nothing: "Deriving. Elixir allows …", with air above.

Belongs here: finding them by their type and the air above, where no outline names them. Does not:
those that count (``counted_runins.py``), parting them from their paragraphs (``runins.py``).

A stressed word may begin any paragraph, a term any item, "Note" any remark. A title of the lowest
levels has more air above than paragraphs of the book have, in a style of its own; it begins at the
edge of its paragraph, says something new each time, and more than its paragraph stands below it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from booktune_assets.books.drawings import LABEL
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Run
from booktune_assets.books.headings import Entry, folded
from booktune_assets.books.roles import is_label_word

__all__ = ["AiredRunIns"]

_MARKS = (".", ":", "\u2014", "\u2013")
_LEVEL = 0.5  # pt between baselines that are one
_EDGE = 2.0  # pt between edges that are one
_ENOUGH, _TOLD, _PAGES = 3, 2, 2  # titles of a style; with text above; pages that have them
_NEARLY = 0.9  # of the titles of a style
_AIR = 1.45  # rows above a title, at least
_OTHERS = 0.5  # for each title: paragraphs with so much air
_MORE = 0.6  # of the titles have more below them than a paragraph
_NEW = 0.8  # of the titles differ, numbers aside
_LONGEST, _WORDS = 70, 9  # characters and words of a title
_SIZE = 1.6  # pt that a title may differ from text
_APART = 1.6  # type sizes from a row to the next block
_INDENT = 5.0  # pt by which a paragraph begins further right
_FAR = 6.0  # type sizes: rows so far apart tell nothing
_ITALIC = 2
_STAGE = re.compile(
    r"(?:theorem|lemma|definition|example|exercise|proposition|corollary|proof|remark|step|question"
    r"|solution|answer|problem|case|claim|figure|table|listing|fig|q|a)\b[\s\d.:]*$", re.I
)  # fmt: skip

Style = tuple[str, float]


@dataclass(slots=True)
class _Found:
    page: int
    y: float
    text: str
    style: Style
    gap: float  # from the row of text above, pt; 0 where none tells
    flush: bool | None  # its paragraph goes on at its edge; None where it ends
    more: bool = False  # another block stands below its paragraph


class AiredRunIns:
    """Finds such titles, page by page."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._found: list[_Found] = []
        self._gaps: Counter[float] = Counter()  # between rows that begin in the type of text

    def see(self, page: PageDrawn, gone: set[int]) -> None:
        """Look at the lines of the next page, but for those that are no text."""
        rows = list(_rows(line for number, line in enumerate(page.lines) if number not in gone))
        for number, row in enumerate(rows):
            above = rows[number - 1] if number else None
            after = rows[number + 1] if number + 1 < len(rows) else None
            self._look(page, row, above, after)

    def _look(self, page: PageDrawn, row: _Row, above: _Row | None, after: _Row | None) -> None:
        gap = row.down_from(above)
        if row.first.font == self._fonts.body:
            if gap and above is not None and above.first.font == self._fonts.body:
                self._gaps[round(gap * 2) / 2] += 1
            begins = gap > _APART * row.size or (
                above is not None and row.left > above.left + _INDENT
            )  # fmt: skip
            self._note_more(begins=begins)
            return
        title = self._title(row)
        if not title or _boxed(page, row):
            self._note_more(begins=True)
            return
        style = (row.first.font, round(row.first.size, 1))
        told = gap if above is not None and above.last.font == self._fonts.body else 0.0
        below = after.down_from(row) if after is not None else 0.0
        flush = abs(after.left - row.left) < _EDGE if after and 0 < below < _APART * row.size else (
            None
        )  # fmt: skip
        y = row.baseline - row.first.size
        self._found.append(_Found(page.number, y, title, style, told, flush))

    def _note_more(self, *, begins: bool) -> None:
        if begins and self._found:
            self._found[-1].more = True

    def _title(self, row: _Row) -> str:
        """The words in another type that a row of text begins with, if they may be a title."""
        fonts, first = self._fonts, row.first
        strong = first.bold or first.flags & _ITALIC
        if not strong or fonts.mono(first) or abs(first.size - fonts.body_size) > _SIZE:
            return ""
        runs = row.runs
        fonted = [run.font == fonts.body for run in runs]
        if True not in fonted:
            return ""
        end = fonted.index(True)
        own = [n for n in range(end) if runs[n].font == first.font]
        head = "".join(run.text for run in runs[: own[-1] + 1]).strip()
        if not head.endswith(_MARKS):  # code behind it is of the title, or of the text
            head = "".join(run.text for run in runs[:end]).strip()
        title = head.rstrip("".join(_MARKS)).rstrip()
        fits = 0 < len(title) <= _LONGEST and len(title.split()) <= _WORDS
        return title if fits and title[0].isalnum() and title[-1] not in ",;" else ""

    def entries(self, outline: Sequence[Entry]) -> list[Entry]:
        """What an outline would say of the titles; levels count from 1 below all others."""
        known = {(entry.page, folded(entry.title)) for entry in outline}
        styles = [style for style in dict.fromkeys(one.style for one in self._found)
                  if self._titles(style)]  # fmt: skip
        return [
            Entry(1 + styles.index(one.style), one.text, one.page, one.y) for one in self._found
            if one.style in styles and (one.page, folded(one.text)) not in known
        ]  # fmt: skip

    def _titles(self, style: Style) -> bool:
        """Whether what begins in a style is a title each time."""
        own = [one for one in self._found if one.style == style]
        told = [one.gap for one in own if one.gap]
        usual = self._gaps.most_common(1)
        if len(own) < _ENOUGH or len(told) < _TOLD or not usual:
            return False
        aired = [gap for gap in told if gap >= _AIR * usual[0][0]]
        if len(aired) < _NEARLY * len(told) or len({one.page for one in own}) < _PAGES:
            return False
        others = sum(n for gap, n in self._gaps.items() if gap > min(aired) - 1)
        flush = [one.flush for one in own if one.flush is not None]
        return (
            others <= _OTHERS * len(told)
            and len(flush) >= _TOLD and sum(flush) >= _NEARLY * len(flush)
            and sum(one.more for one in own[:-1]) >= _MORE * (len(own) - 1)
            and _say_new([one.text for one in own])
        )  # fmt: skip


def _say_new(titles: Sequence[str]) -> bool:
    """Whether titles differ and are no labels, such as of remarks and theorems."""
    bare = {re.sub(r"[\d.]+", "", title).strip().casefold() for title in titles}
    labels = sum(
        bool(is_label_word(title) or LABEL.match(title) or _STAGE.match(title)) for title in titles
    )
    return len(bare) >= _NEW * len(titles) and labels <= (1 - _NEARLY) * len(titles)


@dataclass(slots=True)
class _Row:
    """The lines of one baseline that follow each other."""

    runs: list[Run]
    baseline: float
    left: float
    right: float
    size: float

    @property
    def first(self) -> Run:
        return self.runs[0]

    @property
    def last(self) -> Run:
        return self.runs[-1]

    def down_from(self, above: _Row | None) -> float:
        """How far the row is below another that it stands under; 0 where it does not."""
        if above is None or self.left > above.right or above.left > self.right:
            return 0.0
        gap = self.baseline - above.baseline
        return gap if 0 < gap < _FAR * self.size else 0.0


def _rows(lines: Iterator[Line]) -> Iterator[_Row]:
    for _, members in groupby(lines, lambda line: round(line.baseline / _LEVEL)):
        own = list(members)
        runs = [run for line in own for run in line.runs if run.text.strip()]
        if runs:
            left, right = min(line.box[0] for line in own), max(line.box[2] for line in own)
            yield _Row(runs, own[0].baseline, left, right, max(run.size for run in runs))


def _boxed(page: PageDrawn, row: _Row) -> bool:
    """Whether a row stands in a box, as remarks do."""
    return any(
        x0 - 1 < row.left and row.right < x1 + 1 and y0 < row.baseline < y1
        for x0, y0, x1, y1 in (box.rect for box in page.boxes)
    )
