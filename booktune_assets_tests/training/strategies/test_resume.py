"""Ways that change what is attached: stopped and resumed from real checkpoints, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from booktune_assets.llm.loading import load_model
from booktune_assets.settings_training import Forgetting
from booktune_assets.training.attach import add_lora
from booktune_assets.training.checkpoints import Checkpoints
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.base import Passive
from booktune_assets.training.strategies.ewc import EwcRecorder
from booktune_assets.training.strategies.registry import KINDS, strategies
from booktune_assets.training.strategies.si import SiRecorder
from booktune_assets.training.trainer import Fitted, Schedule, fit_run
from booktune_assets_tests.training.columns_kit import NEW_ROW, OLD_ROW, beside, earlier_adapter
from booktune_assets_tests.training.strategies.rows import NEW, OLD

STEPS = 6
ROWS = [NEW_ROW, OLD_ROW] * STEPS
COLUMNS = ("stacked", "lateral", "olora")
SECTIONS: dict[str, dict[str, Any]] = {
    "stacked": {"kind": "progressive", "form": "stacked"},
    "lateral": {"kind": "progressive", "form": "lateral"},
    "blocks": {"kind": "progressive", "form": "block_expansion", "every": 1},
    "olora": {"kind": "olora"},
    "oplora": {"kind": "oplora"},
}


class Stopped(Exception):
    """The run is cut off, as by a kill."""


class Stop(Passive):
    """Cuts a run off in the middle of a step."""

    name = "stop"

    def __init__(self, step: int) -> None:
        self.step = step

    def on_gradients(self, model: Any, step: int) -> None:
        if step == self.step:
            raise Stopped


@pytest.fixture(scope="module")
def earlier(tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return earlier_adapter(tiny, tmp_path_factory.mktemp("earlier"), rank=2)


def _fit(
    tiny: Any, earlier: Path, name: str, quantise: str, book: Checkpoints | None, stop: int = 0
) -> dict[str, torch.Tensor]:
    ways = strategies([TypeAdapter(Forgetting).validate_python(SECTIONS[name])])
    torch.manual_seed(3)
    if name in COLUMNS:
        model = beside(tiny, [earlier], rank=2, quantise=quantise)
    else:
        model = load_model(tiny.path, quantise=quantise)
        for way in ways:
            model = way.shape(model)
        torch.manual_seed(3)
        model = add_lora(model, 2, 4, "base", quantised=quantise == "nf4")
    fit_run(model, ROWS, Schedule(5e-3, STEPS), [*ways, Stop(stop)], checkpoints=book)
    return {key: part.detach().clone() for key, part in trained(model).items()}


@pytest.mark.parametrize("quantise", ["none", "nf4"])
@pytest.mark.parametrize("name", SECTIONS)
def test_a_stopped_run_ends_as_if_it_had_not_been(
    tiny, earlier: Path, tmp_path: Path, name: str, quantise: str
) -> None:
    whole = _fit(tiny, earlier, name, quantise, None)
    with pytest.raises(Stopped):
        _fit(tiny, earlier, name, quantise, Checkpoints(tmp_path, "c" * 32, every=2), stop=5)
    found = Checkpoints(tmp_path, "c" * 32).newest()
    assert found is not None and found.step == 4
    resumed = _fit(tiny, earlier, name, quantise, Checkpoints(tmp_path, "c" * 32, every=50))
    assert whole.keys() == resumed.keys() and whole
    assert all(torch.equal(part, resumed[key]) for key, part in whole.items())


# the same adapter gone on with: what an earlier stage left is taken up, or rows are looked at
GONE_ON: dict[str, dict[str, Any]] = {
    "replay": {"kind": "replay"},
    "ewc": {"kind": "ewc", "n": 4},
    "ewc kfac": {"kind": "ewc", "fisher": "kfac", "n": 4},
    "ewc lora": {"kind": "ewc", "space": "lora", "n": 4},
    "ewc online": {"kind": "ewc", "n": 4, "online": 0.5, "strength": 1.0},
    "si": {"kind": "si"},
    "si pseudo": {"kind": "si", "source": "pseudo", "pseudo_steps": 4},
    "fip": {"kind": "fip", "n_old": 4},
    "fip geodesic": {"kind": "fip", "mode": "geodesic", "n_old": 4, "directions": 2, "refresh": 3},
    "kl": {"kind": "kl", "on": "both", "n_old": 4},
    "dft": {"kind": "dft"},
    "asft": {"kind": "asft"},
    "stm": {"kind": "stm", "keep_identifiers": False},
    "talr": {"kind": "talr"},
    "l2": {"kind": "l2", "strength": 0.1},
    "sdft": {"kind": "sdft", "new_tokens": 3, "share": 0.5},
}
TWO = [row for turn in range(STEPS) for row in (NEW[turn % len(NEW)], OLD[turn % len(OLD)])]


def _continued(
    tiny: Any, weights: Mapping[str, torch.Tensor], ways: list[Any], left: Mapping[str, Any],
    book: Checkpoints | None = None, steps: int = STEPS,
) -> tuple[Fitted, dict[str, torch.Tensor]]:  # fmt: skip
    model = add_lora(load_model(tiny.path, quantise="nf4"), 2, 4, "base", quantised=True)
    with torch.no_grad():
        for name, part in trained(model).items():
            part.copy_(weights[name])
    made = fit_run(model, TWO, Schedule(5e-3, steps), ways, earlier=left, checkpoints=book)
    return made, {key: part.detach().clone() for key, part in trained(model).items()}


@pytest.fixture(scope="module")
def stage(tiny) -> tuple[dict[str, torch.Tensor], Mapping[str, Any]]:
    """A stage on four bits that writes down: its weights, and what it left."""
    torch.manual_seed(3)
    model = add_lora(load_model(tiny.path, quantise="nf4"), 2, 4, "base", quantised=True)
    made = fit_run(model, [*NEW[:3], *NEW[:3]], Schedule(5e-3, 3), [SiRecorder(), EwcRecorder()])
    return {name: part.detach().clone() for name, part in trained(model).items()}, made.left


def test_every_kind_is_stopped_and_resumed_here() -> None:
    assert {one["kind"] for one in [*SECTIONS.values(), *GONE_ON.values()]} == set(KINDS)


@pytest.mark.parametrize("rows", [2, 1])
@pytest.mark.parametrize("name", GONE_ON)
def test_on_four_bits_a_stopped_run_ends_as_if_it_had_not_been(
    tiny, stage: tuple[dict[str, torch.Tensor], Mapping[str, Any]], tmp_path: Path, name: str,
    rows: int,
) -> None:  # fmt: skip
    """With one row a step the first step after the checkpoint only rehearses: figures of new rows
    are those of a row that the stopped run had."""
    section = TypeAdapter(Forgetting).validate_python(GONE_ON[name])
    weights, left = stage
    left = {} if name in ("ewc lora", "ewc kfac") else left  # recorded in another way: measured
    steps, every = {2: (STEPS, 2), 1: (2 * STEPS, 3)}[rows]
    assert rows == 2 or TWO[every].rehearsal

    def run(stop: int, book: Checkpoints | None) -> tuple[Fitted, dict[str, torch.Tensor]]:
        ways = [*strategies([section]), Stop(stop)]
        return _continued(tiny, weights, ways, left, book, steps)

    whole, ends = run(0, None)
    with pytest.raises(Stopped):
        run(5, Checkpoints(tmp_path, "c" * 32, every=every))
    torch.rand(5)  # another process stands elsewhere in the global stream
    resumed, again = run(0, Checkpoints(tmp_path, "c" * 32, every=50))
    assert ends.keys() == again.keys() and all(torch.equal(ends[n], again[n]) for n in ends)
    assert any(not torch.equal(ends[n], weights[n]) for n in ends)
    for one, other in zip(whole.steps, resumed.steps, strict=True):
        assert (one.loss, one.grad_norm, one.metrics) == (
            other.loss,
            other.grad_norm,
            other.metrics,
        )
    for kind, tensors in whole.left.items():
        assert all(torch.equal(part, resumed.left[kind][key]) for key, part in tensors.items())
