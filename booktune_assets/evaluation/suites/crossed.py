"""Two faults of a program, alone and together: four versions of which none stands in the middle.

Belongs here: laying one change over another. Does not: where mutants come from (``beam/``), texts
of tasks (``otp_tasks.py``).

Four versions of which three have a fault of their own give the right one away: its lines are those
that most versions share. Crossed, every passage is shared by two versions and two, so counting
says nothing: right, one fault, the other fault, both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations

__all__ = ["crossed"]

_LINES = re.compile(r".*\n|.+")
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
Edit = tuple[int, int, Sequence[str]]


def crossed(right: str, wrong: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """(one fault, the other, both) of every two programs whose changes do not touch.

    Changes are taken by lines and, of pairs that touch in a line, by words.
    """
    seen: set[tuple[str, str]] = set()
    for parts in (_LINES.findall, _WORDS.findall):
        for one, other in combinations(wrong, 2):
            both = _both(parts(right), parts(one), parts(other))
            if both is not None and both not in (right, one, other) and (one, other) not in seen:
                seen.add((one, other))
                yield one, other, both


def _both(right: Sequence[str], one: Sequence[str], other: Sequence[str]) -> str | None:
    first, second = _edits(right, one), _edits(right, other)
    # ends that meet are of one place, whose order nobody knows
    if any(a <= d and c <= b for a, b, _ in first for c, d, _ in second):
        return None
    made = list(right)
    for start, end, new in sorted((*first, *second), key=lambda edit: -edit[0]):
        made[start:end] = new
    return "".join(made)


def _edits(old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(a, b, new[c:d]) for kind, a, b, c, d in found if kind != "equal"]
