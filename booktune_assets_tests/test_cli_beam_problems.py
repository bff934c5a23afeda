"""``booktune beam import`` and ``booktune beam score``, from files to files and lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.beam.runner import missing
from booktune_assets.beam.verdicts import Verdict
from booktune_assets.cli import cli
from booktune_assets.evaluation import passk
from booktune_assets_tests.beam.test_adapters import ELIXIR, ERLANG, exercise, record


def booktune(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_imports_exercises(tmp_path: Path) -> None:
    exercise(tmp_path / "track" / "tea-pot", ELIXIR)
    exercise(tmp_path / "track" / "tea-urn", ERLANG)
    exercise(tmp_path / "track" / "empty", {"lib/a.ex": ""})
    out, references = tmp_path / "made" / "p.jsonl", tmp_path / "made" / "c.jsonl"
    said = booktune(
        "beam", "import", tmp_path / "track", "--format", "exercism", "--out", out,
        "--references", references,
    )  # fmt: skip
    assert said.exit_code == 0
    assert "left out  empty: it has no tests" in said.stderr
    assert "(2 problems, 0 mended, 1 left out)" in said.stdout
    assert [one.id for one in load_problems(out)] == ["elixir/tea-pot", "erlang/tea-urn"]
    rows = [json.loads(line) for line in references.read_text().splitlines()]
    assert [row["problem_id"] for row in rows] == ["elixir/tea-pot", "erlang/tea-urn"]


def test_imports_for_measuring_only(tmp_path: Path) -> None:
    path = tmp_path / "made.jsonl"
    path.write_text(json.dumps(record("plus", "a, b", "3 == candidate.([1, 2])", mark="")))
    said = booktune(
        "beam", "import", path, "--format", "multipl-e", "--out", tmp_path / "p.jsonl"
    )  # fmt: skip
    assert "mended  Made_0_plus: the tests named the function without a colon" in said.stderr
    assert "for measuring only" in said.stdout
    assert load_problems(tmp_path / "p.jsonl")[0].use == "eval_only"


def test_our_own_problems_become_one_file(tmp_path: Path) -> None:
    ours = Path(__file__).resolve().parents[1] / "data" / "evals" / "problems"
    out = tmp_path / "p.jsonl"
    said = booktune("beam", "import", ours, "--format", "booktune", "--out", out)
    assert said.exit_code == 0
    assert load_problems(out) == load_problems(ours)


def test_nothing_to_import(tmp_path: Path) -> None:
    said = booktune(
        "beam", "import", tmp_path, "--format", "exercism", "--out", tmp_path / "p.jsonl"
    )  # fmt: skip
    assert said.exit_code == 1
    assert "NO_EXAMPLES" in said.stderr
    assert not (tmp_path / "p.jsonl").exists()


PROBLEM = {
    "id": "one", "language": "elixir", "interface": ["One.one/0"],
    "tests": 'defmodule OneTest do\n  use ExUnit.Case\n  test "one" do\n    assert One.one() == 1\n'
             "  end\nend\n",
    "reference": "defmodule One do\n  def one, do: 1\nend\n",
}  # fmt: skip


def test_scores(tmp_path: Path) -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    problems, verdicts = tmp_path / "p.jsonl", tmp_path / "v.jsonl"
    problems.write_text(
        f"{json.dumps(PROBLEM)}\n{json.dumps(PROBLEM | {'id': 'bare', 'reference': ''})}"
    )
    rows = [
        ("one", "pass"),
        ("one", "fail"),
        ("one", "harness_error"),
        ("bare", "pass"),
        ("bare", "pass"),
    ]
    verdicts.write_text(
        "".join(json.dumps({"problem_id": one, "verdict": two}) + "\n" for one, two in rows)
    )
    said = booktune("beam", "score", verdicts, "--problems", problems, "--k", 1, "--k", 2)
    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines() == [
        "pass@1  50.0 %  (no interval: it takes 8 problems)  1 problems, 2 programs",
        "pass@2  100.0 %  (no interval: it takes 8 problems)  1 problems, 2 programs",
    ]
    assert "does not count  bare: it has no reference solution" in said.stderr


def test_scores_what_run_writes(tmp_path: Path) -> None:
    """Of candidates that are broken, name nothing, or have a number for an id."""
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    problems, candidates = tmp_path / "p.jsonl", tmp_path / "c.jsonl"
    verdicts = tmp_path / "v.jsonl"
    kinds = [PROBLEM, PROBLEM | {"id": 7}, PROBLEM | {"id": "open", "interface": []}]
    problems.write_text("".join(json.dumps(one) + "\n" for one in kinds))
    lines = [json.dumps({"problem_id": one["id"], "source": one["reference"]}) for one in kinds]
    candidates.write_text("\n".join([*lines, "not json", '{"source": ""}', ""]))
    said = booktune(
        "beam", "run", "--problems", problems, "--candidates", candidates, "--out", verdicts
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    said = booktune("beam", "score", verdicts, "--problems", problems)
    assert said.exit_code == 0, said.output
    assert said.stdout.startswith("pass@1  100.0 %  (no")
    assert "3 problems, 3 programs" in said.stdout
    assert said.stderr == "left out  2 rows of no problem\n"


RIGHT_PLUS = "defmodule HumanEval do\n  def plus(a, b), do: a + b\nend\n"
WRONG_POT = ERLANG[".meta/example.erl"].replace("(example)", "(tea_pot)").replace("Pot -", "Pot +")


@pytest.mark.parametrize(
    ("form", "right", "wrong"),
    [
        ("multipl-e", RIGHT_PLUS, RIGHT_PLUS.replace("a + b", "a * b")),
        ("exercism", ELIXIR[".meta/example.ex"], WRONG_POT),
    ],
)
def test_from_files_of_others_to_a_score(tmp_path: Path, form: str, right: str, wrong: str) -> None:
    """Imported, run and scored by the three verbs, as a user would."""
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    track = tmp_path / "track"
    exercise(track / "tea-pot", ELIXIR)
    exercise(track / "tea-urn", ERLANG)
    (track / "made.jsonl").write_text(json.dumps(record("plus", "a, b", "3 == candidate.([1, 2])")))
    problems, references = tmp_path / "p.jsonl", tmp_path / "r.jsonl"
    candidates, verdicts = tmp_path / "c.jsonl", tmp_path / "v.jsonl"
    said = booktune(
        "beam", "import", track, "--format", form, "--out", problems, "--references", references
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    first, *_, last = [one.id for one in load_problems(problems)] * 2
    rows = [(first, right), (first, right), (last, wrong), (last, "def")]
    candidates.write_text("".join(
        json.dumps({"problem_id": name, "candidate_id": n, "source": source}) + "\n"
        for n, (name, source) in enumerate(rows)
    ))  # fmt: skip
    said = booktune(
        "beam", "run", "--problems", problems, "--candidates", candidates, "--out", verdicts
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    found = [json.loads(line) for line in verdicts.read_text().splitlines()]
    assert [one["verdict"] for one in found] == ["pass", "pass", "fail", "compile_error"]
    assert {one["assurance"] for one in found} == {"split"}
    if form == "multipl-e":  # its problems bring no solutions: the user gives them
        said = booktune("beam", "score", verdicts, "--problems", problems, "--k", 2)
        assert "does not count  Made_0_plus: it has no reference solution" in said.stderr
        references.write_text(json.dumps({"problem_id": first, "source": right}))
    said = booktune(
        "beam", "score", verdicts, "--problems", problems, "--references", references, "--k", 2
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    # of two programs of each exercise; of four of the one problem, two of which pass: 1 - 1/6
    share, count = ("83.3", 1) if form == "multipl-e" else ("50.0", 2)
    assert said.stdout.startswith(f"pass@2  {share} %  (no")
    assert f"  {count} problems, 4 programs" in said.stdout
    assert not said.stderr


@pytest.mark.parametrize("line", [
    "{", "[]", '{"problem_id": "one"}', '{"verdict": "pass"}', "\xe9",
    '{"problem_id": "one", "verdict": ""}',
])  # fmt: skip
def test_broken_verdicts_are_named(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the others are scored; where none is left, nothing is run."""
    problems, verdicts = tmp_path / "p.jsonl", tmp_path / "v.jsonl"
    problems.write_text(json.dumps(PROBLEM))
    whole = '\n{"problem_id": "one", "verdict": "pass"}\n'
    verdicts.write_text(whole + line, encoding="latin-1")

    def judged(jobs: list[tuple[Problem, str]]) -> list[Verdict]:
        return [Verdict("fail") for _ in jobs]

    monkeypatch.setattr(passk, "judged", judged)
    said = booktune("beam", "score", verdicts, "--problems", problems)
    assert said.exit_code == 0, said.output
    assert "BAD_ROW" in said.stderr and "record=3" in said.stderr
    assert "does not count  one: its reference does not pass" in said.stderr
    monkeypatch.setattr(passk, "judged", None)
    verdicts.write_text(f"\n\n{line}", encoding="latin-1")
    said = booktune("beam", "score", verdicts, "--problems", problems)
    assert said.exit_code == 1
    assert "BAD_ROW" in said.stderr and "record=3" in said.stderr


def test_a_candidate_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(jobs: list[tuple[Problem, str]]) -> list[Verdict]:
        return [Verdict("pass" if text == PROBLEM["reference"] else "fail") for _, text in jobs]

    monkeypatch.setattr(passk, "judged", judged)
    problems, verdicts = tmp_path / "p.jsonl", tmp_path / "v.jsonl"
    problems.write_text(json.dumps(PROBLEM))
    rows = [("a", "pass"), (1, "fail"), ("a", "pass"), ("b", "pass"), (1, "fail"), ("b", "fail"),
            ("1", "fail"), (None, "fail"), (None, "fail")]  # fmt: skip
    verdicts.write_text("".join(
        json.dumps({"problem_id": "one", "candidate_id": name, "verdict": what}) + "\n"
        for name, what in rows
    ))  # fmt: skip
    said = booktune("beam", "score", verdicts, "--problems", problems)
    assert said.exit_code == 0, said.output
    assert said.stdout.startswith("pass@1  20.0 %") and "5 programs" in said.stdout
    assert "left out  2 rows say what an earlier one" in said.stderr
    assert 'candidate="b", records=4, 6' in said.stderr and "BAD_ROW" in said.stderr


def test_too_few_programs_are_told_before_any_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passk, "judged", None)
    problems, verdicts = tmp_path / "p.jsonl", tmp_path / "v.jsonl"
    problems.write_text(json.dumps(PROBLEM))
    verdicts.write_text('{"problem_id": "one", "verdict": "pass"}')
    said = booktune("beam", "score", verdicts, "--problems", problems, "--k", 2)
    assert said.exit_code == 1
    assert "BAD_ROW" in said.stderr and "at least 2 times" in said.stderr


def test_nothing_that_can_be_used_is_no_success(tmp_path: Path) -> None:
    path, out = tmp_path / "m.jsonl", tmp_path / "p.jsonl"
    path.write_text(json.dumps(record("plus", "a") | {"language": "rust"}))
    said = booktune("beam", "import", path, "--format", "multipl-e", "--out", out)
    assert said.exit_code == 1
    assert "NO_EXAMPLES" in said.stderr and "is not Elixir" in said.stderr
    assert not out.exists()


def test_broken_problems_cost_themselves(tmp_path: Path) -> None:
    """As in ``beam run``: each is told, the others are scored; tests may be a list of lines."""
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    lines = PROBLEM | {"tests": str(PROBLEM["tests"]).split("\n")}
    broken = [
        "{", json.dumps(PROBLEM | {"id": "cobol", "language": "cobol"}),
        json.dumps(PROBLEM | {"id": "number", "tests": [1, 2]}),
        json.dumps(PROBLEM | {"id": "two"}), json.dumps(PROBLEM | {"id": "two"}),
    ]  # fmt: skip
    problems, candidates = tmp_path / "p.jsonl", tmp_path / "c.jsonl"
    verdicts = tmp_path / "v.jsonl"
    problems.write_text("\n".join([*broken, json.dumps(lines)]))
    names = ("cobol", "number", "two", PROBLEM["id"])
    candidates.write_text("\n".join(
        json.dumps({"problem_id": name, "candidate_id": 1, "source": PROBLEM["reference"]})
        for name in names
    ))  # fmt: skip
    said = booktune(
        "beam", "run", "--problems", problems, "--candidates", candidates, "--out", verdicts
    )
    assert said.exit_code == 0, said.output
    rows = [json.loads(line) for line in verdicts.read_text().splitlines()]
    assert [row["verdict"] for row in rows] == ["harness_error"] * 2 + ["pass"] * 2
    assert all(row["detail"].startswith("BAD_ROW") for row in rows[:2])
    said = booktune("beam", "score", verdicts, "--problems", problems)
    assert said.exit_code == 0, said.output
    assert said.stderr.count("BAD_ROW  problem p.jsonl:") == 4
    for place in ("p.jsonl:1", "cobol", "neither a text nor lines", "two problems have the id"):
        assert place in said.stderr
    assert "pass@1  100.0 %" in said.stdout and "2 problems" in said.stdout


def test_a_folder_where_a_book_is_wanted_is_called_one(tmp_path: Path) -> None:
    folder, out = tmp_path / "books", tmp_path / "o"
    folder.mkdir()
    for words in (("beam", "verify", folder), ("units", folder, "--out", out),
                  ("read", folder), ("add", folder), ("export", folder, "--to", out)):  # fmt: skip
        said = booktune("--home", tmp_path / "home", *words)
        assert said.exit_code == 2 and "NOT_A_FILE" in said.stderr, (words, said.stderr)
