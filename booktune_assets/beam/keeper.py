"""Keep one command: wait for it and for everything it leaves behind, and end all with it.

Belongs here: a program of its own, started between us and the command on the rungs that have no
pid namespace to end; with the standard library alone. It may make the command give up root and,
by Landlock and seccomp, its rights. Does not: what is prepared before (``landlock.py``,
``runsc.py``).

It stays root where we are, so the command cannot touch it; orphans become its children; when the
command ends, or when our process dies, it kills and reaps them all.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["ABI_LEAST", "line", "main", "version"]

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on all machines
_NO_NEW_PRIVS, _SET_SECCOMP, _PARENT_DEATH, _SUBREAPER, _FILTER = 38, 22, 1, 36, 2
_RUN, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
ABI_LEAST = 3  # the first that guards truncation (Linux 6.2)
_RIGHTS = {3: 15, 4: 15, 5: 16}  # of files: how many the version of Landlock knows
_SOCKETS_SINCE, _SCOPES_SINCE = 4, 6


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def version() -> int:
    """Landlock's version in this kernel; 0 where it is absent or switched off."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, libc.syscall(_CREATE, None, ctypes.c_size_t(0), 1))


def _called(code: int, what: str) -> int:
    if code < 0:
        raise OSError(ctypes.get_errno(), what)
    return code


def _restrict(libc: ctypes.CDLL, readable: list[str], writable: list[str]) -> None:
    """No file but what is beneath these; no TCP; no signals or abstract sockets to others."""
    abi = version()
    every = (1 << _RIGHTS.get(abi, 16)) - 1
    rules = _Ruleset(every, 3 if abi >= _SOCKETS_SINCE else 0, 3 if abi >= _SCOPES_SINCE else 0)
    size = 24 if abi >= _SCOPES_SINCE else 16 if abi >= _SOCKETS_SINCE else 8
    ruleset = _called(
        libc.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0), "landlock ruleset"
    )
    reading = _RUN | _READ | _LIST
    for path, rights in [(p, reading) for p in readable] + [(p, every & ~_RUN) for p in writable]:
        try:
            parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _RUN | _READ | _WRITE
        rule = _Beneath(rights, parent)
        _called(libc.syscall(_ADD, ruleset, 1, ctypes.byref(rule), 0), f"landlock rule of {path}")
        os.close(parent)
    _called(libc.syscall(_RESTRICT, ruleset, 0), "landlock")
    os.close(ruleset)


def _filter(libc: ctypes.CDLL, code: bytes) -> None:
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _called(libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0), "seccomp")


def line(command: list[str], environment: dict[str, str], **more: object) -> list[str]:
    """The command line that keeps ``command``; ``more``: ``user``, ``cwd``, and for Landlock
    ``readable``, ``writable`` and ``filter`` (a descriptor)."""
    asked = json.dumps(
        {"command": command, "environment": environment, "parent": os.getpid(), **more}
    )
    return [sys.executable, "-I", "-S", __file__, asked]


def _die_with(libc: ctypes.CDLL, parent: int, number: int) -> None:
    """Have this signal sent when the parent ends; end now if it has already."""
    _called(libc.prctl(_PARENT_DEATH, int(number), 0, 0, 0), "parent death signal")
    if os.getppid() != parent:
        raise OSError("the parent has ended")


def _become(libc: ctypes.CDLL, asked: dict[str, Any], keeper: int) -> None:
    """Give up root, then rights, then become the command."""
    code = os.pread(asked["filter"], 1 << 16, 0) if "filter" in asked else b""
    if (user := asked["user"]) is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _die_with(libc, keeper, signal.SIGKILL)
    _called(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # ignored by Python, and so by its children
        signal.signal(number, signal.SIG_DFL)
    os.chdir(asked["cwd"])
    if "readable" in asked:
        os.close(asked["filter"])
        _restrict(libc, asked["readable"], asked["writable"])
        _filter(libc, code)
    os.execve(asked["command"][0], asked["command"], asked["environment"])


def _end_all() -> None:
    """Kill and reap until no child is left; orphans of the killed come to us in turn."""
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        for number in map(int, own.read_bytes().split()):
            os.kill(number, signal.SIGKILL)
        time.sleep(0.002)


def _told_to_end(_number: int, _frame: object) -> None:
    # said once for each thread of the parent that dies: a second word must not stop the ending
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(128 + signal.SIGTERM)


def main() -> None:
    """Any failure before the command is started ends with its words and code 125."""
    asked = json.loads(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    signal.signal(signal.SIGTERM, _told_to_end)
    _called(libc.prctl(_SUBREAPER, 1, 0, 0, 0), "subreaper")
    _die_with(libc, asked["parent"], signal.SIGTERM)
    keeper = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            _become(libc, asked, keeper)
        except OSError as problem:
            os.write(2, f"{problem}\n".encode())
        os._exit(125)
    try:
        for number in (0, 1, *range(3, 256)):  # pipes end when the command's side ends
            with suppress(OSError):
                os.close(number)
        while (ended := os.wait())[0] != child:
            pass
        code = os.waitstatus_to_exitcode(ended[1])
    finally:
        _end_all()
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
