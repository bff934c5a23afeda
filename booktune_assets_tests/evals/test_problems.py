"""Our own problems hold: references pass, mutants fail, statements name what tests need."""

from __future__ import annotations

from pathlib import Path

import pytest

from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.beam.runner import judge_many, missing
from booktune_assets.errors import BookError

FILE = Path(__file__).resolve().parents[2] / "data" / "evals" / "problems.jsonl"
PROBLEMS = load_problems(FILE)


def test_enough_of_both_languages() -> None:
    languages = [problem.language for problem in PROBLEMS]
    assert languages.count("elixir") >= 8
    assert languages.count("erlang") >= 4


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_statement_names_everything(problem: Problem) -> None:
    assert problem.mutants and problem.concepts and problem.test_count
    for entry in problem.interface:
        module, function = entry.rsplit("/", 1)[0].replace(":", ".").rsplit(".", 1)
        assert f"`{module}`" in problem.prompt
        assert function in problem.prompt


@pytest.mark.slow
@pytest.mark.parametrize("language", ["elixir", "erlang"])
def test_references_pass_and_mutants_fail(language: str) -> None:
    if (reason := missing(language)) is not None:
        pytest.skip(str(reason))
    jobs = [
        (problem, candidate)
        for problem in PROBLEMS
        if problem.language == language
        for candidate in (problem.reference, *problem.mutants)
    ]
    for (problem, candidate), verdict in zip(jobs, judge_many(jobs), strict=True):
        if candidate == problem.reference:
            assert verdict.status == "pass", (problem.id, verdict)
            assert verdict.tests_run == problem.test_count
        else:
            assert verdict.status == "fail", (problem.id, verdict, candidate)


def test_broken_problem_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('{"id": "a", "language": "cobol"}\n')
    with pytest.raises(BookError, match=r"BAD_ROW.*broken\.jsonl"):
        load_problems(path)
    path.write_text("{")
    with pytest.raises(BookError, match="BAD_ROW"):
        load_problems(path)
    with pytest.raises(BookError, match="FILE_MISSING"):
        load_problems(tmp_path / "nowhere.json")
