"""How strongly a penalty counts: λ given, or found from the share of the loss it should have.

Belongs here: the rule and its state. Does not: the penalty.

λ is not portable between models and data, a share of the loss is. The rule (ours), for a penalty P
at λ = 1, a data loss L, T steps and a wanted share s at mid-training m = T/2:

1. For the first K = max(1, T/10) steps λ = 0, and P is what free motion gives: it is near 0 there.
2. Then λ = s L / P̂, where P̂ = P (m/K)^1.5 is free motion's P at m. (Weights that go straight give
   an exponent of 2, weights that walk at random 1.)
3. Up to m, λ follows the share that is expected at m from the P of now, in small steps and within a
   factor of 4 of what was found in 2.
4. From m on λ stays: the second half has one fixed objective.

The bounds of 3 are needed: λP rises with λ only as long as the data wins; beyond, more λ makes the
penalty smaller, and a free controller would raise λ for ever and stop all learning. So the share
that is reached may be below what was asked for; the log has it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["Strength"]

GROWTH = 1.5
BOUND = 4.0  # correction of the first estimate, at most, either way
PACE = 4.0  # corrections add up to this power of the error over the time they have
MEMORY = 0.8  # of the running means


class Strength:
    """``value`` is λ for the next step; ``update`` after each step, with what was measured."""

    def __init__(self, steps: int, share: float, fixed: float | None = None) -> None:
        self.steps, self.share, self.fixed = steps, share, fixed
        self.value = 0.0 if fixed is None else fixed
        self.first = 0.0  # the estimate of rule 2
        self.loss = 0.0  # running mean

    def update(self, step: int, penalty: float, loss: float) -> None:
        """After step ``step`` (from 1), before whose move ``penalty`` (λ = 1) was measured."""
        known = self.loss if step > 1 else loss
        self.loss = MEMORY * known + (1 - MEMORY) * loss
        free, middle, moves = max(1, self.steps // 10), max(2, self.steps // 2), step - 1
        if self.fixed is not None or moves < free or penalty <= 0:
            return
        if not self.first:
            expected = penalty * max(1.0, middle / moves) ** GROWTH
            self.value = self.first = self.share * self.loss / expected
        elif moves <= middle:
            expected = self.value * penalty * (middle / moves) ** GROWTH / self.loss
            pace = min(0.5, PACE / max(1, middle - free))
            wanted = self.value * math.exp(pace * math.log(self.share / expected))
            self.value = min(max(wanted, self.first / BOUND), self.first * BOUND)

    def state_dict(self) -> dict[str, float]:
        """λ, its first estimate and the running mean of the loss."""
        return {"value": self.value, "first": self.first, "loss": self.loss}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from :meth:`state_dict`."""
        self.value, self.first = float(state["value"]), float(state["first"])
        self.loss = float(state["loss"])
