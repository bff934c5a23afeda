"""Anchored supervised fine-tuning (arXiv 2509.23753): DFT held near the reference.

    L = mean over tokens of −sg(p) log p + α · KL(ref‖θ)

The weights of DFT drift; the divergence holds them. The direction is that of the authors' released
code, which takes it at the learned tokens over the whole vocabulary, as we do. Ours: the reference
is the run's own start in the same weights, and rows that rehearse are left alone. Cost: new rows
forwards once more (see ``kl.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from booktune_assets.settings_training import Asft as Settings
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.reference import Reference
from booktune_assets.training.strategies.base import Output, Run
from booktune_assets.training.strategies.dft import Dft
from booktune_assets.training.strategies.kl import from_reference

__all__ = ["Asft"]


class Asft(Dft):
    """Weights of DFT and a divergence."""

    name = "asft"
    reference: Reference

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.apart = 0.0

    def prepare(self, run: Run) -> None:
        """Keep the reference."""
        self.reference = run.reference

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """α KL(ref‖θ) at the learned tokens of a new row."""
        if row.rehearsal:
            return {}
        found = from_reference(model, self.reference, output, "forward").mean()
        self.apart = float(found.detach())
        return {"kl": self.settings.alpha * output.share * found}

    def metrics(self) -> dict[str, float]:
        """Weight and divergence (nats per token) of the last new row."""
        return {**super().metrics(), "kl": self.apart}

    def state_dict(self) -> dict[str, Any]:
        """Both figures."""
        return {**super().state_dict(), "apart": self.apart}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take them up."""
        super().load_state_dict(state)
        self.apart = float(state.get("apart", 0.0))
