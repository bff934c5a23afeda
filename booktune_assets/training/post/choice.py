"""Which strength of an adapter to use, from its alpha curve.

Belongs here: the rule, what is written by ``post.strength``. Does not: measuring (``curve.py``).

The strongest gain on new texts that loses at most ``allowed`` on old ones. When even the weakest
strength loses more, the answer is 0: the adapter is left off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from booktune_assets.errors import BookError, Code

__all__ = ["ALLOWED", "monotone", "settled", "tune_down"]

ALLOWED = 0.01  # nats per token that may be lost on old texts


def tune_down(points: Sequence[Mapping[str, Any]], allowed: float = ALLOWED) -> float:
    """The strength, from rows of ``lora_adapter__curve``; ``allowed`` in nats per token.

    Without old texts the one of least loss on new texts.
    """
    new = {row["alpha"]: row["loss"] for row in points if row["kind"] == "new"}
    old = {row["alpha"]: row["loss"] for row in points if row["kind"] == "old"}
    fine = [alpha for alpha in new if not old or old[alpha] <= old[0.0] + allowed]
    return min(fine, key=lambda alpha: (new[alpha], alpha), default=0.0)


def settled(points: Sequence[Mapping[str, Any]], wanted: float | str) -> float:
    """The strength that an adapter gets: ``wanted``, or by the rule for ``auto``.

    Raises ``BAD_SETTING`` when by the rule nothing of the adapter would be left.
    """
    if wanted != "auto":
        return float(wanted)
    if found := tune_down(points):
        return found
    old = {row["alpha"]: row["loss"] for row in points if row["kind"] == "old"}
    lost = {alpha: loss - old[0.0] for alpha, loss in sorted(old.items()) if alpha}
    raise BookError(
        Code.BAD_SETTING,
        f"No strength of the curve loses at most {ALLOWED:g} nats on general text and learns: set "
        "post.strength to a number (nothing is trained again), add a weaker one to "
        "post.alpha_curve, or choose a way of not forgetting (training.forgetting)",
        lost=", ".join(f"{value:+.3f} at {alpha:g}" for alpha, value in lost.items()),
    )


def monotone(points: Sequence[Mapping[str, Any]], kind: str = "old") -> bool:
    """Does the loss of a kind never fall from one strength to the next above it?"""
    rising = sorted((row["alpha"], row["loss"]) for row in points if row["kind"] == kind)
    return all(one[1] <= other[1] for one, other in pairwise(rising))
