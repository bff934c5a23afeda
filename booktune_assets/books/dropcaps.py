"""Drop caps: a large letter that stands beside the first rows of the paragraph that it begins.

Belongs here: putting it before the first of those rows. Does not: letters that are raised above
their row, which stand on its baseline and are read as they are.

On the page the letter shares a baseline with a later row, and would be read in the middle of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact

__all__ = ["take_drop_caps"]

_LARGE = 1.7  # type sizes of the text that such a letter has at least
_CAP = re.compile(r"[\"'\u201c\u2018\u00ab]?[^\W\d_]")
_LEVEL, _ROW = 0.3, 0.6  # type sizes between baselines that are one; that are two
_NEAR = 1.5  # type sizes from the letter to its rows
_WORD = re.compile(r"[^\W\d_][\w\u2019']*")
_ALONE = frozenset("AIO")  # letters that are words
_GAP = 0.25  # of the type size: the space behind such a word


def take_drop_caps(pages: Pages, fonts: Fonts) -> None:
    """Put each such letter of a book before the row that it begins."""
    large = {
        index for index, page in pages.having(Fact.CAPS)
        if any(_cap(line, fonts) is not None for line in page.lines)
    }  # fmt: skip
    if not large:
        return
    words = Counter(_words(pages))
    for index in sorted(large):
        page = pages.one(index)
        for line in list(page.lines):
            run = _cap(line, fonts)
            first = _first_row(page, line, run, fonts) if run is not None else None
            if run is not None and first is not None:
                _move(page, line, run, first, words)
        pages.put(index, page)


def _cap(line: Line, fonts: Fonts) -> Run | None:
    """The large letter that a line begins with, or is; what stands behind it is text."""
    inked = [run for run in line.runs[:4] if run.text.strip()]
    if not inked or inked[0].size < _LARGE * fonts.body_size:
        return None
    if _CAP.fullmatch(inked[0].text.strip()) is None or not inked[0].text.strip()[-1].isupper():
        return None
    return inked[0] if all(run.size < _LARGE * fonts.body_size for run in inked[1:]) else None


def _first_row(page: PageDrawn, line: Line, run: Run, fonts: Fonts) -> Line | None:
    """The row that a letter begins: the first of those beside it, the last on its baseline."""
    size, right = fonts.body_size, run.right
    top = line.baseline - run.size
    beside = [
        one for one in page.lines
        if one is not line and one.size < _LARGE * size and top < one.baseline
        and one.baseline < line.baseline + _LEVEL * size
        and right - 1 < one.box[0] < right + _NEAR * size and one.runs[0].font not in fonts.advance
    ]  # fmt: skip
    above = [one for one in beside if one.baseline < line.baseline - _ROW * size]
    level = len(above) < len(beside) or len(line.runs) > 1
    return min(above, key=lambda one: one.baseline, default=None) if level else None


def _move(page: PageDrawn, line: Line, run: Run, first: Line, words: Counter[str]) -> None:
    letter, size = run.text.strip(), first.runs[0].size
    left, right = run.left, first.box[0]
    following = _WORD.match(first.text.lstrip())
    rest = following.group() if following else ""
    alone = letter[-1] in _ALONE and words[rest.lower()] > words[(letter[-1] + rest).lower()]
    text = f"{letter} " if alone else letter
    edge = right - _GAP * size if alone else right
    step = (edge - left) / len(letter)
    lefts = [left + n * step for n in range(len(letter))] + ([edge] if alone else [])
    cap = replace(first.runs[0], text=text, edges=edges_of(lefts, [*lefts[1:], right]))
    first.runs = [cap, *first.runs]
    first.box = (left, *first.box[1:])
    line.runs = [one for one in line.runs if one is not run]
    inked = [one for one in line.runs if one.text.strip()]
    if inked:
        line.box = (inked[0].left, *line.box[1:])
    else:
        page.lines = [one for one in page.lines if one is not line]


def _words(pages: Sequence[PageDrawn] | Pages) -> Iterator[str]:
    for page in pages:
        for line in page.lines:
            yield from (word.lower() for word in _WORD.findall(line.text))
