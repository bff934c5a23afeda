"""Ways that change what is attached: stopped and resumed from real checkpoints, bit for bit."""

from __future__ import annotations

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
from booktune_assets.training.strategies.registry import strategies
from booktune_assets.training.trainer import Schedule, fit_run
from booktune_assets_tests.training.columns_kit import NEW_ROW, OLD_ROW, beside, earlier_adapter

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
