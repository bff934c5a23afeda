"""What a run that was ended has judged is kept, and the next one goes on with it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from booktune_assets.beam import batch
from booktune_assets.beam.journal import journal
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import judge_many
from booktune_assets.beam.verdicts import Verdict
from booktune_assets.cli import cli
from booktune_assets.errors import BookError
from booktune_assets_tests.beam.test_batch import PROBLEMS, RIGHT, need, write


def test_what_is_no_last_word_is_not_kept(tmp_path: Path) -> None:
    out = tmp_path / "v.jsonl"
    with pytest.raises(KeyboardInterrupt), journal(out, "a") as made:
        made.add(0, {"verdict": "pass"}, True)
        made.add(1, {"verdict": "fail"}, False)
        made.add(2, {"verdict": "ü"}, True)
        raise KeyboardInterrupt
    with made.path.open("ab") as handle:
        handle.write(b'{"number": 3, "fin')  # torn by a kill
    with pytest.raises(KeyboardInterrupt), journal(out, "a") as again:
        assert again.kept == {0: {"verdict": "pass"}, 2: {"verdict": "ü"}}
        raise KeyboardInterrupt
    with journal(out, "other") as other:
        assert other.kept == {}
    assert not made.path.exists()


def test_a_run_is_alone_and_leaves_nothing_empty(tmp_path: Path) -> None:
    out = tmp_path / "v.jsonl"
    with (
        journal(out, "a") as made,
        pytest.raises(BookError, match="another one writes this"),
        journal(out, "a"),
    ):
        raise AssertionError("two runs write one file")
    with pytest.raises(KeyboardInterrupt), journal(out, "a"):
        raise KeyboardInterrupt
    assert not made.path.exists()


def _run(folder: Path, *more: str) -> Result:
    options = ["--problems", "p.jsonl", "--candidates", "c.jsonl", "--out", "v.jsonl"]
    words = [word if word.startswith("-") else str(folder / word) for word in options]
    return CliRunner().invoke(cli, ["beam", "run", *words, *more])


@pytest.mark.parametrize("more", [(), ("--no-resume",), ("--triage",)])
def test_the_same_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    """Unless it is told not to, or other verdicts are wanted."""
    write(tmp_path / "p.jsonl", PROBLEMS[:1])
    rows = [{"problem_id": "add", "candidate_id": n, "source": RIGHT} for n in range(3)]
    write(tmp_path / "c.jsonl", rows)
    asked: list[int] = []

    def ended(jobs: Sequence[Any], *, tell: Any, **_: object) -> list[Verdict]:
        tell(1, Verdict("pass", "kept"), True)
        tell(0, Verdict("fail"), False)
        raise KeyboardInterrupt

    def whole(jobs: Sequence[Any], *, final: bool, **_: object) -> list[Verdict]:
        asked.append(len(jobs))
        assert final is ("--triage" not in more)
        return [Verdict("fail", "new") for _ in jobs]

    def nothing(language: str) -> None:
        assert language in ("elixir", "erlang")

    monkeypatch.setattr(batch, "missing", nothing)
    monkeypatch.setattr(batch, "judge_many", ended)
    said = _run(tmp_path)
    assert said.exit_code and "the same command goes on" in said.stderr
    assert not (tmp_path / "v.jsonl").exists()
    monkeypatch.setattr(batch, "judge_many", whole)
    said = _run(tmp_path, *more)
    assert said.exit_code == 0, said.output
    assert asked == [3 if more else 2]
    made = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text().splitlines()]
    assert [row["candidate_id"] for row in made] == [0, 1, 2]
    assert [row["detail"] for row in made] == ["new", "new" if more else "kept", "new"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["c.jsonl", "p.jsonl", "v.jsonl"]


def test_a_pass_is_the_last_word_and_a_failure_may_be_looked_at_again(tmp_path: Path) -> None:
    need()
    known = batch.read_problems(write(tmp_path / "p.jsonl", PROBLEMS[:1]))["add"]
    assert isinstance(known, Problem)
    texts = [RIGHT, RIGHT.replace("a + b", "a"), RIGHT, RIGHT.replace("a + b", "b")]
    told: dict[int, list[tuple[str, bool]]] = {}

    def tell(number: int, verdict: Verdict, last: bool) -> None:
        told.setdefault(number, []).append((verdict.status, last))

    made = judge_many([(known, text) for text in texts], workers=1, tell=tell)
    assert [told[number][-1][0] for number in range(4)] == [one.status for one in made]
    assert [told[number][0] for number in range(4)] == [("pass", True), ("fail", False)] * 2


@pytest.mark.slow
def test_a_kill_keeps_what_was_judged(tmp_path: Path) -> None:
    need()
    loops = RIGHT.replace("a + b", "add(a, b)")
    rows = [{"problem_id": "add", "candidate_id": n, "source": RIGHT} for n in range(3)]
    rows += [{"problem_id": "add", "candidate_id": 3, "source": loops}]
    command = [
        sys.executable, "-m", "booktune_assets.cli", "beam", "run", "--workers", "1", "--out",
        "v.jsonl", "--problems", str(write(tmp_path / "p.jsonl", PROBLEMS[:1])),
        "--candidates", str(write(tmp_path / "c.jsonl", rows)),
    ]  # fmt: skip
    clean = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin",
             "HOME": str(tmp_path)}  # fmt: skip
    ran = subprocess.Popen(command, cwd=tmp_path, env=clean, stderr=subprocess.DEVNULL)
    partial = tmp_path / "v.jsonl.partial"
    until = time.monotonic() + 120
    while not partial.exists() or partial.read_bytes().count(b'"pass"') < 3:
        assert ran.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    ran.send_signal(signal.SIGKILL)
    ran.wait()
    head, *lines = (json.loads(line) for line in partial.read_text().splitlines())
    assert [line["row"]["candidate_id"] for line in lines if line["final"]] == [0, 1, 2]
    with journal(tmp_path / "v.jsonl", head["inputs"]) as held:
        assert {row["verdict"] for row in held.kept.values()} == {"pass"}
