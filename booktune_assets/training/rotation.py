"""Rows of earlier knowledge that strategies look at: which, and whose turn it is.

Belongs here: choosing rows from the memory, going round them, single samples as rows. No torch.
Does not: mixing them into the run (``batches.py``), what is done with them (``strategies/``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import stable_int
from booktune_assets.training.batches import PackedRow, Sample

__all__ = ["Rotation", "apart", "held"]

T = TypeVar("T")


class Rotation(Generic[T]):
    """Round after round over things in one order: each is taken equally often, give or take one.

    ``turn`` is all that a checkpoint needs.
    """

    def __init__(self, things: Sequence[T], turn: int = 0) -> None:
        self.things = things
        self.turn = turn

    def next(self) -> T:
        """The thing whose turn it is."""
        thing = self.things[self.turn % len(self.things)]
        self.turn += 1
        return thing


def held(rows: Sequence[PackedRow], n: int, seed: int, kind: str) -> list[PackedRow]:
    """Distinct rows in an order of ``seed``, until they hold ``n`` samples; one row at least.

    Raises ``NO_EXAMPLES`` for a memory without rows; ``kind`` says whose need it is.
    """
    distinct = {_key(row): row for row in rows if row.samples}
    if not distinct:
        raise BookError(
            Code.NO_EXAMPLES,
            "Give the run a memory: rehearsal rows (rehearsal.replay_rows, "
            f"training.rehearsal_share), or leave {kind} out of training.forgetting",
            forgetting=kind,
        )
    order = sorted(distinct, key=lambda key: stable_int(f"{seed}:{kind}:{key}"))
    kept: list[PackedRow] = []
    count = 0
    for key in order:
        if kept and count >= n:
            break
        kept.append(distinct[key])
        count += len(distinct[key].samples)
    return kept


def apart(rows: Sequence[PackedRow]) -> list[PackedRow]:
    """Each distinct sample of the rows as a row of its own, in order."""
    samples: dict[tuple[str, tuple[int, ...]], Sample] = {}
    rehearses: dict[tuple[str, tuple[int, ...]], bool] = {}
    for row in rows:
        for sample in row.samples:
            key = (sample.name, tuple(sample.ids))
            samples.setdefault(key, sample)
            rehearses.setdefault(key, row.rehearsal)
    return [PackedRow(rehearses[key], [sample]) for key, sample in samples.items()]


def _key(row: PackedRow) -> str:
    return "\n".join(f"{sample.name}:{sample.ids}" for sample in row.samples)
