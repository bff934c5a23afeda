"""Four-bit weights stay what they were after an evaluation, and let gradients through."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from peft.utils.integrations import dequantize_module_weight

from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets.llm.loading import load_model, load_tokenizer


def test_an_evaluation_does_not_repack_four_bit_weights(tiny) -> None:
    ids = torch.tensor([[1, 70, 80, 90]])
    model = load_model(tiny.path, quantise="nf4")
    layer = model.base_model.layers[0].self_attn.q_proj
    before = dequantize_module_weight(layer).clone()
    with torch.inference_mode():
        said = model(ids).logits.clone()
    assert torch.equal(dequantize_module_weight(layer), before)
    stream = model.get_input_embeddings()(ids).detach().requires_grad_()
    learned = model.train()(inputs_embeds=stream).logits
    torch.testing.assert_close(learned.detach(), said, rtol=1e-4, atol=1e-4)
    learned.sum().backward()
    assert stream.grad is not None
    gradient = stream.grad.clone()
    stream.grad = None
    load_model(tiny.path, quantise="nf4").train()(inputs_embeds=stream).logits.sum().backward()
    assert torch.equal(stream.grad, gradient), "as if nothing had been evaluated before"


@pytest.mark.parametrize("text", ["{", "{}", '{"model": {"type": "none"}}'])
def test_a_broken_tokenizer_is_a_coded_error(tiny, tmp_path: Path, text: str) -> None:
    mine = Path(shutil.copytree(tiny.path, tmp_path / "mine"))
    load_tokenizer(mine)
    (mine / "tokenizer.json").write_text(text)
    with pytest.raises(MissingPrerequisite) as caught:
        load_tokenizer(mine)
    assert caught.value.code is Code.MODEL_MISSING and "anew" in caught.value.remedy
