"""Dynamic fine-tuning (arXiv 2508.05629): a token's loss counts by its probability.

    L = mean over tokens of −sg(p) log p,   p = p_θ(token | before),  sg: without gradient

The gradient of log p is (1/p) ∇p, so the factor takes out the weight that plain training gives to
what the model finds unlikely. By the same token it learns rare names slowly. Ours: only rows of new
knowledge are weighed; what is rehearsed counts whole. Costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from booktune_assets.training.batches import PackedRow
from booktune_assets.training.strategies.base import Output, Passive

__all__ = ["Dft"]


class Dft(Passive):
    """Weights exp(−loss)."""

    name = "dft"

    def __init__(self, settings: Any = None) -> None:
        self.weight = 1.0

    def row_weights(self, model: Any, row: PackedRow, output: Output) -> Any | None:
        """Probability of each learned token; none on rows that rehearse."""
        if row.rehearsal:
            return None
        weights = (-output.nll.detach()).exp()
        self.weight = float(weights.mean())
        return weights

    def metrics(self) -> dict[str, float]:
        """Mean weight of the last new row."""
        return {"weight": self.weight}

    def state_dict(self) -> dict[str, Any]:
        """The figure: a step whose rows all rehearse logs that of the last new row."""
        return {"weight": self.weight}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take it up."""
        self.weight = float(state.get("weight", 1.0))
