"""Mutants have one fault each, parse, and are the same every time."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.beam.grammar import parses
from booktune_assets.beam.mutate import hollows_of, mutants_of

ELIXIR = """\
defmodule Sum do
  @moduledoc "Adds 1 and 2"
  @spec of([integer], 0 | 1) :: integer
  @step 10

  def of([], sum), do: sum
  def of([n | rest], sum) when n > 5 and true, do: of(rest, sum + n)
  def of([_ | rest], sum), do: of(rest, sum)

  def all(list), do: list |> Enum.map(&of/1) |> Enum.reduce(&(&1 + &2))

  def kind(n) do
    case n do
      0 -> :none
      _ -> @step
    end
  end
end
"""
ERLANG = """\
-module(sum).
-export([of/2]).
-spec of(list(), 0 | 1) -> integer().

of([N | Rest], Sum) when N > 5, true -> of(Rest, Sum + N);
of([_ | Rest], Sum) -> of(Rest, Sum);
of([], Sum) -> Sum.

kind(N) ->
    case N of
        0 -> lists:map(fun of/2, []);
        1 -> one;
        _ -> N div 2
    end.
"""


def faults(source: str, language: str) -> list[str]:
    return [mutant.fault for mutant in mutants_of(source, language, 1000)]


def test_elixir() -> None:
    assert sorted(faults(ELIXIR, "elixir")) == sorted(
        [
            "line 10: |> Enum.map(&of/1) → nothing",
            "line 10: |> Enum.reduce(&(&1 + &2)) → nothing",
            "line 10: + → -",
            "line 14: 0 -> :none → nothing",
            "line 14: 0 → 1",
            "line 15: _ -> @step → nothing",
            "line 4: 10 → 11",
            "line 6: def of([], sum), do: sum → nothing",
            "line 7: + → -",
            "line 7: 5 → 6",
            "line 7: > → >=",
            "line 7: and → or",
            "line 7: def of([n | rest], sum) when n > 5 and true, do: of(rest, sum + n) → nothing",
            "line 7: true → false",
            "line 8: def of([_ | rest], sum), do: of(rest, sum) → nothing",
        ]
    )


def test_erlang() -> None:
    assert sorted(faults(ERLANG, "erlang")) == [
        "line 11: 0 -> lists:map(fun of/2, []) → nothing",
        "line 11: 0 → 1",
        "line 12: 1 -> one → nothing",
        "line 12: 1 → 2",
        "line 13: 2 → 3",
        "line 13: _ -> N div 2 → nothing",
        "line 13: div → rem",
        "line 5: + → -",
        "line 5: 5 → 6",
        "line 5: > → >=",
        "line 5: of([N | Rest], Sum) when N > 5, true -> of(Rest, Sum + N) → nothing",
        "line 5: true → false",
        "line 6: of([_ | Rest], Sum) -> of(Rest, Sum) → nothing",
    ]


@pytest.mark.parametrize(("source", "language"), [(ELIXIR, "elixir"), (ERLANG, "erlang")])
def test_one_place_changes(source: str, language: str) -> None:
    for mutant in mutants_of(source, language, 1000):
        matcher = difflib.SequenceMatcher(None, source.split("\n"), mutant.text.split("\n"))
        blocks = [code for code in matcher.get_opcodes() if code[0] != "equal"]
        assert len(blocks) == 1
        assert parses(mutant.text, language)


@given(st.integers(0, 20))
def test_few_are_the_first_of_many(count: int) -> None:
    few, many = mutants_of(ELIXIR, "elixir", count), mutants_of(ELIXIR, "elixir", 1000)
    assert few == many[:count]


def test_kinds_take_turns() -> None:
    assert len({mutant.kind for mutant in mutants_of(ELIXIR, "elixir", 5)}) == 5


@pytest.mark.parametrize(
    ("source", "language"),
    [("defmodule A do", "elixir"), ("x", "cobol"), ("", "erlang"), ("1 + ", "elixir")],
)
def test_nothing_from_nothing(source: str, language: str) -> None:
    assert mutants_of(source, language) == []


def test_text_beyond_ascii_stays_whole() -> None:
    source = 'defmodule A do\n  def f(n), do: {"äöü→", n + 1}\nend\n'
    texts = {mutant.text for mutant in mutants_of(source, "elixir")}
    assert texts == {source.replace("+", "-"), source.replace("1", "2")}


PLAIN = """\
defmodule Plain do
  def hello(name \\\\ "you") when is_binary(name), do: "One for #{name}"

  def safe(x) do
    hello(x)
  rescue
    _ -> :none
  end

  defp kind(:a), do: :first
  defp kind(_), do: :other
end
"""


def test_each_function_in_turn_does_nothing() -> None:
    found = hollows_of(PLAIN, "elixir")
    assert [one.fault for one in found] == [
        "line 2: hello/1 does nothing", "line 4: safe/1 does nothing",
        "line 10: kind/1 does nothing",
    ]  # fmt: skip
    assert "when is_binary(name), do: nil\n" in found[0].text
    assert "def safe(x) do\n    nil\n  end" in found[1].text and ":none" not in found[1].text
    assert found[2].text.count("do: nil") == 2
    assert all(parses(one.text, "elixir") for one in found)
    assert [one.fault[8:] for one in hollows_of(ERLANG, "erlang", 1)] == ["of/2 does nothing"]
    assert "when N > 5, true -> undefined;" in hollows_of(ERLANG, "erlang")[0].text
    assert hollows_of("defmodule A do", "elixir") == hollows_of("x", "cobol") == []
