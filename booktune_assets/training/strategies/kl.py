"""Divergence from the model as it was, token by token.

    L = L_new + β · mean over tokens of KL(ref‖θ)      direction = forward
    L = L_new + β · mean over tokens of KL(θ‖ref)      direction = reverse

``on = new`` takes it at the learned tokens of new rows; how far a model has moved there predicts
how much it forgets (arXiv 2509.04259, which has θ sample its own answers; ours are the data's).
``on = old`` takes it at all positions of one old row a step, each equally often: learning without
forgetting (arXiv 1606.09282) with stored inputs. The reference is the same weights with what trains
put back for a moment. Over the whole vocabulary, exactly.

Cost: new rows forwards once more (twice, and backwards, where the trainer does not hand over its
hidden states); an old row forwards twice and backwards once per step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from booktune_assets.settings_training import Kl as Settings
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.divergence import Kind, Outputs, divergence, outputs
from booktune_assets.training.reference import Reference
from booktune_assets.training.rotation import Rotation, held
from booktune_assets.training.strategies.base import Output, Passive, Run
from booktune_assets.training.trainer import row_inputs

__all__ = ["Kl", "from_reference"]


def from_reference(model: Any, reference: Reference, output: Output, kind: Kind) -> Any:
    """Divergence from the reference at each learned token of a row: a tensor, with gradient."""
    with reference.shown(model):
        then = outputs(model, dict(output.inputs), output.where).detached()
    if output.states is None:
        now = outputs(model, dict(output.inputs), output.where)
    else:
        now = Outputs(output.states, output.head)
    return divergence(kind, now, then)


class Kl(Passive):
    """KL to the reference on new rows, on old ones, or on both."""

    name = "kl"
    reference: Reference
    rows: Rotation[PackedRow]

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.on_new = self.settings.on != "old"
        self.on_old = self.settings.on != "new"
        self.sums = {"new": 0.0, "old": 0.0}
        self.figures: dict[str, float] = {}

    def prepare(self, run: Run) -> None:
        """Choose the old rows, where there are to be any. Raises ``NO_EXAMPLES``."""
        self.reference = run.reference
        if self.on_old:
            self.rows = Rotation(held(run.old, self.settings.n_old, run.seed, self.name))

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """The divergence of this row, and once a step that of the old row whose turn it is."""
        terms: dict[str, Any] = {}
        if self.on_new and not row.rehearsal:
            found = from_reference(model, self.reference, output, self.settings.direction)
            terms["new"] = output.share * found.mean()
        if self.on_old and output.row == 0:
            terms["old"] = self._old(model)
        for name, term in terms.items():
            self.sums[name] += float(term.detach())
        return {name: self.settings.beta * term for name, term in terms.items()}

    def on_step_end(self, model: Any, step: int) -> None:
        """The step's figures are complete."""
        kinds = {"new": self.on_new, "old": self.on_old}
        self.figures = {kind: self.sums[kind] for kind, on in kinds.items() if on}
        self.sums = {"new": 0.0, "old": 0.0}

    def metrics(self) -> dict[str, float]:
        """Divergence in nats per token, before β."""
        return dict(self.figures)

    def state_dict(self) -> dict[str, Any]:
        """Whose turn it is."""
        return {"turn": self.rows.turn if self.on_old else 0}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the rows that ``prepare`` chose."""
        if self.on_old:
            self.rows.turn = state["turn"]

    def _old(self, model: Any) -> Any:
        inputs = row_inputs(self.rows.next(), next(model.parameters()).device)
        with self.reference.shown(model):
            then = outputs(model, inputs).detached()
        return divergence(self.settings.direction, outputs(model, inputs), then).mean()
