"""What asking the teacher would take: calls, tokens, hours, price, and what is cached.

Belongs here: walking the recipes as far as cached replies go, expecting the rest. Does not: prices
and pace (``llm/``), showing it (``cli/``).

The calls of the next round are known to the letter, so their size is counted. Calls behind them
depend on replies that are not there: a recipe says how many it expects at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from booktune_assets.llm.calls import Caller
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.judges_canaries import Canary, Examined, examine, load_canaries
from booktune_assets.pairs.recipes.base import Expected, Passage
from booktune_assets.pairs.teacher import Job, jobs_of, recipes_of, still_to_do, work_on
from booktune_assets.pairs.teacher_drive import drive
from booktune_assets.pairs.teacher_join import asked_before, carry_over
from booktune_assets.pairs.teacher_rows import Teacher
from booktune_assets.settings import Llm, Pairs

__all__ = ["Planned", "plan", "plan_canaries", "seen_to_fail"]

CANARIES = "(judge's canaries)"
_SENTENCES = 3  # of an answer, judged one by one


@dataclass(slots=True)
class Planned:
    """One recipe on one book. ``calls`` are still to be made, at most; ``cached`` cost nothing.

    ``finished`` passages are taken over without a look at the cache. ``seconds`` is None where
    nothing of the model was ever timed. ``blocked`` says what has to be built first.
    """

    book: str
    recipe: str
    passages: int = 0
    finished: int = 0
    calls: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float | None = None
    price: float = 0.0
    blocked: str = ""


@dataclass(slots=True)
class _Peek:
    """Answers from the cache only; what is not there is written down."""

    caller: Caller
    missing: list[Request] = field(default_factory=list[Request])
    cached: int = 0
    seen: Counter[str] = field(default_factory=Counter[str])

    def ask(self, requests: Sequence[Request]) -> Iterator[tuple[Request, Reply]]:
        for request in requests:
            self.seen[request.task] += 1
            if self.caller.estimate([request]).cached:
                yield from self.caller.ask([request])
                self.cached += 1
            else:
                self.missing.append(request)
                yield request, Reply(request.call_key, "", "budget", "BUDGET: a dry run")


def plan(
    book: str, passages: Sequence[Passage], texts: Mapping[str, str], pairs: Pairs, llm: Llm,
    teacher: Teacher, caller: Caller, made: Mapping[str, pl.DataFrame] | None,
    run_by: str = "", unfit: Examined | None = None,
) -> Iterator[Planned]:  # fmt: skip
    """One row for each recipe of the settings. ``unfit``: a judge that is asked no more."""
    jobs = jobs_of(passages, pairs, teacher, run_by, asked_before(made))
    old = carry_over(made, {(job.passage.unit_id, job.recipe.name): job for job in jobs})
    for recipe in recipes_of(pairs):
        own = [job for job in jobs if job.recipe.name == recipe.name]
        todo = still_to_do(own, old)
        row = Planned(book, recipe.name, len(own), len(own) - len(todo))
        missing: list[Request] = []
        later: list[Expected] = []
        for job in todo:
            peek = _Peek(caller)
            judge = None if pairs.judging == "off" else unfit or Examined("", 0)
            (worked,) = drive([work_on(job, texts, pairs, teacher, judge)], peek.ask)
            row.cached += peek.cached
            missing += peek.missing
            if worked.status == "remaining":
                later += _behind(_expected(job, pairs, teacher, unfit is None), peek.seen)
        _price(row, caller, missing, later, llm)
        yield row


def seen_to_fail(
    teacher: Teacher, caller: Caller, suite: Sequence[Canary] | None = None
) -> Examined | None:
    """The judge, if cached replies alone show that it may not gate."""
    found = examine(_Peek(caller).ask, teacher.teaching, "", suite)
    return found if found.stopped != "budget" and found.asked_no_more else None


def plan_canaries(
    teacher: Teacher, caller: Caller, llm: Llm, suite: Sequence[Canary] | None = None
) -> Planned:
    """What examining the judge would take; it is done once for all books."""
    canaries = load_canaries() if suite is None else suite
    peek = _Peek(caller)
    found = examine(peek.ask, teacher.teaching, "", canaries)
    row = Planned("", CANARIES, cached=peek.cached)
    left = len(canaries) - found.asked if found.stopped == "budget" else 0
    calls = left * teacher.teaching.votes - len(peek.missing)
    later = [Expected("judge", max(0, calls), 320, 50)] if left else []
    _price(row, caller, peek.missing, later, llm)
    return row


def _expected(job: Job, pairs: Pairs, teacher: Teacher, judged: bool) -> list[Expected]:
    """All calls that a passage may need, gates and, if it is judged, judges among them."""
    found = list(job.recipe.expected(job.passage, teacher.teaching))
    if pairs.judging == "off":
        return found
    read = job.passage.chars / 4 + 330
    answers = teacher.teaching.questions
    if job.recipe.chat or teacher.teaching.judge:
        found.append(Expected("qa_answer", answers, read, 180))
    if not judged:
        return found
    votes = answers * _SENTENCES * teacher.teaching.votes
    return [*found, Expected("judge", votes, read, 50)]


def _behind(expected: Iterable[Expected], seen: Mapping[str, int]) -> list[Expected]:
    """What is expected beyond the calls that are known."""
    left = Counter(seen)
    found: list[Expected] = []
    for one in expected:
        known = min(one.calls, left[one.task])
        left[one.task] -= int(known)
        if one.calls > known:
            found.append(
                Expected(one.task, one.calls - known, one.prompt_tokens, one.completion_tokens)
            )
    return found


def _price(
    row: Planned, caller: Caller, missing: Sequence[Request], later: Sequence[Expected], llm: Llm
) -> None:
    """Counted calls as the caller estimates them, expected ones by their tokens."""
    counted = caller.estimate(missing)
    read = sum(one.calls * one.prompt_tokens for one in later)
    written = sum(one.calls * one.completion_tokens for one in later)
    row.calls = counted.calls + round(sum(one.calls for one in later))
    row.prompt_tokens = counted.prompt_tokens + round(read)
    row.completion_tokens = counted.completion_tokens + round(written)
    row.price = counted.price + (read * llm.price_in + written * llm.price_out) / 1e6
    if counted.seconds is not None:
        known = counted.prompt_tokens / 8 + counted.completion_tokens  # reading is the cheaper part
        share = (read / 8 + written) / known if known else 0.0
        row.seconds = counted.seconds * (1 + share)
    elif not row.calls:
        row.seconds = 0.0
