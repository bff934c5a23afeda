"""Servers of the library that the tests start and a candidate uses, and tasks on both sides."""

from __future__ import annotations

import pytest

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import judge_many, missing
from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.verdicts import Verdict

LIMITS = Limits(cpu_seconds=5, wall_seconds=30.0)
# Name: body of the test, interface, body of the candidate A, the assurance of its pass.
GIVEN: dict[str, tuple[str, str, str, str]] = {
    "a supervisor of tasks": (
        "{:ok, sup} = Task.Supervisor.start_link()\nassert A.run(sup, [1, 2]) == [1, 4]",
        "A.run/2",
        "def run(s, l), do: l |> Enum.map(fn x -> Task.Supervisor.async(s, fn -> x * x end) end)"
        " |> Enum.map(&Task.await/1)",
        "in_beam",
    ),
    "its stream": (
        "sup = start_supervised!(Task.Supervisor)\nassert A.run(sup, [1, 2]) == [2, 4]",
        "A.run/2",
        "def run(s, l), do: s |> Task.Supervisor.async_stream(l, &(&1 * 2))"
        " |> Enum.map(&elem(&1, 1))",
        "in_beam",
    ),
    "a dynamic supervisor": (
        "sup = start_supervised!({DynamicSupervisor, strategy: :one_for_one})\n"
        "{:ok, p} = A.add(sup, 5)\nassert A.value(p) == 5\n"
        "assert DynamicSupervisor.count_children(sup).workers == 1",
        "A.add/2 A.value/1 A.start_link/1",
        "use Agent\ndef start_link(n), do: Agent.start_link(fn -> n end)\n"
        "def add(s, n), do: DynamicSupervisor.start_child(s, {A, n})\n"
        "def value(p), do: Agent.get(p, & &1)",
        "in_beam",
    ),
    "a registry": (
        "start_supervised!({Registry, keys: :unique, name: A.Reg})\n"
        '{:ok, p} = A.start_link("x")\nassert A.find("x") == p\nassert A.find("y") == nil',
        "A.start_link/1 A.find/1",
        "use GenServer\ndef start_link(n), do: GenServer.start_link(__MODULE__, n, name: "
        "{:via, Registry, {A.Reg, n}})\ndef init(n), do: {:ok, n}\n"
        "def find(n), do: Registry.lookup(A.Reg, n) |> Enum.map(&elem(&1, 0)) |> List.first()",
        "in_beam",
    ),
    "an agent": (
        "{:ok, a} = Agent.start_link(fn -> 0 end)\nA.bump(a)\nassert Agent.get(a, & &1) == 1",
        "A.bump/1",
        "def bump(a), do: Agent.update(a, &(&1 + 1))",
        "split",
    ),
    "tasks of the candidate": (
        "t = A.start(3)\nassert Task.await(t) == 9\nassert %Task{pid: _} = A.start(1)",
        "A.start/1",
        "def start(n), do: Task.async(fn -> n * n end)",
        "split",
    ),
    "tasks of the tests": (
        "{:ok, c} = A.start_link()\n"
        "for(_ <- 1..20, do: Task.async(fn -> A.inc(c) end)) |> Task.await_many()\n"
        "assert A.value(c) == 20",
        "A.start_link/0 A.inc/1 A.value/1",
        "use Agent\ndef start_link, do: Agent.start_link(fn -> 0 end)\n"
        "def inc(c), do: Agent.update(c, &(&1 + 1))\ndef value(c), do: Agent.get(c, & &1)",
        "split",
    ),
    "callers of a task": (
        "me = self()\nassert Task.await(Task.async(fn -> A.callers() end)) == [me]\n"
        "assert A.callers() == nil",
        "A.callers/0",
        'def callers, do: Process.get(:"$callers")',
        "split",
    ),
    "a manager of events": (
        "{:ok, m} = :gen_event.start_link()\n:ok = :gen_event.add_handler(m, H, self())\n"
        "assert A.emit(m, 3) == :ok\nassert_received {:got, 3}",
        "A.emit/2",
        "def emit(m, e), do: :gen_event.sync_notify(m, {:got, e})",
        "in_beam",
    ),
    "mail that is only looked at": (
        "send(self(), 1)\nsend(self(), {:x, 2})\nassert A.flush() == [1, {:x, 2}]\n"
        "assert A.flush() == []\nsend(self(), 3)\nsend(self(), 4)\nassert A.one() == 3\n"
        "assert_received 4\nrefute_received 3",
        "A.flush/0 A.one/0",
        "def flush, do: (receive do m -> [m | flush()] after 0 -> [] end)\n"
        "def one, do: (receive do m -> m after 0 -> :none end)",
        "split",
    ),
    "mail inside a callback": (
        "me = self()\n"
        "assert A.count(fn -> send(me, :a); A.count(fn -> nil end) end) == {0, {1, nil}}",
        "A.count/1",
        "def count(f), do: {seen(0), f.()}\n"
        "defp seen(n), do: (receive do _ -> seen(n + 1) after 0 -> n end)",
        "split",
    ),
    "functions of many arguments": (
        "f = fn a, b, c, d, e, f, g -> a + b + c + d + e + f + g end\n"
        "assert A.call(f) == 28\nassert A.give().(1, 2, 3, 4, 5, 6, 7, 8) == 36",
        "A.call/1 A.give/0",
        "def call(f), do: f.(1, 2, 3, 4, 5, 6, 7)\n"
        "def give, do: fn a, b, c, d, e, f, g, h -> a + b + c + d + e + f + g + h end",
        "split",
    ),
    "a function of too many arguments": (
        "assert A.give().(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14) == 14",
        "A.give/0",
        "def give, do: fn _, _, _, _, _, _, _, _, _, _, _, _, _, n -> n end",
        "in_beam",
    ),
    "a module in the body of a test": (
        "defmodule R do\nuse A\nroute :a\nroute :b\nend\nassert R.routes() == [:a, :b]\n"
        "assert A.count(R) == 2",
        "A.count/1",
        "defmacro __using__(_), do: quote(do: (import A; @before_compile A; "
        "Module.register_attribute(__MODULE__, :routes, accumulate: true)))\n"
        "defmacro route(a), do: quote(do: @routes(unquote(a)))\n"
        "defmacro __before_compile__(_), do: quote(do: def(routes, do: Enum.reverse(@routes)))\n"
        "def count(m), do: length(m.routes())",
        "in_beam",
    ),
    "what the module says of itself": (
        "assert A.module_info(:attributes)[:behaviour] == [GenServer]\nassert A.x() == 1",
        "A.x/0",
        "use GenServer\ndef init(x), do: {:ok, x}\ndef x, do: 1",
        "in_beam",
    ),
    "links that end at once": (
        "Process.flag(:trap_exit, true)\nfor n <- 1..20 do\np = A.go(n)\n"
        "assert_receive {:EXIT, ^p, {:over, ^n}}, 2_000\nend",
        "A.go/1",
        "def go(n), do: spawn_link(fn -> exit({:over, n}) end)",
        "split",
    ),
    "a task that fails": (
        "Process.flag(:trap_exit, true)\nassert catch_exit(Task.await(A.bad()))",
        "A.bad/0",
        'def bad, do: Task.async(fn -> raise "no" end)',
        "split",
    ),
}


HANDLER = """
defmodule H do
  @behaviour :gen_event
  def init(pid), do: {:ok, pid}
  def handle_event(event, pid), do: (send(pid, event); {:ok, pid})
  def handle_call(_, pid), do: {:ok, :ok, pid}
end
"""


def source(test: str) -> str:
    tests = f'defmodule ATest do\nuse ExUnit.Case\ntest "a" do\n{test}\nend\nend\n'
    return f"{HANDLER}{tests}" if " H," in test else tests


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """Of right candidates, and of a wrong one each that answers ``:wrong``, without references."""
    if why := missing("elixir"):
        pytest.skip(str(why))
    pairs = list[tuple[Problem, str]]()
    for name, (test, interface, body, _) in GIVEN.items():
        tests = source(test)
        problem = Problem(name, "elixir", "", tuple(interface.split()), tests, "")
        pairs.append((problem, f"defmodule A do\n{body}\nend"))
    for name, (test, interface, _, _) in GIVEN.items():
        tests = source(test)
        problem = Problem(f"{name}, wrong", "elixir", "", tuple(interface.split()), tests, "")
        heads = [one[2:].split("/") for one in interface.split()]
        wrong = "\n".join(
            f"def {head}({', '.join(['_'] * int(arity))}), do: :wrong" for head, arity in heads
        )
        pairs.append((problem, f"defmodule A do\n{wrong}\nend"))
    found = judge_many(pairs, LIMITS, workers=2)
    return {problem.id: one for (problem, _), one in zip(pairs, found, strict=True)}


@pytest.mark.parametrize("name", GIVEN)
def test_a_right_program_that_uses_it_passes(name: str, verdicts: dict[str, Verdict]) -> None:
    one = verdicts[name]
    assert (one.status, one.assurance) == ("pass", GIVEN[name][3]), one.detail


@pytest.mark.parametrize("name", GIVEN)
def test_a_wrong_one_fails(name: str, verdicts: dict[str, Verdict]) -> None:
    assert verdicts[f"{name}, wrong"].status == "fail"


def test_whoever_crashes_beside_its_answer_takes_the_test_along() -> None:
    """The end of a linked process may be told before its signal is."""
    if why := missing("elixir"):
        pytest.skip(str(why))
    tests = source("for _ <- 1..20, do: assert A.go() == 1\nProcess.sleep(100)")
    bodies = ["spawn_link(fn -> exit(:boom) end)", "spawn_link(fn -> :ok end)"]
    jobs = [
        (Problem(f"l{n}", "elixir", "", ("A.go/0",), tests, ""),
         f"defmodule A do\ndef go do\n{body}\n1\nend\nend")
        for n, body in enumerate(bodies)
    ]  # fmt: skip
    crashes, ends = judge_many(jobs, LIMITS, workers=1)
    assert (crashes.status, ends.status) == ("fail", "pass")
