"""EWC against explicit Fisher matrices, over stages, on four bits, resumed, and what it does."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file, save_file

from booktune_assets.errors import BookError, Code
from booktune_assets.settings_training import Ewc as Settings
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.quadratic import state_bytes
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.ewc import Ewc, EwcRecorder
from booktune_assets.training.strategies.registry import strategies
from booktune_assets.training.trainer import Schedule, fit
from booktune_assets_tests.training.importance_helpers import (
    a_run,
    adam,
    assert_same,
    deltas,
    drawn,
    lora_model,
    packed,
    resumes,
    small_net,
    step_output,
    steps,
    wake,
)
from booktune_assets_tests.training.test_fisher import by_hand

OLD, NEW = drawn(8, 1), drawn(8, 2)
KINDS = [("delta", "factored"), ("delta", "kfac"), ("lora", "diagonal")]


def _settings(space: str, fisher: str, **more) -> Settings:
    return Settings(space=space, fisher=fisher, labels="empirical", strength=0.7, **more)  # pyright: ignore


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("fisher", ["factored", "kfac"])
def test_penalty_and_gradient_from_an_explicit_fisher(fisher: str, fresh: bool) -> None:
    """The whole matrix over vec(ΔW), from outer products of each sample's x and δ."""
    net = small_net(fresh=fresh)
    start, matrices, entries, whole = deltas(net), {}, 0, 0.0
    seen = [by_hand(net, one) for one in OLD]
    tokens = sum(len(one.ids) for one in OLD)
    for name in start:
        layer = name.rpartition(".")[2]
        x = sum(torch.outer(x, x) for one in seen for x in one[layer][0]) / tokens
        d = sum(torch.outer(d, d) for one in seen for d in one[layer][1]) / len(OLD)
        matrices[name] = torch.kron(d, x)  # over ΔW's rows, one after the other
        if fisher == "factored":
            matrices[name] = matrices[name].diagonal().diag()
        entries += len(matrices[name])
        whole += matrices[name].trace()
    ewc = Ewc(_settings("delta", fisher))
    ewc.prepare(a_run(net, packed(NEW), packed(OLD)))
    wake(net, 0.2, seed=8)
    (row,) = packed(NEW[:2])
    mine = ewc.loss_terms(net, row, step_output(net, row))["ewc"]
    expected = 0.0
    for part in lora_parts(net):
        moved = (part.delta() - start[part.name]).flatten()
        expected = expected + 0.35 * moved @ (matrices[part.name] / (whole / entries)) @ moved
    weights = list(trained(net).values())
    torch.testing.assert_close(mine, expected, rtol=1e-4, atol=1e-7)
    assert mine.item() > 1e-3
    for one, other in zip(
        torch.autograd.grad(mine, weights), torch.autograd.grad(expected, weights), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-6)


def test_space_lora_is_the_diagonal_of_each_parameter() -> None:
    net = small_net()
    start = {name: part.detach().clone() for name, part in trained(net).items()}
    sums = {name: torch.zeros_like(part) for name, part in trained(net).items()}
    for one in OLD:
        loss = step_output(net, packed([one])[0]).nll.sum()
        slopes = torch.autograd.grad(loss, list(trained(net).values()))
        for name, slope in zip(sums, slopes, strict=True):
            sums[name] += slope.square()
    mean = torch.cat([one.flatten() for one in sums.values()]).mean()
    ewc = Ewc(_settings("lora", "diagonal"))
    ewc.prepare(a_run(net, packed(NEW), packed(OLD)))
    wake(net, 0.2, seed=8)
    (row,) = packed(NEW[:2])
    mine = ewc.loss_terms(net, row, step_output(net, row))["ewc"]
    now = trained(net)
    expected = sum((sums[n] / mean * (now[n] - start[n]).square()).sum() for n in start) * 0.35
    torch.testing.assert_close(mine, expected, rtol=1e-4, atol=1e-7)


def test_at_the_anchor_nothing_pulls_and_the_term_comes_once_per_step() -> None:
    net = small_net()
    ewc = Ewc(_settings("delta", "factored"))
    ewc.prepare(a_run(net, packed(NEW), packed(OLD)))
    (row,) = packed(NEW[:2])
    term = ewc.loss_terms(net, row, step_output(net, row, 0, 2))["ewc"]
    assert term.item() == 0.0
    assert all(not one.any() for one in torch.autograd.grad(term, list(trained(net).values())))
    assert ewc.loss_terms(net, row, step_output(net, row, 1, 2)) == {}
    assert ewc.loss == pytest.approx(step_output(net, row).nll.mean().item()), "mean of both rows"


def _trap(net, settings: Settings, earlier=None) -> BookError:
    with pytest.raises(BookError) as caught:
        Ewc(settings).prepare(a_run(net, packed(NEW), packed(OLD), earlier=earlier))
    return caught.value


def test_what_cannot_work_is_refused_with_the_way_out() -> None:
    fresh = _trap(small_net(fresh=True), Settings(space="lora"))
    assert fresh.code is Code.BAD_SETTING
    assert "exactly 0" in fresh.remedy and "delta" in fresh.remedy
    with pytest.raises(ValueError, match="diagonal belongs to"):
        Settings(space="lora", fisher="kfac")
    with pytest.raises(ValueError, match="diagonal belongs to"):
        Settings(fisher="diagonal")
    assert Settings(space="lora").fisher == "diagonal", "the only one that space has"
    bare = torch.nn.Sequential(torch.nn.Linear(3, 3))
    assert "adapter" in _trap(bare, Settings()).remedy
    with pytest.raises(BookError) as caught:
        Ewc(Settings()).prepare(a_run(small_net(), packed(NEW)))
    assert caught.value.code is Code.NO_EXAMPLES


def test_importance_of_a_fresh_adapters_a_is_exactly_zero() -> None:
    """Why space lora refuses it."""
    net = small_net(fresh=True)
    step_output(net, packed(NEW[:2])[0]).nll.sum().backward()
    for name, part in trained(net).items():
        assert bool(part.grad.any()) == ("lora_B" in name)


@pytest.mark.parametrize(("space", "fisher"), KINDS)
def test_stages_leave_tensors_that_the_next_takes_up(space: str, fisher: str, tmp_path) -> None:
    net = small_net()
    settings = _settings(space, fisher, online=0.5)
    recorder = EwcRecorder(settings)
    first = a_run(net, packed(OLD))
    recorder.prepare(first)
    wake(net, 0.1, seed=1)
    save_file(recorder.leave(first), tmp_path / "ewc.safetensors")
    left = load_file(tmp_path / "ewc.safetensors")

    ewc = Ewc(settings)
    ewc.prepare(a_run(net, packed(NEW), earlier={"ewc": left}))  # no old rows are needed
    straight = Ewc(settings)
    straight.prepare(a_run(net, packed(NEW), packed(OLD)))
    wake(net, 0.1, seed=2)
    (row,) = packed(NEW[:2])
    one, other = (s.loss_terms(net, row, step_output(net, row))["ewc"] for s in (ewc, straight))
    torch.testing.assert_close(one, other)
    assert one.item() > 1e-4


@pytest.mark.parametrize(("space", "fisher"), KINDS)
def test_online_importance_decays(space: str, fisher: str) -> None:
    """After two stages the penalty is (γ F₁ + F₂) / (γ + 1) at the last stage's end."""
    net, settings = small_net(), _settings(space, fisher, online=0.25)
    (row,) = packed(NEW[:2])

    def left(rows, earlier=None):
        recorder = EwcRecorder(settings)
        run = a_run(net, rows, earlier=earlier)
        recorder.prepare(run)
        return recorder.leave(run)

    both = left(packed(NEW), {"ewc": left(packed(OLD))})
    alone = [left(packed(OLD)), left(packed(NEW))]
    made = []
    for one in (both, *alone):
        ewc = Ewc(settings)
        ewc.prepare(a_run(net, earlier={"ewc": one}))
        made.append(ewc)
    wake(net, 0.1, seed=2)
    together, first, second = (
        one.loss_terms(net, row, step_output(net, row))["ewc"].item() for one in made
    )
    assert together == pytest.approx((0.25 * first + second) / 1.25, rel=1e-5)
    assert first != pytest.approx(second, rel=1e-3)


def test_a_fresh_adapter_is_held_at_zero_wherever_the_stage_before_ended(tmp_path) -> None:
    settings, (row,) = _settings("delta", "factored"), packed(NEW[:2])
    for net in (small_net(), small_net(fresh=True)):
        save_file(EwcRecorder(settings).leave(a_run(net, packed(OLD))), tmp_path / "left")
        wide = small_net(fresh=True, rank=3)
        ewc = Ewc(settings)
        ewc.prepare(a_run(wide, earlier={"ewc": load_file(tmp_path / "left")}))
        assert ewc.loss_terms(wide, row, step_output(wide, row))["ewc"].item() == 0.0
        wake(wide)
        assert ewc.loss_terms(wide, row, step_output(wide, row))["ewc"].item() > 0.01


def test_training_without_an_adapter_leaves_nothing_for_delta_and_all_weights_for_lora() -> None:
    net = small_net().unload().requires_grad_(True)
    net.head.requires_grad_(False)
    assert EwcRecorder(_settings("delta", "factored")).leave(a_run(net, packed(OLD))) == {}
    left = EwcRecorder(_settings("lora", "diagonal")).leave(a_run(net, packed(OLD)))
    ewc = Ewc(_settings("lora", "diagonal"))
    ewc.prepare(a_run(net, earlier={"ewc": left}))
    wake(net)
    (row,) = packed(NEW[:2])
    assert ewc.loss_terms(net, row, step_output(net, row))["ewc"].item() > 0.01


def test_a_continued_adapter_of_another_rank_is_held_at_the_old_product() -> None:
    net = small_net()
    recorder = EwcRecorder(_settings("delta", "factored"))
    recorder.prepare(a_run(net, packed(OLD)))
    left = recorder.leave(a_run(net, packed(OLD)))
    wide = small_net(fresh=True, rank=4)  # the same ΔW at rank 4
    with torch.no_grad():
        for mine, theirs in zip(lora_parts(wide), lora_parts(net), strict=True):
            mine.down[:2], mine.up[:, :2] = theirs.down, theirs.up
    ewc = Ewc(_settings("delta", "factored"))
    ewc.prepare(a_run(wide, earlier={"ewc": left}))
    (row,) = packed(NEW[:2])
    assert ewc.loss_terms(wide, row, step_output(wide, row))["ewc"].item() < 1e-10


def test_what_another_model_left_is_refused(tiny) -> None:
    recorder, net = EwcRecorder(_settings("delta", "factored")), small_net()
    left = recorder.leave(a_run(net, packed(OLD)))
    caught = _trap(lora_model(tiny), Settings(), {"ewc": left})
    assert caught.code is Code.BAD_SETTING and caught.where["count"] == 14 + 2
    assert "one ewc.space" in _trap(net, _settings("lora", "diagonal"), {"ewc": left}).remedy


@pytest.mark.parametrize(("space", "fisher"), KINDS)
def test_a_resumed_run_is_the_same_to_the_bit(tiny, space: str, fisher: str, tmp_path) -> None:
    old, new = drawn(6, 3, 3, 250), drawn(20, 4, 3, 250)

    def model():
        made = lora_model(tiny)
        wake(made, 0.05)
        return made

    settings = Settings(space=space, fisher=fisher, n=4)  # pyright: ignore
    first, second = resumes(
        model, lambda: Ewc(settings), packed(new, 1), packed(old, old=True), tmp_path
    )
    assert_same(first, second)
    assert first[2]["ewc_lambda"] > 0 and first[2]["ewc_penalty"] > 0


def test_a_resumed_recorder_keeps_what_earlier_stages_left(tmp_path) -> None:
    settings = _settings("delta", "kfac")
    left = EwcRecorder(settings).leave(a_run(small_net(), packed(OLD)))
    first, second = resumes(
        small_net, lambda: EwcRecorder(settings), packed(NEW, 1), [], tmp_path, {"ewc": left}
    )
    assert_same(first, second)
    assert len(first[1]["weights"]) == 2


@pytest.mark.parametrize("fisher", ["factored", "kfac"])
def test_a_base_in_four_bits_has_the_importance_of_its_weights_written_out(tiny, fisher) -> None:
    bitsandbytes = pytest.importorskip("bitsandbytes")
    model, plain = lora_model(tiny, "nf4"), lora_model(tiny)
    with torch.no_grad():
        for mine, theirs in zip(lora_parts(plain), lora_parts(model), strict=True):
            packed_weight = theirs.module.base_layer.weight
            mine.module.base_layer.weight.copy_(
                bitsandbytes.functional.dequantize_4bit(
                    packed_weight.data, packed_weight.quant_state
                )
            )
    old, new = packed(drawn(6, 3, 3, 250), old=True), packed(drawn(8, 4, 3, 250), 1)
    settings = Settings(fisher=fisher, n=4, strength=1.0, labels="empirical")
    ewc, other = Ewc(settings), Ewc(settings)
    other.prepare(a_run(plain, new, old))
    made = fit(model, new, Schedule(5e-3, 8), [ewc], old=old)
    assert made[-1].loss < 20 and ewc.metrics()["ewc_penalty"] > 0
    for name, pair in other.held.terms[0][1].items():
        for one, two in zip(pair, ewc.held.terms[0][1][name], strict=True):
            torch.testing.assert_close(one, two, rtol=1e-2, atol=1e-3)


def test_wide_sides_fall_back_to_diagonals_and_the_log_says_so(tiny) -> None:
    model, old = lora_model(tiny), packed(drawn(4, 3, 3, 250), old=True)
    sizes = sorted(
        {len(p.up) for p in lora_parts(model)} | {p.down.shape[1] for p in lora_parts(model)}
    )
    ewc = Ewc(Settings(fisher="kfac", n=4, full_max=sizes[-1] - 1))
    ewc.prepare(a_run(model, old, old))
    made = ewc.metrics()
    wide = sum(
        (len(part.up) == sizes[-1]) + (part.down.shape[1] == sizes[-1])
        for part in lora_parts(model)
    )
    assert (made["ewc_full"], made["ewc_diagonal"]) == (28 - wide, wide) and wide > 0
    narrow = Ewc(Settings(n=4))
    narrow.prepare(a_run(model, old, old))
    assert narrow.metrics()["ewc_full"] == 0
    sides = sum(len(part.up) + part.down.shape[1] for part in lora_parts(model))
    factor_bytes = state_bytes([pair for _, term in narrow.held.terms for pair in term.values()])
    assert factor_bytes == 4 * sides < state_bytes(ewc.state_dict())


@pytest.mark.parametrize(("space", "fisher"), KINDS)
def test_protected_directions_move_less_and_old_loss_rises_less(tiny, space, fisher) -> None:
    """Old samples use one half of the tokens, new ones the other: what the old use is held."""
    old, new = drawn(12, 5, 3, 20), packed(drawn(40, 6, 3, 20), 1)

    def learned(strength: float):
        model = lora_model(tiny)
        steps(model, packed(old, 2) * 3, [], 1, adam(model, 2e-2))
        before = sum(step_output(model, row).nll.sum().item() for row in packed(old))
        start = deltas(model)
        ewc = Ewc(Settings(space=space, fisher=fisher, n=12, strength=strength))  # pyright: ignore
        ewc.prepare(a_run(model, new, packed(old, old=True), steps=len(new)))
        steps(model, new, [ewc], 1, adam(model, 1e-2))
        weighed = ewc.held.penalty(model).item()
        plain = sum(float((one - start[n]).square().sum()) for n, one in deltas(model).items())
        after = sum(step_output(model, row).nll.sum().item() for row in packed(old))
        return weighed / plain, after - before

    free, held = learned(0.0), learned(0.3)
    assert held[0] < 0.8 * free[0], "per distance moved, less in what is important"
    assert held[1] < 0.8 * free[1]


def test_the_registry_makes_it() -> None:
    (one,) = strategies([Settings()])
    assert isinstance(one, Ewc)
