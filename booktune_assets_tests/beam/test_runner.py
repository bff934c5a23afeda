"""Verdicts on honest, broken and hostile programs get their class, and nothing gets out."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import Literal

import pytest

from booktune_assets.beam import runner
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.programs import SOURCE_MAX
from booktune_assets.beam.runner import judge, judge_many, missing
from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.slots import Slot

QUICK = Limits(cpu_seconds=4, wall_seconds=20.0)
HASTY = Limits(cpu_seconds=4, wall_seconds=6.0)

ELIXIR = Problem(
    id="add",
    language="elixir",
    prompt="",
    interface=("Add.add/2",),
    tests="""
defmodule AddTest do
  use ExUnit.Case

  test "adds" do
    assert Add.add(1, 2) == 3
  end

  test "zero" do
    assert Add.add(0, 0) == 0
  end
end
""",
    reference="",
    test_count=2,
)
ERLANG = Problem(
    id="add",
    language="erlang",
    prompt="",
    interface=("add:add/2",),
    tests="""
-module(add_tests).
-include_lib("eunit/include/eunit.hrl").
adds_test() -> ?assertEqual(3, add:add(1, 2)).
zero_test_() -> [?_assertEqual(0, add:add(0, 0))].
""",
    reference="",
    test_count=2,
)


def ex(body: str, top: str = "") -> str:
    return f"defmodule Add do\n{top}\n  def add(a, b) do\n    {body}\n  end\nend\n"


def erl(body: str) -> str:
    return f"-module(add).\n-export([add/2]).\nadd(A, B) -> {body}.\n"


ELIXIR_CASES = {
    "right": (ex("a + b"), {"pass"}),
    "wrong": (ex("a - b"), {"fail"}),
    "raises": (ex("raise \"no\" <> inspect({a, b})"), {"fail"}),
    "syntax": (ex("a + + + )"), {"compile_error"}),
    "other module": ("defmodule Sub do\n  def add(a, b), do: a + b\nend", {"fail"}),
    "no code": ("  \n", {"compile_error"}),
    "halt at the top": ("System.halt(0)", {"killed"}),
    "halt while compiling": (ex("a + b", "System.halt(0)"), {"killed"}),
    "halt in a test": (ex("System.halt(0); a + b"), {"killed"}),
    "says it passed": (ex('IO.puts("2 tests, 0 failures"); a - b'), {"fail"}),
    "at_exit": (ex("a - b", "System.at_exit(fn _ -> System.halt(0) end)"), {"fail"}),
    "redefines the tests": (ex("a - b") + "defmodule AddTest do\nend", {"fail"}),
    "redefines ExUnit": (
        ex("a - b") + "defmodule ExUnit.Assertions do\n  def assert(_), do: true\nend",
        {"fail"},
    ),
    "endless": (ex("add(a, b)"), {"timeout"}),
    "endless while compiling": ("Stream.cycle([1]) |> Stream.run()", {"timeout"}),
    "memory": (ex("add([a | List.duplicate(1, 10_000)], b)"), {"oom"}),
    "chatter": (ex('IO.puts(String.duplicate("x", 1_000_000)); a + b'), {"output_limit"}),
    "reads passwd": (ex('File.read!("/etc/passwd"); a + b'), {"fail"}),
    "writes outside": (ex('File.write!("/usr/x", "x"); a + b'), {"fail"}),
    "connects": (
        ex("{:ok, _} = :gen_tcp.connect({127, 0, 0, 1}, 80, []); a + b"),
        {"fail"},
    ),
}  # fmt: skip
ERLANG_CASES = {
    "right": (erl("A + B"), {"pass"}),
    "wrong": (erl("A - B"), {"fail"}),
    "syntax": (erl("A +"), {"compile_error"}),
    "other module": (erl("A + B").replace("(add)", "(sub)"), {"fail"}),
    "not exported": (erl("A + B").replace("add/2", ""), {"fail"}),
    "halt": (erl("halt(0), A + B"), {"killed"}),
    "endless": (erl("add(A, B)"), {"timeout"}),
    "memory": (erl("add([A | lists:seq(1, 10000)], B)"), {"oom"}),
    "reads passwd": (erl('{ok, _} = file:read_file("/etc/passwd"), A + B'), {"fail"}),
    "includes a secret": ('-module(add).\n-include("/etc/passwd").\n', {"compile_error"}),
}


def need(language: str) -> None:
    if (reason := missing(language)) is not None:
        pytest.skip(str(reason))


@pytest.mark.parametrize(
    ("problem", "cases"), [(ELIXIR, ELIXIR_CASES), (ERLANG, ERLANG_CASES)], ids=["ex", "erl"]
)
def test_classes(problem: Problem, cases: dict[str, tuple[str, set[str]]]) -> None:
    """All in one go, as they come in practice: neighbours must not change a verdict."""
    need(problem.language)
    jobs = [(replace(problem, id=name), source) for name, (source, _) in cases.items()]
    verdicts = dict(zip(cases, judge_many(jobs, QUICK), strict=True))
    wrong = {name: one for name, one in verdicts.items() if one.status not in cases[name][1]}
    assert not wrong


@pytest.mark.parametrize(
    ("problem", "source"),
    [(ELIXIR, ex("Process.sleep(:infinity); a + b")), (ERLANG, erl("receive A -> B end"))],
    ids=["elixir", "erlang"],
)
def test_sleepers_time_out(problem: Problem, source: str) -> None:
    need(problem.language)
    assert judge(problem, source, HASTY).status == "timeout"


def test_broken_tests_are_our_fault() -> None:
    need("elixir")
    broken = Problem("x", "elixir", "", (), "defmodule XTest do", "")
    assert judge(broken, ex("a + b"), QUICK).status == "harness_error"
    need("erlang")
    broken = Problem("x", "erlang", "", (), "-module(x_tests", "")
    assert judge(broken, erl("A + B"), QUICK).status == "harness_error"


def test_tests_that_need_the_candidate_to_compile() -> None:
    need("elixir")
    tests = """
    defmodule PointTest do
      use ExUnit.Case
      test "struct" do
        assert %Point{x: 1}.x == 1
      end
    end
    """
    problem = Problem("point", "elixir", "", (), tests, "", test_count=1)
    right = judge(problem, "defmodule Point do\n  defstruct [:x]\nend", QUICK)
    assert (right.status, right.assurance) == ("pass", "split")
    assert judge(problem, "defmodule Point do\n  defstruct [:y]\nend", QUICK).status == "fail"


def test_a_wrong_number_of_tests_is_no_pass() -> None:
    need("elixir")
    problem = Problem("add", "elixir", "", (), ELIXIR.tests, "", test_count=3)
    verdict = judge(problem, ex("a + b"), QUICK)
    assert (verdict.status, verdict.detail) == ("fail", "2 of 3 tests ran")


def test_many_keep_their_order() -> None:
    need("elixir")
    sources = [ex("a + b"), ex("a - b"), "x" * (SOURCE_MAX + 1), ex("a + b")]
    verdicts = judge_many([(ELIXIR, source) for source in sources], QUICK)
    assert [v.status for v in verdicts] == ["pass", "fail", "compile_error", "pass"]
    assert verdicts[0].cpu_seconds > 0.001
    assert verdicts[0].assurance == "split"


def test_a_run_that_was_cut_off_disturbs_no_later_one() -> None:
    need("elixir")
    tests = ELIXIR.tests.replace("ExUnit.Case", "ExUnit.Case, async: true")
    sources = [ex("System.halt(0)"), ex("a + b"), ex("a - b"), ex("a + b")]
    jobs = [(replace(ELIXIR, id=str(n), tests=tests), text) for n, text in enumerate(sources)]
    statuses = [one.status for one in judge_many(jobs, QUICK, workers=1)]
    assert statuses == ["killed", "pass", "fail", "pass"]


@pytest.mark.slow
def test_a_loaded_machine_gives_the_same_verdicts() -> None:
    need("elixir")
    names = ["right", "wrong", "raises", "halt in a test", "endless", "says it passed"]
    jobs = [(replace(ELIXIR, id=name), ELIXIR_CASES[name][0]) for name in names]
    busy = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(4)]
    try:
        verdicts = judge_many(jobs, QUICK)
    finally:
        for one in busy:
            one.kill()
            one.wait()
    for name, one in zip(names, verdicts, strict=True):
        assert one.status in ELIXIR_CASES[name][1], (name, one)


def nothing(*_: object) -> str:
    return ""


def test_a_failure_beside_a_saboteur_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    monkeypatch.setattr(Slot, "screen", nothing)  # as if it knew the trick not
    monkeypatch.setattr(runner, "_LOOKED_AT", 1)  # no lot
    jobs: list[tuple[Problem, str]] = []
    for number in range(6):
        tests = (
            f"defmodule M{number}Test do\nuse ExUnit.Case\n"
            f'test "a", do: assert M{number}.f([2, 1]) == [1, 2]\nend'
        )
        source = f"defmodule M{number} do\ndef f(list), do: Enum.sort(list)\nend\n"
        if number == 1:
            source += ":ets.delete_all_objects(:elixir_config)"
        if number == 4:
            source = source.replace("Enum.sort", "Enum.reverse |> Enum.sort |> tl")
        one = replace(ELIXIR, id=f"m{number}", interface=(f"M{number}.f/1",), tests=tests)
        jobs.append((replace(one, test_count=1), source))
    said = [verdict.status for verdict in judge_many(jobs, QUICK, workers=1)]
    assert [said[n] for n in (0, 2, 3, 5)] == ["pass"] * 4
    assert said[4] in ("fail", "compile_error")


def one(language: Literal["elixir", "erlang"], tests: str, entry: str) -> Problem:
    return Problem(
        id=entry + tests, language=language, prompt="", interface=(entry,), tests=tests,
        reference="", test_count=0,
    )  # fmt: skip


def test_problems_that_name_odd_modules() -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    head = '-module(q_tests).\n-include_lib("eunit/include/eunit.hrl").\n'
    asks = head + "a_test() -> ?assertEqual(1, pool:first([1])).\n"
    pool = "-module(pool).\n-export([first/1]).\nfirst([X | _]) -> X.\n"
    shadow = '-module(q_tests).\n-include("/etc/shadow").\na_test() -> ok.\n'
    nope = 'defmodule QTest do\nuse Nope.Case\ntest "a", do: assert Q.f() == 1\nend'
    own = 'defmodule QTest do\nuse ExUnit.Case\ndef f, do: 1\ntest "a", do: assert f() == 1\nend'
    q = "defmodule Q do\ndef f, do: 1\nend"
    jobs = [
        (one("erlang", asks, "pool:first/1"), pool),
        (one("erlang", asks, "pool:first/1"), pool.replace("X | _", "_, X | _")),
        (one("erlang", shadow, "q:f/0"), "-module(q).\n-export([f/0]).\nf() -> 1.\n"),
        (one("elixir", nope, "Q.f/0"), q),
        (one("elixir", own, "QTest.f/0"), q.replace("Q ", "QTest ")),
    ]
    said = [(verdict.status, verdict.detail) for verdict in judge_many(jobs, QUICK, workers=1)]
    statuses = [status for status, _ in said]
    assert statuses == ["pass", "fail", "harness_error", "harness_error", "harness_error"], said


SKIPS = """
defmodule Dsl do
  defmacro __using__(_) do
    quote do
      import Dsl
      test("one", do: :ok)
      @moduletag :skip
    end
  end
  defmacro defcalc(n, k), do: quote(do: (def unquote(n)(x), do: x + unquote(k)))
end
"""
USES = """
defmodule DslTest do
  use ExUnit.Case
  use Dsl
  defcalc :double, 2
  test "double", do: assert double(4) == 8
  @tag :pending
  test "two", do: assert double(5) == 10
  @tag :skip
  test "three", do: assert double(5) == 11
end
"""


def test_tests_that_a_macro_leaves_out_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    right = SKIPS.replace('test("one", do: :ok)\n      @moduletag :skip', "").replace("x +", "x *")
    problem = one("elixir", USES, "Dsl.__using__/1")
    assert [judge(problem, code, QUICK).status for code in (right, SKIPS)] == ["pass", "fail"]
    monkeypatch.setattr(Slot, "screen", nothing)
    assert judge(problem, SKIPS, QUICK).status == "fail"


STRUCTS = """
defmodule JobTest do
  use ExUnit.Case
  test "whatever the program names, its struct is data" do
    assert [%Job{value: 2}, %Job.Failed{}] = Job.run([1, :x], Job.Double)
  end
end
"""
JOB = """
defmodule Job.Failed, do: defexception [message: "no"]
defmodule Job.Double, do: (def run(x), do: x * 2)
defmodule Job do
  defstruct [:value, by: {Agent, :x}]
  def run(items, module) do
    for item <- items do
      {_, ref} = spawn_monitor(fn -> exit({:shutdown, module.run(item)}) end)
      receive do
        {:DOWN, ^ref, _, _, {:shutdown, value}} -> %Job{value: value}
        {:DOWN, ^ref, _, _, _reason} -> %Job.Failed{}
      end
    end
  end
end
"""
# what its structs say is for a library to act on, or to run: they do not cross
ACTS = JOB.replace("by: {Agent, :x}", "by: {:code, :load_binary, [:a, 'b', nil]}")


def test_structs_of_the_candidate_are_data_where_the_tests_are() -> None:
    need("elixir")
    jobs = [JOB, JOB.replace("x * 2", "x"), ACTS, JOB.replace("defstruct [:value,", "defstruct [")]
    shadow = STRUCTS.replace("%Job.Failed{}]", "%ExUnit.Test{}]")
    problem = one("elixir", STRUCTS, "Job.run/2")
    rows = [(replace(problem, id=str(n)), text) for n, text in enumerate(jobs)]
    rows.append((one("elixir", shadow, "Job.run/2"), JOB))
    verdicts = judge_many(rows, QUICK, workers=1)
    assert [two.status for two in verdicts] == [
        "pass", "fail", "suspicious", "compile_error", "fail",
    ]  # fmt: skip
    assert verdicts[0].assurance == "split"


def test_the_quotes_of_an_interface_are_no_part_of_a_name() -> None:
    need("erlang")
    tests = "-module(q_tests).\n-export([q_test/0]).\nq_test() -> 1 = q:'a b'()."
    source = "-module(q).\n-export(['a b'/0]).\n'a b'() -> 1.\n"
    assert judge(one("erlang", tests, "q:'a b'/0"), source, QUICK).status == "pass"
    assert judge(one("erlang", tests, "q:'a b'/256"), source, QUICK).status == "harness_error"


def test_tests_may_start_and_run_themselves() -> None:
    need("elixir")
    runs = "\nExUnit.run()\n"
    own = "ExUnit.start(autorun: false)\n" + ELIXIR.tests
    jobs = [
        (replace(ELIXIR, id=f"{n}{body}", tests=own + end), ex(body))
        for n, end in enumerate((runs, "\n%{failures: 0} = ExUnit.run()\n"))
        for body in ("a + b", "a - b")
    ]
    shared = replace(ELIXIR, id="shared", tests=f"{own}\nrequire Add{runs}")
    found = judge_many([*jobs, (shared, ex("a + b"))], QUICK, workers=1)
    assert [one.status for one in found] == ["pass", "fail", "pass", "fail", "pass"]
    assert [one.assurance for one in found] == ["split"] * 4 + ["in_beam"]
