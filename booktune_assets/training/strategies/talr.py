"""Token-adaptive loss reweighting, TALR (arXiv 2509.20758): unlikely tokens weigh less.

    w = sg(p)^(1/τ) = exp(−sg(loss)/τ),   L = mean over tokens of w · loss

The paper gets p^(1/τ) as the weights that minimise Σ w·loss with an entropy of strength τ, and
sets τ anew for each batch: the median over its sequences of their mean loss, so that weights fade
as the model learns. Ours differs in three points: a packed row stands for the batch, because that
is what one forward pass sees; weights are not normalised to sum to one, so a row whose tokens are
all unlikely counts less; and they do not fall under ``floor``, so that no token is silenced
(whether the paper has such a bound we could not verify). With τ = 1 and no floor this is DFT. Only
rows of new knowledge are weighed. Costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from booktune_assets.settings_training import Talr as Settings
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.strategies.base import Output, Passive

__all__ = ["Talr"]


class Talr(Passive):
    """Weights exp(−loss/τ), not under the floor."""

    name = "talr"

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.figures: dict[str, float] = {}

    def row_weights(self, model: Any, row: PackedRow, output: Output) -> Any | None:
        """Weights of each learned token; none on rows that rehearse."""
        if row.rehearsal:
            return None
        losses = output.nll.detach()
        tau = self.settings.temperature or _median_loss(row, losses)
        weights = (-losses / max(tau, 1e-6)).exp().clamp(min=self.settings.floor)
        self.figures = {"tau": tau, "weight": float(weights.mean())}
        return weights

    def metrics(self) -> dict[str, float]:
        """τ and the mean weight of the last new row."""
        return dict(self.figures)

    def state_dict(self) -> dict[str, Any]:
        """The figures: a step whose rows all rehearse logs those of the last new row."""
        return {"figures": dict(self.figures)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take them up."""
        self.figures = dict(state.get("figures", {}))


def _median_loss(row: PackedRow, losses: Any) -> float:
    """Median over the row's samples of the mean loss of their learned tokens, in nats."""
    sizes = [sum(sample.learned[1:]) for sample in row.samples]
    means = [part.mean() for part in losses.split(sizes) if len(part)]
    return float(torch.stack(means).quantile(0.5))
