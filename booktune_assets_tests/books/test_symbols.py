"""Names that code defines and uses, read from syntax trees."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.symbols import symbols_of, typed_in

ELIXIR = """
defmodule Harbour.Tide do
  @moduledoc "Uses Not.this and No.such/1"
  alias Harbour.{Log, Boat}
  alias Harbour.Pier, as: P
  use GenServer
  @behaviour Watch

  # Comment.only(1)
  def high?(level) when level > 3, do: P.land(%Boat{level: level}) |> Log.write()
  defp low, do: __MODULE__.high?(1)
  defmacro unless_low(x), do: x

  defmodule Inner do
    def go(list), do: :lists.map(&Other.run/1, list)
  end

  def start, do: Inner.go([])
end
"""
ERLANG = """-module(tide).
-behaviour(gen_server).
-import(rope, [knot/1]).
-export([high/1]).

%% other:comment(1)
high(Level) when Level > 3 -> lists:map(fun pier:land/1, [low(Level)]);
high(_) -> "not:this(1)".
low(X) -> Mod = x, Mod:run(X).
"""


def test_elixir() -> None:
    found = symbols_of(ELIXIR, "elixir")
    assert found.defines == {
        "Harbour.Tide", "Harbour.Tide.high?", "Harbour.Tide.low", "Harbour.Tide.unless_low",
        "Harbour.Tide.Inner", "Harbour.Tide.Inner.go", "Harbour.Tide.start",
    }  # fmt: skip
    assert found.uses >= {
        "Harbour.Pier.land", "Harbour.Pier", "Harbour.Boat", "Harbour.Log.write", "GenServer",
        "Watch", "lists:map", "Other.run", "Other",
    }  # fmt: skip
    assert not {name for name in found.uses if "Not" in name or "Comment" in name or "No." in name}


def test_erlang() -> None:
    found = symbols_of(ERLANG, "erlang")
    assert found.defines == {"tide", "tide:high", "tide:low"}
    assert found.uses == {"gen_server", "rope", "lists", "lists:map", "pier", "pier:land"}


def test_erlang_that_calls_elixir() -> None:
    found = symbols_of(
        "-module(tower).\nup(X) -> 'Elixir.Kite.Line':pull(X), 'Elixir.':x().", "erlang"
    )
    assert found.uses == {"Kite.Line", "Kite.Line.pull", "Elixir.", "Elixir.:x"}


def test_expressions_without_a_module() -> None:
    assert symbols_of("X = tide:high(4),\nio:format(X)", "erlang").uses >= {
        "tide:high",
        "io:format",
    }
    assert symbols_of("Tide.high?(4)", "elixir").uses == {"Tide", "Tide.high?"}


def test_what_is_typed_counts_and_answers_do_not() -> None:
    iex = (
        "iex(1)> alias A.Tide\nA.Other\niex> Tide.high?(\n...>   4)\n%Not.This{}\n** (Bad.Error) x"
    )
    assert symbols_of(iex, "iex").uses == {"A.Tide", "A.Tide.high?"}
    assert typed_in(iex, "iex") == ["alias A.Tide", "Tide.high?(\n  4)"]
    erl = "1> c(tide).\n{ok,tide}\n2> X = tide:high(\n2> 4).\nnot:this(1).\n(a@b)3> pier:land()."
    assert symbols_of(erl, "erl_shell").uses == {"tide", "tide:high", "pier", "pier:land"}
    many = "1> tide:high(4,\n   pier:land()).\nok"
    assert symbols_of(many, "erl_shell").uses >= {"pier:land"}


def test_a_module_made_at_the_prompt() -> None:
    text = "iex> defmodule T do\n...>   def a, do: 1\n...> end\n{:module, T, 1}\niex> T.a()\n1"
    found = symbols_of(text, "iex")
    assert found.defines == {"T", "T.a"} and not found.uses


@pytest.mark.parametrize("lang", ["shell", "output", "other", ""])
def test_other_languages_have_no_names(lang: str) -> None:
    assert symbols_of("Tide.high?(1)", lang).uses == set()


@settings(deadline=None)
@given(st.text(max_size=80), st.sampled_from(["elixir", "erlang", "iex", "erl_shell"]))
def test_any_text_is_read_and_nothing_is_both(text: str, lang: str) -> None:
    found = symbols_of(text, lang)
    assert not found.defines & found.uses and "" not in found.defines | found.uses


def test_deep_nesting_is_no_trouble() -> None:
    assert symbols_of("(" * 5000 + "T.a()" + ")" * 5000, "elixir").uses <= {"T", "T.a"}
