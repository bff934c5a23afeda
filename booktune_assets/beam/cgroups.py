"""Control groups: count and bound all processes of one sandbox together.

Belongs here: finding where groups can be made (v1 and v2), making one, its limits and counters,
ending what is in it, removing it. Does not: what is started in a group.

Groups are made below the group this process is in, so that no limit set on us is escaped; for v2
also beside it, since a v2 group with processes of its own cannot have limited groups below.
``BOOKTUNE_CGROUP`` names a delegated v2 group to use instead, ``BOOKTUNE_CGROUP=off`` uses none.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from booktune_assets.beam.orders import abandoned

__all__ = ["CONTROLLERS", "Controller", "Found", "Group", "GroupError", "Version", "find"]

Controller = Literal["memory", "pids", "cpu"]
Version = Literal[1, 2]
CONTROLLERS: tuple[Controller, ...] = ("memory", "pids", "cpu")
_V1_NAME = {"memory": "memory", "pids": "pids", "cpu": "cpuacct"}
_PATIENCE = 20.0  # seconds in which a killed group must become empty
_count = itertools.count()


class GroupError(OSError):
    """A group could not be emptied or removed: something in it still lives."""


@dataclass(frozen=True, slots=True)
class Found:
    """For each controller that works here: the folder groups are made in, and its version."""

    parents: Mapping[Controller, tuple[Path, Version]]
    reason: str

    def __bool__(self) -> bool:
        return bool(self.parents)

    def has(self, controller: Controller) -> bool:
        return controller in self.parents


@lru_cache(maxsize=1)
def find() -> Found:
    """Where groups can be made; each place is tried by making and limiting one."""
    asked = os.environ.get("BOOKTUNE_CGROUP", "")
    if asked == "off":
        return Found({}, "switched off by BOOKTUNE_CGROUP")
    parents: dict[Controller, tuple[Path, Version]] = {}
    for controller in CONTROLLERS:
        for place, version in _places(controller, asked):
            if _works(place, version, controller):
                parents[controller] = (place, version)
                sweep(place)
                break
    lacking = [name for name in CONTROLLERS if name not in parents]
    words = ", ".join(f"{name} v{parents[name][1]}" for name in CONTROLLERS if name in parents)
    reason = f"cgroups: {words or 'none writable'}"
    if lacking:
        reason += f" ({', '.join(lacking)} bounded for each process and by looks at /proc)"
    return Found(parents, reason)


class Group:
    """One group (a folder for each hierarchy); processes enter it by writing ``entries``."""

    def __init__(self, found: Found, memory_mb: int, tasks: int) -> None:
        name = f"booktune-{os.getpid()}-{next(_count)}"
        self._of = {
            which: (place / name, version) for which, (place, version) in found.parents.items()
        }
        self.folders = list(dict.fromkeys(folder for folder, _ in self._of.values()))
        self._last_cpu = 0.0
        try:
            for folder in self.folders:
                folder.mkdir()
            self._limit(memory_mb, tasks)
        except OSError:
            self.remove()
            raise

    def _limit(self, memory_mb: int, tasks: int) -> None:
        size = str(memory_mb << 20)
        if "memory" in self._of:
            folder, version = self._of["memory"]
            if version == 1:
                _write(folder / "memory.limit_in_bytes", size)
                with suppress(OSError):  # swap is not counted on every kernel
                    _write(folder / "memory.memsw.limit_in_bytes", size)
            else:
                _write(folder / "memory.max", size)
                with suppress(OSError):
                    _write(folder / "memory.swap.max", "0")
        if "pids" in self._of:
            _write(self._of["pids"][0] / "pids.max", str(tasks))

    def cpu_seconds(self) -> float | None:
        """CPU time of everything that ever was in the group, s; None where it is not counted."""
        if "cpu" not in self._of:
            return None
        folder, version = self._of["cpu"]
        try:
            if version == 1:
                self._last_cpu = int(_read(folder / "cpuacct.usage")) / 1e9
            else:
                self._last_cpu = _field(_read(folder / "cpu.stat"), "usage_usec") / 1e6
        except FileNotFoundError:  # removed: the last value stays
            pass
        return self._last_cpu

    def memory_peak(self) -> int | None:
        """Most memory held at once, bytes; None where it is not counted."""
        if "memory" not in self._of:
            return None
        folder, version = self._of["memory"]
        names = ("memory.max_usage_in_bytes",) if version == 1 else ("memory.peak",)
        for name in names:
            with suppress(OSError):
                return int(_read(folder / name))
        return None

    def oom_kills(self) -> int:
        """Processes that the kernel killed because the group was full."""
        if "memory" not in self._of:
            return 0
        folder, version = self._of["memory"]
        name = "memory.oom_control" if version == 1 else "memory.events"
        with suppress(OSError):
            return _field(_read(folder / name), "oom_kill")
        return 0

    def members(self) -> list[int]:
        """Process ids in the group now."""
        for folder in self.folders:
            with suppress(OSError):
                return [int(line) for line in _read(folder / "cgroup.procs").split()]
        return []

    def remove(self) -> None:
        """Kill what is in the group and remove it; raises when something will not end."""
        self.cpu_seconds()
        until = time.monotonic() + _PATIENCE
        for folder in self.folders:
            pause = 0.0002
            while True:
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError as problem:
                    if time.monotonic() > until:
                        raise GroupError(problem.errno, f"still in use: {folder}") from problem
                for number in self.members():
                    with suppress(ProcessLookupError):
                        os.kill(number, signal.SIGKILL)
                time.sleep(pause)
                pause = min(pause * 2, 0.05)


def _places(controller: Controller, asked: str) -> Iterator[tuple[Path, Version]]:
    """Folders in which a group of this controller may be made, best first."""
    if asked:
        yield Path(asked), 2
        return
    try:
        found = mounts()
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    fields = [line.split(":", 2) for line in lines]
    own = {name: path for _, names, path in fields for name in names.split(",")}
    name = _V1_NAME[controller]
    if name in found and name in own:
        yield inside(found[name], own[name]), 1
    if "" in found and "" in own:
        place = inside(found[""], own[""])
        yield place, 2
        if place != found[""][1]:
            yield place.parent, 2


def mounts() -> dict[str, tuple[str, Path]]:
    """Controller ("" for v2) to the root and the mount point of its hierarchy."""
    found: dict[str, tuple[str, Path]] = {}
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ")[:3]
        root, point = before.split(" ")[3:5]
        if kind == "cgroup2":
            found.setdefault("", (root, Path(point)))
        elif kind == "cgroup":
            for name in options.split(","):
                found.setdefault(name, (root, Path(point)))
    return found


def inside(mount: tuple[str, Path], own: str) -> Path:
    root, point = mount
    rest = own[len(root) :] if root != "/" and own.startswith(root) else own
    if ".." in rest:  # a group outside of our namespace of groups
        return point
    return point / rest.strip("/")


def _works(place: Path, version: Version, controller: Controller) -> bool:
    """Can a group be made here, limited by this controller, and entered?"""
    try:
        if version == 2 and controller != "cpu":  # v2 counts CPU time without a controller
            if controller not in _read(place / "cgroup.controllers").split():
                return False
            if controller not in _read(place / "cgroup.subtree_control").split():
                _write(place / "cgroup.subtree_control", f"+{controller}")
        group = Group(Found({controller: (place, version)}, ""), 64, 16)
    except OSError:
        return False
    try:
        return os.access(group.folders[0] / "cgroup.procs", os.W_OK) and (
            controller != "cpu" or group.cpu_seconds() is not None
        )
    except (OSError, ValueError):
        return False
    finally:
        group.remove()


def sweep(place: Path) -> None:
    """Remove empty groups of runners that were killed themselves."""
    for folder in place.glob("booktune-*-*"):
        if abandoned(folder):
            with suppress(OSError):
                folder.rmdir()


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii")


def _write(path: Path, value: str) -> None:
    path.write_text(value, encoding="ascii")


def _field(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
