"""Small books on lists, recursion and processes for tests of concept graphs."""

import polars as pl

from booktune_assets.concepts.graph import into_concepts
from booktune_assets_tests.pairs.lab import book

LISTS = """
# Lists

A list is a chain of elements. The head of a list is its first element, and lists end with an empty
list. Lists hold values of any kind.

```elixir
[1, 2, 3]
```
"""
RECURSION = """
# Recursion

Recursion is the act of a function that calls itself. Remember that a list has a head and a tail:
recursion over a list takes one element after the other from the list.

```elixir
defmodule Sum do
  def of([]), do: 0
  def of([head | tail]), do: head + of(tail)
end
```

A recursive function needs a base case. Recursion replaces loops.
"""
PROCESSES = """
# Processes

A process is an independent piece of a program. A process keeps its state by recursion: it calls
itself with the new state, as we saw for recursion over a list. Processes hold lists as well.

```elixir
defmodule Keeper do
  def loop(list) do
    receive do
      {:add, more} -> loop(more ++ list)
    end
  end
end

pid = spawn(fn -> Keeper.loop([]) end)
send(pid, {:add, [2]})
```

Each process has a mailbox. A mailbox is a queue of messages in which a process finds them.
"""
WHOLE = LISTS + RECURSION + PROCESSES


def opened(text: str, key: str = "lab") -> dict[str, pl.DataFrame]:
    """Frames under the names of their tables."""
    made = book(text, key)
    return {"sections": made["sections"], "sections__blocks": made["blocks"]}


def graphed(text: str) -> dict[str, pl.DataFrame]:
    """Frames of ``concept_graph`` of a text."""
    made = book(text)
    return into_concepts("lab", made["sections"], made["blocks"])


def about(text: str) -> str:
    """The text of a file that is named after what it teaches, and headed otherwise."""
    return "# About\n" + text.split("\n", 2)[2]
