"""Landlock: a process that gives up its rights, where no namespaces can be had. The weakest rung.

Belongs here: what is prepared for such a process, and sweeping what it left. Does not: giving up
the rights (``keeper.py``), which rung holds (``ladder.py``).

It holds: no file but the toolchain and its own folder is opened, nothing outside of that folder is
written, no socket but local ones, no signal to others, another user, no new rights. It does not:
names and dates of files everywhere can be asked for, processes share our table, there is no mount
of its own, and a command's processes are ended by ``keeper.py`` and swept by user.
"""

from __future__ import annotations

import os
import re
import signal
import time
from contextlib import ExitStack, suppress

from booktune_assets.beam import keeper, seccomp
from booktune_assets.beam.limits import JOB, JOB_FOLDER, REPLY_FD, REQUEST_FD
from booktune_assets.beam.orders import Order, Prepared, environment, folder, memory_file
from booktune_assets.beam.processes import own_user_missing, owned_by

__all__ = ["missing", "prepare"]

_READABLE = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives",
    "/dev/random", "/dev/urandom",
)  # fmt: skip
_JOB_NAMED = re.compile(rf"(?<![\w./-]){JOB}(?![\w.-])")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full")
_SWEEPS, _PAUSE = 2_000, 0.005  # looks for left-behind processes, and seconds between them


def missing() -> str:
    """Why this rung cannot hold here; empty where it can."""
    if (abi := keeper.version()) < keeper.ABI_LEAST:
        return f"the kernel's Landlock has version {abi}, {keeper.ABI_LEAST} is needed"
    # without the filter, UDP and shared memory of other processes would stand open
    return own_user_missing() or seccomp.missing()


def prepare(order: Order, passed: ExitStack, held: ExitStack) -> Prepared:
    if order.user is None:
        raise OSError("Landlock is used only with a user of its own for each sandbox")
    place = folder(order, held)
    (place / "tmp").mkdir()
    os.chown(place / "tmp", order.user, order.user)
    job = str(place / "job")
    ends = {REQUEST_FD: str(order.requests), REPLY_FD: str(order.replies), JOB_FOLDER: job}
    # its size has no limit of its own: a cgroup counts memory, else it is looked at
    counted = order.grouped and place.is_relative_to("/dev/shm")
    number = memory_file(seccomp.filter_bytes(internet=False), passed)
    tmp = str(place / "tmp")
    argv = keeper.line(
        [_elsewhere(word, job) for word in order.bounded()],
        environment(tmp, TMPDIR=tmp, **ends),
        user=order.user, cwd=tmp, filter=number,
        readable=[*_READABLE, *map(str, order.read_only), job, tmp],
        writable=[*_DEVICES, tmp],
    )  # fmt: skip
    user = order.user
    return Prepared(
        argv, [order.requests, order.replies, number], order.stdin_file(passed), order.output,
        order.output, None, lambda: _sweep(user), None if counted else place / "tmp",
    )  # fmt: skip


def _elsewhere(word: str, job: str) -> str:
    """A word of the command with the folder's true place wherever it names files of the job."""
    return _JOB_NAMED.sub(lambda _: job, word)


def _sweep(user: int) -> None:
    """End all processes of this sandbox's user; they cannot outrun RLIMIT_NPROC."""
    for _ in range(_SWEEPS):
        left = owned_by(user)
        if not left:
            return
        for number in left:  # all stand still before one is killed: none forks in between
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGSTOP)
        for number in left:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(_PAUSE)
    raise OSError(f"processes of user {user} do not end")
