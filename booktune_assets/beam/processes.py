"""Starting, watching and ending processes from outside, by what the kernel says of them.

Belongs here: the thread that starts children, trees of processes out of ``/proc``, descriptors of
processes, users of their own. Does not: sandboxes, limits.

Children are started by one thread that lives as long as this process: ``--die-with-parent`` means
the *thread* that started a child, and a worker thread of a pool may end long before its child.
Nothing runs in Python between fork and exec, so that threads and large parents do no harm.
"""

from __future__ import annotations

import os
import select
import signal
import stat
import subprocess
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from booktune_assets.beam.limits import CLEAN, NOBODY

__all__ = [
    "Tree",
    "cpu_of_tree",
    "files_of_tree",
    "memory_of_tree",
    "own_user",
    "own_user_missing",
    "owned_by",
    "spawn",
]

_TICK, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
_FIRST_USER, _USERS_EACH = 1_879_048_192, 64  # a range no system hands out; 64 for each process id
# Enters the groups named, gives up root if asked, becomes the command: the process id stays.
_ENTER = (
    'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 >"$1" || exit 125; shift; n=$((n-1)); done; '
    'if [ "$1" = - ]; then shift; exec "$@"; fi; u=$1; shift; '
    'exec setpriv --reuid "$u" --regid "$u" --clear-groups --no-new-privs -- "$@"'
)
_GRACE = 2.0  # seconds in which a tool ends by itself after what it watches over
_lock = threading.Lock()
_starter: tuple[int, ThreadPoolExecutor] | None = None
_users: tuple[int, set[int]] = (0, set())


def spawn(
    argv: Sequence[str], groups: Sequence[Path], user: int | None,
    standard: tuple[int, int, int], passed: Sequence[int],
) -> subprocess.Popen[bytes]:  # fmt: skip
    """Start a command in these groups as this user, with an empty environment.

    ``standard`` are its stdin, stdout and stderr; ``passed`` descriptors keep their numbers.
    """
    entries = [str(folder / "cgroup.procs") for folder in groups]
    who = "-" if user is None else str(user)
    line = ["/bin/sh", "-c", _ENTER, "sh", str(len(entries)), *entries, who, *argv]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            line, env=CLEAN, cwd="/", stdin=standard[0], stdout=standard[1], stderr=standard[2],
            pass_fds=passed, start_new_session=True,
        )  # fmt: skip

    return _in_lasting_thread(start)


def _in_lasting_thread(
    start: Callable[[], subprocess.Popen[bytes]],
) -> subprocess.Popen[bytes]:
    global _starter
    with _lock:
        if _starter is None or _starter[0] != os.getpid():  # threads do not survive a fork
            _starter = os.getpid(), ThreadPoolExecutor(1, thread_name_prefix="sandbox-start")
        pool = _starter[1]
    return pool.submit(start).result()


@contextmanager
def own_user() -> Generator[int | None]:
    """A user that nobody else has while this lasts; None where we are not root.

    One user for each sandbox makes RLIMIT_NPROC count that sandbox alone. ``NOBODY`` where such
    users do not exist (a container with few mapped ids) or all are taken.
    """
    global _users
    if os.geteuid() != 0:
        yield None
        return
    first = _FIRST_USER + os.getpid() * _USERS_EACH
    with _lock:
        if _users[0] != os.getpid():
            _users = os.getpid(), set()
        taken = _users[1]
        free = (number for number in range(_USERS_EACH) if number not in taken)
        slot = next(free, None) if not own_user_missing() else None
        if slot is not None:
            taken.add(slot)
    try:
        yield NOBODY if slot is None else first + slot
    finally:
        if slot is not None:
            taken.discard(slot)


def own_user_missing() -> str:
    """Why a sandbox cannot have a user of its own here; empty where it can."""
    if os.geteuid() != 0:
        return "only root can give each sandbox a user of its own"
    last = _FIRST_USER + (os.getpid() + 1) * _USERS_EACH
    return "" if _mapped(last) else "this container maps too few user ids"


def owned_by(user: int) -> list[int]:
    """Living processes of a user. (Who owns the entry in ``/proc`` is not asked: a process can make
    that root.)"""
    found: list[int] = []
    mark = b"\nUid:\t%d\t" % user
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            status = (entry / "status").read_bytes() if entry.name.isdecimal() else b""
            if mark in status and b"\nState:\tZ" not in status:
                found.append(int(entry.name))
    return found


def _mapped(user: int) -> bool:
    try:
        lines = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    except OSError:
        return False
    spans = [[int(field) for field in line.split()] for line in lines]
    return any(first <= user < first + count for first, _, count in spans)


class Tree:
    """A child and all that it started, as far as ``/proc`` shows it. Not reaped by this class."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.pidfd = os.pidfd_open(pid)  # readable once the child has ended
        self._below: list[int] = []  # of its direct children, opened before they were killed

    def ended(self) -> bool:
        return _readable(self.pidfd, 0.0)

    def kill(self) -> None:
        """SIGKILL to all. The first process of a pid namespace takes the namespace with it, and
        is only over when everything in it is: see :meth:`wait`."""
        for number in _children(self.pid):
            with suppress(OSError):
                self._below.append(os.pidfd_open(number))
        for number in descendants(self.pid):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        if self._below and _readable(self.pidfd, _GRACE):
            return  # it saw its child end and took its remains away
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def wait(self, seconds: float) -> bool:
        """Wait until the child, and children seen by :meth:`kill`, have ended; False if not."""
        return all(_readable(number, seconds) for number in (self.pidfd, *self._below))

    def close(self) -> None:
        for number in (self.pidfd, *self._below):
            os.close(number)
        self.pidfd, self._below = -1, []


def descendants(pid: int) -> list[int]:
    """Processes below one, parents first. Orphans of a pid namespace hang below its first."""
    found = _children(pid)
    for number in found:  # grows while it is read
        found += _children(number)
    return found


def cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process, its waited-for children and all that live below it now."""
    total = 0
    for number in (pid, *descendants(pid)):
        with suppress(OSError):
            stat = Path(f"/proc/{number}/stat").read_bytes()
            total += sum(int(field) for field in stat.rpartition(b")")[2].split()[11:15])
    return total / _TICK


def waited_of_tree(pid: int) -> float:
    """Seconds for which the threads of a process and of all that live below it had something to do
    and no processor; 0 where the kernel does not count it."""
    total = 0
    for number in (pid, *descendants(pid)):
        with suppress(OSError):
            for task in Path(f"/proc/{number}/task").iterdir():
                with suppress(OSError, IndexError, ValueError):
                    total += int((task / "schedstat").read_bytes().split()[1])
    return total / 1e9


def memory_of_tree(pid: int) -> int:
    """Resident bytes of a process and all that live below it; shared pages count for each."""
    pages = 0
    for number in (pid, *descendants(pid)):
        with suppress(OSError, IndexError):
            pages += int(Path(f"/proc/{number}/statm").read_bytes().split()[1])
    return pages * _PAGE


def files_of_tree(pid: int, folder: Path) -> int:
    """Bytes on disk or in memory of the files below a folder, and of files without a name that a
    process or one below it holds open."""
    seen: dict[tuple[int, int], int] = {}

    def count(file: Path, *, nameless: bool) -> None:
        with suppress(OSError):
            about = file.stat() if nameless else file.lstat()
            if stat.S_ISREG(about.st_mode) and (about.st_nlink == 0 or not nameless):
                seen[about.st_dev, about.st_ino] = about.st_blocks * 512

    for place, _, names in os.walk(folder):
        for name in names:
            count(Path(place, name), nameless=False)
    for number in descendants(pid):
        with suppress(OSError):
            for descriptor in Path(f"/proc/{number}/fd").iterdir():
                count(descriptor, nameless=True)
    return sum(seen.values())


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += map(int, (task / "children").read_bytes().split())
    return found


def _readable(number: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
