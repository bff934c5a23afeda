"""Nested states as one safetensors file: tensors as tensors, all else as JSON in its header.

Belongs here: dictionaries of tensors and plain values (optimisers, strategies, random streams) to a
file and back, exactly. Does not: what is kept when (``checkpoints.py``). Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from booktune_assets.errors import BooktuneError, Code
from booktune_assets.lake import replaced

__all__ = ["load_state", "save_state", "set_streams", "streams"]

_TREE = "tree"
_PLAIN = (str, int, float, bool, type(None))


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write a tree of dictionaries, lists, tuples, plain values and tensors; atomically.

    Raises ``INTERNAL`` for a value of another kind: its owner would not resume as it stopped.
    """
    tensors: dict[str, Any] = {}
    tree = _packed(state, tensors)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as temp:
        save_file(tensors, temp, metadata={_TREE: json.dumps(tree)})
        temp.chmod(0o644)


def load_state(path: Path) -> dict[str, Any]:
    """What :func:`save_state` wrote, on the CPU."""
    with safe_open(path, framework="pt") as file:
        header = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if _TREE not in header:  # plain tensors, by whoever
        return tensors
    return cast("dict[str, Any]", _unpacked(json.loads(header[_TREE]), tensors))


def streams() -> dict[str, Any]:
    """The global random streams as they stand: Python's, NumPy's, torch's, the GPUs'."""
    kind, keys, place, has_gauss, gauss = cast("Any", np.random.get_state())
    found: dict[str, Any] = {
        "python": random.getstate(),
        "numpy": (kind, torch.from_numpy(keys.astype(np.int64)), place, has_gauss, gauss),
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        found["cuda"] = list(torch.cuda.get_rng_state_all())
    return found


def set_streams(found: Mapping[str, Any]) -> None:
    """Go on with streams that :func:`streams` gave."""
    random.setstate(found["python"])
    kind, keys, *rest = found["numpy"]
    state = cast("Any", (kind, keys.numpy().astype(np.uint32), *rest))
    np.random.set_state(state)
    torch.set_rng_state(found["torch"])
    if "cuda" in found and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(found["cuda"])


def _packed(value: Any, tensors: dict[str, Any]) -> Any:
    if isinstance(value, torch.Tensor):
        name = f"t{len(tensors)}"
        # a copy: views of one storage are refused, and the owner goes on changing it
        tensors[name] = value.detach().cpu().contiguous().clone()
        return {"tensor": name}
    if isinstance(value, Mapping):
        rows = cast("Mapping[Any, Any]", value).items()
        return {"dict": [[_packed(key, tensors), _packed(part, tensors)] for key, part in rows]}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [_packed(part, tensors) for part in cast("Any", value)]}
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, _PLAIN):
        raise BooktuneError(
            Code.INTERNAL,
            "A state holds tensors and plain values only: report this",
            kind=type(value).__name__,
        )
    return value


def _unpacked(tree: Any, tensors: Mapping[str, Any]) -> Any:
    if not isinstance(tree, dict):
        return tree
    ((kind, rest),) = cast("dict[str, Any]", tree).items()
    if kind == "tensor":
        return tensors[rest]
    if kind == "dict":
        return {_unpacked(key, tensors): _unpacked(part, tensors) for key, part in rest}
    parts = [_unpacked(part, tensors) for part in rest]
    return tuple(parts) if kind == "tuple" else parts
