"""Strategies on outputs with a four-bit base, with each other, and stopped and gone on with."""

from __future__ import annotations

import pytest
import torch

from booktune_assets.settings_training import (
    Asft,
    Dft,
    Fip,
    Kl,
    Sdft,
    Stm,
    Talr,
)
from booktune_assets.training.reference import Reference, trained
from booktune_assets.training.strategies.registry import strategies
from booktune_assets.training.trainer import Schedule, fit
from booktune_assets_tests.training.strategies.rows import (
    NEW,
    OLD,
    Drive,
    adapted,
    old_distance,
)

SECTIONS = {
    "fip penalty": [Fip(every=2)],
    "fip geodesic": [Fip(mode="geodesic", directions=3, refresh=2)],
    "kl": [Kl(on="both", direction="reverse")],
    "dft": [Dft()],
    "asft": [Asft()],
    "stm": [Stm(keep_identifiers=False, quantile=0.8)],
    "talr": [Talr()],
    "sdft": [Sdft(new_tokens=4, share=0.5)],
    "many": [
        Stm(keep_identifiers=False),
        Talr(),
        Kl(),
        Fip(top_k=20),
    ],
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_stopped_run_goes_on_bit_equal(name: str, tiny) -> None:
    whole = Drive(adapted(tiny), strategies(SECTIONS[name]))
    whole.go(3)
    kept = whole.state()
    whole.go(3)
    resumed = Drive(adapted(tiny), strategies(SECTIONS[name]))
    resumed.load(kept)
    torch.manual_seed(12345)  # nothing hangs on the global stream
    resumed.go(3)
    ends = trained(whole.model)
    for part_name, part in trained(resumed.model).items():
        assert torch.equal(part, ends[part_name]), part_name
    for one, other in zip(whole.strategies, resumed.strategies, strict=True):
        assert one.metrics() == other.metrics()
    plain = Drive(adapted(tiny), [])
    plain.go(6)
    same = [torch.equal(part, ends[name]) for name, part in trained(plain.model).items()]
    assert not all(same), "the strategy made a difference"


@pytest.mark.parametrize("name", SECTIONS)
def test_with_a_four_bit_base(name: str, tiny) -> None:
    pytest.importorskip("bitsandbytes")
    model = adapted(tiny, quantise=True)
    assert "Linear4bit" in {type(part).__name__ for part in model.modules()}
    reference = Reference(model)
    assert old_distance(model, reference) == pytest.approx(0, abs=1e-9), "shown, it computes alike"
    start = {key: part.detach().clone() for key, part in trained(model).items()}
    frozen = [part.clone() for part in model.parameters() if not part.requires_grad]
    rows = [NEW[0], OLD[0], NEW[1], OLD[1], NEW[2], OLD[2]]
    chosen = strategies(SECTIONS[name])
    steps = fit(model, rows, Schedule(5e-3, 3), chosen)
    assert all(torch.isfinite(torch.tensor([step.loss, step.grad_norm])).all() for step in steps)
    assert any(not torch.equal(part, start[key]) for key, part in trained(model).items())
    now = [part for part in model.parameters() if not part.requires_grad]
    assert all(torch.equal(one, other) for one, other in zip(frozen, now, strict=True))
    assert all(value == value for one in chosen for value in one.metrics().values())
