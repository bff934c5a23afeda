"""Code that was set in a font of words, set anew in columns of one width.

Belongs here: which column a row begins in, what a space is as wide as. Does not: which rows are
code (``codefaces.py``), columns of code in a fixed pitch (``listing.py``).

An indent is as wide as its spaces are in the font, or one step of the typesetter's: the width of
the spaces tells where indents are whole numbers of it, else the smallest step that the indents of
the book share is one level. Rows get a font of fixed pitch of their own name, so that all that
follows sees the columns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from booktune_assets.books.codefaces import find_code
from booktune_assets.books.fonts import CODED, Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, edges_of
from booktune_assets.books.lang import classify
from booktune_assets.books.packed import Pages
from booktune_assets.books.stands import Stand, is_near, is_number

__all__ = ["set_in_columns"]

_SHOWN = 0.4  # type sizes: a narrower indent is none
_DEEP = 12.0  # type sizes: a deeper one tells nothing
_WHOLE = 0.17  # of a space by which an indent may be off
_MOST = 0.85  # of the indents are so
_OFTEN, _SOME = 0.08, 0.7  # of the indents are the smallest step; are whole numbers of it
_NEAR = 0.08  # of a step by which indents may be off
_HABIT = 0.15  # of the listings of a side begin at an edge
_WIDE = 1.7  # spaces: a wider gap is more than those that are written
_USUAL = (1, 2, 3, 4, 8)  # spaces of the smallest indent; others are a step that happens to fit
_DOUBLED, _EVEN, _SHOWS = 4, 0.98, 20  # spaces; of the indents; so many
_LEVELS = {"erlang": 4}  # columns of a level; 2 in Elixir
_Unit = tuple[float, int]  # the width of a column, and how many make a step; 1: it is a space


def set_in_columns(pages: Pages, fonts: Fonts) -> bool:
    """Give rows of code that are in a font of words one of fixed pitch; whether there are any."""
    stands = find_code(pages, fonts)
    if not stands:
        return False
    found: dict[int, list[Stand]] = defaultdict(list)
    for one in stands:
        found[one.page].append(one)
    cell, spaces = _widths(pages, found)
    edges = _edges(stands)
    units = {
        family: _unit([one for one in stands if one.face[0] == family], edges, space)
        for family, space in spaces.items()
    }
    for page in pages.edited():
        gone: set[int] = set()
        for one in found.get(page.number, ()):
            for members in one.rows:
                family = one.face[0]
                gone |= _set(page, members, one, edges[id(one)], units[family], cell,
                             spaces[family])  # fmt: skip
        if gone:
            page.lines = [line for number, line in enumerate(page.lines) if number not in gone]
    return True


def _widths(pages: Pages, found: dict[int, list[Stand]]) -> tuple[float, dict[str, float]]:
    """How wide a letter of the code is on average, and a space of each family, in type sizes."""
    spaces: dict[str, Counter[float]] = {
        one.face[0]: Counter() for members in found.values() for one in members
    }
    wide, count = 0.0, 0
    for page in pages.whole():
        for family, number in (
            (one.face[0], n) for one in found.get(page.number, ()) for row in one.rows for n in row
        ):
            for run in page.lines[number].runs:
                for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
                    if char == " ":
                        spaces[family][round((right - left) / run.size, 3)] += 1
                    else:
                        wide, count = wide + (right - left) / run.size, count + 1
    own = {family: median(seen.elements()) if seen else 0.25 for family, seen in spaces.items()}
    usual = {family: space if space > 0.1 else 0.25 for family, space in own.items()}
    return round(wide / max(1, count), 2) or 0.5, usual


def _edges(stands: Sequence[Stand]) -> dict[int, float]:
    """The x of column 0 of rows that stand together, by id: where most such rows begin.

    What goes on over a page may begin deeper than its listing does.
    """
    groups: list[list[Stand]] = []
    for one in stands:  # blank lines part what is one listing
        if groups and is_near(groups[-1][-1], one):
            groups[-1].append(one)
        else:
            groups.append([one])
    begins: dict[object, Counter[float]] = defaultdict(Counter)
    for group in groups:
        begins[_side(group[0])][_inset(group)] += 1
    found: dict[int, float] = {}
    for group in groups:
        own, counted = _inset(group), begins[_side(group[0])]
        least = max(2.0, _HABIT * counted.total())
        common = [x for x, n in counted.items() if n >= least and x <= own + 0.5]
        usual = max(common, default=own) if counted[own] < least else own
        left = min(one.left for one in group)
        far = own - usual if own - usual < _DEEP * group[0].face[1] / 2 else 0.0
        found.update({id(one): left - far for one in group})
    return found


def _side(one: Stand) -> object:
    return ("box", one.face) if one.frame else (one.page % 2, one.face)


def _inset(group: Sequence[Stand]) -> float:
    """Where a listing begins, from the side of its box or the page."""
    frame = group[0].frame
    return float(round(min(one.left for one in group) - (frame.rect[0] if frame else 0.0)))


def _unit(stands: Sequence[Stand], edges: dict[int, float], space: float) -> _Unit:
    """How wide a column of an indent is, as a share of the type size."""
    seen: Counter[float] = Counter()
    for one in stands:
        for left in one.lefts:
            offset = (left - edges[id(one)]) / one.face[1]
            if _SHOWN < offset < _DEEP:
                seen[round(offset, 2)] += 1
    total = seen.total()
    if not total:
        return space, 1
    steps = [
        x for x in sorted(seen)
        if sum(n for y, n in seen.items() if abs(x - y) <= _NEAR * x) >= _OFTEN * total
    ]  # fmt: skip
    least = round(min(steps, default=space) / space)
    if _share(seen, space, _WHOLE) >= _MOST and least in _USUAL:
        return space * (2 if _is_doubled(seen, space, least, stands) else 1), 1
    step = next((x for x in steps if _share(seen, x, _NEAR * 1.5) >= _SOME), None)
    if step is None:
        return space, 1
    near = [y for y in seen.elements() if abs(y - step) <= _NEAR * step]
    level = _level(stands)
    return sum(near) / len(near) / level, level


def _is_doubled(seen: Counter[float], space: float, least: int, stands: Sequence[Stand]) -> bool:
    """Whether a column is two spaces wide: Elixir is set in by two columns, and aligned by any.

    Where all indents are twice as many spaces as that, none of them odd, the typesetter's are wider
    than those of the font.
    """
    even = _share(seen, 2 * space, _WHOLE / 2) >= _EVEN
    return least == 2 * _level(stands) == _DOUBLED and even and seen.total() >= _SHOWS


def _share(seen: Counter[float], unit: float, off: float) -> float:
    """The part of indents that are whole numbers of a unit."""
    fits = sum(n for x, n in seen.items() if abs(x / unit - round(x / unit)) <= off)
    return fits / seen.total()


def _level(stands: Sequence[Stand]) -> int:
    """How many columns a level of the language of the book has."""
    langs = Counter(classify("\n".join(one.texts))[1] for one in stands if len(one.rows) > 1)
    told = [lang for lang, _ in langs.most_common() if lang in ("elixir", "erlang")]
    return _LEVELS.get(told[0], 2) if told else 2


def _set(
    page: PageDrawn, members: Sequence[int], one: Stand, edge: float, unit: _Unit, cell: float,
    space: float,
) -> set[int]:  # fmt: skip
    """Set a row in columns, all of it in its first line; gives the lines that are empty now."""
    if len(members) > 1 and is_number(page.lines[members[0]].text):
        members = members[1:]
    lines = [page.lines[number] for number in members]
    size = one.face[1]
    first = lines[0].runs[0]
    seen = [
        (x, y) for line in lines for run in line.runs
        for char, x, y in zip(run.text, run.lefts, run.rights, strict=True) if not char.isspace()
    ]  # fmt: skip
    left = seen[0][0]
    column = _column((left - edge) / first.size, unit, space)
    at = edge + column * cell * size
    _reset(lines, at, cell * size, size, space)
    merged = lines[0]
    merged.runs = [run for line in lines for run in line.runs if run.text]
    merged.seen = edges_of([x for x, _ in seen], [y for _, y in seen])
    merged.space = space * first.size
    _, y0, _, y1 = merged.box
    right = lines[-1].box[2]  # the drawn one tells which rows are full
    merged.box = (at if at < right else left, y0, right, y1)
    return set(members[1:])


def _column(indent: float, unit: _Unit, space: float) -> int:
    """The column of a row: steps of the typesetter's, and a few spaces of the font behind them."""
    wide, level = unit
    if indent > 0 and level > 1:
        steps = int((indent + space / 2) / (wide * level))
        rest = (indent - steps * wide * level) / space
        if 0 < round(rest) < level and abs(rest - round(rest)) <= _WHOLE:
            return steps * level + round(rest)
    return max(0, round(indent / wide))


def _reset(lines: Sequence[Line], at: float, cell: float, size: float, space: float) -> None:
    """Put every character of a row into its column; a wide gap is as many spaces as fit."""
    end: float | None = None
    for line in lines:
        for number, run in enumerate(line.runs):
            text, blanks = "", ""
            for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
                if char.isspace():
                    blanks += char
                    continue
                if end is not None:
                    text += _between(blanks, (left - end) / (space * run.size), new=not number)
                text, blanks, end = text + char, "", right
            if end is not None and blanks:
                text, end = text + blanks, run.right
            lefts = [at + n * cell for n in range(len(text))]
            at += cell * len(text)
            line.runs[number] = replace(
                run, text=text, font=run.font + CODED, size=size,
                edges=edges_of(lefts, [x + cell for x in lefts]),
            )  # fmt: skip


def _between(blanks: str, wide: float, *, new: bool) -> str:
    """The spaces of a gap that is so many spaces wide; between two lines there is one at least."""
    least = max(len(blanks), int(new and wide > _WIDE / 2))
    return " " * round(wide) if wide > max(1, least) * _WIDE else blanks or " " * least
