"""Rows of candidates in, rows of verdicts out; a bad row costs itself."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.beam.batch import (
    broken_lines,
    faulty_problems,
    read_candidates,
    read_problems,
    run_rows,
)
from booktune_assets.beam.runner import missing
from booktune_assets.beam.wire import Atom, Inbox, Term, encode, write_frame
from booktune_assets.cli import cli
from booktune_assets.errors import BookError

TESTS = """defmodule AddTest do
  use ExUnit.Case
  test "adds", do: assert Add.add(1, 2) == 3
end
"""
RIGHT = "defmodule Add do\n  def add(a, b), do: a + b\nend\n"
FIELDS = ["problem_id", "candidate_id", "verdict", "assurance", "cpu_s", "detail"]
PROBLEMS: list[dict[str, Any]] = [
    {"id": "add", "language": "elixir", "tests": TESTS, "interface": ["Add.add/2"]},
    {"id": "broken", "language": "elixir", "tests": "defmodule X do", "interface": ["Add.add/2"]},
    {
        "id": "undefined", "language": "elixir", "interface": ["Add.add/2"],
        "tests": TESTS.replace("== 3", "== foo(3)"),
    },
    {"id": "cobol", "language": "cobol", "tests": TESTS, "interface": ["Add.add/2"]},
    {"id": "bare", "language": "elixir", "tests": TESTS},
    {"id": "odd", "language": "elixir", "tests": TESTS, "interface": ["Add"]},
    {
        "id": "empty", "language": "elixir", "interface": ["Add.add/2"],
        "tests": "defmodule E do\nend",
    },
    {"id": "twice", "language": "elixir", "tests": TESTS, "interface": ["Add.add/2"]},
    {"id": "twice", "language": "elixir", "tests": TESTS, "interface": ["Add.add/2"]},
    {"id": "taken", "language": "elixir", "tests": TESTS, "interface": ["Enum.map/2"]},
    {
        "id": "asset", "language": "elixir", "interface": ["F.read/1"],
        "tests": 'defmodule FTest do\nuse ExUnit.Case\n'
        'test "x", do: assert F.read("data/x.txt") == "hallo"\nend',
        "files": {"data/x.txt": "hallo"},
    },
]  # fmt: skip


def write(path: Path, rows: list[dict[str, Any]], more: bytes = b"") -> Path:
    path.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows) + more)
    return path


def need() -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))


def test_bad_rows_cost_themselves(tmp_path: Path) -> None:
    need()
    names = ["add", *(row["id"] for row in PROBLEMS[1:8]), "taken", "nowhere", "add"]
    rows = [
        {"problem_id": name, "candidate_id": number, "source": RIGHT}
        for number, name in enumerate(names)
    ]
    rows += [
        {"problem_id": "add", "candidate_id": "giant", "source": "x" * 100_000},
        {"problem_id": "add", "candidate_id": "nothing"},
        {"problem_id": "add", "candidate_id": "leaves", "files": {"../a.ex": RIGHT}},
        {
            "problem_id": "asset", "candidate_id": "files",
            "files": {
                "lib/a.ex": "defmodule F do\ndef read(x), do: G.read(x)\nend",
                "lib/b.ex": "defmodule G do\ndef read(x), do: File.read!(x)\nend",
            },
        },
    ]  # fmt: skip
    more = b'{"problem_id": "add", "candidate_id": "latin", "source": "\xe9"}\nnot json\n[1]\n'
    made = run_rows(
        write(tmp_path / "p.jsonl", PROBLEMS, b"not json\n"),
        write(tmp_path / "c.jsonl", rows, more),
    )
    assert [list(row) for row in made] == [FIELDS] * len(made)
    got = [row["verdict"] for row in made]
    bad = ["harness_error"] * 6
    assert got[:11] == ["pass", *bad, "pass", "harness_error", "harness_error", "pass"]
    assert got[11:15] == ["compile_error", "harness_error", "compile_error", "pass"]
    assert got[15:] == ["compile_error", "harness_error", "harness_error"]
    assert all("BAD_ROW" in row["detail"] for row in made if row["verdict"] == "harness_error")
    assert made[11]["detail"].startswith("TOO_LONG")
    broken = 'the tests do not parse: line 1: missing terminator: end (for "do" starting at line 1)'
    assert made[1]["detail"] == f"BAD_ROW: the problem: {broken}"
    told = faulty_problems(made)  # each once, with its id or its line
    assert told[0] == f"problem 'broken': {broken}"
    assert "problem in line 4: unknown language 'cobol'" in told
    assert len(told) == len({one.split(":")[0] for one in told}) == 7
    twice = [one for one in broken_lines(tmp_path / "p.jsonl") if "'twice'" in one]
    assert twice == ["line 9 of the problems: line 8 has the id 'twice', too, and is meant"]


def test_an_empty_interface_is_none_to_miss(tmp_path: Path) -> None:
    need()
    rows = [
        {"problem_id": "open", "candidate_id": n, "source": source}
        for n, source in enumerate((RIGHT, RIGHT.replace("a + b", "a"), "defmodule B do\nend"))
    ]
    one = PROBLEMS[0] | {"id": "open", "interface": []}
    made = run_rows(write(tmp_path / "p.jsonl", [one]), write(tmp_path / "c.jsonl", rows))
    assert [row["verdict"] for row in made] == ["pass", "fail", "fail"]


def test_broken_lines_of_the_problems_are_told(tmp_path: Path) -> None:
    """On standard error, and to candidates whose problem may stand there."""
    need()
    rows = [{"problem_id": "add", "source": RIGHT}, {"problem_id": "lost", "source": RIGHT}]
    broken = b'\n{"id": "lost", "tests"\n{"language": "elixir"}\n{"id": null}\n7\n'
    options = {
        "--problems": write(tmp_path / "p.jsonl", PROBLEMS[:1], broken),
        "--candidates": write(tmp_path / "c.jsonl", rows),
        "--out": tmp_path / "v.jsonl",
    }
    ran = CliRunner().invoke(
        cli, ["beam", "run", *(str(part) for pair in options.items() for part in pair)]
    )
    assert ran.exit_code == 0, ran.output
    made = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text().splitlines()]
    assert [row["verdict"] for row in made] == ["pass", "harness_error"]
    assert "line 3 of the problems: no JSON" in made[1]["detail"]
    said = [line for line in ran.stderr.splitlines() if line.startswith("BAD_ROW")]
    assert [line.split(":")[0] for line in said] == [
        f"BAD_ROW  line {number} of the problems" for number in (3, 4, 5, 6)
    ]
    assert [line.rpartition(": ")[2] for line in said[1:]] == ["no id", "no id", "no JSON object"]


def test_odd_ids_lose_nothing(tmp_path: Path) -> None:
    need()
    rows = [
        {"problem_id": "add", "candidate_id": "half \ud800", "source": RIGHT},
        {"problem_id": "add", "candidate_id": float("nan"), "source": RIGHT},
        {"problem_id": "no \udfff", "candidate_id": [{"\ud800": [[["\ud800"]]]}], "source": RIGHT},
        {"problem_id": "add", "candidate_id": "last", "source": "\ufeff" + RIGHT},
    ]
    raw = b'{"problem_id": "add", "candidate_id": "\xe9", "source": "defmodule E do\\nend"}\n'
    options = {
        "--problems": write(tmp_path / "p.jsonl", PROBLEMS[:1]),
        "--candidates": write(tmp_path / "c.jsonl", rows, raw),
        "--out": tmp_path / "v.jsonl",
    }
    ran = CliRunner().invoke(
        cli, ["beam", "run", *(str(part) for pair in options.items() for part in pair)]
    )
    assert ran.exit_code == 0, ran.output

    def strict(name: str) -> None:
        raise ValueError(name)

    lines = (tmp_path / "v.jsonl").read_text(encoding="utf-8").splitlines()
    made = [json.loads(line, parse_constant=strict) for line in lines]
    assert [row["verdict"] for row in made] == ["pass", "pass", "harness_error", "pass", "fail"]
    assert [row["candidate_id"] for row in made[:2]] == ["half ?", "nan"]
    assert made[4]["candidate_id"] == "?"


SQUARE = "defmodule Sq do\n  def f(x), do: x * x\nend\n"
ERLANG_TESTS = """-module(sq_tests).
-include_lib("eunit/include/eunit.hrl").
f_test() -> ?assertEqual(9, sq:f(3)).
"""
OWN_HEADER = '-module(sq).\n-include("sq.hrl").\n-export([f/1]).\nf(X) -> ?SQUARE(X).\n'
HEADER = "-define(SQUARE(X), (X) * (X)).\n"
READS = """defmodule SqTest do
  use ExUnit.Case
  test "x" do
    for n <- [3, 4], do: assert to_string(Sq.f(n)) == File.read!("FOLDER/#{n}.txt")
  end
end
"""
CHEAT = 'defmodule Sq do\n  def f(n), do: String.to_integer(File.read!("FOLDER/#{n}.txt"))\nend\n'
# name: problem, files, verdict
PROJECTS: dict[str, tuple[str, dict[str, str], str]] = {
    "mix": (
        "sq",
        {
            "lib/sq.ex": "\ufeff" + SQUARE,
            "mix.exs": "defmodule Sq.MixProject do\nuse Mix.Project\nend",
            "config/config.exs": "import Config\nconfig :sq, x: 1",
            ".formatter.exs": "[inputs: []]",
            "test/test_helper.exs": "ExUnit.start()",
            "test/sq_test.exs": "defmodule SqTest do\nuse ExUnit.Case\nend",
        },
        "pass",
    ),
    "header in include": ("esq", {"src/sq.erl": OWN_HEADER, "include/sq.hrl": HEADER}, "pass"),
    "header in src": ("esq", {"sq.erl": OWN_HEADER, "src/sq.hrl": HEADER}, "pass"),
    "header beside it": ("esq", {"lib/a/sq.erl": OWN_HEADER, "lib/a/sq.hrl": HEADER}, "pass"),
    "a dot": ("sq", {"lib/sq.ex": SQUARE, ".": "x"}, "compile_error"),
    "a file as a folder": ("sq", {"a": "x", "a/sq.ex": SQUARE}, "compile_error"),
    "a long name": ("sq", {"x" * 300 + ".ex": SQUARE}, "compile_error"),
    "reads what is beside it": ("data", {"sq.ex": SQUARE}, "pass"),
    "replaces it": (
        "data", {"sq.ex": SQUARE.replace("x * x", "x"), "./data/3.txt": "3", "data/4.txt": "4"},
        "fail",
    ),
    "replaces it while compiling": (
        "data",
        {
            "sq.ex": SQUARE.replace("x * x", "x")
            + 'for n <- [3, 4], do: File.write!("data/#{n}.txt", to_string(n))'
        },
        "fail",
    ),
    "tests read theirs": ("test", {"sq.ex": SQUARE}, "pass"),
    "reads what is the tests'": ("test", {"sq.ex": CHEAT.replace("FOLDER", "test")}, "fail"),
}  # fmt: skip


def test_files_like_those_of_projects(tmp_path: Path) -> None:
    need()
    problems = [
        {
            "id": "sq", "language": "elixir", "interface": ["Sq.f/1"],
            "tests": TESTS.replace("Add.add(1, 2) == 3", "Sq.f(3) == 9"),
        },
        {"id": "esq", "language": "erlang", "interface": ["sq:f/1"], "tests": ERLANG_TESTS},
    ]  # fmt: skip
    problems += [
        {
            "id": folder, "language": "elixir", "interface": ["Sq.f/1"],
            "tests": READS.replace("FOLDER", folder),
            "files": {f"{folder}/3.txt": "9", f"{folder}/4.txt": "16"},
            "reference": SQUARE if folder == "test" else "",
        }
        for folder in ("data", "test")
    ]  # fmt: skip
    rows = [
        {"problem_id": problem, "candidate_id": name, "files": files}
        for name, (problem, files, _) in PROJECTS.items()
    ]
    made = run_rows(write(tmp_path / "p.jsonl", problems), write(tmp_path / "c.jsonl", rows))
    wrong = [row for row in made if row["verdict"] != PROJECTS[str(row["candidate_id"])][2]]
    assert not wrong
    bad = [str(row["detail"]) for row in made if row["verdict"] == "compile_error"]
    assert all(detail.startswith("BAD_SOURCE") for detail in bad)


def test_files_that_only_tests_see_can_be_wanted(tmp_path: Path) -> None:
    """Without a reference, what fails for want of them is judged in one BEAM. There a program that
    reads files may read what the tests expect, so that it cannot pass."""
    need()
    tests = (
        "defmodule CatTest do\nuse ExUnit.Case\n"
        'test "x", do: assert Cat.read("test/a.txt") == {:ok, "hallo"}\nend'
    )
    one = {
        "id": "cat", "language": "elixir", "tests": tests, "interface": ["Cat.read/1"],
        "files": {"test/a.txt": "hallo"},
    }  # fmt: skip
    right = "defmodule Cat do\ndef read(path), do: File.read(path)\nend"
    rows = [
        {"problem_id": "cat", "candidate_id": "right", "source": right},
        {
            "problem_id": "cat",
            "candidate_id": "wrong",
            "source": right.replace("path)\n", '"x")\n'),
        },
    ]
    made = run_rows(write(tmp_path / "p.jsonl", [one]), write(tmp_path / "c.jsonl", rows))
    assert [(row["verdict"], row["assurance"]) for row in made] == [
        ("suspicious", "in_beam"), ("fail", "split"),
    ]  # fmt: skip


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="FILE_MISSING"):
        read_problems(tmp_path / "nowhere")
    assert list(read_candidates(write(tmp_path / "c", [], b"\n\n"))) == []


@pytest.mark.slow
def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    need()
    loops = RIGHT.replace("a + b", "add(a, b)")
    rows = [{"problem_id": "add", "candidate_id": n, "source": loops} for n in range(8)]
    command = [
        sys.executable, "-m", "booktune_assets.cli", "beam", "run", "--out", "v.jsonl",
        "--problems", str(write(tmp_path / "p.jsonl", PROBLEMS)),
        "--candidates", str(write(tmp_path / "c.jsonl", rows)),
    ]  # fmt: skip
    project = str(Path(__file__).parents[2])
    clean = {"PYTHONPATH": project, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    # as from a terminal: tests that run in the background hand on that they ignore it
    ran = subprocess.Popen(
        command, cwd=tmp_path, env=clean,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    time.sleep(6)
    ran.send_signal(signal.SIGINT)
    assert ran.wait(30) == 130
    assert sorted(one.name for one in tmp_path.iterdir()) == ["c.jsonl", "p.jsonl"]
    left = subprocess.run(["pgrep", "-s", str(ran.pid)], capture_output=True, check=False)
    assert left.stdout == b""


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8))
def test_frames_come_back_whole(bodies: list[bytes]) -> None:
    import os

    reading, writing = os.pipe()
    try:
        for body in bodies:
            write_frame(writing, b"J", body)
        os.close(writing)
        inbox, got = Inbox(reading), list[bytes]()
        while not inbox.ended:
            got += inbox.take()
        assert got == [b"J" + body for body in bodies]
    finally:
        os.close(reading)


def test_terms_are_those_of_erlang() -> None:
    term: Term = (Atom("run"), "ä", 1, -(1 << 40), [1, b"x"], [])
    assert encode(term) == (
        b"\x83i\0\0\0\6w\3runm\0\0\0\2\xc3\xa4b\0\0\0\1n\6\1\0\0\0\0\0\1"
        b"l\0\0\0\2b\0\0\0\1m\0\0\0\1xjj"
    )


def test_a_source_beside_files_is_not_guessed_at(tmp_path: Path) -> None:
    """Which of the two is the program, nobody can tell; an empty ``files`` says nothing."""
    path = tmp_path / "c.jsonl"
    rows = [
        {"problem_id": 1, "source": RIGHT, "files": {"lib/other.ex": RIGHT}},
        {"problem_id": 1, "source": RIGHT, "files": {}},
        {"problem_id": 1, "source": RIGHT, "files": None},
        {"problem_id": 1, "source": None, "files": {"lib/a.ex": RIGHT}},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    both, *others = read_candidates(path)
    assert both.verdict and both.verdict.status == "harness_error"
    assert both.verdict.detail.startswith("BAD_ROW: candidate in line 1: both a source and files")
    assert [row.candidate for row in others] == [RIGHT, RIGHT, {"lib/a.ex": RIGHT}]
    assert all(row.verdict is None for row in others)


def test_a_folder_is_no_file_of_rows(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="NOT_A_FILE"):
        read_problems(tmp_path)
