"""What a way of not forgetting may do during training.

Belongs here: the protocol and a base class that does nothing. Does not: any method.

The trainer calls, in order: ``prepare`` once; ``loss_terms`` for each packed row (terms are added
to the loss of the row and must already be weighted); ``on_step_end`` after each optimiser step;
``state_dict`` when something is to be kept for a later stage or a resume.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from booktune_assets.training.batches import PackedRow

__all__ = ["Output", "Passive", "Strategy"]


@dataclass(frozen=True, slots=True)
class Output:
    """What the model gave for one packed row: losses of the learned tokens, in nats."""

    nll: Any  # tensor [learned tokens]
    inputs: Mapping[str, Any]


class Strategy(Protocol):
    """One way of not forgetting. Strategies compose: the trainer holds a list of them."""

    name: str

    def prepare(self, model: Any) -> None:
        """Look at the model before the first step."""
        ...

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """Named terms to add to this row's loss; empty when there are none."""
        ...

    def on_step_end(self, model: Any, step: int) -> None:
        """After the optimiser moved the parameters."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """What a later stage or a resumed run needs."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what :meth:`state_dict` gave."""
        ...


class Passive:
    """Does nothing; methods override what they need."""

    name = "passive"

    def prepare(self, model: Any) -> None:
        """Nothing to prepare."""

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """No terms."""
        return {}

    def on_step_end(self, model: Any, step: int) -> None:
        """Nothing to do."""

    def state_dict(self) -> dict[str, Any]:
        """Nothing to keep."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Nothing to take up."""
