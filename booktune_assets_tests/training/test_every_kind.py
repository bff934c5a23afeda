"""Every way of not forgetting that settings name, through whole runs in their child process."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import make_id
from booktune_assets.llm.loading import load_model, load_tokenizer
from booktune_assets.llm.models import BaseModel
from booktune_assets.training import child
from booktune_assets.training.run import Trained, TrainSpec, train
from booktune_assets.training.strategies.registry import KINDS

pytestmark = pytest.mark.timeout(900)
STEPS = 3
ALONE: list[Mapping[str, Any]] = [
    {"kind": "replay"},
    {"kind": "stm"},  # as it comes: names of code are found by the run's tokenizer
    {"kind": "dft"},
    {"kind": "talr"},
    {"kind": "asft"},
    {"kind": "kl", "on": "both", "n_old": 4},
    {"kind": "fip", "n_old": 4},
    {"kind": "l2"},
    {"kind": "oplora"},
]
AFTER: list[Mapping[str, Any]] = [
    {"kind": "ewc", "n": 4},
    {"kind": "si"},
    {"kind": "fip", "mode": "geodesic", "n_old": 4, "directions": 2},
    {"kind": "sdft", "new_tokens": 6},
]
BESIDE: list[Mapping[str, Any]] = [{"kind": "progressive", "form": "lateral"}, {"kind": "olora"}]
BLOCKS: list[Mapping[str, Any]] = [{"kind": "progressive", "form": "block_expansion", "every": 1}]


@pytest.fixture(scope="module")
def plain(tiny: BaseModel) -> TrainSpec:
    examples = [
        {
            "example_id": make_id("ex", n),
            "turns": [
                {"role": "user", "content": f"What is {n} + {n}?"},
                {"role": "assistant", "content": f"It is {2 * n}, by Integer.add/2."},
            ],
            "page": f"Sums. Two times {n} is {2 * n}.",
        }
        for n in range(8)
    ]
    rehearsal = [
        {"row_id": make_id("reh", n), "prompt": "", "text": f"General text number {n}. "}
        for n in range(8)
    ]
    return TrainSpec(
        model=tiny, examples=examples, rehearsal=rehearsal, adapter_id=make_id("ada", 1),
        dataset_id=make_id("data", 1), rehearsal_id="reha_x", rank=4, learning_rate=5e-3,
        steps=STEPS, seq_len=160, batch_rows=2, rehearsal_share=0.5,
    )  # fmt: skip


@pytest.fixture(scope="module")
def first(plain: TrainSpec, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trained]:
    """What needs no earlier stage; it leaves what later ones need."""
    work = tmp_path_factory.mktemp("first")
    record: list[Mapping[str, Any]] = [{"kind": "si"}, {"kind": "ewc", "n": 4}]
    return work, train(replace(plain, forgetting=ALONE, record=record), work)


def _metrics(made: Trained) -> list[dict[str, float]]:
    curve: pl.DataFrame = made.frames["lora_adapter__steps"]
    return [json.loads(one) for one in curve["metrics"].to_list()]


def _spoke(made: Trained, sections: Sequence[Mapping[str, Any]]) -> None:
    """Each way has figures in every step's log, but those that have none to give."""
    for figures in _metrics(made):
        for section in sections:
            kind = str(section["kind"])
            assert any(f"{kind}." in name for name in figures), (kind, figures)


def test_every_kind_is_trained_here() -> None:
    trained = {str(one["kind"]) for one in [*ALONE, *AFTER, *BESIDE, *BLOCKS]}
    assert trained == set(KINDS) - {"si_recorder"}, "the recorder runs with ALONE"


def test_what_needs_no_earlier_stage(first: tuple[Path, Trained]) -> None:
    work, made = first
    _spoke(made, ALONE)
    assert {"si", "ewc"} <= {path.stem for path in (work / "left").iterdir()}
    assert 0 <= _metrics(made)[-1]["stm.masked"] <= 0.4


def test_what_goes_on_from_an_earlier_stage(
    plain: TrainSpec, first: tuple[Path, Trained], tmp_path: Path
) -> None:
    spec = replace(plain, forgetting=AFTER, attach="continue", earlier=first[0])
    made = train(spec, tmp_path)
    _spoke(made, AFTER)
    assert _metrics(made)[-1]["sdft.tokens"] > 0, "the student wrote, and learned from the page"
    assert _metrics(made)[-1]["ewc.ewc_penalty"] > 0


def test_columns_beside_an_earlier_stage_end_as_one_adapter(
    plain: TrainSpec, first: tuple[Path, Trained], tmp_path: Path
) -> None:
    made = train(replace(plain, forgetting=BESIDE, attach="continue", earlier=first[0]), tmp_path)
    _spoke(made, BESIDE)
    folder = made.files["adapter/adapter_config.json"].parent
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == []
    tuned = PeftModel.from_pretrained(load_model(plain.model.path), str(folder))
    before = PeftModel.from_pretrained(load_model(plain.model.path), str(first[0] / "adapter"))
    assert tuned.peft_config["default"].r == 8, "both columns"  # pyright: ignore
    ids = torch.tensor([[1, 60, 70, 80]])
    with torch.inference_mode():
        said, was, bare = (
            model(ids).logits for model in (tuned, before, load_model(plain.model.path))
        )
    assert float((said - was).abs().max()) < float((was - bare).abs().max()) * 3
    assert not torch.equal(said, was)


def test_olora_alone_keeps_the_earlier_column(
    plain: TrainSpec, first: tuple[Path, Trained], tmp_path: Path
) -> None:
    """With rate 0 the new column adds nothing: what is written is the stage before, exactly."""
    spec = replace(
        plain, forgetting=[{"kind": "olora"}], attach="continue", earlier=first[0],
        learning_rate=1e-12, steps=1,
    )  # fmt: skip
    made = train(spec, tmp_path)
    folder = made.files["adapter/adapter_config.json"].parent
    ids = torch.tensor([[1, 60, 70, 80]])
    with torch.inference_mode():
        now, was = (
            PeftModel.from_pretrained(load_model(plain.model.path), str(one))(ids).logits
            for one in (folder, first[0] / "adapter")
        )
    torch.testing.assert_close(now, was, rtol=1e-4, atol=1e-5)


def test_added_blocks_are_saved_as_a_whole_model(
    plain: TrainSpec, first: tuple[Path, Trained], tmp_path: Path
) -> None:
    made = train(replace(plain, forgetting=BLOCKS, earlier=first[0]), tmp_path)
    _spoke(made, BLOCKS)
    folder = made.files["model/config.json"].parent
    assert (
        not (tmp_path / "adapter").exists()
        and "booktune" not in (folder / "config.json").read_text()
    )
    grown, base = load_model(folder), load_model(plain.model.path)
    assert grown.config.num_hidden_layers == 2 * base.config.num_hidden_layers
    assert load_tokenizer(folder).get_vocab() == load_tokenizer(plain.model.path).get_vocab()
    stage = load_file(first[0] / "adapter" / "adapter_model.safetensors")
    name = "model.layers.0.self_attn.q_proj"
    down, up = (stage[f"base_model.model.{name}.lora_{one}.weight"] for one in "AB")
    merged = base.get_submodule(name).weight + 2 * up @ down
    torch.testing.assert_close(grown.get_submodule(name).weight, merged, rtol=1e-4, atol=1e-5)
    added = grown.get_submodule("model.layers.1.self_attn.o_proj").weight
    assert float(added.detach().abs().max()) > 0, "the copy has learned"


def test_an_earlier_stage_is_not_merged_into_four_bits() -> None:
    with pytest.raises(BookError) as caught:
        child.merged(None, Path("unread"), "nf4")
    assert caught.value.code is Code.BAD_SETTING and "round" in caught.value.remedy
