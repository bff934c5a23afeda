"""What is planned for each way against the tensors that its object holds while it trains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from booktune_assets.llm.architecture import KNOWN
from booktune_assets.settings_training import L2, Ewc, Fip, Si
from booktune_assets.training.memory import Wanted
from booktune_assets.training.memory_states import moment_bytes, recorder_bytes, state_bytes
from booktune_assets.training.reference import Reference, trained
from booktune_assets.training.strategies.base import Passive
from booktune_assets.training.strategies.registry import recorder, strategies
from booktune_assets_tests.training.importance_helpers import (
    a_run,
    adam,
    drawn,
    lora_model,
    packed,
    steps,
    wake,
)

ROWS, OLD = packed(drawn(4, 2)), packed(drawn(4, 1), old=True)
WANTED = Wanted(KNOWN["tiny-random"][0], 4, 64, device="cpu", quantise=False, checkpointing=False)


def _tensors(thing: Any) -> Iterator[torch.Tensor]:
    """All tensors that an object leads to; the model and the run's reference are not its own."""
    if isinstance(thing, torch.Tensor):
        yield thing
    elif isinstance(thing, dict):
        for part in thing.values():
            yield from _tensors(part)
    elif isinstance(thing, list | tuple):
        for part in thing:
            yield from _tensors(part)
    elif type(thing).__module__.startswith("booktune_assets.training") and not isinstance(
        thing, Reference
    ):
        yield from _tensors(getattr(thing, "__dict__", {}))


class Scales(Passive):
    """Weighs another way: at the end of its gradients, and at the end of a step."""

    name = "scales"

    def __init__(self, way: Any, model: Any, reference: Reference) -> None:
        known = [*trained(model).values(), *reference.start.values()]
        self.way, self.seen = way, {one.untyped_storage().data_ptr() for one in known}
        self.moment = self.held = 0

    def _weighed(self) -> int:
        found = {one.untyped_storage().data_ptr(): one for one in _tensors(self.way)}
        return sum(
            one.untyped_storage().nbytes() for place, one in found.items() if place not in self.seen
        )

    def on_gradients(self, model: Any, step: int) -> None:
        self.moment = max(self.moment, self._weighed())

    def on_step_end(self, model: Any, step: int) -> None:
        self.held = max(self.held, self._weighed())


def _weigh(model: Any, way: Any, earlier: Any = None) -> tuple[Scales, Any]:
    run = a_run(model, ROWS, OLD, steps=len(ROWS), earlier=earlier)
    way.prepare(run)
    scales = Scales(way, model, run.reference)
    steps(model, ROWS, [way, scales], 1, adam(model))
    return scales, run


def test_the_plan_knows_the_adapter(tiny) -> None:
    assert sum(one.numel() for one in trained(lora_model(tiny)).values()) == WANTED.trained


def test_a_recorder_holds_two_adapters_and_the_gradients_for_a_moment(tiny) -> None:
    for section in (Si(), Ewc()):
        scales, _ = _weigh(lora_model(tiny), recorder(section))
        assert scales.held == recorder_bytes(section, WANTED)
        if section.kind == "si":
            assert scales.moment == recorder_bytes(section, WANTED) + moment_bytes(section, WANTED)


@pytest.mark.parametrize(
    "section",
    [Si(), Si(source="pseudo", pseudo_steps=2), L2(), Ewc(space="lora", n=2), Ewc(n=2),
     Ewc(fisher="kfac", full_max=64, n=2), Fip(mode="geodesic", directions=2, refresh=1)],
    ids=lambda one: "-".join(str(value) for value in list(dict(one).values())[:3]),
)  # fmt: skip
def test_what_is_held_is_what_is_planned(tiny, section) -> None:
    earlier = None
    model = lora_model(tiny)
    wake(model, 0.05)
    if section.kind == "si":
        first = recorder(section)
        _, run = _weigh(model, first)
        earlier = {"si": first.leave(run)}
    scales, _ = _weigh(model, strategies([section])[0], earlier)
    planned, moment = state_bytes(section, WANTED), moment_bytes(section, WANTED)
    if section.kind == "si" and section.source == "pseudo":
        assert scales.held < planned, "the pass before the first step is what takes most"
        return
    assert 0.95 * planned <= scales.held <= planned + 4096, (scales.held, planned)
    if section.kind in ("si", "fip"):
        assert scales.moment <= planned + moment
