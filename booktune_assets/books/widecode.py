"""Code on a page in two columns that is wider than one of them.

Belongs here: whether such a row runs out of its own column or its listing spans both. Does not:
where the columns are (``columns.py``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Container, Iterator, Sequence

from booktune_assets.books.glyphs import Line

__all__ = ["ends_level", "in_fonts", "parting_code", "size_of", "wide_code"]

_INDENT = 30.0  # pt by which code is set in from the edge of its column
_SOME = 3  # lines that begin at one place on a page
_NEXT = 3.2  # of the type size: a wider gap ends a listing
_OTHER = 0.4  # pt: so does another type size
_BALANCED = 1.7  # type sizes between the ends of columns that are one as long as the other
_LEVEL = 0.5  # pt between baselines that are one


def wide_code(
    ordered: Sequence[Line], gutter: float, edge: float, mono: Collection[str]
) -> tuple[set[int], set[int]]:
    """Lines of code, by id: those that run out of the left column, and those that span both.

    Text stands beside a listing of the left column, or nearer to it than rows are to each other.
    Where nothing does, a listing with a row that crosses the ``gutter`` spans both columns with its
    short rows, too. ``edge``: where the right column of the book begins; ``mono``: its fixed fonts.
    """
    left = [o for o in ordered if o.box[0] < gutter and in_fonts(o, mono)] if mono else []
    long = {id(line) for line in left if line.box[2] > gutter + 1}
    if not long:
        return set(), set()
    right = [line for line in ordered if line.box[0] >= gutter]
    code = Counter(round(line.box[0]) for line in right if in_fonts(line, mono))
    edges = {x for x in code if x < edge + _INDENT and code[x] >= _SOME}
    beside = [
        (line.baseline, size_of(line)) for line in right
        if not in_fonts(line, mono) or round(line.box[0]) in edges
    ]  # fmt: skip
    over: set[int] = set()
    both: set[int] = set()
    for one in _listings(left):
        own = set(map(id, one))
        if not own & long:
            continue
        if any(one[0].baseline - size < at < one[-1].baseline + size for at, size in beside):
            over |= own & long
        else:
            both |= own
    return over, both


def parting_code(ordered: Sequence[Line], gutter: float, mono: Collection[str]) -> set[int]:
    """Listings of short rows, by id, at which both columns end and begin again at one height."""
    if not mono:
        return set()
    left = [line for line in ordered if line.box[2] <= gutter + 1]
    right = [line.baseline for line in ordered if line.box[0] >= gutter]
    body = Counter(map(size_of, ordered)).most_common(1)[0][0]
    place = {id(line): n for n, line in enumerate(left)}
    found: set[int] = set()
    for one in _listings([line for line in left if in_fonts(line, mono)]):
        first, end = place[id(one[0])], place[id(one[-1])] + 1
        if end - first == len(one) and first and ends_level(left, first, end, right, body):
            found.update(map(id, one))
    return found


def ends_level(
    left: Sequence[Line], first: int, end: int, right: Sequence[float], body: float
) -> bool:
    """Whether both columns end above some lines of the left one and begin below them at one height.

    ``right``: baselines of the right column, from the top down; ``body``: the size of most type.
    """
    top = left[first]
    at = bisect_left(right, top.baseline - size_of(top))
    if end == len(left) or not 0 < at < len(right) or right[at] <= left[end - 1].baseline:
        return False
    ends = abs(right[at - 1] - left[first - 1].baseline) < _BALANCED * body
    return ends and abs(right[at] - left[end].baseline) < 2 * _LEVEL


def _listings(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines of code that follow each other in one type size."""
    group: list[Line] = []
    for line in lines:
        last = group[-1] if group else None
        near = last is not None and line.baseline - last.baseline <= _NEXT * size_of(line)
        if last is not None and (not near or abs(size_of(last) - size_of(line)) > _OTHER):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def in_fonts(line: Line, fonts: Container[str]) -> bool:
    """Whether all the ink of a line is in some fonts."""
    return all(run.font in fonts for run in line.runs if not run.text.isspace())


def size_of(line: Line) -> float:
    """The type size of a line, to half a point."""
    return round(line.size * 2) / 2
