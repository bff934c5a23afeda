"""What a run would ask the teacher, whichever stage asks: concepts first, then pairs.

Belongs here: the rows of a dry run over the lake. Does not: what recipes ask (``teacher.py``,
``pairs/teacher_plan.py``), which pairs of concepts are open (``concepts/refine.py``), the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from booktune_assets.chain.books import CONCEPT_TABLES
from booktune_assets.chain.build import state
from booktune_assets.chain.concepts import refine_requests
from booktune_assets.chain.house import House, fact, partial
from booktune_assets.chain.teacher import planned
from booktune_assets.errors import BookError

if TYPE_CHECKING:
    from booktune_assets.llm.budget import Cost
    from booktune_assets.llm.calls import Caller
    from booktune_assets.pairs.teacher_plan import Planned

__all__ = ["REFINING", "budget_words", "ledger", "planned_calls"]

REFINING = "(prerequisites)"  # stands where a recipe does


def planned_calls(house: House, keys: Sequence[str]) -> Iterator[Planned]:
    """Per book, and recipe or :data:`REFINING`: calls and cost still to come. Asks nothing.

    Raises ``BookError(BAD_SETTING)`` when something would be asked and no engine is set.
    """
    if house.settings.concepts.refine:
        yield from _refining(house, keys)
    if house.settings.pairs.recipes:
        yield from planned(house, keys)


def budget_words(house: House, rows: Sequence[Planned]) -> list[str]:
    """What the budget is, and how much of the plan it reaches; nothing without a budget."""
    from booktune_assets.llm.budget import Cost, part_taken, spent_words
    from booktune_assets.pairs.judges_budget import PART_MAX
    from booktune_assets.pairs.teacher_plan import CANARIES

    llm = house.settings.llm
    if not spent_words(llm, Cost()):
        return []
    spent = _spent(house)

    def part(some: Sequence[Planned]) -> float:
        return part_taken(llm, spent, Cost(
            sum(row.calls for row in some), sum(row.prompt_tokens for row in some),
            sum(row.completion_tokens for row in some), sum(row.price for row in some),
            sum(row.seconds or 0.0 for row in some) / 3600,
        ))  # fmt: skip

    exam = [row for row in rows if row.recipe == CANARIES]
    said = [spent_words(llm, spent)]
    skipped = bool(exam) and part(exam) > PART_MAX
    if skipped:
        said.append(
            f"the judge's canaries ({exam[0].calls} calls) would take more than a third of what is "
            "left: nobody judges, and nothing is gated"
        )
    wanted = part([row for row in rows if not (skipped and row.recipe == CANARIES)])
    reach = "all" if wanted <= 1 else f"about {100 / wanted:.0f} %"
    if llm.budget_hours and any(row.seconds is None for row in rows):
        reach = "an unknown part" if wanted <= 1 else f"{reach} at most"
        said.append("no call of this model was timed yet: nobody knows how far the hours reach")
    said.append(f"what is left of it reaches for {reach} of these calls")
    return said


def ledger(house: House) -> str:
    """What all calls came to, in one line; empty where none was ever made."""
    from booktune_assets.llm.budget import ledger_words

    if not house.settings.calls.exists():
        return ""
    spent = _spent(house)
    return ledger_words(house.settings.llm, spent) if spent.calls else ""


def _spent(house: House) -> Cost:
    from booktune_assets.llm.cache import Cache

    cache = Cache(house.settings.calls)
    try:
        return cache.spent(house.settings.llm.budget_name)
    finally:
        cache.close()


def _refining(house: House, keys: Sequence[str]) -> Iterator[Planned]:
    from booktune_assets.llm.calls import open_caller
    from booktune_assets.pairs.teacher_plan import Planned

    with open_caller(house.settings) as caller:
        for key in keys:
            try:
                for table in CONCEPT_TABLES:
                    fact(house, table, key)
            except BookError as problem:
                yield Planned(key, REFINING, blocked=str(problem.remedy))
                continue
            yield _graph(house, key, caller)


def _graph(house: House, key: str, caller: Caller) -> Planned:
    """The questions about one book: its graph is made without a model to know which are open."""
    from booktune_assets.pairs.teacher_plan import Planned

    receipt = house.lake.receipt("concept_graph", key)
    if receipt and not partial(receipt) and state("concept_graph", key, house) == "current":
        asked = receipt.counts.get("refine_open", 0)
        return Planned(key, REFINING, asked, asked, seconds=0.0)
    read = {name: house.lake.read(name, key) for name in CONCEPT_TABLES}
    requests = refine_requests(key, read, house.settings, caller)
    cost = caller.estimate(requests)
    return Planned(
        key, REFINING, passages=len(requests) // 2, calls=cost.calls, cached=cost.cached,
        prompt_tokens=cost.prompt_tokens, completion_tokens=cost.completion_tokens,
        seconds=cost.seconds if cost.calls else 0.0, price=cost.price,
    )  # fmt: skip
