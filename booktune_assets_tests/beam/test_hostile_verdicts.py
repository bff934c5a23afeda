"""The programs of ``hostile/`` as candidates of a problem, when called and while they are compiled
(in Erlang: loaded): none passes, none is a fault of ours, nothing is touched or left, and right and
wrong programs judged between them get their verdicts."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from booktune_assets.beam.batch import run_rows
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import Verdict, judge_many, missing
from booktune_assets.beam.sandbox import Limits
from booktune_assets_tests.beam.hostile_runs import (
    PROGRAMS,
    SECRET,
    VARIABLE,
    Aim,
    Case,
    aim,
    remains,
)  # fmt: skip

LIMITS = Limits(cpu_seconds=0.8, wall_seconds=30.0, memory_mb=256, tmp_mb=8, tasks=64)
WAITING = replace(LIMITS, wall_seconds=2.0)  # for programs that the clock ends
LONG = replace(LIMITS, cpu_seconds=8)  # a million atoms take their time
# What a verdict may be; a program that ends by itself has answered wrongly then.
CLASSES = {
    "atoms": "killed", "bignum": "timeout", "blocking": "timeout", "busy_processes": "timeout",
    "disk_fill": "fail", "distribution": "fail", "flood_stderr": "output_limit",
    "flood_stdout": "output_limit", "fork_bomb": "timeout", "grandchildren": "fail",
    "halt": "killed", "huge_source": "oom timeout", "kill_all": "killed", "loop": "timeout",
    "memory_binary": "oom", "memory_ets": "oom", "memory_list": "oom", "network": "fail",
    "nif": "fail", "process_bomb": "oom timeout", "secrets": "fail", "sleep": "timeout",
    "stdin": "fail", "write_outside": "fail",
}  # fmt: skip
ENDING = [name for name, classes in CLASSES.items() if classes in ("fail", "killed")]
GROUPS = {"sleep": WAITING, "fork_bomb": WAITING, "kill_all": WAITING, "atoms": LONG}
TESTS = {
    "exs": """
defmodule ActTest do
  use ExUnit.Case
  test "acts", do: assert {Act.act(), Act.six()} == {:never, 6}
end
""",
    "erl": """
-module(act_tests).
-include_lib("eunit/include/eunit.hrl").
acts_test() -> ?assertEqual({never, 6}, {act:act(), act:six()}).
""",
}
SHARED = {  # tests that can only share a BEAM with the program
    "exs": TESTS["exs"].replace("{:never, 6}", "{%Act{a: 1}, 6}"),
    "erl": TESTS["erl"].replace('eunit.hrl").', 'eunit.hrl").\n-include("act.hrl").'),
}
PLAIN = {
    "exs": "defmodule Act do\ndefstruct [:a]\ndef act, do: :never\ndef six, do: SIX\nend",
    "erl": "-module(act).\n-export([act/0, six/0]).\nact() -> never.\nsix() -> SIX.\n",
}


@dataclass(frozen=True, slots=True)
class Row:
    """``case`` of None: a right program (``answer`` 6) or a wrong one between the hostile ones."""

    language: str
    case: Case | None
    answer: int = 6


def problem(language: str, number: int, tests: dict[str, str]) -> Problem:
    name, entry = ("elixir", "Act.{}/0") if language == "exs" else ("erlang", "act:{}/0")
    interface = (entry.format("act"), entry.format("six"))
    return Problem(f"{name}-{number}", name, "", interface, tests[language], "")  # type: ignore[arg-type]


def candidate(row: Row, target: Aim) -> dict[str, str]:
    """Files of a candidate. Programs look for their aim in the folder that they start in."""
    ending = "ex" if row.language == "exs" else "erl"
    beside = {"aim": target.text, "act.hrl": "%% nothing\n"}
    if row.case is None:
        return {f"act.{ending}": PLAIN[row.language].replace("SIX", str(row.answer)), **beside}
    source = (PROGRAMS / f"{row.case.name}.{row.language}").read_text()
    if row.language == "exs":
        source = source.replace('System.get_env("BOOKTUNE_JOB")', "File.cwd!()")
        within = row.case.when == "compile"
        body = f"{source}\ndef act, do: 0" if within else f"def act do\n{source}\nend"
        source = f"defmodule Act do\ndefstruct [:a]\ndef six, do: 6\n{body}\nend\n"
    else:
        source = source.replace('os:getenv("BOOKTUNE_JOB")', '"."')
        more = "-export([six/0]).\n"
        if row.case.when == "compile":
            more += "-on_load(act/0).\n"
        source = source.replace("-export([act/0", more + "-export([act/0") + "\nsix() -> 6.\n"
    return {f"act.{ending}": source, **beside}


def rows_of(cases: list[Case]) -> list[Row]:
    """The cases with a right or wrong program after each."""
    rows: list[Row] = []
    for number, case in enumerate(cases):
        rows += [Row(case.language, case), Row(case.language, None, 6 if number % 2 else 7)]
    return rows


def judged(cases: list[Case], target: Aim, tests: dict[str, str]) -> list[tuple[Row, Verdict]]:
    """Verdicts, with cases of unlike limits judged side by side."""
    found: list[tuple[Row, Verdict]] = []

    def group(limits: Limits) -> None:
        rows = rows_of([one for one in cases if GROUPS.get(one.name, LIMITS) is limits])
        jobs = [(problem(r.language, n, tests), candidate(r, target)) for n, r in enumerate(rows)]
        found.extend(zip(rows, judge_many(jobs, limits, workers=1), strict=True))

    threads = [threading.Thread(target=group, args=[one]) for one in (LIMITS, WAITING, LONG)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def wrong(rows: list[tuple[Row, Verdict]], tests: dict[str, str] = TESTS) -> list[object]:
    """Rows whose verdict is not what it has to be, or that say what nobody should have seen."""
    found: list[object] = []
    for row, one in rows:
        if row.case is None:
            # the tests that share a BEAM want a struct; the plain program answers without
            right = row.answer == 6 and (tests is TESTS or row.language == "erl")
            fine = one.status == ("pass" if right else "fail")
        else:
            fine = one.status in CLASSES[row.case.name].split()
        if not fine or SECRET in one.detail or VARIABLE in one.detail or "root:" in one.detail:
            found.append((str(row.case), one))
    return found


def need() -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))


@pytest.fixture
def target() -> Generator[Aim]:
    need()
    with aim() as made:
        yield made
        assert made.touched() == []
    assert remains() == []


def test_every_program_has_an_expected_class() -> None:
    assert {path.stem for path in PROGRAMS.iterdir()} == set(CLASSES)


@pytest.mark.parametrize("language", ["exs", "erl"])
@pytest.mark.parametrize("when", ["run", "compile"])
def test_in_two_beams(when: str, language: str, target: Aim) -> None:
    cases = [Case(name, language, when) for name in CLASSES]
    rows = judged(cases, target, TESTS)
    assert len(rows) == 2 * len(CLASSES)
    assert not wrong(rows)
    assert {one.assurance for _, one in rows} == {"split"}
