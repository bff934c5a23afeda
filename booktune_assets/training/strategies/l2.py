"""L2 to the start: every trained parameter is held where the run began, all alike.

    L = L_new + (α/2) Σ_k (θ_k − θ⁰_k)²              L2-SP, Li et al. 2018, arXiv 1802.01483

θ is what the optimiser moves: A and B with an adapter. That is not a ball in ΔW: with a fresh
adapter (B = 0) it bounds both factors of BA, and A is held at its random start, where it says
nothing. For a ball in ΔW with importance see ``ewc.py``. It is the baseline that importance has to
beat. Anchors are copies of their own in fp32: the run's reference may be in a narrower type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from booktune_assets.settings_training import L2 as Settings
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.quadratic import pull
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.base import Output, Passive, Run

__all__ = ["L2"]


class L2(Passive):
    """The penalty."""

    name = "l2"

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.anchor: dict[str, Any] = {}
        self.penalty = 0.0

    def prepare(self, run: Run) -> None:
        """The anchor is the start."""
        self.anchor = {
            name: part.detach().float().clone() for name, part in trained(run.model).items()
        }

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """α/2 Σ (θ − θ⁰)², once per step."""
        if output.row or not self.settings.strength:
            return {}
        penalty = 0.5 * self.settings.strength * pull(trained(model), self.anchor)
        self.penalty = float(penalty.detach())
        return {"l2": penalty}

    def metrics(self) -> dict[str, float]:
        """Penalty of the step, in nats."""
        return {"l2_penalty": self.penalty}

    def state_dict(self) -> dict[str, Any]:
        """The anchor."""
        return {"anchor": {name: one.cpu().clone() for name, one in self.anchor.items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from :meth:`state_dict`."""
        for name, one in state["anchor"].items():
            self.anchor[name] = one.to(self.anchor[name].device)
