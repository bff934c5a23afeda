"""The alpha curve: what an adapter at part of its strength knows of new and of old texts.

WiSE-FT (Wortsman et al. 2022, arXiv 2109.01903) goes from θ₀ to θ along θ₀ + α (θ − θ₀). For LoRA
that is the adapter's scale times α: nothing is trained, one pass over the texts per strength. 0 is
the base, 1 the adapter as trained.

Belongs here: setting a strength, mean losses at several, choosing one. Does not: where texts come
from (``chain/post.py``), plots (``plot.py``).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from booktune_assets import progress
from booktune_assets.llm.heads import token_nll
from booktune_assets.training.batches import PackedRow, Sample
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.trainer import row_inputs

__all__ = ["Point", "alpha_curve", "mean_loss", "strength"]


@dataclass(frozen=True, slots=True)
class Point:
    """Mean loss of the learned tokens of ``texts`` samples, in nats per token."""

    alpha: float
    kind: str  # new or old
    loss: float
    tokens: int
    texts: int


@contextmanager
def strength(model: Any, alpha: float, adapter: str = "default") -> Generator[None]:
    """The model with ``alpha`` times the adapter, for a while."""
    layers = [part.module for part in lora_parts(model, adapter)]
    before = [layer.scaling[adapter] for layer in layers]
    try:
        for layer, scale in zip(layers, before, strict=True):
            layer.scaling[adapter] = scale * alpha
        yield
    finally:
        for layer, scale in zip(layers, before, strict=True):
            layer.scaling[adapter] = scale


@torch.inference_mode()
def mean_loss(model: Any, samples: Sequence[Sample]) -> tuple[float, int]:
    """Nats per learned token and their number, one sample at a time. Raises ``ValueError``."""
    nats, tokens = 0.0, 0
    device = next(model.parameters()).device
    for sample in samples:
        row = PackedRow(False, [sample])
        targets = torch.tensor(row.targets, dtype=torch.long, device=device)
        found = token_nll(model, row_inputs(row, device), targets[:, 0], targets[:, 1])
        nats += float(found.double().sum())
        tokens += len(found)
    if not tokens:
        raise ValueError("no token to measure")
    return nats / tokens, tokens


def alpha_curve(
    model: Any, kinds: Mapping[str, Sequence[Sample]], strengths: Sequence[float]
) -> list[Point]:
    """A point for each strength, rising, and each kind that has samples; 0 and 1 are always there.

    Ends in evaluation mode.
    """
    model.eval()
    wanted = sorted({0.0, 1.0, *(float(one) for one in strengths)})
    points: list[Point] = []
    for number, alpha in enumerate(wanted):
        with strength(model, alpha):
            for kind, samples in kinds.items():
                if samples:
                    loss, tokens = mean_loss(model, samples)
                    points.append(Point(alpha, kind, loss, tokens, len(samples)))
        progress.advance("measuring strengths", number + 1, len(wanted))
    return points
