"""Titles that take several rows: whether two rows can be one, titles that go on in the next row.

Belongs here: judging rows that follow each other in one style. Does not: which styles are those of
titles (``headings.py``), titles whose type changes (``goingon.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain, pairwise

from booktune_assets.books.capitals import differ_in_capitals
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.labels import split_number
from booktune_assets.books.rows import Row

__all__ = ["broken_titles", "runs_apart", "runs_on"]

Style = tuple[str, float, bool]
_TITLE, _LONGEST = 3, 140  # rows and characters of a title
_HALF, _AIR = 0.6, 1.6  # of the column, that a title fills before it goes on; type sizes
_FILLED = 2.0  # pt: a row that ends nearer to the edge was stretched to it


def broken_titles(
    rows: Sequence[Row], styles: Collection[Style], fonts: Fonts
) -> dict[Style, list[int]]:
    """Rows of titles that go on in the next row, in bold styles of titles that fit in one."""
    wanted = {style for style in styles if style[2] and style[0] not in fonts.advance}
    found: dict[Style, list[int]] = {style: [] for style in wanted}
    run: list[Row] = []
    above: Row | None = None  # before the run
    for index, row in enumerate(chain(rows, (None,)) if wanted else ()):
        if run and row is not None and run[-1].style in wanted and runs_on(run[-1], row):
            run.append(row)
            continue
        if len(run) > 1 and (style := run[0].style) in wanted and _is_broken(run, above, fonts):
            found[style] += range(index - len(run), index)
        above, run = run[-1] if run else None, [row] if row is not None else []
    return found


def _is_broken(run: Sequence[Row], before: Row | None, fonts: Fonts) -> bool:
    """Whether rows of one style, with no more of it around, are one title over several rows."""
    words = " ".join(row.text for row in run)
    free = all(not row.role and row.frame is None for row in run) and all(
        len(row.parts) < 3 or (row is not run[-1] and row.column[1] - row.box[2] < _FILLED)
        for row in run
    )
    above = before is None or before.page != run[0].page or (
        abs(run[0].baseline - before.baseline) > 1.45 * max(run[0].size, fonts.body_size)
    )  # fmt: skip
    close = all(0 < two.baseline - one.baseline < 1.7 * two.size for one, two in pairwise(run))
    titled = len(words) <= _LONGEST and not words.endswith((".", ",", ";", ":"))
    return len(run) <= _TITLE and free and above and close and titled


def runs_on(row: Row, after: Row) -> bool:
    """Whether two rows of one style can be one paragraph."""
    if row.page != after.page or row.style != after.style:
        return False
    return not (runs_apart(row, after) or differ_in_capitals(row, after) or _stacked(row, after))


def _stacked(row: Row, after: Row) -> bool:
    """Whether two bold rows are two titles: the first had room for more, and there is air below."""
    room = row.box[2] - row.box[0] < _HALF * (row.column[1] - row.column[0])
    return row.bold and room and after.baseline - row.baseline > _AIR * row.size


def runs_apart(row: Row, after: Row) -> bool:
    """Whether numbers tell that a row begins a heading of its own: "2.1 Lists" below "2 Types"."""
    numbers = split_number(row.text)[0] or "", split_number(after.text)[0] or ""
    counted = all(number[:1].isdigit() for number in numbers) and "." in "".join(numbers)
    return counted and numbers[0] != numbers[1]
