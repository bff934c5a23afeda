"""Progressive networks: earlier columns stay as they were, a new one learns beside them.

Rusu et al. 2016 (arXiv 1606.04671): h_i^k = f(W_i^k h_{i-1}^k + Σ_{j<k} U_i^{k:j} h_{i-1}^j). On a
language model a column is an adapter. Forms:

``stacked``  W x + Σ_{j<k} s_j B_j A_j x + s_k B_k A_k x; only column k learns. With k off the model
             is bit for bit what it was: that is the only sense in which nothing is forgotten.
``lateral``  W x + Σ_j g_j s_j B_j A_j x + s_k B_k (A_k x + Σ_j U_j A_j x), with U_j [r_k, r_j] = 0
             and g_j = 1 at first, so the start is the model before. g_j is one number per layer.
``block_expansion``  LLaMA Pro (arXiv 2401.02415): after every ``every`` blocks a copy of the last,
             with the projections back into the stream (o_proj, down_proj) zeroed. The copy adds
             exactly 0 at first; only copies learn. What comes out is a full checkpoint, no adapter.

Ours, and said plainly: columns share the frozen base (Rusu's are whole networks), U mixes the
low-rank codes A_j x rather than hidden states, and gates are ours. A lateral column folds exactly
into an ordinary one, because A_k + Σ_j U_j A_j has the rank of A_k: ``settle`` does that, and joins
all columns into one adapter that servers load (``columns.collapse``).

Name it first: other ways measure what it has frozen and added. Columns are attached with
``columns.attach_beside``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.training.columns import NEW, activate, collapse, earlier_names
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.base import Passive, Run
from booktune_assets.training.strategies.expansion import added_blocks, expand

__all__ = ["Lateral", "Progressive"]


class Lateral(torch.nn.Module):
    """What one layer's new column takes from the earlier ones: U_j and g_j by adapter name."""

    def __init__(self, layer: Any, names: list[str]) -> None:
        super().__init__()
        new = layer.lora_A[NEW].weight
        made = {"dtype": new.dtype, "device": new.device}
        self.mix = torch.nn.ParameterDict(
            {n: torch.zeros(new.shape[0], layer.lora_A[n].weight.shape[0], **made) for n in names}
        )
        self.gate = torch.nn.ParameterDict({n: torch.ones((), **made) for n in names})


class Progressive(Passive):
    """See the module. One class for all forms."""

    name = "progressive"

    def __init__(self, settings: Any) -> None:
        self.form: str = settings.form
        self.every: int = settings.every
        self._hooks: list[Any] = []
        self._laterals: dict[str, Lateral] = {}
        self._trained = 0

    def shape(self, model: Any) -> Any:
        """With added blocks when the form says so."""
        return expand(model, self.every) if self.form == "block_expansion" else model

    def prepare(self, run: Run) -> None:
        """Freeze what was there; add what learns beside it. Raises ``BAD_SETTING``."""
        model = run.model
        if self.form == "block_expansion":
            self._only_added(model)
        else:
            names = earlier_names(model)
            if not names:
                raise BookError(
                    Code.BAD_SETTING,
                    "Train a stage before the books (training.stages), or choose another form",
                    forgetting=self.name, form=self.form,
                )  # fmt: skip
            activate(model, [*names, NEW])
            if self.form == "lateral":
                self._connect(model, names)
        learning = trained(model)
        self._trained = sum(part.numel() for part in learning.values())
        # shown as it was: what was added is the identity at the start and part of the reference
        start = run.reference.start
        start |= {n: p.detach().clone() for n, p in learning.items() if n not in start}
        for name in set(start) - set(learning):
            del start[name]

    def _only_added(self, model: Any) -> None:
        blocks = list(added_blocks(model))
        if not blocks:
            raise BookError(
                Code.BAD_SETTING,
                "Added blocks come from shape(), before anything is attached",
                forgetting=self.name, form=self.form,
            )  # fmt: skip
        model.requires_grad_(False)
        for block in blocks:
            for name, part in block.named_parameters():
                part.requires_grad_("lora_" not in name)

    def _connect(self, model: Any, names: list[str]) -> None:
        """Hooks that add U_j A_j x to A_k x and multiply B_j A_j x by g_j, while k speaks."""
        for name, layer in _layers(model):
            own = [one for one in names if one in layer.lora_A]
            if not own:
                continue
            lateral = Lateral(layer, own)
            layer.lateral = lateral
            self._laterals[name] = lateral
            self._hooks.append(layer.lora_A[NEW].register_forward_hook(_mixing(layer, own)))
            for one in own:
                self._hooks.append(layer.lora_B[one].register_forward_hook(_gating(layer, one)))

    def metrics(self) -> dict[str, float]:
        """Trained parameters; how far gates and laterals are from where they began."""
        found = {"trained": float(self._trained)}
        if self._laterals:
            gates = [g.detach() for one in self._laterals.values() for g in one.gate.values()]
            mixes = [u.detach() for one in self._laterals.values() for u in one.mix.values()]
            found["gate_mean"] = float(torch.stack(gates).mean())
            found["lateral_norm"] = float(torch.stack([u.norm() for u in mixes]).norm())
        return found

    def state_dict(self) -> dict[str, Any]:
        """Gates and laterals; the columns and blocks are the model's own."""
        return {
            f"{layer}/{name}": part.detach().clone()
            for layer, lateral in self._laterals.items()
            for name, part in lateral.named_parameters()
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up gates and laterals."""
        with torch.no_grad():
            for layer, lateral in self._laterals.items():
                for name, part in lateral.named_parameters():
                    part.copy_(state[f"{layer}/{name}"])

    def leave(self, run: Run) -> dict[str, Any]:
        """Gates and laterals as they ended."""
        return self.state_dict()

    def settle(self, model: Any) -> None:
        """Fold laterals in and join the columns into one adapter."""
        if self.form != "block_expansion":
            self.fold(model)
            collapse(model)

    def fold(self, model: Any) -> None:
        """Write A_k ← A_k + Σ U_j A_j and B_j ← g_j B_j; the connections go. Same function."""
        for hook in self._hooks:
            hook.remove()
        with torch.no_grad():
            for _, layer in _layers(model):
                lateral: Lateral | None = getattr(layer, "lateral", None)
                if lateral is None:
                    continue
                for one, mix in lateral.mix.items():
                    layer.lora_A[NEW].weight += mix @ layer.lora_A[one].weight
                    layer.lora_B[one].weight *= lateral.gate[one]
                del layer.lateral
        self._hooks, self._laterals = [], {}


def _layers(model: Any) -> Iterator[tuple[str, Any]]:
    for name, module in model.named_modules():
        if NEW in getattr(module, "lora_A", {}):
            yield name, module


def _speaks(layer: Any) -> bool:
    return NEW in layer.active_adapters and not layer.disable_adapters


def _mixing(layer: Any, names: list[str]) -> Any:
    def hook(_: Any, given: tuple[Any, ...], code: Any) -> Any:
        for one in names:
            code = code + layer.lora_A[one](given[0]) @ layer.lateral.mix[one].T
        return code

    return hook


def _gating(layer: Any, name: str) -> Any:
    def hook(_: Any, __: tuple[Any, ...], told: Any) -> Any:
        return told * layer.lateral.gate[name] if _speaks(layer) else None

    return hook
