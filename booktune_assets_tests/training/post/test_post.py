"""Strength, depth, intruders, merging: against calculations by hand, on the tiny model."""

from __future__ import annotations

import dataclasses
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from peft import PeftModel
from peft.tuners.lora.intruders import reduce_intruder_dimension
from safetensors.torch import load_file, save_file

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import file_sha256, make_id
from booktune_assets.llm.architecture import shape_of
from booktune_assets.llm.loading import load_model
from booktune_assets.settings_training import Post
from booktune_assets.training.columns import base_weight
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.post import build as building
from booktune_assets.training.post import child
from booktune_assets.training.post import merge as merging
from booktune_assets.training.post.build import PostSpec, after_training
from booktune_assets.training.post.choice import monotone, settled, tune_down
from booktune_assets.training.post.curve import alpha_curve, mean_loss, strength
from booktune_assets.training.post.intruder import intruders, weaken_intruders
from booktune_assets.training.post.lines import factors, scale_file
from booktune_assets.training.post.merge import load_adapted, merge
from booktune_assets.training.post.plot import curve_svg
from booktune_assets_tests.training.columns_kit import (
    NEW_ROW,
    earlier_adapter,
    logits,
    sample,
)

WEIGHTS = "adapter_model.safetensors"
KINDS = {"new": NEW_ROW.samples, "old": [sample("o", 21), sample("p", 33)]}
PROMPTS = [sample(f"s{n}", n).ids for n in range(20, 36)]


@pytest.fixture(scope="module")
def adapter(tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rank 6 with rsLoRA: alpha over the root of the rank, so a scale taken for alpha / r shows."""
    return earlier_adapter(tiny, tmp_path_factory.mktemp("a") / "adapter", rank=6, rslora=True)


def test_the_curve_ends_at_base_and_adapter(tiny, adapter: Path) -> None:
    model = load_adapted(tiny.path, adapter)
    points = alpha_curve(model, KINDS, [0.5])
    found = {(p.alpha, p.kind): p.loss for p in points}
    assert sorted({alpha for alpha, _ in found}) == [0.0, 0.5, 1.0]
    base = load_model(tiny.path)
    for kind, samples in KINDS.items():
        assert found[0.0, kind] == mean_loss(base, samples)[0]
        assert found[1.0, kind] == mean_loss(model, samples)[0]
    assert found[0.0, "new"] != found[1.0, "new"]
    assert {p.tokens for p in points if p.kind == "old"} == {20 + 32}


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.7])
def test_a_strength_is_a_point_between_the_weights(tiny, adapter: Path, alpha: float) -> None:
    model, plain = load_adapted(tiny.path, adapter), load_model(tiny.path)
    deltas = {part.name.removeprefix("base_model.model."): part.delta().detach()
              for part in lora_parts(model)}  # fmt: skip
    with torch.no_grad():
        for name, delta in deltas.items():
            plain.get_submodule(name).weight += alpha * delta
    before = logits(model)
    with strength(model, alpha):
        torch.testing.assert_close(logits(model), logits(plain), rtol=1e-4, atol=1e-4)
        assert alpha or torch.equal(logits(model), logits(load_model(tiny.path)))
    assert torch.equal(logits(model), before)


def rows(*points: tuple[float, float, float]) -> list[dict[str, Any]]:
    return [
        {"alpha": alpha, "kind": kind, "loss": loss}
        for alpha, new, old in points
        for kind, loss in (("new", new), ("old", old))
    ]


def test_the_strength_that_learns_most_and_loses_little() -> None:
    curve = rows((0.0, 3.0, 2.0), (0.5, 2.5, 2.005), (1.0, 2.0, 2.4))
    assert tune_down(curve) == 0.5
    assert tune_down(curve, allowed=0.5) == 1.0
    assert tune_down(rows((0.0, 3.0, 2.0), (1.0, 2.0, 2.4))) == 0.0
    assert tune_down([row for row in curve if row["kind"] == "new"]) == 1.0
    assert monotone(curve) and not monotone(rows((0, 1, 2.0), (1, 1, 1.5)))
    picture = curve_svg(curve)
    assert picture.count("<circle") == 3 and ">0.5</text>" in picture
    assert curve_svg(curve[:1]) == ""


@given(st.integers(1, 60), st.floats(0, 1))
def test_depth_factors_rise_evenly_to_one(layers: int, first: float) -> None:
    found = factors(layers, first)
    assert len(found) == layers and found[-1] == pytest.approx(1)
    assert layers == 1 or found[0] == first
    steps = [b - a for a, b in pairwise(found)]
    assert all(step == pytest.approx((1 - first) / (layers - 1)) for step in steps)


def test_depth_is_written_into_b_alone(tiny, adapter: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(adapter, tmp_path / "scaled"))
    assert scale_file(folder / WEIGHTS, 2, 0.25) == 14
    old, new = load_file(adapter / WEIGHTS), load_file(folder / WEIGHTS)
    for name, tensor in old.items():
        factor = 1.0 if "lora_A" in name else (0.25 if ".layers.0." in name else 1.0)
        assert torch.equal(new[name], tensor * factor), name
    assert [file.name for file in folder.iterdir() if "tmp" in file.name] == []
    first = file_sha256(folder / WEIGHTS)
    again = Path(shutil.copytree(adapter, tmp_path / "again"))
    scale_file(again / WEIGHTS, 2, 0.25)
    assert file_sha256(again / WEIGHTS) == first
    with pytest.raises(BookError) as caught:
        scale_file(again / WEIGHTS, 1, 0.25)
    assert caught.value.code is Code.BAD_SETTING
    full, scaled = load_adapted(tiny.path, adapter), load_adapted(tiny.path, folder)
    for part, other in zip(lora_parts(full), lora_parts(scaled), strict=True):
        share = 0.25 if ".layers.0." in part.name else 1.0
        torch.testing.assert_close(other.delta(), share * part.delta())


def strong(tiny, adapter: Path, quantise: Any = "none") -> Any:
    """An adapter with one direction that no base weight has, stronger than all of theirs."""
    model = load_adapted(tiny.path, adapter, quantise)
    stream = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for part in lora_parts(model):
            part.up[:, 0] = torch.randn(part.up.shape[0], generator=stream)
            part.down[0] = torch.randn(part.down.shape[1], generator=stream)
    return model


def test_intruders_are_weakened_as_peft_does(tiny, adapter: Path) -> None:
    ours, theirs = strong(tiny, adapter), strong(tiny, adapter)
    reduce_intruder_dimension(theirs, logging_sink=None)
    found = weaken_intruders(ours)
    assert sum(found.values()) > 0
    mended = {part.name: part.delta() for part in lora_parts(theirs, "intruder_reduced")}
    for part in lora_parts(ours):
        torch.testing.assert_close(part.delta(), mended[part.name], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("quantise", ["none", "nf4"])
def test_an_intruder_is_found_and_loses_a_quarter(tiny, adapter: Path, quantise) -> None:
    model = strong(tiny, adapter, quantise)
    part = next(iter(lora_parts(model)))
    weight = base_weight(part.module)
    places, (left, values, right) = intruders(weight, weight + part.delta().detach(), top=1)
    assert places.tolist() == [0]
    weaken_intruders(model, top=1)
    along = left[:, 0] @ (weight + part.delta().detach()) @ right[0]
    assert float(along) == pytest.approx(0.75 * float(values[0]), rel=0.05)
    plain = load_adapted(tiny.path, adapter)
    before = {one.name: one.delta().detach() for one in lora_parts(plain)}
    assert set(weaken_intruders(plain, near=0.0).values()) == {0}
    assert all(torch.equal(one.delta(), before[one.name]) for one in lora_parts(plain))


@pytest.mark.parametrize(("on", "trained_on"), [("bf16", "none"), ("dequant_nf4", "nf4")])
def test_a_merged_model_says_the_same(tiny, adapter: Path, on, trained_on, tmp_path: Path) -> None:
    into = tmp_path / "merged"
    found = merge(tiny.path, adapter, into, PROMPTS, on=on, trained_on=trained_on)
    assert found.top1 == 1.0 and found.logit < 1e-3
    assert (found.prompts, found.places) == (16, sum(map(len, PROMPTS)))
    apart, merged = load_adapted(tiny.path, adapter, trained_on), load_model(into)
    torch.testing.assert_close(logits(merged), logits(apart), rtol=1e-3, atol=1e-3)
    assert not torch.allclose(logits(merged), logits(load_model(tiny.path)), atol=1e-2)
    assert (into / "tokenizer.json").is_file()
    assert [file.name for file in tmp_path.iterdir()] == ["merged"]


def test_merging_keeps_the_number_format_of_the_base(tiny, adapter: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    half = tmp_path / "half"
    AutoModelForCausalLM.from_pretrained(tiny.path, dtype=torch.bfloat16).save_pretrained(half)
    found = merge(half, adapter, tmp_path / "merged", PROMPTS, top1=0.9)
    assert found.top1 >= 0.9 and 0 < found.logit < 0.5, "one rounding to bf16"
    stored = load_file(tmp_path / "merged" / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.bfloat16}


def _without_scale(model: Any) -> None:
    """As if the adapter's scale had been forgotten in one place."""
    model.base_model.layers[0].mlp.down_proj.weight.data *= -1


def _with_nan(model: Any) -> None:
    model.base_model.layers[1].mlp.up_proj.weight.data[0, 0] = float("nan")


@pytest.mark.parametrize("spoil", [_without_scale, _with_nan])
def test_a_broken_merge_is_refused_and_leaves_nothing(
    tiny, adapter: Path, spoil, tmp_path: Path
) -> None:
    with pytest.raises(BookError) as caught:
        merge(tiny.path, adapter, tmp_path / "merged", PROMPTS, spoil=spoil)
    assert caught.value.code is Code.MERGE_DIFFERS
    assert float(caught.value.where["agree"]) < 0.99
    assert list(tmp_path.iterdir()) == []


def test_a_merge_that_lost_a_weak_adapter_is_refused(tiny, adapter: Path, tmp_path: Path) -> None:
    """It changes no likeliest token, so these agree on the base alone, too."""
    weak = tmp_path / "weak"
    shutil.copytree(adapter, weak)
    stored = load_file(weak / WEIGHTS)
    small = {name: part * (0.001 if ".lora_B." in name else 1.0) for name, part in stored.items()}
    save_file(small, weak / WEIGHTS, metadata={"format": "pt"})
    plain = load_model(tiny.path).state_dict()

    def as_base(model: Any) -> None:
        model.load_state_dict(plain)

    kept = merge(tiny.path, weak, tmp_path / "kept", PROMPTS)
    assert kept.mean < 0.01 * kept.without
    with pytest.raises(BookError) as caught:
        merge(tiny.path, weak, tmp_path / "lost", PROMPTS, spoil=as_base)
    assert caught.value.code is Code.MERGE_DIFFERS and "Longer training" in caught.value.remedy
    assert float(caught.value.where["agree"]) >= 0.99
    assert not (tmp_path / "lost").exists()


def test_an_adapter_that_changes_nothing_leaves_nothing_to_keep() -> None:
    assert merging.Parity(1.0, 0.0, 3, 1).kept(0.99)
    assert not merging.Parity(1.0, 0.1, 3, 1, mean=0.1).kept(0.99)


def test_merging_on_another_base_than_trained_on_is_measured(tiny, adapter: Path, tmp_path) -> None:
    """Four-bit rounding of a random model changes most answers: the check says so."""
    with pytest.raises(BookError) as caught:
        merge(tiny.path, adapter, tmp_path / "m", PROMPTS, on="bf16", trained_on="nf4")
    assert caught.value.code is Code.MERGE_DIFFERS and "post.merge" in caught.value.remedy


def post_spec(tiny, adapter: Path, **chosen: object) -> PostSpec:
    examples = [
        {"example_id": f"e{n}", "turns": [
            {"role": "user", "content": f"What is {n}?"},
            {"role": "assistant", "content": f"It is number {n}."}]}
        for n in range(4)
    ]  # fmt: skip
    texts = [{"row_id": f"t{n}", "text": f"General words, text {n}. " * 3} for n in range(4)]
    return PostSpec(
        tiny, adapter, make_id("ada", 1), Post.model_validate(chosen), examples, texts, 192, "none"
    )


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's work in this process: starting one takes seconds."""
    monkeypatch.setattr(building, "run_child", lambda _, order, __: child.run(order))


def test_the_child_measures_scales_and_merges(
    tiny, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = post_spec(tiny, adapter, lines=True, intruder_fix=True, merge="bf16")
    kept = file_sha256(adapter / WEIGHTS)
    made = after_training(spec, tmp_path)
    frame = made.frames["lora_adapter__curve"]
    assert frame.height == 2 * 5 and set(frame["kind"]) == {"new", "old"}
    assert frame["alpha"].unique().sort().to_list() == [0.0, 0.3, 0.5, 0.7, 1.0]
    assert {"adapter/adapter_config.json", "merged/model.safetensors", "alpha_curve.svg"} <= set(
        made.files
    )
    assert made.counts["scaled"] == 14
    assert file_sha256(adapter / WEIGHTS) == kept, "training's own files stay"
    assert made.sha256 == file_sha256(made.files[f"adapter/{WEIGHTS}"]) != kept
    parity = made.notes["parity"]
    assert isinstance(parity, dict) and parity["top1"] == 1.0
    PeftModel.from_pretrained(load_model(tiny.path), str(made.files[f"adapter/{WEIGHTS}"].parent))
    monkeypatch.setattr(building, "run_child", lambda _, order, __: child.run(order))
    again = after_training(spec, tmp_path / "again")
    assert again.sha256 == made.sha256
    assert again.frames["lora_adapter__curve"].equals(frame)


@pytest.mark.usefixtures("here")
def test_plainly_the_adapter_stays_as_trained(tiny, adapter: Path, tmp_path: Path) -> None:
    made = after_training(post_spec(tiny, adapter), tmp_path)
    assert made.sha256 == file_sha256(adapter / WEIGHTS)
    assert not any(name.startswith("merged/") for name in made.files)
    assert made.notes["parity"] is None


def test_what_is_no_number_agrees_with_nothing() -> None:
    torn = [(torch.zeros(3, dtype=torch.long), torch.full((5,), float("nan")))]
    found = merging.parity(torn, torn)
    assert found.top1 == 0 and found.logit == float("inf")


def test_parity_counts_places() -> None:
    one = [(torch.tensor([1, 2, 3, 4]), torch.tensor([0.0, 1.0]))]
    other = [(torch.tensor([1, 2, 0, 4]), torch.tensor([0.5, 1.0]))]
    found = merging.parity(one, other)
    assert (found.top1, found.logit, found.places) == (0.75, 0.5, 4)


@pytest.mark.usefixtures("here")
def test_a_merge_that_differs_fails_the_whole_and_leaves_no_model(
    tiny, adapter: Path, tmp_path: Path
) -> None:
    spec = dataclasses.replace(post_spec(tiny, adapter, merge="bf16"), quantise="nf4")
    with pytest.raises(BookError) as caught:
        after_training(spec, tmp_path)
    assert caught.value.code is Code.MERGE_DIFFERS
    assert [file.name for file in (tmp_path / "post").iterdir()] == ["adapter"]


def test_plain_weights_that_the_gpu_does_not_hold_are_compared_beside_it(
    tiny, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 2 * shape_of(tiny.path).params
    assert merging.too_large(tiny.path, size) and not merging.too_large(tiny.path, 2 * size)
    assert not merging.too_large(tiny.path), "no GPU here"
    loaded: list[tuple[str, bool]] = []

    def load(path: Path, **how: Any) -> Any:
        loaded.append((path.name, bool(how.get("beside"))))
        return load_model(path, **how)

    monkeypatch.setattr(merging, "too_large", lambda folder: True)
    monkeypatch.setattr(merging, "load_model", load)
    found = merge(tiny.path, adapter, tmp_path / "merged", PROMPTS)
    assert found.top1 > 0.99 and loaded[-1][1] and not loaded[0][1]
    assert load_model(tmp_path / "merged", beside=True).device.type == "cpu"


@pytest.mark.usefixtures("here")
def test_depth_and_parity_of_the_settings_are_what_counts(
    tiny, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two layers the first keeps what the setting says, the last all."""
    made = after_training(post_spec(tiny, adapter, lines=True, lines_first=0.25), tmp_path / "a")
    before, after = load_file(adapter / WEIGHTS), load_file(made.files[f"adapter/{WEIGHTS}"])
    for name, weight in before.items():
        first = ".layers.0." in name and ".lora_B." in name
        torch.testing.assert_close(after[name], weight * (0.25 if first else 1.0))
    asked: list[float] = []
    true = child.merge

    def merged(*given: Any, **how: Any) -> Any:
        asked.append(how["top1"])
        return true(*given, **how)

    monkeypatch.setattr(child, "merge", merged)
    after_training(post_spec(tiny, adapter, merge="bf16", parity_top1=0.75), tmp_path / "b")
    assert asked == [0.75]


@pytest.mark.usefixtures("here")
def test_the_strength_of_the_settings_is_what_is_written(
    tiny, adapter: Path, tmp_path: Path
) -> None:
    whole = after_training(post_spec(tiny, adapter), tmp_path / "whole")
    half = after_training(post_spec(tiny, adapter, strength=0.4), tmp_path / "half")
    curve = {(p["alpha"], p["kind"]): p["loss"] for p in _points(half)}
    assert half.notes["applied"] == 0.4 and (0.4, "old") in curve, "it is on the curve"
    assert whole.notes["applied"] == 1 and (1.0, "old") in curve
    written = load_adapted(tiny.path, half.files[f"adapter/{WEIGHTS}"].parent)
    model = load_adapted(tiny.path, adapter)
    with strength(model, 0.4):
        torch.testing.assert_close(logits(written), logits(model), rtol=1e-4, atol=1e-5)
    assert (
        half.files["adapter/adapter_config.json"].read_bytes()
        == (adapter / "adapter_config.json").read_bytes()
    ), "alpha over rank stays"
    auto = after_training(post_spec(tiny, adapter, strength="auto"), tmp_path / "auto")
    assert auto.notes["applied"] == auto.notes["strength"] == tune_down(_points(auto))


def _points(made: Any) -> list[dict[str, Any]]:
    return made.frames["lora_adapter__curve"].to_dicts()


def test_no_strength_at_all_is_refused_with_the_curve() -> None:
    lossy = rows((0.0, 3.0, 2.0), (0.3, 2.6, 2.2), (1.0, 2.0, 2.4))
    assert settled(lossy, 0.3) == 0.3
    with pytest.raises(BookError) as problem:
        settled(lossy, "auto")
    assert problem.value.code is Code.BAD_SETTING and "post.strength" in problem.value.remedy
    assert "+0.200 at 0.3, +0.400 at 1" in str(problem.value)
