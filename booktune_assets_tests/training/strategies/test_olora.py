"""O-LoRA: the penalty is an explicit sum, and minimising it turns the new rows away."""

from __future__ import annotations

import pytest
import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.loading import load_model
from booktune_assets.settings_training import Olora as Section
from booktune_assets.training.attach import add_lora
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.reference import Reference
from booktune_assets.training.strategies.base import Output, Run
from booktune_assets.training.strategies.olora import Olora
from booktune_assets.training.trainer import Schedule, fit
from booktune_assets_tests.training.columns_kit import NEW_ROW, OLD_ROW, beside, earlier_adapter

OUTPUT = Output(torch.ones(3), {}, torch.arange(3), torch.arange(3))


def a_run(model, earlier=None) -> Run:
    return Run(model, Reference(model), [NEW_ROW], [OLD_ROW], 4, 0, 1e-2, earlier or {})


def overlap(model) -> float:
    total = 0.0
    old = {part.name: part.down for part in lora_parts(model, "earlier_0")}
    for part in lora_parts(model):
        for a in old[part.name]:
            for b in part.down:
                total += abs(sum(float(x) * float(y) for x, y in zip(a, b, strict=True)))
    return total


@pytest.fixture(scope="module")
def earlier(tiny, tmp_path_factory: pytest.TempPathFactory):
    return earlier_adapter(tiny, tmp_path_factory.mktemp("earlier"), rank=2)


@pytest.mark.parametrize("quantise", ["none", "nf4"])
def test_the_terms_are_the_explicit_sums(tiny, earlier, quantise) -> None:
    model = beside(tiny, [earlier], rank=2, quantise=quantise)
    way = Olora(Section(orthogonal=0.5, l2=0.1))
    way.prepare(a_run(model))
    terms = way.loss_terms(model, NEW_ROW, OUTPUT)
    expected = overlap(model)
    assert float(terms["orthogonal"]) == pytest.approx(0.5 * expected, rel=1e-4)
    norms = sum(
        float((m.detach() ** 2).sum()) ** 0.5
        for part in lora_parts(model)
        for m in (part.down, part.up)
    )
    assert float(terms["l2"]) == pytest.approx(0.1 * norms, rel=1e-4)
    assert way.metrics()["overlap"] == pytest.approx(expected, rel=1e-4)
    second = Output(torch.ones(1), {}, torch.zeros(1), torch.zeros(1), row=1, rows=2)
    assert way.loss_terms(model, NEW_ROW, second) == {}


def test_training_with_it_makes_the_new_rows_orthogonal(tiny, earlier) -> None:
    rows = [NEW_ROW, OLD_ROW] * 40
    plain, held = beside(tiny, [earlier], rank=2), beside(tiny, [earlier], rank=2)
    before = overlap(held)
    fit(plain, rows, Schedule(5e-3, 40))
    steps = fit(held, rows, Schedule(5e-3, 40), [Olora(Section(orthogonal=0.5))])
    assert overlap(held) < 0.1 * before < 0.2 * overlap(plain) * 10
    assert overlap(held) < 0.2 * overlap(plain)
    assert steps[-1].loss < steps[0].loss


def test_a_stage_leaves_all_rows_so_far_and_the_next_takes_them(tiny, earlier) -> None:
    model = beside(tiny, [earlier], rank=2)
    way = Olora(Section())
    run = a_run(model)
    way.prepare(run)
    left = way.leave(run)
    one = next(iter(lora_parts(model)))
    assert left[one.name].shape == (4, one.down.shape[1])
    torch.manual_seed(9)
    alone = add_lora(load_model(tiny.path), 2, 4, "base")
    later = Olora(Section(orthogonal=1.0))
    later.prepare(a_run(alone, {"olora": left}))
    expected = sum(
        float((left[part.name] @ part.down.T).abs().sum().detach()) for part in lora_parts(alone)
    )
    terms = later.loss_terms(alone, NEW_ROW, OUTPUT)
    assert float(terms["orthogonal"]) == pytest.approx(expected, rel=1e-5)


def test_without_an_earlier_adapter_it_says_so(tiny) -> None:
    with pytest.raises(BookError) as caught:
        Olora(Section()).prepare(a_run(add_lora(load_model(tiny.path), 2, 4, "base")))
    assert caught.value.code is Code.BAD_SETTING


def test_a_new_object_goes_on_with_the_same_term(tiny, earlier) -> None:
    """The state is the frozen adapters' own: prepare on a resume gives the same bits."""
    terms = []
    for _ in range(2):
        model = beside(tiny, [earlier], rank=2)
        way = Olora(Section())
        way.prepare(a_run(model))
        way.load_state_dict(way.state_dict())
        terms.append(way.loss_terms(model, NEW_ROW, OUTPUT)["orthogonal"])
    assert torch.equal(*terms)
