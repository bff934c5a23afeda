"""The metric that outputs give to weights, by a few directions, and steps that are short in it.

Belongs here: directions drawn from a model, (g + μI)⁻¹ v block by block, lengths. Does not: when
steps are changed (``strategies/fip.py``).

    g = (1/n) Σ uᵢ uᵢᵀ,   uᵢ = ∇θ log p(ŷ | xᵢ) / √tokens,   ŷ drawn from p(· | xᵢ) at each position

is an unbiased estimate of the Fisher information per token, the second derivative of the KL
divergence at distance 0 (four times that of the Bhattacharyya distance). Between blocks (layers) g
is taken as zero. With U = [u₁ … uₙ]ᵀ/√n of a block, by Woodbury's identity,

    (μI + UᵀU)⁻¹ v = (v − Uᵀ (μI + UUᵀ)⁻¹ U v) / μ,   μ = damping · tr(UUᵀ)/n

which needs an n × n system only. Memory: n × trained parameters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import torch

from booktune_assets.llm.heads import nll_of
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.divergence import draw, outputs
from booktune_assets.training.reference import trained
from booktune_assets.training.trainer import row_inputs

__all__ = ["Metric", "score"]

_LAYER = re.compile(r".*?\.\d+(?=\.)")  # "base_model.model.model.layers.3"


def score(model: Any, row: PackedRow, stream: torch.Generator) -> dict[str, Any]:
    """∇ log p(ŷ | row) / √tokens for each trained parameter; ŷ is drawn with ``stream``."""
    parts = trained(model)
    device = next(iter(parts.values())).device
    found = outputs(model, row_inputs(row, device))
    labels = draw(found.detached(), stream)
    total = -nll_of(found.states, found.head, labels).sum() / math.sqrt(len(labels))
    slopes: Any = torch.autograd.grad(total, list(parts.values()), allow_unused=True)
    return {
        name: torch.zeros_like(part) if slope is None else slope.detach()
        for (name, part), slope in zip(parts.items(), slopes, strict=True)
    }


class Metric:
    """Directions by parameter name, tensors [n, *shape of the parameter], already over √n."""

    def __init__(self, directions: Mapping[str, Any], damping: float) -> None:
        self.directions = dict(directions)
        self.blocks: dict[str, list[str]] = {}
        for name in self.directions:
            layer = _LAYER.match(name)
            self.blocks.setdefault(layer[0] if layer else "", []).append(name)
        self._inner = {block: self._gram(names) for block, names in self.blocks.items()}
        self.damping = {
            block: damping * float(inner.trace()) / len(inner)
            for block, inner in self._inner.items()
        }

    @classmethod
    def of(cls, scores: list[dict[str, Any]], damping: float) -> Metric:
        """The metric of n scores, which are empty afterwards."""
        scale = 1 / math.sqrt(len(scores))
        # taken out of the scores as they are stacked: all directions are never there twice
        stacked = {
            name: torch.stack([one.pop(name) for one in scores]) * scale for name in list(scores[0])
        }
        return cls(stacked, damping)

    def solve(self, vector: Mapping[str, Any]) -> dict[str, Any]:
        """(g + μI)⁻¹ v; a block that moves no output (g = 0) stays as it is."""
        solved: dict[str, Any] = {}
        for block, names in self.blocks.items():
            mu = self.damping[block]
            if not mu > 0:
                solved |= {name: vector[name] for name in names}
                continue
            inner = self._inner[block]
            eye = torch.eye(len(inner), dtype=inner.dtype, device=inner.device)
            weights = torch.linalg.solve(inner + mu * eye, self._along(vector, names))
            for name in names:
                ways = self.directions[name]
                pulled = torch.einsum("n,n...->...", weights.to(ways.dtype), ways)
                solved[name] = (vector[name] - pulled) / mu
        return solved

    def shortened(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """(g + μI)⁻¹ step, each block scaled back to the norm that it had."""
        solved = self.solve(step)
        for names in self.blocks.values():
            before, after = _norm(step, names), _norm(solved, names)
            scale = before / after if after > 0 else 0.0
            for name in names:
                solved[name] = solved[name] * scale
        return solved

    def square(self, step: Mapping[str, Any]) -> float:
        """stepᵀ g step: twice the KL divergence per token that the step makes, to second order."""
        return sum(float(self._along(step, names).square().sum()) for names in self.blocks.values())

    def _along(self, vector: Mapping[str, Any], names: list[str]) -> Any:
        """U v of a block: [n], fp64."""
        return sum(
            torch.einsum("n...,...->n", self.directions[name], vector[name]).double()
            for name in names
        )

    def _gram(self, names: list[str]) -> Any:
        """UUᵀ of a block: [n, n], fp64."""
        flat = [self.directions[name].flatten(1) for name in names]
        return sum((part @ part.T).double() for part in flat)


def _norm(vector: Mapping[str, Any], names: list[str]) -> float:
    return math.sqrt(sum(float(vector[name].double().square().sum()) for name in names))
