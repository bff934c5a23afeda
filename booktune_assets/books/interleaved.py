"""Pieces of one row that a page draws colour by colour, so that MuPDF joins them over each other.

Belongs here: parting such lines where the ink of others fills their gaps. Does not: rows
(``rows.py``), text that is drawn twice (``doubled.py``).

``MyApp`` and ``MyModule`` are drawn one after the other in blue, the dot between them earlier in
black: MuPDF sees two words with a space. A gap in which other ink of the row stands is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of

__all__ = ["part_interleaved"]

_STEPS = 2  # of a pt, between baselines that are one
_MOST = 60  # lines on one baseline; more are a drawing
_OVER = 0.5  # pt by which boxes may overlap


@dataclass(frozen=True, slots=True)
class _Word:
    """Characters of a line without blanks: from, to, and where their ink is."""

    start: int
    end: int
    left: float
    right: float


def part_interleaved(pages: Iterable[PageDrawn]) -> Iterator[PageDrawn]:
    """The pages, with lines parted where others stand in them."""
    for page in pages:
        levels: dict[int, list[Line]] = defaultdict(list)
        for line in page.lines:
            levels[round(line.baseline * _STEPS)].append(line)
        made: dict[int, list[Line]] = {}
        for members in levels.values():
            if 1 < len(members) <= _MOST and _overlap(members):
                made |= _parted(members)
        if made:
            page.lines = [part for line in page.lines for part in made.get(id(line), (line,))]
        yield page


def _overlap(lines: Sequence[Line]) -> bool:
    boxes = sorted((line.box[0], line.box[2]) for line in lines)
    return any(two[0] < one[1] - _OVER for one, two in pairwise(boxes))


def _parted(lines: Sequence[Line]) -> dict[int, list[Line]]:
    """The parts of each line that others stand in, by the id of the line."""
    words = [list(_words(line)) for line in lines]
    middles = sorted(
        ((word.left + word.right) / 2, number)
        for number, found in enumerate(words) for word in found
    )  # fmt: skip
    out: dict[int, list[Line]] = {}
    for number, (line, own) in enumerate(zip(lines, words, strict=True)):
        cuts = [
            at for at, (one, two) in enumerate(pairwise(own), start=1)
            if any(one.right < x < two.left and other != number for x, other in middles)
        ]  # fmt: skip
        if cuts:
            ends = [0, *cuts, len(own)]
            out[id(line)] = [
                _part(line, own[a].start, own[b - 1].end) for a, b in pairwise(ends)
            ]  # fmt: skip
    return out


def _words(line: Line) -> Iterator[_Word]:
    start, at = -1, 0
    left = right = 0.0
    for run in line.runs:
        for char, x0, x1 in zip(run.text, run.lefts, run.rights, strict=True):
            if char.isspace():
                if start >= 0:
                    yield _Word(start, at, left, right)
                start = -1
            else:
                left = x0 if start < 0 else left
                start, right = (at if start < 0 else start), x1
            at += 1
    if start >= 0:
        yield _Word(start, at, left, right)


def _part(line: Line, start: int, end: int) -> Line:
    runs: list[Run] = []
    at = 0
    for run in line.runs:
        a, b = max(0, start - at), min(len(run.text), end - at)
        at += len(run.text)
        if a < b:
            edges = edges_of(run.lefts[a:b], run.rights[a:b])
            runs.append(replace(run, text=run.text[a:b], edges=edges))
    box = (runs[0].left, line.box[1], runs[-1].right, line.box[3])
    return replace(line, runs=runs, box=box)
