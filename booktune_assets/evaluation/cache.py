"""What a model said already: one file per model, a line per call, read back after a kill.

Belongs here: keys and the file. Does not: asking (``child.py``).

A key names everything that can change the answer (model, revision, adapter's weights and settings,
input, sampling) and nothing that cannot. A line that a kill cut short is skipped, and asked again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from booktune_assets.ids import digest, file_sha256

__all__ = ["CallCache", "adapter_digest", "call_key"]

CALLS = 2  # bump when the same call may give another answer: old lines are then left unused


# beside the weights: how they are applied, and what makes a prompt of a question
_BESIDE = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.txt")
_CONFIG = "adapter_config.json"
_PLACE = {"base_model_name_or_path", "revision"}  # where the base lies; keys name the base itself


def adapter_digest(folder: Path) -> str:
    """Digest of all in an adapter's folder that can change its answers; empty without weights."""
    if not any(folder.glob(_BESIDE[0])):
        return ""
    files = sorted({path for mark in _BESIDE for path in folder.glob(mark) if path.is_file()})
    return digest([
        [path.name, _config(path) if path.name == _CONFIG else file_sha256(path)] for path in files
    ])  # fmt: skip


def _config(path: Path) -> object:
    """Of peft's settings what counts; it writes sets, so their order does not."""
    try:
        said = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return file_sha256(path)
    return {
        name: sorted(value, key=str) if isinstance(value, list) else value
        for name, value in said.items() if name not in _PLACE
    }  # fmt: skip


def call_key(kind: str, **parts: object) -> str:
    """Key of one call."""
    return digest([CALLS, kind, parts])


class CallCache:
    """Answers of one model, kept in memory and appended to a file as they come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, Any] = {}
        self._seconds: dict[str, float] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                self._take(line)

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def get(self, key: str) -> Any:
        """The answer kept under a key; ``KeyError`` when there is none."""
        return self._known[key]

    def seconds(self, key: str) -> float | None:
        """What asking took, whenever that was; None where nobody wrote it down."""
        return self._seconds.get(key)

    def timed(self) -> list[tuple[Any, float]]:
        """(answer, seconds) of every call whose time was written down."""
        return [(self._known[key], spent) for key, spent in self._seconds.items()]

    def put(self, key: str, value: object, seconds: float | None = None) -> None:
        """Keep an answer, on disk as well. The line break in front ends a line cut by a kill."""
        self._known[key] = value
        row = [key, value]
        if seconds is not None:
            self._seconds[key] = round(seconds, 4)
            row.append(self._seconds[key])
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(row) + "\n")

    def _take(self, line: str) -> None:
        try:
            key, value, *rest = json.loads(line)
        except (ValueError, TypeError):
            return
        if isinstance(key, str):
            self._known[key] = value
            if rest and isinstance(rest[0], int | float):
                self._seconds[key] = float(rest[0])
