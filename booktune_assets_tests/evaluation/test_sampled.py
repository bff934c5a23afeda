"""pass@k of several samples: what counting all subsets gives, and rows where there are any."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from booktune_assets.evaluation.compare import compare, judged
from booktune_assets.evaluation.items import Item, ItemScore, Replies
from booktune_assets.evaluation.run import Plan, evaluate
from booktune_assets.evaluation.sampled import TOO_FEW, ks, metrics_of, pass_at_more
from booktune_assets.evaluation.suite import card
from booktune_assets.settings import Evaluation
from booktune_assets_tests.evaluation.echo import spec_of


def row(passed: int | None, samples: int = 10, **more: object) -> ItemScore:
    score = None if passed is None else 100.0 * passed / samples
    made = ItemScore("problems", "pass@1", "one", "base", score, samples=samples, passed=passed)
    return replace(made, **more)  # pyright: ignore[reportArgumentType]


def test_which_k() -> None:
    assert ks(1) == []
    assert ks(3) == [2, 3]
    assert ks(20) == [2, 5, 10, 20]
    assert ks(30) == [2, 5, 10, 20, 30]


@pytest.mark.parametrize("passed", [0, 1, 4, 10])
def test_each_k_is_the_share_of_subsets_with_a_pass(passed: int) -> None:
    found = {one.metric: one.score for one in pass_at_more([row(passed)], 10)}
    assert list(found) == ["pass@2", "pass@5", "pass@10"]
    for k in (2, 5, 10):
        subsets = list(combinations([True] * passed + [False] * (10 - passed), k))
        share = 100 * sum(any(one) for one in subsets) / len(subsets)
        assert found[f"pass@{k}"] == pytest.approx(share)


def test_samples_that_met_a_fault_of_ours_are_none() -> None:
    few = pass_at_more([row(3, samples=4)], 5)
    assert [(one.metric, one.score, one.status) for one in few] == [
        ("pass@2", 100.0, "ok"), ("pass@5", None, TOO_FEW),
    ]  # fmt: skip
    others = [row(None), row(3, metric="chrf"), row(3, metric="pass@1_completion")]
    assert {one.metric for one in pass_at_more(others, 2)} == {"pass@2_completion"}


def test_metrics_stand_after_those_of_the_card_and_have_verdicts() -> None:
    names = ["pass@10", "pass@2", "pass@1", "chrf", "pass@5_completion"]
    assert [one.name for one in metrics_of(card("problems"), names)] == [
        *(one.name for one in card("problems").metrics), "pass@2", "pass@10",
    ]  # fmt: skip
    assert metrics_of(card("own_files"), names)[-1].name == "pass@5_completion"
    assert metrics_of(card("book_sections"), names) == card("book_sections").metrics
    rows = [
        row(passes, arm=arm, item_id=f"p{n}")
        for n in range(12)
        for arm, passes in (("base", 0), ("tuned", 6))
    ]
    rows += pass_at_more(rows, 10)
    told = judged([
        compare(card("problems"), one, rows, "", Evaluation(bootstrap=200))
        for one in metrics_of(card("problems"), [one.metric for one in rows])
        if one.name.startswith("pass@")
    ])  # fmt: skip
    assert [one["metric"] for one in told] == ["pass@1", "pass@2", "pass@5", "pass@10"]
    assert told[0]["p_holm"] is not None and told[1]["p_holm"] is None
    assert all(str(one["verdict"]).startswith("better by") for one in told)


def no_costs(_: object) -> list[object]:
    return []


class _Sampled:
    """A suite whose items passed three of four times."""

    card = card("problems")

    def items(self, _: object) -> list[Item]:
        return [Item("one", "answer", "Q?", new_tokens=4, samples=4, temperature=0.8)]

    def skipped(self) -> str:
        return ""

    def score(self, items: list[Item], replies: Replies) -> list[ItemScore]:
        return [row(3, samples=4, arm=arm) for arm in replies for _ in items]


def test_an_evaluation_that_samples_has_them_in_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def child(*_: object) -> dict[str, object]:
        return {"replies": {arm: {"problems/one": ["x"] * 4} for arm in ("base", "tuned")},
                "asked": 2, "reused": 0}  # fmt: skip

    monkeypatch.setattr("booktune_assets.evaluation.run.run_child", child)
    monkeypatch.setattr("booktune_assets.evaluation.run.expected", no_costs)
    spec = spec_of(tmp_path)
    wanted = spec.given.evaluation.model_copy(update={"samples": 4, "temperature": 0.8})
    spec = replace(spec, given=replace(spec.given, evaluation=wanted))
    suite = _Sampled()
    made = evaluate(spec, tmp_path / "w", Plan([suite], {"problems": suite.items(None)}, {}))  # pyright: ignore[reportArgumentType]
    metrics = made.frames["eval_report"]["metric"].to_list()
    assert metrics[-2:] == ["pass@2", "pass@4"]
    items = made.frames["eval_report__items"]
    assert set(items.filter(metric="pass@4")["score"]) == {100.0}
    assert "pass@4" in made.files["report.html"].read_text()
