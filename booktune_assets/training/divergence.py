"""How far two outputs over the whole vocabulary are apart, without ever holding all logits.

Belongs here: divergences of two distributions per position and their gradients, labels drawn from
an output. Does not: which outputs are compared, and what for (``strategies/``).

With log-probabilities p of the model and q of what it is compared with (no gradient towards q):

    forward        KL(q‖p) = Σ q (log q − log p)             ∂/∂z = p − q
    reverse        KL(p‖q) = Σ p (log p − log q)             ∂/∂z = p (log p − log q − KL)
    bhattacharyya  B = −log Σ √(p q)                         ∂/∂z = ½ (p − m),  m = √(p q) e^B

where z are the model's logits. The head is frozen, so the gradient towards the hidden states is
known as soon as the logits are, as in ``llm/heads.py``: positions are taken chunk by chunk, and
the logits of a row (2,048 × 131,072: 1 GB in fp32) are never held. Memory: ``CHUNK`` × vocabulary ×
4 bytes for each of about six tensors, 200 MB at 131,072. Where the head is not frozen and plain the
states are the logits themselves, held once for the row.

``top_k`` puts everything but the k likeliest tokens of q into one bucket. Such a divergence is
never larger than the whole one. It ignores how the tail is spread; it saves neither time nor memory
here, and is there to compare with methods that keep no more than that of their teacher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch

from booktune_assets.llm.heads import hidden

__all__ = ["Kind", "Outputs", "divergence", "draw", "outputs"]

Kind = Literal["forward", "reverse", "bhattacharyya"]
CHUNK = 64  # positions at a time: 34 MB of fp32 logits at a vocabulary of 131,072


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a model gave at n positions: hidden states and a frozen head, or logits and None."""

    states: Any  # tensor [n, width]
    head: Any | None  # tensor [vocabulary, width]

    def detached(self) -> Outputs:
        """The same without gradient."""
        return Outputs(self.states.detach(), self.head)


def outputs(model: Any, inputs: dict[str, Any], where: Any | None = None) -> Outputs:
    """What the model gives at flat positions ``where``; None: at all of them."""
    if where is None:
        ids = inputs["input_ids"]
        where = torch.arange(ids.numel(), device=ids.device)
    return Outputs(*hidden(model, inputs, where))


def divergence(kind: Kind, now: Outputs, then: Outputs, top_k: int = 0) -> Any:
    """Divergence of ``now`` from ``then`` at each position, in nats: a tensor [n], at least fp32.

    The gradient goes to ``now.states`` only. ``top_k`` 0 takes the whole vocabulary.
    """
    return _Apart.apply(now.states, now.head, then.states.detach(), then.head, kind, top_k)


def draw(found: Outputs, stream: torch.Generator) -> torch.Tensor:
    """A token for each position, drawn from its distribution; ``stream`` lives on the CPU."""
    chances = torch.rand(len(found.states), generator=stream, dtype=torch.float64)
    labels = torch.empty(len(found.states), dtype=torch.long, device=found.states.device)
    with torch.no_grad():
        for start in range(0, len(labels), CHUNK):
            part = slice(start, start + CHUNK)
            reach = _logits(found.states[part], found.head).double().softmax(1).cumsum(1)
            goal = chances[part, None].to(reach.device) * reach[:, -1:]
            labels[part] = torch.searchsorted(reach, goal, right=True)[:, 0]
            labels[part].clamp_(max=reach.shape[1] - 1)
    return labels


def _logits(states: Any, head: Any | None) -> Any:
    """At least fp32, whatever the model computes in."""
    found = states if head is None else states.to(head.dtype) @ head.T
    return found.to(torch.promote_types(found.dtype, torch.float32))


class _Apart(torch.autograd.Function):
    """Divergences in chunks; gradient to the first states only."""

    @staticmethod
    def forward(  # pyright: ignore
        ctx: Any, now: Any, head: Any, then: Any, then_head: Any, kind: Kind, top_k: int
    ) -> Any:
        learn = ctx.needs_input_grad[0]
        slopes = torch.empty_like(now) if learn else None
        found: list[Any] = []
        for start in range(0, len(now), CHUNK):
            part = slice(start, start + CHUNK)
            mine = _logits(now[part], head).log_softmax(1)
            theirs = _logits(then[part], then_head).log_softmax(1)
            values, pull = _compared(kind, mine, theirs, top_k)
            found.append(values)
            if slopes is not None:
                slopes[part] = pull if head is None else pull.to(head.dtype) @ head
        ctx.slopes = slopes
        return torch.cat(found) if found else now.new_zeros(0)

    @staticmethod
    def backward(ctx: Any, slope: Any) -> Any:  # pyright: ignore
        grown = slope[:, None].to(ctx.slopes.dtype) * ctx.slopes
        return grown, None, None, None, None, None


def _compared(kind: Kind, mine: Any, theirs: Any, top_k: int) -> tuple[Any, Any]:
    """Divergence [n] and its gradient towards the logits [n, vocabulary].

    Over buckets b with mass p_b, the gradient of token i in b is that of the bucket's own logit
    times the token's share p_i / p_b.
    """
    if not 0 < top_k < mine.shape[1]:
        return _of_buckets(kind, mine, theirs)
    best = theirs.topk(top_k, dim=1).indices
    values, pull = _of_buckets(kind, _buckets(mine, best), _buckets(theirs, best))
    tail = mine.scatter(1, best, -torch.inf).log_softmax(1).exp()
    return values, (tail * pull[:, -1:]).scatter(1, best, pull[:, :-1])


def _buckets(logs: Any, best: Any) -> Any:
    """Log mass of the tokens in ``best`` [n, k], then of all others together: [n, k + 1]."""
    rest = logs.scatter(1, best, -torch.inf).logsumexp(1, keepdim=True)
    return torch.cat([logs.gather(1, best), rest], dim=1)


def _of_buckets(kind: Kind, mine: Any, theirs: Any) -> tuple[Any, Any]:
    if kind == "bhattacharyya":
        middle = (mine + theirs) / 2
        total = middle.logsumexp(1)
        return -total, (mine.exp() - (middle - total[:, None]).exp()) / 2
    if kind == "forward":
        chances = theirs.exp()
        return (chances * (theirs - mine)).sum(1), mine.exp() - chances
    chances, ratio = mine.exp(), mine - theirs
    values = (chances * ratio).sum(1)
    return values, chances * (ratio - values[:, None])
