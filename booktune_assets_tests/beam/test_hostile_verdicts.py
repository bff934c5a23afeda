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
    descriptors,
    remains,
)  # fmt: skip

LONG = Limits(cpu_seconds=8, wall_seconds=30.0, memory_mb=256, tmp_mb=8, tasks=64)
WAITING = replace(LONG, cpu_seconds=0.5, wall_seconds=2.0)  # for programs that the clock ends
SPIN = replace(LONG, cpu_seconds=0.5)  # for those that their CPU time ends; others need theirs
# What a verdict may be; a program that ends by itself has answered wrongly then.
CLASSES = {
    "atoms": "killed", "bignum": "timeout", "blocking": "timeout", "busy_processes": "timeout",
    "disk_fill": "fail", "distribution": "fail", "downloaded": "fail", "expansion": "oom timeout",
    "flood_stderr": "output_limit", "regex": "fail",
    "flood_stdout": "output_limit", "fork_bomb": "timeout", "grandchildren": "fail",
    "halt": "killed", "huge_source": "oom timeout", "kill_all": "killed", "loop": "timeout",
    "memory_binary": "oom", "memory_ets": "oom", "memory_list": "oom", "network": "fail",
    "nif": "fail", "process_bomb": "oom timeout", "secrets": "fail", "sleep": "timeout",
    "stdin": "fail", "write_outside": "fail",
}  # fmt: skip
GROUPS = {
    "sleep": WAITING,
    "fork_bomb": WAITING,
    "kill_all": WAITING,
    "bignum": SPIN,
    "blocking": SPIN,
    "busy_processes": SPIN,
    "expansion": SPIN,
    "huge_source": SPIN,
    "loop": SPIN,
    "process_bomb": SPIN,
}
TESTS = {
    "exs": """
defmodule ActTest do
  use ExUnit.Case
  test "acts", do: assert {Act.six(), Act.act()} == {6, :never}
end
""",
    "erl": """
-module(act_tests).
-include_lib("eunit/include/eunit.hrl").
acts_test() -> ?assertEqual({6, never}, {act:six(), act:act()}).
""",
}
SHARED = {  # tests that can only share a BEAM with the program
    "exs": TESTS["exs"].replace(":never}", "%Act{a: 1}}") + "\nrequire Act\n",
    "erl": TESTS["erl"].replace('eunit.hrl").', 'eunit.hrl").\n-include("act.hrl").'),
}
PLAIN = {
    "exs": "defmodule Act do\ndefstruct [:a]\ndef act, do: NEVER\ndef six, do: SIX\nend",
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


def candidate(row: Row, target: Aim, *, shared: bool = False) -> dict[str, str]:
    """Files of a candidate. Programs look for their aim in the folder that they start in."""
    ending = "ex" if row.language == "exs" else "erl"
    beside = {"aim": target.text, "act.hrl": "%% nothing\n"}
    if row.case is None:
        never = "%__MODULE__{a: 1}" if shared else ":never"
        plain = PLAIN[row.language].replace("SIX", str(row.answer)).replace("NEVER", never)
        return {f"act.{ending}": plain, **beside}
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
    """The cases, those that run with a right or wrong program after each."""
    rows: list[Row] = []
    for number, case in enumerate(cases):
        rows.append(Row(case.language, case))
        if case.when == "run":
            rows.append(Row(case.language, None, 6 if number % 2 else 7))
    return rows


def judged(cases: list[Case], target: Aim, tests: dict[str, str]) -> list[tuple[Row, Verdict]]:
    """Verdicts, with cases of unlike limits judged side by side."""
    found: list[tuple[Row, Verdict]] = []
    shared = tests is SHARED

    def group(limits: Limits) -> None:
        rows = rows_of([one for one in cases if GROUPS.get(one.name, LONG) is limits])
        jobs = [
            (problem(r.language, n, tests), candidate(r, target, shared=shared))
            for n, r in enumerate(rows)
        ]
        found.extend(zip(rows, judge_many(jobs, limits), strict=True))

    threads = [threading.Thread(target=group, args=[one]) for one in (SPIN, WAITING, LONG)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def wrong(rows: list[tuple[Row, Verdict]]) -> dict[str, Verdict]:
    """Rows whose verdict is not what it has to be, or that say what nobody should have seen."""
    found: dict[str, Verdict] = {}
    for row, one in rows:
        classes = CLASSES[row.case.name] if row.case else "pass" if row.answer == 6 else "fail"
        seen = [word for word in (SECRET, VARIABLE, "root:") if word in one.detail]
        if one.status not in classes.split() or seen:
            found[str(row)] = one
    return found


@pytest.fixture
def target() -> Generator[Aim]:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    before = descriptors()
    with aim() as made:
        yield made
        assert made.touched() == []
    assert remains() == []
    assert descriptors() <= before


def test_every_program_has_an_expected_class() -> None:
    assert {path.stem for path in PROGRAMS.iterdir()} == set(CLASSES)


def test_in_two_beams(target: Aim) -> None:
    cases = [
        Case(name, language, when)
        for language in ("exs", "erl") for when in ("run", "compile") for name in CLASSES
    ]  # fmt: skip
    rows = judged(cases, target, TESTS)
    assert len(rows) == 6 * len(CLASSES)
    assert not wrong(rows)
    assert {one.assurance for _, one in rows} == {"split"}


def test_in_one_beam(target: Aim) -> None:
    """One of each kind; the tests need the program (its macros, its header) to compile."""
    names = ["flood_stderr", "halt", "loop", "memory_list", "secrets", "kill_all", "stdin"]
    cases = [Case(name, language, "run") for language in ("exs", "erl") for name in names]
    rows = judged(cases, target, SHARED)
    assert not wrong(rows)
    assert {one.assurance for _, one in rows} == {"in_beam"}


def test_as_rows_of_files(target: Aim, tmp_path: Path) -> None:
    """As ``beam run`` has them, with the usual limits."""
    cases = [
        Case(name, language, "run")
        for language in ("exs", "erl") for name in ("halt", "secrets", "write_outside", "stdin")
    ]  # fmt: skip
    rows = rows_of(cases)
    with (tmp_path / "p").open("w") as problems, (tmp_path / "c").open("w") as candidates:
        for number, row in enumerate(rows):
            one = problem(row.language, number, TESTS)
            made = {
                "id": one.id, "language": one.language, "tests": one.tests,
                "interface": one.interface,
            }  # fmt: skip
            problems.write(json.dumps(made) + "\n")
            given = {"problem_id": one.id, "candidate_id": 0, "files": candidate(row, target)}
            candidates.write(json.dumps(given) + "\n")
    said = run_rows(tmp_path / "p", tmp_path / "c")
    found = [
        (row, Verdict(one["verdict"], one["detail"])) for row, one in zip(rows, said, strict=True)
    ]
    assert not wrong(found)
