"""Keeps one server and ends it with all that it started; a small program of its own.

Belongs here: only what has to outlive its parent for a moment. The standard library alone, because
it stays in memory beside a model. Does not: which server, when it is ready (``serving.py``).

    python -I guard.py LOG COMMAND …

Standard input is a pipe from the parent: when it closes, for whatever reason (a kill -9 closes it
too), the server is ended. Servers start workers of their own, which outlive them when they are
killed: the guard is the reaper of all its descendants, finds them as its children, and ends them.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

__all__ = ["main"]

GRACE = 5.0  # seconds between SIGTERM and SIGKILL
_PDEATHSIG, _SUBREAPER = 1, 36


def main() -> int:
    """Until the server has ended or the parent is gone; the server's exit code."""
    log_path, command = sys.argv[1], sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, _leave)
    with Path(log_path).open("ab") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_guard,  # safe here: one thread, so nothing can hang before exec
        )
    try:
        while server.poll() is None:
            ready, _, _ = select.select([sys.stdin], [], [], 0.2)
            if ready and not os.read(0, 1):
                break
    finally:
        _end(server)
    return server.returncode or 0


def _leave(number: int, frame: object) -> None:
    sys.exit(128 + number)


def _die_with_guard() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _end(server: subprocess.Popen[bytes]) -> None:
    """SIGTERM, a moment, SIGKILL: the server's group, then whatever came to us."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(server.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        server.wait(GRACE)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    limit = time.monotonic() + GRACE
    while (left := _children()) and time.monotonic() < limit:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.02)


def _children() -> list[int]:
    """Children of this process: orphans of the server among them."""
    found: list[int] = []
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            found += [int(pid) for pid in path.read_text().split()]
    return found


if __name__ == "__main__":
    sys.exit(main())
