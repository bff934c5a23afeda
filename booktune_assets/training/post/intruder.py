"""Intruder dimensions weakened: new strong directions that the base weight does not know.

After Shuttleworth et al. (arXiv 2410.21228). With W = U Σ Vᵀ and W + ΔW = U' Σ' V'ᵀ, an intruder is
one of the ``top`` left vectors u'_i with max_j |u'_i · u_j| < ``near``. Its part of the new weight
is scaled by ``keep``: W' = W + ΔW + (keep − 1) Σ_i σ'_i u'_i v'_iᵀ, and W' − W is brought back to
the adapter's rank by its own SVD, split evenly between B and A.

The same algorithm as peft's ``reduce_intruder_dimension`` (a test compares them). That one cannot
read four-bit weights and leaves a second adapter behind; this one unpacks a layer at a time and
changes the adapter in place.

Belongs here: finding and weakening. Does not: whether it helped (``curve.py``).
"""

from __future__ import annotations

from typing import Any

import torch

from booktune_assets.training.columns import base_weight
from booktune_assets.training.lora_layers import LoraPart, lora_parts

__all__ = ["intruders", "weaken_intruders"]

TOP, NEAR, KEEP = 10, 0.5, 0.75


def intruders(
    weight: torch.Tensor, tuned: torch.Tensor, *, top: int = TOP, near: float = NEAR
) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Places of intruders among the singular vectors of ``tuned`` [out, in], and its SVD."""
    known = torch.linalg.svd(weight, full_matrices=False)[0]
    left, values, right = torch.linalg.svd(tuned, full_matrices=False)
    likeness = (left[:, :top].T @ known).abs().amax(dim=1)
    return torch.nonzero(likeness < near).flatten(), (left, values, right)


def weaken_intruders(
    model: Any, *, top: int = TOP, near: float = NEAR, keep: float = KEEP
) -> dict[str, int]:
    """Change the adapter in place; how many intruders each layer had. Untouched where none."""
    found: dict[str, int] = {}
    with torch.no_grad():
        for part in lora_parts(model):
            weight = base_weight(part.module)
            tuned = weight + part.delta().float()
            places, (left, values, right) = intruders(weight, tuned, top=top, near=near)
            found[part.name] = len(places)
            if len(places):
                alien = (left[:, places] * values[places]) @ right[places]
                _refit(part, tuned + (keep - 1) * alien - weight)
    return found


def _refit(part: LoraPart, delta: torch.Tensor) -> None:
    """The adapter's A and B for a ΔW of higher rank: the nearest of its own rank."""
    rank = part.down.shape[0]
    left, values, right = torch.linalg.svd(delta / part.scale, full_matrices=False)
    root = values[:rank].sqrt()
    part.up.zero_()
    part.down.zero_()
    part.up[:, : len(root)] = (left[:, :rank] * root).to(part.up.dtype)
    part.down[: len(root)] = (root[:, None] * right[:rank]).to(part.down.dtype)
