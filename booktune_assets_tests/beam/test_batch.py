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
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.beam.batch import read_candidates, read_problems, run_rows
from booktune_assets.beam.runner import missing
from booktune_assets.beam.wire import Atom, Inbox, Term, encode, write_frame
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
    {"id": "empty", "language": "elixir", "tests": "defmodule E do\nend", "interface": []},
    {"id": "twice", "language": "elixir", "tests": TESTS, "interface": []},
    {"id": "twice", "language": "elixir", "tests": TESTS, "interface": []},
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
    bad = ["harness_error"] * 9
    assert got[:11] == ["pass", *bad, "pass"]
    assert got[11:15] == ["compile_error", "harness_error", "compile_error", "pass"]
    assert got[15:] == ["compile_error", "harness_error", "harness_error"]
    assert all("BAD_ROW" in row["detail"] for row in made if row["verdict"] == "harness_error")
    assert made[11]["detail"].startswith("TOO_LONG")


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
    ran = subprocess.Popen(command, cwd=tmp_path, env=clean)
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
