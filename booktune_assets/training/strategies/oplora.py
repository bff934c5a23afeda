"""OPLoRA: ΔW off the strongest singular directions of the weights (arXiv 2510.13003).

    W = U Σ Vᵀ;  P_L = I − U_k U_kᵀ,  P_R = I − V_k V_kᵀ;  ΔW = s · P_L B A P_R

Then (W + ΔW) V_k = U_k Σ_k and U_kᵀ (W + ΔW) = Σ_k V_kᵀ: the k strongest triples stay triples of
the new weight, up to rounding. k is ``k_fraction`` of the smaller side.

Instead of projections inside of the forward pass (the paper), A and B are projected before the
first step and after every one: the weights reached are the same set, the optimiser's path within it
is not (its moments see unprojected gradients). Adapters that are frozen below the new one count as
part of W. Four-bit weights are unpacked one layer at a time. Cost: one SVD per layer at the start,
and (in + out) · k numbers per layer kept; at 24 B parameters choose a ``k_fraction`` of about 0.01.

A continued adapter is refused: its ΔW is there before the first step. Nothing is kept for a resume:
the same weights give the same directions.
"""

from __future__ import annotations

from typing import Any

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.training.columns import NEW, base_weight, earlier_names
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.strategies.base import Passive, Run

__all__ = ["Oplora", "strongest"]


def strongest(weight: torch.Tensor, fraction: float) -> tuple[torch.Tensor, torch.Tensor]:
    """U_k [out, k] and V_k [in, k] of a weight [out, in]."""
    count = max(1, round(fraction * min(weight.shape)))
    left, _, right = torch.linalg.svd(weight, full_matrices=False)
    return left[:, :count].contiguous(), right[:count].T.contiguous()


class Oplora(Passive):
    """Holds U_k and V_k by layer."""

    name = "oplora"

    def __init__(self, settings: Any) -> None:
        self.fraction: float = settings.k_fraction
        self.kept: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        self._cut = 0.0

    def prepare(self, run: Run) -> None:
        """One SVD per layer, then project. Raises ``BAD_SETTING`` for an adapter that continues."""
        below = earlier_names(run.model)
        for part in lora_parts(run.model, NEW):
            self.kept[part.name] = strongest(base_weight(part.module, below=below), self.fraction)
        if not self.kept:
            raise BookError(Code.BAD_SETTING, "It needs an adapter", forgetting=self.name)
        ups = (p for n, p in run.reference.start.items() if f"lora_B.{NEW}." in n)
        if any(bool(up.count_nonzero()) for up in ups):
            raise BookError(
                Code.BAD_SETTING,
                "It needs a fresh adapter: put the earlier one beside it (progressive)",
                forgetting=self.name,
            )
        self._project(run.model)
        # the reference of a fresh adapter has B = 0: a projected A says the same
        for name, part in run.model.named_parameters():
            if name in run.reference.start and f"lora_A.{NEW}." in name:
                run.reference.start[name] = part.detach().clone()

    def on_step_end(self, model: Any, step: int) -> None:
        """Back onto what is free."""
        self._project(model)

    def _project(self, model: Any) -> None:
        cut = whole = 0.0
        with torch.no_grad():
            for part in lora_parts(model, NEW):
                left, right = self.kept[part.name]
                off = (left @ (left.T @ part.up.float())).to(part.up.dtype)
                cut += float(off.square().sum())
                whole += float(part.up.square().sum())
                part.up.sub_(off)
                part.down.sub_(((part.down.float() @ right) @ right.T).to(part.down.dtype))
        self._cut = cut / whole if whole else 0.0

    def metrics(self) -> dict[str, float]:
        """The share of B (squared) that the last projection took away."""
        return {"cut": self._cut}
