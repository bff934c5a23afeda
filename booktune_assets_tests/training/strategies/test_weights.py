"""KL, DFT, ASFT, STM and TALR: what each adds to a row, by its definition."""

from __future__ import annotations

import math

import pytest
import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.settings_training import Asft as AsftSettings
from booktune_assets.settings_training import Kl as KlSettings
from booktune_assets.settings_training import Stm as StmSettings
from booktune_assets.settings_training import Talr as TalrSettings
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.asft import Asft
from booktune_assets.training.strategies.base import Output, Run
from booktune_assets.training.strategies.dft import Dft
from booktune_assets.training.strategies.kl import Kl
from booktune_assets.training.strategies.stm import Stm
from booktune_assets.training.strategies.talr import Talr
from booktune_assets.training.trainer import row_inputs
from booktune_assets_tests.training.strategies.rows import (
    NEW,
    OLD,
    Drive,
    a_run,
    adapted,
    output_of,
    sample,
)


def _moved(model) -> None:
    stream = torch.Generator().manual_seed(7)
    for part in trained(model).values():
        part.data.add_(0.05 * torch.randn(part.shape, generator=stream))


def _plain_kl(model, reference, row: PackedRow, where, direction: str) -> float:
    inputs = {**row_inputs(row, "cpu"), "use_cache": False}
    with torch.no_grad():
        now = model(**inputs).logits[0, where].double().log_softmax(1)
    with reference.shown(model):
        then = model(**inputs).logits[0, where].double().log_softmax(1)
    first, second = (then, now) if direction == "forward" else (now, then)
    return float((first.exp() * (first - second)).sum(1).mean())


def _losses(*nats: float) -> Output:
    return Output(torch.tensor(nats, requires_grad=True), {}, None, None)


def _row(*sizes: int) -> PackedRow:
    return PackedRow(False, [sample(f"new{n}", size + 1) for n, size in enumerate(sizes)])


@pytest.mark.parametrize("direction", ["forward", "reverse"])
@pytest.mark.parametrize("handed", [True, False])
def test_kl_on_new_rows(tiny, direction, handed: bool) -> None:
    model = adapted(tiny)
    run = a_run(model)
    kl = Kl(KlSettings(beta=0.7, on="new", direction=direction))
    kl.prepare(run)
    _moved(model)
    output = output_of(model, NEW[0], place=1, share=0.4, handed=handed)
    terms = kl.loss_terms(model, NEW[0], output)
    expected = _plain_kl(model, run.reference, NEW[0], output.where, direction)
    assert list(terms) == ["new"]
    assert terms["new"].item() == pytest.approx(0.7 * 0.4 * expected, rel=1e-3)
    slopes = torch.autograd.grad(terms["new"], list(trained(model).values()))
    assert all(slope.abs().max() > 0 for slope in slopes)
    assert kl.loss_terms(model, OLD[0], output) == {}, "what is rehearsed is not held"
    kl.on_step_end(model, 1)
    assert kl.metrics() == {"new": pytest.approx(0.4 * expected, rel=1e-3)}


def test_states_handed_over_or_not_give_the_same_gradient(tiny) -> None:
    slopes = []
    for handed in (True, False):
        model = adapted(tiny)
        kl = Kl(KlSettings())
        kl.prepare(a_run(model))
        _moved(model)
        output = output_of(model, NEW[0], handed=handed)
        total = output.nll.mean() + kl.loss_terms(model, NEW[0], output)["new"]
        slopes.append(torch.autograd.grad(total, list(trained(model).values())))
    for one, other in zip(*slopes, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_kl_on_old_rows_goes_round_them(tiny) -> None:
    model = adapted(tiny)
    run = a_run(model)
    kl = Kl(KlSettings(beta=2.0, on="both"))
    kl.prepare(run)
    _moved(model)
    row = kl.rows.things[0]
    terms = kl.loss_terms(model, NEW[0], output_of(model, NEW[0]))
    expected = _plain_kl(model, run.reference, row, slice(None), "forward")
    assert set(terms) == {"new", "old"}
    assert terms["old"].item() == pytest.approx(2 * expected, rel=1e-3)
    assert set(kl.loss_terms(model, NEW[1], output_of(model, NEW[1], place=1))) == {"new"}
    for _ in range(5):
        kl.loss_terms(model, NEW[0], output_of(model, NEW[0]))
    assert kl.rows.turn == 6 == 2 * len(OLD)
    with pytest.raises(BookError) as caught:
        Kl(KlSettings(on="old")).prepare(a_run(model, old=[]))
    assert caught.value.code is Code.NO_EXAMPLES


def test_kl_holds_a_run_near_its_start(tiny) -> None:
    def run(strategies) -> float:
        drive = Drive(adapted(tiny), strategies)
        drive.go(12)
        output = output_of(drive.model, NEW[0])
        return _plain_kl(drive.model, drive.run.reference, NEW[0], output.where, "forward")

    assert run([Kl(KlSettings(beta=10.0))]) < 0.6 * run([])


def test_dft_weighs_by_probability_without_gradient() -> None:
    output = _losses(0.5, 2.0, 0.0)
    weights = Dft().row_weights(None, _row(3), output)
    assert weights is not None and not weights.requires_grad
    torch.testing.assert_close(weights, torch.tensor([math.exp(-0.5), math.exp(-2), 1.0]))
    (slope,) = torch.autograd.grad((weights * output.nll).sum(), output.nll)
    torch.testing.assert_close(slope, weights)
    assert Dft().row_weights(None, OLD[0], output) is None


def test_asft_adds_the_divergence(tiny) -> None:
    model = adapted(tiny)
    run = a_run(model)
    asft = Asft(AsftSettings(alpha=0.3))
    asft.prepare(run)
    _moved(model)
    output = output_of(model, NEW[0], share=0.5)
    weights = asft.row_weights(model, NEW[0], output)
    assert weights is not None
    torch.testing.assert_close(weights, (-output.nll.detach()).exp())
    expected = _plain_kl(model, run.reference, NEW[0], output.where, "forward")
    term = asft.loss_terms(model, NEW[0], output)["kl"]
    assert term.item() == pytest.approx(0.3 * 0.5 * expected, rel=1e-3)
    assert asft.loss_terms(model, OLD[0], output) == {}
    assert set(asft.metrics()) == {"weight", "kl"}


def test_talr_takes_the_median_of_the_samples_losses() -> None:
    row = _row(2, 1, 3)
    output = _losses(1.0, 3.0, 0.5, 4.0, 6.0, 20.0)  # means 2, 0.5, 10
    talr = Talr(TalrSettings(floor=0.01))
    weights = talr.row_weights(None, row, output)
    assert weights is not None and not weights.requires_grad
    expected = [math.exp(-nats / 2) for nats in (1.0, 3.0, 0.5, 4.0, 6.0)] + [0.01]
    torch.testing.assert_close(weights, torch.tensor(expected))
    assert talr.metrics()["tau"] == pytest.approx(2.0)
    fixed = Talr(TalrSettings(temperature=1.0, floor=0)).row_weights(None, row, output)
    dft = Dft().row_weights(None, row, output)
    torch.testing.assert_close(fixed, dft)
    assert talr.row_weights(None, OLD[0], output) is None


def _reference_losses(model) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row in NEW:
        for one in row.samples:
            ids = torch.tensor([one.ids])
            with torch.no_grad():
                logs = model(input_ids=ids).logits[0].log_softmax(1)
            found[one.name] = [
                -float(logs[place - 1, one.ids[place]])
                for place in range(1, len(one.ids))
                if one.learned[place]
            ]
    return found


def test_stm_masks_exactly_the_tokens_that_surprise_the_reference_most(tiny) -> None:
    model = adapted(tiny)
    losses = _reference_losses(model)
    stm = Stm(StmSettings(quantile=0.75, keep_identifiers=False))
    stm.prepare(a_run(model))
    _moved(model)  # the cut is the reference's, not of what the model has become
    every = sorted(nats for one in losses.values() for nats in one)
    assert stm.cut == pytest.approx(every[round(0.75 * len(every)) - 1], rel=1e-4)
    masked = 0
    for row in NEW:
        weights = stm.row_weights(model, row, output_of(model, row))
        assert weights is not None
        nats = [value for one in row.samples for value in losses[one.name]]
        assert weights.tolist() == [float(value <= stm.cut * (1 + 1e-5)) for value in nats]
        masked += weights.tolist().count(0.0)
    assert masked == len(every) - round(0.75 * len(every)) > 0
    assert stm.metrics()["masked"] == pytest.approx(masked / len(every))
    assert stm.row_weights(model, OLD[0], output_of(model, OLD[0])) is None


def test_stm_never_masks_what_is_exempt(tiny) -> None:
    model = adapted(tiny)
    plain = Stm(StmSettings(quantile=0.7, keep_identifiers=False))
    plain.prepare(a_run(model))
    row = NEW[1]
    before = plain.row_weights(model, row, output_of(model, row))
    gone = [place for place, kept in enumerate(before.tolist()) if not kept]
    where = [place + 1 for place, _ in row.targets]  # of the learned tokens in the row
    first = len(row.samples[0].ids)
    assert gone, "there is something to exempt"
    saved = where[gone[0]]

    def names(one) -> list[bool]:
        begin = 0 if one.name == row.samples[0].name else first
        mine = one.name in {other.name for other in row.samples}
        return [mine and begin + place == saved for place in range(len(one.ids))]

    stm = Stm(StmSettings(quantile=0.7), names)
    stm.prepare(a_run(model))
    after = stm.row_weights(model, row, output_of(model, row))
    assert after[gone[0]] == 1 and after.sum() == before.sum() + 1
    assert stm.cut == plain.cut


def test_stm_at_a_perplexity_and_its_guard(tiny) -> None:
    model = adapted(tiny)
    losses = [nats for one in _reference_losses(model).values() for nats in one]
    fixed = Stm(StmSettings(perplexity=1e4, keep_identifiers=False))
    fixed.prepare(a_run(model))
    assert fixed.cut == pytest.approx(math.log(1e4))
    assert fixed.masked == pytest.approx(sum(n > fixed.cut for n in losses) / len(losses))
    with pytest.raises(BookError) as caught:
        Stm(StmSettings(perplexity=2.5, keep_identifiers=False)).prepare(a_run(model))
    assert caught.value.code is Code.BAD_SETTING
    assert caught.value.where["masked"] > 0.4
    assert "quantile" in caught.value.remedy
    with pytest.raises(BookError) as caught:
        Stm().prepare(a_run(model))
    assert "keep_identifiers" in caught.value.remedy, "no tokenizer to see names with"


def test_stm_asks_the_runs_tokenizer_for_names_of_code(tiny) -> None:
    from booktune_assets.llm.loading import load_tokenizer

    model = adapted(tiny)
    run = a_run(model)
    run = Run(
        model, run.reference, NEW, OLD, run.steps, run.seed, run.learning_rate,
        tokenizer=load_tokenizer(tiny.path),
    )  # fmt: skip
    stm = Stm(StmSettings(quantile=0.8))
    stm.prepare(run)
    assert 0 <= stm.masked <= 0.2
