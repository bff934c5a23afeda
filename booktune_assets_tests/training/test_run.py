"""A whole run in its child process: files, frames, counts, and the same bytes twice."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import polars as pl
import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file

from booktune_assets import progress
from booktune_assets.chain import models as chain_models
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import file_sha256, make_id
from booktune_assets.llm.engine import open_engine
from booktune_assets.llm.loading import load_model
from booktune_assets.schemas_sets import SHAREGPT_SET
from booktune_assets.training.attach import AttachPlan, attach
from booktune_assets.training.run import TrainSpec, examples_of, train
from booktune_assets.training.trainer import Schedule, fit
from booktune_assets_tests.training.rows_fixture import curriculum_rows

WEIGHTS = "adapter/adapter_model.safetensors"


@pytest.fixture(scope="module")
def spec(tiny) -> TrainSpec:
    examples = [
        {"example_id": make_id("ex", n), "turns": [
            {"role": "user", "content": f"What is {n} + {n}?"},
            {"role": "assistant", "content": f"It is {2 * n}, since both are {n}."}]}
        for n in range(30)
    ]  # fmt: skip
    rehearsal = [
        {"row_id": make_id("reh", n), "prompt": "", "text": f"General text number {n}. " * 3}
        for n in range(10)
    ]
    return TrainSpec(
        model=tiny, examples=examples, rehearsal=rehearsal,
        adapter_id=make_id("ada", 1), dataset_id=make_id("data", 1), rehearsal_id="reha_x",
        rank=4, learning_rate=5e-3, steps=10, seq_len=192, batch_rows=2,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(spec: TrainSpec, tmp_path_factory: pytest.TempPathFactory):
    return train(spec, tmp_path_factory.mktemp("first"))


def test_frames_and_counts_say_what_happened(spec: TrainSpec, trained) -> None:
    row = trained.frames["lora_adapter"].row(0, named=True)
    reached = trained.frames["lora_adapter__seen"]
    assert reached.height == row["examples"] == trained.counts["examples_seen"]
    assert reached["first_step"].min() == 1 and reached["first_step"].max() <= row["steps"]
    curve = trained.frames["lora_adapter__steps"]
    assert curve["step"].to_list() == list(range(1, 11))
    assert row["loss_first"] == curve["loss"][0] and row["loss_last"] == curve["loss"][-1]
    assert row["loss_last"] < row["loss_first"]
    assert row["tokens"] == curve["tokens"][-1]
    assert (row["base"], row["steps"], row["rank"]) == ("tiny-random", 10, 4)
    assert row["adapter_sha256"] == file_sha256(trained.files[WEIGHTS])
    assert trained.counts["packed_rows"] == 20
    assert trained.counts["packed_rehearsal"] == 4
    assert trained.counts["tokens_new"] + trained.counts["tokens_old"] == row["tokens"]
    assert 100 < trained.counts["peak_mb"] < 6000


def test_adapter_files_hold_no_path_of_this_machine(spec: TrainSpec, trained) -> None:
    text = trained.files["adapter/adapter_config.json"].read_text()
    config = json.loads(text)
    assert config["base_model_name_or_path"] == "tiny-random"
    assert (config["r"], config["lora_alpha"]) == (4, 8)
    assert "/" not in text
    assert config["target_modules"] == sorted(config["target_modules"])


def test_the_same_run_gives_the_same_bytes(spec: TrainSpec, trained, tmp_path: Path) -> None:
    again = train(spec, tmp_path)
    assert set(again.files) == set(trained.files)
    for name, path in again.files.items():
        assert path.read_bytes() == trained.files[name].read_bytes(), name


def test_the_saved_adapter_gives_the_same_logits_in_peft_and_engine(tiny, trained) -> None:
    folder = trained.files[WEIGHTS].parent
    model = PeftModel.from_pretrained(load_model(tiny.path), str(folder)).eval()
    weights = load_file(trained.files[WEIGHTS])
    scale = 8 / 4
    plain = load_model(tiny.path)
    for name, layer in plain.named_modules():  # the adapter by hand: W + alpha/r · B·A
        key = f"base_model.model.{name}"
        if f"{key}.lora_A.weight" in weights:
            a, b = weights[f"{key}.lora_A.weight"], weights[f"{key}.lora_B.weight"]
            layer.weight.data += scale * b @ a
    ids = torch.tensor([[1, 50, 60, 70, 80]])
    with torch.inference_mode():
        torch.testing.assert_close(model(ids).logits, plain(ids).logits, rtol=1e-4, atol=1e-4)
    engine = open_engine(tiny.path, folder)
    text = ["What is 7 + 7?"]
    tuned = engine.score(text)[0]
    with engine.with_adapter(False):
        off = engine.score(text)[0]
    base = open_engine(tiny.path).score(text)[0]
    assert off == base
    assert tuned.nats != base.nats


def test_a_larger_scale_is_no_larger_step(tiny, spec: TrainSpec) -> None:
    """At rank 64 rsLoRA has a scale of 16; the first step moves the model as at a scale of 2."""
    high = dataclasses.replace(spec, rank=64, learning_rate=5e-5)
    assert (high.scale, high.rate) == (16.0, pytest.approx(5e-5 / 8))
    plain = dataclasses.replace(high, rslora="off")
    assert (plain.scale, plain.rate) == (2.0, 5e-5)
    assert dataclasses.replace(high, attach="full").rate == 5e-5, "no adapter, no scale"
    rows = curriculum_rows(2)
    said = []
    for one in (high, plain):
        torch.manual_seed(0)
        plan = AttachPlan(rank=64, alpha=128, base="b", rslora=one is high)
        model = attach(load_model(tiny.path), plan)
        fit(model, rows, Schedule(one.rate, 1))
        with torch.inference_mode():
            said.append(model(torch.tensor([rows[0].ids])).logits)
    with torch.inference_mode():
        before = load_model(tiny.path)(torch.tensor([rows[0].ids])).logits
    moved = float((said[1] - before).norm())
    assert moved > 0 and float((said[0] - said[1]).norm()) < 0.02 * moved


def test_progress_reaches_the_listener_and_the_seed_counts(spec, trained, tmp_path: Path) -> None:
    ticks: list[progress.Tick] = []
    with progress.sink(ticks.append):
        other = train(dataclasses.replace(spec, steps=3, seed=1), tmp_path)
    assert other.files[WEIGHTS].read_bytes() != trained.files[WEIGHTS].read_bytes()
    training = [tick for tick in ticks if tick.what == "training"]
    assert [tick.done for tick in training] == [0, 1, 2, 3]
    assert training[-1].note.startswith("loss ")


def test_quantised_run(spec: TrainSpec, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes")
    made = train(dataclasses.replace(spec, quantise="nf4", steps=3), tmp_path)
    assert made.files[WEIGHTS].stat().st_size > 1000


def test_nothing_to_learn_is_said_before_anything_is_loaded(spec, tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        train(dataclasses.replace(spec, examples=[]), tmp_path)
    assert caught.value.code is Code.NO_EXAMPLES
    with pytest.raises(BookError) as caught:
        train(dataclasses.replace(spec, rehearsal=[]), tmp_path)
    assert caught.value.code is Code.BAD_SETTING
    with pytest.raises(BookError) as caught:
        train(dataclasses.replace(spec, seq_len=8), tmp_path)
    assert caught.value.code is Code.NO_EXAMPLES and "seq_len" in caught.value.remedy


def test_examples_are_the_training_split_in_order_of_the_curriculum() -> None:
    def row(name: str, split: str, place: int) -> dict[str, object]:
        talk = [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]
        return {"example_id": name, "conversations": talk, "split": split, "curriculum": place}

    rows = [row("ex_b", "train", 0), row("ex_c", "heldout", 0), row("ex_a", "train", 1)]
    frame = SHAREGPT_SET.frame(rows).select(pl.all())
    assert examples_of(frame) == [
        {"example_id": name, "turns": [
            {"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}
        for name in ("ex_b", "ex_a")
    ]  # fmt: skip


def test_pages_are_by_example_and_a_missing_one_is_said() -> None:
    rows = SHAREGPT_SET.frame([
        {
            "example_id": f"ex_{number}", "split": "train", "curriculum": number,
            "conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}],
        }
        for number in range(2)
    ])  # fmt: skip
    made = examples_of(rows, {"ex_0": "page 0", "ex_1": "page 1"})
    assert [one["page"] for one in made] == ["page 0", "page 1"]
    with pytest.raises(BookError) as caught:
        examples_of(rows, {"ex_0": "page 0"})
    assert caught.value.code is Code.STALE_INPUT and caught.value.where["first"] == "ex_1"


def test_the_page_is_what_stands_around_the_answer() -> None:
    text = "".join(f"line {number:05}\n" for number in range(3000))
    for first in (0, 11 * 1500, len(text) - 11):
        shown = chain_models._around(text, first, first + 10)
        assert text[first : first + 10] in shown and len(shown) <= chain_models.PAGE_CHARS
        assert shown.startswith("line ")
    assert chain_models._around("short", 0, 3) == "short"
