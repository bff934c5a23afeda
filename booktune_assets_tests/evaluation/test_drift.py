"""Distance from the base: exact, 0 for the same weights, the same whatever else is asked."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from booktune_assets.contracts import check
from booktune_assets.evaluation import child
from booktune_assets.evaluation.compare import compare, judged
from booktune_assets.evaluation.items import ItemScore
from booktune_assets.evaluation.outcomes import losses
from booktune_assets.evaluation.run import planned
from booktune_assets.evaluation.suite import Given, card
from booktune_assets.evaluation.suites.drift import Drift, prompts
from booktune_assets.llm.engine import open_engine
from booktune_assets.llm.models import BaseModel
from booktune_assets.schemas import EVAL
from booktune_assets.settings import Evaluation
from booktune_assets_tests.evaluation.echo import spec_of

TOKENS = 12


def asked(tiny: BaseModel, adapter: Path, work: Path, items: list[Any]) -> dict[str, Any]:
    return {
        "model": str(tiny.path), "adapter": str(adapter), "cache": str(work), "seed": 3,
        "who": {"base": "b", "tuned": "t"}, "arms": ["base", "tuned"],
        "items": [{"id": one.item_id, "ask": one.ask, "text": one.text, "options": (),
                   "new_tokens": one.new_tokens, "samples": 1, "temperature": one.temperature,
                   "stop": (), "system": ""} for one in items],
    }  # fmt: skip


def test_it_is_the_divergence_over_the_whole_vocabulary(
    tiny: BaseModel, adapter: Path, tmp_path: Path
) -> None:
    items = Drift().items(Given(Evaluation(drift=3, drift_tokens=TOKENS)))
    found = child.run(asked(tiny, adapter, tmp_path, items))
    engine: Any = open_engine(tiny.path, adapter)
    greedy, drawn = 0, 0
    for item in items:
        nats, positions, text = found["replies"]["tuned"][item.item_id]
        assert found["replies"]["base"][item.item_id] == [0.0, positions, text]
        prompt = item.text if item.ask == "drift" else [{"role": "user", "content": item.text}]
        with engine.with_adapter(False):
            ((ids, ended),) = engine.generate_ids(
                [prompt], max_new_tokens=TOKENS, temperature=item.temperature, seed=3
            )
        greedy, drawn = greedy + (item.temperature == 0), drawn + (item.temperature > 0)
        head = engine.prompt_ids(prompt)
        row = torch.tensor([[*head, *ids]])
        logs: list[Any] = []
        for on in (False, True):
            with engine.with_adapter(on), torch.inference_mode():
                logits = engine.model(row).logits[0].double()
            logs.append(logits.log_softmax(1)[len(head) - 1 : len(head) - 1 + len(ids) + ended])
        base, tuned = logs
        wanted = float((base.exp() * (base - tuned)).sum())
        assert positions == len(ids) + ended and wanted > 0.01
        assert nats == pytest.approx(wanted, rel=1e-3)
    assert greedy == drawn == 3
    again = child.run(asked(tiny, adapter, tmp_path, items))
    assert again["asked"] == 0 and again["replies"] == found["replies"]
    more = {**asked(tiny, adapter, tmp_path, items)}
    more["items"] = [*more["items"], {**more["items"][0], "id": "x/1", "ask": "text", "text": "x"}]
    assert [one.calls for one in child.expected(more) if one.suite == "x"] == [2]
    alone = child.run(asked(tiny, adapter, tmp_path / "alone", items[1:2]))
    name = items[1].item_id
    assert alone["replies"]["tuned"][name] == pytest.approx(found["replies"]["tuned"][name])


def test_an_adapter_that_changes_nothing_is_no_distance_away(
    tiny: BaseModel, tmp_path: Path
) -> None:
    from peft import LoraConfig, get_peft_model

    from booktune_assets.llm.loading import load_model

    wanted = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear")  # B is 0
    get_peft_model(load_model(tiny.path), wanted).save_pretrained(str(tmp_path / "nil"))
    suite = Drift()
    items = suite.items(Given(Evaluation(drift=8, drift_tokens=6)))
    made = child.run(asked(tiny, tmp_path / "nil", tmp_path, items))
    rows = suite.score(items, made["replies"])
    assert {one.score for one in rows} == {0.0}
    (row, _) = judged([compare(suite.card, metric, rows, "", Evaluation()) for metric in
                       suite.card.metrics])  # fmt: skip
    assert (row["kept"], row["p"], row["diff"]) == ("yes", None, 0.0)
    assert str(row["verdict"]).startswith("kept within 0.03 nats per token: 0")


def test_a_model_without_likelihoods_is_no_distance_of_nothing(
    tiny: BaseModel, adapter: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    broken = tmp_path / "broken"
    shutil.copytree(adapter, broken)
    file = broken / "adapter_model.safetensors"
    nan = {name: value * float("nan") for name, value in load_file(file).items()}
    save_file(nan, file, metadata={"format": "pt"})
    suite = Drift()
    items = suite.items(Given(Evaluation(drift=2, drift_tokens=4)))
    made = child.run(asked(tiny, broken, tmp_path, items))
    assert set(map(str, made["replies"]["tuned"].values())) == {"{'error': 'not_finite'}"}
    rows = suite.score(items, made["replies"])
    (row,) = judged([compare(suite.card, suite.card.main, rows, "", Evaluation())])
    assert (row["n"], row["lost"], row["kept"]) == (0, 2, "unclear")
    assert str(row["verdict"]).startswith("2 of 2 items have no score: not_finite")
    assert [one for one, _ in losses([row])] == [row]


def rows_of(values: list[float]) -> list[ItemScore]:
    return [
        ItemScore("drift", "kl", f"p{n}", arm, value if arm == "tuned" else 0.0, 32.0,
                  cluster=f"p{n}")
        for n, value in enumerate(values)
        for arm in ("base", "tuned")
    ]  # fmt: skip


def test_the_margin_decides_and_never_that_it_is_above_nothing() -> None:
    suite = card("drift")
    said: dict[str, dict[str, object]] = {}
    for name, size in (("near", 0.002), ("far", 0.2), ("between", 0.028)):
        values = [size * (0.5 + n % 5 / 4) for n in range(20)]
        (said[name],) = judged([compare(suite, suite.main, rows_of(values), "", Evaluation())])
    ids = {"eval_id": f"eval_{0:020x}", "adapter_id": f"ada_{0:020x}"}
    check(EVAL, EVAL.frame([ids | row for row in list(said.values())[:1]]))
    assert said["near"]["kept"] == "yes" and "worse" not in str(said["near"]["verdict"])
    assert "away (95 %" in str(said["near"]["verdict"]) and said["near"]["p_holm"] is None
    assert said["far"]["kept"] == "no"
    assert str(said["far"]["verdict"]).startswith("not kept within 0.03 nats per token: worse by")
    assert said["between"]["kept"] == "unclear"
    assert str(said["between"]["verdict"]).startswith("not shown to be kept")


def test_prompts_are_of_every_kind_and_in_clusters() -> None:
    found = prompts()
    assert len(found) == 48 and len({text for _, _, text in found}) == 48
    assert {kind for _, kind, _ in found[:3]} == {"prose", "code", "question"}
    items = Drift().items(Given(Evaluation(drift=2)))
    assert [one.cluster for one in items] == ["prose-0", "prose-0", "code-0", "code-0"]


def test_an_error_counts_for_neither_arm_and_one_model_is_not_asked(tmp_path: Path) -> None:
    suite = Drift()
    items = suite.items(Given(Evaluation(drift=1)))
    lost = {arm: {one.item_id: {"error": "TOO_LONG"} for one in items} for arm in ("base", "tuned")}
    rows = suite.score(items, lost)
    assert {(one.score, one.status) for one in rows} == {(None, "TOO_LONG")}
    spec = spec_of(tmp_path, evaluation=Evaluation(drift=2))
    assert len(planned(spec).items["drift"]) == 4
    alone = planned(dataclasses.replace(spec, adapter=None, suites=["drift"]))
    assert alone.items["drift"] == [] and "one model" in alone.skipped(alone.suites[0])
