"""Titles that run in and count, where no outline names them: "1) Integers: In Elixir …".

Belongs here: finding them by their numbers, as entries of an outline that a book does not have.
Does not: parting them from their paragraphs (``runins.py``), those that count nothing
(``aired_runins.py``), titles in rows of their own (``numbered.py``).

Items of lists begin with numbers and stressed words, too. Titles run in below others that Roman
numerals count, begin again with each of them and leave no number out; their numbers are in the
type of the title, and their paragraphs do not hang.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from booktune_assets.books.aired_runins import AiredRunIns
from booktune_assets.books.counted import counting, is_counted
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.headings import Entry

__all__ = ["RunIns"]

_MARKS = (":", ".", "\u2014", "\u2013")
_ENOUGH = 3
_NEARLY = 0.9  # of the titles of a kind run in and do not hang
_LONGEST = 90
_HANGS = 2.0  # pt


@dataclass(slots=True)
class _Found:
    page: int
    y: float
    text: str
    runs_in: bool  # text stands behind it
    hangs: bool  # its paragraph goes on further right
    marked: bool  # ends as titles before text do


class RunIns:
    """Finds titles that run in, page by page."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._found: list[_Found] = []
        self._aired = AiredRunIns(fonts)

    def see(self, page: PageDrawn, gone: set[int]) -> None:
        """Look at the lines of the next page, but for those that are no text."""
        self._found += _on_page(page, self._fonts, gone)
        self._aired.see(page, gone)

    def below(self, named: Sequence[Entry]) -> list[Entry]:
        """Titles that count nothing, on levels below those that are named."""
        return self._aired.entries(named)

    def entries(self) -> list[Entry]:
        """What an outline would say of the titles that run in."""
        kinds = [kind for kind, _ in counting([one.text for one in self._found])]
        order = list(dict.fromkeys(filter(None, kinds)))
        if Counter(kinds)["roman"] < _ENOUGH or order[0] != "roman":
            return []
        entries: list[Entry] = []
        for depth, kind in enumerate(order[1:], start=2):
            own = [one for one, known in zip(self._found, kinds, strict=True) if known == kind]
            if _run_in(own):
                entries += [Entry(depth, _bare(one.text), one.page, one.y) for one in own]
        return entries


def _run_in(titles: list[_Found]) -> bool:
    """Whether titles of a kind are of those that run in."""
    least = _NEARLY * len(titles)
    flush = sum(one.marked and not one.hangs for one in titles)
    return sum(one.runs_in for one in titles) >= max(_ENOUGH, 0.5 * least) and flush >= least


def _on_page(page: PageDrawn, fonts: Fonts, gone: set[int]) -> list[_Found]:
    """Lines of a page that count in another type than text."""
    lines = [line for number, line in enumerate(page.lines) if number not in gone]
    found: list[_Found] = []
    for line, after in pairwise([*lines, None]):
        if line is None or not is_counted(line.text.strip()):
            continue
        head, rest = _parted(line, fonts)
        if not head or len(head) > _LONGEST:
            continue
        first = next(run for run in line.runs if run.text.strip())
        goes_on = bool(rest) and after is not None and 0 < after.baseline - line.baseline < (
            2 * first.size
        )  # fmt: skip
        hangs = goes_on and after is not None and after.box[0] > line.box[0] + _HANGS
        found.append(
            _Found(page.number, line.baseline - first.size, head, bool(rest), hangs,
                   head.endswith(_MARKS))
        )  # fmt: skip
    return found


def _parted(line: Line, fonts: Fonts) -> tuple[str, str]:
    """A line's title and what is behind it; no title where all of it looks like text."""
    text = line.text.strip()
    runs = [run for run in line.runs if run.text.strip()]
    first = runs[0].font
    if first == fonts.body or first in fonts.advance:
        words = text.split(maxsplit=1)[-1]
        return (text, "") if words.isupper() and first == fonts.body else ("", "")
    end = next((n for n, run in enumerate(line.runs) if run.text.strip() and run.font != first),
               len(line.runs))  # fmt: skip
    head, rest = ("".join(run.text for run in part).strip()
                  for part in (line.runs[:end], line.runs[end:]))  # fmt: skip
    return head, rest


def _bare(title: str) -> str:
    return title.rstrip("".join(_MARKS)).rstrip()
