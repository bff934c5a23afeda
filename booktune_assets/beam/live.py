"""A sandboxed process while it lives: its pipes, its use of the machine, its end.

Belongs here: pipes to and from it, the watch over its limits, killing and clearing away. Does
not: how it is isolated (``bubblewrap.py``, ``ladder.py``), what its answers mean.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from booktune_assets.beam.cgroups import Group, GroupError
from booktune_assets.beam.deadline import Deadline
from booktune_assets.beam.limits import End, Limits
from booktune_assets.beam.processes import (
    Tree,
    cpu_of_tree,
    files_of_tree,
    memory_of_tree,
)

__all__ = ["Live"]

_SHORTEST = 0.02  # seconds between two looks at the CPU time
_LONGEST = 5.0
_LONGEST_UNCOUNTED = 0.1  # where no cgroup bounds memory, it is looked at this often
_PATIENCE = 20.0  # seconds that a killed namespace may take to end
_CORES = os.cpu_count() or 1


class Live:
    """One process in a sandbox. Made by :func:`booktune_assets.beam.sandbox.start`; a context
    manager: leaving it kills.

    ``requests``: descriptor to write jobs to. ``replies``: descriptor to read answers from, at
    its end (``b""``) once nobody inside holds it. ``over``: the limit that ended it, if one did.
    Never close the descriptors: :meth:`close_requests` and :meth:`kill` do.
    """

    def __init__(
        self, pid: int, pipes: tuple[int, int, int], limits: Limits, group: Group | None,
        sweep: Callable[[], None], held: ExitStack, watched: Path | None = None,
    ) -> None:  # fmt: skip
        """``pipes``: requests, replies, output. ``sweep`` kills what may live on outside of the
        tree of ``pid``. ``held`` is closed at the end, after everything inside is gone. Files in
        ``watched`` may be ``tmp_mb`` together, which is looked at."""
        self.requests, self.replies, self._output = pipes
        self.over: End | None = None
        self.exit_code: int | None = None
        self.wall_seconds = 0.0  # known after the end
        self._limits, self._group, self._sweep, self._held = limits, group, sweep, held
        self._watched = watched
        self._tree = Tree(pid)
        self._said = bytearray()
        self._cpu = 0.0
        self._peak = self._oom = 0
        self._uncounted = group is None or group.memory_peak() is None
        self._fault: Exception | None = None
        self._started = time.monotonic()
        self._due = Deadline(pid, limits.cpu_seconds, limits.wall_seconds)
        self._lock = threading.Lock()  # of kill and of the request pipe
        self._ending = threading.Lock()  # no signal once the process is reaped: its id is free
        self._changed, self._change = os.pipe()
        self._warden = threading.Thread(target=self._watch, name="sandbox-watch", daemon=True)
        self._warden.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, what: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.kill()

    def fileno(self) -> int:
        """A descriptor for ``select``: readable once the process has ended; -1 after kill."""
        return self._tree.pidfd

    def alive(self) -> bool:
        return self.exit_code is None and not self._tree.ended()

    def output(self) -> bytes:
        """stdout and stderr so far, together, at most ``limits.output_bytes``."""
        return bytes(self._said[: self._limits.output_bytes])

    def cpu_seconds(self) -> float:
        """CPU time of every process inside so far, bubblewrap's included.

        From the cgroup; without one, of the processes that ``/proc`` shows below ours and their
        waited-for children (a process that ended unwaited-for drops out until the end).
        """
        if self.exit_code is None and self._tree.pidfd >= 0:
            counted = self._group.cpu_seconds() if self._group else None
            self._cpu = max(self._cpu, cpu_of_tree(self._tree.pid) if counted is None else counted)
        return round(self._cpu, 4)

    def memory_peak(self) -> int:
        """Most memory held at once, bytes: of all inside together, from the cgroup; without one,
        the most that was seen in looks at ``/proc``, or the largest process if that is more."""
        if self.exit_code is None and self._group is not None:
            self._peak = max(self._peak, self._group.memory_peak() or 0)
        return self._peak

    def oom_killed(self) -> bool:
        """Was a process inside killed for want of memory: by the kernel, or without a cgroup by
        us?"""
        if self.exit_code is None and self._group is not None:
            self._oom = max(self._oom, self._group.oom_kills())
        return self._oom > 0 or self.over == "oom"

    def allow(self, cpu_seconds: float, wall_seconds: float) -> None:
        """Deadlines anew, counted from now: for the next job of a process that serves many.
        (The limit inside on each process stays what ``limits.cpu_seconds`` was at the start.)"""
        self._due = Deadline(self._tree.pid, self.cpu_seconds() + cpu_seconds, wall_seconds)
        with suppress(OSError):
            os.write(self._change, b"!")

    def close_requests(self) -> None:
        """End of the requests: the process inside reads to their end."""
        with self._lock:
            if self.requests >= 0:
                os.close(self.requests)
                self.requests = -1

    def wait(self) -> int:
        """Wait for the end, its own or by a limit, then clear away; the exit code."""
        self._warden.join()
        self.kill()
        return self.exit_code if self.exit_code is not None else -1

    def kill(self) -> None:
        """End everything inside and clear away; may be called again. An error if something
        inside will not end."""
        with self._lock:
            if self._tree.pidfd < 0:
                return
            with self._held:  # its group removed, its user given back, whatever happens
                with self._ending:
                    self._tree.kill()
                    self._sweep()
                    gone = self._tree.wait(_PATIENCE)
                    self._reap()
                self._warden.join()
                self._close()
            if not gone or self._fault is not None:
                raise GroupError("a sandboxed process did not end as it should") from self._fault

    def _close(self) -> None:
        self._tree.close()
        for number in (self.requests, self.replies, self._output, self._changed, self._change):
            if number >= 0:
                os.close(number)
        self.requests = self.replies = self._output = self._changed = self._change = -1

    def _reap(self) -> None:
        self.cpu_seconds()
        self.memory_peak()
        self.oom_killed()
        _, status, used = os.wait4(self._tree.pid, 0)
        self.wall_seconds = round(time.monotonic() - self._started, 3)
        self._cpu = max(self._cpu, used.ru_utime + used.ru_stime)
        if self._uncounted:
            self._peak = max(self._peak, used.ru_maxrss << 10)
        self.exit_code = code = os.waitstatus_to_exitcode(status)
        if self.over is None:
            self.over = _limit_met(code, oom=self._oom > 0)

    def _watch(self) -> None:
        """The warden's thread. What it cannot watch, it ends."""
        try:
            self._guard()
        except Exception as problem:  # whatever it is: nobody would watch any more
            self._fault = problem
            self._end()

    def _end(self) -> None:
        with self._ending:
            if self.exit_code is None:
                self._tree.kill()
                self._tree.wait(_PATIENCE)

    def _guard(self) -> None:
        """Take output and look at the limits, until the end of the process."""
        os.set_blocking(self._output, False)
        poll = select.poll()
        for number in (self._output, self._tree.pidfd, self._changed):
            poll.register(number, select.POLLIN)
        while not self._tree.ended():
            ready = {number for number, _ in poll.poll(self._pause() * 1000)}
            if self._changed in ready:
                os.read(self._changed, 64)
            if self._output in ready and not self._take():
                poll.unregister(self._output)
            if (over := self.over or self._crossed()) is not None:
                self.over = over
                self._end()
        self._sweep()
        while self._take():
            pass
        if self.over is None and len(self._said) > self._limits.output_bytes:
            self.over = "output_limit"

    def _pause(self) -> float:
        """How long no limit can be crossed: all cores together use so much CPU time."""
        due = self._due
        left = (due.cpu_until - self._cpu) / _CORES
        longest = _LONGEST_UNCOUNTED if self._uncounted or self._watched else _LONGEST
        left = min(left, due.left(), longest)
        return max(left, _SHORTEST)

    def _crossed(self) -> End | None:
        if len(self._said) > self._limits.output_bytes:
            return "output_limit"
        files = files_of_tree(self._tree.pid, self._watched) if self._watched else 0
        if files > self._limits.tmp_mb << 20:
            return "oom"
        if self._uncounted:
            held = memory_of_tree(self._tree.pid) + files
            self._peak = max(self._peak, held)
            if held > self._limits.memory_mb << 20:
                return "oom"
        due = self._due
        late = due.late() or self.cpu_seconds() >= due.cpu_until
        return "timeout" if late and due is self._due else None

    def _take(self) -> bool:
        """Take one piece of output; False when there is none (left)."""
        try:
            piece = os.read(self._output, 65_536)
        except BlockingIOError:
            return not self._tree.ended()
        if len(self._said) <= self._limits.output_bytes:
            self._said += piece
        return bool(piece)


def _limit_met(code: int, *, oom: bool) -> End | None:
    """Which limit an exit code tells of: the shell inside gives 128 + n for signal n."""
    if oom and code in (128 + signal.SIGKILL, -signal.SIGKILL):
        return "oom"
    if code == 128 + signal.SIGXCPU:
        return "timeout"
    return "output_limit" if code == 128 + signal.SIGXFSZ else None
