"""An adapter scaled in its files: by depth, LiNeS (arXiv 2410.17146), or as a whole.

    ΔW_l ← (α + β l / (L − 1)) ΔW_l,  l = 0 … L − 1;  here α = first, β = 1 − first

Early layers hold what is common to all texts and keep more of what they were; the last keeps its
whole change. The factor is written into B (W + s (c B) A = W + c s B A), so the adapter's files say
all and any server loads them.

Belongs here: factors, writing them. Does not: measuring what it does (``curve.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.lake import replaced

__all__ = ["factors", "scale_file", "turn_down"]

_LAYER = re.compile(r"\.layers\.(\d+)\.")
_UP = re.compile(r"\.lora_B\.")


def factors(layers: int, first: float) -> list[float]:
    """One factor per layer, from ``first`` to 1 in equal steps; a single layer keeps 1."""
    if layers == 1:
        return [1.0]
    return [first + (1 - first) * layer / (layers - 1) for layer in range(layers)]


def scale_file(weights: Path, layers: int, first: float) -> int:
    """Scale every B of an ``adapter_model.safetensors`` in place; gives how many.

    ``layers`` are the model's. Written aside and renamed. Raises ``BAD_SETTING`` when a matrix
    stands in no numbered layer of the model.
    """
    scale = factors(layers, first)

    def of_layer(name: str) -> float:
        place = _LAYER.search(name)
        if place is None or int(place[1]) >= layers:
            raise BookError(
                Code.BAD_SETTING, "Set post.lines to false: this adapter has no depth", tensor=name
            )
        return scale[int(place[1])]

    return _scaled(weights, of_layer)


def turn_down(weights: Path, strength: float) -> int:
    """Every B of an ``adapter_model.safetensors`` times ``strength``, in place; gives how many.

    ``alpha / rank`` stays what servers and our own checks take for granted.
    """
    return _scaled(weights, lambda name: strength)


def _scaled(weights: Path, factor: Callable[[str], float]) -> int:
    from safetensors.torch import load_file, save_file

    tensors: dict[str, torch.Tensor] = load_file(weights)
    scaled = 0
    for name, tensor in tensors.items():
        if _UP.search(name):
            tensors[name] = tensor * factor(name)
            scaled += 1
    with replaced(weights) as temp:
        save_file(tensors, temp, metadata={"format": "pt"})
    return scaled
