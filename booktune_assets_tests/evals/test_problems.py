"""Our own problems hold: references pass, mutants fail, statements name what tests need."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from booktune_assets.beam.grammar import parses
from booktune_assets.beam.patterns import PATTERNS, find_patterns
from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.beam.runner import judge_many, missing

FOLDER = Path(__file__).resolve().parents[2] / "data" / "evals" / "problems"
PROBLEMS = load_problems(FOLDER)
MUTANTS = 1  # of each that are run here; benchmarks/problems.py runs all
PARTS = 6  # of the slow test, so that each of them ends in time
OTP = {
    "Agent", "DynamicSupervisor", "ETS", "GenServer", "Registry", "Supervisor", "Task",
    "gen_server", "gen_statem", "links", "monitors", "processes", "supervisor",
}  # fmt: skip
TOPICS = {
    "genserver", "supervisor", "dynamic", "task", "agent", "statem", "ets", "links", "crash",
    "behaviours", "erlang",
}  # fmt: skip


def test_enough_of_both_languages_and_half_otp() -> None:
    languages = [problem.language for problem in PROBLEMS]
    assert languages.count("elixir") >= 90
    assert languages.count("erlang") >= 55
    processes = [problem for problem in PROBLEMS if OTP & set(problem.concepts)]
    assert 0.45 <= len(processes) / len(PROBLEMS) <= 0.6


def test_the_short_set_stays_short() -> None:
    short = [problem for problem in PROBLEMS if problem.short]
    assert len(short) == 10
    assert max(problem.difficulty for problem in short) == 2


def test_second_solutions_are_others() -> None:
    """Not the reference again: no long stretch of tokens is shared."""
    for problem in PROBLEMS:
        assert problem.second, problem.id
        assert parses(problem.second, problem.language)
        shares = [_tokens(text) for text in (problem.reference, problem.second)]
        assert shares[0] != shares[1], problem.id
        if max(map(len, shares)) > 120:  # the shortest tasks leave no room
            match = SequenceMatcher(None, *shares, autojunk=False)
            assert match.ratio() < 0.85, (problem.id, match.ratio())


def _tokens(code: str) -> list[str]:
    return re.findall(r"\w+|\S", code)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_a_problem_is_whole(problem: Problem) -> None:
    assert len(set(problem.mutants)) >= 3
    assert problem.concepts and problem.test_count >= 2
    assert 1 <= problem.difficulty <= 5
    assert problem.reference not in problem.mutants
    for entry in problem.interface:
        module, function = entry.rsplit("/", 1)[0].replace(":", ".").rsplit(".", 1)
        assert f"`{module}`" in problem.prompt
        assert function in problem.prompt
    for text in (problem.reference, problem.tests, *problem.mutants):
        assert parses(text, problem.language)


@pytest.mark.parametrize(
    "problem",
    [one for one in PROBLEMS if one.topic or one.patterns],
    ids=lambda problem: problem.id,
)
def test_the_reference_shows_what_is_asked_for(problem: Problem) -> None:
    shown = {one.name for one in find_patterns(problem.reference, problem.language)}
    assert set(problem.patterns) <= shown & set(PATTERNS)
    assert problem.topic in TOPICS | {""}
    assert len(set(problem.mutants)) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", ["elixir", "erlang"])
def test_references_pass_and_mutants_fail(language: str, part: int) -> None:
    if (reason := missing(language)) is not None:
        pytest.skip(str(reason))
    jobs = [
        (problem, candidate)
        for problem in [one for one in PROBLEMS if one.language == language][part::PARTS]
        for candidate in (problem.reference, *problem.mutants[:MUTANTS])
    ]
    wrong: list[object] = []
    for (problem, candidate), verdict in zip(jobs, judge_many(jobs), strict=True):
        if candidate == problem.reference:
            fine = verdict.status == "pass" and verdict.tests_run == problem.test_count
        else:  # a mutant may also hang or eat memory; it has to compile
            fine = verdict.status not in ("pass", "harness_error", "compile_error")
        if not fine:
            wrong.append((problem.id, verdict, candidate))
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize("language", ["elixir", "erlang"])
def test_second_solutions_pass(language: str) -> None:
    """Somebody who knew the statement alone met what the tests want."""
    if (reason := missing(language)) is not None:
        pytest.skip(str(reason))
    jobs = [(one, one.second) for one in PROBLEMS if one.second and one.language == language]
    looks = judge_many(jobs, final=False)
    # a first look shares its BEAM with others; what fails there is looked at again, alone
    doubtful = [job for job, look in zip(jobs, looks, strict=True) if look.status != "pass"]
    wrong = [
        (problem.id, verdict)
        for (problem, _), verdict in zip(doubtful, judge_many(doubtful), strict=True)
        if verdict.status != "pass"
    ]
    assert not wrong
    counts = {one.id: look.tests_run for (one, _), look in zip(jobs, looks, strict=True)}
    assert all(
        counts[one.id] == one.test_count for one, _ in jobs if (one, one.second) not in doubtful
    )
