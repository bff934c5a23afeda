"""Several adapters on one model: earlier columns frozen beside the one that learns.

Belongs here: attaching a new adapter beside earlier ones, which of them speak, the base weight that
lies below, making one adapter of all. Does not: what a lateral connection learns
(``strategies/progressive.py``), single adapters (``attach.py``).

With columns j < k the layer gives W x + Σ_j s_j B_j A_j x + s_k B_k A_k x. Each column keeps its
rank and scale. ``collapsed`` writes the sum as one adapter of rank Σ r_j that any server loads: it
is the same matrix, so nothing is lost but which part came when.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.training.lora_layers import LoraPart, lora_parts

__all__ = [
    "NEW", "activate", "attach_beside", "base_weight", "collapse", "earlier_names", "showing",
]  # fmt: skip

NEW = "default"  # the adapter that learns has peft's own default name
EARLIER = "earlier_"
SERVED_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # what vLLM has room for (max_lora_rank)


def attach_beside(model: Any, folders: Sequence[Path], config: Any) -> Any:
    """The bare model with the adapters of ``folders`` frozen and active, and a fresh one beside.

    ``config`` is peft's ``LoraConfig`` of the fresh one, which learns. Oldest folder first. Raises
    ``BAD_SETTING`` without a folder.
    """
    from peft import PeftModel

    if not folders:
        raise BookError(Code.BAD_SETTING, "Name the earlier adapters that stay beside the new one")
    model.requires_grad_(False)
    tuned: Any = None
    for number, folder in enumerate(folders):
        name = f"{EARLIER}{number}"
        if tuned is None:
            tuned = PeftModel.from_pretrained(model, str(folder), adapter_name=name)
        else:
            tuned.load_adapter(str(folder), adapter_name=name)
    tuned.add_adapter(NEW, config)
    activate(tuned, [*earlier_names(tuned), NEW])
    return tuned


def earlier_names(model: Any) -> list[str]:
    """The adapters of a model but the one that learns, oldest first; empty for a bare model."""
    return [name for name in getattr(model, "peft_config", {}) if name != NEW]


def activate(model: Any, names: Sequence[str]) -> None:
    """Let these adapters speak, in this order. Only the new one learns."""
    learning = {id(p) for p in model.parameters() if p.requires_grad}
    model.base_model.set_adapter(list(names))  # which makes all of them learn
    new = {name for name, _ in model.named_parameters() if f".{NEW}." in name}
    for name, part in model.named_parameters():
        in_lora = "lora_" in name
        part.requires_grad_(name in new if in_lora else id(part) in learning)


@contextmanager
def showing(model: Any, names: Sequence[str]) -> Generator[None]:
    """The model with only these adapters, for a while. No names: the base."""
    before = list(model.base_model.active_adapters)
    learning = {name for name, part in model.named_parameters() if part.requires_grad}
    try:
        if names:
            model.base_model.set_adapter(list(names))
            yield
        else:
            with model.disable_adapter():
                yield
    finally:
        model.base_model.set_adapter(before)
        for name, part in model.named_parameters():
            part.requires_grad_(name in learning)


def base_weight(module: Any, *, below: Sequence[str] = ()) -> torch.Tensor:
    """The weight [out, in] below an adapted layer in fp32, dequantised when it is in four bits.

    ``below`` are adapters whose ΔW counts as part of it. A copy: changing it changes no model.
    """
    from peft.utils.integrations import dequantize_module_weight

    base = module.get_base_layer() if hasattr(module, "get_base_layer") else module
    weight = dequantize_module_weight(base).detach().float().clone()
    for name in below:
        if name in module.lora_A:
            product = module.lora_B[name].weight.float() @ module.lora_A[name].weight.float()
            weight += float(module.scaling[name]) * product.detach().to(weight.device)
    return weight


def collapse(model: Any) -> None:
    """Make one adapter, named like the new one, of all of them; the earlier ones go.

    Its rank is the sum of the ranks, filled with zeros up to the next that servers have room for,
    so s·B A of the one equals Σ s_j B_j A_j up to rounding in fp32. alpha is twice the rank and B
    takes up the scales.
    """
    from peft import LoraConfig

    names = [*earlier_names(model), NEW]
    targets = {part.name for name in names for part in lora_parts(model, name)}
    parts = {name: {part.name: part for part in lora_parts(model, name)} for name in names}
    rank = max(sum(_rank(parts[name].get(one)) for name in names) for one in targets)
    rank = next((one for one in SERVED_RANKS if one >= rank), rank)
    joined = {
        one: _joined([parts[name][one] for name in names if one in parts[name]], rank)
        for one in sorted(targets)
    }
    old = model.peft_config[NEW]
    config = LoraConfig(
        r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=old.target_modules,
        task_type="CAUSAL_LM", base_model_name_or_path=old.base_model_name_or_path,
    )  # fmt: skip
    for name in names:
        model.delete_adapter(name)
    model.add_adapter(NEW, config)
    model.base_model.set_adapter([NEW])
    with torch.no_grad():
        for part in lora_parts(model, NEW):
            if part.name in joined:
                down, up = joined[part.name]
                part.down.copy_(down)
                part.up.copy_(up)


def _rank(part: LoraPart | None) -> int:
    return 0 if part is None else int(part.down.shape[0])


def _joined(parts: Sequence[LoraPart], rank: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A and B of the sum; the scale of the joined adapter is alpha / rank = 2."""
    down = torch.cat([part.down.detach() for part in parts])
    up = torch.cat([part.up.detach() * (part.scale / 2) for part in parts], dim=1)
    short = rank - down.shape[0]
    return (
        torch.cat([down, down.new_zeros(short, down.shape[1])]),
        torch.cat([up, up.new_zeros(up.shape[0], short)], dim=1),
    )
