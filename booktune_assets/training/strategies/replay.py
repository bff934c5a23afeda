"""Replay: rows of earlier knowledge among the new ones.

    L = (1/N) Σ over learned tokens of both kinds, share of old rows fixed in advance

The mixing itself is data (``batches.plan_rows``), so there is no extra loss term. Kept here is how
well the old rows are still known, apart from the new ones. A few per cent of earlier data suffice
against drift of the pretraining loss (arXiv 2502.06042).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from booktune_assets.training.batches import PackedRow
from booktune_assets.training.strategies.base import Output, Passive

__all__ = ["Replay"]


class Replay(Passive):
    """Counts nats and tokens of old and new rows apart."""

    name = "replay"

    def __init__(self, settings: Any = None) -> None:
        self.nats = {"new": 0.0, "old": 0.0}
        self.tokens = {"new": 0, "old": 0}

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """No term: the row's own loss is the rehearsal."""
        kind = "old" if row.rehearsal else "new"
        self.nats[kind] += float(output.nll.detach().double().sum())
        self.tokens[kind] += len(output.nll)
        return {}

    def metrics(self) -> dict[str, float]:
        """Mean loss so far of old and new tokens apart, in nats."""
        return {
            f"loss_{kind}": self.nats[kind] / self.tokens[kind]
            for kind in self.nats
            if self.tokens[kind]
        }

    def state_dict(self) -> dict[str, Any]:
        """The sums so far."""
        return {"nats": dict(self.nats), "tokens": dict(self.tokens)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from earlier sums."""
        self.nats = dict(state["nats"])
        self.tokens = dict(state["tokens"])
