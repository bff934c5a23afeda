"""An adapter's folder put on a model, or refused with what is wrong with it.

Belongs here: whether the files are whole, whether they are this model's. Does not: what an adapter
trains (``training/attach.py``), servers (``engines.py``).

peft passes over weights that the model has no place for, and leaves layers without weights as they
were made: such a model would answer as its base and be taken for the tuned one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from booktune_assets.errors import BookError, Code

__all__ = ["adapted", "require_whole"]

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


def require_whole(folder: Path) -> list[str]:
    """The names of an adapter's weights. Raises ``FILE_MISSING``, or ``DAMAGED_FILE`` for a file
    that was torn. No torch; headers alone are read."""
    from safetensors import SafetensorError, safe_open

    for name in (WEIGHTS, CONFIG):
        file = folder / name
        if not file.is_file() or not os.access(file, os.R_OK):
            raise BookError(
                Code.FILE_MISSING, "Name an adapter of the lake, or a folder that peft wrote",
                file=file,
            )  # fmt: skip
    try:
        with safe_open(folder / WEIGHTS, framework="numpy") as weights:
            names = sorted(weights.keys())
        file = folder / CONFIG
        if not isinstance(json.loads(file.read_text(encoding="utf-8")), dict):
            raise ValueError("no object")
    except (SafetensorError, ValueError) as problem:
        torn = folder / (WEIGHTS if isinstance(problem, SafetensorError) else CONFIG)
        raise BookError(
            Code.DAMAGED_FILE, "Write or copy the adapter's folder again: a file of it was torn",
            file=torn, why=problem,
        ) from problem  # fmt: skip
    return names


def adapted(model: Any, name: str, folder: Path) -> Any:
    """The model with an adapter on it; ``name`` is the model's. Raises ``BAD_SETTING`` for an
    adapter of another model, and what :func:`require_whole` does."""
    from peft import PeftModel, get_peft_model_state_dict

    there = set(map(_place, require_whole(folder)))
    try:
        tuned: Any = PeftModel.from_pretrained(model, str(folder))
    except (RuntimeError, ValueError) as problem:  # sizes differ, or no layer has its name
        raise _foreign(name, folder) from problem
    wanted = set(map(_place, get_peft_model_state_dict(tuned, save_embedding_layers=False)))
    if lost := sorted(wanted - there) or sorted(one for one in there - wanted if "lora_" in one):
        raise _foreign(name, folder, first=lost[0], count=len(lost))
    return tuned


def _place(name: str) -> str:
    """From the number of the layer on: what stands before has changed with libraries, and peft
    takes the older names for the newer."""
    return name.partition(".layers.")[2] or name


def _foreign(name: str, folder: Path, **more: object) -> BookError:
    told: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    return BookError(
        Code.BAD_SETTING, "The adapter is of another model: name the one that it was trained on",
        model=name, adapter=folder, trained_on=told.get("base_model_name_or_path"), **more,
    )  # fmt: skip
