"""The low-rank layers of a model with an adapter, seen as ΔW = scale · B A.

Belongs here: finding them. Does not: attaching adapters (``trainer.py``), what is done with ΔW.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["LoraPart", "lora_parts"]


@dataclass(frozen=True, slots=True)
class LoraPart:
    """One adapted linear layer: ``down`` is A [rank, in], ``up`` is B [out, rank]."""

    name: str  # of the layer in the model, e.g. "…layers.0.self_attn.q_proj"
    module: Any  # peft's LoraLayer: its hooks see the layer's input and output
    down: Any
    up: Any
    scale: float

    def delta(self) -> Any:
        """ΔW [out, in]. Large: only for small models and tests."""
        return self.scale * (self.up @ self.down)


def lora_parts(model: Any, adapter: str = "default") -> Iterator[LoraPart]:
    """Every layer that has ``adapter``, in the model's order."""
    for name, module in model.named_modules():
        downs = getattr(module, "lora_A", None)
        if downs is not None and adapter in downs:
            yield LoraPart(
                name, module, downs[adapter].weight, module.lora_B[adapter].weight,
                float(module.scaling[adapter]),
            )  # fmt: skip
