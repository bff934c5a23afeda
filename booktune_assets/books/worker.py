"""The child that opens books: ``python -m booktune_assets.books.worker``.

Belongs here: the child's loop, its limits. Does not: the parent's side
(``bounded.py``), Polars, settings: it has to start in a few hundredths of a second.

Messages are framed by ``framing.py``. Kinds: ``T`` task (JSON), ``A`` accepted, ``P`` progress,
``D`` rows of the result (JSON), ``R`` the rest of it, ``B`` bytes, ``E`` error (JSON), ``F`` a file
for the parent to keep (name, NUL, bytes), ``Q`` the name of a file that the parent may have, to
which it answers with ``K`` and the bytes, ``S`` bytes to put by, answered with ``K`` and a word
when they were. The child may write no file (RLIMIT_FSIZE 0), dies with its parent, and is stopped
by the kernel when its time or memory is up.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from booktune_assets.books.asciidoc import whole_asciidoc
from booktune_assets.books.blocks import Limits
from booktune_assets.books.desk import PipeDesk
from booktune_assets.books.draw import draw_crop
from booktune_assets.books.formats import parse
from booktune_assets.books.framing import receive, send
from booktune_assets.books.scratch import Spilled
from booktune_assets.errors import BooktuneError, Code

__all__ = ["main"]

_PDEATHSIG = 1
_FIRST, _PER_MB, _PER_PAGE = 5.0, 2.0, 0.5  # CPU seconds that a book earns
_USUAL = 300.0  # s; a higher limit of a book raises them with it
_TELL = 0.2  # s between two reports of progress


def main() -> None:
    """Answer tasks until the pipe closes."""
    parent = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()
    _bind_to(parent)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # no library may disturb the framing
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    while (message := receive(sys.stdin.buffer)) is not None:
        send(out, "A", b"")
        task = json.loads(message[1])
        _limit(task)
        try:
            kind, body = _answer(task, out)
        except BooktuneError as problem:
            where = {name: str(value) for name, value in problem.where.items()}
            kind, body = (
                "E",
                _json({"code": problem.code, "remedy": problem.remedy, "where": where}),
            )
        except MemoryError:
            kind, body = "E", _json({"code": Code.TOO_LARGE, "remedy": _MEMORY, "where": {}})
        except Exception:
            kind, body = "E", _json({"code": Code.READER_CRASHED, "remedy": _crash(), "where": {}})
        send(out, kind, body)


_MEMORY = "Raise reading.memory_mb if you trust the file"


def _answer(task: dict[str, Any], out: BinaryIO) -> tuple[str, bytes]:
    path = Path(task["path"])
    if task["do"] == "crop":
        return "B", draw_crop(path, task)
    if task["do"] == "whole":
        return "B", whole_asciidoc(path, Limits(**task["limits"]))
    budget = _Budget(path, float(task["seconds"]))
    told = time.monotonic()

    def tick(done: int, total: int) -> None:
        nonlocal told
        budget.earn(done)
        if done == total or time.monotonic() - told > _TELL:
            told = time.monotonic()
            send(out, "P", _json([done, total]))

    def tell(name: str, data: bytes) -> None:
        send(out, "F", name.encode() + b"\0" + data)

    def ask(name: str) -> bytes:
        send(out, "Q", name.encode())
        answer = receive(sys.stdin.buffer)
        return answer[1] if answer is not None else b""

    def put_by(data: bytes) -> bool:
        send(out, "S", data)
        answer = receive(sys.stdin.buffer)
        return answer is not None and bool(answer[1])

    scratch = Spilled(int(sys.argv[2]), put_by)
    desk = PipeDesk(bool(task.get("figures")), tell, ask, scratch)
    parsed = parse(path, Limits(**task["limits"]), tick, desk)
    last = b""
    for piece in parsed.as_json(peak_mb=_peak_mb()):
        if last:
            send(out, "D", last)
        last = piece
    return "R", last


class _Budget:
    """CPU time that a book earns as it is read: a small file may not use what a large one may.

    It begins with some seconds and some more for each MB of the file; every page adds its own. So
    a page that draws itself without end stops a book in seconds, whatever the limit of a book is.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self.start, self.most = _used(), seconds
        self.scale = max(1.0, seconds / _USUAL)
        self.first = _FIRST + _PER_MB * path.stat().st_size / 1e6
        self.earn(0)

    def earn(self, pages: int) -> None:
        """Move the limit on when this many pages are done."""
        earned = self.scale * (self.first + _PER_PAGE * pages)
        _stop_at(self.start + min(self.most, earned))


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _stop_at(seconds: float) -> None:
    _at_most(resource.RLIMIT_CPU, int(seconds) + 1)


def _limit(task: dict[str, Any]) -> None:
    """Memory and CPU of this task; the soft CPU limit moves on with every task."""
    _stop_at(_used() + float(task["seconds"]))
    _at_most(resource.RLIMIT_AS, int(task["memory_mb"]) << 20)


def _at_most(kind: int, size: int) -> None:
    """Set a soft limit, not beyond the hard one: a shell or a batch system may have set that."""
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def _bind_to(parent: int) -> None:
    """Ask the kernel to end this process with its parent (Linux), and see that it still lives."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _crash() -> str:
    kind, problem, _ = sys.exc_info()
    frames = traceback.extract_tb(sys.exc_info()[2])
    last = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    name = kind.__name__ if kind else "?"
    return f"Report this file to booktune: {name} at {last}: {str(problem)[:200]}"


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
