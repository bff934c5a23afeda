"""Reservations, limits, prices, estimates: the arithmetic of what may be spent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.llm.budget import Budget, Cost, ledger_words, price_of
from booktune_assets.llm.pace import Pace, Paces
from booktune_assets.llm.request import Request
from booktune_assets.settings import Llm


def test_prices_are_per_million_tokens() -> None:
    llm = Llm(price_in=2.0, price_out=10.0)
    assert price_of(llm, 500_000, 100_000) == 2.0
    assert Budget(llm, Cost()).most(1_000_000, 0).money == 2.0


def test_a_call_starts_only_when_its_worst_case_fits() -> None:
    budget = Budget(Llm(budget_tokens=1000), Cost())
    call = budget.most(100, 400)
    assert [budget.reserve(call) for _ in range(3)] == ["yes", "yes", "later"]
    budget.release(call)
    budget.spent += Cost(1, 100, 100)  # it wrote less than it might have
    assert budget.reserve(call) == "later"
    budget.release(call)
    budget.spent += Cost(1, 100, 100)
    assert budget.reserve(call) == "yes"
    budget.release(call)
    budget.spent += Cost(1, 100, 400)
    assert budget.reserve(call) == "never" and "900 of 1000 tokens" in budget.why()


def test_each_limit_holds_and_zero_is_none() -> None:
    free = Budget(Llm(), Cost(10**9, 10**12, 10**12, 1e9, 1e6))
    assert free.reserve(free.most(10**6, 10**6)) == "yes"
    assert Budget(Llm(budget_calls=3), Cost(3)).reserve(Cost(1)) == "never"
    assert Budget(Llm(budget_calls=3), Cost(2)).reserve(Cost(1)) == "yes"
    dear = Budget(Llm(budget_money=1.0, price_out=1.0), Cost(money=0.9))
    assert dear.reserve(dear.most(0, 100_000)) == "yes"
    assert dear.reserve(dear.most(0, 1)) == "later"
    slow = Budget(Llm(budget_hours=1.0), Cost(hours=0.5))
    assert slow.reserve(Cost(1)) == "yes"
    slow.running = 0.6
    assert slow.reserve(Cost(1)) == "never"


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300), st.integers(0, 300))),
    st.integers(1, 5000),
)
def test_what_is_spent_never_passes_the_limit(
    calls: list[tuple[int, int, int]], limit: int
) -> None:
    budget = Budget(Llm(budget_tokens=limit), Cost())
    held: list[tuple[Cost, Cost]] = []
    for prompt, most, written in calls:
        cost = budget.most(prompt, most)
        if budget.reserve(cost) == "yes":
            held.append((cost, Cost(1, prompt, min(written, most))))
        elif held:
            reserved, real = held.pop(0)
            budget.release(reserved)
            budget.spent += real
    for reserved, real in held:
        budget.release(reserved)
        budget.spent += real
    assert budget.spent.tokens <= limit
    assert budget.reserved.tokens == 0 and budget.reserved.calls == 0


def test_paces_learn_from_calls_and_stand_in_for_unknown_tasks() -> None:
    paces = Paces()
    ask = Request(prompt="x" * 400, task="ask", max_tokens=300)
    assert paces.completion_tokens(ask) == 300, "nothing known: the most it may write"
    assert paces.seconds([("ask", 10)], 4) is None and paces.seconds([("ask", 0)], 4) == 0
    for _ in range(30):
        paces.learn(ask, prompt=100, completion=50, seconds=2.0)
    assert paces.completion_tokens(ask) == 50
    assert paces.prompt_tokens(ask) == 101 and paces.prompt_tokens_most(ask) > 101
    assert paces.seconds([("ask", 40)], 4) == 20.0, "forty calls of two seconds, four at a time"
    assert paces.seconds([("ask", 2)], 64) == 2.0, "no more at a time than there are"
    other = Request(prompt="y" * 400, task="judge", max_tokens=80)
    assert paces.prompt_tokens(other) == 101 and paces.completion_tokens(other) == 80
    assert paces.seconds([("judge", 4)], 4) == 2.0


def test_newer_calls_weigh_more() -> None:
    pace = Pace()
    for seconds in [1.0] * 50 + [3.0] * 20:
        pace = pace.after(400, 100, 10, seconds)
    assert 2.6 < pace.seconds < 3.0 and pace.calls == 70


def test_which_part_of_what_is_left_something_takes() -> None:
    from booktune_assets.llm.budget import part_taken, spent_words

    llm = Llm(budget_calls=30, budget_tokens=10_000)
    assert part_taken(Llm(), Cost(), Cost(calls=10**6)) == 0
    assert part_taken(llm, Cost(calls=10), Cost(calls=5)) == 0.25
    assert part_taken(llm, Cost(prompt_tokens=5_000), Cost(5, 4_000, 1_000)) == 1
    assert part_taken(llm, Cost(calls=30), Cost(calls=1)) == float("inf")
    assert part_taken(llm, Cost(calls=30), Cost()) == 0
    assert spent_words(Llm(), Cost()) == ""
    assert "10 of 30 calls" in spent_words(llm, Cost(calls=10))


def test_the_ledger_says_all_that_was_spent() -> None:
    spent = Cost(12, 3400, 560, 1.25, 0.5)
    free = ledger_words(Llm(), spent)
    assert free == (
        "calls of all runs (budget all): 12 calls, 3400 tokens read, 560 written, 0.50 hours"
    )
    paid = ledger_words(Llm(price_in=1.0, budget_calls=20, budget_name="May"), spent)
    assert "1.25 in money" in paid and "budget May: 12 of 20 calls spent" in paid
