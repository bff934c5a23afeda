"""No setting of a way of not forgetting is read and ignored: each, changed alone, changes a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from pydantic import TypeAdapter

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.loading import load_model, load_tokenizer
from booktune_assets.settings_training import Forgetting
from booktune_assets.training.attach import add_lora
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.privileged import page_sample
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.ewc import EwcRecorder
from booktune_assets.training.strategies.registry import strategies
from booktune_assets.training.strategies.si import SiRecorder
from booktune_assets.training.trainer import Schedule, fit_run
from booktune_assets_tests.training.columns_kit import beside, earlier_adapter
from booktune_assets_tests.training.strategies.rows import NEW, OLD, RATE, adapted

STEPS = 4
COLUMNS, FRESH = ("stacked", "lateral", "olora"), ("oplora", "block_expansion")
# what a section says in both runs, and one key with another value than in the first
CASES: list[tuple[dict[str, Any], str, Any]] = [
    ({"kind": "ewc"}, "space", "lora"),
    ({"kind": "ewc"}, "fisher", "kfac"),
    ({"kind": "ewc", "fisher": "kfac"}, "full_max", 1),
    ({"kind": "ewc"}, "labels", "empirical"),
    ({"kind": "ewc"}, "n", 2),
    ({"kind": "ewc"}, "target_share", 0.5),
    ({"kind": "ewc"}, "strength", 9.0),
    ({"kind": "ewc", "earlier": True}, "online", 0.5),
    ({"kind": "si", "earlier": True}, "source", "pseudo"),
    ({"kind": "si", "earlier": True}, "c", 5.0),
    ({"kind": "si", "earlier": True}, "xi", 9.0),
    ({"kind": "si", "earlier": True}, "xi_unit", "absolute"),
    ({"kind": "si", "source": "pseudo", "pseudo_steps": 4}, "pseudo_steps", 7),
    ({"kind": "fip"}, "mode", "geodesic"),
    ({"kind": "fip"}, "strength", 1.0),
    ({"kind": "fip"}, "n_old", 1),
    ({"kind": "fip"}, "top_k", 5),
    ({"kind": "fip"}, "every", 2),
    ({"kind": "fip", "mode": "geodesic", "directions": 2}, "directions", 3),
    ({"kind": "fip", "mode": "geodesic", "directions": 2}, "refresh", 2),
    ({"kind": "fip", "mode": "geodesic", "directions": 2}, "damping", 1.0),
    ({"kind": "progressive"}, "form", "lateral"),
    ({"kind": "progressive", "form": "block_expansion", "every": 1}, "every", 2),
    ({"kind": "olora"}, "orthogonal", 5.0),
    ({"kind": "olora"}, "l2", 0.5),
    ({"kind": "oplora"}, "k_fraction", 0.5),
    ({"kind": "oplora"}, "k_max", 1),
    ({"kind": "oplora", "k_max": 4}, "exact_max", 1),
    ({"kind": "kl"}, "beta", 5.0),
    ({"kind": "kl"}, "on", "both"),
    ({"kind": "kl", "on": "old"}, "n_old", 1),
    ({"kind": "kl"}, "direction", "reverse"),
    ({"kind": "asft"}, "alpha", 5.0),
    ({"kind": "stm"}, "quantile", 0.7),
    ({"kind": "stm"}, "perplexity", 1e9),
    ({"kind": "stm"}, "masked_max", 0.01),
    ({"kind": "stm"}, "keep_identifiers", False),
    ({"kind": "talr"}, "temperature", 9.0),
    ({"kind": "talr"}, "floor", 0.9),
    ({"kind": "l2"}, "strength", 1.0),
    ({"kind": "sdft", "new_tokens": 4}, "teacher", "live"),
    ({"kind": "sdft", "new_tokens": 4}, "direction", "forward"),
    ({"kind": "sdft", "new_tokens": 4}, "ema", 0.1),
    ({"kind": "sdft", "new_tokens": 4}, "share", 0.5),
    ({"kind": "sdft", "new_tokens": 4}, "new_tokens", 7),
    ({"kind": "sdft", "new_tokens": 4}, "temperature", 0.2),
]
Given = dict[str, Any]
Ran = dict[str, Any]


def test_every_key_is_changed_here() -> None:
    kinds = [
        get_args(one)[0] if get_args(one) else one for one in get_args(get_args(Forgetting)[0])
    ]
    keys = {(kind.model_fields["kind"].default, key) for kind in kinds for key in kind.model_fields}
    assert {(given["kind"], key) for given, key, _ in CASES} == {
        (kind, key) for kind, key in keys if key != "kind"
    }


@pytest.fixture(scope="module")
def ran(tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Given], Ran | str]:
    """What a run with one section gives: weights, log, what it leaves; or the code of its error."""
    earlier = earlier_adapter(tiny, tmp_path_factory.mktemp("earlier"), rank=2)
    tokenizer, model = load_tokenizer(tiny.path), adapted(tiny)
    turns = [
        {"role": "user", "content": "Who sends?"},
        {"role": "assistant", "content": "Ask `send_after` of Process.send_after/3."},
    ]
    named = PackedRow(False, [page_sample(tokenizer, "new named", turns, "A page.")])
    new = [named, *NEW][:STEPS]
    rows = [row for turn, one in enumerate(new) for row in (one, OLD[turn % len(OLD)])]
    left = fit_run(model, rows[:4], Schedule(RATE, 2), [SiRecorder(), EwcRecorder()]).left
    ends = {name: part.detach().clone() for name, part in trained(model).items()}

    @lru_cache
    def run(told: str) -> Ran | str:
        given = json.loads(told)
        known = left if given.pop("earlier", False) else {}
        ways = strategies([TypeAdapter(Forgetting).validate_python(given)])
        fresh = _model(tiny, given, earlier, ways, ends)
        try:
            made = fit_run(
                fresh, rows, Schedule(RATE, STEPS), ways, earlier=known, tokenizer=tokenizer
            )
        except BookError as problem:
            assert problem.code is Code.BAD_SETTING
            return problem.code.value
        log = [(one.loss, one.grad_norm, one.metrics) for one in made.steps]
        return {"log": log, "weights": _ends(fresh), "left": made.left}

    return lambda given: run(json.dumps(given, sort_keys=True))


def _model(
    tiny: Any, given: Mapping[str, Any], earlier: Path, ways: list[Any], ends: Mapping[str, Any]
) -> Any:
    """Beside an earlier column, with a fresh adapter, or one that is gone on with."""
    form = given.get("form", "stacked") if given["kind"] == "progressive" else given["kind"]
    if form in COLUMNS:
        return beside(tiny, [earlier], rank=2)
    if form not in FRESH:
        model = adapted(tiny)
        with torch.no_grad():
            for name, part in trained(model).items():
                part.copy_(ends[name])
        return model
    model = load_model(tiny.path)
    for way in ways:
        model = way.shape(model)
    torch.manual_seed(3)
    return add_lora(model, 4, 8, "base")


def _ends(model: Any) -> dict[str, torch.Tensor]:
    return {name: part.detach().clone() for name, part in trained(model).items()}


@pytest.mark.parametrize(
    ("given", "key", "value"), CASES, ids=[f"{one['kind']}.{key}" for one, key, _ in CASES]
)
def test_a_changed_setting_changes_the_run(
    ran: Callable[[Given], Ran | str], given: Given, key: str, value: Any
) -> None:
    before, after = ran(given), ran({**given, key: value})
    assert isinstance(before, dict), "the first run trains"
    if key == "masked_max":
        assert after == "BAD_SETTING"
        return
    assert isinstance(after, dict)
    if given["kind"] == "ewc" and key == "online":  # counts in what is left for a third stage
        assert not _same(before["left"]["ewc"], after["left"]["ewc"])
        return
    assert not _same(before["weights"], after["weights"]), "the weights end elsewhere"


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(
        one[name].shape == other[name].shape and torch.equal(one[name], other[name]) for name in one
    )
