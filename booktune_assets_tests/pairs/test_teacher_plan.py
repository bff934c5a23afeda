"""A dry run: counts to the letter what comes next, at most what comes behind, and asks nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from booktune_assets.llm.request import Estimate, Request
from booktune_assets.pairs.recipes.base import Teaching
from booktune_assets.pairs.teacher_passages import into_passages
from booktune_assets.pairs.teacher_plan import Planned, plan, plan_canaries, seen_to_fail
from booktune_assets.pairs.teacher_rows import Teacher
from booktune_assets.settings import Llm, Pairs
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.teacher_lab import (
    PAGE,
    Cached,
    all_frames,
    broken,
    good,
    taken,
    taught,
)

LLM = Llm(price_in=1.0, price_out=10.0)


class Priced(Cached):
    """Knows what it has cached, and a price and pace of its own."""

    def estimate(self, requests: Iterable[Request]) -> Estimate:
        keys = {one.call_key: one for one in self._named(requests)}
        new = [one for key, one in keys.items() if key not in self.kept]
        read, written = sum(one.chars for one in new) // 4, 100 * len(new)
        return Estimate(
            len(new), len(keys) - len(new), read, written, 2.0 * len(new),
            (read * 1.0 + written * 10.0) / 1e6,
        )  # fmt: skip

    def _named(self, requests: Iterable[Request]) -> Iterator[Request]:
        from dataclasses import replace

        for one in requests:
            yield replace(one, model=one.model or self.model, revision=self.revision)


def planned(
    caller: Cached, pairs: Pairs, made: Mapping[str, pl.DataFrame] | None = None
) -> list[Planned]:
    given = book(PAGE)
    frames = all_frames(given)
    passages = into_passages("lab", frames, taken(given, pairs))
    texts = dict(frames["sections"].select("section_id", "text").iter_rows())
    teacher = Teacher("lab", caller.model, caller.revision, Teaching(pairs.questions))
    unfit = seen_to_fail(teacher, caller)
    return list(plan("lab", passages, texts, pairs, LLM, teacher, caller, made, unfit=unfit))


PAIRS = Pairs(recipes=["qa", "chain"])


def test_before_anything_was_asked() -> None:
    caller = Priced(good)
    qa, chain = planned(caller, PAIRS)
    assert caller.asked == []
    assert (qa.recipe, qa.passages, qa.finished, qa.cached) == ("qa", 3, 0, 0)
    # 1 for questions, 3 answers, 3 answers once more, 3 sentences of each by 3 votes
    assert qa.calls == 3 * (1 + 3 + 3 + 27)
    assert chain.calls == 3 * (1 + 1 + 27 + 3 + 3 + 27)
    assert qa.prompt_tokens > 0
    assert qa.seconds is not None and qa.seconds > 2.0 * 3
    written = qa.completion_tokens
    assert abs(qa.price - (qa.prompt_tokens + 10 * written) / 1e6) < 1e-5  # rounding


def test_it_is_at_least_what_is_asked_then() -> None:
    caller = Priced(good)
    told = planned(caller, Pairs(recipes=["qa"]))[0]
    canaries = plan_canaries(Teacher("lab", "scripted", "1"), caller, LLM)
    assert (canaries.calls, canaries.cached) == (78 * 3, 0)
    taught(book(PAGE), caller, Pairs(recipes=["qa"]))
    real = len(caller.new) - canaries.calls
    assert 0 < real <= told.calls
    again = plan_canaries(Teacher("lab", "scripted", "1"), caller, LLM)
    assert (again.calls, again.cached) == (0, 78 * 3)


def test_a_judge_that_is_known_to_fail_takes_no_calls() -> None:
    caller = Priced(broken("judge", "Hm."))
    qa = Pairs(recipes=["qa"])
    (before,) = planned(caller, qa)
    taught(book("# Elsewhere\n\n" + PAGE.partition("## Tides")[2]), caller, qa)
    (known,) = planned(caller, qa)
    assert (before.calls, known.calls) == (3 * 34, 3 * 7)  # 27 votes a passage are none


def test_what_is_cached_costs_nothing_and_what_is_finished_is_not_looked_at() -> None:
    caller = Priced(good)
    made = taught(book(PAGE), caller, Pairs(recipes=["qa"]))
    asked = len(caller.new)
    (cached,) = planned(caller, Pairs(recipes=["qa"]))
    assert (cached.calls, cached.price, cached.seconds) == (0, 0.0, 0.0)
    assert cached.cached > 0
    (done,) = planned(caller, Pairs(recipes=["qa"]), made.frames)
    assert (done.finished, done.calls, done.cached) == (3, 0, 0)
    assert len(caller.new) == asked
