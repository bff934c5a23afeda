"""Blocks added to a model that change nothing until they learn (LLaMA Pro, arXiv 2401.02415).

Belongs here: adding them, finding them again, saving the result. Does not: what trains
(``progressive.py``).

A decoder block is x + Attn(N x), then x + MLP(N x). With the last projection of both zeroed the
copy adds 0 to the stream: outputs are bit-identical. Where a norm follows that projection (Gemma 2
and 3, OLMo 2, GLM 4) the norm's gain is zeroed instead (ours): a norm of 0 is 0, but of the least
update it is as long as any, so the first step would add whole blocks to the stream. The other
weights of the copy are kept, so that gradients reach the zeroed ones at once. On four-bit weights a
copy is unpacked, since packed ones cannot learn; what is saved is unpacked everywhere.
"""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from booktune_assets.errors import BookError, Code

__all__ = ["ZEROED", "added_blocks", "expand", "save_expanded"]

ZEROED = ("o_proj", "down_proj")
_MARK = "booktune_added"
_NORMS_AFTER = (  # names of the norms behind attention and MLP, where both are there
    ("post_attention_layernorm", "post_feedforward_layernorm"),
    ("post_self_attn_layernorm", "post_mlp_layernorm"),
)


def expand(model: Any, every: int) -> Any:
    """The bare model with a copy after every ``every`` blocks. Raises ``BAD_SETTING``."""
    blocks, config = model.base_model.layers, model.config.get_text_config()
    count = len(blocks)
    if every > count or count % every:
        fits = [str(n) for n in range(1, count + 1) if count % n == 0]
        raise BookError(
            Code.BAD_SETTING,
            f"Let every divide the model's {count} blocks: {', '.join(fits)}",
            form="block_expansion", every=every,
        )  # fmt: skip
    kinds: list[str] | None = getattr(config, "layer_types", None)
    made: list[Any] = []
    types: list[str] = []
    for number, block in enumerate(blocks):
        made.append(block)
        types += kinds[number : number + 1] if kinds else []
        if (number + 1) % every == 0:
            made.append(_copied(block))
            types += types[-1:]
    for number, block in enumerate(made):
        for part in block.modules():
            if hasattr(part, "layer_idx"):
                part.layer_idx = number
    config.num_hidden_layers = len(made)
    if kinds:
        config.layer_types = types
    model.base_model.layers = torch.nn.ModuleList(made)
    return model


def added_blocks(model: Any) -> Iterator[Any]:
    """The copies, first to last; also of a model that was wrapped since."""
    return (part for part in model.modules() if getattr(part, _MARK, False))


def save_expanded(model: Any, folder: Path) -> Path:
    """Write the whole model, unpacked, aside and then in place: a full checkpoint, no adapter."""
    temp = folder.with_name(f".{folder.name}.tmp-{os.getpid()}")
    shutil.rmtree(temp, ignore_errors=True)
    _unpack(model)
    model.config.__dict__.pop("quantization_config", None)
    model.save_pretrained(temp)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(temp, folder)
    return folder


def _copied(block: Any) -> Any:
    twin = copy.deepcopy(block)
    _unpack(twin)
    setattr(twin, _MARK, True)
    if after := next((two for two in _NORMS_AFTER if all(hasattr(twin, n) for n in two)), None):
        for name in after:
            _close(getattr(twin, name))
        return twin
    zeroed: set[str] = set()
    for name, part in twin.named_modules():
        kind = name.rpartition(".")[2]
        if kind in ZEROED and isinstance(part, torch.nn.Linear):
            zeroed.add(kind)
            with torch.no_grad():
                for tensor in part.parameters():  # weight and, where there is one, bias
                    tensor.zero_()
    if missing := set(ZEROED) - zeroed:
        raise BookError(
            Code.BAD_SETTING,
            "Blocks of this architecture cannot be added: choose form stacked or lateral",
            missing=", ".join(sorted(missing)),
        )
    return twin


def _close(norm: Any) -> None:
    """The gain of a norm is 0: its weight is that, or 1 is added to its weight (Gemma)."""
    with torch.no_grad():
        for weight in (0.0, -1.0):
            norm.weight.fill_(weight)
            if not norm(torch.ones_like(norm.weight)).any():
                return
    raise BookError(
        Code.BAD_SETTING,
        "Blocks of this architecture cannot be added: choose form stacked or lateral",
        missing=type(norm).__name__,
    )


def _unpack(module: Any) -> None:
    """Four-bit linear layers inside become plain ones of the number format they compute in."""
    from peft.utils.integrations import dequantize_module_weight

    for part in list(module.modules()):
        for name, inner in list(part.named_children()):
            if type(inner.weight if hasattr(inner, "weight") else None).__name__ != "Params4bit":
                continue
            weight = dequantize_module_weight(inner).detach().to(inner.compute_dtype)
            plain = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=inner.bias is not None,
                                    dtype=weight.dtype, device=weight.device)  # fmt: skip
            plain.weight = torch.nn.Parameter(weight, requires_grad=False)
            if inner.bias is not None:
                plain.bias = torch.nn.Parameter(inner.bias.detach().clone(), requires_grad=False)
            setattr(part, name, plain)
