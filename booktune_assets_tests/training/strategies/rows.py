"""Small rows, a tiny model with an adapter, and a loop that can stop and go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from booktune_assets.llm.heads import hidden, nll_of
from booktune_assets.llm.loading import load_model
from booktune_assets.llm.models import BaseModel
from booktune_assets.training.batches import PackedRow, Sample
from booktune_assets.training.privileged import PageSample
from booktune_assets.training.reference import Reference, trained
from booktune_assets.training.strategies.base import Output, Run, Strategy
from booktune_assets.training.trainer import add_lora, row_inputs

RATE = 5e-3


def sample(name: str, size: int, learned_from: int = 1) -> Sample:
    """Tokens of its name's own stream; letters of the alphabet for the new, others for the old."""
    stream = torch.Generator().manual_seed(sum(name.encode()) * 1000 + size)
    low, high = (3, 60) if name.startswith("new") else (60, 130)
    ids = [1, *torch.randint(low, high, (size - 1,), generator=stream).tolist()]
    return Sample(name, ids, [place >= learned_from for place in range(size)])


def paged(name: str, size: int, learned_from: int) -> PageSample:
    """A sample with a page before its prompt."""
    plain = sample(name, size, learned_from)
    told = [1, *sample(f"new page of {name}", 12).ids[1:], *plain.ids[1:learned_from]]
    return PageSample(plain.name, plain.ids, plain.learned, told)


NEW = [
    PackedRow(False, [paged(f"new{number}a", 14, 6), paged(f"new{number}b", 11, 5)])
    for number in range(4)
]
OLD = [
    PackedRow(True, [sample(f"old{number}a", 16), sample(f"old{number}b", 9)])
    for number in range(3)
]


def adapted(tiny: BaseModel, *, quantise: bool = False, started: bool = True) -> Any:
    """The tiny model with an adapter; ``started`` moves B off zero, as after an earlier stage."""
    model = load_model(tiny.path, quantise="nf4" if quantise else "none")
    torch.manual_seed(0)
    model = add_lora(model, 4, 8, "base", quantised=quantise)
    if started:
        stream = torch.Generator().manual_seed(5)
        for name, part in trained(model).items():
            if "lora_B" in name:
                part.data = 0.05 * torch.randn(part.shape, generator=stream)
    return model


def a_run(model: Any, new: Sequence[PackedRow] = NEW, old: Sequence[PackedRow] = OLD) -> Run:
    """What strategies are prepared with."""
    return Run(model, Reference(model), new, old, 8, 0, RATE)


def output_of(
    model: Any, row: PackedRow, place: int = 0, share: float = 1.0, *, handed: bool = False
) -> Output:
    """A row through the model; ``handed``: with its hidden states, as a trainer may give them."""
    targets = torch.tensor(row.targets)
    inputs = row_inputs(row, "cpu")
    states, head = hidden(model, inputs, targets[:, 0])
    kept = (states, head) if handed else (None, None)
    nll = nll_of(states, head, targets[:, 1])
    return Output(nll, inputs, targets[:, 0], targets[:, 1], place, 2, share, *kept)


def learn(
    model: Any, row: PackedRow, step: tuple[int, int, int], strategies: Sequence[Strategy]
) -> None:
    """Add a row's gradient: (place in the step, rows of the step, learned tokens of the step)."""
    place, _, count = step
    output = output_of(model, row, place, len(row.targets) / count)
    weighted = output.nll
    for strategy in strategies:
        if (factor := strategy.row_weights(model, row, output)) is not None:
            weighted = weighted * factor
    total = weighted.sum() / count
    for strategy in strategies:
        for term in strategy.loss_terms(model, row, output).values():
            total = total + term
    total.backward()


class Drive:
    """The trainer's calls by hand, a step at a time: two new rows each."""

    def __init__(self, model: Any, strategies: Sequence[Strategy], new: Any = NEW) -> None:
        self.model, self.strategies, self.new = model, strategies, new
        model.train()
        self.run = a_run(model, new)
        for strategy in strategies:
            strategy.prepare(self.run)
        self.parts = list(trained(model).values())
        self.optimiser = torch.optim.AdamW(self.parts, lr=RATE, weight_decay=0.0)
        self.done = 0

    def go(self, steps: int) -> None:
        """Take steps."""
        for _ in range(steps):
            batch = [self.new[(2 * self.done + place) % len(self.new)] for place in range(2)]
            count = sum(len(row.targets) for row in batch)
            for place, row in enumerate(batch):
                learn(self.model, row, (place, len(batch), count), self.strategies)
            self.done += 1
            for strategy in self.strategies:
                strategy.on_gradients(self.model, self.done)
            torch.nn.utils.clip_grad_norm_(self.parts, 1.0)
            self.optimiser.step()
            self.optimiser.zero_grad(set_to_none=True)
            for strategy in self.strategies:
                strategy.on_step_end(self.model, self.done)

    def state(self) -> dict[str, Any]:
        """A checkpoint, as bytes would give it back."""
        import io

        kept = io.BytesIO()
        whole = {
            "weights": {name: part.data for name, part in trained(self.model).items()},
            "optimiser": self.optimiser.state_dict(),
            "strategies": [strategy.state_dict() for strategy in self.strategies],
            "done": self.done,
        }
        torch.save(whole, kept)
        kept.seek(0)
        return torch.load(kept, weights_only=False)

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        for name, part in trained(self.model).items():
            part.data.copy_(state["weights"][name])
        self.optimiser.load_state_dict(state["optimiser"])
        for strategy, kept in zip(self.strategies, state["strategies"], strict=True):
            strategy.load_state_dict(kept)
        self.done = state["done"]


def old_distance(model: Any, reference: Reference, rows: Sequence[PackedRow] = OLD) -> float:
    """Mean Bhattacharyya distance on old rows, by plain softmax over all logits."""
    found = []
    for row in rows:
        inputs = {**row_inputs(row, "cpu"), "use_cache": False}
        with torch.no_grad():
            now = model(**inputs).logits[0].double().softmax(1)
        with reference.shown(model):
            then = model(**inputs).logits[0].double().softmax(1)
        found.append(-(now * then).sqrt().sum(1).log())
    return float(torch.cat(found).mean())
