"""Checkpoints of one run: when they are due, how they are written, which one counts.

Belongs here: the folder of checkpoints, its manifests, the rule of one configuration. Does not: how
a state becomes a file (``states.py``), what a run has to keep (``trainer.py``).

A checkpoint is a folder ``step-000120``. It is written aside, its manifest last, and renamed when
all of it is on the disk: a killed run leaves the one before. The manifest has the SHA-256 of every
file and the digest of the configuration. A run goes on only from a checkpoint of its own
configuration; others are set aside, or refused when a run is told to go on from them.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from booktune_assets import progress
from booktune_assets.errors import BookError, Code, ServiceDown
from booktune_assets.ids import file_sha256
from booktune_assets.lake import write_json
from booktune_assets.training.states import load_state, save_state

__all__ = ["Checkpoint", "Checkpoints"]

MANIFEST = "manifest.json"
EVERY_SECONDS = 600.0
_STEP, _ASIDE, _WRITING = "step-", "aside-", ".writing-"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A whole checkpoint: ``states`` by name (weights, optimiser, …), after ``step`` steps."""

    step: int
    states: dict[str, dict[str, Any]]


@dataclass(slots=True)
class Checkpoints:
    """The checkpoints of one run in ``folder``; ``config`` is the digest of all that it is made of.

    ``every`` steps, or by time (``seconds``) when 0. ``strict``: a checkpoint of another
    configuration is an error instead of being set aside.
    """

    folder: Path
    config: str
    every: int = 0
    seconds: float = EVERY_SECONDS
    strict: bool = False
    _last: float = field(default_factory=time.monotonic)

    def due(self, step: int) -> bool:
        """Is a checkpoint to be written after this step?"""
        if self.every:
            return step % self.every == 0
        return time.monotonic() - self._last >= self.seconds

    def save(self, step: int, states: Mapping[str, Mapping[str, Any]]) -> Path:
        """Write a checkpoint and remove the ones before it. Raises ``DISK``."""
        place = self.folder / f"{_STEP}{step:06d}"
        aside = self.folder / f"{_WRITING}{os.getpid()}"
        for left in self._unfinished():
            shutil.rmtree(left, ignore_errors=True)
        shutil.rmtree(aside, ignore_errors=True)
        try:
            aside.mkdir(parents=True)
            for name, state in states.items():
                save_state(aside / f"{name}.safetensors", state)
            files = {path.name: file_sha256(path) for path in sorted(aside.iterdir())}
            manifest = {"config": self.config, "step": step, "files": files}
            write_json(aside / MANIFEST, manifest)
            shutil.rmtree(place, ignore_errors=True)
            aside.rename(place)
        except (OSError, SafetensorError) as problem:
            shutil.rmtree(aside, ignore_errors=True)
            raise ServiceDown(
                Code.DISK,
                "Free space, then run again: it goes on from the checkpoint before",
                path=self.folder,
                why=problem,
            ) from problem
        for other in self._steps():
            if other != place:
                shutil.rmtree(other, ignore_errors=True)
        self._last = time.monotonic()
        return place

    def newest(self) -> Checkpoint | None:
        """The newest whole checkpoint of this configuration.

        Damaged ones are passed over, which is said; when ``strict`` and no whole one is left they
        raise ``DAMAGED_FILE``. Those of another configuration are moved to ``aside-<digest>``, or
        raise ``OTHER_CONFIG`` when ``strict``; one of this configuration is taken back from there.
        """
        self._take_back()
        damaged: list[Path] = []
        for place in reversed(self._steps()):
            manifest = _manifest(place)
            if manifest is None:
                progress.advance("a damaged checkpoint is passed over", 0, 0, place.name)
                damaged.append(place)
                continue
            if manifest["config"] != self.config:
                self._other(place, str(manifest["config"]))
                continue
            states = {Path(name).stem: load_state(place / name) for name in manifest["files"]}
            return Checkpoint(int(manifest["step"]), states)
        if damaged and self.strict:
            raise BookError(
                Code.DAMAGED_FILE, "No whole checkpoint is left: remove it to begin anew",
                checkpoint=damaged[0],
            )  # fmt: skip
        return None

    def clear(self) -> None:
        """Remove all checkpoints, also those set aside or never finished: the run is done."""
        for place in [*self._steps(), *self.folder.glob(f"{_ASIDE}*"), *self._unfinished()]:
            shutil.rmtree(place, ignore_errors=True)

    def _unfinished(self) -> list[Path]:
        """What killed runs were writing."""
        return [
            place
            for place in self.folder.glob(f"{_WRITING}*")
            if not Path(f"/proc/{place.name.removeprefix(_WRITING)}").exists()
        ]

    def _steps(self) -> list[Path]:
        return sorted(self.folder.glob(f"{_STEP}*"))

    def _take_back(self) -> None:
        """Settings were changed and are as they were: what was set aside goes on."""
        own = self.folder / f"{_ASIDE}{self.config[:12]}"
        manifest = _manifest(own)
        found = [(place, _manifest(place)) for place in self._steps()]
        here = any(told and told["config"] == self.config for _, told in found)
        if manifest is None or manifest["config"] != self.config or here:
            return
        for place, told in found:
            self._set_aside(place, str(told["config"]) if told else "half")
        own.rename(self.folder / f"{_STEP}{int(manifest['step']):06d}")

    def _other(self, place: Path, config: str) -> None:
        if self.strict:
            raise BookError(
                Code.OTHER_CONFIG,
                "Use the settings and data it was written with, or remove it to begin anew",
                checkpoint=place,
                its=config[:12],
                ours=self.config[:12],
            )
        progress.advance("a checkpoint of other settings is set aside", 0, 0, place.name)
        self._set_aside(place, config)

    def _set_aside(self, place: Path, config: str) -> None:
        aside = self.folder / f"{_ASIDE}{config[:12]}"
        shutil.rmtree(aside, ignore_errors=True)
        place.rename(aside)


def _manifest(place: Path) -> dict[str, Any] | None:
    """The manifest when it says all that one says, and every file that it names is whole."""
    try:
        found: dict[str, Any] = json.loads((place / MANIFEST).read_text())
        whole = (
            isinstance(found["config"], str) and int(found["step"]) >= 0 and bool(found["files"])
        )
        whole &= all(file_sha256(place / name) == sha for name, sha in found["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found if whole else None
