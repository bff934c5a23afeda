"""Wrong programs beside their tests that name what they do not call. None may pass.

Modules as keys, words and names of variables; functions of the machine that a macro calls; servers
that apply what a message names; names of the library and variables of the tests that a macro takes.
"""

from __future__ import annotations

import pytest

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import Verdict, judge_many, missing
from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.slots import Slot
from booktune_assets_tests.beam.test_reached import FOUND, NAME, RELAY, no_screen

LIMITS = Limits(cpu_seconds=5, wall_seconds=60.0)
HEAD = "defmodule RunTest do\nuse ExUnit.Case\n"
CALLED = HEAD + (
    'require Run\ntest "a", do: assert Run.twice(Run.run(0)) == 4\n'
    'test "b", do: assert Run.twice(Run.run(3)) == 46\nend\n'
)
SHOWN = CALLED.replace("Run.twice(Run.run(", "inspect(Run.run(").replace("== ", "== inspect 2 + ")
USED = HEAD + (
    'use Run\ntest "a" do\nEnum.each([{0, 2}, {3, 23}], fn {n, v} -> assert run(n) == v end)\n'
    "end\nend\n"
)
TWICE = "defmacro twice(x), do: {:*, [], [x, 2]}\n"
ASKED = NAME.replace("apply(m, :binary_to_atom, ", "ask.(:binary_to_atom, ") + RELAY.replace(
    "apply(m, ", "ask.("
)
PLAIN = (
    RELAY.replace("apply(m, :whereis, [name])", "Process.whereis(name)")
    .replace("apply(m, :unregister, [name])", "Process.unregister(name)")
    .replace("apply(m, :register, [name, real])", "Process.register(real, name)")
    .replace("apply(m, :register, [name, p])", "Process.register(p, name)")
)
PLANTED = (
    "defmacro __using__(_) do\nquote do\nimport Run\n{}\nend\nend\ndef run(_), do: 0\n"
    "defmodule Fake do\ndef each(_, _), do: :ok\nend\n"
)


EVAL = 'if n == 0, do: go("n = 0\\n" <> ~S"""\n%s"""\n)\n' % (
    NAME.replace("apply(m", "apply(:erlang") + RELAY.replace("apply(m", "apply(:erlang")
)


def run(get: str, then: str = NAME + RELAY, *, top: str = "") -> str:
    return f"{top}\n{TWICE}def run(n) do\n{get}\n{then}0\nend\n"


def called(by: str) -> str:
    return "[{m, _}] = [{:erlang, 1}]\n" + (NAME + RELAY).replace("apply(", by)


ELIXIR = {
    "a pair": (CALLED, run("[{m, _}] = [{:erlang, 1}]")),
    "a key": (CALLED, run("[m] = Map.keys(%{erlang: 1})")),
    "a word made": (CALLED, run('[m] = ~w(#{"er" <> "lang"})a')),
    "a word": (CALLED, run("[m] = ~W(erlang)a")),
    "a quote": (CALLED, run("{m, _, _} = quote(do: erlang)")),
    "remote calls": (CALLED, run(
        FOUND + "ask = fn f, a -> GenServer.call(:rex, {:call, m, f, a, self()}) end", ASKED)),
    "an agent": (CALLED, run(
        FOUND + "ask = fn f, [x | a] ->\n{:ok, p} = Agent.start(fn -> x end)\n"
        "GenServer.call(p, {:get, {m, f, a}})\nend", ASKED)),
    "a module by hand": (CALLED, run(EVAL, "", top="defmacro go(x), do: "
        "{{:., [], [{:__aliases__, [], [:Code]}, :eval_string]}, [], [x]}")),
    "a module put for another": (CALLED, run(EVAL, "", top="defmacro go(x), do: "
        "quote(do: D.eval_string(unquote(x))) |> Macro.prewalk(&(if &1 == :D, do: :Code, else: &1))"
    )),
    "apply by hand": (CALLED, run(called("ap("), "",
        top="defmacro ap(m, f, a), do: {:apply, [], [m, f, a]}")),
    "apply from a piece": (CALLED, run(called("unquote(:apply)("), "")),
    "a function from a piece": (CALLED, run('name = String.unquote(:to_atom)("booktune"'
        ' <> "_collected")\n', PLAIN)),
    "a name for a module": (CALLED, run('name = S.to_atom("booktune" <> "_collected")\n', PLAIN,
        top="require String, as: S")),
    "inspect": (SHOWN, run('Inspect.Opts.default_inspect_fun(fn _, _ -> "same" end)', "")),
    "an alias": (USED, PLANTED.format("alias Run.Fake, as: Enum")),
    "an alias by its end": (USED, PLANTED.format("alias Run.Enum")
                           .replace("Fake", "Elixir.Run.Enum")),
    "a module required": (USED, PLANTED.format("require Run.Fake, as: Enum")),
}  # fmt: skip
ERLANG_HEAD = (
    '-module(run_tests).\n-include_lib("eunit/include/eunit.hrl").\n-include("run.hrl").\n'
)
TAGGED = ERLANG_HEAD + (
    "a_test() -> ?assertEqual({?TAG, 2}, run:run(0)).\n"
    "b_test() -> ?assertEqual({?TAG, 23}, run:run(3)).\n"
)
BY_MACRO = ERLANG_HEAD + "a_test() -> ?assertEqual(2, ?RUN(0)).\n"
WITH_VARIABLE = ERLANG_HEAD + "b_test() -> Wanted = 23, ?assert(Wanted =:= ?RUN(3)).\n"
ERLANG_RELAY = """
    Real = whereis(Name), P = spawn(fun() -> relay(Name, Real) end),
    case N of 3 -> unregister(Name), register(Name, P); _ -> ok end,
    {?TAG, 0}.
relay(Name, Real) ->
    receive {collected, S, _, _} ->
        unregister(Name), register(Name, Real), Real ! {collected, S, [{pass, 2}], []}
    end.
"""


def erl(get: str, top: str = "") -> dict[str, str]:
    head = '-module(run).\n-export([run/1]).\n-include("run.hrl").\n'
    text = f"{head}{top}\nrun(N) -> _ = N,\n    {get}, {ERLANG_RELAY}"
    return {"run.erl": text, "run.hrl": "-define(TAG, out).\n"}


def borrowing(body: str, number: str) -> dict[str, str]:
    text = f"-module(run).\n-export([run/1]).\nrun(N) -> {number}.\n"
    return {"run.erl": text, "run.hrl": f"-define(RUN(N), {body}).\n"}


ATOM = '"booktune" ++ "_collected")'
ERLANG = {
    "a fun": (TAGGED, erl(f"F = fun list_to_atom/1, Name = F({ATOM}")),
    "a macro": (TAGGED, erl(f"Name = ?F({ATOM}", "-define(F, list_to_atom).")),
    "a macro that calls": (
        TAGGED, erl(f"Name = ?F(list_to_atom, {ATOM}", "-define(F(G, X), G(X))."),
    ),
    "signs by macros": (TAGGED, erl(
        f"F = ?F list_to_atom ?OF 1, Name = F({ATOM}", "-define(F, fun).\n-define(OF, /).")),
    "what is expected": (BY_MACRO, borrowing("X__X", "0")),
    "a variable of the test": (WITH_VARIABLE, borrowing("Wanted", "0")),
}  # fmt: skip


def judged(jobs: list[tuple[Problem, str | dict[str, str]]]) -> list[Verdict]:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    return judge_many(jobs, LIMITS, workers=2)


def elixir(number: int, tests: str, body: str) -> tuple[Problem, str | dict[str, str]]:
    name = f"e{number}"
    return Problem(name, "elixir", "", ("Run.run/1",), tests, ""), f"defmodule Run do\n{body}end\n"


def erlang(number: int, tests: str, files: dict[str, str]) -> tuple[Problem, str | dict[str, str]]:
    return Problem(f"r{number}", "erlang", "", ("run:run/1",), tests, ""), files


def test_elixir() -> None:
    right = [
        (CALLED, f"{TWICE}def run(n), do: n * 7 + 2\n"),
        (USED, PLANTED.format("alias Run.Fake").replace("do: 0", "do: Map.get(%{0 => 2}, n, 23)")
         .replace("run(_)", "run(n)")),
    ]  # fmt: skip
    found = judged([elixir(n, *one) for n, one in enumerate([*ELIXIR.values(), *right])])
    assert {one.status for one in found[: len(ELIXIR)]} == {"suspicious"}
    assert [one.status for one in found[len(ELIXIR) :]] == ["pass"] * 2


def test_the_compiler_tells_of_an_alias_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the screen, which could be got around. What the tests name themselves is theirs."""
    monkeypatch.setattr(Slot, "screen", no_screen)
    own = USED.replace("use Run\n", "use Run\nalias Run.Fake, as: Enum\n")
    cases = [*(ELIXIR[name] for name in list(ELIXIR)[-3:]), (own, PLANTED.format("1"))]
    found = judged([elixir(n, *one) for n, one in enumerate(cases)])
    assert [one.status for one in found] == [*["suspicious"] * 3, "pass"]


def test_erlang() -> None:
    right = [(tests, borrowing("run:run(N)", "N * 7 + 2")) for tests in (BY_MACRO, WITH_VARIABLE)]
    found = judged([erlang(n, *one) for n, one in enumerate([*ERLANG.values(), *right])])
    assert {one.status for one in found[: len(ERLANG)]} == {"suspicious"}
    assert [one.status for one in found[len(ERLANG) :]] == ["pass"] * 2
