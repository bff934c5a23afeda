"""Rows that stand together on a page, in one face and box, as a book draws them.

Belongs here: finding them, the faces of rows, the boxes around them. Does not: which of them are
code (``codefaces.py``).
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from booktune_assets.books.blocks import inked
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Box, Line, PageDrawn

__all__ = ["Stand", "cut", "is_near", "is_number", "stands_of"]

_LEVEL = 0.22  # of a row's height: lines so near share a baseline
_TIGHT = 1.75  # type sizes between rows that stand together
_LOOSE = 4.4  # the same, over a blank line or two
_APART = 2.0  # type sizes between cells
_STYLE = re.compile(
    r"(?:^[A-Z]{6}\+)|[-, ]?(?:bold|italic|oblique|regular|roman|book|medium|semibold|light|mt)+"
    r"(?=[-, ]|$)", re.I)  # fmt: skip
_BARE = re.compile(r"\d{1,4}[.:|]?")


def _numbers() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Stand:
    """Rows of one page that stand together; each is the numbers of its lines, left to right.

    All those of a book are held at once: numbers stand in arrays, which take a quarter of lists.
    """

    page: int
    face: tuple[str, float]
    frame: Box | None
    rows: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    texts: list[str] = field(default_factory=list[str])
    lefts: array[float] = field(default_factory=_numbers)
    rights: array[float] = field(default_factory=_numbers)
    bases: array[float] = field(default_factory=_numbers)
    split: int = 0  # rows of several cells
    off: bool = True  # a box, a face or an indent sets it off from the text
    code: bool | None = None

    @property
    def left(self) -> float:
        """Where the leftmost row begins."""
        return min(self.lefts)


def is_number(text: str) -> bool:
    """Whether a line is only what counts a row."""
    return _BARE.fullmatch(text.strip()) is not None


def is_near(before: Stand, one: Stand) -> bool:
    """Whether rows stand right below others, in the same face and box."""
    if before.page != one.page or before.face != one.face or before.frame is not one.frame:
        return False
    return 0 < one.bases[0] - before.bases[-1] < _LOOSE * one.face[1]


def cut(one: Stand, cuts: Sequence[int]) -> list[Stand]:
    """The rows in several parts, each from one of some row numbers on."""
    ends = [0, *cuts, len(one.rows)]
    return [
        Stand(one.page, one.face, one.frame, one.rows[a:b], one.texts[a:b], one.lefts[a:b],
              one.rights[a:b], one.bases[a:b], one.split if not cuts else 0)
        for a, b in pairwise(ends)
    ]  # fmt: skip


def stands_of(page: PageDrawn, fonts: Fonts | None = None) -> list[Stand]:
    """The rows of a page, as they stand together, in the order in which they are drawn.

    With ``fonts`` those that have nothing in a fixed pitch.
    """
    out: list[Stand] = []
    for members in _on_baselines(page.lines):
        lines = [page.lines[number] for number in members]
        if fonts is not None and any(fonts.mono(run) for line in lines for run in line.runs):
            continue
        face, frame = _face(lines), _frame(page, lines)
        size, base, left = face[1], lines[0].baseline, _ink(lines[0])
        last = out[-1] if out else None
        if last is None or not (
            last.face == face and last.frame is frame
            and 0 < base - last.bases[-1] < (_LOOSE if frame else _TIGHT) * size
            and left < max(last.rights) + size and lines[-1].box[2] > last.left - 20 * size
        ):  # fmt: skip
            last = Stand(page.number, face, frame)
            out.append(last)
        last.rows.append(tuple(members))
        last.texts.append("  ".join(line.text.strip() for line in lines))
        last.lefts.append(left)
        last.rights.append(lines[-1].box[2])
        last.bases.append(base)
        apart = (two.box[0] - one.box[2] for one, two in pairwise(lines))
        last.split += any(gap > _APART * size for gap in apart) and not is_number(lines[0].text)
    return out


def _on_baselines(lines: Sequence[Line]) -> list[list[int]]:
    groups: list[list[int]] = []
    for number, line in enumerate(lines):
        last = lines[groups[-1][-1]] if groups else None
        high = max(4.0, line.box[3] - line.box[1])
        if last is not None and abs(last.baseline - line.baseline) < _LEVEL * high \
                and line.box[0] >= last.box[2] - 2:  # fmt: skip
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def _face(lines: Sequence[Line]) -> tuple[str, float]:
    """Family and size of most of a row: bold and slanted fonts are of their family."""
    found: Counter[tuple[str, float]] = Counter()
    for line in lines:
        for run in line.runs:
            found[_family(run.font), round(run.size * 2) / 2] += inked(run.text)
    return found.most_common(1)[0][0] if len(found) > 1 else next(iter(found))


@lru_cache(maxsize=1024)  # of each run of a book: it has some ten
def _family(font: str) -> str:
    return _STYLE.sub("", font)


def _ink(line: Line) -> float:
    """Where the ink of a line begins, blanks in front left out."""
    for run in line.runs:
        if bare := run.text.lstrip():
            return run.lefts[len(run.text) - len(bare)] if run.edges else line.box[0]
    return line.box[0]


def _frame(page: PageDrawn, lines: Sequence[Line]) -> Box | None:
    """The smallest box around a row that is higher than it, and no ground of the page."""
    best: Box | None = None
    x0, base, size = lines[0].box[0], lines[0].baseline, lines[0].size
    for box in page.boxes:
        left, top, right, bottom = box.rect
        if not (left - 1 <= x0 < right and top < base < bottom) or bottom - top < 1.2 * size:
            continue
        if best is None or bottom - top < best.rect[3] - best.rect[1]:
            best = box
    return best
