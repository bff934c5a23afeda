"""``eval`` with an adapter's folder: measured beside its base, at its strength, from anywhere."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from booktune_assets.chain import measure as chain_measure
from booktune_assets.chain.measure import Wanted, measurement
from booktune_assets.cli import cli
from booktune_assets.evaluation.suite import Given
from booktune_assets.settings import Settings


def call(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *words])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nine texts and no books."""

    def given(settings: Settings, _: object) -> tuple[Given, str]:
        texts = {"general_text": [(f"t{n}", f"text {n} about tea") for n in range(9)]}
        return Given(settings.asked, general=texts), "no books here"

    monkeypatch.setattr(chain_measure, "_given", given)
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "booktune.toml").write_text("[evaluation]\nbootstrap = 500\n")
    return folder


def test_a_folder_is_measured_and_compared_with_its_adapter(
    home: Path, tiny: Any, adapter: Path
) -> None:
    words = ["eval", "--model", str(tiny.path), "--adapter", str(adapter), "--suite",
             "general_text", "--json"]  # fmt: skip
    made = json.loads(call(home, *words).stdout)
    (row,) = made["suites"]
    assert row["n"] == 9 and row["base"] != row["tuned"] and row["kept"] in ("yes", "no", "unclear")
    again = json.loads(call(home, *words).stdout)
    assert again["counts"]["asked"] == 0 and again["suites"] == made["suites"]
    # its settings count as well as its weights: another alpha is another adapter
    other = home / "other"
    shutil.copytree(adapter, other)
    config = other / "adapter_config.json"
    said = json.loads(config.read_text())
    config.write_text(json.dumps(said | {"lora_alpha": 0}))
    words[words.index(str(adapter))] = str(other)
    third = json.loads(call(home, *words).stdout)
    assert third["counts"]["asked"] == 9 and third["eval_id"] != made["eval_id"]
    assert third["suites"][0]["tuned"] == pytest.approx(row["base"])


def test_what_model_adapter_wrote_is_measured_at_its_strength(
    home: Path, tiny: Any, adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both verbs one after the other, against W + s · half · B A and plain log softmax."""
    import torch
    from safetensors.torch import load_file

    from booktune_assets.chain.house import House
    from booktune_assets.llm.chat import text_ids
    from booktune_assets.llm.loading import load_model, load_tokenizer

    curve = {"alpha": [0.0], "kind": ["old"], "loss": [1.0]}
    lake = SimpleNamespace(
        read=lambda *_: pl.DataFrame(curve), receipt=lambda *_: None, keys=lambda _: ["ada_1"],
        folder=lambda *_: adapter.parent, current_key=lambda _: "ada_1",
    )  # fmt: skip
    out = home / "half"
    with monkeypatch.context() as patch:
        patch.setattr(House, "open", lambda settings: SimpleNamespace(lake=lake, settings=settings))
        said = call(home, "model", "adapter", str(out), "--strength", "0.5")
    assert said.exit_code == 0, said.output
    made = call(home, "eval", "--model", str(tiny.path), "--adapter", str(out), "--suite",
                "general_text", "--json")  # fmt: skip
    (row,) = json.loads(made.stdout)["suites"]
    model, weights = load_model(tiny.path), load_file(adapter / "adapter_model.safetensors")
    with torch.no_grad():
        for name, layer in model.named_modules():
            key = f"base_model.model.{name}.lora_"
            if f"{key}A.weight" in weights:
                layer.weight += 0.5 * 2 * weights[f"{key}B.weight"] @ weights[f"{key}A.weight"]
    tokenizer, nats, size = load_tokenizer(tiny.path), 0.0, 0
    for number in range(9):
        text = f"text {number} about tea"
        ids = text_ids(tokenizer, text)
        with torch.no_grad():
            likely = torch.log_softmax(model(torch.tensor([ids])).logits[0], -1)
        nats -= sum(float(likely[place, ids[place + 1]]) for place in range(len(ids) - 1))
        size += len(text.encode())
    assert row["tuned"] == pytest.approx(nats / math.log(2) / size, rel=1e-3)
    assert abs(row["tuned"] - row["base"]) > 0.01


def test_an_adapter_named_from_here_is_found_from_anywhere(
    home: Path, tiny: Any, adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(adapter.parent)  # tasks of a harness run in their own folder
    asked = Wanted(str(tiny.path), adapter=adapter.name, suites=("general_text",))
    assert measurement(Settings.load(home), asked).spec.adapter == adapter
