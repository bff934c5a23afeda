"""A hard budget: what may be spent in all, reserved before a call and settled after it.

Belongs here: limits, prices, reservations. Does not: where the sums are kept between runs
(``cache.py``), what a call will take (``pace.py``).

A call reserves the most it can cost (its prompt and ``max_tokens``). It starts only when that fits
beside what is spent and reserved, so the budget holds but for a wrong count of prompt tokens. When
it does not fit because others hold reservations, it waits for them: their real cost is lower. A
call whose end is unknown (time limit, lost connection) is charged in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from booktune_assets.settings import Llm

__all__ = ["Budget", "Cost", "ledger_words", "limited", "part_taken", "price_of", "spent_words"]

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one call or of many."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float = 0.0
    hours: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.money + other.money,
            self.hours + other.hours,
        )

    def __sub__(self, other: Cost) -> Cost:
        return self + Cost(
            -other.calls,
            -other.prompt_tokens,
            -other.completion_tokens,
            -other.money,
            -other.hours,
        )

    @property
    def tokens(self) -> int:
        """Read and written."""
        return self.prompt_tokens + self.completion_tokens


def limited(llm: Llm) -> bool:
    """Is there a limit to what may be spent?"""
    return bool(llm.budget_money or llm.budget_tokens or llm.budget_calls or llm.budget_hours)


def price_of(llm: Llm, prompt_tokens: int, completion_tokens: int) -> float:
    """Money for that many tokens."""
    return (prompt_tokens * llm.price_in + completion_tokens * llm.price_out) / MILLION


def part_taken(llm: Llm, spent: Cost, cost: Cost) -> float:
    """Which part of what is left of the budget this takes, by the limit that is met first.

    0 without a budget, more than 1 when it does not fit, infinite when nothing is left.
    """
    pairs = (
        (cost.money, llm.budget_money - spent.money, llm.budget_money),
        (cost.tokens, llm.budget_tokens - spent.tokens, llm.budget_tokens),
        (cost.calls, llm.budget_calls - spent.calls, llm.budget_calls),
        (cost.hours, llm.budget_hours - spent.hours, llm.budget_hours),
    )
    parts = [
        (taken / left if left > 0 else float("inf"))
        for taken, left, limit in pairs
        if limit and taken > 0
    ]
    return max(parts, default=0.0)


def spent_words(llm: Llm, spent: Cost, running: float = 0.0) -> str:
    """The limits of a budget and what of them is spent, for people; empty without a budget."""
    pairs = (
        ("money", spent.money, llm.budget_money),
        ("tokens", spent.tokens, llm.budget_tokens),
        ("calls", spent.calls, llm.budget_calls),
        ("hours", spent.hours + running, llm.budget_hours),
    )
    said = [f"{used:.6g} of {limit:g} {name}" for name, used, limit in pairs if limit]
    return f"budget {llm.budget_name}: {', '.join(said)} spent" if said else ""


def ledger_words(llm: Llm, spent: Cost) -> str:
    """All that was spent under a budget's name, limited or not, for people."""
    money = f", {spent.money:.2f} in money" if llm.price_in or llm.price_out else ""
    told = (
        f"calls of all runs (budget {llm.budget_name}): {spent.calls} calls, "
        f"{spent.prompt_tokens} tokens read, {spent.completion_tokens} written{money}, "
        f"{spent.hours:.2f} hours"
    )
    limits = spent_words(llm, spent)
    return f"{told}; {limits}" if limits else told


class Budget:
    """Not thread-safe: one loop owns it. ``spent`` is what all processes spent, as last read."""

    def __init__(self, llm: Llm, spent: Cost) -> None:
        self._llm = llm
        self.spent = spent
        self.reserved = Cost()
        self.running = 0.0  # hours of calling that are not in ``spent`` yet

    def most(self, prompt_tokens: int, completion_tokens: int) -> Cost:
        """The cost of one call that takes so many tokens."""
        money = price_of(self._llm, prompt_tokens, completion_tokens)
        return Cost(1, prompt_tokens, completion_tokens, money)

    def reserve(self, cost: Cost) -> Literal["yes", "later", "never"]:
        """Reserve, or say whether waiting for other calls can help."""
        if self._fits(self.spent + self.reserved + cost):
            self.reserved += cost
            return "yes"
        others = self.reserved.calls > 0
        return "later" if others and self._fits(self.spent + cost) else "never"

    def release(self, cost: Cost) -> None:
        """Give a reservation back; what the call cost comes in with ``spent``."""
        self.reserved -= cost

    def why(self) -> str:
        """Which limits are reached or close, for people."""
        return spent_words(self._llm, self.spent, self.running)

    def _fits(self, total: Cost) -> bool:
        llm = self._llm
        return (
            (not llm.budget_money or total.money <= llm.budget_money * (1 + 1e-9))
            and (not llm.budget_tokens or total.tokens <= llm.budget_tokens)
            and (not llm.budget_calls or total.calls <= llm.budget_calls)
            and (not llm.budget_hours or total.hours + self.running < llm.budget_hours)
        )
