"""CPU time of a test and of all that it started: limits hold on a busy machine, too.

Belongs here: counting it. Does not: the limits (each test's own).
"""

from __future__ import annotations

import psutil

__all__ = ["cpu_spent"]


def cpu_spent() -> float:
    """Seconds of this process, of its children that live, and of those that it has waited for."""
    own = psutil.Process()
    total = 0.0
    for one in (own, *own.children(recursive=True)):
        try:
            total += sum(one.cpu_times()[:4])  # user, system, and both of children that have ended
        except psutil.NoSuchProcess:
            continue
    return total
