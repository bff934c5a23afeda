"""OPLoRA: ΔW off the strongest singular directions of the weights (arXiv 2510.13003).

    W = U Σ Vᵀ;  P_L = I − U_k U_kᵀ,  P_R = I − V_k V_kᵀ;  ΔW = s · P_L B A P_R

Then (W + ΔW) V_k = U_k Σ_k and U_kᵀ (W + ΔW) = Σ_k V_kᵀ: the k strongest triples stay triples of
the new weight, up to rounding. k is ``k_fraction`` of the smaller side.

Instead of projections inside of the forward pass (the paper), A and B are projected before the
first step and after every one: the weights reached are the same set, the optimiser's path within it
is not (its moments see unprojected gradients). Adapters that are frozen below the new one count as
part of W. Four-bit weights are unpacked one layer at a time.

k is ``k_fraction`` of the smaller side, ``k_max`` at most (ours). At 24 B parameters a quarter of
the directions would be 1,280 of each weight and 30 GB; 128 are 3 GB. Up to ``exact_max`` on the
narrower side the SVD is exact. Beyond it the directions come from a random sample of the range
with 16 columns to spare and 4 rounds of subspace iteration (``torch.svd_lowrank``; Halko,
Martinsson and Tropp, arXiv 0909.4061): 10 products of each weight with k + 16 columns. The
directions that are found are held exactly, whatever they are; how far they are from singular ones
is measured and logged:

    residual = max over layers of |W V_k − U_k Σ_k| / |Σ_k|   (Frobenius; 0 for exact ones)

A continued adapter is refused: its ΔW is there before the first step. The directions are part of
the state, so that a resumed run decomposes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import stable_int
from booktune_assets.training.columns import NEW, base_weight, earlier_names
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.strategies.base import Passive, Run

__all__ = ["Oplora", "strongest"]

SPARE, ROUNDS = 16, 4  # of the sampled decomposition


def strongest(
    weight: torch.Tensor, count: int, *, exact: bool = True, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """U_k [out, k] and V_k [in, k] of a weight [out, in] for k = ``count``, and their residual."""
    if exact:
        left, values, right = torch.linalg.svd(weight, full_matrices=False)
        right = right.T
    else:
        devices = [weight.device] if weight.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed)
            sample = min(count + SPARE, min(weight.shape))
            left, values, right = torch.svd_lowrank(weight, q=sample, niter=ROUNDS)
    left, right = left[:, :count].contiguous(), right[:, :count].contiguous()
    off = (weight @ right - left * values[:count]).norm() / values[:count].norm()
    return left, right, float(off)


class Oplora(Passive):
    """Holds U_k and V_k by layer."""

    name = "oplora"

    def __init__(self, settings: Any) -> None:
        self.settings = settings
        self.kept: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        self.residual = 0.0
        self._cut = 0.0

    def prepare(self, run: Run) -> None:
        """One SVD per layer, then project. Raises ``BAD_SETTING`` for an adapter that continues."""
        if self.name in run.saved:
            self.load_state_dict(run.saved[self.name])
        else:
            self._decompose(run)
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

    def _decompose(self, run: Run) -> None:
        below, chosen = earlier_names(run.model), self.settings
        for part in lora_parts(run.model, NEW):
            weight = base_weight(part.module, below=below)
            narrow = min(weight.shape)
            count = min(chosen.k_max, max(1, round(chosen.k_fraction * narrow)))
            exact = narrow <= chosen.exact_max or count + SPARE >= narrow
            seed = stable_int(f"{run.seed}:{part.name}") % 2**31
            left, right, off = strongest(weight, count, exact=exact, seed=seed)
            self.kept[part.name] = (left, right)
            self.residual = max(self.residual, off)

    def on_step_end(self, model: Any, step: int) -> None:
        """Back onto what is free."""
        self._project(model)

    def _project(self, model: Any) -> None:
        cut = whole = 0.0
        with torch.no_grad():
            for part in lora_parts(model, NEW):
                left, right = self._sides(part.name, part.up.device)
                off = (left @ (left.T @ part.up.float())).to(part.up.dtype)
                cut += float(off.square().sum())
                whole += float(part.up.square().sum())
                part.up.sub_(off)
                part.down.sub_(((part.down.float() @ right) @ right.T).to(part.down.dtype))
        self._cut = cut / whole if whole else 0.0

    def _sides(self, name: str, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """U_k and V_k where the layer is; those of a checkpoint came to the CPU."""
        left, right = self.kept[name]
        if left.device != device:
            self.kept[name] = left, right = left.to(device), right.to(device)
        return left, right

    def metrics(self) -> dict[str, float]:
        """The share of B (squared) that the last projection took away, and the residual."""
        return {"cut": self._cut, "residual": self.residual}

    def state_dict(self) -> dict[str, Any]:
        """The directions: decomposing costs more than reading them."""
        sides = {"left": 0, "right": 1}
        kept = {side: {n: pair[at] for n, pair in self.kept.items()} for side, at in sides.items()}
        return {**kept, "residual": self.residual}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take them up."""
        left, right = state["left"], state["right"]
        self.kept = {name: (left[name], right[name]) for name in left}
        self.residual = float(state["residual"])
