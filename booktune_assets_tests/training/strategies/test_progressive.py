"""Columns: off is bit-equal to the model before, laterals and added blocks start as nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.loading import load_model
from booktune_assets.settings_training import Progressive as Section
from booktune_assets.training.attach import AttachPlan, add_lora, attach
from booktune_assets.training.columns import NEW, showing
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.reference import Reference, trained
from booktune_assets.training.strategies.base import Run
from booktune_assets.training.strategies.expansion import added_blocks, save_expanded
from booktune_assets.training.strategies.progressive import Progressive
from booktune_assets.training.trainer import Schedule, fit
from booktune_assets_tests.training.columns_kit import (
    NEW_ROW,
    OLD_ROW,
    beside,
    earlier_adapter,
    logits,
)

ROWS = [NEW_ROW, OLD_ROW] * 6


def a_run(model) -> Run:
    return Run(model, Reference(model), [NEW_ROW], [OLD_ROW], 6, 0, 1e-2)


@pytest.fixture(scope="module")
def earlier(tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return earlier_adapter(tiny, tmp_path_factory.mktemp("earlier"), rslora=True)


@pytest.mark.parametrize("form", ["stacked", "lateral"])
def test_a_new_column_starts_as_nothing_and_off_is_bit_equal(tiny, earlier: Path, form) -> None:
    before = PeftModel.from_pretrained(load_model(tiny.path), str(earlier))
    was, bare = logits(before), logits(load_model(tiny.path))
    assert not torch.allclose(was, bare, atol=1e-3), "the earlier stage learned something"
    model = beside(tiny, [earlier])
    frozen = {n: p.detach().clone() for n, p in model.named_parameters() if "earlier_0" in n}
    way = Progressive(Section(form=form))
    way.prepare(a_run(model))
    assert torch.equal(logits(model), was)
    way = Progressive(Section(form=form))
    model = beside(tiny, [earlier])
    fit(model, ROWS, Schedule(2e-2, 6), [way])
    on = logits(model)
    assert not torch.allclose(on, was, atol=1e-3)
    with showing(model, ["earlier_0"]):
        assert torch.equal(logits(model), was)
    with showing(model, []):
        assert torch.equal(logits(model), bare)
    assert torch.equal(logits(model), on), "showing left the model as it was"
    now = dict(model.named_parameters())
    assert all(torch.equal(now[n], p) for n, p in frozen.items())
    assert set(frozen) <= set(now)
    assert all(f".{NEW}." in n or ".lateral." in n for n in trained(model))


def test_laterals_are_what_the_equation_says(tiny, earlier: Path) -> None:
    model = beside(tiny, [earlier])
    way = Progressive(Section(form="lateral"))
    fit(model, ROWS, Schedule(2e-2, 6), [way])
    part = next(iter(lora_parts(model)))
    layer = part.module
    mix, gate = layer.lateral.mix["earlier_0"], layer.lateral.gate["earlier_0"]
    assert float(mix.detach().norm()) > 0 and float(gate.detach()) != 1.0
    x = torch.randn(5, part.down.shape[1], generator=torch.Generator().manual_seed(0))
    old_down, old_up = layer.lora_A["earlier_0"].weight, layer.lora_B["earlier_0"].weight
    old_scale = layer.scaling["earlier_0"]
    assert old_scale == pytest.approx(6 / 3**0.5), "rsLoRA: alpha over the root of the rank"
    expected = (
        x @ layer.base_layer.weight.T
        + gate * old_scale * (x @ old_down.T @ old_up.T)
        + part.scale * ((x @ part.down.T + x @ old_down.T @ mix.T) @ part.up.T)
    )
    torch.testing.assert_close(layer(x), expected, rtol=1e-4, atol=1e-5)
    figures = way.metrics()
    assert figures["lateral_norm"] > 0 and figures["trained"] > 0


@pytest.mark.parametrize("form", ["stacked", "lateral"])
def test_columns_settle_into_one_adapter_that_says_the_same(
    tiny, earlier: Path, form, tmp_path: Path
) -> None:
    model = beside(tiny, [earlier])
    way = Progressive(Section(form=form))
    fit(model, ROWS, Schedule(2e-2, 6), [way])
    on = logits(model)
    way.settle(model)
    assert list(model.peft_config) == [NEW]
    assert model.peft_config[NEW].r == 8, "3 + 4, filled up to what servers have room for"
    torch.testing.assert_close(logits(model), on, rtol=1e-4, atol=1e-4)
    model.save_pretrained(tmp_path / "one")
    assert not [name for name in trained(model) if "lateral" in name]
    alone = PeftModel.from_pretrained(load_model(tiny.path), str(tmp_path / "one"))
    torch.testing.assert_close(logits(alone.eval()), on, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("quantise", ["none", "nf4"])
def test_lateral_resumes_bit_equal_also_on_four_bits(tiny, earlier: Path, quantise) -> None:
    def made():
        model = beside(tiny, [earlier], quantise=quantise)
        way = Progressive(Section(form="lateral"))
        way.prepare(a_run(model))
        return model, way

    def step(model) -> None:
        loss = model(torch.tensor([NEW_ROW.ids]), labels=torch.tensor([NEW_ROW.ids])).loss
        loss.backward()
        with torch.no_grad():
            for part in trained(model).values():
                if part.grad is not None:
                    part -= 0.1 * part.grad
                    part.grad = None

    whole, way = made()
    for _ in range(2):
        step(whole)
    kept = {n: p.detach().clone() for n, p in trained(whole).items() if ".lateral." not in n}
    state = way.state_dict()
    step(whole)
    resumed, again = made()
    with torch.no_grad():
        for name, part in trained(resumed).items():
            if name in kept:
                part.copy_(kept[name])
    again.load_state_dict(state)
    step(resumed)
    assert torch.equal(logits(whole), logits(resumed))
    assert trained(whole).keys() == trained(resumed).keys()


def test_reference_shows_the_model_before_with_its_gates(tiny, earlier: Path) -> None:
    model = beside(tiny, [earlier])
    run = a_run(model)
    was = logits(model)
    Progressive(Section(form="lateral")).prepare(run)
    with torch.no_grad():
        for part in trained(model).values():
            part += 0.05
    assert not torch.allclose(logits(model), was, atol=1e-3)
    with run.reference.shown(model):
        assert torch.equal(model(torch.tensor([[1, 9, 8]])).logits,
                           beside(tiny, [earlier])(torch.tensor([[1, 9, 8]])).logits)  # fmt: skip


def test_without_an_earlier_column_it_says_so(tiny) -> None:
    model = add_lora(load_model(tiny.path), 4, 8, "base")
    with pytest.raises(BookError) as caught:
        fit(model, ROWS, Schedule(1e-2, 6), [Progressive(Section())])
    assert caught.value.code is Code.BAD_SETTING and "stage" in caught.value.remedy


def gemma() -> Gemma3ForCausalLM:
    config = Gemma3TextConfig(
        vocab_size=259, hidden_size=32, intermediate_size=64, num_hidden_layers=4,
        num_attention_heads=2, num_key_value_heads=1, head_dim=16, query_pre_attn_scalar=16,
        sliding_window=8, layer_types=["sliding_attention", "full_attention"] * 2,
        max_position_embeddings=256, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        initializer_range=0.1,
    )  # fmt: skip
    torch.manual_seed(0)
    return Gemma3ForCausalLM(config).eval().requires_grad_(False)


@pytest.mark.parametrize("kind", ["mistral", "gemma", "nf4"])
def test_added_blocks_change_nothing_until_they_learn(tiny, kind, tmp_path: Path) -> None:
    model = gemma() if kind == "gemma" else load_model(
        tiny.path, quantise="nf4" if kind == "nf4" else "none"
    )  # fmt: skip
    was, count = logits(model), len(model.base_model.layers)
    way = Progressive(Section(form="block_expansion", every=2))
    model = way.shape(model)
    assert len(model.base_model.layers) == count + count // 2
    assert torch.equal(logits(model), was)
    old = {n: p.detach().clone() for n, p in model.named_parameters()}
    fit(model, ROWS, Schedule(1e-3, 6), [way])
    assert not torch.allclose(logits(model), was, atol=1e-3)
    places = [n for n, b in enumerate(model.base_model.layers) if b in list(added_blocks(model))]
    assert places == list(range(2, count + count // 2, 3))
    moved = {n for n, p in model.named_parameters() if not torch.equal(p.detach(), old[n])}
    marks = tuple(f".layers.{n}." for n in places)
    assert moved and all(any(mark in name for mark in marks) for name in moved)
    learned = logits(model)
    saved = save_expanded(model, tmp_path / "expanded")
    again = type(model).from_pretrained(saved).eval()
    tolerance = 1e-4 if kind == "nf4" else 0  # four-bit products round otherwise than plain ones
    torch.testing.assert_close(logits(again), learned, rtol=tolerance, atol=tolerance * 10)


@pytest.mark.parametrize("kind", ["mistral", "gemma"])
def test_the_first_step_moves_added_blocks_as_little_as_its_rate(tiny, kind) -> None:
    model = gemma() if kind == "gemma" else load_model(tiny.path)
    was = logits(model)
    way = Progressive(Section(form="block_expansion", every=2))
    model = way.shape(model)
    fit(model, ROWS, Schedule(1e-5, 1), [way])
    assert 0 < (logits(model) - was).abs().max() < 1e-3


def test_block_expansion_refuses_what_does_not_divide(tiny) -> None:
    with pytest.raises(BookError) as caught:
        Progressive(Section(form="block_expansion", every=4)).shape(load_model(tiny.path))
    assert caught.value.code is Code.BAD_SETTING and "1, 2" in caught.value.remedy


def test_block_expansion_trains_no_adapter_nor_the_other_weights(tiny) -> None:
    way = Progressive(Section(form="block_expansion", every=1))
    model = attach(way.shape(load_model(tiny.path)), AttachPlan("full"))
    run = a_run(model)
    way.prepare(run)
    names = trained(model)
    assert names and run.reference.start.keys() == names.keys()
    assert all(".layers.1." in n or ".layers.3." in n for n in names)
    with pytest.raises(BookError):
        Progressive(Section(form="block_expansion")).prepare(a_run(load_model(tiny.path)))
