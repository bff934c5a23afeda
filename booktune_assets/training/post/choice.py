"""Which strength of an adapter to use, from its alpha curve.

Belongs here: the rule. Does not: measuring (``curve.py``).

The strongest gain on new texts that loses at most ``allowed`` on old ones. When even the weakest
strength loses more, the answer is 0: the adapter is left off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

__all__ = ["monotone", "tune_down"]


def tune_down(points: Sequence[Mapping[str, Any]], allowed: float = 0.01) -> float:
    """The strength, from rows of ``lora_adapter__curve``; ``allowed`` in nats per token.

    Without old texts the one of least loss on new texts.
    """
    new = {row["alpha"]: row["loss"] for row in points if row["kind"] == "new"}
    old = {row["alpha"]: row["loss"] for row in points if row["kind"] == "old"}
    fine = [alpha for alpha in new if not old or old[alpha] <= old[0.0] + allowed]
    return min(fine, key=lambda alpha: (new[alpha], alpha), default=0.0)


def monotone(points: Sequence[Mapping[str, Any]], kind: str = "old") -> bool:
    """Does the loss of a kind never fall from one strength to the next above it?"""
    rising = sorted((row["alpha"], row["loss"]) for row in points if row["kind"] == kind)
    return all(one[1] <= other[1] for one, other in pairwise(rising))
