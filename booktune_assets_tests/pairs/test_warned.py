"""Listings that a book warns against, and tasks that go on with code that they do not show."""

import pytest

from booktune_assets.concepts.graph import into_concepts
from booktune_assets.pairs.exercises import _goes_on  # pyright: ignore[reportPrivateUsage]
from booktune_assets.pairs.extract import into_pairs
from booktune_assets.pairs.loose import warned_against
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.lab import book

CODE = "sum([H | T]) -> H + sum(T);\nsum([]) -> 0."


def _blocks(before: str, code: str = CODE) -> list[dict[str, str]]:
    return [
        {"block_id": "told", "kind": "prose", "lang": "", "text": before},
        {"block_id": "code", "kind": "code", "lang": "erlang", "text": code},
    ]


@pytest.mark.parametrize(
    "before",
    [
        "DO NOT",
        "A function that sums a list is not to be written as follows:",
        "Never do this in production:",
        "Don\u2019t write code like this:",
        "Beginners often write the following, and wonder why nothing happens:",
        "This is the wrong way:",
        "An example of this anti-pattern is:",
        "Instead of something like",
    ],
)
def test_words_before_a_listing_warn_against_it(before: str) -> None:
    assert warned_against(_blocks(before)) == {"code"}
    assert warned_against(_blocks(f"Lists are summed. {before}")) == {"code"}


@pytest.mark.parametrize(
    "before",
    [
        "DO",
        "The function is written as follows:",
        "You do not write this by hand, the compiler does. A sum of a list:",
        "Wrong input raises an error:",
        "We never mutate a list. Instead of that, a new one is built:",
        "Instead of something like this, write a function that says what it does:",
        "Bad requests are answered at once. The server:",
    ],
)
def test_other_words_do_not(before: str) -> None:
    assert not warned_against(_blocks(before))


def test_a_name_or_a_comment_warns_and_a_listing_warns_for_itself_alone() -> None:
    assert warned_against(_blocks("As follows:", "bad_fib(N) ->\n    N.")) == {"code"}
    assert warned_against(_blocks("As follows:", "# Bad\nx = 1")) == {"code"}
    assert not warned_against(_blocks("As follows:", "badge(N) ->\n    N."))
    rows = [*_blocks("DO NOT"), {**_blocks("")[1], "block_id": "good"}]
    assert warned_against(rows) == {"code"}


PAGE = """# Orders

## Prices

{before}

```elixir
def price(order) do
  order.weight * 3
end
```
"""


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ("Write a function that multiplies the weight of an order by three:", True),
        (
            "Write a function that multiplies the weight of an order by three, which is the wrong "
            "way:",
            False,
        ),
    ],
)
def test_such_a_listing_is_no_answer_of_a_task(before: str, kept: bool) -> None:
    made = book(PAGE.format(before=before))
    graph = into_concepts("lab", made["sections"], made["blocks"])
    pairs = into_pairs(
        "lab", made["sections"], made["blocks"], graph["concept_graph"],
        graph["concept_graph__mentions"], Pairs(),
    ).frames  # fmt: skip
    families = set(pairs["instruction_pairs"]["family"])
    reasons = set(pairs["instruction_pairs__rejected"]["reason"])
    assert ("write_code" in families) is kept
    assert ("warned_against" in reasons) is not kept


@pytest.mark.parametrize(
    ("task", "shown"),
    [
        ("Extend Mailbox with size/1.", False),
        ("Rewrite price/1 so that parcels to Oslo cost 99.", False),
        ("Change the server so that it counts.", False),
        ("Rewrite `x |> f() |> g()` without the pipe operator in Elixir.", True),
        ("Turn a list of pairs into a map with Enum.", True),
        ("Write a module Mailbox with a function size/1.", True),
    ],
)
def test_a_task_that_goes_on_needs_what_it_goes_on_with(task: str, shown: bool) -> None:
    assert _goes_on(task) == ("" if shown else "module_not_shown")
