"""Line numbers of printed code: found, taken off, and used as evidence.

Belongs here: digits in a column of their own, left of code. Does not: what follows from them
(``listing.py`` knows that a row without a number goes on with the line before).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Run
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.rows import Row

__all__ = ["Style", "take_numbers"]

_ENOUGH = 4  # rows of a page with a number right of the code
_STEPS = (4, 5, 10)  # from the first number to the fifth line, and on
_SKIP = 3  # blank lines often have no number, so that neighbours may differ by more than one


Style = tuple[str, float]


def take_numbers(rows: Sequence[Row], fonts: Fonts, ledger: Ledger, known: set[Style]) -> list[Row]:
    """The rows of a page with line numbers moved into ``line_no``; number-only rows are dropped.

    ``known`` are the styles of the numbers found so far in the book; it grows.
    """
    if not ledger.wants("line_numbers"):
        return list(rows)
    _turn_round(rows, fonts)
    found = [_number(row, fonts) for row in rows]
    good, stepped = _in_sequence(rows, found, known)
    known.update(_style(rows[index]) for index in good)
    kept: list[Row] = []
    for index, row in enumerate(rows):
        if index not in good:
            kept.append(row)
            continue
        row.line_no = None if index in stepped else found[index]
        rest = _rest(row)
        taken = row.runs[: len(row.runs) - len(rest)]
        ledger.took(row.page, "line_numbers", "".join(run.text for run in taken).strip())
        row.runs = rest
        if not row.runs:
            continue  # the number of a blank line
        left = min(run.lefts[0] for run in row.runs if run.text.strip())
        row.box = (left, *row.box[1:])
        row.text = "".join(run.text for run in row.runs).strip()
        row.parts = row.parts[1:] or [left]
        row.mono = True
        kept.append(row)
    return kept


def _turn_round(rows: Sequence[Row], fonts: Fonts) -> None:
    """Put numbers that stand right of the code before it, where a page has them so."""
    ends: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        inked = [run for run in row.runs if run.text.strip()]
        last, code = inked[-1], inked[:-1]
        digits = last.text.strip()
        small = bool(code) and (last.size < code[0].size - 0.3 or not fonts.mono(last))
        coded = any(map(fonts.mono, code)) and not any(map(fonts.words, code))
        if small and coded and digits.isascii() and digits.isdigit():
            ends[round(last.rights[-1])].append(row)
    for members in ends.values():
        numbers = [int([run for run in row.runs if run.text.strip()][-1].text) for row in members]
        rising = sum(0 < b - a <= _SKIP for a, b in pairwise(numbers))
        if len(members) < _ENOUGH or rising < 0.6 * (len(members) - 1):
            continue
        for row in members:
            at = max(n for n, run in enumerate(row.runs) if run.text.strip())
            row.runs = [row.runs[at], *row.runs[:at]]
            row.parts = [row.runs[0].lefts[0], *row.parts[:-1]] if len(row.parts) > 1 else row.parts


def _rest(row: Row) -> list[Run]:
    first = next(n for n, run in enumerate(row.runs) if run.text.strip())
    rest = row.runs[first + 1 :]
    return rest if any(run.text.strip() for run in rest) else []


def _number(row: Row, fonts: Fonts) -> int | None:
    """The number that a row begins with, when it is set apart from code or stands alone."""
    first = next(run for run in row.runs if run.text.strip())
    digits = first.text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        return None
    rest = [run for run in _rest(row) if run.text.strip()]
    if not rest:
        return int(digits)
    if not any(map(fonts.mono, rest)) or any(map(fonts.words, rest)):
        return None
    if first.size < rest[0].size - 0.3 or not fonts.mono(first):
        return int(digits)
    # in the code's own font only a wide gap sets a number apart: "1 => :one" is code
    left = next(x for run in rest for x, c in zip(run.lefts, run.text, strict=True) if c != " ")
    wide = left - first.rights[len(first.text.rstrip()) - 1] > 1.1 * first.size
    return int(digits) if wide and first.color != rest[0].color else None


def _in_sequence(
    rows: Sequence[Row], found: Sequence[int | None], known: set[Style]
) -> tuple[set[int], set[int]]:
    """Rows whose numbers rise line by line at one right edge, and hold some code.

    The second set are those of listings that number every fifth or tenth line: a row without a
    number says nothing there.
    """
    good: set[int] = set()
    stepped: set[int] = set()
    chain: list[int] = []

    def flush() -> None:
        coded = [index for index in chain if _rest(rows[index])]
        alone = [index for index in chain if index not in coded]
        styles = {_style(rows[index]) for index in coded}
        if any(_style(rows[index]) not in styles for index in alone):
            coded = []
        enough = len(chain) >= 2 or (
            chain and _small(rows[chain[0]])
            and (found[chain[0]] == 1 or _style(rows[chain[0]]) in known)
        )  # fmt: skip
        if coded and enough and len(coded) >= 0.4 * len(chain):
            good.update(chain)
            steps = [(found[b] or 0) - (found[a] or 0) for a, b in pairwise(chain)]
            if any(step > _SKIP for step in steps):
                stepped.update(chain)
        chain.clear()

    for index, number in enumerate(found):
        if number is None:
            continue  # a wrapped row, or prose between two listings
        if chain:
            last = chain[-1]
            before = found[last] or 0
            aligned = abs(_right(rows[index]) - _right(rows[last])) < 2.5
            near = 0 < number - before <= _SKIP and index - last <= 6
            fifth = number % 5 == 0 and number - before in _STEPS and index - last <= _STEPS[-1]
            if not ((near or fifth) and aligned):
                flush()
        chain.append(index)
    flush()
    return good, stepped


def _style(row: Row) -> Style:
    first = next(run for run in row.runs if run.text.strip())
    return first.font, round(first.size, 1)


def _right(row: Row) -> float:
    first = next(run for run in row.runs if run.text.strip())
    return first.rights[len(first.text.rstrip()) - 1]


def _small(row: Row) -> bool:
    rest = [run for run in _rest(row) if run.text.strip()]
    first = next(run for run in row.runs if run.text.strip())
    return bool(rest) and first.size < rest[0].size - 0.3
