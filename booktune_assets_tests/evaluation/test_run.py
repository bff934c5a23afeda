"""An evaluation compares the same items, resumes, and drops nothing in silence."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from booktune_assets.beam import runner
from booktune_assets.beam.runner import missing
from booktune_assets.contracts import check
from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets.evaluation import run
from booktune_assets.evaluation.cache import CallCache, call_key
from booktune_assets.evaluation.items import Item
from booktune_assets.evaluation.run import evaluate
from booktune_assets.evaluation.suite import card
from booktune_assets.evaluation.suites import NAMES, open_suites
from booktune_assets.schemas import TABLES
from booktune_assets_tests.evaluation.echo import Echo, spec_of, use_echo

PROBLEM = {
    "id": "one", "language": "elixir", "prompt": "Write One.", "interface": ["One.one/0"],
    "tests": 'defmodule OneTest do\n  use ExUnit.Case\n  test "one" do\n    assert One.one() == 1\n'
             "  end\nend\n",
    "reference": "defmodule One do\n  def one, do: 1\nend\n", "test_count": 1,
    "mutants": ["defmodule One do\n  def one, do: 2\nend\n"],
}  # fmt: skip


def test_tables_keep_their_contract_and_tell_the_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch, {"What is 1?": "1 is a number."})
    made = evaluate(spec_of(tmp_path), tmp_path / "work")
    for name, frame in made.frames.items():
        check(TABLES[name], frame)
    rows = {row["suite"]: row for row in made.frames["eval_report"].to_dicts()}
    assert rows["book_sections"]["verdict"].startswith("better by 0.2")
    assert rows["general_text"]["verdict"].startswith("kept within 0.01 bits per byte: no clear")
    assert rows["general_text"]["kept"] == "yes" and rows["book_sections"]["kept"] is None
    assert rows["book_sections"]["p_holm"] >= rows["book_sections"]["p"]
    assert rows["book_sections"]["clusters"] == 12 and rows["book_sections"]["mdd"] > 0
    assert rows["general_text"]["diff"] == 0
    assert rows["heldout_answers"]["verdict"] == "too few items to tell (n=3)"
    assert rows["heldout_answers"]["low"] is None
    assert rows["problems"]["n"] == 0
    assert rows["problems"]["verdict"] == "skipped: no problems were asked for"
    assert len(made.summary) == len(NAMES) < made.frames["eval_report"].height
    assert made.summary[0].startswith("bits per byte on held-out sections ")
    items = made.frames["eval_report__items"]
    assert items.height == 2 * (12 + 12 + 4 * 3)
    arms = items.group_by("suite", "metric", "item_id").len()
    assert set(arms["len"]) == {2}
    spent = made.frames["eval_report__spent"]
    assert spent["calls"].sum() == made.counts["asked"] and spent["untimed"].sum() == 0
    written = spent.filter(spent["tokens_written"] > 0)["suite"].unique().to_list()
    assert written == ["heldout_answers"] and 0 not in spent["tokens_read"].to_list()
    assert made.frames["eval_report__stages"].is_empty()


def test_chrf_is_that_of_sacrebleu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sacrebleu.metrics.chrf import CHRF

    use_echo(monkeypatch, {"What is": "0 is a number."})
    items = evaluate(spec_of(tmp_path), tmp_path / "work").frames["eval_report__items"]
    answers = items.filter(items["metric"] == "chrf").to_dicts()
    assert len(answers) == 6
    for row in answers:
        wanted = CHRF().sentence_score(row["output"], [row["reference"]]).score
        assert row["score"] == pytest.approx(wanted)


def test_a_second_run_asks_nothing_and_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    first = evaluate(spec_of(tmp_path), tmp_path / "a")
    opened, calls = Echo.opened, Echo.calls
    second = evaluate(spec_of(tmp_path), tmp_path / "b")
    assert (Echo.opened, Echo.calls) == (opened, calls)
    assert second.counts["asked"] == 0
    assert second.counts["reused"] == first.counts["asked"]
    pages = [made.files["report.html"].read_bytes() for made in (first, second)]
    assert pages[0] == pages[1]


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_echo(monkeypatch)
    whole = evaluate(spec_of(tmp_path), tmp_path / "a")
    for path in (tmp_path / "cache").glob("*.jsonl"):
        text = path.read_text()
        path.write_text(text[: int(len(text) * 0.6)])  # ends inside a line
    again = evaluate(spec_of(tmp_path), tmp_path / "b")
    assert 0 < again.counts["asked"] < whole.counts["asked"]
    assert again.frames["eval_report"].equals(whole.frames["eval_report"])


def test_base_answers_serve_every_adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_echo(monkeypatch)
    first = evaluate(spec_of(tmp_path), tmp_path / "a")
    other = evaluate(spec_of(tmp_path, adapter_id=f"ada_{1:020x}"), tmp_path / "b")
    assert other.counts["asked"] == first.counts["asked"] / 2


def test_an_impossible_item_is_counted_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    given = spec_of(tmp_path).given.general
    assert given is not None
    general = {"general_text": [*given["general_text"], ("giant", "too long")]}
    made = evaluate(spec_of(tmp_path, general=general), tmp_path / "work")
    row = made.frames["eval_report"].row(by_predicate=_suite("general_text"), named=True)
    assert row["n"] == 12
    assert row["verdict"].endswith("; 1 without a score")
    assert made.counts["failed"] == 2
    items = made.frames["eval_report__items"].filter(_item("giant"))
    assert set(items["status"]) == {"TOO_LONG"}
    (fault,) = made.faults
    assert fault.startswith("2 times TOO_LONG:") and fault.endswith("shorter, please")
    assert f"Not answered: {fault}" in made.files["report.html"].read_text()


def test_items_that_the_tuned_arm_alone_fails_are_lost_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    whole = run.run_child

    def broken(name: str, spec: dict[str, Any], work: Path) -> dict[str, Any]:
        made = whole(name, spec, work)
        mine = made["replies"]["tuned"]
        for item in [one for one in mine if one.startswith("general_text/")][:3]:
            mine[item] = [math.nan, 1, 1]
        return made

    monkeypatch.setattr(run, "run_child", broken)
    made = evaluate(spec_of(tmp_path), tmp_path / "work")
    check(TABLES["eval_report"], made.frames["eval_report"])
    row = made.frames["eval_report"].row(by_predicate=_suite("general_text"), named=True)
    assert (row["n"], row["unscored"], row["lost"], row["kept"]) == (9, 3, 3, "unclear")
    assert row["verdict"].startswith("not shown to be kept within")
    assert row["verdict"].endswith("the base alone has a score for 3 of 12 items (not_finite)")


def test_only_items_that_cannot_be_asked_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mixed:
        card = card("otp")

        def items(self, _: object) -> list[Item]:
            kinds = ("answer", "choice", "answer", "choice")
            groups = ("", "", "pair", "pair")
            return [Item(str(n), ask, "text", group=group)
                    for n, (ask, group) in enumerate(zip(kinds, groups, strict=True))]  # fmt: skip

        def skipped(self) -> str:
            return ""

    monkeypatch.setattr(run, "open_suites", lambda _: [Mixed()])
    for ask, left, why in (
        ("choice", ["0"], "3 of 4 left out: no likelihoods"),
        ("text", ["0", "1", "2", "3"], ""),
    ):
        plan = run.planned(spec_of(tmp_path, refuses={ask: "no likelihoods"}))
        assert [one.item_id for one in plan.items["otp"]] == left
        assert plan.skipped(plan.suites[0]) == why


@pytest.mark.parametrize("name", NAMES)
def test_a_suite_scores_nothing_where_nothing_was_asked(name: str) -> None:
    (suite,) = open_suites([name])
    assert suite.score([], {"base": {}, "tuned": {}}) == []


def test_a_file_of_broken_items_alone_has_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    path = tmp_path / "torn.jsonl"
    path.write_text(json.dumps({"name": "torn", "language": "elixir", "prompt": "def f do"}))
    made = evaluate(spec_of(tmp_path, files=[path], suites=["own_files"]), tmp_path / "work")
    row = made.frames["eval_report"].row(by_predicate=_suite("own_files"), named=True)
    assert (row["n"], row["unscored"], row["lost"]) == (0, 1, 0)
    assert row["verdict"].startswith("1 of 1 items have no score: broken_item")
    assert set(made.frames["eval_report__items"]["status"]) == {"broken_item"}


def test_programs_are_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    use_echo(monkeypatch, {"Write One.": f"```elixir\n{PROBLEM['reference']}```"})
    path = tmp_path / "problems.jsonl"
    path.write_text(json.dumps(PROBLEM))
    made = evaluate(spec_of(tmp_path, problems=path), tmp_path / "work")
    row = made.frames["eval_report"].row(by_predicate=_suite("problems"), named=True)
    assert (row["n"], row["base"], row["tuned"]) == (1, 0.0, 100.0)
    assert row["verdict"] == "too few items to tell (n=1)"
    of_problem = made.frames["eval_report__items"].filter(_item("one"))
    items = of_problem.filter(_suite("problems"))
    assert dict(zip(items["arm"], items["status"], strict=True)) == {
        "base": "no_code",
        "tuned": "ok",
    }
    beside = {(one["arm"], one["metric"]): one["score"] for one in of_problem.to_dicts()}
    for metric in ("chrf", "chrf++", "bleu", "exact", "idiom"):
        assert beside["tuned", metric] == pytest.approx(100), metric
    assert beside["base", "chrf"] == 0 and beside["base", "idiom"] is None
    assert ("tuned", "pattern_f1") not in beside, "the reference shows no pattern"


def test_a_problem_without_proof_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    use_echo(monkeypatch, {"Write One.": f"```elixir\n{PROBLEM['reference']}```"})
    path = tmp_path / "problems.jsonl"
    blind = PROBLEM | {"id": "blind", "mutants": [PROBLEM["reference"]]}
    path.write_text(f"{json.dumps(PROBLEM)}\n{json.dumps(blind)}")
    made = evaluate(spec_of(tmp_path, problems=path), tmp_path / "work")
    row = made.frames["eval_report"].row(by_predicate=_suite("problems"), named=True)
    assert row["n"] == 1
    assert row["verdict"].endswith("; blind does not count: no mutant of its reference fails")


def test_without_a_sandbox_the_suite_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    refused = MissingPrerequisite(Code.NO_SANDBOX, "Install bubblewrap")
    monkeypatch.setattr(runner, "missing", lambda _: refused)
    path = tmp_path / "problems.jsonl"
    path.write_text(json.dumps(PROBLEM))
    made = evaluate(spec_of(tmp_path, problems=path), tmp_path / "work")
    row = made.frames["eval_report"].row(by_predicate=_suite("problems"), named=True)
    assert row["n"] == 0
    assert row["verdict"].startswith("skipped: NO_SANDBOX")
    assert "skipped: NO_SANDBOX" in made.files["report.html"].read_text()


def test_nothing_held_out_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_echo(monkeypatch)
    made = evaluate(spec_of(tmp_path, sections=[], questions=[], general={}), tmp_path / "work")
    assert set(made.frames["eval_report"]["n"]) == {0}
    assert Echo.opened == 0


def test_the_cache_skips_torn_lines(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    cache = CallCache(path)
    cache.put("a", [1, 2])
    path.write_text(path.read_text() + '["b", [3')
    cache = CallCache(path)
    assert "b" not in cache
    cache.put("c", "x")
    assert CallCache(path).get("c") == "x"
    assert CallCache(path).get("a") == [1, 2]


def test_keys_name_what_matters() -> None:
    assert call_key("score", text="a") != call_key("score", text="b")
    assert call_key("score", text="a") != call_key("generate", text="a")


def _suite(name: str):
    """Rows of its main metric."""
    import polars as pl

    return (pl.col("suite") == name) & (pl.col("metric") == card(name).main.name)


def _item(name: str):
    import polars as pl

    return pl.col("item_id") == name
