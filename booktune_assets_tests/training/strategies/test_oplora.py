"""OPLoRA: the strongest triples of every weight stay, by explicit SVD."""

from __future__ import annotations

import pytest
import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.loading import load_model
from booktune_assets.settings_training import Oplora as Section
from booktune_assets.training.attach import add_lora
from booktune_assets.training.columns import base_weight
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.reference import Reference, trained
from booktune_assets.training.strategies.base import Run
from booktune_assets.training.strategies.oplora import Oplora, strongest
from booktune_assets.training.trainer import Schedule, fit
from booktune_assets_tests.training.columns_kit import (
    NEW_ROW,
    OLD_ROW,
    beside,
    earlier_adapter,
    logits,
)

ROWS = [NEW_ROW, OLD_ROW] * 8


def adapted(tiny, quantise="none"):
    torch.manual_seed(3)
    return add_lora(load_model(tiny.path, quantise=quantise), 4, 8, "base")


def leak(model, fraction: float, below=()) -> float:
    """The largest entry of what must not have changed: U_kᵀ ΔW and ΔW V_k, over all layers."""
    worst = 0.0
    for part in lora_parts(model):
        weight = base_weight(part.module, below=below)
        left, values, right = torch.linalg.svd(weight.double(), full_matrices=False)
        k = max(1, round(fraction * min(weight.shape)))
        new = weight.double() + part.delta().detach().double()
        core = left[:, :k].T @ new @ right[:k].T
        worst = max(worst, float((core - torch.diag(values[:k])).abs().max()))
        off_right = left[:, :k].T @ new @ right[k:].T
        off_left = left[:, k:].T @ new @ right[:k].T
        worst = max(worst, float(off_right.abs().max()), float(off_left.abs().max()))
    return worst


@pytest.mark.parametrize("quantise", ["none", "nf4"])
def test_the_strongest_triples_are_preserved(tiny, quantise) -> None:
    plain, held = adapted(tiny, quantise), adapted(tiny, quantise)
    way = Oplora(Section(k_fraction=0.25))
    fit(plain, ROWS, Schedule(2e-2, 8))
    steps = fit(held, ROWS, Schedule(2e-2, 8), [way])
    assert leak(held, 0.25) < 1e-5
    assert leak(plain, 0.25) > 1e-2, "plain LoRA does change them: the test can tell"
    assert max(float(part.delta().detach().abs().max()) for part in lora_parts(held)) > 1e-2
    assert steps[-1].loss < steps[0].loss
    assert 0 < way.metrics()["cut"] < 1


def test_columns_below_count_as_the_weight(tiny, tmp_path) -> None:
    model = beside(tiny, [earlier_adapter(tiny, tmp_path)])
    fit(model, ROWS, Schedule(2e-2, 8), [Oplora(Section(k_fraction=0.25))])
    assert leak(model, 0.25, below=["earlier_0"]) < 1e-5
    assert leak(model, 0.25) > 1e-4, "off the base's own directions it is not"


def test_a_resume_projects_with_the_same_bits(tiny) -> None:
    def step(model) -> None:
        model(torch.tensor([NEW_ROW.ids]), labels=torch.tensor([NEW_ROW.ids])).loss.backward()
        with torch.no_grad():
            for part in trained(model).values():
                part -= 0.5 * part.grad
                part.grad = None

    def made():
        model, way = adapted(tiny), Oplora(Section(k_fraction=0.1))
        way.prepare(Run(model, Reference(model), [NEW_ROW], [OLD_ROW], 4, 0, 1e-2))
        return model, way

    whole, way = made()
    step(whole)
    way.on_step_end(whole, 1)
    kept = {name: part.detach().clone() for name, part in trained(whole).items()}
    state = way.state_dict()
    step(whole)
    way.on_step_end(whole, 2)
    resumed, again = made()
    with torch.no_grad():
        for name, part in trained(resumed).items():
            part.copy_(kept[name])
    again.load_state_dict(state)
    step(resumed)
    again.on_step_end(resumed, 2)
    assert torch.equal(logits(whole), logits(resumed))
    assert all(torch.equal(p, trained(resumed)[n]) for n, p in trained(whole).items())


def test_a_continued_adapter_is_refused(tiny) -> None:
    model = adapted(tiny)
    fit(model, ROWS, Schedule(1e-2, 8))
    with pytest.raises(BookError) as caught:
        fit(model, ROWS, Schedule(1e-2, 8), [Oplora(Section())])
    assert caught.value.code is Code.BAD_SETTING and "fresh" in caught.value.remedy


def test_a_sampled_decomposition_states_its_error() -> None:
    """Against singular values that fall slowly, as those of trained weights do: 1 / rank."""
    stream = torch.Generator().manual_seed(5)
    left, _ = torch.linalg.qr(torch.randn(300, 200, generator=stream))
    right, _ = torch.linalg.qr(torch.randn(200, 200, generator=stream))
    values = 1 / torch.arange(1, 201)
    weight = (left * values) @ right.T
    exact_left, _, none = strongest(weight, 24)
    assert none < 1e-5
    torch.testing.assert_close(exact_left @ exact_left.T, left[:, :24] @ left[:, :24].T,
                               atol=1e-3, rtol=0)  # fmt: skip
    state = torch.get_rng_state()
    found_left, found_right, off = strongest(weight, 24, exact=False, seed=1)
    assert torch.equal(torch.get_rng_state(), state), "the global stream is not ours"
    assert torch.equal(strongest(weight, 24, exact=False, seed=1)[0], found_left)
    product = found_left.T @ weight @ found_right  # nearly diagonal, with the largest values on it
    torch.testing.assert_close(product.diagonal(), values[:24], atol=0, rtol=2e-3)
    assert off < 2e-2
    by_hand = (weight @ found_right - found_left * product.diagonal()).norm() / values[:24].norm()
    assert off == pytest.approx(float(by_hand), abs=2e-3)


def test_no_more_directions_than_the_cap_and_large_weights_by_sampling(tiny) -> None:
    model = adapted(tiny)
    way = Oplora(Section(k_fraction=0.5, k_max=3, exact_max=8))
    fit(model, ROWS, Schedule(2e-2, 4), [way])
    assert {left.shape[1] for left, _ in way.kept.values()} == {3}
    assert 0 < way.metrics()["residual"] < 0.5, "random weights have no strong directions"
    for part in lora_parts(model):  # whatever was found is held
        left, right = way.kept[part.name]
        delta = part.delta().detach()
        assert float((left.T @ delta).abs().max()) < 1e-6
        assert float((delta @ right).abs().max()) < 1e-6


def test_a_resumed_run_decomposes_nothing(tiny, tmp_path, monkeypatch) -> None:
    from booktune_assets.training.checkpoints import Checkpoints
    from booktune_assets.training.strategies import oplora
    from booktune_assets.training.trainer import fit_run

    def run(model, checkpoints):
        fit_run(model, ROWS, Schedule(1e-2, 8), [Oplora(Section(k_fraction=0.1))],
                checkpoints=checkpoints)  # fmt: skip
        return trained(model)

    whole = run(adapted(tiny), Checkpoints(tmp_path, "same", every=5))
    assert list(tmp_path.glob("step-*")), "the last one stays until the run says it is done"

    def never(*_, **__):
        raise AssertionError("the directions are in the checkpoint")

    monkeypatch.setattr(oplora, "strongest", never)
    again = run(adapted(tiny), Checkpoints(tmp_path, "same", every=5))
    assert all(torch.equal(part, again[name]) for name, part in whole.items())
