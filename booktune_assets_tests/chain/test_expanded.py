"""Added blocks through the verb: a whole model that loads, what is refused, what is left alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from safetensors.torch import load_file

from booktune_assets.chain.expanded import every_of
from booktune_assets.chain.house import House
from booktune_assets.chain.needs import stale_above
from booktune_assets.cli import cli
from booktune_assets.errors import BookError, Code
from booktune_assets.llm.models import TINY, folder_here, prepare
from booktune_assets.settings import Settings

BLOCKS = '[[training.forgetting]]\nkind = "progressive"\nform = "block_expansion"\nevery = 1\n'


def call(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *words])


def test_blocks_learn_the_set_and_the_base_stays(home: Path, tmp_path: Path) -> None:
    file = home / "booktune.toml"
    file.write_text(file.read_text().replace("steps = 40", "steps = 3") + BLOCKS)
    refused = call(home, "run", "lora_adapter")
    assert refused.exit_code == 1 and "booktune model expand OUT" in refused.output
    out = tmp_path / "out"
    told = call(home, "model", "expand", str(out), "--every", "2")
    assert told.exit_code == 0, told.output
    assert "2 blocks and 1 added" in told.output and "booktune eval --model" in told.output
    prepare(str(out), home)  # it is a model folder like any
    base = folder_here(TINY, home / "models")
    assert base is not None
    assert json.loads((out / "config.json").read_text())["num_hidden_layers"] == 3
    assert (out / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()
    was, now = (load_file(path / "model.safetensors") for path in (base, out))
    for name, weight in was.items():  # blocks 0 and 1 stay where they were, the new one is last
        assert (now[name] == weight).all(), name
    assert (now["model.layers.2.mlp.down_proj.weight"] != 0).any(), "it began as 0"
    assert House.open(Settings.load(home)).lake.current_key("lora_adapter") is None
    assert not (home / "work" / "expanded").exists()
    again = call(home, "model", "expand", str(out))
    assert again.exit_code == 2 and "not there yet" in again.output


def test_every_divides_the_blocks() -> None:
    assert [every_of(layers, None) for layers in (18, 40, 2, 7)] == [3, 4, 2, 1]
    assert every_of(18, 6) == 6
    with pytest.raises(BookError, match="1, 2, 3, 6, 9, 18") as caught:
        every_of(18, 4)
    assert caught.value.code is Code.BAD_SETTING


def test_an_adapter_of_another_model_gets_rehearsed_rows_of_its_own(home: Path) -> None:
    """The rows that the model writes itself would be another's, in silence."""
    house = House.open(Settings.load(home))
    assert stale_above(house, ["lora_adapter"], []) == {}
    prepare(TINY, home / "models")
    other = home / "other"
    shutil.copytree(folder_here(TINY, home / "models") or home, other)
    (other / "generation_config.json").write_text("{}")
    file = home / "booktune.toml"
    file.write_text(file.read_text().replace(f'model = "{TINY}"', f'model = "{other}"'))
    house = House.open(Settings.load(home))
    assert stale_above(house, ["lora_adapter"], []) == {"rehearsal_set": []}
    assert stale_above(house, ["lora_adapter", "rehearsal_set"], []) == {}
    assert stale_above(house, ["eval_report"], []) == {}
