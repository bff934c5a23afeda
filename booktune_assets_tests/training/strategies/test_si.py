"""The path integral by hand, what a stage leaves, the pseudo pass, and what the penalty does."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.loading import load_model
from booktune_assets.settings_training import Si as Settings
from booktune_assets.training.quadratic import pull, state_bytes
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.registry import KINDS, recorder, strategies
from booktune_assets.training.strategies.si import Si, SiRecorder, omega
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

OLD, NEW = drawn(12, 1), drawn(8, 2)


class Bowl(nn.Module):
    """½ Σ h (θ − b)²: the loss falls by ½ h ((θ₀ − b)² − (θ₁ − b)²) in each coordinate."""

    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.tensor([3.0, -1.0, 0.5, 2.0]))
        self.steep = torch.tensor([1.0, 4.0, 0.0, 0.3])
        self.floor = torch.tensor([1.0, 1.0, 1.0, -1.0])

    def falls(self) -> torch.Tensor:
        return 0.5 * self.steep * (self.place.detach() - self.floor).square()


def _walk(bowl: Bowl, one: SiRecorder, optimiser: torch.optim.Optimizer, count: int) -> None:
    for number in range(1, count + 1):
        (0.5 * bowl.steep * (bowl.place - bowl.floor).square()).sum().backward()
        one.on_gradients(bowl, number)
        nn.utils.clip_grad_norm_(bowl.parameters(), 0.01)  # comes after: SI sees what was before
        optimiser.step()
        optimiser.zero_grad()
        one.on_step_end(bowl, number)


@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_the_path_integral_is_the_fall_of_the_loss_by_coordinate(kind: str) -> None:
    bowl, one = Bowl(), SiRecorder()
    one.prepare(a_run(bowl))
    before, start = bowl.falls(), bowl.place.detach().clone()
    optimiser = (
        torch.optim.SGD(bowl.parameters(), lr=0.5) if kind == "sgd"
        else torch.optim.Adam(bowl.parameters(), lr=2e-3)
    )  # fmt: skip
    _walk(bowl, one, optimiser, 300)
    left = one.leave(a_run(bowl))
    fallen = before - bowl.falls()
    assert fallen.sum() > 1.0
    torch.testing.assert_close(left["place/path"], fallen, rtol=0.02, atol=1e-3)
    torch.testing.assert_close(left["place/moved"], bowl.place.detach() - start)
    assert torch.equal(left["place/anchor"], bowl.place.detach())
    assert not left["place/omega"].any(), "nothing before this stage"


def test_steps_by_hand() -> None:
    """Two steps written out: w = −Σ g Δθ with the gradient before the move."""
    bowl, one = Bowl(), SiRecorder()
    one.prepare(a_run(bowl))
    sums, place = torch.zeros(4), bowl.place.detach().clone()
    for number in (1, 2):
        slope, move = (
            bowl.steep * (place - bowl.floor),
            torch.tensor([0.5, -0.25, 1.0, 0.0]) / number,
        )
        bowl.place.grad = slope.clone()
        one.on_gradients(bowl, number)
        bowl.place.grad.zero_()
        with torch.no_grad():
            bowl.place += move
        one.on_step_end(bowl, number)
        sums, place = sums - slope * move, place + move
    torch.testing.assert_close(one.leave(a_run(bowl))["place/path"], sums)


def test_omega_by_hand() -> None:
    path = {"a": torch.tensor([2.0, -1.0]), "b": torch.tensor([0.5])}
    moved = {"a": torch.tensor([1.0, 3.0]), "b": torch.tensor([2.0])}
    absolute = omega(path, moved, 0.5, "absolute")
    assert absolute["a"].tolist() == pytest.approx([2 / 1.5, 0.0])
    assert absolute["b"].tolist() == pytest.approx([0.5 / 4.5])
    mean = (1 + 9 + 4) / 3
    relative = omega(path, moved, 0.5, "moves")
    assert relative["b"].tolist() == pytest.approx([0.5 / (4 + 0.5 * mean)])
    still = omega({"a": torch.zeros(2)}, {"a": torch.zeros(2)}, 1.0, "moves")
    assert still["a"].tolist() == [0.0, 0.0]


def _stage(model, rows, earlier=None, one=None, rate=1e-2):
    one = one or SiRecorder()
    run = a_run(model, rows, steps=len(rows), earlier=earlier)
    one.prepare(run)
    steps(model, rows, [one], 1, adam(model, rate))
    return one.leave(run)


def test_a_recorder_changes_nothing() -> None:
    ends = []
    for watched in (True, False):
        net = small_net()
        steps_with = [SiRecorder()] if watched else []
        for one in steps_with:
            one.prepare(a_run(net))
        steps(net, packed(OLD, 1), steps_with, 1, adam(net))
        ends.append([part.detach() for part in trained(net).values()])
    assert all(torch.equal(one, other) for one, other in zip(*ends, strict=True))


def test_stages_through_files_and_the_penalty_by_hand(tmp_path) -> None:
    net = small_net()
    save_file(_stage(net, packed(OLD, 1)), tmp_path / "si.safetensors")
    left = load_file(tmp_path / "si.safetensors")
    settings = Settings(c=0.7, xi=0.3, xi_unit="absolute")
    si = Si(settings)
    si.prepare(a_run(net, packed(NEW), earlier={"si": left}))
    anchor = {name: part.detach().clone() for name, part in trained(net).items()}
    wake(net, 0.1)
    (row,) = packed(NEW[:2])
    term = si.loss_terms(net, row, step_output(net, row))["si"]
    expected = sum(
        (left[f"{n}/path"].clamp(min=0) / (left[f"{n}/moved"] ** 2 + 0.3)
         * (part.detach() - anchor[n]) ** 2).sum()
        for n, part in trained(net).items()
    )  # fmt: skip
    assert term.item() == pytest.approx(0.7 * float(expected), rel=1e-4) and term.item() > 0
    assert si.loss_terms(net, row, step_output(net, row, 1, 2)) == {}


def test_importance_adds_up_over_stages() -> None:
    net = small_net()
    first = _stage(net, packed(OLD, 1))
    second = _stage(net, packed(NEW, 1), {"si": first})
    si = Si(Settings())
    si.prepare(a_run(net, earlier={"si": second}))
    for name in trained(net):
        parts = [
            omega(*({n: left[f"{n}/{what}"] for n in trained(net)} for what in ("path", "moved")),
                  1.0, "moves")[name]
            for left in (first, second)
        ]  # fmt: skip
        torch.testing.assert_close(second[f"{name}/omega"], parts[0])
        torch.testing.assert_close(si.before[name], parts[0] + parts[1])


def test_its_own_penalty_is_not_taken_for_the_datas_gradient() -> None:
    """A step with the penalty and one without give the same path at the same move."""
    net = small_net()
    left = _stage(net, packed(OLD, 1))
    rows = packed(NEW[:1])
    sums = []
    for c in (0.0, 50.0):
        si = Si(Settings(c=c))
        si.prepare(a_run(net, earlier={"si": left}))
        start = {name: part.detach().clone() for name, part in trained(net).items()}
        with torch.no_grad():
            for part in trained(net).values():
                part += 0.05
        output = step_output(net, rows[0])
        loss = output.nll.mean() + sum(si.loss_terms(net, rows[0], output).values())
        loss.backward()
        si.on_gradients(net, 1)
        sums.append(dict(si._path.slopes))
        net.zero_grad(set_to_none=True)
        with torch.no_grad():
            for name, part in trained(net).items():
                part.copy_(start[name])
    for name, one in sums[0].items():
        torch.testing.assert_close(one, sums[1][name], rtol=1e-3, atol=1e-5)


def _refused(model, settings: Settings, earlier=None, **more) -> BookError:
    run = a_run(model, packed(NEW), packed(OLD, old=True), earlier=earlier, **more)
    with pytest.raises(BookError) as caught:
        Si(settings).prepare(run)
    assert caught.value.code is Code.BAD_SETTING
    return caught.value


def test_what_cannot_work_is_refused_with_the_way_out() -> None:
    net = small_net()
    left = {"si": _stage(net, packed(OLD, 1))}
    nothing = _refused(net, Settings())
    assert "pseudo" in nothing.remedy and "training.stages" in nothing.remedy
    other_rank = _refused(small_net(rank=3), Settings(), left)
    assert other_rank.where["count"] == 4 and "pseudo" in other_rank.remedy
    elsewhere = _refused(small_net(fresh=True), Settings(), left)
    assert "does not begin where" in elsewhere.remedy and elsewhere.where["distance"] > 0.1
    run = a_run(net, packed(NEW))
    object.__setattr__(run, "weight_decay", 0.01)
    with pytest.raises(BookError) as caught:
        SiRecorder().prepare(run)
    assert caught.value.where == {"weight_decay": 0.01}


def test_a_recorder_of_other_parameters_begins_anew() -> None:
    left = _stage(small_net(), packed(OLD, 1))
    again = _stage(small_net(rank=3), packed(OLD, 1), {"si": left})
    assert not any(one.any() for name, one in again.items() if name.endswith("/omega"))


def test_the_pseudo_pass_lowers_the_loss_and_puts_everything_back() -> None:
    net = small_net()
    steps(net, packed(OLD, 1) * 10, [], 1, adam(net))  # something is known already
    before = {name: part.detach().clone() for name, part in net.named_parameters()}
    torch.manual_seed(4)
    expected = torch.rand(2)
    torch.manual_seed(4)
    made = []
    for _ in range(2):
        si = Si(Settings(source="pseudo", pseudo_steps=60))
        si.prepare(a_run(net, packed(NEW), packed(OLD, old=True)))
        made.append(si.before)
    assert torch.equal(torch.rand(2), expected)
    assert all(torch.equal(part, before[name]) for name, part in net.named_parameters())
    assert all(part.grad is None for part in net.parameters())
    assert si.metrics()["si_pseudo_drop"] > 0.05
    assert all(torch.equal(one, made[1][name]) for name, one in made[0].items())
    assert sum(float(one.sum()) for one in si.before.values()) > 0
    with pytest.raises(BookError) as caught:
        Si(Settings(source="pseudo")).prepare(a_run(net, packed(NEW)))
    assert caught.value.code is Code.NO_EXAMPLES


def test_pseudo_works_with_a_fresh_adapter_and_in_four_bits(tiny) -> None:
    pytest.importorskip("bitsandbytes")
    model = lora_model(tiny, "nf4")
    old, new = packed(drawn(6, 3, 3, 250), old=True), packed(drawn(8, 4, 3, 250), 1)
    si = Si(Settings(source="pseudo", pseudo_steps=8))
    made = fit(model, new, Schedule(5e-3, 8), [si], old=old)
    assert made[-1].loss < 20 and si.metrics()["si_penalty"] > 0


def test_a_trajectory_in_four_bits_is_taken_up(tiny) -> None:
    pytest.importorskip("bitsandbytes")
    model = lora_model(tiny, "nf4")
    rows = packed(drawn(8, 3, 3, 250), 1)
    left = _stage(model, rows)
    si = Si(Settings())
    fit(model, packed(drawn(8, 4, 3, 250), 1), Schedule(5e-3, 8), [si], earlier={"si": left})
    assert si.metrics()["si_penalty"] > 0
    adapter = sum(part.numel() for part in trained(model).values())
    assert state_bytes(left) == 4 * 4 * adapter, "path, move, anchor and ω, in fp32"


def test_all_weights_of_a_small_model(tiny) -> None:
    model = load_model(tiny.path).requires_grad_(True)
    left = _stage(model, packed(drawn(6, 3, 3, 250), 1), rate=1e-3)
    si = Si(Settings())
    rows = packed(drawn(6, 4, 3, 250), 1)
    si.prepare(a_run(model, rows, earlier={"si": left}))
    steps(model, rows, [si], 1, adam(model, 1e-3))
    assert si.metrics()["si_penalty"] > 0
    assert {name.rpartition("/")[0] for name in left} == set(trained(model))


@pytest.mark.parametrize("source", ["trajectory", "pseudo"])
def test_a_resumed_run_is_the_same_to_the_bit(tiny, source: str, tmp_path) -> None:
    old, new = drawn(6, 3, 3, 250), packed(drawn(10, 4, 3, 250), 1)
    first_stage = lora_model(tiny)
    left = _stage(first_stage, packed(old, 1))
    weights = {name: part.detach().clone() for name, part in trained(first_stage).items()}

    def model():
        made = lora_model(tiny)
        with torch.no_grad():
            for name, part in trained(made).items():
                part.copy_(weights[name])
        return made

    settings = Settings(source=source, pseudo_steps=6)  # pyright: ignore
    first, second = resumes(
        model, lambda: Si(settings), new, packed(old, old=True), tmp_path, {"si": left}
    )
    assert_same(first, second)
    assert first[2]["si_penalty"] > 0


@pytest.mark.parametrize("source", ["trajectory", "pseudo"])
def test_what_moved_the_loss_moves_less(tiny, source: str) -> None:
    old, new = packed(drawn(12, 5, 3, 20), 2, old=True), packed(drawn(40, 6, 3, 20), 1)

    def learned(c: float):
        model = lora_model(tiny)
        left = _stage(model, old * 3, rate=2e-2)
        before = sum(step_output(model, row).nll.sum().item() for row in old)
        si = Si(Settings(source=source, c=c, pseudo_steps=40))  # pyright: ignore
        si.prepare(a_run(model, new, old, steps=len(new), earlier={"si": left}))
        steps(model, new, [si], 1, adam(model))
        weighed = pull(trained(model), si.anchor, si.before).item()
        after = sum(step_output(model, row).nll.sum().item() for row in old)
        return weighed / pull(trained(model), si.anchor).item(), after - before

    free, held = learned(0.0), learned(3.0)
    assert held[0] < 0.8 * free[0], "per distance moved, less in what is important"
    assert held[1] < 0.9 * free[1]


def test_the_registry_makes_both() -> None:
    (one,) = strategies([Settings()])
    assert isinstance(one, Si) and isinstance(one, SiRecorder) and one.name == SiRecorder.name
    assert KINDS["si"] == "si:Si"
    assert type(recorder(Settings())) is SiRecorder
