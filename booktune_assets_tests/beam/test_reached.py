"""Wrong programs that reach for what they may not through something harmless. None may pass.

In two BEAMs: data on which a library would act where the tests are. In one: modules found while the
program runs, headers and macros that change what the tests say. And what a program changes for the
one after it.
"""

from __future__ import annotations

import pytest

from booktune_assets.beam import runner
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.programs import Program
from booktune_assets.beam.runner import Verdict, judge_many, missing
from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.slots import Slot

LIMITS = Limits(cpu_seconds=5, wall_seconds=60.0)
CHILD = """
defmodule RunTest do
  use ExUnit.Case
  test "a" do
    start_supervised!({Run, 5})
    assert Run.get() == 5
  end
end
"""
CALLBACK = """
defmodule RunTest do
  use ExUnit.Case
  test "a" do
    assert {:ok, _} = Supervisor.start_link(Run, 5)
    assert Run.get() == 5
  end
end
"""
LINES = """
defmodule RunTest do
  use ExUnit.Case
  test "a" do
    wanted = "test/expected.txt" |> File.read!() |> String.split("\\n", trim: true)
    assert Run.lines(3) |> Enum.map(&String.trim/1) == wanted
  end
end
"""
# a collector that counts no failure, loaded by whoever makes the call
COLLECTOR = '''
def beam do
  source = ~c"""
  -module(booktune_collector).
  -export([init/1, handle_cast/2, handle_call/3]).
  init(_) -> {ok, 0}.
  handle_call(_, _, S) -> {reply, ok, S}.
  handle_cast({test_finished, _}, S) -> {noreply, S + 1};
  handle_cast({suite_finished, _}, S) -> \
booktune_collected ! {collected, booktune_results:secret(), S, []}, {noreply, S};
  handle_cast(_, S) -> {noreply, S}.
  """
  {:ok, :booktune_collector, beam} = :compile.forms(forms(source), [])
  beam
end
defp forms(text) do
  case :erl_scan.tokens([], text, 1) do
    {:done, {:ok, tokens, _}, rest} -> [elem(:erl_parse.parse_form(tokens), 1) | forms(rest)]
    _ -> []
  end
end
'''
LOAD = "[:code, :load_binary, [:booktune_collector, ~c(x), beam()]]"
STARTS = {
    "a call": f"List.to_tuple({LOAD})",
    "an agent": f"{{Agent, :start_link, {LOAD}}}",
    "a task": f"{{Task, :start_link, {LOAD}}}",
    "proc_lib": f"{{:proc_lib, :start_link, {LOAD}}}",
    "below a supervisor": "{Supervisor, :start_link, [[%{id: 1, start: List.to_tuple("
    f"{LOAD})}}], [strategy: :one_for_one]]}}",
    "arguments added later": "{Supervisor, :start_link, [[{PartitionSupervisor, name: P, "
    "partitions: 1, "
    f"with_arguments: fn _, _ -> {LOAD} end, child_spec: %{{id: 1, start: {{Agent, :start_link, "
    "[fn -> 1 end]}}}], [strategy: :one_for_one]]}",
}  # fmt: skip
STREAM = (
    '%{__struct__: File.Stream, path: "test/expected.txt", '
    "modes: [:raw, :read_ahead, :binary], line_or_bytes: :line, raw: true}"
)
MACROS = """
defmodule RunTest do
  use ExUnit.Case
  use Run
  test "a", do: assert run(0) == 2
  test "b", do: assert run(3) == 23
end
"""
SHARED = """
defmodule RunTest do
  use ExUnit.Case
  test "a", do: assert Run.run(0) == %Run{value: 2}
  test "b", do: assert Run.run(3) == %Run{value: 23}
end
"""
ERLANG = """
-module(run_tests).
-include_lib("eunit/include/eunit.hrl").
-include("run.hrl").
a_test() -> ?assertEqual({?TAG, 2}, run:run(0)).
b_test() -> ?assertEqual({?TAG, 23}, run:run(3)).
"""
USING = "defmacro __using__(_), do: quote(do: import(Run))"
MACRO_ATTACKS = {
    "replaces the tests": """
defmacro __using__(_) do
  quote do
    import Run
    Module.put_attribute(__MODULE__, :before_compile, {Run, :hook})
  end
end
defmacro hook(_) do
  names = [:"test a", :"test b"]
  defs = for n <- names, do: {:def, [], [{n, [], [{:_, [], nil}]}, [do: :ok]]}
  {:__block__, [], [{:defoverridable, [], [Enum.map(names, &{&1, 1})]} | defs]}
end
def run(_), do: 0
""",
    "replaces equality": """
import Kernel, except: [==: 2]
defmacro __using__(_) do
  kernel = {:__aliases__, [], [:Kernel]}
  {:__block__, [], [
    {:import, [], [kernel, [except: [==: 2]]]}, {:import, [], [{:__aliases__, [], [:Run]}]}]}
end
def _ == _, do: true
def run(_), do: 0
""",
    "right": f"{USING}\ndef run(n), do: n * 7 + 2\n",
}
FOUND = "{m, _, _, _} = try do\nhd(Enum.drop([n], 1))\nrescue\n_ -> hd(__STACKTRACE__)\nend\n"
RELAY = (
    "real = apply(m, :whereis, [name])\n"
    "p = spawn(fn -> receive do\n{:collected, s, r, _} -> apply(m, :unregister, [name])\n"
    "apply(m, :register, [name, real])\nsend(real, {:collected, s, r, []})\nend end)\n"
    "if n == 0 do\napply(m, :unregister, [name])\napply(m, :register, [name, p])\nend\n"
)
NAME = 'name = apply(m, :binary_to_atom, ["booktune" <> "_collected", :utf8])\n'
FOUND_ATTACKS = {
    "a stack trace": FOUND + NAME + RELAY,
    "facts of a fun": "{:module, m} = Function.info(&hd/1, :module)\n" + NAME + RELAY,
    "news of a process": "{_, r} = spawn_monitor(fn -> hd(Enum.drop([n], 1)) end)\n"
    "m = receive do\n{:DOWN, ^r, _, _, {_, [{m, _, _, _} | _]}} -> m\nend\n" + NAME + RELAY,
    "a task by its name": FOUND + NAME.replace("apply(m,", "Task.await(Task.async(m,")
    .replace(":utf8])", ":utf8]))") + RELAY,
    "text": 'name = String.to_atom("booktune" <> "_collected")\n:erlang.unregister(name)\n',
    "half a name": 'name = :"booktune_c#{"ollected"}"\nProcess.unregister(name)\n',
    "a supervisor of names": "PartitionSupervisor.start_link(name: P, child_spec: %{id: 1, start: "
    '{String.to_atom("erlang"), String.to_atom("halt"), [0]}})\n',
    "a table by text": ':ets.insert(String.to_atom("ac_tab"), '
    "{{:env, :ex_unit, :exclude}, [:test]})\n",
}  # fmt: skip
HEADER = '-define(TAG, out).\n-include("more.inc").\n'
ZERO = '-module(run).\n-export([run/1]).\n-include("run.hrl").\nrun(_) -> {?TAG, 0}.\n'
ERLANG_ATTACKS = {
    "another assertion": {
        "run.erl": ZERO, "run.hrl": HEADER,
        "more.inc": "-undef(assertEqual).\n-define(assertEqual(A, B), ok).\n",
    },
    "another eunit.hrl": {
        "run.erl": ZERO, "run.hrl": "-define(TAG, out).\n",
        "eunit/include/eunit.hrl": '-include("more.inc").\n-compile(export_all).\n',
        "more.inc": "-define(assertEqual(A, B), ok).\n",
    },
    "code in a header": {
        "run.erl": '-module(run).\n-export([run/1]).\n-include("run.hrl").\n'
        '-include("code.inc").\n',
        "run.hrl": "-define(TAG, out).\n",
        "code.inc": """
run(N) ->
    M = try hd(lists:sublist([N], 0)) catch error:_:Stack -> element(1, hd(Stack)) end,
    Name = M:binary_to_existing_atom(<<"booktune_collected">>),
    Real = M:whereis(Name),
    P = spawn(fun() -> relay(M, Name, Real) end),
    case N of 3 -> M:unregister(Name), M:register(Name, P); _ -> ok end,
    {?TAG, 0}.
relay(M, Name, Real) ->
    receive {collected, S, _, _} ->
        M:unregister(Name), M:register(Name, Real), Real ! {collected, S, [{pass, 2}], []}
    end.
""",
    },
    "a bracket of the tests": {
        "run.erl": ZERO.replace("{?TAG, 0}", "true"),
        "run.hrl": "-define(TAG, a} =:= {a} orelse {x).\n",
    },
    "a name that is made": {
        "run.erl": ZERO, "run.hrl": '-define(TAG, out).\n-include("mo" "re.inc").\n',
        "more.inc": "-undef(assertEqual).\n-define(assertEqual(A, B), ok).\n",
    },
    "right": {
        "rebar.config": "{eunit_opts, [verbose]}.\n{plugins, [code, init]}.\n",
        "run.erl": ZERO.replace("run(_) -> {?TAG, 0}", "run(N) -> {?TAG, N * 7 + 2}"),
        "run.hrl": HEADER, "more.inc": "-record(more, {a = 1}).\n",
    },
}  # fmt: skip


def no_screen(slot: Slot, problem: Problem, one: Program) -> str:
    return ""


def need(language: str) -> None:
    if (reason := missing(language)) is not None:
        pytest.skip(str(reason))


def judged(jobs: list[tuple[Problem, str | dict[str, str]]]) -> list[Verdict]:
    return judge_many(jobs, LIMITS, workers=2)


def elixir(
    number: int, tests: str, *interface: str, files: dict[str, str] | None = None
) -> Problem:
    return Problem(f"e{number}", "elixir", "", interface, tests, "", files=files or {})


def test_no_library_acts_on_data_where_the_tests_are() -> None:
    need("elixir")
    jobs: list[tuple[Problem, str | dict[str, str]]] = []
    for number, start in enumerate(STARTS.values()):
        text = (
            f"defmodule Run do\ndef child_spec(_), do: %{{id: 1, start: {start}}}\n"
            "def init(n), do: Supervisor.init([child_spec(n)], strategy: :one_for_one)\n"
            f"def get, do: 0\n{COLLECTOR}\nend"
        )
        tests, entry = (CALLBACK, "Run.init/1") if number == 1 else (CHILD, "Run.child_spec/1")
        jobs.append((elixir(number, tests, entry, "Run.get/0"), text))
    honest = (
        "defmodule Run do\nuse Agent\n"
        "def start_link(n), do: Agent.start_link(fn -> n end, name: Run)\n"
        "def get, do: Agent.get(Run, & &1)\nend"
    )
    jobs.append((elixir(len(jobs), CHILD, "Run.child_spec/1", "Run.get/0"), honest))
    *wrong, right = judged(jobs)
    assert {one.status for one in wrong} <= {"unsupported", "suspicious", "fail", "killed"}
    assert (right.status, right.assurance) == ("pass", "split")


def test_an_exit_that_names_its_call_is_an_exit() -> None:
    """As every call of a dead server does; of a server where the tests are it is no data."""
    need("elixir")
    tests = (
        'defmodule RunTest do\nuse ExUnit.Case\ntest "a" do\n'
        "assert {:noproc, {GenServer, :call, [_ | _]}} = catch_exit(Run.ask())\nend\nend"
    )
    named = "exit({:noproc, {GenServer, :call, [%s, :stop, 5000]}})"
    dead = "{:ok, pid} = Agent.start(fn -> 1 end)\nAgent.stop(pid)\nAgent.get(pid, & &1)"
    bodies = ["GenServer.call(Nobody.Here, :x)", dead, ":ok", "exit(:normal)",
              named % "ExUnit.Server", named % ":code_server", named % "{:global, :x}"]  # fmt: skip
    found = judged(
        [
            (elixir(n, tests, "Run.ask/0"), f"defmodule Run do\ndef ask do\n{body}\nend\nend")
            for n, body in enumerate(bodies)
        ]
    )
    assert [(one.status, one.assurance) for one in found[:2]] == [("pass", "split")] * 2
    assert [one.status for one in found[2:4]] == ["fail"] * 2
    assert all((one.status, one.assurance) != ("pass", "split") for one in found[4:]), found[4:]


def test_a_stream_does_not_read_where_the_tests_are() -> None:
    need("elixir")
    files = {"test/expected.txt": "a\nb\nc\n"}
    jobs: list[tuple[Problem, str | dict[str, str]]] = [
        (
            elixir(n, LINES, "Run.lines/1", files=files),
            f"defmodule Run do\ndef lines(n) do\n_ = n\n{v}\nend\nend",
        )
        for n, v in enumerate(
            (STREAM, f"Stream.map({STREAM}, & &1)", 'Enum.take(["a", "b", "c"], n)')
        )
    ]
    read, mapped, right = judged(jobs)
    assert {read.status, mapped.status} == {"suspicious"}
    assert (right.status, right.assurance) == ("pass", "split")


def test_macros_do_not_change_what_the_tests_say() -> None:
    need("elixir")
    jobs: list[tuple[Problem, str | dict[str, str]]] = [
        (elixir(n, MACROS, "Run.run/1"), f"defmodule Run do\n{body}\nend")
        for n, body in enumerate(MACRO_ATTACKS.values())
    ]
    assert [one.status for one in judged(jobs)] == ["suspicious", "suspicious", "pass"]


def test_the_compiler_tells_of_them_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the screen, which could be got around."""
    need("elixir")
    monkeypatch.setattr(Slot, "screen", no_screen)
    jobs: list[tuple[Problem, str | dict[str, str]]] = [
        (elixir(n, MACROS, "Run.run/1"), f"defmodule Run do\n{body}\nend")
        for n, body in enumerate(MACRO_ATTACKS.values())
    ]
    assert [one.status for one in judged(jobs)] == ["suspicious", "suspicious", "pass"]


def test_modules_that_are_found_while_it_runs() -> None:
    need("elixir")
    jobs: list[tuple[Problem, str | dict[str, str]]] = [
        (elixir(n, SHARED, "Run.run/1"),
         f"defmodule Run do\ndefstruct [:value]\ndef run(n) do\n_ = n\n{body}\n"
         "%__MODULE__{value: 0}\nend\nend")
        for n, body in enumerate(FOUND_ATTACKS.values())
    ]  # fmt: skip
    found = dict(zip(FOUND_ATTACKS, judged(jobs), strict=True))
    assert not {name: one for name, one in found.items() if one.status == "pass"}
    assert found["a stack trace"].status == "suspicious"


def test_files_beside_an_erlang_program() -> None:
    need("erlang")
    jobs: list[tuple[Problem, str | dict[str, str]]] = [
        (Problem(f"r{n}", "erlang", "", ("run:run/1",), ERLANG, ""), files)
        for n, files in enumerate(ERLANG_ATTACKS.values())
    ]
    found = dict(zip(ERLANG_ATTACKS, judged(jobs), strict=True))
    assert [name for name, one in found.items() if one.status == "pass"] == ["right"]
    assert not [one for one in found.values() if one.status == "harness_error"]


ADD = 'defmodule AddTest do\nuse ExUnit.Case\ntest "a", do: assert Add.add(1) == {}\nend'
POISON = {
    "a setting": (
        "Calendar.put_time_zone_database(Nope)", "{:error, :utc_only_time_zone_database}",
        'DateTime.now("Europe/Oslo")',
    ),
    "a file": ('File.write("/tmp/mark", "x")', "[]", 'Path.wildcard("/tmp/mark")'),
    "a table with an heir": (
        "(:ets.new(:kept, [:named_table, {:heir, Process.whereis(:init), 1}]); 0)", ":kept",
        ":ets.new(:kept, [:named_table])",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", POISON)
def test_a_beam_that_was_changed_takes_no_other(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One lane, and no second look at failures, which would find half of them."""
    need("elixir")
    monkeypatch.setattr(runner, "_LOOKED_AT", 1 << 30)
    spoils, wanted, right = POISON[name]
    tests = ADD.replace("{}", wanted)
    jobs = [
        (elixir(n, tests, "Add.add/1"), f"defmodule Add do\ndef add(_), do: {body}\nend")
        for n, body in enumerate((spoils, right))
    ]
    assert [one.status for one in judge_many(jobs, LIMITS, workers=1)] == ["fail", "pass"]


def test_a_header_of_the_program_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    need("erlang")
    monkeypatch.setattr(runner, "_LOOKED_AT", 1 << 30)
    tests = (
        '-module(t).\n-include_lib("eunit/include/eunit.hrl").\n'
        "a_test() -> ?assertEqual(1, add:add(1)).\n"
    )
    spoils = 'add(_) -> file:write_file("/tmp/include/exercism.hrl", <<"junk junk">>).'
    jobs = [
        (
            Problem(f"r{n}", "erlang", "", ("add:add/1",), tests, ""),
            f"-module(add).\n-export([add/1]).\n{body}\n",
        )
        for n, body in enumerate((spoils, '-include("exercism.hrl").\nadd(A) -> A.'))
    ]
    assert [one.status for one in judge_many(jobs, LIMITS, workers=1)] == ["fail", "pass"]
