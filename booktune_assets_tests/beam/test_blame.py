"""Tests that need a module nobody was asked for are the problem's fault, whoever is judged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from click.testing import CliRunner

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import judge, judge_many, missing
from booktune_assets.beam.verdicts import Verdict
from booktune_assets.cli import cli

pytestmark = pytest.mark.skipif(missing("elixir") is not None, reason=str(missing("elixir")))

Language = Literal["elixir", "erlang"]
FAULT = "BAD_ROW: the problem: its tests need {}, which neither they nor its files define"
Q = "defmodule Q do\n  def f, do: 1\nend\n"
HELPER = """
defmodule {} do
  def one, do: 1
  defmacro two, do: 1
  defmacro __using__(_), do: nil
end
"""
LIAR = """
defmodule Q do
  def f, do: raise(UndefinedFunctionError, module: {}, function: :f, arity: 0)
end
"""
ERL_Q = "-module(q).\n-export([f/0]).\nf() -> 1.\n"
ERL_HELPER = "-module(helper).\n-export([one/0]).\none() -> 1.\n"
# a line of the tests' module, what the answer is compared with
NEEDS: list[tuple[str, str]] = [
    ("import Helper", "one()"),
    ("use Helper", "1"),
    ("require Helper", "Helper.two()"),
    ("alias Helper, as: H", "H.one()"),
    ("@one Helper.one()", "@one"),
    ("setup do\n    Helper.one()\n    :ok\n  end", "1"),
]
ERL_NEEDS = [("-import(helper, [one/0]).", "one()"), ("", "helper:one()")]


def elixir(line: str, value: str, more: str = "") -> Problem:
    test = f'  test "a", do: assert Q.f() == {value}\n'
    text = f"defmodule QTest do\n  use ExUnit.Case\n  {line}\n{test}{more}end\n"
    return problem("elixir", text, "Q.f/0")


def erlang(line: str, value: str, more: str = "") -> Problem:
    head = f'-module(q_tests).\n-include_lib("eunit/include/eunit.hrl").\n{line}\n'
    return problem("erlang", f"{head}a_test() -> ?assertEqual({value}, q:f()).\n{more}", "q:f/0")


def problem(language: Language, tests: str, *interface: str) -> Problem:
    return Problem(
        id=tests, language=language, prompt="", interface=interface, tests=tests, reference=""
    )


def verdicts(jobs: list[tuple[Problem, str | dict[str, str]]]) -> list[Verdict]:
    numbered = [(replace(one, id=str(number)), what) for number, (one, what) in enumerate(jobs)]
    return judge_many(numbered, workers=1)


@pytest.mark.parametrize("language", ["elixir", "erlang"])
def test_a_module_that_nobody_was_asked_for_is_the_problem_s_fault(language: Language) -> None:
    if language == "elixir":
        problems = [elixir(*need) for need in NEEDS]
        lacks, brings, name = Q, Q + HELPER.format("Helper"), "Helper"
    else:
        problems = [erlang(*need) for need in ERL_NEEDS]
        lacks, name = {"q.erl": ERL_Q}, "helper"
        brings = {"q.erl": ERL_Q, "helper.erl": ERL_HELPER}
    found = verdicts([(one, what) for one in problems for what in (lacks, brings)])
    assert [one.status for one in found] == ["harness_error", "pass"] * len(problems), found
    assert all(one.detail.startswith(FAULT.format(name)) for one in found[::2])


def test_a_wrong_answer_is_the_candidate_s_own() -> None:
    """It brings the module, or another test fails that does not need it."""
    wrong = Q.replace("do: 1", "do: 2")
    alone = '  test "b", do: assert Q.f() == 1\n'
    erl_wrong = {"q.erl": ERL_Q.replace("-> 1", "-> 2")}
    found = verdicts(
        [
            (elixir("import Helper", "one()"), wrong + HELPER.format("Helper")),
            (elixir("", "Helper.one()"), wrong + HELPER.format("Helper")),
            (elixir("", "Helper.one()", alone), wrong),
            (erlang("", "helper:one()"), {**erl_wrong, "helper.erl": ERL_HELPER}),
            (erlang("", "helper:one()", "b_test() -> ?assertEqual(1, q:f()).\n"), erl_wrong),
        ]
    )
    assert [one.status for one in found] == ["fail"] * 5, found


def test_what_was_asked_for_is_the_candidate_s_to_bring() -> None:
    """The module of the interface, one inside it (by a short name too), all that the tests call
    where there is no interface; a name that is only data; a program that says one is missing."""
    named = problem("elixir", elixir("", "1", "  @r Helper\n").tests, "Q.f/0")
    started = '  test "b", do: start_supervised!({Agent, fn -> 1 end}, id: Helper)\n'
    any_name = replace(elixir("", "Helper.one()"), interface=())
    short = elixir("alias Q, as: R\n  import R.Helper", "one()")
    longer = "defmodule Q.Helper do\nend\n"
    found = verdicts(
        [
            (elixir("import Q.Helper", "one()"), Q),
            (short, Q),
            (short, Q + longer),
            (any_name, Q),
            (named, LIAR.format("Helper")),
            (elixir("", "1", started), LIAR.format("Helper")),
            (elixir("", "1"), LIAR.format("Q")),
        ]
    )
    assert [one.status for one in found] == ["fail"] * 7, found


def test_files_of_the_problem_may_define_it() -> None:
    beside = {"test/helper.ex": HELPER.format("Helper")}
    one = replace(elixir("import Helper", "one()"), files=beside)
    assert judge(one, Q).status == "pass"
    erl = replace(erlang("", "helper:one()"), files={"test/helper.erl": ERL_HELPER})
    assert judge(erl, {"q.erl": ERL_Q}).status == "pass"


def test_the_problem_is_told_of_once(tmp_path: Path) -> None:
    tests = elixir("import Helper", "one()").tests
    row = {"id": "q", "language": "elixir", "interface": ["Q.f/0"], "tests": tests}
    (tmp_path / "p.jsonl").write_text(json.dumps(row))
    sources = [Q, Q + "# again\n", Q + HELPER.format("Helper")]
    lines = [
        json.dumps({"problem_id": "q", "candidate_id": number, "source": source})
        for number, source in enumerate(sources)
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    files = ["--problems", f"{tmp_path}/p.jsonl", "--candidates", f"{tmp_path}/c.jsonl"]
    ran = CliRunner().invoke(cli, ["beam", "run", *files, "--out", f"{tmp_path}/v.jsonl"])
    assert ran.exit_code == 0, ran.output
    rows = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text().splitlines()]
    assert [one["verdict"] for one in rows] == ["harness_error", "harness_error", "pass"]
    told = [line for line in ran.stderr.splitlines() if line.startswith("BAD_ROW")]
    assert len(told) == 1 and "problem 'q': its tests need Helper" in told[0]
    assert "lay it among the files under test/" in told[0]
