"""The model as it was before a run, without a second model in memory.

Belongs here: keeping what trains as it was, and showing it for a while. Does not: what is compared
(``strategies/``).

A fresh adapter starts at B = 0, so the reference is the base then; a continued one starts as the
earlier stage left it. Both are the same here: the trained parameters are swapped for their copies.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch

from booktune_assets.errors import BooktuneError, Code

__all__ = ["Reference", "nan_remedy", "require_sane", "trained"]

WEIGHT_MAX = 1e4  # of an adapter; what trains as it should stays far below


def trained(model: Any) -> dict[str, Any]:
    """Parameters that learn, by name, in the model's order."""
    return {name: part for name, part in model.named_parameters() if part.requires_grad}


def require_sane(model: Any, rate: float) -> None:
    """Raises ``NAN_LOSS`` for weights that no training leaves: the last step has no loss after
    it that would tell."""
    for name, part in trained(model).items():
        top = float(part.detach().abs().max()) if part.numel() else 0.0
        if not top < WEIGHT_MAX:  # also what is no number
            raise BooktuneError(
                Code.NAN_LOSS, "Lower training.learning_rate", weights=name, largest=top,
                learning_rate=rate,
            )  # fmt: skip


def nan_remedy(step: int, loss: float) -> str:
    """What helps. Nothing has moved before the first step: no rate can be the reason then."""
    if step == 1 and not math.isfinite(loss):
        return (
            "Get the model's files anew, or name another (training.model): its answers were no "
            "numbers before anything was trained"
        )
    return "Lower training.learning_rate, and look at the examples of this step"


class Reference:
    """Copies of what trains, taken when this is made. Memory: one more adapter."""

    def __init__(self, model: Any) -> None:
        self.start: dict[str, Any] = {
            name: part.detach().clone() for name, part in trained(model).items()
        }

    @contextmanager
    def shown(self, model: Any) -> Generator[None]:
        """The model as it was, without gradients. End this before any backward pass.

        Parameters that were added after the copies were taken are shown as they are.
        """
        now = {name: part for name, part in trained(model).items() if name in self.start}
        kept = {name: part.data for name, part in now.items()}
        was_training = model.training
        try:
            for name, part in now.items():
                part.data = self.start[name]
            model.eval()
            with torch.no_grad():
                yield
        finally:
            for name, part in now.items():
                part.data = kept[name]
            model.train(was_training)
