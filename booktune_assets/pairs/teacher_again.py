"""A passage whose replies were of no use is asked again, with other seeds and not for ever.

Belongs here: which work counts as such, how many tries, the name that a try leaves for the next
run, its seeds. Does not: other seeds within one call (``llm/``), the work (``teacher.py``).

A reply that is no JSON says nothing about the passage: the next run asks once more. The number of
tries is told from the digest in the passage's row, which is that of the work only when it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from booktune_assets.ids import digest
from booktune_assets.llm.request import SALVAGE_HEAT, Request
from booktune_assets.pairs.recipes.base import Exchange
from booktune_assets.pairs.recipes.steps import Steps
from booktune_assets.pairs.teacher_drive import Worked

__all__ = ["TRIES", "reseeded", "settled_as", "tries_of"]

TRIES = 3  # runs that ask about a passage before it is let be
_APART = 1000  # seeds between two tries: more than votes and second tries of one call take
_NO_USE = frozenset(
    ("reply_empty", "reply_not_json", "reply_wrong_shape", "reply_truncated", "reply_not_usable")
)


class Work(Protocol):
    """A job of ``teacher.py``."""

    @property
    def digest(self) -> str: ...
    @property
    def tries(self) -> int: ...


class HasExchange(Protocol):
    """What the gates say of one exchange (``teacher_rows.Told``)."""

    @property
    def exchange(self) -> Exchange: ...


def settled_as(worked: Worked, job: Work) -> str:
    """The digest for the passage's row. Marks ``worked`` failed where it is to be tried again."""
    tries = job.tries
    if worked.status == "done" and _no_use(worked.result or []):
        tries += 1
        if tries < TRIES:
            worked.status = "failed"
    if worked.status == "done" or not tries:
        return job.digest
    return _tried(job.digest, tries)


def tries_of(found: str, wanted: str) -> int:
    """How often work named ``wanted`` was tried, going by the digest ``found`` in a row."""
    return next((number for number in range(1, TRIES) if found == _tried(wanted, number)), 0)


def reseeded(steps: Steps[Any], tries: int) -> Steps[Any]:
    """The same steps; every call has another seed for each try before."""
    if not tries:
        return (yield from steps)
    replies: list[Any] | None = None
    while True:
        try:
            asked = next(steps) if replies is None else steps.send(replies)
        except StopIteration as end:
            return end.value
        replies = yield [_other(one, tries) for one in asked]


def _other(one: Any, tries: int) -> Any:
    if not isinstance(one, Request):
        return one
    heat = one.temperature or SALVAGE_HEAT  # at 0 another seed gives the same text again
    return replace(one, seed=one.seed + tries * _APART, temperature=heat)


def _no_use(told: Sequence[HasExchange]) -> bool:
    """Nothing is kept, and some reply could not be read at all."""
    problems = [one.exchange.problem for one in told]
    return None not in problems and any(
        problem is not None and problem[0] == "G0_form" and problem[1] in _NO_USE
        for problem in problems
    )


def _tried(wanted: str, number: int) -> str:
    return digest(["tried", number, wanted])
