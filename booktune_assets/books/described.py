"""Lists of terms whose text is set in below them: "**mailbox** where messages wait".

Belongs here: which rows of a PDF begin an item of such a list, as LaTeX's ``description`` sets
them: the text runs on behind the term, or begins below it (style ``nextline``). Does not: terms
above text that is not set in (``equals.py``), lists with signs (``layout.py``).

A bold word, or code, may begin a row of any paragraph. An item shows itself by its next row, which
is set in and begins no paragraph: what follows does not go back to the edge. And it is no row of a
paragraph itself: what is right above ends in a colon, or is of another item. Three in a book make a
habit; then items of one row count, too, next to such ones.

The text may have an edge of its own, far behind the terms (style ``sameline``), as cells of a table
have. A table has a head, whose words begin at these edges, or more columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from booktune_assets.books.equals import heads_table
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.rowbook import RowBook
from booktune_assets.books.rows import Row

__all__ = ["mark_items"]

_HABIT = 3  # items with a row that is set in
_CLOSE = 1.6  # type sizes between the rows of an item, at most
_SET_IN = (0.7, 14.0)  # type sizes by which the second row is set in
_LEVEL = 1.0  # pt
_LARGER = 0.6  # pt that code in text is larger than listings
_LONG = 48  # characters of a term
_TITLED = (".", "!", "?")  # what ends so titles its paragraph


@dataclass(slots=True)
class _Item:
    """What may be an item: its first row and that behind it, by their places on a page.

    ``alone``: the term has a row of its own; ``cell``: it looks like the first cell of a table.
    """

    number: int
    row: Row
    end: int
    hung: bool
    alone: bool
    cell: bool = False


def mark_items(rows: RowBook, fonts: Fonts) -> None:
    """Set ``role = "list"`` on the rows that begin items, in a book that has such lists."""
    found: list[int] = []
    short: list[tuple[int, int]] = []  # items of one row whose text stands apart, and how far
    rooms: Counter[int] = Counter()
    start = hung = 0
    for members in rows.pages():
        items = _items(members, fonts)
        hung += sum(item.hung for item in items)
        rooms.update(_room(item.row) for item in items if item.hung)
        found += [start + number for number in _in_lists(items, members)]
        short += [(start + item.number, room) for item in items if (room := _room(item.row))]
        start += len(members)
    if hung >= _HABIT:
        found += [index for index, room in short if rooms[room] >= _HABIT]
        for index in found:
            rows[index].role = "list"


def _room(row: Row) -> int:
    """How far from its term the text of an item begins that has an edge of its own, pt; else 0."""
    return round(row.parts[1] - row.box[0]) if len(row.parts) > 1 else 0


def _items(members: Sequence[Row], fonts: Fonts) -> list[_Item]:
    """What may be items on a page."""
    found: list[_Item] = []
    for number, row in enumerate(members):
        if not _begins(row, fonts) or _inside(members, number, found):
            continue
        end = number + 1
        while end < len(members) and _goes_on(members[number:end], members[end]):
            end += 1
        hung = end > number + 1 and not _returns(members, number, end)
        alone = _alone(row, fonts)
        if hung or not alone:
            cell = _in_table(members, number, found)
            found.append(_Item(number, row, end, hung and not cell, alone, cell))
    return [item for item in found if not item.cell]


def _in_table(members: Sequence[Row], number: int, items: Sequence[_Item]) -> bool:
    """Whether what is above an item whose text stands apart is a head, or a cell below one."""
    row, above = members[number], members[number - 1] if number else None
    if len(row.parts) < 2 or above is None:
        return False
    if items and items[-1].end == number:
        return items[-1].cell
    return heads_table(row, above)


def _inside(members: Sequence[Row], number: int, items: Sequence[_Item]) -> bool:
    """Whether a row goes on with a paragraph that the row right above it is of."""
    row, above = members[number], members[number - 1] if number else None
    if above is None or not _below(above, row) or above.text.endswith(":"):
        return False
    inner = above.box[0] > row.box[0] + _SET_IN[0] * row.size
    return not inner and not (items and items[-1].end == number)


def _begins(row: Row, fonts: Fonts) -> bool:
    """Whether a row begins with bold words, or with code, and goes on with others if with any."""
    inked = [run for run in row.runs if run.text.strip()]
    if row.role or row.bullet or len(row.parts) > 2 or (row.mono and not _of_words(row, fonts)):
        return False
    of_term = [run.bold or fonts.mono(run) for run in inked]
    last = of_term.index(False) if False in of_term else len(inked)
    if len(row.parts) > 1 and not (
        last < len(inked) and inked[0].bold and inked[last].left > row.parts[1] - _LEVEL
    ):
        return False  # code without a head may be a table, too
    term = "".join(run.text for run in inked[:last])
    return 0 < len(term) <= _LONG and not term.rstrip().endswith(_TITLED)


def _of_words(row: Row, fonts: Fonts) -> bool:
    """Whether a row of code alone is not in the size of listings: code in text is larger."""
    return row.frame is None and row.size > fonts.code_size + _LARGER


def _alone(row: Row, fonts: Fonts) -> bool:
    """Whether a row holds nothing but a term: the style ``nextline``."""
    return all(run.bold or fonts.mono(run) for run in row.runs if run.text.strip())


def _below(above: Row, row: Row) -> bool:
    near = 0 < row.baseline - above.baseline < _CLOSE * max(above.size, row.size)
    return near and row.column == above.column and row.frame is above.frame


def _goes_on(item: Sequence[Row], row: Row) -> bool:
    """Whether a row is set in below those of an item, where they are."""
    if row.role or row.mono or row.bullet or not _below(item[-1], row):
        return False
    if len(item[0].parts) > 1 and abs(row.box[0] - item[0].parts[1]) > _LEVEL:
        return False
    deep = (row.box[0] - item[0].box[0]) / item[0].size
    level = len(item) < 2 or abs(row.box[0] - item[-1].box[0]) < _LEVEL
    return level and _SET_IN[0] < deep < _SET_IN[1]


def _returns(members: Sequence[Row], number: int, end: int) -> bool:
    """Whether the row behind an item stands at its edge, close and without a term: a paragraph."""
    if end >= len(members) or not _below(members[end - 1], members[end]):
        return False
    runs = [run for run in members[end].runs if run.text.strip()]
    return not runs[0].bold and end - number < 3 and not members[end].role


def _in_lists(items: Sequence[_Item], members: Sequence[Row]) -> list[int]:
    """The first rows of items: those with rows set in, and next to such ones those of one row."""
    sure = {n for n, item in enumerate(items) if item.hung}
    for way in (1, -1):
        for n in range(len(items))[::way]:
            near = n - way
            if near in sure and _follow(items[min(near, n)], items[max(near, n)], members):
                sure.add(n)
    return [items[n].number for n in sorted(sure)]


def _follow(one: _Item, two: _Item, members: Sequence[Row]) -> bool:
    """Whether an item is the next behind another, at its edge and in its type."""
    level = abs(one.row.box[0] - two.row.box[0]) < _LEVEL
    fonts = {next(run.font for run in item.row.runs if run.text.strip()) for item in (one, two)}
    between = members[one.end : two.number]  # more paragraphs of the first one
    inner = one.row.box[0] + _SET_IN[0] * one.row.size
    return level and len(fonts) == 1 and all(row.box[0] > inner for row in between)
