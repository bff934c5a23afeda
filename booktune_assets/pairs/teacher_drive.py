"""Many passages through their steps abreast, and a clean end when the budget is spent.

Belongs here: rounds of asking, handing replies back, who is done and who has to wait. Does not:
what is asked (the recipes), one call (``llm/``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.candidate import Candidate
from booktune_assets.pairs.recipes.steps import Steps

__all__ = ["ABREAST", "Ask", "Run", "Worked", "drive"]

Ask = Callable[[Sequence[Request]], Iterable[tuple[Request, Reply]]]
Run = Callable[[Sequence[Candidate]], None]  # fills in what came of their code
# Passages that are taken to their end before the next ones begin: with all of them abreast a budget
# would be spent on questions before the first answer. With a budget the first group is one passage,
# and each has twice as many as the one before: however small it is, when it is spent about as many
# passages are finished as are not.
ABREAST = 48


@dataclass(slots=True)
class Worked:
    """What became of one work. ``result`` is None when it is ``remaining``.

    ``failed``: a call got no answer at all, so the work is to be done again; its result is what
    there is. ``refused``: the same, and the server does not take the call. ``remaining``: the
    budget did not reach.
    """

    status: Literal["done", "failed", "refused", "remaining"] = "done"
    result: Any = None
    calls: list[str] = field(default_factory=list[str])
    made: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(slots=True)
class _Under:
    """A work under way."""

    steps: Steps[Any]
    worked: Worked
    asked: list[Any] = field(default_factory=list[Any])


def drive(
    works: Sequence[Steps[Any]], ask: Ask, run: Run | None = None, *, abreast: int = ABREAST,
    limited: bool = False,
) -> Iterator[Worked]:  # fmt: skip
    """What became of each work, in order. The order of replies decides nothing.

    ``run`` is given all code of a round at once; without it no code is run. ``limited``: there is a
    budget, and works that are finished count more than time.
    """
    start, size = 0, 1 if limited else abreast
    while start < len(works):
        group = [_Under(steps, Worked()) for steps in works[start : start + size]]
        start, size = start + size, min(2 * size, abreast)
        for one in group:
            _step(one, None)
        while any(one.asked for one in group):
            _round(group, ask, run)
        yield from (one.worked for one in group)


def _round(group: list[_Under], ask: Ask, run: Run | None) -> None:
    """Ask and run what all of the group wait for, and let each go on."""
    places = [(at, slot) for at, one in enumerate(group) for slot in range(len(one.asked))]
    wanted = {place: group[place[0]].asked[place[1]] for place in places}
    requests = [
        replace(one, tag=place) for place, one in wanted.items() if isinstance(one, Request)
    ]
    candidates = {place: one for place, one in wanted.items() if isinstance(one, Candidate)}
    if run is not None and candidates:
        run(list(candidates.values()))
    replies: dict[tuple[int, int], Any] = dict(candidates)
    if requests:
        replies |= {request.tag: reply for request, reply in ask(requests)}
    for at, one in enumerate(group):
        if one.asked:
            _step(one, [replies[at, slot] for slot in range(len(one.asked))])


def _step(one: _Under, replies: list[Any] | None) -> None:
    one.asked = []
    told = [reply for reply in replies or () if isinstance(reply, Reply)]
    for reply in told:
        _count(one.worked, reply)
    if any(reply.finish == "budget" for reply in told):
        one.steps.close()
        one.worked.status = "remaining"
        return
    try:
        one.asked = next(one.steps) if replies is None else one.steps.send(replies)
        while not one.asked:
            one.asked = one.steps.send([])
    except StopIteration as end:
        one.worked.result = end.value


def _count(worked: Worked, reply: Reply) -> None:
    if reply.finish == "budget":
        return
    worked.calls.append(reply.call_key)
    if reply.cached:
        worked.cached += 1
    else:
        worked.made += 1
        worked.prompt_tokens += reply.prompt_tokens
        worked.completion_tokens += reply.completion_tokens
    if reply.finish == "error" and reply.code == "FAILED":
        worked.status = "failed"
    elif reply.finish == "error" and reply.code == "REFUSED" and worked.status == "done":
        worked.status = "refused"
