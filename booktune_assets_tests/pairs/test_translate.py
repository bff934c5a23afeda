"""The same in Elixir and in Erlang: pairs that a book shows, kept when both give the same."""

from pathlib import Path

import pytest

from booktune_assets.pairs.extract import PairsMade
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.test_execute import needs_beam, refused, rows, runner

CRASH_COURSE = """# Elixir for Erlang programmers

## Mapping a list

**Erlang**

```erlang
Numbers = [1, 2, 3].
lists:map(fun(X) -> X * 2 end, Numbers).
```

**Elixir**

```elixir
numbers = [1, 2, 3]
Enum.map(numbers, fn x -> x * 2 end)
```

## Lookups

In Elixir a map is asked with brackets or by a function:

```iex
iex> Map.fetch(%{size: 3}, :size)
{:ok, 3}
iex> Map.fetch(%{size: 3}, :name)
:error
```

The Erlang equivalent is this:

```erl_shell
1> maps:find(size, #{size => 3}).
{ok,3}
2> maps:find(name, #{size => 3}).
error
```

## Modules

Erlang:

```erlang
-module(greeter).
-export([hello/1]).

hello(Name) -> "Hello " ++ Name.
```

Elixir:

```elixir
defmodule Greeter do
  def hello(name), do: "Hello " <> name
end
```

## Words

Erlang:

```erlang
string:uppercase("greeter words").
```

Elixir:

```elixir
String.upcase("greeter words")
```

## Where they differ

Erlang:

```erlang
lists:sublist([10, 20, 30], 1, 2).
```

Elixir:

```elixir
Enum.slice([10, 20, 30], 1, 2)
```
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PairsMade:
    folder: Path = tmp_path_factory.mktemp("translate")
    return pairs_of(book(CRASH_COURSE), runner=runner(folder))


@needs_beam
def test_each_pair_is_asked_in_both_directions(made: PairsMade) -> None:
    found = rows(made, "translate")
    answers = [row["turns"][1]["content"] for row in found]
    for said in ("lists:map(", "Enum.map(", "maps:find(name", "Map.fetch(", "-module(greeter)",
                 "defmodule Greeter", "string:uppercase(", "String.upcase("):  # fmt: skip
        assert any(said in answer for answer in answers), said
    assert len(found) == 8
    levels = {row["verification"] for row in found}
    assert levels == {"executed", "compiled"}


@needs_beam
def test_what_gives_another_value_is_no_translation(made: PairsMade) -> None:
    reasons = [
        reason for asked, (_, reason) in refused(made, "translate").items() if "10, 20" in asked
    ]
    assert reasons == ["values_differ", "values_differ"]


def side_by_side(*pairs: tuple[str, str]) -> str:
    page = "# Text in both\n"
    for number, (erlang, elixir) in enumerate(pairs):
        page += f"\n## Case {number}\n\nErlang:\n\n```erlang\n{erlang}.\n```\n"
        page += f"\nElixir:\n\n```elixir\n{elixir}\n```\n"
    return page


@needs_beam
def test_text_is_the_same_in_whatever_form_a_language_has_it(tmp_path: Path) -> None:
    """Empty text, letters beyond ASCII, text inside of tuples; bytes and numbers stay apart."""
    alike = [
        ('string:trim("   ")', 'String.trim("   ")'),
        ('string:slice(<<"greeter">>, 7)', 'String.slice("greeter", 7, 1)'),
        ('string:lowercase("\\x{c9}t\\x{e9} greeter")', 'String.downcase("\u00c9t\u00e9 greeter")'),
        ('string:uppercase(<<"gr\u00fcn"/utf8>>)', 'String.upcase("gr\u00fcn")'),
        ('{ok, string:uppercase("greeter")}', '{:ok, String.upcase("greeter")}'),
    ]
    unlike = [
        ("[10, 32, lists:max([greeter])]", "[10, Enum.max([:greeter])]"),
        ("lists:append([10, 32], [])", "Enum.concat([10], [])"),
        ("list_to_binary([200, 10])", "List.to_string([200, 10])"),
        ("list_to_binary([200, 3])", "List.to_string([200, 3])"),
    ]
    made = pairs_of(book(side_by_side(*alike, *unlike)), runner=runner(tmp_path))
    said = "\n".join(row["turns"][1]["content"] for row in rows(made, "translate"))
    assert all(elixir in said and erlang in said for erlang, elixir in alike), said
    reasons = [why for _, why in refused(made, "translate").values()]
    assert reasons == ["values_differ"] * 2 * len(unlike)


def test_a_topic_is_asked_in_the_language_that_its_answer_shows() -> None:
    page = """# Lists

## Recursion over lists

Recursion over lists takes a function with two clauses: one for the empty list and one for a list
with a head and a tail. In Erlang recursion over lists that adds up is written like this:

```erlang
total([]) -> 0;
total([Head | Tail]) -> Head + total(Tail).
```

The Elixir version adds the same elements and is as short as that.

```elixir
def total([]), do: 0
def total([head | tail]), do: head + total(tail)
def total(other), do: raise(ArgumentError, "no list: #{inspect(other)}")
```
"""
    made = pairs_of(book(page))
    asked = [
        row["turns"][0]["content"] for row in rows(made, "define")
        if "Recursion over lists" in row["turns"][0]["content"]
        and "```erlang" in row["turns"][1]["content"]
    ]  # fmt: skip
    assert asked and all("Erlang" in one and "Elixir" not in one for one in asked), asked


def test_without_a_run_expressions_are_no_pair() -> None:
    without = pairs_of(book(CRASH_COURSE))
    answers = [row["turns"][1]["content"] for row in rows(without, "translate")]
    assert not any("Enum.map(" in answer for answer in answers)
