"""Give up rights by Landlock, then become a command. Started as a program, never imported by it.

Belongs here: what happens between root and the command, with the standard library alone. Does not:
what is prepared before (``landlock.py``).
"""

from __future__ import annotations

import ctypes
import json
import os
import stat
import sys

__all__ = ["ABI_LEAST", "main", "version"]

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on all machines
_NO_NEW_PRIVS, _SET_SECCOMP, _SET_PDEATHSIG, _FILTER = 38, 22, 1, 2
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


def main() -> None:
    """Give up root, then rights, then become the command. Any failure ends the process."""
    asked = json.loads(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    code = os.pread(asked["filter"], 1 << 16, 0)
    os.close(asked["filter"])
    user = asked["user"]
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    _called(libc.prctl(_SET_PDEATHSIG, 9, 0, 0, 0), "pdeathsig")
    _called(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    os.chdir(asked["cwd"])
    _restrict(libc, asked["readable"], asked["writable"])
    _filter(libc, code)
    os.execve(asked["command"][0], asked["command"], asked["environment"])


if __name__ == "__main__":
    main()
