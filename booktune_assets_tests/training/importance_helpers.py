"""A two-layer language model small enough to write out, rows for it, and steps by the protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch import nn

from booktune_assets.llm.heads import token_nll
from booktune_assets.llm.loading import load_model
from booktune_assets.training.batches import PackedRow, Sample
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.reference import Reference, trained
from booktune_assets.training.strategies.base import Output, Run
from booktune_assets.training.trainer import add_lora, row_inputs

VOCABULARY, WIDTH, INNER = 7, 5, 4


class _Body(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.one = nn.Linear(WIDTH, INNER, bias=False)
        self.two = nn.Linear(INNER, WIDTH, bias=False)

    def forward(self, input_ids: Any, **_: Any) -> Any:
        hidden = self.two(torch.tanh(self.one(self.tokens(input_ids))))
        return SimpleNamespace(last_hidden_state=hidden)


class Net(nn.Module):
    """logits = H W₂ tanh(W₁ e(token)): each token sees itself alone."""

    def __init__(self) -> None:
        super().__init__()
        self.config = SimpleNamespace(model_type="net")
        self.base_model = _Body()
        self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)

    def get_output_embeddings(self) -> nn.Linear:
        return self.head


def small_net(*, fresh: bool = False, rank: int = 2) -> Any:
    """The net with an adapter that does something already, unless fresh."""
    torch.manual_seed(3)
    net = get_peft_model(
        Net().requires_grad_(False),
        LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=["one", "two"]),
    )
    if not fresh:
        wake(net)
    return net


def wake(model: Any, size: float = 0.3, seed: int = 5) -> None:
    """Give every trained parameter a push."""
    stream = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for part in trained(model).values():
            part += size * torch.randn(part.shape, generator=stream)


def sample(name: str, ids: Sequence[int]) -> Sample:
    return Sample(name, [1, *ids], [False] + [True] * len(ids))


def drawn(count: int, seed: int, low: int = 0, high: int = VOCABULARY) -> list[Sample]:
    """Samples of 2 to 9 tokens between ``low`` and ``high``."""
    stream = torch.Generator().manual_seed(seed)
    sizes = torch.randint(1, 9, (count,), generator=stream).tolist()
    return [
        sample(f"{seed}.{n}", torch.randint(low, high, (size,), generator=stream).tolist())
        for n, size in enumerate(sizes)
    ]


def packed(samples: Sequence[Sample], per_row: int = 2, *, old: bool = False) -> list[PackedRow]:
    places = range(0, len(samples), per_row)
    return [PackedRow(old, list(samples[place : place + per_row])) for place in places]


def lora_model(tiny: Any, quantise: str | None = None) -> Any:
    """The tiny transformer with an adapter of rank 4; ``quantise`` as ``load_model`` has it."""
    torch.manual_seed(0)
    if quantise is None:
        return add_lora(load_model(tiny.path), 4, 8, "base")
    return add_lora(load_model(tiny.path, quantise=quantise), 4, 8, "base", quantised=True)


def a_run(
    model: Any, new: Sequence[PackedRow] = (), old: Sequence[PackedRow] = (), *, steps: int = 10,
    rate: float = 1e-2, earlier: Any = None,
) -> Run:  # fmt: skip
    return Run(model, Reference(model), new, old, steps, 0, rate, earlier or {})


def step_output(model: Any, row: PackedRow, place: int = 0, rows: int = 1) -> Output:
    inputs = row_inputs(row, "cpu")
    where, labels = torch.tensor(row.targets).unbind(1)
    nll = token_nll(model, inputs, where, labels)
    return Output(nll, inputs, where, labels, place, rows, 1.0 / rows)


def steps(
    model: Any, rows: Sequence[PackedRow], strategies: Sequence[Any], first: int, optimiser: Any
) -> None:
    """One optimiser step per row from step ``first`` on, hooks called as the trainer does."""
    model.train()
    for number, row in enumerate(rows, first):
        output = step_output(model, row)
        loss = output.nll.mean()
        for one in strategies:
            for term in one.loss_terms(model, row, output).values():
                loss = loss + term
        loss.backward()
        for one in strategies:
            one.on_gradients(model, number)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        for one in strategies:
            one.on_step_end(model, number)


def adam(model: Any, rate: float = 1e-2) -> torch.optim.AdamW:
    return torch.optim.AdamW(trained(model).values(), lr=rate, weight_decay=0.0)


def resumes(
    make_model: Callable[[], Any], make: Callable[[], Any], rows: list[PackedRow],
    old: list[PackedRow], folder: Any, earlier: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """All steps at once, and half of them, a checkpoint in files, the other half in new objects.

    Gives both (parameters, leave, metrics); asserted equal by the caller, bit by bit.
    """
    ends: list[Any] = []
    half = len(rows) // 2
    for cut in (False, True):
        model, one = make_model(), make()
        run = a_run(model, rows, old, steps=len(rows), earlier=earlier)
        one.prepare(run)
        optimiser = adam(model)
        if not cut:
            steps(model, rows, [one], 1, optimiser)
        else:
            steps(model, rows[:half], [one], 1, optimiser)
            weights = {name: part.detach().clone() for name, part in trained(model).items()}
            kept = (weights, optimiser.state_dict(), one.state_dict())
            torch.save(kept, folder / "checkpoint.pt")
            weights, moments, state = torch.load(folder / "checkpoint.pt", weights_only=True)
            model, one = make_model(), make()
            run = a_run(model, rows, old, steps=len(rows), earlier=earlier)
            one.prepare(run)
            one.load_state_dict(state)
            with torch.no_grad():
                for name, part in trained(model).items():
                    part.copy_(weights[name])
            optimiser = adam(model)
            optimiser.load_state_dict(moments)
            steps(model, rows[half:], [one], half + 1, optimiser)
        now = {name: part.detach() for name, part in trained(model).items()}
        ends.append((now, one.leave(run), one.metrics()))
    return ends[0], ends[1]


def assert_same(first: Any, second: Any) -> None:
    """Parameters, what is left and figures, bit by bit."""
    for one, two in zip(first, second, strict=True):
        assert one.keys() == two.keys()
        for name, value in one.items():
            same = torch.equal(value, two[name]) if torch.is_tensor(value) else value == two[name]
            assert same, name


def deltas(model: Any) -> dict[str, Any]:
    return {part.name: part.delta().detach() for part in lora_parts(model)}
