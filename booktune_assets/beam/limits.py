"""What one sandboxed process may use, and the names both sides of its wall agree on.

Belongs here: limits, their units, descriptors' names, the clean environment. Does not: how a limit
is enforced (``cgroups.py``, ``bubblewrap.py``), what is done when one is crossed (``live.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["CLEAN", "JOB", "JOB_FOLDER", "NOBODY", "REPLY_FD", "REQUEST_FD", "End", "Limits"]

JOB = "/job"  # read-only folder inside: the files given to a start
REQUEST_FD = "BOOKTUNE_REQUEST_FD"  # names the descriptor that jobs are read from, inside
JOB_FOLDER = "BOOKTUNE_JOB"  # names that folder inside: a rung without mounts has it elsewhere
REPLY_FD = "BOOKTUNE_REPLY_FD"  # names the descriptor that answers are written to, inside
NOBODY = 65534  # the user that a command sees itself as
CLEAN = {"PATH": "/usr/bin:/bin"}

End = Literal["exited", "timeout", "oom", "output_limit"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one start may use. CPU seconds decide; the wall clock is a wide outer bound, so that a
    busy machine does not change verdicts."""

    cpu_seconds: float = 10  # of all processes together where cgroups count them, else of each
    wall_seconds: float = 60.0
    memory_mb: int = 600  # all memory in a cgroup, else data segments of each process
    file_mb: int = 16
    tmp_mb: int = 32
    open_files: int = 256
    tasks: int = 96  # processes and threads
    output_bytes: int = 256_000
    reply_bytes: int = 1_000_000  # of ``run``; the reader of a live process has its own cap
