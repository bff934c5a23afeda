"""Bits per byte of a model on windows, how far its outputs moved, and its weights between two ends.

Belongs here: what is measured without training. Does not: training (``runner.py``), the windows
(``corpora.py``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from booktune_assets.llm.chat import text_ids
from booktune_assets.llm.heads import token_nll
from booktune_assets.training.lora_layers import lora_parts

__all__ = ["Watched", "bits", "blended", "deltas", "folded", "moved", "outputs", "watched"]

BATCH = 16  # windows that go through the model together
OUTPUTS = 16  # windows of each earlier task whose whole distributions are kept, at most
_VALUES = 1 << 26  # numbers of them: a vocabulary of 262,144 leaves one window of 256 tokens


@dataclass(frozen=True, slots=True)
class Watched:
    """Windows of one task as padded ids; ``bytes`` of all their texts."""

    batches: Sequence[tuple[Any, Any, Any]]  # ids [windows, length], where, labels
    bytes: int


def watched(tokenizer: Any, texts: Sequence[str]) -> Watched:
    """``texts`` ready to be measured; every token but the start token counts."""
    batches: list[tuple[Any, Any, Any]] = []
    for start in range(0, len(texts), BATCH):
        rows = [text_ids(tokenizer, text) for text in texts[start : start + BATCH]]
        length = max(map(len, rows))
        ids = torch.tensor([row + [row[-1]] * (length - len(row)) for row in rows])
        places = [
            (n * length + k - 1, row[k]) for n, row in enumerate(rows) for k in range(1, len(row))
        ]
        where, labels = torch.tensor(places).T
        batches.append((ids, where, labels))
    return Watched(batches, sum(len(text.encode()) for text in texts))


def bits(model: Any, tasks: Mapping[str, Watched]) -> dict[str, float]:
    """Bits per byte of each task. The model's mode is left as it was."""
    was, device = model.training, next(model.parameters()).device
    model.eval()
    found: dict[str, float] = {}
    with torch.no_grad():
        for name, task in tasks.items():
            nats = 0.0
            for ids, where, labels in task.batches:
                inputs = {"input_ids": ids.to(device)}
                losses = token_nll(model, inputs, where.to(device), labels.to(device))
                nats += float(losses.double().sum())
            found[name] = nats / math.log(2) / task.bytes
    model.train(was)
    return found


def outputs(model: Any, task: Watched) -> Any:
    """Log probabilities of every token of a few windows [tokens, vocabulary]."""
    was = model.training
    model.eval()
    ids, where, _ = task.batches[0]
    vocabulary = model.get_output_embeddings().weight.shape[0]
    number = min(OUTPUTS, max(1, _VALUES // (ids.shape[1] * vocabulary)))
    few = ids[:number].to(next(model.parameters()).device)
    with torch.no_grad():
        logits = model(input_ids=few, use_cache=False).logits.flatten(0, 1).float()
    model.train(was)
    return logits[where[where < few.numel()]].log_softmax(-1)


def moved(before: Any, after: Any) -> float:
    """Mean Bhattacharyya distance of two sets of distributions, in nats."""
    return float(-torch.logsumexp((before + after) / 2, dim=-1).double().mean())


def deltas(model: Any) -> dict[str, Any]:
    """ΔW of every adapted layer."""
    return {part.name: part.delta().detach().clone() for part in lora_parts(model)}


@contextmanager
def folded(model: Any) -> Generator[None]:
    """The only adapter of a model as part of its weights, for a while; without gradients.

    The weights come back as they were, bit for bit. peft leaves a merged adapter out itself.
    """
    kept: list[tuple[Any, Any, Any]] = []
    try:
        for part in lora_parts(model):
            weight = part.module.get_base_layer().weight
            kept.append((part.module, weight, weight.data))
            weight.data = weight.data + part.delta().detach()
            part.module.merged_adapters.append("default")
        yield
    finally:
        for module, weight, data in kept:
            weight.data = data
            module.merged_adapters.clear()


@contextmanager
def blended(
    model: Any, start: Mapping[str, Any], strength: Callable[[str], float]
) -> Generator[None]:
    """The model between two ends of a run: ΔW of each layer at start + strength · (now − start).

    Nothing is trained: the base weights are shifted for the block, the adapter stays.
    """
    kept: list[tuple[Any, Any]] = []
    try:
        for part in lora_parts(model):
            weight = part.module.get_base_layer().weight
            kept.append((weight, weight.data))
            way = part.delta().detach() - start[part.name]
            weight.data = weight.data + (strength(part.name) - 1) * way
        yield
    finally:
        for weight, data in kept:
            weight.data = data
