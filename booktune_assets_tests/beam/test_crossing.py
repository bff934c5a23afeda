"""What crosses between tests and candidate: values, failures, processes, funs, output, files."""

from __future__ import annotations

import pytest

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import judge_many, missing
from booktune_assets.beam.sandbox import Limits

LIMITS = Limits(cpu_seconds=8, wall_seconds=40.0)
DOCUMENTED = (
    'defmodule Doc do\n@doc """\nAdds one.\n\n    iex> Doc.inc(1)\n    2\n"""\n'
    "@spec inc(integer) :: integer\ndef inc(x), do: x + 1\nend"
)
COUNTER = """
defmodule Cnt do
  use GenServer
  def start_link(n), do: GenServer.start_link(__MODULE__, n, name: __MODULE__)
  def inc, do: GenServer.cast(__MODULE__, :inc)
  def get, do: GenServer.call(__MODULE__, :get)
  def init(n), do: {:ok, n}
  def handle_cast(:inc, n), do: {:noreply, n + 1}
  def handle_call(:get, _, n), do: {:reply, n, n}
end
"""
# What a fun of the tests sends has arrived when the call returns, whoever called the fun.
LAZY_TESTS = """
test "called" do
  me = self()
  assert Lazy.call(fn n -> send(me, {:saw, n}) end, 3) == {{:saw, 3}, 3}
  assert_received {:saw, 3}
  refute_received _
end
test "called in a process of the candidate's" do
  me = self()
  assert Lazy.elsewhere(fn n -> send(me, {:saw, n}) end, [1, 2]) == [{:saw, 1}, {:saw, 2}]
  assert_received {:saw, 1}
  assert_received {:saw, 2}
  refute_received _
end
test "only as far as it is asked" do
  me = self()
  stream = Lazy.stream(fn n -> send(me, {:saw, n}) end, 1..4)
  refute_received {:saw, _}
  assert Enum.take(stream, 1) == [saw: 1]
  assert_received {:saw, 1}
  refute_received {:saw, 2}
end
test "called by a server" do
  me = self()
  {:ok, pid} = Lazy.server(fn n -> send(me, {:saw, n}) end)
  refute_received _
  assert GenServer.call(pid, 5) == {:saw, 5}
  assert_received {:saw, 5}
end
"""
LAZY = """
defmodule Lazy do
  use GenServer
  def call(f, n), do: {f.(n), n}
  def elsewhere(f, list), do: list |> Task.async_stream(f) |> Enum.map(&elem(&1, 1))
  def stream(f, list), do: Stream.map(list, f)
  def server(f), do: GenServer.start_link(__MODULE__, f)
  def init(f), do: {:ok, f}
  def handle_call(n, _, f), do: {:reply, f.(n), f}
end
"""
# name: interface, tests (inside of a module), candidate, verdict, assurance
ELIXIR = {
    "values": (
        "S.all/0",
        'test "x" do\nassert {%MapSet{} = set, range, ~D[2020-01-01], regex} = S.all()\n'
        'assert set == MapSet.new([1, 2])\nassert Enum.to_list(range) == [1, 2, 3]\n'
        'assert "abc" =~ regex\nend',
        "defmodule S do\ndef all, do: {MapSet.new([2, 1]), 1..3, ~D[2020-01-01], ~r/b/}\nend",
        "pass", "split",
    ),
    "failures": (
        "E.go/1",
        'test "own", do: assert_raise E.Bad, "bad 3", fn -> E.go(3) end\n'
        'test "arg", do: assert_raise ArgumentError, "no", fn -> E.go(:a) end\n'
        'test "clause", do: assert_raise FunctionClauseError, fn -> E.go("s") end\n'
        'test "throw", do: assert catch_throw(E.go(1.5)) == :float\n'
        'test "exit", do: assert catch_exit(E.go([])) == :list',
        "defmodule E do\ndefmodule Bad do\ndefexception [:n]\ndef message(e), do: \"bad #{e.n}\"\n"
        "end\ndef go(3), do: raise(E.Bad, n: 3)\ndef go(:a), do: raise(ArgumentError, \"no\")\n"
        "def go(x) when is_float(x), do: throw(:float)\ndef go([]), do: exit(:list)\nend",
        "pass", "split",
    ),
    "output": (
        "C.hi/1",
        "import ExUnit.CaptureIO\n"
        'test "out", do: assert capture_io(fn -> C.hi("Bo") end) == "hi Bo\\n"\n'
        'test "in", do: assert capture_io("Al\\n", fn -> C.ask() end) == "name? hi Al\\n"',
        'defmodule C do\ndef hi(n), do: IO.puts("hi #{n}")\n'
        'def ask, do: IO.gets("name? ") |> String.trim() |> hi()\nend',
        "pass", "split",
    ),
    "a supervised server": (
        "Cnt.start_link/1",
        "setup do\nstart_supervised!({Cnt, 5})\n:ok\nend\n"
        'test "counts" do\nCnt.inc()\nassert Cnt.get() == 6\nassert :sys.get_state(Cnt) == 6\nend\n'
        'test "starts again" do\nCnt.inc()\npid = Process.whereis(Cnt)\n'
        "ref = Process.monitor(pid)\nProcess.exit(pid, :kill)\n"
        "assert_receive {:DOWN, ^ref, :process, ^pid, :killed}, 2000\n"
        "Process.sleep(100)\nassert Cnt.get() == 5\nend",
        COUNTER, "pass", "split",
    ),
    "messages": (
        "M.start/1",
        'test "x" do\npid = M.start(self())\nassert_receive {:hello, ^pid}, 2000\n'
        "send(pid, {:add, 2, self()})\nassert_receive {:sum, 2}, 2000\n"
        "assert M.wait(send(self(), :x)) == :x\nrefute_received :x\n"
        "assert M.wait(send(self(), {[], 1})) == {[], 1}\nend",
        "defmodule M do\n"
        "def start(p), do: spawn_link(fn -> send(p, {:hello, self()}); loop() end)\n"
        "defp loop do\nreceive do\n{:add, x, from} -> send(from, {:sum, x})\nend\nloop()\nend\n"
        "def wait(m) do\nreceive do\n^m -> m\nafter 1000 -> :late\nend\nend\nend",
        "pass", "split",
    ),
    "funs": (
        "L.map/2",
        'test "ours", do: assert L.map([1, 2], fn x -> x * 2 end) == [2, 4]\n'
        'test "a library\'s", do: assert L.map(["a"], &String.upcase/1) == ["A"]\n'
        'test "theirs", do: assert L.adder(2).(3) == 5\n'
        'test "lazy", do: assert Enum.take(L.lazy(2), 2) == [2, 4]\n'
        'test "raises", do: assert_raise KeyError, fn -> L.map([1], &Map.fetch!(%{}, &1)) end',
        "defmodule L do\ndef map(l, f), do: for(x <- l, do: f.(x))\ndef adder(n), do: &(&1 + n)\n"
        "def lazy(n), do: Stream.map(Stream.iterate(1, &(&1 + 1)), &(&1 * n))\nend",
        "pass", "split",
    ),
    "messages to oneself": (
        "O.each/2",
        'test "x" do\nme = self()\nassert O.each([1, 2], &send(me, &1)) == [1, 2]\n'
        "assert_received 1\nassert_received 2\nrefute_received _\nend\n"
        'test "y" do\nsend(self(), :before)\nO.each([1], fn x -> send(self(), x) end)\n'
        "assert {:messages, [_, _]} = Process.info(self(), :messages)\nend",
        "defmodule O do\ndef each(l, f), do: Enum.map(l, f)\nend",
        "pass", "split",
    ),
    "a lazy answer": ("Lazy.call/2", LAZY_TESTS, LAZY, "pass", "split"),
    "an answer that should be lazy": (
        "Lazy.call/2", LAZY_TESTS, LAZY.replace("Stream.map", "Enum.map"), "fail", "split",
    ),
    "a fun that is not called": (
        "Lazy.call/2", LAZY_TESTS, LAZY.replace("{f.(n), n}", "{n, n}"), "fail", "split",
    ),
    "a process of the tests that receives": (
        "W.wait/0",
        'test "x" do\ntask = Task.async(fn -> W.wait() end)\nsend(task.pid, {:go, 3})\n'
        "assert Task.await(task) == 3\nend",
        "defmodule W do\ndef wait do\nreceive do\n{:go, n} -> n\nend\nend\nend",
        "pass", "split",
    ),
    "a caller that traps exits": (
        "T.run/0",
        'test "x" do\nT.run()\nassert {:trap_exit, false} = Process.info(self(), :trap_exit)\nend',
        "defmodule T do\ndef run, do: Process.flag(:trap_exit, true)\nend",
        "fail", "split",
    ),
    "a protocol of its struct": (
        "P.new/1",
        'test "x", do: assert to_string(P.new(2)) == "P2"',
        "defmodule P do\ndefstruct [:x]\ndef new(x), do: %P{x: x}\n"
        'defimpl String.Chars do\ndef to_string(p), do: "P#{p.x}"\nend\nend',
        "pass", "in_beam",
    ),
    "a doctest": ("Doc.inc/1", "doctest Doc", DOCUMENTED, "pass", "in_beam"),
    "a doctest that fails": (
        "Doc.inc/1", "doctest Doc", DOCUMENTED.replace("x + 1", "x + 2"), "fail", "in_beam",
    ),
    "a helper that leaves tests out": (
        "X.f/0",
        "ExUnit.start()\nExUnit.configure(exclude: :pending, trace: true)\n"
        'test "a", do: assert X.f() == 1\n@tag :pending\ntest "b", do: assert X.f() == 2',
        "defmodule X do\ndef f, do: 1\nend",
        "fail", "split",
    ),
    "nothing but skipped tests": (
        "X.f/0",
        '@tag :skip\ntest "a", do: assert X.f() == 1',
        "defmodule X do\ndef f, do: 1\nend",
        "harness_error", "none",
    ),
    "a macro": (
        "Mac.twice/1",
        'require Mac\ntest "x", do: assert Mac.twice(2) == 4',
        "defmodule Mac do\ndefmacro twice(x), do: quote(do: 2 * unquote(x))\nend",
        "pass", "in_beam",
    ),
    "six megabytes": (
        "B.big/1",
        'test "x", do: assert byte_size(B.big(String.duplicate("x", 6_000_000))) == 12_000_000',
        "defmodule B do\ndef big(s), do: s <> s\nend",
        "pass", "split",
    ),
}  # fmt: skip
ERLANG_TESTS = """
-module(r_tests).
-include_lib("erl_exercism/include/exercism.hrl").
-include_lib("eunit/include/eunit.hrl").
values_test_() -> [{"t", ?_assertEqual({ok, 1}, r:go(1))}, ?_assertError(badarg, r:go(a)),
    ?_assertThrow(x, r:go(b)), ?_assertException(error, function_clause, r:go("c"))].
process_test() ->
    P = r:start(), P ! {self(), 5}, receive 6 -> ok after 2000 -> error(late) end.
fun_test() -> ?assertEqual([2, 3], r:map(fun(X) -> X + 1 end, [1, 2])).
set_up_test_() -> {setup, fun() -> 1 end, fun(X) -> [?_assertEqual({ok, 1}, r:go(X))] end}.
output_test() -> r:hi(), ?assertEqual("hi 3", ?capturedOutput).
"""
ERLANG = """
-module(r).
-export([go/1, start/0, map/2, hi/0]).
go(1) -> {ok, 1};
go(a) -> error(badarg);
go(b) -> throw(x).
start() -> spawn(fun() -> receive {F, N} -> F ! N + 1 end end).
map(F, L) -> lists:map(F, L).
hi() -> io:format("hi ~p", [3]).
"""


def need(language: str) -> None:
    if (reason := missing(language)) is not None:
        pytest.skip(str(reason))


def test_elixir() -> None:
    need("elixir")
    jobs = [
        (
            Problem(
                name, "elixir", "", (entry,),
                f"defmodule CrossTest do\nuse ExUnit.Case\n{tests}\nend\n", "",
            ),
            source,
        )
        for name, (entry, tests, source, _, _) in ELIXIR.items()
    ]  # fmt: skip
    verdicts = dict(zip(ELIXIR, judge_many(jobs, LIMITS), strict=True))
    wrong = {
        name: one for name, one in verdicts.items()
        if (one.status, one.assurance) != ELIXIR[name][3:]
    }  # fmt: skip
    assert not wrong


def test_erlang() -> None:
    need("erlang")
    interface = ("r:go/1", "r.start/0", "r:map/2", "r:hi/0")
    problem = Problem("r", "erlang", "", interface, ERLANG_TESTS, "")
    verdicts = judge_many([(problem, ERLANG), (problem, ERLANG.replace("N + 1", "N"))], LIMITS)
    assert [(one.status, one.assurance) for one in verdicts] == [
        ("pass", "split"), ("fail", "split"),
    ]  # fmt: skip


def test_every_problem_reads_its_own_files() -> None:
    """Same path, other content; two lanes, so that a problem is judged where it was not compiled;
    and what tests write is gone at the next run."""
    need("elixir")
    reads = [
        Problem(
            f"n{n}", "elixir", "", (f"N{n}.f/1",),
            f"defmodule N{n}Test do\nuse ExUnit.Case\n"
            f'test "x" do\nassert to_string(N{n}.f(3)) == File.read!("data.txt")\n'
            'refute File.exists?("out.txt")\nFile.write!("out.txt", "x")\nend\nend',
            "", files={"data.txt": str(21 + n)},
        )
        for n in range(3)
    ]  # fmt: skip
    jobs = [
        (problem, f"defmodule {problem.interface[0][:2]} do\ndef f(n), do: n * 7 + {more}\nend")
        for _ in range(2)
        for number, problem in enumerate(reads)
        for more in (number, number + 1)
    ]
    verdicts = judge_many(jobs, LIMITS, workers=2)
    assert [one.status for one in verdicts] == ["pass", "fail"] * 6


def test_a_failure_in_one_beam_says_why() -> None:
    """In a split run the struct has no protocol; what is wrong with it shows in one BEAM."""
    need("elixir")
    entry, tests, source, *_ = ELIXIR["a protocol of its struct"]
    tests = f"defmodule CrossTest do\nuse ExUnit.Case\n{tests}\nend\n"
    problem = Problem("p", "elixir", "", (entry,), tests, "")
    (verdict,) = judge_many([(problem, source.replace('"P#', '"Q#'))], LIMITS)
    assert verdict.status == "fail"
    assert '"Q2"' in verdict.detail


SEEDED = """
defmodule DrwTest do
  use ExUnit.Case
  test "the same seed, the same numbers" do
    :rand.seed(:exsss, 7)
    numbers = Drw.draw(5)
    :rand.seed(:exsss, 7)
    assert Drw.draw(5) == numbers
    assert Enum.all?(numbers, & &1 in 1..100)
  end
end
"""
LEVELLED = """
defmodule DrwTest do
  use ExUnit.Case
  test "reads what was set up" do
    Calendar.put_time_zone_database(Zones)
    assert Drw.draw(1) == {Zones, 1}
  end
end
"""


def test_what_tests_set_up_in_their_own_beam_is_seen_in_one() -> None:
    """A seed is known to be the process's own; other state shows by the reference alone."""
    need("elixir")
    draws = "def draw(n), do: for(_ <- 1..n, do: :rand.uniform(%s))"
    reads = "def draw(n), do: {Calendar.get_time_zone_database(), n + %s}"
    jobs: list[tuple[Problem, str]] = []
    for tests, body, right, wrong in ((SEEDED, draws, 100, 100_000), (LEVELLED, reads, 0, 1)):
        good, bad = (f"defmodule Drw do\n{body % one}\nend" for one in (right, wrong))
        reference = good if tests is LEVELLED else ""
        problem = Problem(f"s{right}", "elixir", "", ("Drw.draw/1",), tests, reference)
        jobs += [(problem, good), (problem, bad)]
    verdicts = judge_many(jobs, LIMITS, workers=1)
    assert [one.status for one in verdicts] == ["pass", "fail"] * 2
    assert {one.assurance for one in verdicts if one.status == "pass"} == {"in_beam"}
