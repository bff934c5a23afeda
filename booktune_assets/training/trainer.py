"""The training loop: rows in, steps out. Readable from top to bottom.

Belongs here: optimiser, schedule, accumulation, clipping, the guard against NaN. Does not:
samples and rows (``batches.py``), ways of not forgetting (``strategies/``), files (``child.py``).

One packed row goes through the model at a time and its gradient is added to the others' of the
step, each token with the same weight, so memory does not grow with ``batch_rows``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from booktune_assets import progress
from booktune_assets.errors import BooktuneError, Code
from booktune_assets.llm.heads import token_nll
from booktune_assets.training.attach import add_lora
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.reference import Reference
from booktune_assets.training.strategies.base import Output, Run, Strategy

__all__ = ["Schedule", "Step", "add_lora", "fit", "row_inputs"]

CLIP = 1.0
WARM_UP = 0.05  # share of the steps over which the rate rises
FLOOR = 0.1  # the rate ends at this share of its peak


@dataclass(frozen=True, slots=True)
class Schedule:
    """Peak rate and number of steps; the rate rises linearly, then falls along a cosine."""

    learning_rate: float
    steps: int

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 1."""
        warm = max(1, round(WARM_UP * self.steps))
        if step <= warm:
            return self.learning_rate * step / warm
        along = (step - warm) / max(1, self.steps - warm)
        return self.learning_rate * (FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * along)))


@dataclass(frozen=True, slots=True)
class Step:
    """One optimiser step; ``tokens`` learned and ``seconds`` passed since the start."""

    step: int
    loss: float
    lr: float
    grad_norm: float
    tokens: int
    seconds: float


def row_inputs(row: PackedRow, device: Any) -> dict[str, Any]:
    """What the model takes for one packed row. No mask: positions that start again make it."""
    return {
        "input_ids": torch.tensor([row.ids], device=device),
        "position_ids": torch.tensor([row.positions], device=device),
    }


def fit(
    model: Any,
    rows: Sequence[PackedRow],
    schedule: Schedule,
    strategies: Sequence[Strategy] = (),
    *,
    old: Sequence[PackedRow] = (),
    earlier: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
) -> list[Step]:
    """Train on ``rows``, the same number in each step. Raises ``NAN_LOSS``.

    ``old`` is the memory that strategies may look at; default: the rows that rehearse. ``earlier``
    is what strategies left in the stage before.
    """
    model.train()
    run = Run(
        model, Reference(model), [row for row in rows if not row.rehearsal],
        old or [row for row in rows if row.rehearsal], schedule.steps, seed,
        schedule.learning_rate, earlier or {},
    )  # fmt: skip
    for strategy in strategies:
        strategy.prepare(run)
    learned = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=schedule.learning_rate, weight_decay=0.0)
    per_step = len(rows) // schedule.steps
    steps: list[Step] = []
    tokens, started = 0, time.monotonic()
    progress.advance("training", 0, schedule.steps)
    for number in range(1, schedule.steps + 1):
        rate = schedule.rate(number)
        for group in optimiser.param_groups:
            group["lr"] = rate
        batch = rows[(number - 1) * per_step : number * per_step]
        count = sum(len(row.targets) for row in batch)
        loss = sum(
            _learn(model, row, (place, len(batch), count), strategies)
            for place, row in enumerate(batch)
        )
        for strategy in strategies:
            strategy.on_gradients(model, number)
        norm = float(torch.nn.utils.clip_grad_norm_(learned, CLIP))
        _check(loss, norm, number, rate)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        for strategy in strategies:
            strategy.on_step_end(model, number)
        tokens += count
        seconds = round(time.monotonic() - started, 3)
        steps.append(Step(number, loss, rate, norm, tokens, seconds))
        progress.advance("training", number, schedule.steps, f"loss {loss:.3f}")
    model.eval()
    return steps


def _learn(
    model: Any, row: PackedRow, step: tuple[int, int, int], strategies: Sequence[Strategy]
) -> float:
    """Add one row's share of the step's gradient; gives its share of the mean loss.

    ``step`` is the row's place in the step, the step's rows and its learned tokens.
    """
    place, rows, count = step
    device = next(model.parameters()).device
    inputs = row_inputs(row, device)
    targets = torch.tensor(row.targets, dtype=torch.long, device=device)
    nll = token_nll(model, inputs, targets[:, 0], targets[:, 1])
    share = len(row.targets) / count
    output = Output(nll, inputs, targets[:, 0], targets[:, 1], place, rows, share)
    loss = nll.sum() / count
    weighted = nll
    for strategy in strategies:
        if (factor := strategy.row_weights(model, row, output)) is not None:
            weighted = weighted * factor
    total = weighted.sum() / count
    for strategy in strategies:
        for term in strategy.loss_terms(model, row, output).values():
            total = total + term
    total.backward()
    return float(loss.detach())


def _check(loss: float, norm: float, step: int, rate: float) -> None:
    if not math.isfinite(loss) or not math.isfinite(norm):
        raise BooktuneError(
            Code.NAN_LOSS,
            "Lower training.learning_rate, and look at the examples of this step",
            step=step,
            loss=loss,
            grad_norm=norm,
            learning_rate=rate,
        )
