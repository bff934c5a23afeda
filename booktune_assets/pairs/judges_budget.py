"""Whether a budget is large enough to examine a judge, and what there is when it is not.

Belongs here: the calls of an examination, the part of a budget that they may take. Does not: the
examination (``judges_canaries.py``), budgets (``llm/budget.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from booktune_assets.llm.request import Request
from booktune_assets.pairs.judges import judged
from booktune_assets.pairs.judges_canaries import Canary, Examined, load_canaries
from booktune_assets.pairs.recipes.base import Teaching

__all__ = ["PART_MAX", "canary_calls", "unexamined"]

PART_MAX = 1 / 3  # of what is left of a budget: the rest is for answers


def canary_calls(teaching: Teaching, canaries: Sequence[Canary] | None = None) -> list[Request]:
    """All calls of an examination."""
    suite = load_canaries() if canaries is None else canaries
    return [
        request for one in suite for request in next(judged(one.passage, [one.sentence], teaching))
    ]


def unexamined(judge: str, canaries: Sequence[Canary] | None = None) -> Examined:
    """A judge that the budget is too small to examine: it is not asked, and gates nothing."""
    suite = load_canaries() if canaries is None else canaries
    return Examined(judge, len(suite), stopped="budget")
