"""CPU clocks for the benchmarks: this process and all it started, alive or gone.

Wall time on a shared machine says little; CPU seconds and ratios within one run do.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Lap:
    """Seconds of one block: CPU of the whole process tree, and wall."""

    cpu: float = 0.0
    wall: float = 0.0


def tree_cpu() -> float:
    """CPU seconds of this process, its finished children and its living ones."""
    import psutil

    mine = resource.getrusage(resource.RUSAGE_SELF)
    gone = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = mine.ru_utime + mine.ru_stime + gone.ru_utime + gone.ru_stime
    for child in psutil.Process().children(recursive=True):
        try:
            spent = child.cpu_times()
        except psutil.Error:
            continue
        total += spent.user + spent.system
    return total


@contextmanager
def lap() -> Iterator[Lap]:
    """Measure a block."""
    found, cpu, wall = Lap(), tree_cpu(), time.monotonic()
    yield found
    found.cpu, found.wall = tree_cpu() - cpu, time.monotonic() - wall
