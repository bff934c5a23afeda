"""The strength of an adapter of the lake: what is said of it, and a copy at another one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file

from booktune_assets.chain.turned import strengths, turned
from booktune_assets.cli import cli
from booktune_assets.cli import run as cli_run
from booktune_assets.errors import BookError, Code
from booktune_assets.settings import Settings

CURVE = [
    {"adapter_id": "ada_1", "alpha": alpha, "kind": kind, "loss": loss, "tokens": 9, "texts": 2}
    for alpha, new, old in ((0.0, 3.0, 2.0), (0.5, 2.5, 2.005), (1.0, 2.0, 2.4))
    for kind, loss in (("new", new), ("old", old))
]
UP, DOWN = "base_model.layers.0.q.lora_B.weight", "base_model.layers.0.q.lora_A.weight"


@pytest.fixture
def house(tmp_path: Path) -> Any:
    """A lake whose newest adapter was written at four tenths of its strength."""
    folder = tmp_path / "lake" / "lora_adapter" / "ada_1" / "adapter"
    folder.mkdir(parents=True)
    save_file({UP: torch.full((2, 2), 0.4), DOWN: torch.ones(2, 2)},
              folder / "adapter_model.safetensors")  # fmt: skip
    (folder / "adapter_config.json").write_text("{}")
    lake = SimpleNamespace(
        read=lambda table, key: pl.DataFrame(CURVE),
        receipt=lambda asset, key: SimpleNamespace(notes={"strength": 0.5, "applied": 0.4}),
        folder=lambda asset, key: folder.parent,
        keys=lambda asset: ["ada_1"],
        current_key=lambda asset: "ada_1",
    )
    return SimpleNamespace(lake=lake, settings=Settings(home=tmp_path))


def test_a_copy_has_the_strength_of_what_was_trained(house: Any, tmp_path: Path) -> None:
    known = strengths(house.lake, "ada_1")
    assert (known.found, known.applied) == (0.5, 0.4)
    assert "strength 0.5 learns most" in known.words() and "written is 0.4" in known.words()
    for wanted, strength in (("auto", 0.5), (1.0, 1.0), (0.2, 0.2)):
        out = tmp_path / f"out-{wanted}"
        assert turned(house, "ada_1", wanted, out) == strength
        tensors = load_file(out / "adapter_model.safetensors")
        torch.testing.assert_close(tensors[UP], torch.full((2, 2), strength))
        assert torch.equal(tensors[DOWN], torch.ones(2, 2))
        assert (out / "adapter_config.json").read_text() == "{}"
    with pytest.raises(BookError) as problem:
        turned(house, "ada_1", 0.2, tmp_path / "out-auto")
    assert problem.value.code is Code.BAD_SETTING
    assert not list(tmp_path.glob(".*part"))


def test_the_verb_shows_the_curve_and_writes_on_demand(
    house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booktune_assets.chain.house.House.open", lambda settings: house)
    said = CliRunner().invoke(cli, ["--home", str(tmp_path), "model", "adapter"])
    assert said.exit_code == 0, said.output
    assert "2.0050" in said.output and "written is 0.4" in said.output
    out = tmp_path / "copy"
    said = CliRunner().invoke(
        cli, ["--home", str(tmp_path), "model", "adapter", str(out), "--strength", "0.25"]
    )
    assert said.exit_code == 0, said.output
    assert "ada_1 at strength 0.25" in said.output and out.is_dir()
    for wrong in ("0", "1.5", "most", "nan"):
        said = CliRunner().invoke(
            cli,
            ["--home", str(tmp_path), "model", "adapter", f"{out}-{wrong}", "--strength", wrong],
        )
        assert said.exit_code == 2, wrong
        assert not Path(f"{out}-{wrong}").exists()
    said = CliRunner().invoke(cli, ["--home", str(tmp_path), "model", "adapter", "--adapter", "no"])
    assert said.exit_code != 0 and not isinstance(said.exception, AttributeError)
    receipt: Any = SimpleNamespace(counts={}, notes={}, key="ada_1")
    outcome: Any = SimpleNamespace(
        asset="lora_adapter", receipt=receipt, status="made", key="ada_1"
    )
    assert any("post.strength" in line for line in cli_run._told(house, outcome))
