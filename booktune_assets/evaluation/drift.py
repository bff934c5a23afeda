"""How far the tuned model's next tokens are from the base's, where the base would be itself.

Belongs here: continuations by the base, and the divergence of both arms over them. Does not: which
prompts (``suites/drift.py``), the divergence of two outputs (``training/divergence.py``).

The base writes a continuation x, and at each of its positions t the two distributions over the
whole vocabulary are compared: Σ_t KL(base(·|x_<t) ‖ tuned(·|x_<t)), in nats. With x drawn from the
base at temperature 1 its mean over x is the KL of the two models over whole continuations (chain
rule); for the likeliest x it is that along one path, with less chance in it. Both arms are in this
process (the base is the model with its adapter off), so nothing is stored and nothing is bounded: a
top-k with a tail would only give a lower bound. Where the base ended its answer, the end is a
position too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from booktune_assets.llm.engine import Prompt
from booktune_assets.training.divergence import divergence, outputs

__all__ = ["apart", "begun"]

_ROUNDING = 1e-4  # nats a position: a divergence is never negative, sums of half precision may be


def begun(
    engine: Any, prompts: Sequence[Prompt], tokens: int, temperature: float, seed: int
) -> list[list[Any]]:
    """``[0, positions, text, ids]`` of what the base writes to each; for :func:`apart`."""
    with engine.with_adapter(False):
        written = engine.generate_ids(
            prompts, max_new_tokens=tokens, temperature=temperature, seed=seed
        )
    return [
        [0.0, len(ids) + ended, engine.tokenizer.decode(ids, skip_special_tokens=True), ids]
        for ids, ended in written
    ]


@torch.inference_mode()
def apart(engine: Any, prompt: Prompt, base: Sequence[Any]) -> list[Any] | dict[str, str]:
    """``[nats, positions, text]``: how far the tuned arm is from ``base`` over its continuation.

    ``{"error": "not_finite"}`` where either gives no likelihoods: a broken model is no distance of
    0 away.
    """
    _, positions, text, ids = base
    head = engine.prompt_ids(prompt)
    device = engine.model.device
    row = torch.tensor([[*head, *ids]], device=device)
    where = torch.arange(len(head) - 1, len(head) - 1 + positions, device=device)
    inputs = {"input_ids": row, "attention_mask": torch.ones_like(row)}
    with engine.with_adapter(False):
        then = outputs(engine.model, inputs, where)
    with engine.with_adapter(True):
        now = outputs(engine.model, inputs, where)
    nats = float(divergence("forward", now, then).double().sum())
    if not math.isfinite(nats) or nats < -_ROUNDING * positions:
        return {"error": "not_finite"}
    return [max(0.0, nats), positions, text]
