"""Captions that a page says again, because it begins with the rest of what they are of.

Belongs here: which lines at the top of a page repeat a caption of the page before, with "continued"
or without. Does not: running heads (``furniture.py``), captions (``layout.py``).

Some typesetters print the title of a box on each page that it reaches, and browsers the head of a
table. It is no text of the book there, and would part the listing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn

__all__ = ["SaidAgain"]

_LABEL = re.compile(
    r"(?:figure|table|listing|example|program|algorithm|snippet|code)\s+[\dA-Z]+(?:[.\-\u2013]\d+)*",
    re.I,
)
_MARK = re.compile(
    r"[\s,:.\u2013\u2014-]{0,8}[(\[]?\bcont(?:inued|['\u2019]d|\.)[)\]]?\.?\s{0,8}$", re.I
)
_ROWS = 3  # of a caption
_FIRST = 6  # lines from the top that are looked at, running heads among them
_NEXT = 1.7  # type sizes from row to row of a caption
_BELOW = 5.0  # type sizes from a caption to what it is of


class SaidAgain:
    """Looks at the pages of a book, one after the other."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.page = 0
        self.said: dict[str, str] = {}  # captions of the page before, by label, all rows together

    def see(self, page: PageDrawn) -> set[int]:
        """The numbers of the lines that say a caption again."""
        order = sorted(
            (n for n, line in enumerate(page.lines) if not self._is_code(line)),
            key=lambda n: (page.lines[n].baseline, page.lines[n].box[0]),
        )
        said = self.said if page.number == self.page + 1 else {}
        self.page, self.said = page.number, {}
        found: set[int] = set()
        for at, number in enumerate(order):
            label = _LABEL.match(page.lines[number].text.strip())
            if label is None:
                continue
            rows = self._rows(page, order[at : at + _ROWS])
            whole = " ".join(page.lines[n].text for n in rows)
            self.said.setdefault(_plain(label.group()), _plain(_MARK.sub("", whole)))
            if at < _FIRST and said and self._again(page, rows, said.get(_plain(label.group()))):
                found.update(rows)
        return found

    def _again(self, page: PageDrawn, rows: Sequence[int], said: str | None) -> bool:
        """Whether rows say what the page before said, as continued, or over code that goes on."""
        whole = " ".join(page.lines[n].text for n in rows)
        bare = _MARK.sub("", whole)
        text = _plain(bare)
        if said is None or not (text == said or (bare != whole and said.startswith(text))):
            return False
        last = page.lines[rows[-1]]
        return bare != whole or any(
            0 < line.baseline - last.baseline < _BELOW * last.size and self._is_code(line)
            for line in page.lines
        )

    def _rows(self, page: PageDrawn, order: Sequence[int]) -> list[int]:
        """A caption's rows: those that follow its first one in the same type."""
        rows = list(order[:1])
        for number in order[1:]:
            last, line = page.lines[rows[-1]], page.lines[number]
            near = 0 < line.baseline - last.baseline < _NEXT * last.size
            if not near or line.runs[0].font != last.runs[0].font or line.size != last.size:
                break
            rows.append(number)
        return rows

    def _is_code(self, line: Line) -> bool:
        runs = [run for run in line.runs if not run.text.isspace()]
        return any(map(self.fonts.mono, runs)) and not any(map(self.fonts.words, runs))


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
