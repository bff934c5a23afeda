"""Fisher information of a model on given samples: factors of each adapted layer, or a diagonal.

Belongs here: the pass over samples, whose labels it takes, sums and their scale. Does not: what is
held by it (``held.py``), the penalty (``strategies/ewc.py``).

For one sequence with loss ℓ = −Σ_t log p(y_t | x_<t), summed and not averaged (an average would
shrink long sequences by T²), ∂ℓ/∂W = Σ_t δ_t x_tᵀ, x the layer's input and δ the gradient at its
output. Kept are

    factored   c_j = E[x_j²],  g_i = E[Σ_t δ_i²]         F_(ij)(ij) ≈ g_i c_j
    K-FAC      S = E[x xᵀ],    G = E[Σ_t δ δᵀ]           F ≈ S ⊗ G
    diagonal   E[(∂ℓ/∂θ_k)²]                             of any parameter, exact

Both products take x and δ as independent, and tokens as independent of each other (K-FAC "expand",
Martens & Grosse, arXiv 1503.05671); labels that are sampled make the second exact, since the score
of each token has mean zero given its prefix. Prefixes are the data's: y_t ~ p(· | x_<t) for each t
("true" Fisher, Kunstner et al., arXiv 1905.12558); ``empirical`` takes the data's labels.

Samples go through one at a time, each a sequence of its own, however rows were packed: gradients
of two samples are never added before they are squared. Only x and δ are looked at, so a base in
four bits is as good as any.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.heads import CHUNK, hidden, nll_of
from booktune_assets.training.batches import PackedRow, Sample
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.reference import trained

__all__ = ["Factors", "chosen", "diagonal", "factors", "one_by_one", "sample_labels"]

Factors = dict[str, tuple[Any, Any]]  # layer → (inputs, outputs): vectors or full matrices


def chosen(rows: Sequence[PackedRow], n: int, seed: int) -> list[Sample]:
    """At most ``n`` different samples of the rows, drawn by the seed, in the rows' order."""
    known = list({one.name: one for row in rows for one in row.samples}.values())
    if not known:
        raise BookError(
            Code.NO_EXAMPLES,
            "Importance needs rows of earlier knowledge: raise training.rehearsal_share and "
            "rehearsal.replay_rows, or begin from a stage that left its importance",
        )
    drawn = torch.randperm(len(known), generator=torch.Generator().manual_seed(seed))[:n]
    return [known[place] for place in sorted(drawn.tolist())]


def factors(
    model: Any, samples: Sequence[Sample], seed: int, labels: str = "sampled", full_max: int = 0
) -> Factors:
    """Input and output factors of each layer with an adapter, at a mean importance of 1.

    Sides up to ``full_max`` wide are full matrices, wider ones diagonals. The mean is over the
    entries of all layers, so layers keep their weight against each other.
    """
    sums = {part.name: _Sums(part, full_max) for part in lora_parts(model)}
    hooks = [part.module.register_forward_hook(sums[part.name].watch) for part in lora_parts(model)]
    try:
        for _ in one_by_one(model, samples, sampled=_stream(seed, labels)):
            pass
    finally:
        for hook in hooks:
            hook.remove()
    found = {name: one.means(len(samples)) for name, one in sums.items()}
    whole = sum(float(_trace(c)) * float(_trace(g)) for c, g in found.values())
    mean = _sound(whole / sum(len(c) * len(g) for c, g in found.values()))
    return {name: (c, g / mean) for name, (c, g) in found.items()}


def diagonal(
    model: Any, samples: Sequence[Sample], seed: int, labels: str = "sampled"
) -> dict[str, Any]:
    """E[(∂ℓ/∂θ)²] of each trained parameter, at a mean of 1 over all of them."""
    now = trained(model)
    found = {name: torch.zeros_like(part, dtype=torch.float32) for name, part in now.items()}
    for _ in one_by_one(model, samples, sampled=_stream(seed, labels)):
        for name, part in now.items():
            if part.grad is not None:
                found[name] += part.grad.float().square()
    whole = sum(float(one.sum()) for one in found.values())
    mean = _sound(whole / sum(one.numel() for one in found.values()))
    return {name: one / mean for name, one in found.items()}


def sample_labels(states: Any, head: Any | None, stream: torch.Generator) -> Any:
    """One token for each place, drawn from what the model gives there (``heads.hidden``)."""
    drawn: list[Any] = []
    for part in states.detach().split(CHUNK):
        logits = part if head is None else part.to(head.dtype) @ head.detach().T
        # the stream is the CPU's: the same draws on any device
        odds = logits.float().softmax(dim=1).cpu()
        drawn.append(torch.multinomial(odds, 1, generator=stream)[:, 0])
    return torch.cat(drawn).to(states.device)


class _Sums:
    """Sums of squares (or of outer products) of one layer's inputs and output gradients."""

    def __init__(self, part: Any, full_max: int) -> None:
        shapes = (part.down.shape[1], part.up.shape[0])
        device = part.down.device
        self.inputs, self.outputs = (
            torch.zeros((size,) * (1 + (size <= full_max)), device=device) for size in shapes
        )
        self.tokens = 0

    def watch(self, module: Any, args: Any, output: Any) -> None:
        """Forward hook. Counts in the backward pass, where recomputed layers come once, too."""
        if output.requires_grad:
            given = args[0].detach()
            output.register_hook(self._seen(given))

    def _seen(self, given: Any) -> Callable[[Any], None]:
        def seen(slope: Any) -> None:  # returns None: anything else would replace the gradient
            x, d = given.flatten(0, -2).float(), slope.detach().flatten(0, -2).float()
            self.inputs += _squares(x, self.inputs.ndim)
            self.outputs += _squares(d, self.outputs.ndim)
            self.tokens += len(x)

        return seen

    def means(self, sequences: int) -> tuple[Any, Any]:
        return self.inputs / max(1, self.tokens), self.outputs / sequences


def _stream(seed: int, labels: str) -> torch.Generator | None:
    return torch.Generator().manual_seed(seed) if labels == "sampled" else None


def _squares(rows: Any, ndim: int) -> Any:
    return rows.square().sum(dim=0) if ndim == 1 else rows.T @ rows


def _trace(factor: Any) -> Any:
    return factor.double().sum() if factor.ndim == 1 else factor.double().trace()


def _sound(mean: float) -> float:
    if not 0 < mean < float("inf"):
        raise BookError(
            Code.BAD_SETTING,
            "The rows of earlier knowledge give no usable gradient; look at them and at the model",
            fisher_mean=mean,
        )
    return mean


def one_by_one(
    model: Any, samples: Iterable[Sample], *, sampled: torch.Generator | None = None,
    mean: bool = False,
) -> Generator[float]:  # fmt: skip
    """Yields each sample's loss when its gradient alone stands in ``.grad``.

    The loss is a sum over the learned tokens, or their ``mean``; labels are the data's, or
    ``sampled`` from the model by this stream. Run it to its end: then the model is as before.
    """
    weights = list(trained(model).values())
    device = weights[0].device
    with _undisturbed(model, weights):
        for sample in samples:
            row = PackedRow(True, [sample])
            inputs = {
                "input_ids": torch.tensor([row.ids], device=device),
                "position_ids": torch.tensor([row.positions], device=device),
            }
            where, labels = torch.tensor(row.targets, device=device).unbind(1)
            for weight in weights:
                weight.grad = None
            states, head = hidden(model, inputs, where)
            if sampled is not None:
                labels = sample_labels(states, head, sampled)
            losses = nll_of(states, head, labels)
            loss = losses.mean() if mean else losses.sum()
            loss.backward()
            yield float(loss.detach())


@contextmanager
def _undisturbed(model: Any, weights: Sequence[Any]) -> Generator[None]:
    """No dropout, and mode and gradients afterwards as before.

    Models checkpoint activations in training mode only, so that mode stays where they do.
    """
    was, kept = model.training, [weight.grad for weight in weights]
    dropout = [one for one in model.modules() if isinstance(one, torch.nn.Dropout)]
    model.train(bool(getattr(model, "is_gradient_checkpointing", False)))
    for one in dropout:
        one.eval()
    try:
        yield
    finally:
        model.train(was)
        for weight, grad in zip(weights, kept, strict=True):
            weight.grad = grad
