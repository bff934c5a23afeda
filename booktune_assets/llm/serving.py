"""Model servers: somebody else's, and our own in a child process.

Belongs here: finding a port, starting, waiting until it answers, starting again, ending. Does not:
which command serves what (``engines.py``), calls (``loop.py``).

A server of ours listens on loopback only, wants a key that nobody else knows, writes a log that is
kept, and ends with this process however that ends (``guard.py``).
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from booktune_assets import progress
from booktune_assets.errors import BooktuneError, Code, ServiceDown
from booktune_assets.llm import guard as guard_module
from booktune_assets.llm.bears import bears_seeds
from booktune_assets.llm.loop import Address

__all__ = ["Command", "Remote", "Served"]

STARTS_MAX = 4  # the first, and three more after it died
LAST_LINES = 30
END = 15.0  # seconds that the guard gets to end everything


class Remote:
    """A server that runs without us. ``seeds`` as :class:`Llm` has it."""

    def __init__(self, base_url: str, key: str, seeds: str = "auto") -> None:
        self.label = base_url.rstrip("/")
        self._key, self._seeds = key, seeds

    def start(self) -> Address:
        """Where it is, and what it bears; nothing is started."""
        bears = self._seeds == "always"
        if self._seeds == "auto":
            bears = bears_seeds(self.label, self._key)
        return Address(self.label, self._key, bears)

    def lives(self) -> bool:
        """Not ours to start again."""
        return True

    def settle(self) -> None:
        """Nothing is known of it but what it answers."""

    def close(self) -> None:
        """Nothing to end."""


@dataclass(frozen=True, slots=True)
class Command:
    """How a server of ours is started. ``line(port)`` is its command line.

    ``seeds``: it bears requests with a seed of their own.
    """

    line: Callable[[int], list[str]]
    environment: Mapping[str, str]
    key_variable: str  # the environment variable in which it takes its key
    seeds: bool = True


class Served:
    """Our own server: started by the first call, started again when it died, ended by ``close``."""

    def __init__(self, label: str, make: Callable[[], Command], log: Path, seconds: float) -> None:
        self.label = label
        self.log = log
        self._make, self._seconds = make, seconds  # made late: it may convert a model
        self._key = secrets.token_urlsafe(24)
        self._guard: subprocess.Popen[bytes] | None = None
        self._address: Address | None = None
        self._starts = 0
        self._closed = False
        self._lock = threading.Lock()

    def start(self) -> Address:
        """The address of the running server; starts it when it does not run.

        Raises ``BooktuneError(CHILD_FAILED)`` with the log's last lines when it ends before it
        answers, ``ServiceDown`` when it keeps dying or takes longer than its time.
        """
        with self._lock:
            if self._address is not None and self.lives():
                return self._address
            if self._starts >= STARTS_MAX:
                raise ServiceDown(
                    Code.MODEL_SERVICE,
                    f"It died {self._starts} times. Its last lines:\n{self._last_lines()}",
                    service=self.label,
                    log=self.log,
                )
            self._end()
            self._starts += 1
            self._address = self._started()
            return self._address

    def lives(self) -> bool:
        """Has it not been started, or does it run?"""
        return self._guard is None or self._guard.poll() is None

    def settle(self) -> None:
        """Wait until it answers or has ended, after a connection that broke; not for ever."""
        address, limit = self._address, time.monotonic() + END
        while address is not None and self.lives() and not self._closed:
            if _answers(address) or time.monotonic() > limit:
                return
            time.sleep(0.1)

    @property
    def pid(self) -> int | None:
        """Of the server itself; None when it does not run."""
        if self._guard is None:
            return None
        with suppress(OSError):
            path = Path(f"/proc/{self._guard.pid}/task/{self._guard.pid}/children")
            first = path.read_text().split()
            return int(first[0]) if first else None
        return None

    def close(self) -> None:
        """End it, with all that it started."""
        self._closed = True
        with self._lock:
            self._end()

    def _started(self) -> Address:
        command, port = self._make(), _free_port()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            log.write(f"--- {self.label}, start {self._starts}\n".encode())
        environment = {
            **os.environ,
            "HF_HUB_OFFLINE": "1",
            **command.environment,
            command.key_variable: self._key,
        }
        guard = [sys.executable, "-I", guard_module.__file__, str(self.log)]
        self._guard = subprocess.Popen(
            [*guard, *command.line(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=self.log.parent,
            start_new_session=True,
        )
        address = Address(f"http://127.0.0.1:{port}/v1", self._key, command.seeds)
        self._wait(address)
        return address

    def _wait(self, address: Address) -> None:
        began = time.monotonic()
        while not _answers(address):
            spent = time.monotonic() - began
            if self._closed:
                raise ServiceDown(Code.MODEL_SERVICE, "It was ended", service=self.label)
            if not self.lives():
                raise BooktuneError(
                    Code.CHILD_FAILED,
                    f"It ended before it answered. Its last lines:\n{self._last_lines()}",
                    service=self.label,
                    log=self.log,
                )
            if spent > self._seconds:
                self._end()
                raise ServiceDown(
                    Code.MODEL_SERVICE,
                    f"It did not answer within {self._seconds:.0f} s (llm.start_seconds). Its last "
                    f"lines:\n{self._last_lines()}",
                    service=self.label,
                    log=self.log,
                )
            progress.advance(f"starting {self.label}", 0, 0, f"{spent:.0f} s")
            time.sleep(0.5)

    def _end(self) -> None:
        guard, self._guard = self._guard, None
        if guard is None:
            return
        assert guard.stdin is not None
        guard.stdin.close()  # what a dead parent looks like
        try:
            guard.wait(END)
        except subprocess.TimeoutExpired:
            guard.kill()
            guard.wait()

    def _last_lines(self) -> str:
        with suppress(OSError), self.log.open(encoding="utf-8", errors="replace") as log:
            return "".join(deque(log, LAST_LINES)).strip() or "(it said nothing)"
        return "(no log)"


def _answers(address: Address) -> bool:
    headers = {"Authorization": f"Bearer {address.key}"}
    asked = urllib.request.Request(f"{address.base_url}/models", headers=headers)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(asked, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
