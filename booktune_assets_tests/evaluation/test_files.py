"""Files of the user: verdicts are those of running the file by hand; nothing is dropped from it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from booktune_assets.beam.extract_code import extract_code
from booktune_assets.beam.runner import missing
from booktune_assets.evaluation.compare import compare
from booktune_assets.evaluation.items import Item, ItemScore
from booktune_assets.evaluation.suite import Given
from booktune_assets.evaluation.suites.files import OwnFiles
from booktune_assets.settings import Evaluation
from booktune_assets_tests.beam.test_adapters import ELIXIR as EXERCISE
from booktune_assets_tests.beam.test_adapters import exercise
from booktune_assets_tests.beam.test_adapters_mceval import ERLANG

PROMPT = "# The larger of both.\n\ndefmodule HumanEval do\n  def larger(a, b) do\n"
TESTS = """ExUnit.start()

defmodule HumanEvalTest do
  use ExUnit.Case, async: true
  test "larger" do
    functions = HumanEval.__info__(:functions)
    {function_name, arity} = Enum.find(functions, fn {name, _arity} -> name == :larger end)
    candidate = fn args -> apply(HumanEval, :larger, args) end
    assert 3 == candidate.([1, 3])
    assert 5 == candidate.([5, 2])
  end
end
"""
RECORD = {"name": "Made_0_larger", "language": "elixir", "prompt": PROMPT, "tests": TESTS,
          "stop_tokens": ["\ndefmodule", "\ndefp", "\ndef ", "\n#", "\n\n"]}  # fmt: skip
# how a model goes on from the prompt
GOOD = [
    "    max(a, b)\n  end\nend\n",
    "    pick(a, b)\n  end\n  defp pick(a, b) when a > b, do: a\n  defp pick(_, b), do: b\nend",
]
BAD = [
    "    min(a, b)\n  end\nend\n",  # wrong
    "    max(a, b)\n  end\n",  # a word is missing
    "    raise \"no\"\n  end\nend\n",
    "    {a, b}\n  end\nend\nthis is prose",
    "",
]  # fmt: skip


def by_hand(folder: Path, program: str) -> bool:
    """As the benchmark itself does it: program and tests in a file, and its exit code."""
    path = folder / "file.exs"
    path.write_text(f"{program}\n{TESTS}")
    ran = subprocess.run(["elixir", str(path)], capture_output=True, timeout=120, check=False)
    return ran.returncode == 0


def asked(suite: OwnFiles, *files: Path, **more: Any) -> list[Item]:
    return suite.items(Given(Evaluation(**more), files=files))


@pytest.fixture
def multipl_e(tmp_path: Path) -> Path:
    path = tmp_path / "made-elixir.jsonl"
    path.write_text(json.dumps(RECORD))
    return path


@pytest.mark.timeout(600)
def test_verdicts_are_those_of_the_file_run_by_hand(tmp_path: Path, multipl_e: Path) -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    suite = OwnFiles()
    chat, completion = asked(suite, multipl_e)
    assert (chat.ask, completion.ask) == ("answer", "completion")
    assert (completion.text, completion.stop) == (PROMPT, tuple(RECORD["stop_tokens"]))
    answers = {
        written: f"Here it is:\n\n```elixir\n{PROMPT}{written}```\n\nGood luck!"
        for written in (*GOOD, *BAD)
    }
    replies = {  # each program as an arm of its own
        written: {chat.item_id: [answer], completion.item_id: [written]}
        for written, answer in answers.items()
    }
    rows = suite.score([chat, completion], replies)
    scores = {(one.arm, one.metric): one.score for one in rows}
    for written, answer in answers.items():
        hand = by_hand(tmp_path, PROMPT + written)
        assert hand == (written in GOOD)
        assert scores[written, "pass@1_completion"] == 100 * hand, written
        hand = by_hand(tmp_path, extract_code(answer, "elixir"))
        assert scores[written, "pass@1"] == 100 * hand, written


def test_a_broken_item_is_a_row_and_is_counted(tmp_path: Path, multipl_e: Path) -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    torn = RECORD | {"name": "Made_1_torn", "tests": None}
    multipl_e.write_text(f"{json.dumps(RECORD)}\n{json.dumps(torn)}\nno json\n")
    liar = EXERCISE | {".meta/example.ex": EXERCISE[".meta/example.ex"].replace("ot - ", "ot + ")}
    exercise(tmp_path / "track" / "tea-pot", EXERCISE)
    exercise(tmp_path / "track" / "tea-lie", liar)
    mceval = tmp_path / "erlang.jsonl"
    mceval.write_text(json.dumps(ERLANG))
    suite = OwnFiles()
    items = asked(suite, multipl_e, tmp_path / "track", mceval, multipl_e)
    assert [one.item_id for one in items] == [
        "Made_0_larger#chat", "Made_0_larger#completion", "elixir/tea-pot#chat",
        "elixir/tea-pot#completion", "Erlang/1#chat", "Erlang/1#completion",
    ]  # fmt: skip
    replies = {
        arm: {one.item_id: [f"```elixir\n{one.reference}```"] for one in items}
        for arm in ("base", "tuned")
    }
    rows = suite.score(items, replies)
    lost = {one.item_id for one in rows if one.status == "broken_item"}
    assert lost == {"Made_1_torn", "made-elixir.jsonl:3", "elixir/tea-lie",
                    "made-elixir.jsonl: Made_0_larger"}  # fmt: skip
    assert "its reference does not pass: fail" in suite.skipped()
    one = compare(suite.card, suite.card.main, rows, suite.skipped(), Evaluation(bootstrap=200))
    assert one.row["n"] == 3 and one.notes.startswith("4 without a score")
    scores = score_of(rows, "base", "pass@1")
    assert scores["elixir/tea-pot#chat"] == 100 and scores["elixir/tea-lie"] is None
    likeness = score_of(rows, "base", "chrf")
    assert set(likeness) == {"elixir/tea-pot#chat", "Erlang/1#chat"}
    assert likeness["elixir/tea-pot#chat"] == pytest.approx(100)


def test_one_protocol_alone_and_no_files(multipl_e: Path) -> None:
    suite = OwnFiles()
    assert asked(suite) == [] and suite.skipped() == "no problem files were given"
    if missing("elixir") is None:
        (one,) = asked(OwnFiles(), multipl_e, protocols="completion")
        assert one.ask == "completion"


def score_of(rows: list[ItemScore], arm: str, metric: str) -> dict[str, float | None]:
    return {one.item_id: one.score for one in rows if (one.arm, one.metric) == (arm, metric)}
