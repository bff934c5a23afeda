"""After training, in the chain: held-out answers and unseen general text, joined to the adapter."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from booktune_assets.chain import post as chain_post
from booktune_assets.evaluation.general import general_prose
from booktune_assets.settings_training import Post
from booktune_assets.training.post.build import Posted, PostSpec
from booktune_assets.training.run import Trained


def a_house(sets: pl.DataFrame) -> Any:
    settings = SimpleNamespace(post=Post(curve_texts=2), asked=SimpleNamespace(general_texts=3))
    return SimpleNamespace(settings=settings, lake=SimpleNamespace(read=lambda *_: sets))


def test_the_curve_is_measured_on_what_nothing_else_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}]
    sets = pl.DataFrame({
        "example_id": ["ex_1", "ex_2", "ex_3", "ex_4"],
        "split": ["train", "heldout", "heldout", "heldout"], "curriculum": [0, 0, 1, 2],
        "section_id": ["sec"] * 4,
        "conversations": [said] * 4,
    })  # fmt: skip
    asked: list[PostSpec] = []
    curve = pl.DataFrame({"alpha": [0.0]})

    def after(spec: PostSpec, work: Path) -> Posted:
        asked.append(spec)
        mended = {"adapter/adapter_config.json": work / "post" / "adapter_config.json"}
        return Posted({"lora_adapter__curve": curve}, mended, {"scaled": 3}, {"strength": 0.5}, "n")

    monkeypatch.setattr(chain_post, "after_training", after)
    adapter = pl.DataFrame({"adapter_id": ["ada_1"], "adapter_sha256": ["old"]})
    files = {"adapter/adapter_config.json": tmp_path / "adapter" / "adapter_config.json"}
    made = Trained({"lora_adapter": adapter}, files, {"rows": 1})
    model: Any = object()
    done, notes = chain_post.finished(
        a_house(sets), made, "data_1", model, tmp_path, {"seq_len": 9}
    )
    (spec,) = asked
    assert [row["example_id"] for row in spec.examples] == ["ex_2", "ex_3"]
    assert [turn["role"] for turn in spec.examples[0]["turns"]] == ["user", "assistant"]
    evaluated = {one.text for one in general_prose(3, 700)}
    assert len(spec.texts) == 2 and not {row["text"] for row in spec.texts} & evaluated
    assert (spec.adapter, spec.seq_len, spec.quantise) == (tmp_path / "adapter", 9, "auto")
    assert done.frames["lora_adapter"]["adapter_sha256"].to_list() == ["n"]
    assert done.frames["lora_adapter__curve"] is curve
    assert done.files["adapter/adapter_config.json"].parent == tmp_path / "post"
    assert (done.counts, notes) == ({"rows": 1, "scaled": 3}, {"strength": 0.5})
