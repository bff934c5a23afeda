"""Elastic weight consolidation: what mattered before is held where it was.

    L = L_new + (λ/2) Σ_i F_i (θ_i − θ*_i)²          Kirkpatrick et al. 2017, arXiv 1612.00796
    F ← γF + F_new over stages                       online: Schwarz et al. 2018, arXiv 1805.06370

``space = "delta"``: θ is ΔW = BA, the adapter as it acts. Regularising A and B each for itself
ignores that they act together (EWC-LoRA, arXiv 2602.17559, which stores a full Fisher of ΔW:
2·10¹⁰ numbers at 24 B). Here F_(ij) ≈ g_i c_j, or full K-FAC where a side is at most ``full_max``
wide; the penalty never forms ΔW (``quadratic.py``; derived here). Wider sides fall back to their
diagonal, each for itself; the log says how many did.

``space = "lora"``: θ is every trained parameter (A and B; all weights in full training), F the
exact diagonal. A fresh adapter has B = 0, so ∂L/∂A = 0 and F_A = 0 exactly: refused.

F is measured on the old rows at the first step, or is what the earlier stage left; λ is given, or
found so that the penalty is a share of the loss at mid-training (``strength.py``, our rule).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from booktune_assets.errors import BookError, Code
from booktune_assets.settings_training import Ewc as Settings
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.fisher import chosen
from booktune_assets.training.held import DeltaHeld, WeightsHeld, is_fresh
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.base import Output, Passive, Run
from booktune_assets.training.strength import Strength

__all__ = ["Ewc", "EwcRecorder"]


class EwcRecorder(Passive):
    """Holds nothing; leaves importance and anchor for a later stage. Costs a pass at the end."""

    name = "ewc"

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.held = _held(self.settings)
        self.device: Any = "cpu"

    def prepare(self, run: Run) -> None:
        """Take up what the stages before left. Raises ``BAD_SETTING`` when it does not fit."""
        self.device = self._place(next(iter(trained(run.model).values())).device)
        if left := run.earlier.get(self.name):
            self.held.take(run.model, left, self.device)

    def _place(self, device: Any) -> Any:
        """Where what is held lies: whoever only leaves it needs it at the end."""
        return "cpu"

    def state_dict(self) -> dict[str, Any]:
        """What is held of earlier stages."""
        return {"held": self.held.tensors() if self.held.anchor else {}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from :meth:`state_dict`."""
        if state["held"]:
            self.held.load(state["held"], self.device)

    def leave(self, run: Run) -> dict[str, Any]:
        """Importance for this run's new rows added to the earlier; the anchor is the end.

        Training without an adapter leaves nothing for space delta.
        """
        if self.settings.space == "delta" and not any(True for _ in lora_parts(run.model)):
            return {}
        left = _held(self.settings)
        if self.held.anchor:
            left.load(self.held.tensors(), "cpu")  # beside the model there is no room for both
        samples = chosen(run.new, self.settings.n, run.seed)
        left.add(run.model, samples, run.seed, self.settings.online)
        left.stand(run.model)
        return left.tensors()


class Ewc(EwcRecorder):
    """The penalty, and what a later stage needs for its own."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.strength = Strength(1, self.settings.target_share, self.settings.strength)
        self.penalty = 0.0  # of this step, at λ = 1
        self.loss = 0.0  # of this step's data
        self.figures: dict[str, float] = {}

    def prepare(self, run: Run) -> None:
        """Importance and anchor: what the earlier stage left, or measured on the old rows.

        A fresh adapter stands at ΔW = 0 and is held there, wherever the stage before ended: that
        is in the base then. Raises ``BAD_SETTING`` or ``NO_EXAMPLES``.
        """
        _check(self.settings, run.model)
        super().prepare(run)
        if not self.held.anchor:
            if not run.resumed:
                samples = chosen(run.old, self.settings.n, run.seed)
                self.held.add(run.model, samples, run.seed, 1.0)
                self.held.stand(run.model)
        elif is_fresh(run.model):
            self.held.stand(run.model)
        share, fixed = self.settings.target_share, self.settings.strength
        self.strength = Strength(run.steps, share, fixed)

    def _place(self, device: Any) -> Any:
        """The penalty needs it in each step."""
        return device

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """λ/2 Σ F (θ − θ*)², once per step."""
        mean = float(output.nll.detach().mean()) * output.share
        self.loss = mean + (self.loss if output.row else 0.0)
        if output.row:
            return {}
        penalty = 0.5 * self.held.penalty(model)
        self.penalty = float(penalty.detach())
        return {"ewc": self.strength.value * penalty} if self.strength.value else {}

    def on_step_end(self, model: Any, step: int) -> None:
        """Note the step's figures, then find the λ of the next."""
        value = self.strength.value
        share = value * self.penalty / self.loss if self.loss else 0.0
        self.figures = {
            "ewc_penalty": value * self.penalty, "ewc_lambda": value, "ewc_share": share,
        }  # fmt: skip
        self.strength.update(step, self.penalty, self.loss)

    def metrics(self) -> dict[str, float]:
        """Penalty in nats, λ, penalty over loss; sides of layers kept in full and as diagonals."""
        full, narrow = self.held.sides()
        return {**self.figures, "ewc_full": full, "ewc_diagonal": narrow}

    def state_dict(self) -> dict[str, Any]:
        """What is held, and λ with what it was found from."""
        return {**super().state_dict(), "strength": self.strength.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from :meth:`state_dict`."""
        super().load_state_dict(state)
        self.strength.load_state_dict(state["strength"])


def _held(settings: Settings) -> DeltaHeld | WeightsHeld:
    if settings.space == "lora":
        return WeightsHeld(settings.labels)
    return DeltaHeld(settings.labels, settings.full_max if settings.fisher == "kfac" else 0)


def _check(settings: Settings, model: Any) -> None:
    """What cannot work is said before anything is measured."""
    if settings.space == "delta" and not any(True for _ in lora_parts(model)):
        remedy = "Without an adapter there is no BA: set ewc.space to lora, which holds all weights"
    elif settings.space == "lora" and is_fresh(model):
        remedy = (
            "A fresh adapter has B = 0, so nothing depends on A and its importance is exactly 0: "
            "set ewc.space to delta, or continue the adapter of the earlier stage"
        )
    else:
        return
    raise BookError(Code.BAD_SETTING, remedy, space=settings.space, fisher=settings.fisher)
