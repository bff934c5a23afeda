"""O-LoRA: the new adapter's rows at right angles to the earlier ones' (arXiv 2310.14152).

    L = L_new + λ₁ Σ_layers Σ_{j<k} Σ_{a,b} |A_j A_kᵀ|_{ab} + λ₂ Σ_layers (‖A_k‖₂ + ‖B_k‖₂)

Rows of A span the inputs that an adapter listens to. When the new ones are orthogonal to earlier
ones, inputs that earlier stages read do not reach the new column. ‖·‖₂ is the norm of the matrix'
entries (Frobenius), not squared, as in the released code.

Earlier adapters are the frozen ones beside the new one (``columns.py``); where they were merged or
are not loaded, the A's that the stage before left. Ours: a stage leaves all A's up to itself in one
stack, so a chain of stages stays apart from all of them. The orthogonal term grows with r_j r_k and
with the number of layers; λ₁ = 0.5 is the authors', for rank 8 on two projections.
"""

from __future__ import annotations

from typing import Any

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.columns import NEW, earlier_names
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.strategies.base import Output, Passive, Run

__all__ = ["Olora"]


class Olora(Passive):
    """Holds the earlier A's [Σ r_j, in] by layer."""

    name = "olora"

    def __init__(self, settings: Any) -> None:
        self.orthogonal: float = settings.orthogonal
        self.l2: float = settings.l2
        self.earlier: dict[str, torch.Tensor] = {}
        self._last: dict[str, float] = {}

    def prepare(self, run: Run) -> None:
        """Gather the earlier A's. Raises ``BAD_SETTING`` when there is none."""
        names = earlier_names(run.model)
        found: dict[str, list[torch.Tensor]] = {}
        for name in names:
            for part in lora_parts(run.model, name):
                found.setdefault(part.name, []).append(part.down.detach())
        self.earlier = {layer: torch.cat(downs).clone() for layer, downs in found.items()}
        left = run.earlier.get(self.name, {})
        for part in lora_parts(run.model):
            if part.name not in self.earlier and part.name in left:
                self.earlier[part.name] = left[part.name].to(part.down.device, part.down.dtype)
        if not any(part.name in self.earlier for part in lora_parts(run.model)):
            raise BookError(
                Code.BAD_SETTING,
                "It needs the adapter of an earlier stage (training.stages), or leave it out",
                forgetting=self.name,
            )

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """Both terms, once per step."""
        if output.row:
            return {}
        device = output.nll.device
        overlap = torch.zeros((), device=device)
        size = torch.zeros((), device=device)
        for part in lora_parts(model, NEW):
            if part.name in self.earlier:
                overlap = overlap + (self.earlier[part.name] @ part.down.T).abs().sum()
            if self.l2:
                size = size + part.down.norm() + part.up.norm()
        self._last = {"overlap": float(overlap.detach())}
        terms = {"orthogonal": self.orthogonal * overlap}
        return terms | ({"l2": self.l2 * size} if self.l2 else {})

    def metrics(self) -> dict[str, float]:
        """Σ|A_j A_kᵀ| of the last step, before λ₁."""
        return dict(self._last)

    def leave(self, run: Run) -> dict[str, Any]:
        """All A's so far by layer: the earlier ones, then this stage's."""
        return {
            part.name: torch.cat(
                [*([self.earlier[part.name]] if part.name in self.earlier else []), part.down]
            ).detach().clone()
            for part in lora_parts(run.model)
        }  # fmt: skip
