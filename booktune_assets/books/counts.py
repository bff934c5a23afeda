"""What may be line numbers: digits beside code, and the signs that stand for numbers left out.

Belongs here: one such number, a chain of them, and what a sign counts. Does not: finding and
judging numbers (``linenos.py``).

Some presses print ``Line 1``, then every fifth number, and a dash on each line between. Such signs
stand at the numbers' own right edge, in their type, and count what their place among them says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from booktune_assets.books.glyphs import Run

__all__ = ["Chain", "Count", "Style", "count_signs"]

_EDGE = 1.5  # pt; numbers at one edge differ by less
_HIGH = 90.0  # pt between signs; farther apart they belong to different listings

Style = tuple[str, float, int, str]


@dataclass(slots=True)
class Count:
    """Digits that may count a line of code; ``alone``: nothing else is in their line.

    ``run`` holds them, ``code`` is the index of the line that they count, ``gap`` the room between.
    ``number`` 0 is that of a sign that counts nothing yet.
    """

    index: int
    number: int
    run: Run
    box: tuple[float, float]
    baseline: float
    alone: bool
    behind: bool = False
    code: int | None = None
    gap: float = 0.0
    left: float = 0.0  # of the code
    text: str = ""  # as it is printed
    worded: bool = False  # what stands behind it is no code
    mark: str = ""  # that parts it from the code

    @property
    def style(self) -> Style:
        """What the numbers of a book have in common: font, size, colour, mark behind."""
        return self.run.font, round(self.run.size, 1), self.run.color, self.mark

    @property
    def is_sign(self) -> bool:
        """Whether it stands for a number that was left out."""
        return not self.text[-1:].isdigit() and not self.mark


@dataclass(slots=True)
class Chain:
    """Numbers of one page that rise at one edge; it knows its page by index, not as an object.

    ``strong``: in another font or size than the code. ``members``: lines of all chains of the page
    that are like it.
    """

    sheet: int
    counts: list[Count]
    strong: bool = False  # in another font or size than the code
    sure: bool = False
    group: str = ""  # why others vouch for it: ``tight``, ``marked`` or ``plain``
    members: set[int] = field(default_factory=set[int])  # lines of all chains of the page like it

    @property
    def coded(self) -> list[Count]:
        """Those that stand at code."""
        return [count for count in self.counts if count.code is not None]

    @property
    def first(self) -> Count:
        """The topmost one."""
        return self.counts[0]


def count_signs(counts: Sequence[Count], before: Sequence[Count]) -> list[Count]:
    """The numbers of a page from the top down; signs have theirs, those that count nothing go.

    ``before`` are those of the page before, from which a listing may go on; the number of that page
    is none of them: no code stands beside it.
    """
    if not any(count.is_sign for count in counts):
        return list(counts)
    for sign in (count for count in counts if count.is_sign):
        ours = (one for one in reversed(before) if one.style == sign.style)
        last = next((one for one in ours if _is_at_code(one, before)), None)
        _number(sign, [one for one in counts if _alike(one, sign)], last)
    return [count for count in counts if count.number or not count.is_sign]


def _is_at_code(one: Count, page: Sequence[Count]) -> bool:
    """Whether code stands beside a number, or beside another one at its edge."""
    return any(other.code is not None and _alike(other, one) for other in page)


def _alike(one: Count, sign: Count) -> bool:
    return one.style == sign.style and abs(one.box[1] - sign.box[1]) < _EDGE


def _number(sign: Count, column: Sequence[Count], before: Count | None) -> None:
    """Count a sign by the next real number around it, in steps of the rows between."""
    at = next(n for n, one in enumerate(column) if one is sign)
    real = [n for n, one in enumerate(column) if not one.is_sign]
    above = max((n for n in real if n < at), default=None)
    below = min((n for n in real if n > at), default=None)
    if above is not None and _near(column[above : at + 1]):
        same = below is not None and column[below].number > column[above].number
        rows = _rows(column, above, at, below if same else None)
        sign.number = column[above].number + rows
    elif below is not None and _near(column[at : below + 1]):
        sign.number = max(0, column[below].number - _rows(column, at, below, None))
    elif before is not None:
        sign.number = before.number + 1 + at


def _near(column: Sequence[Count]) -> bool:
    return all(two.baseline - one.baseline < _HIGH for one, two in pairwise(column))


def _rows(column: Sequence[Count], start: int, end: int, known: int | None) -> int:
    """Rows from one of a column to another: as many as signs, unless blank rows have none."""
    if known is None:
        gaps = sorted(two.baseline - one.baseline for one, two in pairwise(column))
        high = max(1.0, gaps[len(gaps) // 2])
    else:
        step = column[known].number - column[start].number
        if step <= known - start:  # each row has one
            return end - start
        high = (column[known].baseline - column[start].baseline) / step
    return max(end - start, round((column[end].baseline - column[start].baseline) / high))
