"""Where every word of a block is drawn, to the glyph: only in the precise mode.

Belongs here: tying the characters of blocks to those of pages. Does not: ruled tables
(``grids.py``), pictures of words (``draw.py``).

The text of a block and the glyphs in its box differ where something was repaired: a hyphen that
went, a quote that was straightened, a line number that was taken off. Such places are passed over;
a word has the box of those of its characters that are drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from booktune_assets.books.blocks import Block, Place, Word
from booktune_assets.books.glyphs import Line
from booktune_assets.books.packed import Pages
from booktune_assets.books.paths import Rect

__all__ = ["place_words"]

_WORD = re.compile(r"\S+")
_REACH = 48  # characters that may differ in one place
_SAME = 3  # characters that must agree behind it
_ROW = 3.0  # pt between the baselines of one row


@dataclass(slots=True)
class _Glyph:
    """A character on a page; ``row`` counts the rows of its place."""

    char: str
    box: Rect
    page: int
    row: int


def place_words(blocks: Sequence[Block], pages: Pages) -> list[Word]:
    """The words of all blocks that stand on pages, in reading order."""
    spots = {page.number: n for n, page in enumerate(pages)}

    @lru_cache(maxsize=4)
    def lines(page: int) -> list[Line]:
        return pages.one(spots[page]).lines

    found: list[Word] = []
    for number, block in enumerate(blocks):
        drawn: dict[int, _Glyph] = {}
        rows = 0
        for place in block.places:
            glyphs = _glyphs(place, lines, rows)
            rows = glyphs[-1].row + 1 if glyphs else rows
            at = [n for n in range(place.start, place.end) if not block.text[n].isspace()]
            text = "".join(block.text[n] for n in at)
            for spot, glyph in zip(at, _aligned(glyphs, text), strict=True):
                if glyph is not None:
                    drawn[spot] = glyph
        found += _words(number, block.text, drawn)
    return found


def _words(number: int, text: str, drawn: dict[int, _Glyph]) -> list[Word]:
    made: list[Word] = []
    for word, match in enumerate(_WORD.finditer(text)):
        rows: dict[tuple[int, int], list[int]] = {}
        for spot in range(*match.span()):
            if (glyph := drawn.get(spot)) is not None:
                rows.setdefault((glyph.page, glyph.row), []).append(spot)
        for piece, ((page, _), spots) in enumerate(rows.items()):
            boxes = [drawn[spot].box for spot in spots]
            box = (
                round(min(b[0] for b in boxes), 2), round(min(b[1] for b in boxes), 2),
                round(max(b[2] for b in boxes), 2), round(max(b[3] for b in boxes), 2),
            )  # fmt: skip
            whole = len(rows) == 1
            start, end = match.span() if whole else (spots[0], spots[-1] + 1)
            made.append(Word(number, word, piece, start, end, page, box))
    return made


def _glyphs(place: Place, lines: Callable[[int], list[Line]], rows: int) -> list[_Glyph]:
    """The characters inside of a place, row by row, without white space."""
    if place.page is None or place.box is None:
        return []
    x0, y0, x1, y1 = place.box
    inside = [
        line for line in lines(place.page)
        if line.box[1] < y1 and y0 < line.box[3] and line.box[0] < x1 + 1 and x0 - 1 < line.box[2]
        and y0 - 1 <= (line.box[1] + line.box[3]) / 2 <= y1 + 1
    ]  # fmt: skip
    made: list[_Glyph] = []
    row, base = rows - 1, None
    for line in _in_rows(inside):
        if base is None or abs(line.baseline - base) > _ROW:
            row, base = row + 1, line.baseline
        for char, left, right in _drawn(line):
            if not char.isspace() and (line.seen or x0 - 1 <= (left + right) / 2 <= x1 + 1):
                box = (left, line.box[1], right, line.box[3])
                made.append(_Glyph(char, box, place.page, row))
    return made


def _drawn(line: Line) -> Iterator[tuple[str, float, float]]:
    """The characters of a line where they are drawn; of one in columns of ours, as it was before.

    One that lost a number or a mark since says no places: none are better than wrong ones.
    """
    if not line.seen:
        for run in line.runs:
            yield from zip(run.text, run.lefts, run.rights, strict=True)
        return
    ink = [char for run in line.runs for char in run.text if not char.isspace()]
    edges = memoryview(line.seen).cast("f")
    if 2 * len(ink) == len(edges):
        yield from zip(ink, edges[: len(ink)], edges[len(ink) :], strict=True)


def _in_rows(lines: Sequence[Line]) -> list[Line]:
    """Lines from the top down, and from left to right where they share a baseline."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.baseline):
        if rows and abs(rows[-1][0].baseline - line.baseline) <= _ROW:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.box[0])]


def _aligned(glyphs: Sequence[_Glyph], text: str) -> list[_Glyph | None]:
    """For each character of the text the glyph that draws it, where there is one."""
    drawn = "".join(glyph.char[:1] for glyph in glyphs)
    found: list[_Glyph | None] = [None] * len(text)
    i = j = 0
    while i < len(drawn) and j < len(text):
        if drawn[i] == text[j]:
            found[j] = glyphs[i]
            i, j = i + 1, j + 1
            continue
        over, under = _resume(drawn, text, i, j)
        if over == under:  # repaired one by one: a straightened quote stands where the curly stood
            for n in range(min(over, len(drawn) - i, len(text) - j)):
                found[j + n] = glyphs[i + n]
        i, j = i + over, j + under
    return found


def _resume(drawn: str, text: str, i: int, j: int) -> tuple[int, int]:
    """The fewest characters to pass over on both sides until they agree again."""
    for total in range(1, _REACH):
        for over in sorted(range(total + 1), key=lambda over: abs(2 * over - total)):
            under = total - over
            one, two = drawn[i + over : i + over + _SAME], text[j + under : j + under + _SAME]
            if one and one == two:
                return over, under
    return 1, 1
