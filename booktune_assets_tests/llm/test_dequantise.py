"""FP8 with one scale per tensor becomes BF16: values, index, what is left out, what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file

from booktune_assets.cli import cli
from booktune_assets.errors import BookError, Code
from booktune_assets.llm.dequantise import INDEX, dequantised, run
from booktune_assets.llm.loading import load_model
from booktune_assets.llm.models import prepare


@pytest.fixture(scope="module")
def plain(tiny) -> dict[str, torch.Tensor]:
    return load_file(tiny.path / "model.safetensors")


@pytest.fixture(scope="module")
def fp8(tiny, plain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as Devstral Small 2 is published: two files, a scale away from its weight."""
    folder = tmp_path_factory.mktemp("fp8") / "model"
    shutil.copytree(tiny.path, folder)
    (folder / "model.safetensors").unlink()
    parts: tuple[dict[str, torch.Tensor], ...] = ({}, {})
    for number, (name, value) in enumerate(sorted(plain.items())):
        if "proj" not in name:
            parts[number % 2][name] = value
            continue
        scale = value.abs().max() / torch.finfo(torch.float8_e4m3fn).max
        parts[number % 2][name] = (value / scale).to(torch.float8_e4m3fn)
        parts[(number + 1) % 2][f"{name}_scale_inv"] = scale.float()
        parts[number % 2][name.replace("weight", "activation_scale")] = torch.tensor(0.5)
    for number, part in enumerate(parts, 1):
        save_file(part, folder / f"model-{number:05}-of-00002.safetensors")
    save_file({"copy": torch.zeros(4)}, folder / "consolidated.safetensors")
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {
        "quant_method": "fp8", "weight_block_size": None, "activation_scheme": "static",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def made(fp8: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Through the verb, that is in a child."""
    out = tmp_path_factory.mktemp("bf16") / "out"
    result = CliRunner().invoke(cli, ["model", "dequantise", str(fp8), str(out)])
    assert result.exit_code == 0, result.output
    assert "14 of them were FP8" in result.output
    return out


def test_each_weight_is_the_number_that_was_meant(fp8: Path, plain, made: Path) -> None:
    before: dict[str, torch.Tensor] = {}
    after: dict[str, torch.Tensor] = {}
    for number in (1, 2):
        before |= load_file(fp8 / f"model-{number:05}-of-00002.safetensors")
        after |= load_file(made / f"model-{number:05}-of-00002.safetensors")
    assert set(after) == set(plain)
    for name, value in after.items():
        assert value.dtype == torch.bfloat16
        if "proj" in name:
            exact = before[name].double() * before[f"{name}_scale_inv"].double()
            torch.testing.assert_close(value.double(), exact, rtol=2**-8, atol=0)
        # e4m3 has three bits behind the point: at most a sixteenth off, or less than one step
        step = float(plain[name].abs().max()) / 448 * 2**-9
        torch.testing.assert_close(value.float(), plain[name], rtol=1 / 15, atol=2 * step)


def test_the_folder_loads_and_says_nothing_of_fp8(fp8: Path, made: Path, tiny) -> None:
    assert "quantization_config" not in json.loads((made / "config.json").read_text())
    index = json.loads((made / INDEX).read_text())
    assert set(index["weight_map"].values()) == {
        f"model-0000{n}-of-00002.safetensors" for n in (1, 2)
    }
    assert not list(made.glob("consolidated*"))
    assert (made / "tokenizer.json").read_bytes() == (tiny.path / "tokenizer.json").read_bytes()
    with pytest.raises(BookError, match="dequantise"):
        prepare(str(fp8), made)
    prepare(str(made), made)
    ids = torch.tensor([[1, 50, 60, 70]])
    with torch.inference_mode():
        ours, theirs = (load_model(path)(ids).logits for path in (made, tiny.path))
    assert torch.nn.functional.cosine_similarity(ours.flatten(), theirs.flatten(), dim=0) > 0.99


def test_what_cannot_be_converted_is_refused_and_leaves_nothing(
    fp8: Path, tiny, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(BookError) as caught:
        dequantised(tiny.path, out)
    assert caught.value.code is Code.BAD_SETTING
    with pytest.raises(BookError, match="not there yet"):
        dequantised(fp8, tmp_path)
    grid = tmp_path / "grid"
    shutil.copytree(fp8, grid)
    for file in grid.glob("model-*.safetensors"):
        save_file(
            {name: torch.ones(2, 2) if name.endswith("_scale_inv") else value
             for name, value in load_file(file).items()}, file,
        )  # fmt: skip
    with pytest.raises(BookError, match="one scale for each tensor"):
        run({"folder": str(grid), "into": str(tmp_path / "aside")})
    (grid / "model-00001-of-00002.safetensors").unlink()
    with pytest.raises(BookError, match="no scale"):
        dequantised(grid, out)
    assert not out.exists() and not list(tmp_path.glob(".out.tmp-*"))
