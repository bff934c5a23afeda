"""What a way of not forgetting may do during training.

Belongs here: the protocol, what strategies are handed, and a base class that does nothing. Does
not: any method (one file each), the list of all of them (``registry.py``).

The trainer calls, in order:

1. ``shape(model)`` once, on the bare model, before an adapter is attached (block expansion).
2. ``prepare(run)`` once, before the optimiser exists: what trains may still be added or frozen.
3. for each packed row of a step: ``row_weights`` (a factor for each learned token), then
   ``loss_terms`` (named terms that are added to the loss of the row).
4. ``on_gradients`` once per step: all gradients are summed, none is clipped.
5. ``on_step_end`` once per step, after the optimiser moved the parameters.
6. ``metrics`` once per step: figures for the log, such as the penalty.
7. ``state_dict`` when a checkpoint is written; ``load_state_dict`` after ``prepare`` on resume.
8. ``leave(run)`` once, at the end: tensors that later stages need.
9. ``settle(model)`` once, after all have left and before files are written: what was added for
   training only goes, so that one plain adapter (or a plain model) remains.

The loss of a step is a mean over its learned tokens. A term that exists once per step (a penalty on
weights) is given with the step's first row only (``output.row == 0``); a term of each row is
multiplied by ``output.share``, so that rows count by their tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from booktune_assets.training.batches import PackedRow
from booktune_assets.training.reference import Reference

__all__ = ["Output", "Passive", "Run", "Strategy"]


@dataclass(frozen=True, slots=True)
class Output:
    """What the model gave for one packed row: losses of the learned tokens, in nats.

    ``where`` are the places (flat, row-wise) after which ``labels`` follow. ``row`` counts from 0
    within the step of ``rows`` rows; ``share`` is this row's part of the step's learned tokens.
    """

    nll: Any  # tensor [learned tokens], with gradient
    inputs: Mapping[str, Any]
    where: Any  # tensor [learned tokens]
    labels: Any  # tensor [learned tokens]
    row: int = 0
    rows: int = 1
    share: float = 1.0
    # what ``llm.heads.hidden`` gave at ``where``, with gradient; None: whoever needs it asks again
    states: Any = None
    head: Any = None


@dataclass(frozen=True, slots=True)
class Run:
    """What strategies may look at before the first step and after the last.

    ``new`` are the run's rows that teach, ``old`` rows of earlier knowledge (the memory: labels and
    all), which may or may not be mixed into the run as well. ``earlier`` is what each strategy left
    at the end of the stage before, by strategy name; empty when a stage begins from a downloaded
    model. ``reference`` shows the model as it was before the first step. ``weight_decay`` is the
    optimiser's. ``tokenizer`` tells what ids spell, for those who need to know.
    ``resumed``: a state is loaded right after ``prepare``, so what that state holds need not be
    measured; ``saved`` are the strategies' states of that checkpoint, by name.
    """

    model: Any
    reference: Reference
    new: Sequence[PackedRow]
    old: Sequence[PackedRow]
    steps: int
    seed: int
    learning_rate: float
    earlier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    weight_decay: float = 0.0
    tokenizer: Any = None
    resumed: bool = False
    saved: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Strategy(Protocol):
    """One way of not forgetting. Strategies compose: the trainer holds a list of them."""

    name: str

    def shape(self, model: Any) -> Any:
        """The bare model, or a changed one."""
        ...

    def prepare(self, run: Run) -> None:
        """Look at model and data before the first step."""
        ...

    def row_weights(self, model: Any, row: PackedRow, output: Output) -> Any | None:
        """A factor for the loss of each learned token (detached), or None for ones."""
        ...

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """Named terms to add to this row's loss; empty when there are none."""
        ...

    def on_gradients(self, model: Any, step: int) -> None:
        """Look at or change the step's gradients, before they are clipped."""
        ...

    def on_step_end(self, model: Any, step: int) -> None:
        """After the optimiser moved the parameters."""
        ...

    def metrics(self) -> dict[str, float]:
        """Figures of the last step for the log."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to go on bit-equal: tensors and plain values."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what :meth:`state_dict` gave."""
        ...

    def leave(self, run: Run) -> dict[str, Any]:
        """Tensors by name that a later stage needs; empty when there are none."""
        ...

    def settle(self, model: Any) -> None:
        """Take away what only training needs; what the model says stays."""
        ...


class Passive:
    """Does nothing; methods override what they need."""

    name = "passive"

    def shape(self, model: Any) -> Any:
        """The model as it is."""
        return model

    def prepare(self, run: Run) -> None:
        """Nothing to prepare."""

    def row_weights(self, model: Any, row: PackedRow, output: Output) -> Any | None:
        """All tokens count alike."""
        return None

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """No terms."""
        return {}

    def on_gradients(self, model: Any, step: int) -> None:
        """Gradients stay as they are."""

    def on_step_end(self, model: Any, step: int) -> None:
        """Nothing to do."""

    def metrics(self) -> dict[str, float]:
        """No figures."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Nothing to keep."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Nothing to take up."""

    def leave(self, run: Run) -> dict[str, Any]:
        """Nothing for later stages."""
        return {}

    def settle(self, model: Any) -> None:
        """Nothing was added."""
