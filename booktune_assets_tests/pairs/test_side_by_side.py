"""Two things compared, functions with a call, and passages that do not say."""

import polars as pl

from booktune_assets_tests.pairs.asking import asked
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book

TUPLES = """# Tuples and lists

A *tuple* is a fixed group of values in memory. A *list* is a chain of values in memory. Tuples hold
few values. Lists hold many values. Unlike lists, tuples are stored side by side in memory.

## Tuples

A tuple has braces, and each tuple has a size.

## Lists

A list has brackets, and each list has a head.
"""


def test_both_sides_are_named() -> None:
    ((question, answer),) = asked(TUPLES, "compare")
    assert "tuples" in question and "lists" in question
    assert answer == "Unlike lists, tuples are stored side by side in memory."


def test_a_function_comes_with_a_call_from_the_book() -> None:
    page = """# Lists

The function `Enum.reverse/1` returns a list with all elements in reverse order.

```iex
iex> Enum.reverse([1, 2])
[2, 1]
```
"""
    ((question, answer),) = asked(page, "api_use")
    assert "`Enum.reverse/1`" in question
    assert answer.endswith("```elixir\nEnum.reverse([1, 2])\n```")


def test_a_function_that_nobody_calls_has_no_example() -> None:
    page = "# Lists\n\nThe function `Enum.reverse/1` returns a list in reverse order.\n"
    assert not asked(page, "api_use")


PASSAGE = """# Heaps

Processes share no memory: a message is copied from the heap of the sender to the heap of the
receiver, which keeps it until it is read. Copying takes time, and for large values there is a place
outside of all heaps to which processes hold a counted reference.

A *mailbox* is a queue in which messages wait. Each mailbox has an owner, and no mailbox is full.

A *process* is an independent piece of a program. A process has a heap, and a process may end.
"""


def test_what_is_refused_stands_nowhere_in_the_passage() -> None:
    frames = pairs_of(book(PASSAGE)).frames
    pairs = frames["instruction_pairs"].filter(pl.col("family") == "refusal")
    assert pairs.height == 1
    turns = pairs["turns"][0].to_list()
    answer = turns[1]["content"]
    assert "mailbox" in answer
    evidence = frames["instruction_pairs__evidence"].filter(
        pl.col("pair_id") == pairs["pair_id"][0]
    )
    asked_of = evidence.filter(pl.col("role") == "question")["quote"][0]
    assert "mailbox" not in asked_of
    (rest,) = evidence.filter(pl.col("role") == "answer")["quote"].to_list()
    assert rest in PASSAGE and "mailbox" not in rest
