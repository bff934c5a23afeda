"""How many calls may be in flight: as many as the service bears, found by trying.

Belongs here: the window of calls and its additive growth and multiplicative cut. Does not: retries
(``asking.py``), what counts as overload (``wire.py``).

The window starts at its upper bound, because our own server queues without complaint and only a
full queue gives full batches. A refusal for load cuts it to three quarters and closes it for a
moment, twice as long each time that no call came back well in between; every ``GROW_AFTER`` good
calls open it by one.
"""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Window"]

CUT, GROW_AFTER, COOL = 0.75, 25, 2.0  # share kept, good calls, seconds
COOL_MAX = 60.0  # most services count by the minute
WAIT_MAX = 120.0  # a server may ask for hours; it is asked again earlier


class Window:
    """``limit`` calls at most, between 1 and ``most``. Not thread-safe: one loop owns it.

    ``rounds``: how often it was cut since the last good call.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self.limit = most
        self.rounds = 0
        self._clock = clock
        self._good = 0
        self._cut_at = float("-inf")
        self._opens = float("-inf")

    def room(self, in_flight: int) -> int:
        """Calls that may start now."""
        return 0 if self.closed() > 0 else max(0, self.limit - in_flight)

    def closed(self) -> float:
        """Seconds until calls may start again; 0 when they may."""
        return max(0.0, self._opens - self._clock())

    def begun(self) -> None:
        """Another loop takes over: what was learnt stays, cuts without a good call are past."""
        self.rounds = 0

    def good(self) -> None:
        """A call came back well."""
        self.rounds = 0
        self._good += 1
        if self._good >= GROW_AFTER:
            self._good = 0
            self.limit = min(self.most, self.limit + 1)

    def overloaded(self, began: float, wait: float = 0.0) -> None:
        """A call that began at ``began`` was refused for load; ``wait``: seconds the server asked.

        Calls that began before the last cut say nothing new: a full window that is refused as a
        whole is one refusal.
        """
        now = self._clock()
        self._opens = max(self._opens, now + min(wait, WAIT_MAX))
        if began < self._cut_at:
            return
        self._cut_at, self._good = now, 0
        self.limit = max(1, int(self.limit * CUT))
        self.rounds += 1
        cool = min(COOL_MAX, COOL * 2 ** min(self.rounds - 1, 30))
        self._opens = max(self._opens, now + cool)
