"""What a rung of the ladder is asked for, and what it prepares to be started.

Belongs here: the order and the answer that all rungs share, files handed to a sandbox in memory or
in a folder. Does not: what a rung makes of them.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from booktune_assets.beam.limits import CLEAN, Limits

__all__ = ["Order", "Prepared", "folder", "memory_file"]

# The first process waits for the command: it reaps orphans, cannot be killed from inside a pid
# namespace, and the CPU time of what it waited for is counted where there are no cgroups. The
# shell sets the limits itself, since one more program costs a millisecond for each start. Some
# shells call the number of processes -u, others -p.
_FIRST = (
    "ulimit -c 0 && ulimit -St {cpu} && ulimit -Ht {hard} && ulimit -f {blocks} && "
    "ulimit -n {files} && {data} {{ ulimit -u {tasks} 2>/dev/null || ulimit -p {tasks}; }} || "
    'exit 125; "$@"; exit $?'
)
_STALE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Order:
    """One start. ``requests``, ``replies``, ``output``: the ends of its pipes that go inside.
    ``grouped``: a cgroup bounds its memory and counts its CPU time. ``user``: who it runs as,
    None where we cannot choose."""

    command: Sequence[str]
    files: Mapping[str, str]
    limits: Limits
    read_only: Sequence[Path]
    stdin: str | None
    user: int | None
    grouped: bool
    requests: int
    replies: int
    output: int

    def bounded(self) -> list[str]:
        """The command below a first process, with limits that it inherits and cannot raise."""
        # where a cgroup counts, the limit of each process is only a second fence
        limits, cpu = self.limits, ceil(self.limits.cpu_seconds) + (2 if self.grouped else 0)
        script = _FIRST.format(
            cpu=cpu, hard=cpu + 1, blocks=limits.file_mb << 11, files=limits.open_files,
            tasks=limits.tasks,
            data="" if self.grouped else f"ulimit -d {limits.memory_mb << 10} &&",
        )  # fmt: skip
        return ["/bin/sh", "-c", script, "sh", *self.command]

    def stdin_file(self, passed: ExitStack) -> int:
        if self.stdin is not None:
            return memory_file(self.stdin.encode("utf-8", "replace"), passed)
        number = os.open(os.devnull, os.O_RDONLY)
        passed.callback(os.close, number)
        return number


@dataclass(frozen=True, slots=True)
class Prepared:
    """What to start: descriptors in ``passed`` keep their numbers; ``user`` is who starts it (None:
    who we are); ``sweep`` ends processes that may live on outside of its tree; ``watched`` is a
    folder that nothing but a look at it keeps small."""

    argv: list[str]
    passed: list[int]
    stdin: int
    stdout: int
    stderr: int
    user: int | None
    sweep: Callable[[], None] = lambda: None
    watched: Path | None = None


def environment(home: str, **more: str) -> dict[str, str]:
    """All variables that a command sees."""
    return {**CLEAN, "HOME": home, "LANG": "C.UTF-8", **more}


def memory_file(content: bytes, open_: ExitStack) -> int:
    """A file without a name: nothing to clean up, and no folder that another user must enter."""
    number = os.memfd_create("job")
    open_.callback(os.close, number)
    with os.fdopen(os.dup(number), "wb") as file:
        file.write(content)
    os.lseek(number, 0, os.SEEK_SET)
    return number


def abandoned(place: Path) -> bool:
    """Was a folder named ``booktune-PID-…`` left by a process that is gone? Young ones may be of a
    process that another container sees."""
    owner = re.fullmatch(r"booktune-(\d+)-\w+", place.name)
    if owner is None or Path("/proc", owner[1]).exists():
        return False
    with suppress(OSError):
        return time.time() - place.stat().st_mtime > _STALE
    return False


def folder(order: Order, held: ExitStack) -> Path:
    """A new folder of the order's user with its files under ``job``, gone at the end; in memory
    (where a cgroup counts it) if that can be."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
    for old in Path(memory or tempfile.gettempdir()).glob("booktune-*-*"):
        if abandoned(old):  # by a runner that was killed itself
            shutil.rmtree(old, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix=f"booktune-{os.getpid()}-", dir=memory))
    held.callback(shutil.rmtree, place, ignore_errors=True)
    (place / "job").mkdir()
    for name, text in order.files.items():
        file = place / "job" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "replace"))
        file.chmod(0o444)
    if order.user is not None:
        for path in (place, place / "job"):
            os.chown(path, order.user, order.user)
    return place
