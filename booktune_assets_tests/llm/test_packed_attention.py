"""Sample by sample is what the dense mask says: outputs and gradients, windows, four bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    MistralConfig,
    MistralForCausalLM,
    masking_utils,
)

from booktune_assets.llm import packed_attention
from booktune_assets.llm.heads import token_nll
from booktune_assets.llm.loading import load_model
from booktune_assets.llm.packed_attention import NAME, boundaries, use_packed_attention
from booktune_assets.training.attach import AttachPlan, attach
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.reference import trained
from booktune_assets.training.trainer import row_inputs
from booktune_assets_tests.training.rows_fixture import PackedRow, sample

ROW = PackedRow(False, [sample("a", 11), sample("b", 30), sample("c", 1), sample("d", 7)])
EVEN = PackedRow(False, [sample("a", 12), sample("b", 12), sample("c", 12)])
SHAPE: dict[str, Any] = {
    "vocab_size": 259, "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 4,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "pad_token_id": 0,
    "bos_token_id": 1, "eos_token_id": 2, "max_position_embeddings": 256, "initializer_range": 0.1,
}  # fmt: skip
KINDS = ("mistral", "windowed", "gemma")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Mistral's architecture without a window and with one, and Gemma's (every other layer)."""
    layers = ["sliding_attention", "full_attention"] * 2
    gemma = Gemma3TextConfig(**SHAPE, sliding_window=8, layer_types=layers)
    made = {
        "mistral": lambda: MistralForCausalLM(MistralConfig(**SHAPE, sliding_window=None)),
        "windowed": lambda: MistralForCausalLM(MistralConfig(**SHAPE, sliding_window=8)),
        "gemma": lambda: Gemma3ForCausalLM(gemma),
    }
    home = tmp_path_factory.mktemp("models")
    for name in KINDS:
        torch.manual_seed(0)
        made[name]().save_pretrained(home / name)
    return {name: home / name for name in KINDS}


def _tuned(folder: Path, *, quantise: bool, checkpointing: bool) -> Any:
    torch.manual_seed(3)
    plan = AttachPlan(
        rank=4, alpha=8, base="b", quantised=quantise, checkpointing=checkpointing
    )  # fmt: skip
    model = attach(load_model(folder, quantise="nf4" if quantise else "none"), plan).train()
    with torch.no_grad():
        for part in lora_parts(model):
            part.up.normal_(0, 0.1)  # at B = 0 half of the gradients are 0
    return model


def _learned(model: Any, row: PackedRow, implementation: str) -> tuple[Any, dict[str, Any]]:
    model.get_base_model().set_attn_implementation(implementation)
    model.zero_grad()
    targets = torch.tensor(row.targets)
    losses = token_nll(model, row_inputs(row, "cpu"), targets[:, 0], targets[:, 1])
    losses.mean().backward()
    return losses.detach(), {name: part.grad.clone() for name, part in trained(model).items()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", [ROW, EVEN], ids=["lengths", "one length"])
@pytest.mark.parametrize(("quantise", "checkpointing"), [(False, False), (True, True)])
def test_losses_and_gradients_are_those_of_the_mask(
    folders: dict[str, Path], row: PackedRow, kind: str, quantise: bool, checkpointing: bool
) -> None:
    if quantise:
        pytest.importorskip("bitsandbytes")
    model = _tuned(folders[kind], quantise=quantise, checkpointing=checkpointing)
    assert model.config._attn_implementation == NAME, "attaching chooses it"
    (dense, slopes), (mine, also) = (_learned(model, row, how) for how in ("sdpa", NAME))
    torch.testing.assert_close(mine, dense, rtol=1e-5, atol=1e-5)
    for name, slope in slopes.items():
        torch.testing.assert_close(also[name], slope, rtol=1e-4, atol=1e-6, msg=name)
        assert float(slope.abs().max()) > 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", [ROW, EVEN], ids=["lengths", "one length"])
def test_a_packed_sample_is_a_sample_alone(
    folders: dict[str, Path], row: PackedRow, kind: str
) -> None:
    model = load_model(folders[kind])
    assert use_packed_attention(model) == NAME
    with torch.inference_mode():
        packed = model(**row_inputs(row, "cpu"), use_cache=False).logits[0]
        alone = [model(torch.tensor([one.ids]), use_cache=False).logits[0] for one in row.samples]
        torch.testing.assert_close(packed, torch.cat(alone), rtol=1e-4, atol=1e-5)
        told = row_inputs(row, "cpu")
        plain = {name: told[name] for name in ("input_ids", "position_ids")}
        masked = model(**plain, use_cache=False).logits[0]
    torch.testing.assert_close(packed, masked, rtol=1e-4, atol=1e-5)


def test_no_mask_is_needed_and_none_but_the_pairs_that_count_are_computed(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, bool]] = []
    real = torch.nn.functional.scaled_dot_product_attention

    def watched(query: Any, *rest: Any, **options: Any) -> Any:
        asked.append((query.shape[2], options.get("attn_mask") is not None))
        return real(query, *rest, **options)

    model = load_model(folders["gemma"])
    use_packed_attention(model)
    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", watched)
    with torch.inference_mode():
        model(**row_inputs(ROW, "cpu"), use_cache=False)
    full = [(11, False), (30, False), (1, False), (7, False)]
    windowed = [(11, True), (30, True), (1, False), (7, False)]
    assert asked == (windowed + full) * 2
    asked.clear()
    with torch.inference_mode():
        model(**row_inputs(EVEN, "cpu"), use_cache=False)
    assert asked == [(12, True), (12, False)] * 2, "samples of one length go together"


@pytest.mark.parametrize("kind", KINDS)
def test_transformers_makes_no_mask_and_what_needs_one_gets_ours(
    folders: dict[str, Path], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_model(folders[kind])
    use_packed_attention(model)
    made: list[Any] = []
    real = masking_utils.find_packed_sequence_indices

    def seen(ids: Any) -> Any:
        made.append(ids)
        return real(ids)

    monkeypatch.setattr(masking_utils, "find_packed_sequence_indices", seen)
    with torch.inference_mode():
        packed = model(**row_inputs(ROW, "cpu"), use_cache=False).logits
        assert not made
        monkeypatch.setattr(packed_attention, "_BENT", ("scaling",))  # each layer tells that
        bent = model(**row_inputs(ROW, "cpu"), use_cache=False).logits
        assert not made
        told = row_inputs(ROW, "cpu")
        plain = {name: told[name] for name in ("input_ids", "position_ids")}
        model(**plain, use_cache=False)
    assert made, "without boundaries it is transformers' own"
    torch.testing.assert_close(bent, packed, rtol=1e-4, atol=1e-5)


def test_padding_and_generation_are_left_to_transformers(folders: dict[str, Path]) -> None:
    """Left-padded prompts of two lengths, sampled greedily, as with plain SDPA."""
    model = load_model(folders["gemma"])
    ids = torch.tensor([[0, 0, 1, 60, 70], [1, 80, 90, 100, 110]])
    told: dict[str, Any] = {"attention_mask": (ids > 0).long(), "max_new_tokens": 12}
    plain = model.generate(ids, **told, do_sample=False)
    use_packed_attention(model)
    assert torch.equal(model.generate(ids, **told, do_sample=False), plain)
    assert boundaries([5], "cpu") == {}
