"""Resume: bit-equal with strategies, only from whole checkpoints of the same configuration."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from booktune_assets import progress
from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.llm.loading import load_model
from booktune_assets.settings_training import Ewc as EwcSettings
from booktune_assets.settings_training import Si as SiSettings
from booktune_assets.settings_training import Stm as StmSettings
from booktune_assets.training.attach import add_lora
from booktune_assets.training.checkpoints import MANIFEST, Checkpoints
from booktune_assets.training.held import DeltaHeld
from booktune_assets.training.reference import trained
from booktune_assets.training.states import load_state, save_state, set_streams, streams
from booktune_assets.training.strategies import si, stm
from booktune_assets.training.strategies.base import Output, Passive, Run
from booktune_assets.training.strategies.ewc import Ewc
from booktune_assets.training.strategies.replay import Replay
from booktune_assets.training.trainer import Fitted, Schedule, fit_run
from booktune_assets_tests.training.rows_fixture import curriculum_rows

STEPS, PER_STEP = 20, 2
ROWS = curriculum_rows(STEPS * PER_STEP)


class Stopped(Exception):
    """The run is cut off, as by a kill."""


class Noisy(Passive):
    """Has all kinds of state: a moving average, a stream of its own, the global stream, the start.

    Each of them moves the gradients, so a run that loses one does not come out bit-equal.
    """

    name = "noisy"

    def __init__(self, stop: int = 0) -> None:
        self.stop = stop
        self.mean: dict[str, torch.Tensor] = {}
        self.own = torch.Generator().manual_seed(5)
        self.pulled = 0.0

    def prepare(self, run: Run) -> None:
        self.start = run.reference.start
        self.mean = {name: torch.zeros_like(part) for name, part in self.start.items()}

    def loss_terms(self, model: Any, row: Any, output: Output) -> dict[str, Any]:
        if output.row:
            return {}
        parts = trained(model)
        away = torch.stack([((p - self.start[n]) ** 2).sum() for n, p in parts.items()]).sum()
        self.pulled = float(away.detach())
        return {"away": away * (1 + torch.rand(())) * 10}

    def on_gradients(self, model: Any, step: int) -> None:
        if step == self.stop:
            raise Stopped
        for name, part in trained(model).items():
            self.mean[name].mul_(0.9).add_(part.grad, alpha=0.1)
            noise = torch.rand(part.shape, generator=self.own)
            part.grad += 0.1 * self.mean[name] * noise

    def metrics(self) -> dict[str, float]:
        return {"away": self.pulled}

    def state_dict(self) -> dict[str, Any]:
        return {"mean": self.mean, "own": self.own.get_state(), "pulled": self.pulled}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.mean = dict(state["mean"])
        self.own.set_state(state["own"])
        self.pulled = state["pulled"]

    def leave(self, run: Run) -> dict[str, Any]:
        return dict(self.mean)


def _fit(
    tiny: Any, checkpoints: Checkpoints | None, stop: int = 0, quantise: str = "none"
) -> tuple[Fitted, dict[str, torch.Tensor]]:
    torch.manual_seed(0)
    base = load_model(tiny.path, quantise=quantise)  # pyright: ignore
    model = add_lora(base, 4, 8, "b", quantised=quantise == "nf4")
    made = fit_run(
        model, ROWS, Schedule(5e-3, STEPS), [Replay(), Noisy(stop)], seed=3, checkpoints=checkpoints
    )
    return made, {name: part.detach().clone() for name, part in trained(model).items()}


@pytest.mark.parametrize("quantise", ["none", "nf4"])
def test_ten_and_ten_steps_are_twenty(tiny, tmp_path: Path, quantise: str) -> None:
    if quantise == "nf4":
        pytest.importorskip("bitsandbytes")
    whole, weights = _fit(tiny, None, quantise=quantise)
    book = Checkpoints(tmp_path, "c" * 32, every=10)
    with pytest.raises(Stopped):
        _fit(tiny, book, stop=14, quantise=quantise)
    torch.rand(7)  # another process would not stand at the same place of the global stream
    resumed, again = _fit(tiny, Checkpoints(tmp_path, "c" * 32, every=50), quantise=quantise)
    assert [step.step for step in resumed.steps] == list(range(1, STEPS + 1))
    for one, other in zip(whole.steps, resumed.steps, strict=True):
        assert (one.loss, one.lr, one.grad_norm, one.tokens, one.metrics) == (
            other.loss, other.lr, other.grad_norm, other.tokens, other.metrics
        )  # fmt: skip
    assert all(torch.equal(weights[name], again[name]) for name in weights)
    left, left_again = whole.left["noisy"], resumed.left["noisy"]
    assert all(torch.equal(left[name], left_again[name]) for name in left)
    assert whole.steps[5].metrics["term.noisy.away"] > 0
    assert "replay.loss_old" in whole.steps[5].metrics


def test_a_resumed_run_measures_nothing_that_its_checkpoint_holds(
    tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Importance, pseudo pass and reference losses: bit-equal, and not measured a second time."""
    measured: list[str] = []

    def counted(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def call(*given: Any, **options: Any) -> Any:
            measured.append(name)
            return real(*given, **options)

        monkeypatch.setattr(owner, name, call)

    counted(DeltaHeld, "add")
    counted(si, "_pseudo")
    counted(stm, "token_nll")

    def run(stop: int, book: Checkpoints | None) -> Fitted:
        ways = [
            Ewc(EwcSettings(n=4)), si.Si(SiSettings(source="pseudo", pseudo_steps=4)),
            stm.Stm(StmSettings(keep_identifiers=False)), Noisy(stop),
        ]  # fmt: skip
        torch.manual_seed(0)
        model = add_lora(load_model(tiny.path), 4, 8, "b")
        return fit_run(model, ROWS[:8], Schedule(5e-3, 4), ways, seed=3, checkpoints=book)

    whole = run(0, None)
    assert measured.count("_pseudo") == 1 and measured.count("token_nll") > 4
    assert measured.count("add") == 2, "in the beginning, and for later stages in the end"
    with pytest.raises(Stopped):
        run(4, Checkpoints(tmp_path, "c" * 32, every=2))
    measured.clear()
    resumed = run(0, Checkpoints(tmp_path, "c" * 32, every=50))
    assert measured == ["add"], "in the end"
    for one, other in zip(whole.steps, resumed.steps, strict=True):
        assert (one.loss, one.grad_norm, one.metrics) == (
            other.loss,
            other.grad_norm,
            other.metrics,
        )
    for name, left in whole.left.items():
        assert all(torch.equal(part, resumed.left[name][key]) for key, part in left.items())


def test_a_run_leaves_the_global_streams_alone(tiny) -> None:
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    model = add_lora(load_model(tiny.path), 4, 8, "b")
    before = torch.get_rng_state()
    fit_run(model, ROWS[:4], Schedule(1e-3, 2), [Noisy()])
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(11)
    assert torch.equal(torch.rand(3), expected)


def test_half_checkpoints_are_skipped(tmp_path: Path) -> None:
    book = Checkpoints(tmp_path, "one", every=5)
    book.save(5, {"weights": {"w": torch.ones(3)}})
    kept = tmp_path / "kept"
    (tmp_path / "step-000005").rename(kept)
    place = book.save(10, {"weights": {"w": torch.ones(3) * 2}})
    kept.rename(tmp_path / "step-000005")
    found = book.newest()
    assert (
        found and found.step == 10 and torch.equal(found.states["weights"]["w"], torch.ones(3) * 2)
    )
    spoilt = place / "weights.safetensors"
    spoilt.write_bytes(spoilt.read_bytes()[:-4])
    found = book.newest()
    assert found and found.step == 5, "a torn file: the one before counts"
    (tmp_path / "step-000005" / MANIFEST).unlink()
    told: list[str] = []
    with progress.sink(lambda tick: told.append(f"{tick.what}: {tick.note}")):
        assert book.newest() is None
    assert told == [f"a damaged checkpoint is passed over: step-{step:06d}" for step in (10, 5)], (
        "nobody waits for hours that are done again without a word"
    )
    with pytest.raises(BookError) as caught:
        Checkpoints(tmp_path, "one", strict=True).newest()
    assert caught.value.code is Code.DAMAGED_FILE and "begin anew" in caught.value.remedy
    assert not list(tmp_path.glob(".writing-*"))


def test_another_configuration_is_set_aside_or_refused(tmp_path: Path) -> None:
    Checkpoints(tmp_path, "one").save(5, {"weights": {"w": torch.ones(3)}})
    with pytest.raises(BookError) as caught:
        Checkpoints(tmp_path, "other", strict=True).newest()
    assert caught.value.code is Code.OTHER_CONFIG and "remove it" in caught.value.remedy
    assert Checkpoints(tmp_path, "one").newest() is not None
    assert Checkpoints(tmp_path, "other").newest() is None
    assert (tmp_path / "aside-one" / MANIFEST).is_file()


def test_what_was_set_aside_is_taken_back_with_its_settings(tmp_path: Path) -> None:
    mine, other = Checkpoints(tmp_path, "one"), Checkpoints(tmp_path, "two")
    state = {"weights": {"a": torch.tensor([1.0])}}
    mine.save(7, state)
    assert other.newest() is None
    other.save(3, {"weights": {"a": torch.tensor([2.0])}})
    found = Checkpoints(tmp_path, "one", strict=True).newest()
    assert found and found.step == 7 and float(found.states["weights"]["a"]) == 1.0
    again = other.newest()
    assert again and again.step == 3 and float(again.states["weights"]["a"]) == 2.0
    mine.save(9, state)  # it went on without what was set aside
    newer = mine.newest()
    assert newer and newer.step == 9
    mine.clear()
    assert not list(tmp_path.iterdir())


def test_other_weights_at_the_start_are_refused(tiny, tmp_path: Path) -> None:
    book = Checkpoints(tmp_path, "one", every=10)
    with pytest.raises(Stopped):
        _fit(tiny, book, stop=12)
    torch.manual_seed(1)  # another initial adapter
    model = add_lora(load_model(tiny.path), 4, 8, "b")
    with pytest.raises(BookError) as caught:
        fit_run(model, ROWS, Schedule(5e-3, STEPS), [Replay(), Noisy()], checkpoints=book)
    assert caught.value.code is Code.OTHER_CONFIG


def test_checkpoints_by_time_and_one_is_kept(tmp_path: Path) -> None:
    timed = Checkpoints(tmp_path, "c", seconds=0.0)
    assert timed.due(1)
    timed.seconds = 3600
    assert not timed.due(2)
    assert [step for step in range(1, 10) if Checkpoints(tmp_path, "c", every=4).due(step)] == [
        4,
        8,
    ]
    for step in (4, 8):
        timed.save(step, {"log": {"step": step}})
    assert [path.name for path in tmp_path.iterdir()] == ["step-000008"]
    (tmp_path / ".writing-999999999").mkdir()  # of a run that was killed
    (tmp_path / "aside-other").mkdir()
    timed.clear()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"step": 5, "files": {}}', '{"config": "one", "step": 5, "files": {}}']
)
def test_manifests_that_say_too_little_are_skipped(tmp_path: Path, text: str) -> None:
    book = Checkpoints(tmp_path, "one", every=5)
    book.save(5, {"weights": {"w": torch.ones(3)}})
    odd = tmp_path / "step-000010"
    odd.mkdir()
    (odd / MANIFEST).write_text(text)
    found = book.newest()
    assert found and found.step == 5


def test_states_come_back_exactly(tmp_path: Path) -> None:
    part = torch.arange(6, dtype=torch.bfloat16).view(2, 3)
    state = {
        "nested": {0: [part, (1, 0.1 + 0.2, None, True)], "view": part.T},
        "byte": torch.arange(5, dtype=torch.uint8), "empty": {}, "far": float("inf"),
    }  # fmt: skip
    save_state(tmp_path / "s.safetensors", state)
    first = (tmp_path / "s.safetensors").read_bytes()
    back = load_state(tmp_path / "s.safetensors")
    assert torch.equal(back["nested"][0][0], part) and torch.equal(back["nested"]["view"], part.T)
    assert back["nested"][0][1] == (1, 0.1 + 0.2, None, True)
    assert back["nested"][0][0].dtype is torch.bfloat16
    assert back["byte"].dtype is torch.uint8 and back["empty"] == {} and back["far"] == float("inf")
    save_state(tmp_path / "s.safetensors", state)
    assert (tmp_path / "s.safetensors").read_bytes() == first
    with pytest.raises(BooktuneError, match="plain values"):
        save_state(tmp_path / "s.safetensors", {"bad": object()})


def test_random_streams_come_back(tmp_path: Path) -> None:
    import random

    import numpy as np

    save_state(tmp_path / "s.safetensors", streams())
    drawn = (random.random(), float(np.random.rand()), float(torch.rand(())))
    set_streams(load_state(tmp_path / "s.safetensors"))
    assert (random.random(), float(np.random.rand()), float(torch.rand(()))) == drawn


def test_a_full_disk_is_coded_and_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    """The file size limit stands in for the disk: safetensors has an error class of its own."""
    code = (
        "import resource, signal, sys, torch\n"
        "from pathlib import Path\n"
        "from booktune_assets.training.checkpoints import Checkpoints\n"
        "from booktune_assets.errors import ServiceDown\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "kept = Checkpoints(Path(sys.argv[1]), 'c')\n"
        "kept.save(1, {'one': {'a': torch.ones(4)}})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))\n"
        "try:\n    kept.save(2, {'one': {'a': torch.ones(40_000)}})\n"
        "except ServiceDown as problem:\n    print(problem.code.value)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "DISK\n"
    assert [place.name for place in tmp_path.iterdir()] == ["step-000001"]
