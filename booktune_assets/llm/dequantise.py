"""FP8 checkpoints with one scale per tensor, written out as BF16.

Belongs here: the conversion, file by file, and its rules. Does not: the verb (``cli/model.py``),
other quantisations, whether a model may be trained (``models.py``).

A weight ``w`` in float8 stands for ``w × weight_scale_inv``; the scale is one number. Scales of
activations go, as does ``quantization_config``. One file is in memory at a time; the folder is made
aside and renamed when it is complete.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from booktune_assets import progress
from booktune_assets.children import child_main, run_child
from booktune_assets.errors import BookError, BooktuneError, Code, MissingPrerequisite
from booktune_assets.lake import write_json
from booktune_assets.llm.architecture import weight_files

__all__ = ["dequantised", "run"]

INDEX = "model.safetensors.index.json"
_SCALE, _DROPPED = "_scale_inv", ("activation_scale", "input_scale", "_scale_inv")


def dequantised(folder: Path, out: Path) -> dict[str, int]:
    """Convert in a child; gives counts of ``tensors``, ``scaled`` and ``files``.

    Raises ``BAD_SETTING`` for what is no FP8 checkpoint of this kind, ``MODEL_MISSING``, ``DISK``.
    """
    if out.exists():
        raise BookError(Code.BAD_SETTING, "Name a folder that is not there yet", out=out)
    _refuse(folder)
    size = sum(file.stat().st_size for file in weight_files(folder))
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(out.absolute().parent).free < 2 * size:
        raise BooktuneError(
            Code.DISK, "Free twice the size of the weights, or name another place",
            out=out, needs_gb=f"{2 * size / 1e9:.1f}",
        )  # fmt: skip
    temp = out.absolute().parent / f".{out.name}.tmp-{os.getpid()}"
    try:
        made = temp / "model"
        spec = {"folder": str(folder.absolute()), "into": str(made)}
        ran = run_child("booktune_assets.llm.dequantise", spec, temp / "work")
        os.replace(made, out)
    finally:
        shutil.rmtree(temp, ignore_errors=True)
    return {name: int(ran[name]) for name in ("tensors", "scaled", "files")}


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """Write BF16 files, their index, the configuration and what lies beside the weights."""
    folder, into = Path(spec["folder"]), Path(spec["into"])
    into.mkdir(parents=True)
    files = weight_files(folder)
    where = _whereabouts(files)
    placed: dict[str, str] = {}
    total = scaled = 0
    for number, file in enumerate(files, 1):
        progress.advance("writing bf16", number - 1, len(files), file.name)
        names, size, was = _one(file, into, where)
        placed |= dict.fromkeys(names, file.name)
        total, scaled = total + size, scaled + was
    progress.advance("writing bf16", len(files), len(files))
    _beside(folder, into)
    if len(files) > 1:
        write_json(into / INDEX, {"metadata": {"total_size": total}, "weight_map": placed})
    return {"tensors": len(placed), "scaled": scaled, "files": len(files)}


def _one(file: Path, into: Path, where: dict[str, Path]) -> tuple[list[str], int, int]:
    """One file: names written, their bytes, how many were scaled."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    tensors: dict[str, Any] = {}
    scaled = 0
    with safe_open(file, framework="pt") as handle:
        for name in sorted(handle.keys()):
            if name.endswith(_DROPPED):
                continue
            value = handle.get_tensor(name)
            if value.dtype == torch.float8_e4m3fn:
                value, scaled = _plain(name, value, where, scaled)
            elif value.is_floating_point():
                value = value.to(torch.bfloat16)
            tensors[name] = value.contiguous()
    save_file(tensors, into / file.name, metadata={"format": "pt"})
    (into / file.name).chmod(0o644)
    size = sum(value.numel() * value.element_size() for value in tensors.values())
    return list(tensors), size, scaled


def _plain(name: str, value: Any, where: dict[str, Path], scaled: int) -> tuple[Any, int]:
    """The weight times its scale, multiplied in fp32 and rounded once."""
    import torch
    from safetensors import safe_open

    source = where.get(name + _SCALE)
    if source is None:
        raise BookError(
            Code.DAMAGED_FILE, "Download the checkpoint again: a weight has no scale", tensor=name
        )
    with safe_open(source, framework="pt") as handle:
        scale = handle.get_tensor(name + _SCALE)
    if scale.numel() != 1:
        raise BookError(
            Code.BAD_SETTING,
            "Only checkpoints with one scale for each tensor are converted; transformers loads "
            "those with a grid of scales itself (dequantize=True)",
            tensor=name,
            scales=tuple(scale.shape),
        )
    return (value.float() * scale.float().reshape(())).to(torch.bfloat16), scaled + 1


def _beside(folder: Path, into: Path) -> None:
    """Configuration without quantisation, tokenizer and licence as they are."""
    for file in sorted(folder.iterdir()):
        weights = file.suffix in (".safetensors", ".bin", ".gguf")
        if file.is_file() and not weights and file.name not in ("config.json", INDEX):
            shutil.copyfile(file, into / file.name)
    config: dict[str, Any] = json.loads((folder / "config.json").read_text())
    inner = config.get("text_config")
    for part in (config, inner if isinstance(inner, dict) else {}):
        part.pop("quantization_config", None)
        for name in ("dtype", "torch_dtype"):
            if name in part:
                part[name] = "bfloat16"
    write_json(into / "config.json", config)


def _refuse(folder: Path) -> None:
    try:
        config = json.loads((folder / "config.json").read_text())
    except (OSError, ValueError) as problem:
        raise MissingPrerequisite(
            Code.MODEL_MISSING, "Name a folder with config.json and *.safetensors", model=folder
        ) from problem
    about = config.get("quantization_config") or {}
    if about.get("quant_method") != "fp8" or about.get("weight_block_size"):
        raise BookError(
            Code.BAD_SETTING,
            "Only FP8 checkpoints with one scale for each tensor are converted",
            model=folder,
            quant_method=about.get("quant_method"),
            weight_block_size=about.get("weight_block_size"),
        )
    if not weight_files(folder):
        raise MissingPrerequisite(
            Code.MODEL_MISSING, "The folder has no *.safetensors", model=folder
        )


def _whereabouts(files: list[Path]) -> dict[str, Path]:
    """The file of each tensor: a scale need not lie beside its weight."""
    from safetensors import safe_open

    found: dict[str, Path] = {}
    for file in files:
        with safe_open(file, framework="pt") as handle:
            found |= dict.fromkeys(handle.keys(), file)
    return found


if __name__ == "__main__":
    child_main(run)
