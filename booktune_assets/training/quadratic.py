"""Squared distances from an anchor, weighed by importance: the algebra of EWC, SI and L2.

Belongs here: the forms and their exact rewriting for low rank. Does not: how importance is found
(``fisher.py``, ``strategies/si.py``), how strongly it counts (``strength.py``).

With importance g_i c_j of entry (i, j) of a layer's ΔW, and ΔW − ΔW* = U V of rank k,

    Σ_ij g_i c_j (U V)²_ij = tr[(Uᵀ D_g U)(V D_c Vᵀ)]

costs O(k² (in + out)); ΔW is never formed. Full matrices G and S in the place of D_g and D_c give
the form of K-FAC, vec(ΔW)ᵀ (S ⊗ G) vec(ΔW), at O(k (in² + out²)). Derived here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

__all__ = ["apart", "form", "pull", "state_bytes"]


def form(left: Any, right: Any, inputs: Any, outputs: Any) -> Any:
    """The weighed square of ``left @ right`` ([out, k] @ [k, in]), a scalar with gradient.

    ``inputs`` and ``outputs`` are vectors (a diagonal) or square matrices, each for itself.
    """
    weighed = outputs[:, None] * left if outputs.ndim == 1 else outputs @ left
    across = right * inputs if inputs.ndim == 1 else right @ inputs
    return ((left.T @ weighed) * (across @ right.T)).sum()


def apart(up: Any, down: Any, up_start: Any, down_start: Any) -> tuple[Any, Any]:
    """Factors of ``up @ down − up_start @ down_start``, of rank up to 2k.

    [B, −B₂][A; A₂] would lose all digits while both are near; (B − B₂) A + B₂ (A − A₂) is the same
    and does not. A smaller rank is filled up with zeros; a start of rank 0 is a product of 0.
    """
    if not len(down_start):
        return up.float(), down.float()
    rank = max(len(down), len(down_start))
    up, up_start = _wide(up.float(), rank), _wide(up_start, rank)
    down, down_start = _wide(down.float().T, rank).T, _wide(down_start.T, rank).T
    left = torch.cat([up - up_start, up_start], dim=1)
    return left, torch.cat([down, down - down_start])


def _wide(matrix: Any, columns: int) -> Any:
    return torch.nn.functional.pad(matrix, (0, columns - matrix.shape[1]))


def pull(
    now: Mapping[str, Any], anchor: Mapping[str, Any], importance: Mapping[str, Any] | None = None
) -> Any:
    """Σ importance · (now − anchor)² over all anchored tensors; importance 1 where None."""
    total: Any = 0.0
    for name, start in anchor.items():
        weights = None if importance is None else importance[name]
        total = total + _Pull.apply(now[name], start, weights)
    return total


class _Pull(torch.autograd.Function):
    """One tensor's share. Differences are taken again for the gradient rather than kept: a copy of
    all that trains less, from the first row of a step to its end."""

    @staticmethod
    def forward(ctx: Any, now: Any, start: Any, importance: Any | None) -> Any:  # pyright: ignore
        ctx.save_for_backward(now, start, importance)
        square = (now.float() - start).square()
        return (square if importance is None else importance * square).sum()

    @staticmethod
    def backward(ctx: Any, slope: Any) -> Any:  # pyright: ignore
        now, start, importance = ctx.saved_tensors
        grown = 2 * (now.float() - start)
        grown = grown * slope if importance is None else grown * (slope * importance)
        return grown.to(now.dtype), None, None


def state_bytes(state: Any) -> int:
    """Bytes of all tensors in a state (nested mappings and lists)."""
    if isinstance(state, torch.Tensor):
        return state.numel() * state.element_size()
    parts = state.values() if isinstance(state, Mapping) else state
    return sum(map(state_bytes, parts)) if isinstance(state, Mapping | list | tuple) else 0
