"""Steps of work that asks a model, and how several are taken abreast.

Belongs here: the type of a generator of requests, joining several into one. Does not: asking
(``llm/``), what is asked.

A work is a generator: it yields requests, is sent their replies in the same order, and returns what
it made. So it reads from top to bottom, and many are asked abreast. It may also yield candidates
(``candidate.py``) whose code is to be run, and is sent the same ones with their outcomes.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, TypeVar

__all__ = ["Steps", "together"]

T = TypeVar("T")
Steps = Generator[list[Any], list[Any], T]


def together(steps: Sequence[Steps[Any]]) -> Steps[list[Any]]:
    """Several steps abreast as one: their requests of a round are yielded together."""
    results: list[Any] = [None] * len(steps)
    waiting: dict[int, list[Any]] = {}
    for number, one in enumerate(steps):
        _advance(number, one, None, waiting, results)
    while waiting:
        order = sorted(waiting)
        replies = yield [request for number in order for request in waiting[number]]
        place = 0
        for number in order:
            own = replies[place : place + len(waiting[number])]
            place += len(own)
            _advance(number, steps[number], own, waiting, results)
    return results


def _advance(
    number: int, one: Steps[Any], replies: list[Any] | None,
    waiting: dict[int, list[Any]], results: list[Any],
) -> None:  # fmt: skip
    """Run one of them to its next requests, or to its end. A round without requests goes on."""
    waiting.pop(number, None)
    try:
        asked = next(one) if replies is None else one.send(replies)
        while not asked:
            asked = one.send([])
        waiting[number] = asked
    except StopIteration as end:
        results[number] = end.value
