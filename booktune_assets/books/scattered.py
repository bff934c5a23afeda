"""Words of one row that a page draws in another order than they are read.

Belongs here: joining them into the line that they are. Does not: pieces that lie over each other
(``interleaved.py``), rows of a column (``rows.py``).

MuPDF begins a new line wherever the next word does not stand right of the last one. Programs that
draw words from the last to the first, or font by font, leave a page of lines of one word each that
look like cells of a table or notes beside text. Words that stand no farther apart than
words do, and were not drawn one after the other, are one line.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of

__all__ = ["join_scattered"]

_STEPS = 2  # of a pt, between baselines that are one
_MANY = 8  # such words on a page
_SPACE, _CELL, _TOUCH = 0.45, 0.7, 0.1  # type sizes between words, in fixed pitch; within a word
_OVER = 0.1  # type sizes by which words may overlap
_MARK = re.compile(r"\W|\(?\w{1,3}[.):]|\d{1,4}")  # begins an item, or counts a line

Placed = tuple[int, Line]


def join_scattered(pages: Iterable[PageDrawn]) -> Iterator[PageDrawn]:
    """The pages, with such words joined."""
    for page in pages:
        levels: dict[int, list[Placed]] = defaultdict(list)
        for place, line in enumerate(page.lines):
            levels[round(line.baseline * _STEPS)].append((place, line))
        if len(page.lines) - len(levels) >= _MANY:
            rows = [list(_row(level)) for level in levels.values()]
            if sum(len(words) - 1 for row in rows for words in row) >= _MANY:
                made = {min(place for place, _ in words): words for row in rows for words in row}
                page.lines = [_joined([line for _, line in made[at]]) for at in sorted(made)]
        yield page


def _row(level: list[Placed]) -> Iterator[list[Placed]]:
    """What stands on one baseline, in groups that are a line each."""
    level.sort(key=lambda placed: placed[1].box[0])
    group = level[:1]
    for one, two in pairwise(level):
        if two[0] != one[0] + 1 and _near(one[1], two[1], begins=len(group) == 1):
            group.append(two)
            continue
        yield group
        group = [two]
    yield group


def _near(one: Line, two: Line, *, begins: bool) -> bool:
    """Whether two lines stand as far apart as words do; the sign of an item stands by itself."""
    if begins and _MARK.fullmatch(one.text.strip()):
        return False
    fixed = one.runs[-1].mono_flag and two.runs[0].mono_flag
    size, gap = max(one.size, two.size), two.box[0] - one.box[2]
    return -_OVER * size < gap < (_CELL if fixed else _SPACE) * size


def _joined(lines: Sequence[Line]) -> Line:
    first = lines[0]
    if len(lines) == 1:
        return first
    runs = list(first.runs)
    for one, two in pairwise(lines):
        last, start, end = runs[-1], one.box[2], two.box[0]
        apart = end - start >= _TOUCH * max(one.size, two.size)
        if apart and not (last.text[-1:].isspace() or two.runs[0].text[:1].isspace()):
            edges = edges_of([start], [end])
            runs.append(Run(" ", last.font, last.size, last.flags, last.color, edges))
        runs += two.runs
    box = (
        first.box[0], min(line.box[1] for line in lines),
        lines[-1].box[2], max(line.box[3] for line in lines),
    )  # fmt: skip
    return Line(runs, first.baseline, box)
