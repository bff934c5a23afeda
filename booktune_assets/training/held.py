"""What EWC holds and how: importance and anchor, over stages, as tensors that can be written.

Belongs here: holding ΔW by factors, holding parameters by a diagonal; taking up and leaving both.
Does not: how strongly (``strength.py``), when (``strategies/ewc.py``).

Importance of several stages is Σ_s γ^(t−s) F_s, each F_s at mean 1, and the sum at mean 1 again
(online EWC, Schwarz et al., arXiv 1805.06370). A sum of Kronecker products is none, so the factors
of each stage are kept beside each other with their weights, which is exact and costs little.

The anchor is where the earlier stage ended. A fresh adapter (B = 0) begins at ΔW = 0: there the
earlier stage is in the base (merged, or stacked below), and the anchor is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.training.batches import Sample
from booktune_assets.training.fisher import Factors, diagonal, factors
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.quadratic import apart, form, pull
from booktune_assets.training.reference import trained

__all__ = ["DeltaHeld", "WeightsHeld", "is_fresh", "mismatched", "tensors_of"]


def is_fresh(model: Any) -> bool:
    """Has the model an adapter, and does it still do nothing (every B is 0)?"""
    ups = [part.up for part in lora_parts(model)]
    return bool(ups) and not any(bool(up.any()) for up in ups)


class DeltaHeld:
    """Importance of ΔW = BA of each adapted layer, by factors (``fisher.factors``)."""

    def __init__(self, labels: str, full_max: int = 0) -> None:
        self.labels, self.full_max = labels, full_max
        self.terms: list[tuple[float, Factors]] = []
        self.anchor: dict[str, tuple[Any, Any]] = {}  # layer → up (scaled), down

    def add(self, model: Any, samples: Sequence[Sample], seed: int, decay: float) -> None:
        """F ← γF + F_new, measured on the model as it is."""
        fresh = factors(model, samples, seed, self.labels, self.full_max)
        self.terms = [(weight * decay, term) for weight, term in self.terms if weight * decay > 0]
        self.terms.append((1.0, fresh))

    def stand(self, model: Any) -> None:
        """The anchor is where the model is now; where B is 0, of rank 0, whatever A is."""
        self.anchor = {}
        for part in lora_parts(model):
            up, down = part.scale * part.up.detach().float(), part.down.detach().float()
            rank = len(down) if up.any() else 0
            self.anchor[part.name] = (up[:, :rank].clone(), down[:rank].clone())

    def penalty(self, model: Any) -> Any:
        """Σ F (ΔW − ΔW*)² at mean importance 1, a scalar with gradient."""
        total: Any = 0.0
        for part in lora_parts(model):
            up_start, down_start = self.anchor[part.name]
            left, right = apart(part.scale * part.up, part.down, up_start, down_start)
            for weight, term in self.terms:
                total = total + weight * form(left, right, *term[part.name])
        return total / sum(weight for weight, _ in self.terms)

    def tensors(self) -> dict[str, Any]:
        """Everything by name, each tensor with memory of its own."""
        weights = [weight for weight, _ in self.terms]
        found = {"weights": torch.tensor(weights, dtype=torch.float64)}
        for layer, (up, down) in self.anchor.items():
            found |= {f"{layer}/anchor_up": up, f"{layer}/anchor_down": down}
        for number, (_, term) in enumerate(self.terms):
            for layer, (inputs, outputs) in term.items():
                found |= {f"{layer}/in.{number}": inputs, f"{layer}/out.{number}": outputs}
        return {name: one.detach().cpu().clone().contiguous() for name, one in found.items()}

    def take(self, model: Any, left: Mapping[str, Any], device: Any) -> None:
        """Take up what a stage left. Raises ``BAD_SETTING`` when it is of another model."""
        now = {part.name: (part.down.shape[1], len(part.up)) for part in lora_parts(model)}
        known = {
            layer: (left[f"{layer}/anchor_down"].shape[1], len(left[f"{layer}/anchor_up"]))
            for layer in _layers(left)
        }
        if wrong := {name for name, _ in now.items() ^ known.items()}:
            _refuse("ewc.space delta", sorted(wrong))
        self.load(left, device)

    def load(self, left: Mapping[str, Any], device: Any) -> None:
        """Take up :meth:`tensors` as they are."""
        there = {name: one.to(device) for name, one in left.items()}
        layers = _layers(left)
        self.anchor = {
            name: (there[f"{name}/anchor_up"], there[f"{name}/anchor_down"]) for name in layers
        }
        self.terms = [
            (weight, {n: (there[f"{n}/in.{turn}"], there[f"{n}/out.{turn}"]) for n in layers})
            for turn, weight in enumerate(left["weights"].tolist())
        ]

    def sides(self) -> tuple[int, int]:
        """Sides (inputs or outputs of layers) kept as full matrices, and as diagonals."""
        dims = [one.ndim for _, term in self.terms[-1:] for pair in term.values() for one in pair]
        return dims.count(2), dims.count(1)


class WeightsHeld:
    """Importance of each trained parameter for itself (``fisher.diagonal``)."""

    def __init__(self, labels: str) -> None:
        self.labels = labels
        self.importance: dict[str, Any] = {}
        self.weight = 0.0  # the mean of ``importance``
        self.anchor: dict[str, Any] = {}

    def add(self, model: Any, samples: Sequence[Sample], seed: int, decay: float) -> None:
        """F ← γF + F_new, measured on the model as it is."""
        fresh = diagonal(model, samples, seed, self.labels)
        for name, one in fresh.items() if self.importance else ():
            one += decay * self.importance[name].to(one.device)
        self.importance, self.weight = fresh, decay * self.weight + 1.0

    def stand(self, model: Any) -> None:
        """The anchor is where the model is now."""
        self.anchor = {name: part.detach().float().clone() for name, part in trained(model).items()}

    def penalty(self, model: Any) -> Any:
        """Σ F (θ − θ*)² at mean importance 1, a scalar with gradient."""
        return pull(trained(model), self.anchor, self.importance) / self.weight

    def tensors(self) -> dict[str, Any]:
        """Everything by name, each tensor with memory of its own."""
        found = {"weight": torch.tensor([self.weight], dtype=torch.float64)}
        for name, one in self.anchor.items():
            found |= {f"{name}/anchor": one, f"{name}/importance": self.importance[name]}
        return {name: one.detach().cpu().clone().contiguous() for name, one in found.items()}

    def take(self, model: Any, left: Mapping[str, Any], device: Any) -> None:
        """Take up what a stage left. Raises ``BAD_SETTING`` when it is of other parameters."""
        now = trained(model)
        if wrong := list(mismatched(now, left, "anchor")):
            _refuse("ewc.space lora", wrong)
        self.load(left, device)

    def load(self, left: Mapping[str, Any], device: Any) -> None:
        """Take up :meth:`tensors` as they are."""
        self.anchor = tensors_of(left, "anchor", device)
        self.importance = tensors_of(left, "importance", device)
        self.weight = float(left["weight"])

    def sides(self) -> tuple[int, int]:
        """No sides: parameters are held one by one."""
        return 0, 0


def tensors_of(left: Mapping[str, Any], what: str, device: Any) -> dict[str, Any]:
    """The tensors ``NAME/what`` by NAME."""
    tail = f"/{what}"
    return {
        name.removesuffix(tail): one.to(device)
        for name, one in left.items() if name.endswith(tail)
    }  # fmt: skip


def mismatched(now: Mapping[str, Any], left: Mapping[str, Any], what: str) -> Iterator[str]:
    """Names that only one of both has, or that differ in shape."""
    known = tensors_of(left, what, "cpu")
    for name in sorted(now.keys() | known.keys()):
        if name not in now or name not in known or now[name].shape != known[name].shape:
            yield name


def _layers(left: Mapping[str, Any]) -> list[str]:
    return [name.removesuffix("/anchor_up") for name in left if name.endswith("/anchor_up")]


def _refuse(what: str, names: Sequence[str]) -> None:
    raise BookError(
        Code.BAD_SETTING,
        "What the earlier stage left is of other layers: train the stages with one base model, one "
        "set of adapted layers and one ewc.space, and for space lora with one rank; or drop the "
        "earlier stage",
        forgetting=what,
        differs=", ".join(names[:3]),
        count=len(names),
    )
