"""Fonts whose maps name the wrong one of the characters that a glyph stands for.

Belongs here: telling such a font by what the whole book holds, and putting in what is meant. Does
not: look-alikes in code alone (``repair.py``), fonts without a map (``fontmaps.py``).

A glyph of a hyphen is that of the soft hyphen, too, and one of a semicolon is a Greek question
mark; some programs write the other name into the map. Then a font has the one all over the book and
the plain sign next to nowhere. A soft hyphen counts where it takes room within a row: those that
only say where a word may be broken are as wide as nothing, or end a row.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from booktune_assets.books.glyphs import Line, Run
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact
from booktune_assets.books.slots import rewrite

__all__ = ["mend_misnamed"]

_SOFT = "\u00ad"
_PLAIN = {
    _SOFT: "-", "\u037e": ";", "\u1fef": "`", "\u212a": "K", "\u2223": "|", "\u01c0": "|",
    "\u2215": "/", "\u2044": "/", "\u2216": "\\", "\u2236": ":",
}  # fmt: skip
_FIXED = "\u00a0"
_PLAIN[_FIXED] = " "
_MIXED = 3  # times as many plain spaces may stand there: those that are not drawn are plain
_TWIN = re.compile(f"[{''.join(_PLAIN)}]")
_ENOUGH = 4  # of a look-alike in one font
_SELDOM = 0.05  # of them: as often the plain sign may stand there, too
_ROOM = 0.1  # of the type size
_ALL_OVER = 20  # fixed spaces of a book: a font may then have but one
_SAME = 0.02  # of it: widths that are one


def mend_misnamed(pages: Pages, ledger: Ledger) -> None:
    """Put the plain sign where a font means it, and write it down."""
    if not ledger.wants("glyphs"):
        return
    suspect: Counter[tuple[str, str]] = Counter()
    for _, page in pages.having(Fact.TWINS):
        for line in page.lines:
            for run in line.runs:
                if not run.text.isascii():
                    suspect.update((run.font, char) for char in _TWIN.findall(run.text))
    few = {font for font, char in suspect if char == _SOFT}
    blanks = sum(count for (_, char), count in suspect.items() if char == _FIXED)
    suspect = Counter({
        key: count for key, count in suspect.items()
        if count >= _ENOUGH or (key[1] == _FIXED and blanks >= _ALL_OVER)
    })  # fmt: skip
    tables = _tables(pages, suspect) if suspect else {}
    few = {font for font in few if ord(_SOFT) not in tables.get(font, ())}
    few -= _hyphens(pages, few) if few else few
    sure = any(ord(_SOFT) in table for table in tables.values())
    for page in pages.edited() if tables or few else ():
        spaced = False
        for line in page.lines:
            if any(run.font in tables for run in line.runs):
                spaced |= _rewritten(page.number, line, list(_mended(line, tables)), ledger)
            if few and any(run.font in few and _SOFT in run.text for run in line.runs):
                rewrite(page.number, line, _hyphened(line, few, sure=sure), ledger)
        if spaced:  # one word for a page: they are all over it
            ledger.took(page.number, "glyphs", _FIXED, " ")


def _rewritten(page: int, line: Line, runs: list[Run], ledger: Ledger) -> bool:
    """Give a line other runs; whether spaces are all that changed."""
    if line.text.replace(_FIXED, " ") != "".join(run.text for run in runs):
        rewrite(page, line, runs, ledger)
        return False
    changed = _FIXED in line.text
    line.runs = runs
    return changed


def _hyphens(pages: Pages, fonts: set[str]) -> set[str]:
    """The fonts, of some, that have a hyphen, too."""
    return {
        run.font for page in pages for line in page.lines for run in line.runs
        if run.font in fonts and "-" in run.text
    }  # fmt: skip


def _tables(pages: Pages, suspect: Counter[tuple[str, str]]) -> dict[str, dict[int, str]]:
    """What to put for the characters of each font."""
    fonts = {font for font, _ in suspect}
    plain: Counter[tuple[str, str]] = Counter()
    soft: Counter[str] = Counter()
    wanted = {font: {_PLAIN[char] for one, char in suspect if one == font} for font in fonts}
    softly = any(char == _SOFT for _, char in suspect)  # of them it is asked how wide they are
    for page in pages.whole() if softly else pages:
        for line in page.lines:
            for run in line.runs:
                if run.font in fonts:
                    for sign in wanted[run.font]:
                        plain[run.font, sign] += run.text.count(sign)
                    soft[run.font] += softly and _SOFT in run.text and _takes_room(run, line)
    tables: dict[str, dict[int, str]] = defaultdict(dict)
    for (font, char), count in suspect.items():
        seen = soft[font] >= _ENOUGH or char != _SOFT
        most = (_MIXED if char == _FIXED else _SELDOM) * count
        if seen and plain[font, _PLAIN[char]] <= most:
            tables[font][ord(char)] = _PLAIN[char]
    return tables


def _takes_room(run: Run, line: Line) -> bool:
    """Whether a run has a soft hyphen as wide as a hyphen that does not end its row."""
    return bool(_shown(run, line))


def _shown(run: Run, line: Line) -> list[int]:
    """The soft hyphens of a run that are as wide as a hyphen and do not end its row.

    Browsers print one where a word might have parted, and the next letter at the same place: what
    counts is the room up to that letter.
    """
    ends = run is line.runs[-1]
    text = run.text.rstrip() if ends else run.text
    nexts = [*run.lefts[1:], run.right if run.rights else 0.0]
    if not ends:
        nexts[-1] = line.runs[line.runs.index(run) + 1].left
    return [
        at for at, (char, left, right, following)
        in enumerate(zip(run.text, run.lefts, run.rights, nexts, strict=True))
        if char == _SOFT and min(right, following) - left > _ROOM * run.size
        and not (ends and at + 1 == len(text))
    ]  # fmt: skip


def _hyphened(line: Line, fonts: set[str], *, sure: bool) -> Iterator[Run]:
    """A soft hyphen that is seen within a row of code is a hyphen, however seldom the font has one.

    In words it may only be drawn where a line might have broken, unless ``sure`` that the maps of
    the book name it wrongly.
    """
    for run in line.runs:
        chars = list(run.text)
        meant = run.font in fonts and (sure or _even(run))
        for at in _shown(run, line) if meant else ():
            chars[at] = "-"
        text = "".join(chars)
        yield run if text == run.text else replace(run, text=text)


def _even(run: Run) -> bool:
    """Whether all letters of a run are as wide as each other."""
    wide = [right - left for left, right in zip(run.lefts, run.rights, strict=True)]
    return len(run.text) > 3 and max(wide) - min(wide) < _SAME * run.size


def _mended(line: Line, tables: Mapping[str, Mapping[int, str]]) -> Iterator[Run]:
    for run in line.runs:
        text = run.text.translate(tables.get(run.font, {}))
        yield run if text == run.text else replace(run, text=text)
