"""Until when a job may run, by the clock and by CPU time.

Belongs here: one job's two limits, and what waiting for a processor adds to the first. Does not:
who looks at them and ends what is over (``live.py``).
"""

from __future__ import annotations

from time import monotonic

from booktune_assets.beam.processes import waited_of_tree

__all__ = ["Deadline"]

_SETTLED = 1.0  # seconds of a job from which on its waits are counted: most are over before
_STRETCH = 3.0  # times the limit by the clock, at most, that waiting for a processor may make of it


class Deadline:
    """The limits of one job, counted from when it is made.

    A process that serves many jobs is given a new one for each, in one assignment: who watches
    keeps the one that it looked at, so that no look mixes the numbers of two jobs.
    """

    def __init__(self, pid: int, cpu_until: float, wall_seconds: float) -> None:
        """``pid``: whose tree works; ``cpu_until``: its CPU seconds at which the job is over."""
        self.cpu_until = cpu_until
        self._pid, self._from, self._seconds = pid, monotonic(), wall_seconds
        self._until = self._from + wall_seconds
        self._waited: float | None = None  # before the job, once that was looked at

    def left(self) -> float:
        """Seconds by the clock until it has to be looked at."""
        return self._until - monotonic()

    def late(self) -> bool:
        """Is the clock's limit over? What the job waited for a processor on a busy machine is
        added to it, within bounds: it is the machine's time and not the program's."""
        now = monotonic()
        if now < self._until:
            if self._waited is None and now >= self._from + _SETTLED:
                self._waited = waited_of_tree(self._pid)
            return False
        lost = 0.0 if self._waited is None else waited_of_tree(self._pid) - self._waited
        more = min(lost, (_STRETCH - 1) * self._seconds)
        self._until = self._from + self._seconds + max(0.0, more)
        return now >= self._until
