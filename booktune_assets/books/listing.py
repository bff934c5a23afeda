"""Code rows back into text: columns from advances, blank lines from the pitch.

Belongs here: the geometry of code. Does not: which rows are code (``layout.py``), wrapped lines
(``wraps.py``), characters (``repair.py``).

A column is found by adding up relative advances from the block's left edge: absolute positions
divided by the advance drift over sixty columns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.lang import classify
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.rows import Row

__all__ = ["Listing", "measure_listing", "row_text"]

_STRETCHED = 2  # gaps of one measure that show a justified row
_CALLOUT = re.compile(r"\s*(?:[\u2460-\u2473\u2776-\u277f\u24eb-\u24fe\ue000-\uf8ff]\s*)+$")


_Cell = tuple[str, float, str]  # character, cells left free before it, white space written there


@dataclass(slots=True)
class Listing:
    """A piece of code on one page: texts of its rows and the blank lines before each of them."""

    rows: list[Row]
    texts: list[str] = field(default_factory=list[str])
    blanks: list[int] = field(default_factory=list[int])
    columns: int = 0
    base: float = 0.0
    advance: float = 5.0
    numbered: bool = False
    marked: set[int] = field(default_factory=set[int])  # rows that a mark says go on

    @property
    def lang(self) -> str:
        """Elixir or Erlang, or what else it looks like."""
        found = classify("\n".join(self.texts))[1]
        return {"iex": "elixir", "erl_shell": "erlang"}.get(found, found)


def measure_listing(
    rows: Sequence[Row], base: float, fonts: Fonts, pitch: float, ledger: Ledger
) -> Listing:
    """The text of code rows, given the x of column 0 and the usual distance of baselines."""
    advance = _advance(rows, fonts)
    made = Listing(list(rows), base=base, advance=advance)
    own = _pitch(rows) or pitch
    for number, row in enumerate(rows):
        made.texts.append(_without_callout(row_text(row, base, advance, fonts), row, ledger))
        made.blanks.append(_blanks_before(rows[number - 1], row, own, pitch) if number else 0)
    made.numbered = any(row.line_no is not None for row in rows)
    edge = rows[0].frame.rect[2] if rows and rows[0].frame else rows[0].column[1] if rows else 0
    inset = base - rows[0].frame.rect[0] if rows and rows[0].frame else 0.0
    made.columns = int((edge - inset - base) / advance + 0.05) if advance else 0
    return made


def row_text(row: Row, base: float, advance: float, fonts: Fonts) -> str:
    """One row with its indentation: gaps of whole cells become spaces."""
    cells: list[_Cell] = []
    end, spaces = base, ""
    for run in row.runs:
        scale = fonts.advance.get(run.font)
        cell = scale * run.size if scale else advance
        for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
            if char.isspace():
                spaces += char
                continue
            cells.append((char, (left - end) / cell, spaces))
            end = max(end, right) if right > left else max(end, left)
            spaces = ""
    written = _justified(cells)
    out: list[str] = []
    for char, gap, spaces in cells:
        wide = len(spaces) if written and spaces else max(0, min(round(gap), 200))
        # no-break spaces are kept where they fill the gap: output may mean them
        out.append((spaces if len(spaces) == wide and "\xa0" in spaces else " " * wide) + char)
    return "".join(out).rstrip()


def _justified(cells: Sequence[_Cell]) -> bool:
    """Whether a row was stretched to the full width: all its spaces, by the same measure.

    Then the number of space characters is right and the geometry is not.
    """
    wide = [gap / len(spaces) for _, gap, spaces in cells if spaces]
    if len(wide) < _STRETCHED or min(wide) < 1.06:
        return False
    return max(wide) - min(wide) < 0.06 * max(wide) + 0.02


def _without_callout(text: str, row: Row, ledger: Ledger) -> str:
    found = _CALLOUT.search(text) if ledger.wants("callout_marks") else None
    if found is None:
        return text
    ledger.took(row.page, "callout_marks", found.group().strip())
    return text[: found.start()].rstrip()


def _advance(rows: Sequence[Row], fonts: Fonts) -> float:
    seen: Counter[float] = Counter()
    for row in rows:
        for run in row.runs:
            if run.font in fonts.advance:
                seen[fonts.advance[run.font] * run.size] += len(run.text)
    return seen.most_common(1)[0][0] if seen else 5.0


def _pitch(rows: Sequence[Row]) -> float:
    """Usual baseline distance within the piece."""
    gaps = Counter(
        round((after.baseline - before.baseline) * 2) / 2
        for before, after in pairwise(rows)
        if after.baseline > before.baseline
    )
    if not gaps:
        return 0.0
    low = min(gaps)
    near = [gap for gap in gaps.elements() if gap < 1.35 * low]
    return sum(near) / len(near)


def _blanks_before(before: Row, row: Row, own: float, pitch: float) -> int:
    """Blank lines between two rows: line numbers know best, else the gap tells."""
    if row.line_no is not None and before.line_no is not None:
        return min(5, max(0, row.line_no - before.line_no - 1))
    return _blank_lines(row.baseline - before.baseline, own, pitch)


def _blank_lines(gap: float, own: float, pitch: float) -> int:
    """Blank lines that a gap stands for; two rows alone are judged by the document's pitch."""
    unit = min(own, pitch * 1.2) if pitch else own
    if unit <= 0:
        return 0
    return max(0, round(gap / unit) - 1)
