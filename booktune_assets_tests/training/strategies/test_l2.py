"""L2 to the start: by hand, resumed, on four bits, and that it shortens the way."""

from __future__ import annotations

import pytest
import torch

from booktune_assets.settings_training import L2 as Settings
from booktune_assets.training.quadratic import pull
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.l2 import L2
from booktune_assets.training.strategies.registry import strategies
from booktune_assets.training.trainer import Schedule, fit
from booktune_assets_tests.training.importance_helpers import (
    a_run,
    adam,
    assert_same,
    drawn,
    lora_model,
    packed,
    resumes,
    small_net,
    step_output,
    steps,
    wake,
)

NEW = drawn(8, 2)


def test_the_penalty_and_its_gradient_by_hand() -> None:
    net = small_net()
    (one,) = strategies([Settings(strength=0.4)])
    one.prepare(a_run(net))
    start = {name: part.detach().clone() for name, part in trained(net).items()}
    wake(net, 0.1)
    (row,) = packed(NEW[:2])
    term = one.loss_terms(net, row, step_output(net, row))["l2"]
    moves = [part.detach() - start[name] for name, part in trained(net).items()]
    assert term.item() == pytest.approx(0.2 * sum(float((m**2).sum()) for m in moves), rel=1e-5)
    for slope, move in zip(
        torch.autograd.grad(term, list(trained(net).values())), moves, strict=True
    ):
        torch.testing.assert_close(slope, 0.4 * move)
    assert one.loss_terms(net, row, step_output(net, row, 1, 2)) == {}
    assert one.metrics() == {"l2_penalty": pytest.approx(term.item())}


def test_a_resumed_run_is_the_same_to_the_bit(tmp_path) -> None:
    first, second = resumes(
        small_net, lambda: L2(Settings(strength=0.3)), packed(NEW, 1), [], tmp_path
    )
    assert_same(first, second)
    assert first[2]["l2_penalty"] > 0


def test_weights_stay_nearer_to_the_start() -> None:
    ways = []
    for strength in (0.0, 1.0):
        net, one = small_net(), L2(Settings(strength=strength))
        one.prepare(a_run(net))
        steps(net, packed(NEW, 1) * 5, [one], 1, adam(net))
        ways.append(pull(trained(net), one.anchor).item())
    assert ways[1] < 0.7 * ways[0]


def test_it_works_on_a_base_in_four_bits(tiny) -> None:
    pytest.importorskip("bitsandbytes")
    model, one = lora_model(tiny, "nf4"), L2(Settings(strength=1.0))
    made = fit(model, packed(drawn(6, 4, 3, 250), 1), Schedule(5e-3, 6), [one])
    assert made[-1].loss < 20 and one.metrics()["l2_penalty"] > 0
