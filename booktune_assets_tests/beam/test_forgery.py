"""Programs that give wrong answers and try to be told that they pass. None may be.

Every cheat is judged twice: by tests in a BEAM of their own, and by tests that can only share one
with it, because they need its struct (its record) to compile.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import Verdict, judge_many, missing
from booktune_assets.beam.sandbox import Limits

LIMITS = Limits(cpu_seconds=5, wall_seconds=30.0)

ELIXIR_TESTS = """
defmodule AddTest do
  use ExUnit.Case
  test "adds", do: assert Add.add(1, 2) == 3
  test "zero", do: assert Add.add(2, 0) == 2
end
"""
ELIXIR_SHARED = """
defmodule AddTest do
  use ExUnit.Case
  test "adds", do: assert Add.add(1, 2) == %Add{sum: 3}
  test "zero", do: assert Add.add(2, 0) == %Add{sum: 2}
end
"""
ERLANG_TESTS = """
-module(add_tests).
-include_lib("eunit/include/eunit.hrl").
adds_test() -> ?assertEqual(3, add:add(1, 2)).
zero_test() -> ?assertEqual(2, add:add(2, 0)).
"""
ERLANG_SHARED = '-include("add.hrl").\n'


def ex(body: str = "0", top: str = "", after: str = "") -> str:
    return (
        f"defmodule Add do\ndefstruct [:sum]\n{top}\n"
        f"def add(_a, _b) do\n{body}\nend\nend\n{after}\n"
    )


def erl(body: str = "0", top: str = "", after: str = "") -> str:
    return f"-module(add).\n-export([add/2]).\n{top}\nadd(_A, _B) -> {body}.\n{after}\n"


FRAMES = """
frames = [
  {:names, [{:ok, 1}, {ExUnit.Server, 1}]},
  {:message, 1, {:io_request, self(), make_ref(), {:put_chars, :unicode, :erlang, :halt, [0]}}},
  {:message, 1, {:booktune, 1, {:ok, 3}}},
  {:message, 2, {self(), :test_finished, :x}},
  {:exit, 1, 0, :normal},
  {:down, 1, :normal},
  {:reply, 1, {:ok, 3}},
  {:callback, 1, 1, 1, []},
  {:too_large, :x}, :rubbish
]
for frame <- frames, do: send(:booktune_main, {:send, frame})
"""
SELF_MADE_FRAME = """
fd = String.to_integer(System.get_env("BOOKTUNE_REPLY_FD"))
port = Port.open({:fd, 0, fd}, [:out, {:packet, 4}])
nonces = for {_, v} <- :persistent_term.get(), is_binary(v), byte_size(v) == 32, do: v
for nonce <- ["" | nonces], words <- ["ok", "pass 2", "#{nonce} ready", "#{nonce} pass 2\\n"] do
  Port.command(port, ["R", words])
end
Process.sleep(200)
"""
COLLECTOR = """
sang = for n <- 0..3, not :booktune_inbeam.bit(n), do:
  {%{module: BooktuneCanary, name: :"test canary #{n}", __struct__: ExUnit.Test}, []}
for pid <- Process.list(), do: send(pid, {:collected, 6, sang})
for pid <- Process.list(), do: send(pid, {:collected, 2, []})
"""
REPLACED = """
defmodule Stub do
  def make(name, functions) do
    forms =
      [{:attribute, 1, :module, name}, {:attribute, 1, :compile, :export_all}] ++
        for {f, arity, value} <- functions do
          vars = List.duplicate({:var, 1, :_}, arity)
          {:function, 1, f, arity, [{:clause, 1, vars, [], [:erl_parse.abstract(value, 1)]}]}
        end
    {:ok, ^name, beam} = :compile.forms(forms, [])
    :code.unstick_mod(name)
    :code.load_binary(name, 'stub', beam)
  end
end
"""
ELIXIR = {
    "wrong": ex(),
    "halt at the top": "System.halt(0)\n" + ex(),
    "halt while compiling": ex(top="System.halt(0)"),
    "halt in a test": ex("System.halt(0)"),
    "halt at exit": ex(top="System.at_exit(fn _ -> System.halt(0) end)"),
    "prints a summary": ex('IO.puts("2 tests, 0 failures"); 0'),
    "redefines the assertions": ex(
        after="defmodule ExUnit.Assertions do\ndefmacro assert(_), do: true\n"
        "def assert(_, _), do: true\nend"
    ),
    "redefines the runner": ex(
        after="defmodule ExUnit.Runner do\ndef run(_, _), do: %{failures: 0, total: 2}\nend"
    ),
    "configures ExUnit": ex(top="ExUnit.configure(exclude: [:test], formatters: [])"),
    "redefines the tests": ex(
        after='defmodule AddTest do\nuse ExUnit.Case\ntest "adds", do: assert true\n'
        'test "zero", do: assert true\nend'
    ),
    "replaces the tests later": ex(
        top='spawn(fn -> for _ <- 1..200 do\nCode.compile_string("defmodule AddTest do\\n'
        "use ExUnit.Case\\ntest \\\"adds\\\", do: assert true\\nend\")\nProcess.sleep(1)\nend end)"
    ),
    "sends results around": ex(
        'for p <- Process.list(), do: send(p, {:collected, 2, []})\n0',
        top="spawn(fn -> for _ <- 1..500 do\nfor p <- Process.list(), do: "
        "send(p, {:collected, 2, []})\nProcess.sleep(1)\nend end)",
    ),
    "sends by a name made up": ex(
        'send(String.to_existing_atom("booktune" <> "_collected"), {:collected, 2, []})\n0'
    ),
    "lays a module in the way": ex(
        'for f <- ["", "../ebin/"], m <- ["Runner", "EventManager"], do: '
        'File.write(f <> "Elixir.ExUnit." <> m <> ".beam", "x")\n0'
    ),
    "forges frames": ex(FRAMES + "0", top=FRAMES),
    "writes frames itself": ex(SELF_MADE_FRAME + "0", top=SELF_MADE_FRAME),
    "sends what the collector would": ex(COLLECTOR + "0", top=f"spawn(fn -> {COLLECTOR} end)"),
    "replaces the harness": REPLACED + ex(
        top="Stub.make(:booktune_results, [{:judged, 4, {:pass, 2, ''}}, {:count, 2, 2}, "
        "{:collect, 2, {6, [], 0}}, {:late, 0, false}])\n"
        "Stub.make(:booktune_compile, [{:load_all, 1, :ok}, {:compile, 3, {:ok, []}}])\n"
        "Stub.make(:booktune_tests, [{:forget_tests, 0, :ok}, {:sweep, 1, :ok}])"
    ),
    "replaces who is to blame": REPLACED + ex(
        top="Stub.make(:booktune_blame, [{:spared, 2, {:pass, 2, ''}}, {:unlisted, 2, []}])"
    ),
    "stops the judge": ex(
        "case Process.whereis(:booktune_main) do\nnil -> 0\np -> Process.exit(p, :kill)\nend\n0"
    ),
    "a module in a variable": ex("m = :init\nm.stop\n0"),
    "equal to all": ex(
        "%{__struct__: ExUnit.AssertionError, __exception__: true}",
        top="import Kernel, except: [==: 2]\ndef _ == _, do: true",
    ),
    "throws what a test throws": ex("exit(:normal)"),
    "ends the test kindly": ex("Process.exit(self(), :normal)\nexit(:shutdown)"),
    "answers with a fun": ex("fn -> 3 end"),
    "answers with a process": ex("spawn(fn -> 3 end)"),
    "a handle made up": ex('{:"$bt", :p, :t, 1}'),
    "a function of a library made up": ex('{:"$bt", {:m, :erlang, :halt}, :t, 0}'),
}  # fmt: skip
ON_LOAD = (
    "-on_load(init/0).\n",
    "init() ->\n"
    "  {ok, M, B} = compile:forms([{attribute,1,module,eunit_test},"
    "{attribute,1,export,[{run_testfun,1},{get_stacktrace,0}]},"
    "{function,1,run_testfun,1,[{clause,1,[{var,1,'_'}],[],[{tuple,1,[{atom,1,ok},{atom,1,ok}]}]}]},"
    "{function,1,get_stacktrace,0,[{clause,1,[],[],[{nil,1}]}]}], []),\n"
    "  code:unstick_mod(M), code:load_binary(M, [], B), ok.",
)
ERLANG = {
    "wrong": erl(),
    "halt in a test": erl("halt(0)"),
    "halt while loading": erl(top="-on_load(init/0).", after="init() -> halt(0)."),
    "prints a summary": erl('io:format("All 2 tests passed.~n"), 0'),
    "replaces EUnit": erl(top=ON_LOAD[0], after=ON_LOAD[1]),
    "is the tests": "-module(add_tests).\n-export([adds_test/0, zero_test/0]).\n"
    "adds_test() -> ok.\nzero_test() -> ok.\n",
    "sends results around": erl(
        "[P ! {collected, [{pass, 2}], []} || P <- processes()], "
        "[P ! {collected, [{pass, 6}], []} || P <- processes()], 0"
    ),
    "forges frames": erl(
        "[booktune_main ! {send, F} || F <- [{reply, N, {ok, 3}} || N <- lists:seq(1, 50)] ++ "
        "[{callback, 1, 1, 1, []}, {exit, 1, 0, normal}, "
        "{message, 1, {collected, [{pass, 2}], []}}]], 0"
    ),
    "writes frames itself": erl(
        'P = open_port({fd, 0, list_to_integer(os:getenv("BOOKTUNE_REPLY_FD"))}, '
        '[out, {packet, 4}]), port_command(P, "Rok"), port_command(P, "Rpass 2"), '
        "timer:sleep(200), 0"
    ),
    "calls by variable": erl("M = init, M:stop(), 0"),
    "calls by macro": erl("?M:stop(), 0", top="-define(M, init)."),
    "stops the judge": erl("exit(whereis(booktune_main), kill), 0"),
    "ends the test kindly": erl("exit(self(), normal), exit(normal)"),
    "answers with a fun": erl("fun() -> 3 end"),
    "parse transform": erl(top="-compile({parse_transform, add_tests})."),
}  # fmt: skip
RIGHT = {
    "elixir": "defmodule Add do\ndef add(a, b), do: a + b\nend",
    "elixir shared": "defmodule Add do\ndefstruct [:sum]\ndef add(a, b), do: %Add{sum: a + b}\nend",
    "erlang": "-module(add).\n-export([add/2]).\nadd(A, B) -> A + B.\n",
}


def problem(language: str, tests: str, number: int = 0) -> Problem:
    entry = "Add.add/2" if language == "elixir" else "add:add/2"
    return Problem(f"{language}-{number}", language, "", (entry,), tests, "")  # type: ignore[arg-type]


def need(language: str) -> None:
    if (reason := missing(language)) is not None:
        pytest.skip(str(reason))


def judged(language: str, tests: str, cheats: Mapping[str, str], right: str) -> dict[str, Verdict]:
    """Verdicts by name, with a right answer after all of them."""
    jobs = [(problem(language, tests, n), text) for n, text in enumerate(cheats.values())]
    jobs.append((problem(language, tests, len(jobs)), right))
    return dict(zip([*cheats, "right"], judge_many(jobs, LIMITS, workers=2), strict=True))


def passed(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    return {name: one for name, one in verdicts.items() if one.status == "pass"}


def faults(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    return {name: one for name, one in verdicts.items() if one.status == "harness_error"}


def test_elixir_in_two_beams() -> None:
    need("elixir")
    verdicts = judged("elixir", ELIXIR_TESTS, ELIXIR, RIGHT["elixir"])
    assert set(passed(verdicts)) == {"right"}
    assert not faults(verdicts)
    assert {one.assurance for one in verdicts.values()} <= {"split", "in_beam"}


def test_elixir_in_one_beam() -> None:
    need("elixir")
    verdicts = judged("elixir", ELIXIR_SHARED, ELIXIR, RIGHT["elixir shared"])
    assert set(passed(verdicts)) == {"right"}
    # its struct crosses as data; the cheats failed there, and in one BEAM again
    assert verdicts["right"].assurance == "split"


def test_erlang_in_two_beams() -> None:
    need("erlang")
    verdicts = judged("erlang", ERLANG_TESTS, ERLANG, RIGHT["erlang"])
    assert set(passed(verdicts)) == {"right"}
    assert not faults(verdicts)


def test_erlang_in_one_beam() -> None:
    """The header is the candidate's, so the tests compile only beside it."""
    need("erlang")
    tests = ERLANG_TESTS.replace('eunit.hrl").', 'eunit.hrl").\n' + ERLANG_SHARED)
    jobs = [
        (problem("erlang", tests, n), {"add.erl": text, "add.hrl": "%% nothing\n"})
        for n, text in enumerate([*ERLANG.values(), RIGHT["erlang"]])
    ]
    verdicts = dict(zip([*ERLANG, "right"], judge_many(jobs, LIMITS, workers=2), strict=True))
    assert set(passed(verdicts)) == {"right"}
    assert verdicts["right"].assurance == "in_beam"


@pytest.mark.parametrize(
    "poison",
    [
        REPLACED + ex(top="Stub.make(:booktune_wire, [{:encode, 1, 3}, {:plain, 1, true}])"),
        REPLACED + ex(top="Stub.make(:booktune_collector, [{:init, 1, {:ok, 0}}])"),
        ex(top="spawn(fn -> Process.register(self(), :stays); Process.sleep(:infinity) end)"),
    ],
)  # fmt: skip
def test_what_a_candidate_leaves_behind_helps_nobody(poison: str) -> None:
    """One lane: a candidate that is right itself and spoils its BEAM, then wrong and right ones."""
    need("elixir")
    own = poison.replace(
        "def add(_a, _b) do", "def add(a, b) when true do\na + b\nend\ndef add(_, _) do"
    )
    sources = [own, ex(), RIGHT["elixir"], ex(), ex("1"), RIGHT["elixir"]]
    jobs = [(problem("elixir", ELIXIR_TESTS, n), text) for n, text in enumerate(sources)]
    verdicts = [one.status for one in judge_many(jobs, LIMITS, workers=1)]
    assert [verdicts[n] for n in (1, 3, 4)] == ["fail"] * 3
    assert [verdicts[n] for n in (2, 5)] == ["pass"] * 2


CALLBACKS = """
defmodule AddTest do
  use ExUnit.Case
  test "a" do
    me = self()
    Add.add(1, 2, fn s -> assert s == 3; send(me, {:sum, s}) end)
    assert_received {:sum, 3}
  end
  test "b", do: assert Add.add(5, 6, fn s -> assert s == 11 end)
end
"""
ERLANG_CALLBACKS = """
-module(add_tests).
-include_lib("eunit/include/eunit.hrl").
a_test() -> add:add(1, 2, fun(S) -> ?assertEqual(3, S) end).
b_test() -> add:add(7, 2, fun(S) -> ?assertEqual(9, S) end).
"""
CALLED_BACK = {
    "reads what was expected": "def add(_, _, f) do\nf.(0)\nrescue\ne -> f.(e.right)\nend",
    "hides the failure": "def add(_, _, f) do\n"
    "try do\nf.(0)\nrescue\n_ -> send(self(), {:sum, 3})\nend\nend",
    "reads it from a process that failed": "def add(_, _, f) do\n"
    "{_, ref} = spawn_monitor(fn -> f.(0) end)\n"
    "receive do\n{:DOWN, ^ref, _, _, {e, _}} -> f.(e.right)\nend\nend",
    "right": "def add(a, b, f), do: f.(a + b)",
}
ERLANG_CALLED_BACK = {
    "reads what was expected": "add(_, _, F) ->\n"
    "try F(0) catch error:{_, L} -> F(proplists:get_value(expected, L)) end.\n",
    "hides the failure": "add(_, _, F) -> catch F(0).\n",
    "right": "add(A, B, F) -> F(A + B).\n",
}


def test_assertions_in_callbacks_say_nothing_and_count() -> None:
    need("elixir")
    jobs = [
        (Problem(f"e{n}", "elixir", "", ("Add.add/3",), CALLBACKS, ""),
         f"defmodule Add do\n{body}\nend")
        for n, body in enumerate(CALLED_BACK.values())
    ] + [
        (Problem(f"r{n}", "erlang", "", ("add:add/3",), ERLANG_CALLBACKS, ""),
         f"-module(add).\n-export([add/3]).\n{body}")
        for n, body in enumerate(ERLANG_CALLED_BACK.values())
    ]  # fmt: skip
    verdicts = [one.status for one in judge_many(jobs, LIMITS, workers=1)]
    assert verdicts == [*["fail"] * 3, "pass", "fail", "fail", "pass"]


MAIL = """
defmodule SrtTest do
  use ExUnit.Case
  test "against a slow oracle" do
    list = [3, 1, 2]
    oracle = Task.async(fn -> Enum.sort(list) end)
    got = Srt.sort(list)
    assert got == Task.await(oracle)
  end
  test "a reference that was given" do
    ref = make_ref()
    send(self(), {ref, :given})
    assert Srt.wait(ref) == :given
  end
end
"""
# long: what a reference that is late leads to is another test's matter
WAIT = "def wait(ref) do\nreceive do\n{^ref, x} -> x\nafter 20_000 -> :late\nend\nend"
READS_MAIL = {
    "takes the answer": "receive do\n{r, v} when is_reference(r) -> send(self(), {r, v}); v\n"
    "after 300 -> :none\nend",
    "takes answer and news": "receive do\n{r, v} when is_reference(r) ->\n"
    "d = receive do\n{:DOWN, _, _, _, _} = d -> d\nafter 300 -> nil\nend\n"
    "send(self(), {r, v}); if d, do: send(self(), d)\nv\nafter 300 -> :none\nend",
    "forges the answer": "receive do\n{r, _} when is_reference(r) ->\n"
    "receive do\n{:DOWN, _, _, _, _} -> 1\nafter 300 -> nil\nend\nsend(self(), {r, 1})\n"
    "after 300 -> :none\nend\n1",
    "right": "Enum.sort(l)",
}


def test_answers_to_the_tests_own_requests_are_not_the_candidates() -> None:
    need("elixir")
    sources = [
        f"defmodule Srt do\ndef sort(l) do\n_ = l\n{body}\nend\n{WAIT}\nend"
        for body in READS_MAIL.values()
    ]
    problems = [
        Problem(f"m{n}", "elixir", "", ("Srt.sort/1", "Srt.wait/1"), MAIL, sources[-1])
        for n in range(4)
    ]
    verdicts = judge_many(list(zip(problems, sources, strict=True)), LIMITS, workers=1)
    assert [one.status for one in verdicts] == ["fail"] * 3 + ["pass"]
    assert verdicts[3].assurance == "split"


BUSY = (
    "for _ <- 1..16, do: spawn(fn -> Stream.cycle([1]) |> Enum.reduce_while(0, fn _, n -> "
    "if n > 9_000_000, do: {:halt, n}, else: {:cont, n + 1} end) end)"
)


def test_a_candidate_that_keeps_the_machine_busy_reads_no_mail() -> None:
    """Tests that go by the clock and come late end in one BEAM, where mail can be read."""
    need("elixir")
    tests = MAIL[: MAIL.index('  test "a reference')] + "end\n"
    problems = list[tuple[Problem, str]]()
    for n, body in enumerate(READS_MAIL.values()):
        source = f"defmodule Srt do\ndef sort(l) do\n_ = l\n{BUSY}\n{body}\nend\nend"
        for reference in ("", "defmodule Srt do\ndef sort(l), do: Enum.sort(l)\nend"):
            name = f"b{n}{bool(reference)}"
            problem = Problem(name, "elixir", "", ("Srt.sort/1",), tests, reference)
            problems.append((problem, source))
    verdicts = judge_many(problems, LIMITS, workers=2)
    forged = [one.status for one in verdicts[:-2]]
    assert set(forged) <= {"fail", "suspicious"}, [one.detail for one in verdicts]
    assert [one.status for one in verdicts[-2:]] == ["pass"] * 2
