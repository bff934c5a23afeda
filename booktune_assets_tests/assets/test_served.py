"""The check that an adapter in the lake is one that vLLM serves: it warns, and says why not."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest
import torch
from safetensors.torch import save_file

from booktune_assets.assets.checks import served_by_vllm, stages_remembered
from booktune_assets.chain.house import House
from booktune_assets.chain.remembered import forgotten, remembered_table
from booktune_assets.ids import make_id
from booktune_assets.schemas import tables_of
from booktune_assets.settings import Settings


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.open(Settings(home=tmp_path))


def _publish(house: House, rank: int) -> None:
    work = house.settings.home / "work"
    work.mkdir(exist_ok=True)
    about = {"peft_type": "LORA", "r": rank, "bias": "none", "modules_to_save": None,
             "target_modules": ["model.layers.0.mlp.up_proj"]}  # fmt: skip
    (work / "adapter_config.json").write_text(json.dumps(about))
    name = "base_model.model.model.layers.0.mlp.up_proj.lora_{}.weight"
    save_file(
        {name.format("A"): torch.ones(rank, 6), name.format("B"): torch.ones(9, rank)},
        work / "adapter_model.safetensors",
    )
    files = {f"adapter/{file}": work / file
             for file in ("adapter_config.json", "adapter_model.safetensors")}  # fmt: skip
    frames = {table.name: table.frame([]) for table in tables_of("lora_adapter")}
    key = make_id("ada", rank)
    house.lake.publish("lora_adapter", key, frames, code_version="test", files=files)
    house.lake.set_current("lora_adapter", key)


def test_it_passes_what_vllm_serves_and_warns_of_the_rest(house: House) -> None:
    _publish(house, 16)
    assert _result(house).passed
    _publish(house, 24)
    result = _result(house)
    assert not result.passed and result.severity is dg.AssetCheckSeverity.WARN
    assert "rank 24" in str(result.metadata["sample"].value)


def _result(house: House) -> dg.AssetCheckResult:
    found = served_by_vllm(house)
    assert isinstance(found, dg.AssetCheckResult)
    return found


def test_what_was_known_of_earlier_stages_is_held_against_their_ends(house: House) -> None:
    rows = [
        {"after": after, "stage": stage, "rows": 4, "then": then, "now": now, "rose": 2}
        for after, stage, then, now in (
            ("domain", "general", 2.0, 2.9), ("books", "general", 2.0, 2.005),
            ("books", "domain", 1.0, 1.2),
        )
    ]  # fmt: skip
    _publish(house, 16)
    assert _remembered(house).passed, "an adapter without stages has nothing to forget"
    key = house.lake.current_key("lora_adapter") or ""
    house.lake.note("lora_adapter", key, {"remembered": rows})
    found = _remembered(house)
    assert not found.passed and found.severity is dg.AssetCheckSeverity.WARN
    (said,) = forgotten(house.lake.receipt("lora_adapter", key))  # pyright: ignore
    assert "domain: loss on 4 of its texts was 1.000 when it ended and is 1.200" in said
    assert "| general | domain | 2.000 | 2.900 | 2 of 4 |" in remembered_table(rows)
    house.lake.note("lora_adapter", key, {"remembered": rows[:2]})
    assert _remembered(house).passed, "what the run over the books left counts"


def _remembered(house: House) -> dg.AssetCheckResult:
    found = stages_remembered(house)
    assert isinstance(found, dg.AssetCheckResult)
    return found
