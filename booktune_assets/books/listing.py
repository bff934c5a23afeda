"""Code rows back into text: columns from advances, blank lines from the pitch.

Belongs here: the geometry of code. Does not: which rows are code (``layout.py``), wrapped lines
(``wraps.py``), characters (``repair.py``).

A column is found by adding up relative advances from the block's left edge: absolute positions
divided by the advance drift over sixty columns.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.lang import classify
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.rows import Row

__all__ = [
    "Letters",
    "Listing",
    "indent_unit",
    "letter_grid",
    "letters_of",
    "measure_listing",
    "settle_numbers",
    "take_callouts",
]

_STRETCHED = 2  # gaps of one measure that show a justified row
_WORD = re.compile(r"\w{3,}")
_WORDS = 200  # words that tell how far letters are apart
_SPACED = 0.03  # of a letter's width: less is rounding
_GAP = 1.5  # letters; narrower indents tell nothing
_PLAIN = 1.1  # letters; a narrower gap is one space
_DEEP = 13.0  # letters; deeper indents are seldom and inexact
_OFF = 0.15  # columns that a place may be off the grid
_EXACT = 0.12  # letters, the same for the indents that show the grid
_INDENTS = 20  # rows that are set in
_OTHER, _MOST = 0.5, 0.85  # of them: so many on the letters' own grid, so few off another
_RANGE = 30  # hundredths of a letter, from 1
_SKIPPED = 3  # blank lines that were not counted
_STRAY = 0.1  # of the rows without a number
_LEAST = 0.4  # of the type size: what is nearer is one row, drawn unevenly
_NEAR = 3  # cells from the edge at which a row counts as full
_CHUNK = re.compile(r"\s*(\S+)")
_CALLOUT = re.compile(r"\s*(?:[\u2460-\u2473\u2776-\u277f\u24eb-\u24fe\ue000-\uf8ff]\s*)+$")


_Cell = tuple[str, float, str]  # character, cells left free before it, white space written there


class _Known(NamedTuple):
    """Of the rows of a listing: where they begin, and what few have: nothing where none has it."""

    lefts: array[float]  # pt
    numbers: Sequence[int | None]
    hung: Sequence[bool]  # they end in a space
    marked: frozenset[int]  # a mark said of them that they go on

    def number(self, row: int) -> int | None:
        """The line number of a row."""
        return self.numbers[row] if self.numbers else None

    def hangs(self, row: int) -> bool:
        """Whether a row ends in a space that a typesetter left where it wrapped."""
        return bool(self.hung) and self.hung[row]


def _known_of(rows: Sequence[Row]) -> _Known:
    rows = list(rows)
    numbers, hung = [row.line_no for row in rows], list(map(_hanging, rows))
    some = numbers if any(number is not None for number in numbers) else ()
    on = frozenset(number for number, row in enumerate(rows) if row.goes_on)
    return _Known(array("d", [row.box[0] for row in rows]), some, hung if any(hung) else (), on)


def _hanging(row: Row) -> bool:
    """Whether a row ends in a space that a typesetter left where it wrapped."""
    return row.runs[-1].text[-1:].isspace() if row.runs else row.hangs


@dataclass(slots=True)
class Listing:
    """A piece of code on one page: texts of its rows and the blank lines before each of them.

    ``glue`` holds the rows that evidence says go on, with what stood at the break (None: unknown).
    """

    rows: Sequence[Row]
    texts: list[str] = field(default_factory=list[str])
    blanks: list[int] = field(default_factory=list[int])
    gaps: list[int] = field(default_factory=list[int])  # the same, from the distances alone
    columns: float = 0  # a whole number where letters have one width
    base: float = 0.0
    advance: float = 5.0
    numbered: bool = False
    marked: frozenset[int] = frozenset()  # rows that a mark says go on
    glue: dict[int, str | None] = field(default_factory=dict[int, "str | None"])
    stretched: int = 0  # rows that were justified
    # of rows in a font of words, in columns: where they end, what a space and the first word take
    drawn: list[tuple[float, float] | None] = field(
        default_factory=list["tuple[float, float] | None"]
    )
    _said: tuple[str, str] = ("", "")  # a text and its language, asked for row by row
    _known: _Known | None = field(default=None, init=False)

    @property
    def known(self) -> _Known:
        """What is asked of its rows again and again, of a long book without unpacking them."""
        if self._known is None:
            self._known = _known_of(self.rows)
        return self._known

    @property
    def lang(self) -> str:
        """Elixir or Erlang, or what else it looks like."""
        text = "\n".join(self.texts)
        if text != self._said[0] or not self._said[1]:
            found = classify(text)[1]
            self._said = text, {"iex": "elixir", "erl_shell": "erlang"}.get(found, found)
        return self._said[1]

    def filled(self, number: int) -> float:
        """How many columns a row fills, as it is drawn."""
        drawn = self.drawn[number] if self.drawn else None
        return len(self.texts[number]) if drawn is None else drawn[0]

    def asked(self, number: int) -> float:
        """How many columns a space and the first word of a row would have taken; 0: no word."""
        word = _CHUNK.match(self.texts[number])
        drawn = self.drawn[number] if self.drawn else None
        return 0 if word is None else 1 + len(word.group(1)) if drawn is None else drawn[1]


def measure_listing(
    rows: Sequence[Row], base: float, margin: float, fonts: Fonts, pitch: float, *,
    justified: bool = False, grid: float = 1.0, unit: float = 1.0,
) -> Listing:  # fmt: skip
    """The text of code rows, given the x of column 0, the margin, and the usual row distance.

    ``justified`` says that the book stretches full rows of code, ``grid`` how far it spaces it out,
    ``unit`` how wide a column of its indents is, in letters.
    """
    advance = _advance(rows, fonts)
    spaced = grid > 1 + _SPACED and letter_grid([rows], fonts) > 1 + _SPACED / 2
    cell = advance * grid if spaced else advance
    made = Listing(rows, base=base, advance=cell)
    own = _pitch(rows) or pitch
    edge = rows[0].frame.rect[2] if rows and rows[0].frame else margin
    last: int | None = None  # the number of the line that the row above is of
    for number, row in enumerate(rows):
        if cell > advance:
            cells = _cells_on_grid(row, base - (cell - advance) / 2, cell)
        else:
            cells = _cells(row, base, advance, fonts)
            cells = cells if unit == 1 else _by_unit(cells, unit)
        stretched = not spaced and _stretched(cells)
        made.stretched += stretched
        full = justified and not spaced and row.box[2] > edge - _NEAR * cell
        written = stretched or full
        made.texts.append(_text_of(_indented(cells) if written else cells, written=written))
        gap = row.baseline - rows[number - 1].baseline if number else 0.0
        made.gaps.append(_blank_lines(gap, own, pitch) if number else 0)
        made.blanks.append(_blanks_before(last, row, made.gaps[-1]) if number else 0)
        last = row.line_no or last
    made.numbered = any(row.line_no is not None for row in rows)
    room = (edge - _padding(rows, base) - base) / cell if cell else 0.0
    made.columns = int(room + 0.05)
    if any(row.drawn for row in rows):
        made.columns = room
        made.drawn = [
            row.drawn and ((row.drawn[0] - base) / cell, row.drawn[1] / cell) for row in rows
        ]
    return made


def _padding(rows: Sequence[Row], base: float) -> float:
    """The room right of code in its box, which is that left of it; numbers in the box fill it."""
    frame = rows[0].frame if rows else None
    if frame is None or any(row.counter and row.counter > frame.rect[0] for row in rows):
        return 0.0
    return base - frame.rect[0]


def settle_numbers(listings: Sequence[Listing]) -> None:
    """See whether numbers count lines, or the rows of a table that wraps its code beside them.

    Then they run out before the code does: the rows without one are the last ones of a listing,
    and what is said by them is nothing.
    """
    inner = tail = fits = 0
    for listing in listings:
        bare = [number is None for number in listing.known.numbers]
        if not listing.numbered or True not in bare:
            continue
        last = len(bare) - 1 - bare[::-1].index(False)
        inner += sum(bare[:last])
        tail += len(bare) - 1 - last
        fits += sum(
            listing.filled(n - 1) + asked < listing.columns
            for n in range(last + 1, len(bare)) if (asked := listing.asked(n))
        )  # fmt: skip
    if fits and inner <= _STRAY * tail:
        for listing in listings:
            listing.numbered = False
    _count_blanks(listings)


def _count_blanks(listings: Sequence[Listing]) -> None:
    """See whether numbers count blank lines; where they do not, the gaps tell of those."""
    skipped = counted = 0
    for listing in listings:
        for number, (before, own) in enumerate(pairwise(listing.known.numbers), start=1):
            if before is not None and own is not None and listing.gaps[number]:
                skipped += own == before + 1
                counted += own > before + 1
    if skipped >= _SKIPPED and skipped > counted:
        for listing in listings:
            listing.blanks = listing.gaps


def take_callouts(listings: Sequence[Listing], ledger: Ledger) -> None:
    """Take the marks off that point from code to remarks."""
    for listing in listings if ledger.wants("callout_marks") else ():
        for number, text in enumerate(listing.texts):
            if found := _CALLOUT.search(text):
                ledger.took(listing.rows[number].page, "callout_marks", found.group().strip())
                listing.texts[number] = text[: found.start()].rstrip()


def _cells(row: Row, base: float, advance: float, fonts: Fonts) -> list[_Cell]:
    """The characters of a row with the room before each: gaps of whole cells become spaces.

    Those of a remark in a font of words are narrower: what is written counts.
    """
    cells: list[_Cell] = []
    end = min(base, row.inked_from())  # a row that was wrapped may begin left of all lines
    spaces = ""
    font = ""
    for run in row.runs:
        scale = fonts.advance.get(run.font)
        cell = scale * run.size if scale else advance
        for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
            if char.isspace():
                spaces += char
                continue
            gap = (left - end) / cell
            worded = bool(spaces) and not scale and run.font == font
            cells.append((char, max(gap, len(spaces)) if worded else gap, spaces))
            font = run.font
            end = max(end, right) if right > left else max(end, left)
            spaces = ""
    return cells


def _by_unit(cells: Sequence[_Cell], unit: float) -> list[_Cell]:
    """As ``cells``, where indents and wider gaps lead to columns that are ``unit`` letters wide."""
    found: list[_Cell] = []
    x, column = 0.0, 0
    for char, gap, spaces in cells:
        x += gap
        spot = round(x / unit)
        if (gap > _PLAIN or not found) and spot > column and abs(x / unit - spot) < _OFF:
            gap = float(spot - column)
        found.append((char, gap, spaces))
        x, column = x + 1, column + max(0, round(gap)) + 1
    return found


@dataclass(slots=True)
class Letters:
    """What the letters of a listing say before its column 0 is known, pt.

    ``cell`` is as wide as the widest letter of the first row, ``advance`` as most letters are;
    ``lefts`` is where the ink of each row begins.
    """

    cell: float
    advance: float
    lefts: array[float]


def letters_of(rows: Sequence[Row], fonts: Fonts) -> Letters:
    """The measures of the letters of a listing, whose rows have their runs."""
    cell = max(fonts.advance.get(run.font, 0) * run.size for run in rows[0].runs)
    return Letters(cell, _advance(rows, fonts), array("d", (row.inked_from() for row in rows)))


def indent_unit(listings: Iterable[tuple[Letters, float]], grid: float) -> float:
    """How wide a column is in letters, by the indents of a book; letters come with their column 0.

    LaTeX's listings with flexible columns sets spaces narrower than letters. Indents are steps of
    two columns, or four: where they are no whole letters, they are whole columns of this unit.
    Code that is spaced out by ``grid`` has another measure.
    """
    if grid > 1 + _SPACED:
        return 1.0
    seen: Counter[float] = Counter()
    for letters, base in listings:
        for left in letters.lefts:
            columns = (left - base) / letters.advance
            if _GAP < columns < _DEEP:
                seen[round(columns, 2)] += 1
    total = seen.total()

    def fits(unit: float) -> float:
        even = (abs(x / unit / 2 - round(x / unit / 2)) * 2 * unit < _EXACT for x in seen)
        return sum(n for n, fit in zip(seen.values(), even, strict=True) if fit) / total

    if total < _INDENTS or fits(1.0) > _OTHER:
        return 1.0
    best = max((1 + n / 100 for n in range(-_RANGE, _RANGE + 1)), key=fits)
    if fits(best) < _MOST:
        return 1.0
    whole = {x: round(x / best) for x in seen if abs(x / best - round(x / best)) < _OFF}
    return sum(x * seen[x] for x in whole) / sum(whole[x] * seen[x] for x in whole)


def _text_of(cells: Sequence[_Cell], *, written: bool) -> str:
    out: list[str] = []
    for char, gap, spaces in cells:
        wide = len(spaces) if written and spaces else min(round(gap), 200) if gap > 0.5 else 0
        # no-break spaces are kept where they fill the gap: output may mean them
        out.append((spaces if len(spaces) == wide and "\xa0" in spaces else " " * wide) + char)
    return "".join(out).rstrip()


def _stretched(cells: Sequence[_Cell]) -> bool:
    """Whether a row was stretched to the full width: all its spaces, by the same measure.

    Then the number of space characters is right and the geometry is not.
    """
    wide = [gap / len(spaces) for _, gap, spaces in cells if spaces]
    if len(wide) < _STRETCHED or min(wide) < 1.06:
        return False
    return max(wide) - min(wide) < 0.06 * max(wide) + 0.02


def _indented(cells: Sequence[_Cell]) -> Sequence[_Cell]:
    """A stretched row with the spaces of its indent, where the text layer holds those apart.

    They are as wide as the spaces between its words; an indent that is no number of these was not
    stretched.
    """
    wide = [gap / len(spaces) for _, gap, spaces in cells[1:] if spaces]
    char, gap, spaces = cells[0]
    if spaces or not wide or min(wide) < _PLAIN:
        return cells
    measure = sum(wide) / len(wide)
    spot = round(gap / measure)
    if not spot or abs(gap / measure - spot) > _OFF:
        return cells
    return [(char, gap, " " * spot), *cells[1:]]


def _advance(rows: Sequence[Row], fonts: Fonts) -> float:
    seen: Counter[float] = Counter()
    for row in rows:
        for run in row.runs:
            if run.font in fonts.advance:
                seen[fonts.advance[run.font] * run.size] += len(run.text)
    return seen.most_common(1)[0][0] if seen else 5.0


def letter_grid(listings: Iterable[Sequence[Row]], fonts: Fonts) -> float:
    """How much wider than a letter its cell is, as a ratio, where a book spaces its code out.

    LaTeX's listings, as it comes, gives a word of n letters n cells and spreads it evenly over
    them: n + 1 equal gaps. Long words tell best.
    """
    found: list[tuple[int, float]] = []
    for rows in listings:
        for row in rows:
            found += _spread(row, fonts)
        if len(found) > _WORDS:
            break
    found.sort(reverse=True)
    best = sorted(ratio for _, ratio in found[: max(9, len(found) // 3)])
    return best[len(best) // 2] if best else 1.0


def _spread(row: Row, fonts: Fonts) -> Iterator[tuple[int, float]]:
    """Length of each word of a row, and the width of its cells as a share of its letters."""
    for run in row.runs:
        if run.font not in fonts.advance:
            continue
        wide = fonts.advance[run.font] * run.size
        for word in _WORD.finditer(run.text):
            count = word.end() - word.start()
            step = (run.lefts[word.end() - 1] - run.lefts[word.start()]) / (count - 1)
            yield count, 1 + (step / wide - 1) * (count + 1) / count


def _cells_on_grid(row: Row, base: float, cell: float) -> list[_Cell]:
    """As ``_cells``, where the distances of the middles of letters tell the spaces between."""
    cells: list[_Cell] = []
    last, spaces = base - cell / 2, ""
    for run in row.runs:
        for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
            if char.isspace():
                spaces += char
                continue
            here = (left + right) / 2
            cells.append((char, (here - last) / cell - 1, spaces))
            last, spaces = here, ""
    return cells


def _pitch(rows: Sequence[Row]) -> float:
    """Usual baseline distance within the piece; the rows of one wrapped line may be nearer."""
    pairs = [
        (before, after) for before, after in pairwise(rows)
        if after.baseline > before.baseline + _LEAST * after.size
    ]  # fmt: skip
    counted = [pair for pair in pairs if pair[1].line_no is not None]
    gaps = Counter(
        round((after.baseline - before.baseline) * 2) / 2 for before, after in counted or pairs
    )
    if not gaps:
        return 0.0
    low = min(gaps)
    near = [gap for gap in gaps.elements() if gap < 1.35 * low]
    return sum(near) / len(near)


def _blanks_before(last: int | None, row: Row, gap: int) -> int:
    """Blank lines between two rows: line numbers know best, else the gap tells.

    ``last`` is the number of the line above; its last rows have none where it was wrapped.
    """
    if row.line_no is not None and last is not None:
        return min(5, max(0, row.line_no - last - 1))
    return gap


def _blank_lines(gap: float, own: float, pitch: float) -> int:
    """Blank lines that a gap stands for; two rows alone are judged by the document's pitch."""
    unit = min(own, pitch * 1.2) if pitch else own
    if unit <= 0:
        return 0
    return max(0, round(gap / unit) - 1)
