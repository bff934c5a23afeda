"""What a problem brings: sources that belong to the program, helpers and scripts of its tests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from booktune_assets.beam.given import with_given
from booktune_assets.beam.imported import interface_of, stated_tests
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.programs import program
from booktune_assets.beam.runner import judge_many, missing

POINT = "defmodule Point do\n  defstruct [:x]\nend\n"
MOVES = """
defmodule MoveTest do
  use ExUnit.Case
  test "moves", do: assert Move.right(%Point{x: 1}) == %Point{x: 2}
end
"""
MOVE = "defmodule Move do\n  def right(%Point{x: x} = p), do: %{p | x: x + 1}\nend\n"
ELIXIR = Problem("x", "elixir", "", ("Move.right/1",), MOVES, "", files={"lib/point.ex": POINT})

HELPED = """
defmodule SumTest do
  use ExUnit.Case
  import Sums
  test "adds", do: assert_sum(Sum.of(1, 2), 3)
end
"""
HELPER = """
defmodule Sums do
  import ExUnit.Assertions
  def assert_sum(left, right), do: assert(left == right)
end
"""
SCRIPTED = """
Code.require_file("numbers.exs", __DIR__)
defmodule SumTest do
  use ExUnit.Case
  test "adds", do: assert Sum.of(Numbers.one(), 2) == 3
end
"""
NUMBERS = "defmodule Numbers do\n  def one, do: 1\nend\n"
SUM = "defmodule Sum do\n  def of(a, b), do: a + b\nend\n"
MADE = """
defmodule MakeTest do
  use ExUnit.Case
  test "makes", do: assert apply(Make.it(), :value, []) == 3
end
"""
MAKE = """
defmodule Make do
  def it do
    {:module, made, _, _} =
      defmodule Thing do
        def value, do: 3
      end

    made
  end
end
"""
EUNIT = '-module(sum_tests).\n-include_lib("eunit/include/eunit.hrl").\n'


def need(language: str) -> None:
    if (reason := missing(language)) is not None:
        pytest.skip(str(reason))


def test_they_are_left_out_where_the_program_defines_the_same() -> None:
    once = with_given(program("elixir", MOVE), ELIXIR)
    assert once.sources == {"lib/point.ex": POINT, "lib/candidate.ex": MOVE}
    assert set(with_given(program("elixir", POINT + MOVE), ELIXIR).sources) == {"lib/candidate.ex"}
    tests = replace(ELIXIR, files={"test/a.ex": POINT, "mix.exs": "x", "config/a.ex": "x"})
    assert set(with_given(program("elixir", MOVE), tests).sources) == {"candidate"}


def test_what_a_problem_brings_in_elixir() -> None:
    """Sources beside the program, helpers and scripts of the tests; and a module that the program
    makes while it runs is nowhere where the tests are, so one BEAM has the last word."""
    need("elixir")
    base = replace(ELIXIR, interface=("Sum.of/2",), files={})
    helped = replace(base, id="h", tests=HELPED, files={"test/support/sums.ex": HELPER})
    scripted = replace(base, id="s", tests=SCRIPTED, files={"test/numbers.exs": NUMBERS})
    makes = replace(base, id="m", interface=("Make.it/0",), tests=MADE)
    other = {"lib/point.ex": POINT.replace(":x", ":y"), "lib/move.ex": MOVE}
    jobs = {
        "split": (helped, SUM, SUM.replace("+", "-")),
        "in_beam": (scripted, SUM, SUM.replace("+", "-")),
        "in_beam again": (replace(scripted, id="t"), SUM, SUM.replace("+", "-")),
        "split struct": (ELIXIR, MOVE, MOVE.replace("+ 1", "+ 2")),
        "split path": (replace(ELIXIR, id="p"), other, MOVE.replace("+ 1", "+ 3")),
        "in_beam makes": (makes, MAKE, MAKE.replace("do: 3", "do: 4")),
    }
    rows = [(one, text) for one, *texts in jobs.values() for text in texts]
    verdicts = judge_many(rows, workers=2)
    assert [one.status for one in verdicts] == ["pass", "fail"] * len(jobs)
    assert [one.assurance for one in verdicts[::2]] == [name.split()[0] for name in jobs]


def test_helpers_in_erlang() -> None:
    need("erlang")
    files = {
        "test/numbers.erl": "-module(numbers).\n-export([three/0]).\nthree() -> 3.\n",
        "src/plus.erl": "-module(plus).\n-export([plus/2]).\nplus(A, B) -> A + B.\n",
    }
    tests = EUNIT + "a_test() -> ?assertEqual(numbers:three(), sum:f(1, 2)).\n"
    one = Problem("e", "erlang", "", ("sum:f/2",), tests, "", files=files)
    text = "-module(sum).\n-export([f/2]).\nf(A, B) -> plus:plus(A, B)."
    verdicts = judge_many([(one, text), (one, text.replace("(A, B).", "(A, A)."))])
    assert [verdict.status for verdict in verdicts] == ["pass", "fail"]


def test_counted_tests() -> None:
    plain = 'defmodule T do\n use ExUnit.Case\n test "a", do: assert true\n'
    plain += ' describe "b" do\n  test "c", %{d: d} do\n   assert d\n  end\n end\n'
    assert stated_tests(plain + "end\n") == 2
    for head in ("cond do\n true ->", "for x <- [1] do", "if true do"):
        assert stated_tests(f'{plain} {head}\n test "e", do: assert true\n end\nend\n') == 0


def test_what_a_quote_defines_is_not_asked_for() -> None:
    source = (
        "defmodule Uses do\n  defmacro __using__(_) do\n    quote do\n"
        "      def init(x), do: x\n    end\n  end\n  def own(x) when x > 1, do: x\nend\n"
    )
    assert interface_of("", source, "elixir") == ("Uses.__using__/1", "Uses.own/1")
