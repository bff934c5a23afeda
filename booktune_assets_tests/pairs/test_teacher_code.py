"""Code of a teacher's answers is run: what it wrote itself has to hold, what it copied is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.llm.calls import Scripted
from booktune_assets.llm.request import Request
from booktune_assets.pairs.execute import Runner, find_runner, run_trials
from booktune_assets.pairs.judges import repeated
from booktune_assets.pairs.recipes.base import Block, Exchange, Passage, Teaching
from booktune_assets.pairs.teacher_code import trials_of
from booktune_assets.pairs.teacher_drive import drive
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.teacher_lab import PAGE, blocks_of, good, taught

QUAY = "defmodule Quay do\n  def moor(ships, ship), do: ships ++ [ship]\nend"
SAYS = "The function `Quay.moor/2` puts a ship at the end of the queue, so the first ship leaves"


def passage() -> Passage:
    return Passage("passage_1", "sec_1", (), "Elixir", [
        Block("B1", "blk_1", "code", "elixir", QUAY, 0, len(QUAY)),
    ])  # fmt: skip


def test_code_of_the_answer_comes_after_the_listings_that_it_uses() -> None:
    (trial,) = trials_of([("elixir", "Quay.moor([], :gull)")], passage())
    assert [one.text for one in trial.program.pieces] == [QUAY, "Quay.moor([], :gull)"]
    assert (trial.wanted, trial.needed) == ("runs", True)


def test_copied_code_and_code_that_needs_what_is_not_here_refuse_nothing() -> None:
    (copied,) = trials_of([("elixir", QUAY)], passage())
    (missing,) = trials_of([("elixir", "Shore.moor([], :gull)")], passage())
    assert (copied.needed, missing.needed) == (False, False)
    assert trials_of([("elixir", "  ")], passage()) == ()


def test_a_session_is_typed_with_what_it_shows() -> None:
    (trial,) = trials_of([("iex", "iex> Quay.moor([], :gull)\n[:gull]")], passage())
    last = trial.program.pieces[-1]
    assert (last.kind, last.text, last.expected) == ("typed", "Quay.moor([], :gull)", "[:gull]")


def answers(code: str, tag: str = "elixir") -> Callable[[Request], str]:
    """A good teacher whose answers about Quay end with this code."""

    def reply(request: Request) -> str:
        if request.task == "qa_questions" and "Quay" in request.messages[1][1]:
            asks = {"question": "How is a ship moored with `Quay.moor/2`?", "blocks": ["B1"]}
            return json.dumps({"questions": [asks]})
        if request.task == "qa_answer" and "Quay" in request.messages[1][1]:
            label = next(
                name for name, (_, text) in blocks_of(request).items() if "puts a ship" in text
            )
            return json.dumps({
                "answer": f"{SAYS} first.\n\n```{tag}\n{code}\n```",
                "evidence": [{"block_id": label, "quote": SAYS}],
                "used_outside_knowledge": False,
            })  # fmt: skip
        return good(request)

    return reply


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    found = find_runner(tmp_path_factory.mktemp("cache"))
    if found is None:
        pytest.skip("no Elixir or no sandbox on this machine")
    return found


def of_quay(code: str, runner: Runner, tag: str = "elixir") -> tuple[pl.DataFrame, list[tuple]]:
    pairs = Pairs(recipes=["qa"], judging="off")
    made = taught(
        book(PAGE), Scripted(answers(code, tag)), pairs, judge=False, runner=runner
    )  # fmt: skip
    rows = made.frames["instruction_pairs"].filter(pl.col("generator") == "teacher")
    asked = rows.filter(
        pl.col("turns").list.first().struct.field("content").str.contains("How is a ship moored")
    )
    lost = made.frames["instruction_pairs__rejected"].select("gate", "reason").rows()
    return asked, lost


def test_code_that_runs_says_so(runner: Runner) -> None:
    rows, _ = of_quay("Quay.moor([:tern], :gull)", runner)
    row = rows.to_dicts()[0]
    assert row["verification"] == "executed"
    assert row["verified_by"].endswith("prompts qa.1, entailment.1")
    assert "Elixir" in row["verified_by"] or "elixir" in row["verified_by"]
    assert {"G4_compile", "G5_execute"} <= set(row["gates"])


def test_code_that_fails_is_refused_with_what_came(runner: Runner) -> None:
    rows, lost = of_quay("Quay.moor(:tern, :gull)", runner)
    assert rows.height == 0
    assert any(gate == "G5_execute" for gate, _ in lost), lost


def test_a_session_that_shows_something_else_is_refused(runner: Runner) -> None:
    rows, _ = of_quay("iex> Quay.moor([:tern], :gull)\n[:tern, :gull]", runner, "iex")
    assert rows["verification"].to_list() == ["executed"]
    rows, lost = of_quay("iex> Quay.moor([:tern], :gull)\n[:gull, :tern]", runner, "iex")
    assert rows.height == 0
    assert ("G5_execute", "gives [:tern, :gull]") in lost


def test_other_code_with_the_same_value_is_the_same_answer(runner: Runner) -> None:
    def again(first: str, second: str) -> str:
        fresh = {
            "answer": f"Another way to put it entirely.\n\n```elixir\n{second}\n```",
            "evidence": [{"block_id": "B1", "quote": "defmodule Quay do"}],
            "used_outside_knowledge": False,
        }  # fmt: skip
        one = Exchange("How?", f"One moors ships like this.\n\n```elixir\n{first}\n```")
        caller = Scripted(lambda _: json.dumps(fresh))
        works = [repeated(one, passage(), Teaching())]
        (worked,) = drive(works, caller.ask, lambda found: run_trials(found, runner))
        return str(worked.result)

    assert again("Quay.moor([:tern], :gull)", "[:tern | [:gull]]") == ""
    assert again("Quay.moor([:tern], :gull)", "[:gull, :tern]") == "round_trip_differs"
    assert again("Quay.moor([:tern], :gull)", 'raise "storm"') == "round_trip_differs"
    assert again("IO.puts(1)", "Process.sleep(1)") == "round_trip_differs"


def test_without_a_runner_nothing_is_run_and_nothing_is_refused(tmp_path: Path) -> None:
    pairs = Pairs(recipes=["qa"], judging="off")
    made = taught(book(PAGE), Scripted(answers("Quay.moor(:a, :b)")), pairs, judge=False)
    rows = made.frames["instruction_pairs"].filter(pl.col("generator") == "teacher")
    assert "parsed" in rows["verification"].to_list()
    assert not any("G5_execute" in gates for gates in rows["gates"].to_list())
