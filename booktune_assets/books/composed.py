"""Characters that a typesetter drew: accents over letters, underscores as rules, signs for spaces.

Belongs here: putting in their place what was typed. Does not: codes of old fonts (``slots.py``).

TeX's OT1 fonts hold neither letters with accents nor an underscore: it sets the accent and then
the letter in the same place, and draws a short rule on the baseline.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Rect, Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact
from booktune_assets.books.slots import rewrite

__all__ = ["compose", "show_spaces"]

_ACCENTS = dict(zip(
    "\u00b4`\u00a8\u02c6\u02dc\u02da\u02c7\u00af\u02d8\u02d9\u02dd\u00b8",
    "\u0301\u0300\u0308\u0302\u0303\u030a\u030c\u0304\u0306\u0307\u030b\u0327", strict=True,
))  # fmt: skip
_ACCENT = re.compile(f"[{''.join(_ACCENTS)}]")
_OVER = 0.5  # of an accent's width: a letter that begins so soon stands below it
_WIDE = (0.2, 0.6)  # of the type size: how long a rule is that stands for an underscore
_BELOW = 0.16  # of the type size: how far from the baseline
_SPACE = 0.17  # of the type size: a wider gap beside the rule was a space
_SPACE_SIGN = "\u2423"
_HABIT = 3  # lines
_Glyph = tuple[int, str, float, float]  # number of the run, character, left and right edge


def compose(pages: Iterable[PageDrawn], ledger: Ledger) -> Iterator[PageDrawn]:
    """The pages, with letters in the place of accents and letters, underscores where rules stand.

    All of them, for they may be mended on their way here.
    """
    wanted = ledger.wants("glyphs")
    for page in pages:
        if wanted:
            _compose(page, ledger)
        yield page


def _compose(page: PageDrawn, ledger: Ledger) -> None:
    for line in page.lines:
        if any(map(_accented, line.runs)):
            glyphs = _glyphs(line)
            joined = list(_composed(glyphs))
            if len(joined) < len(glyphs):
                rewrite(page.number, line, _runs(line, joined), ledger)
    for dash in page.dashes:
        line = _line_of(dash, page)
        if line is not None and (runs := _underscored(line, dash)):
            rewrite(page.number, line, runs, ledger)


def _accented(run: Run) -> bool:
    plain = run.text.isascii() and "`" not in run.text  # as nearly all are
    return not plain and _ACCENT.search(run.text) is not None


def show_spaces(pages: Pages, fonts: Fonts, ledger: Ledger) -> None:
    """Put spaces in the place of the signs that code is printed with where spaces stand.

    LaTeX's listings prints them in strings. One or two may be what a book speaks of.
    """
    if not ledger.wants("glyphs"):
        return
    marked = pages.having(Fact.SPACES)
    found = sum(_shows(line, fonts) for _, page in marked for line in page.lines)
    for page in pages.edited() if found >= _HABIT else ():
        for line in page.lines:
            if _shows(line, fonts):
                _hide(page.number, line, fonts, ledger)


def _shows(line: Line, fonts: Fonts) -> bool:
    return any(_SPACE_SIGN in run.text and fonts.mono(run) for run in line.runs)


def _hide(page: int, line: Line, fonts: Fonts, ledger: Ledger) -> None:
    runs = [replace(run, text=_unseen(run, fonts)) for run in line.runs]
    while runs and not runs[0].text.strip():
        del runs[0]
    if not runs:
        return
    cut = len(runs[0].text) - len(runs[0].text.lstrip())
    first = zip(runs[0].text[cut:], runs[0].lefts[cut:], runs[0].rights[cut:], strict=True)
    runs[0] = _run_of(runs[0], [(0, *glyph) for glyph in first])
    line.box = (runs[0].left, *line.box[1:])
    rewrite(page, line, runs, ledger)


def _unseen(run: Run, fonts: Fonts) -> str:
    return run.text.replace(_SPACE_SIGN, " ") if fonts.mono(run) else run.text


def _glyphs(line: Line) -> list[_Glyph]:
    return [
        (number, char, left, right)
        for number, run in enumerate(line.runs)
        for char, left, right in zip(run.text, run.lefts, run.rights, strict=True)
    ]


def _runs(line: Line, glyphs: Sequence[_Glyph]) -> list[Run]:
    """The runs of a line with these glyphs in them; one that has none left is no more."""
    return [
        _run_of(run, own) for number, run in enumerate(line.runs)
        if (own := [glyph for glyph in glyphs if glyph[0] == number])
    ]  # fmt: skip


def _run_of(run: Run, glyphs: Sequence[_Glyph]) -> Run:
    edges = edges_of([left for _, _, left, _ in glyphs], [right for _, _, _, right in glyphs])
    return replace(run, text="".join(char for _, char, _, _ in glyphs), edges=edges)


def _composed(glyphs: Sequence[_Glyph]) -> Iterator[_Glyph]:
    waiting: _Glyph | None = None
    for glyph in glyphs:
        home, char, left, right = glyph
        if waiting is not None:
            _, accent, start, end = waiting
            letter = unicodedata.normalize("NFC", char.replace("\u0131", "i") + _ACCENTS[accent])
            if char.isalpha() and len(letter) == 1 and left < start + _OVER * (end - start):
                yield home, letter, min(start, left), max(end, right)
                waiting = None
                continue
            yield waiting
        waiting = glyph if char in _ACCENTS else None
        if waiting is None:
            yield glyph
    if waiting is not None:
        yield waiting


def _line_of(dash: Rect, page: PageDrawn) -> Line | None:
    """The line on whose baseline a rule lies that is as long as its underscores.

    Two lines that only the rule parts become one.
    """
    x0, y0, x1, y1 = dash
    near: list[Line] = []
    for line in page.lines:
        size = line.runs[0].size
        if (
            abs((y0 + y1) / 2 - line.baseline) < _BELOW * size
            and _WIDE[0] * size < x1 - x0 < _WIDE[1] * size
            and line.box[0] - size < x0 and x1 < line.box[2] + size
        ):  # fmt: skip
            near.append(line)
    if len(near) == 2:
        one, two = sorted(near, key=lambda line: line.box[0])
        if one.box[2] < x1 and two.box[0] > x0:
            one.runs = [*one.runs, *two.runs]
            one.box = (one.box[0], min(one.box[1], two.box[1]), two.box[2],
                       max(one.box[3], two.box[3]))  # fmt: skip
            page.lines.remove(two)
            return one
    return near[0] if near else None


def _underscored(line: Line, dash: Rect) -> list[Run]:
    """The runs of a line with an underscore where a rule fills a gap; none where there is none."""
    x0, x1 = dash[0], dash[2]
    middle = (x0 + x1) / 2
    glyphs = _glyphs(line)
    inked = [spot for spot, glyph in enumerate(glyphs) if glyph[1] != " "]
    cut = sum((glyphs[spot][2] + glyphs[spot][3]) / 2 < middle for spot in inked)
    low = glyphs[inked[cut - 1]] if cut else None
    high = glyphs[inked[cut]] if cut < len(inked) else None
    size = line.runs[0].size
    if (low and low[3] > x0 + 0.1 * size) or (high and high[2] < x1 - 0.1 * size):
        return []  # under a letter, or over one
    start, end = (low[3] if low else x0), (high[2] if high else x1)
    home = low[0] if low else high[0] if high else 0
    new: list[_Glyph] = [(home, "_", max(start, x0), min(end, x1))]
    if x0 - start > _SPACE * size:
        new.insert(0, (home, " ", start, x0))
    if end - x1 > _SPACE * size:
        new.append((home, " ", x1, end))
    first = inked[cut - 1] + 1 if cut else 0
    glyphs[first : inked[cut] if cut < len(inked) else len(glyphs)] = new
    return _runs(line, glyphs)
