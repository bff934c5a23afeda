"""In which order examples are learned: book, interleaved, competence, shuffled.

Belongs here: the place of each row. Does not: how hard a row is (``level`` of the pairs), the
order of concepts (``concepts/``), what a trainer makes of it: most shuffle unless told not to.

``book`` goes as the books do. ``interleaved`` takes one level after the other and goes round the
subjects of each; a fifth of a level comes back as review among the next. ``competence`` draws at
random from the easiest share of all rows, which grows with the root of the time. ``shuffled`` is
the control that every other order has to beat.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from booktune_assets.ids import stable_int

__all__ = ["ORDERS", "Learned", "places"]

ORDERS = ("book", "interleaved", "competence", "shuffled")
REVIEW = 5  # every fifth row of a level is learned among the next one
START = 0.1  # share of the easiest rows that competence begins with


@dataclass(frozen=True, slots=True)
class Learned:
    """One row: its name, its level, and the subject (a concept, else a chapter) it is about."""

    name: str
    level: int
    subject: str


def places(
    rows: Sequence[Learned], order: str, salt: str = "",
    concepts: Mapping[str, tuple[int, int]] | None = None,
) -> list[int]:  # fmt: skip
    """The place of each row, from 0; ``rows`` come in the order of the books.

    ``concepts`` are level and order of introduction of each subject: they say which subject of a
    level comes first, and which of two rows of one level is the easier. Raises ``KeyError`` for an
    order that is none of :data:`ORDERS`.
    """
    ranks = [stable_int(f"order\x1f{salt}\x1f{row.name}") for row in rows]
    known = concepts or {}
    depth = [known.get(row.subject, (row.level, 0)) for row in rows]
    made = {
        "book": lambda: list(range(len(rows))),
        "shuffled": lambda: sorted(range(len(rows)), key=lambda at: (ranks[at], rows[at].name)),
        "interleaved": lambda: _interleaved(rows, ranks, depth),
        "competence": lambda: _competence(rows, ranks, depth),
    }[order]()
    found = [0] * len(rows)
    for place, at in enumerate(made):
        found[at] = place
    return found


def _interleaved(
    rows: Sequence[Learned], ranks: Sequence[int], depth: Sequence[tuple[int, int]]
) -> list[int]:
    """Level by level, round the subjects, with a fifth of each level held over to the next."""
    levels = sorted({row.level for row in rows})
    made: list[int] = []
    over: list[int] = []
    for level in levels:
        now = [at for at, row in enumerate(rows) if row.level == level]
        late = [] if level == levels[-1] else [at for at in now if ranks[at] % REVIEW == 0]
        gone = set(late)
        fresh = sorted(over + [at for at in now if at not in gone])
        made += _round(rows, fresh, depth)
        over = late
    return made


def _round(
    rows: Sequence[Learned], chosen: Sequence[int], depth: Sequence[tuple[int, int]]
) -> list[int]:
    """One of each subject in turn; subjects that are introduced early come first."""
    subjects: dict[str, deque[int]] = defaultdict(deque)
    first: dict[str, tuple[tuple[int, int], int]] = {}
    for at in chosen:
        subjects[rows[at].subject].append(at)
        first.setdefault(rows[at].subject, (depth[at], at))
    turn = deque(sorted(subjects, key=lambda name: first[name]))
    made: list[int] = []
    while turn:
        name = turn.popleft()
        made.append(subjects[name].popleft())
        if subjects[name]:
            turn.append(name)
    return made


def _competence(
    rows: Sequence[Learned], ranks: Sequence[int], depth: Sequence[tuple[int, int]]
) -> list[int]:
    """At each step the row that hashes lowest among the easiest ones that are open by then."""
    count = len(rows)
    easy = sorted(range(count), key=lambda at: (rows[at].level, depth[at], at))
    drawn: list[int] = []
    pool: list[tuple[int, int]] = []
    opened = 0
    for step in range(count):
        share = (START**2 + step / count * (1 - START**2)) ** 0.5
        while opened < count and (opened < share * count or not pool):
            heapq.heappush(pool, (ranks[easy[opened]], easy[opened]))
            opened += 1
        drawn.append(heapq.heappop(pool)[1])
    return drawn
