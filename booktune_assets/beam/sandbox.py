"""Run untrusted input: no network, no files of ours, bounded, then gone.

Belongs here: starting one process in a sandbox, for long (:func:`start`) or to its end
(:func:`run`). Does not: which isolation holds here (``ladder.py``), the process while it lives
(``live.py``), what is run (``runner.py``), what an output means.

Inside there is a read-only ``/usr``, an empty ``/tmp`` in memory, no ``/proc``, no ``/etc`` but the
linker's cache, no network, another user. Nothing is ever run without a sandbox.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from booktune_assets.beam import cgroups, seccomp
from booktune_assets.beam.ladder import Probe, Rung, first_that_works, missing
from booktune_assets.beam.limits import JOB, End, Limits
from booktune_assets.beam.live import Live
from booktune_assets.beam.orders import Order
from booktune_assets.beam.processes import own_user, spawn

__all__ = ["JOB", "Limits", "Live", "Probe", "Ran", "probe", "run", "start"]

# A rung that shows a file of ours, or lets one be made, is no sandbox.
_TRIAL = """\
if (: </etc/passwd) 2>&-; then echo "shows files of ours" >&2; exit 3; fi
if (: >/usr/booktune) 2>&-; then echo "lets files be written" >&2; exit 3; fi
echo well
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run. ``exit_code`` is the shell's: 128 + n for a signal n. ``memory_peak``
    in bytes."""

    end: End
    exit_code: int
    output: bytes
    reply: bytes
    cpu_seconds: float
    wall_seconds: float
    memory_peak: int = 0


@lru_cache(maxsize=1)
def probe() -> Probe:
    """Which rung of the ladder holds here; tried with a real (empty) command."""
    filtered = seccomp.missing()
    notes = (
        cgroups.find().reason,
        f"no filter of system calls: {filtered}" if filtered else "system calls are filtered",
    )
    return first_that_works(_says, notes)


def start(
    command: Sequence[str],
    files: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    *,
    read_only: Sequence[Path] = (),
) -> Live:
    """Start a command with ``files`` under ``/job``; raises NO_SANDBOX rather than start it bare.

    Inside, ``BOOKTUNE_REQUEST_FD`` and ``BOOKTUNE_REPLY_FD`` name the descriptors of its pipes,
    ``BOOKTUNE_JOB`` the folder of its files, and stdin is empty.
    ``read_only`` folders are shown at their own place (a toolchain outside of ``/usr``).
    """
    return _start(_rung(), command, files or {}, limits or Limits(), read_only, None)


def run(
    command: Sequence[str],
    files: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    *,
    stdin: str = "",
    read_only: Sequence[Path] = (),
) -> Ran:
    """Run a command to its end, as :func:`start` does, with ``stdin`` to read.

    What it writes to the descriptor that ``BOOKTUNE_REPLY_FD`` names comes back as ``reply``,
    apart from its output.
    """
    return _run(_rung(), command, files or {}, limits or Limits(), read_only, stdin)


def _run(
    rung: Rung, command: Sequence[str], files: Mapping[str, str], limits: Limits,
    read_only: Sequence[Path], stdin: str,
) -> Ran:  # fmt: skip
    with _start(rung, command, files, limits, read_only, stdin) as live:
        live.close_requests()
        reply = bytearray()
        while len(reply) <= limits.reply_bytes and (piece := os.read(live.replies, 65_536)):
            reply += piece
        if flood := len(reply) > limits.reply_bytes:
            live.kill()
        code = live.wait()
        end = live.over or ("output_limit" if flood else "exited")
        return Ran(
            end, code, live.output(), bytes(reply[: limits.reply_bytes]),
            round(live.cpu_seconds(), 3), live.wall_seconds, live.memory_peak(),
        )  # fmt: skip


def _says(rung: Rung) -> str:
    """What is wrong with a rung; empty where it works."""
    try:
        ran = _run(rung, ["sh", "-c", _TRIAL], {}, Limits(5, 30.0), (), "")
    except OSError as problem:
        return str(problem)
    if ran.exit_code == 0 and ran.output == b"well\n":
        return ""
    said = ran.output.decode("utf-8", "replace").strip()
    return said or f"exit code {ran.exit_code}, {ran.end}"


def _rung() -> Rung:
    found = probe()
    if found.rung is None:
        raise missing(found)
    return found.rung


def _start(
    rung: Rung, command: Sequence[str], files: Mapping[str, str], limits: Limits,
    read_only: Sequence[Path], stdin: str | None,
) -> Live:  # fmt: skip
    """``held`` lasts as long as the process, ``passed`` until it has its copies."""
    with ExitStack() as held, ExitStack() as passed:
        user = held.enter_context(own_user())
        found = cgroups.find()
        group = None
        if found:
            memory = limits.memory_mb + rung.own_memory_mb
            group = cgroups.Group(found, memory, limits.tasks + rung.own_tasks)
            held.callback(group.remove)
        with ExitStack() as ours:  # closed only if it does not start
            request_end, requests = _pipe(passed, ours)
            replies, reply_end = _pipe(ours, passed)
            output, output_end = _pipe(ours, passed)
            order = Order(
                command, files, limits, read_only, stdin, user, found.has("memory"),
                request_end, reply_end, output_end,
            )  # fmt: skip
            ready = rung.prepare(order, passed, held)
            child = spawn(
                ready.argv, group.folders if group else [], ready.user,
                (ready.stdin, ready.stdout, ready.stderr), ready.passed,
            )  # fmt: skip
            child.returncode = 0  # reaped by ``Live``, not by the ``Popen`` object
            pipes = (requests, replies, output)
            live = Live(
                child.pid, pipes, limits, group, ready.sweep, held.pop_all(), ready.watched
            )  # fmt: skip
            ours.pop_all()
        return live


def _pipe(reading_by: ExitStack, writing_by: ExitStack) -> tuple[int, int]:
    """A pipe whose ends are closed with these stacks: (read, write)."""
    reading, writing = os.pipe()
    reading_by.callback(os.close, reading)
    writing_by.callback(os.close, writing)
    return reading, writing
