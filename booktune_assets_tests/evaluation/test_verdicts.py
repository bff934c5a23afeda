"""Verdicts are kept by content; what a machine may have caused is not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from booktune_assets.beam import runner
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.verdicts import Verdict
from booktune_assets.evaluation import verdicts
from booktune_assets.evaluation.verdicts import FILE, judged, keeping

PROBLEM = Problem(
    "one", "elixir", "Write One.", ("One.one/0",),
    'defmodule OneTest do\n  use ExUnit.Case\n  test "one" do\n    assert One.one() == 1\n'
    "  end\nend\n", "defmodule One do\n  def one, do: 1\nend\n",
)  # fmt: skip


class Judge:
    """Says what it is told, and remembers what it was asked."""

    def __init__(self, status: str = "pass") -> None:
        self.status, self.asked = status, []  # type: ignore[var-annotated]

    def __call__(self, jobs: Sequence[Any], *_: object) -> list[Verdict]:
        self.asked += [code for _, code in jobs]
        return [Verdict(self.status, "why", 1, 0.5, "split") for _ in jobs]  # type: ignore[arg-type]


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    made = Judge()
    monkeypatch.setattr(runner, "judge_many", made)
    monkeypatch.setattr(verdicts, "_runner", lambda: "this one")
    return made


def test_the_same_program_is_judged_once(tmp_path: Path, judge: Judge) -> None:
    with keeping(tmp_path):
        first = judged([(PROBLEM, "a"), (PROBLEM, "b"), (PROBLEM, "a")])
        again = judged([(PROBLEM, "b"), (PROBLEM, "a")])
        judged([(replace(PROBLEM, tests="other"), "a"), (replace(PROBLEM, reference="r"), "a")])
    assert judge.asked == ["a", "b", "a", "a"]
    assert first[0] == again[1] == Verdict("pass", "why", 1, 0.5, "split")
    assert len(judged([(PROBLEM, "a")])) == 1 and judge.asked[4:] == ["a"], (
        "outside nothing is kept"
    )


def test_another_runner_judges_anew(
    tmp_path: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    with keeping(tmp_path):
        judged([(PROBLEM, "a")])
        monkeypatch.setattr(verdicts, "_runner", lambda: "a newer one")
        judged([(PROBLEM, "a")])
    assert judge.asked == ["a", "a"]


@pytest.mark.parametrize(
    ("status", "load", "kept"),
    [("harness_error", 0.0, False), ("killed", 0.0, False), ("timeout", 99.0, False),
     ("timeout", 0.0, True), ("fail", 99.0, True), ("compile_error", 99.0, True)],
)  # fmt: skip
def test_what_the_machine_may_have_done_is_asked_again(
    tmp_path: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch, status: str, load: float,
    kept: bool,
) -> None:  # fmt: skip
    judge.status = status
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    with keeping(tmp_path):
        assert [judged([(PROBLEM, "a")])[0].status for _ in range(2)] == [status, status]
    assert len(judge.asked) == (1 if kept else 2)


def test_a_torn_file_costs_its_line(tmp_path: Path, judge: Judge) -> None:
    with keeping(tmp_path):
        judged([(PROBLEM, "a"), (PROBLEM, "b")])
        text = (tmp_path / FILE).read_text().rstrip()
        (tmp_path / FILE).write_text(text[:-20])
        judged([(PROBLEM, "a"), (PROBLEM, "b")])
    assert judge.asked == ["a", "b", "b"]


def test_real_verdicts_come_back_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (reason := runner.missing("elixir")) is not None:
        pytest.skip(str(reason))
    jobs = [(PROBLEM, PROBLEM.reference), (PROBLEM, "defmodule One do\n  def one, do: 2\nend\n")]
    with keeping(tmp_path):
        first = judged(jobs)
        assert [one.status for one in first] == ["pass", "fail"]
        monkeypatch.setattr(runner, "judge_many", lambda *_: [])
        assert judged(jobs) == first
