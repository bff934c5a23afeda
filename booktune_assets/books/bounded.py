"""The parent's side of the reading child: one per thread, used for book after book.

Belongs here: starting the child, asking it, ending it in time, its death as an error. Does not:
what it does (``worker.py``).

One child per thread, because the kernel's parent-death signal follows the thread that started it.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from booktune_assets.books.framing import receive, send
from booktune_assets.books.scratch import ScratchFile
from booktune_assets.errors import BookError, BooktuneError, Code, MissingPrerequisite

if TYPE_CHECKING:
    from booktune_assets.books.keeping import Drawers

__all__ = ["ask", "begin", "close"]

_MODULE = "booktune_assets.books.worker"
_WALL = 4.0  # the clock may run this many times longer than the CPU: the machine may be busy
_REST_MB = 600  # a child that has grown this large is replaced after its answer
_REST_SHARE = 0.5  # of the memory limit that may stay mapped
_ON_THE_WAY = "PDFQS"  # kinds of messages that are not the end of an answer
_local = threading.local()


def ask(
    task: dict[str, Any], *, seconds: float, memory_mb: int,
    progress: Callable[[int, int], None] | None = None, drawers: Drawers | None = None,
    take: Callable[[bytes], None] | None = None,
) -> bytes:  # fmt: skip
    """The child's answer. Raises ``BookError`` when it reports one, dies, or takes too long.

    Files that it hands out on the way, or asks for, go to and come from ``drawers``; what it tells
    before the end of its answer goes to ``take``.
    """
    message = json.dumps({**task, "seconds": seconds, "memory_mb": memory_mb}).encode()
    child = _handed(message)
    deadline = time.monotonic() + _WALL * seconds + 20
    ended = False  # else the child is in the middle of an answer that nobody waits for
    try:
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([_pipe(child.stdout)], [], [], min(left, 5.0))[0]:
                continue
            answer = receive(_pipe(child.stdout))
            if answer is None:
                raise _died(child)
            kind, body = answer
            ended = kind not in _ON_THE_WAY
            if ended and _grown(child, memory_mb):
                close()
            if kind == "E":
                raise _reported(json.loads(body))
            if ended:
                return body
            if kind == "D" and take is not None:
                take(body)
            elif kind == "P" and progress is not None:
                progress(*json.loads(body))
            elif kind in "FQS":
                _serve(child, kind, body, drawers)
        raise BookError(Code.TOO_SLOW, _SLOW, seconds=round(_WALL * seconds + 20))
    finally:
        if not ended:
            close()
        elif (scratch := _scratch()) is not None:
            scratch.clear()


def _handed(message: bytes) -> subprocess.Popen[bytes]:
    """A child that has taken the task; one that died while it was idle is replaced once."""
    for _ in range(2):
        child = _child()
        with suppress(OSError):
            send(_pipe(child.stdin), "T", message)
            if receive(_pipe(child.stdout)) is not None:
                return child
        close()
    raise BookError(Code.READER_CRASHED, "The reading child cannot be started; run booktune doctor")


def _serve(
    child: subprocess.Popen[bytes], kind: str, body: bytes, drawers: Drawers | None
) -> None:  # fmt: skip
    """Keep a file of the child's, or what it puts by, or answer its question for a file."""
    if kind == "F":
        name, _, data = body.partition(b"\0")
        if drawers is not None:
            drawers.give(name.decode("ascii", "replace"), data)
        return
    if kind == "S":
        scratch = _scratch()
        wanted = b"kept" if scratch is not None and scratch.keep(body) else b""
    else:
        wanted = drawers.want(body.decode("ascii", "replace")) if drawers is not None else b""
    with suppress(OSError):  # a child that died meanwhile is noticed by the reader of its answers
        send(_pipe(child.stdin), "K", wanted)


_SLOW = "Raise reading.seconds_per_book if you trust the file, or take the book apart"


def begin() -> None:
    """Start this thread's child, which loads its readers while the parent does something else."""
    _child()


def close() -> None:
    """End this thread's child, if there is one."""
    child: subprocess.Popen[bytes] | None = getattr(_local, "child", None)
    scratch = _scratch()
    _local.child = _local.scratch = None
    if scratch is not None:
        scratch.close()
    if child is None:
        return
    with suppress(OSError):
        child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def _scratch() -> ScratchFile | None:
    """Where this thread's child puts by what it does not want to hold."""
    return getattr(_local, "scratch", None)


atexit.register(close)  # who runs this process waits for both, and sees what both took


def _child() -> subprocess.Popen[bytes]:
    child: subprocess.Popen[bytes] | None = getattr(_local, "child", None)
    if child is None or child.poll() is not None or _local.parent != os.getpid():
        if (old := _scratch()) is not None:
            old.close()
        _local.scratch = scratch = ScratchFile()
        child = subprocess.Popen(
            [sys.executable, "-m", _MODULE, str(os.getpid()), str(scratch.reading)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            pass_fds=[scratch.reading] if scratch.reading >= 0 else [],
            cwd="/", env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )  # fmt: skip
        _local.child, _local.parent = child, os.getpid()
    return child


def _pipe(pipe: Any) -> BinaryIO:
    return _Whole(pipe)  # type: ignore[return-value]


class _Whole:
    """An unbuffered pipe that reads as much as it is asked for, so that ``select`` tells true."""

    def __init__(self, pipe: Any) -> None:
        self.pipe = pipe

    def fileno(self) -> int:
        return int(self.pipe.fileno())

    def read(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0:
            part = self.pipe.read(min(size, 1 << 20))
            if not part:
                break
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self.pipe.write(view) :]

    def flush(self) -> None:
        self.pipe.flush()


def _died(child: subprocess.Popen[bytes]) -> BookError:
    code = child.wait()
    close()
    if code == -signal.SIGXCPU:
        return BookError(Code.TOO_SLOW, _SLOW)
    return BookError(
        Code.READER_CRASHED, "Raise reading.memory_mb if the book is huge, else report the file",
        exit=code,
    )  # fmt: skip


def _reported(problem: dict[str, Any]) -> BooktuneError:
    code = Code(problem["code"])
    if code is Code.MISSING_PROGRAM:
        return MissingPrerequisite(code, problem["remedy"], **problem["where"])
    if code in (Code.TOO_LARGE, Code.READER_CRASHED):
        close()  # its memory may be in pieces
    return BookError(code, problem["remedy"], **problem["where"])


def _grown(child: subprocess.Popen[bytes], memory_mb: int) -> bool:
    """Whether a child holds so much that the next book would find no room: a file may have made a
    library lose what it took.
    """
    with suppress(OSError, ValueError, IndexError):
        with open(f"/proc/{child.pid}/statm", encoding="ascii") as handle:  # noqa: PTH123
            mapped, held = (
                int(pages) * os.sysconf("SC_PAGE_SIZE") >> 20 for pages in handle.read().split()[:2]
            )
        return held > _REST_MB or mapped > _REST_SHARE * memory_mb
    return False
