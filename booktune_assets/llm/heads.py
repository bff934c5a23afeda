"""Losses of tokens without ever holding all logits.

Belongs here: hidden states to negative log likelihood, with or without gradient. Does not: what is
averaged over what (``training/trainer.py``, the engine's ``score``).

With a vocabulary of 262,144 the logits of one row of 384 tokens are 400 MB, and autograd would keep
two or three copies. The head is frozen here, so the gradient towards the hidden states is known as
soon as the logits are: it is computed chunk by chunk in the forward pass, and the logits are thrown
away. Two matrix products per token instead of three for recomputation.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

__all__ = ["hidden", "nll_of", "token_nll"]

CHUNK = 128  # positions at a time: 134 MB of fp32 logits at a vocabulary of 262,144
_BENT = ("final_logit_softcapping", "logit_scale", "logits_scaling")


def token_nll(model: Any, inputs: dict[str, Any], where: torch.Tensor, labels: torch.Tensor) -> Any:
    """Negative log likelihood, in nats, of ``labels[i]`` after flat position ``where[i]``.

    ``inputs`` go to the model as they are; ``where`` indexes its flattened (batch × time) output.
    """
    return nll_of(*hidden(model, inputs, where), labels)


def hidden(model: Any, inputs: dict[str, Any], where: torch.Tensor) -> tuple[Any, Any | None]:
    """(states, head) at flat positions: hidden states [n, width] and the frozen head's weight.

    Where the head learns, has a bias or bends its logits: (logits [n, vocabulary], None).
    """
    plain = model.get_base_model() if hasattr(model, "get_base_model") else model
    head = plain.get_output_embeddings()
    bent = any(getattr(plain.config, name, None) for name in _BENT)
    if bent or head.bias is not None or head.weight.requires_grad:
        return plain(**inputs, use_cache=False).logits.flatten(0, 1)[where], None
    states = plain.base_model(**inputs, use_cache=False).last_hidden_state
    return states.flatten(0, 1)[where], head.weight


def nll_of(states: Any, head: Any | None, labels: torch.Tensor) -> Any:
    """Negative log likelihood, in nats, of a label for each of the states of :func:`hidden`."""
    if head is None:
        return F.cross_entropy(states.float(), labels, reduction="none")
    return _FrozenHead.apply(states, head, labels)


class _FrozenHead(torch.autograd.Function):
    """Cross-entropy of a frozen linear head; gradient to the hidden states only."""

    @staticmethod
    def forward(ctx: Any, hidden: Any, weight: Any, labels: Any) -> Any:  # pyright: ignore
        learn = ctx.needs_input_grad[0]
        losses = torch.empty(len(labels), dtype=torch.float32, device=hidden.device)
        slopes = torch.empty_like(hidden) if learn else None
        for start in range(0, len(labels), CHUNK):
            part = slice(start, start + CHUNK)
            logits = (hidden[part].to(weight.dtype) @ weight.T).float()
            picked = labels[part, None]
            total = logits.logsumexp(dim=1, keepdim=True)
            losses[part] = (total - logits.gather(1, picked))[:, 0]
            if slopes is not None:
                logits.sub_(total).exp_()  # the probabilities, in place
                logits.scatter_add_(1, picked, torch.full_like(total, -1.0))
                slopes[part] = logits.to(weight.dtype) @ weight
        ctx.slopes = slopes
        return losses

    @staticmethod
    def backward(ctx: Any, slope: Any) -> Any:  # pyright: ignore
        return slope[:, None].to(ctx.slopes.dtype) * ctx.slopes, None, None
