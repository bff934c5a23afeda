"""Work in a child process: started, watched, ended; nothing outlives its parent.

Belongs here: starting ``python -m module SPEC RESULT``, relaying its progress, carrying its errors
back, ending it in time; and :func:`child_main`, the other side of that. Does not: what children do
(``books/``, ``llm/``, ``rehearsal/``, ``training/``, ``evaluation/``).

A child that Dagster's layer starts speaks to Dagster itself, beside this (``pipes.py``): whoever
wraps a start in :func:`started_with` gives it the variables for that.

A child is a session of its own, so a time limit or Ctrl-C ends it with everything that it started.
When the parent is killed outright nobody can do that: the child then dies by the kernel's parent
death signal (Linux), which it asks for itself, because code run between fork and exec may hang in a
process with threads. A child that starts processes of its own must pass the same on.

    result = run_child("booktune_assets.training.child", {"steps": 30}, work)   # the parent
    if __name__ == "__main__":                                                  # the child module
        child_main(run)
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from booktune_assets import pipes, progress
from booktune_assets.errors import BookError, BooktuneError, Code, MissingPrerequisite, ServiceDown
from booktune_assets.lake import write_json

__all__ = ["child_main", "peak_mb", "run_child", "started_with"]

PARENT = "BOOKTUNE_PARENT_PID"
LAST_LINES = 50
GRACE = 3.0  # seconds between SIGTERM and SIGKILL
_PR_SET_PDEATHSIG = 1
Start = Callable[[str], AbstractContextManager[Mapping[str, str]]]
_start: ContextVar[Start | None] = ContextVar("booktune_children_start", default=None)
_KINDS: dict[str, type[BooktuneError]] = {
    kind.__name__: kind for kind in (BookError, MissingPrerequisite, ServiceDown, BooktuneError)
}
# what libraries say in words of their own, without a class for it
_OTHERS: tuple[tuple[Code, str, tuple[str, ...], str], ...] = (
    (
        Code.OUT_OF_MEMORY, "BooktuneError",
        ("OutOfMemoryError", "can't allocate memory", "out of memory"),
        "Free memory, or lower seq_len, batch_rows or the batch size",
    ),
    (
        Code.DISK, "ServiceDown",
        ("No space left on device", "(os error 28)", "Disk quota exceeded", "disk is full"),
        "Free space, then run again: what was finished is kept",
    ),
    (
        Code.NAN_LOSS, "BooktuneError", ("probability tensor contains",),
        "The model gives no numbers before anything is learned: look at its weights and their "
        "format, and at the adapter that it begins from",
    ),
)  # fmt: skip


def run_child(
    module: str, spec: dict[str, Any], work: Path, *, seconds: float | None = None
) -> dict[str, Any]:
    """The dictionary that ``module`` gave for ``spec``, with ``peak_mb`` and ``child_seconds``.

    ``work`` keeps the specification, the result and ``<module>.log``. An error of the child is
    raised here with its class, code and remedy; a crash or a passed time limit as ``CHILD_FAILED``.
    """
    work.mkdir(parents=True, exist_ok=True)
    stem = module.removeprefix("booktune_assets.").replace(".", "-")
    paths = [work / f"{stem}.{name}" for name in ("spec.json", "result.json", "log")]
    spec_path, result_path, log_path = paths
    result_path.unlink(missing_ok=True)
    write_json(spec_path, spec)
    around = _start.get()
    with (
        log_path.open("w", encoding="utf-8", errors="replace") as log,
        around(module) if around else nullcontext(dict[str, str]()) as more,
    ):
        child = _Child(module, [str(spec_path), str(result_path)], log, more)
        in_time = child.watch(seconds)
    if not in_time:
        raise BooktuneError(
            Code.CHILD_FAILED,
            f"It was stopped after {seconds:.0f} s. Give it less to do, or more time",
            child=module,
            log=log_path,
        )
    if not result_path.exists():
        raise child.death(log_path)
    answer: dict[str, Any] = json.loads(result_path.read_text())
    if "error" in answer:
        raise _revived(answer["error"])
    return answer


@contextmanager
def started_with(start: Start) -> Generator[None]:
    """Children of the block run within ``start(module)``, with the variables that it gives.

    Holds for this thread: one that is started in the block starts its children plainly.
    """
    token = _start.set(start)
    try:
        yield
    finally:
        _start.reset(token)


def child_main(run: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Body of a child module: reads SPEC, calls ``run``, writes RESULT, exits 0 or 1."""
    _die_with_parent()
    spec_path, result_path = Path(sys.argv[1]), Path(sys.argv[2])
    started = time.monotonic()
    try:
        with pipes.opened(), progress.sink(_tell):
            answer = run(json.loads(spec_path.read_text()))
        answer = {
            **answer,
            "peak_mb": peak_mb(),
            "child_seconds": round(time.monotonic() - started, 2),
            "child_cpu_seconds": round(time.process_time(), 2),
        }
    except Exception as problem:
        traceback.print_exc()
        write_json(result_path, {"error": _packed(problem)})
        sys.exit(1)
    write_json(result_path, answer)


def peak_mb() -> int:
    """Most memory this process held so far, MB.

    Not ``getrusage``: its figure survives exec, so a child of a large process starts with the size
    of its parent.
    """
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return 0


def _oom_kills() -> int | None:
    """How many processes the kernel has killed for want of memory since it started (Linux)."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return None


def _killed(before: int | None, after: int | None) -> str:
    """The remedy for SIGKILL: want of memory has to show in the kernel's count to be named."""
    if before is not None and before == after:
        return (
            "It was killed from outside, and not for want of memory. Run again: what was finished "
            "is kept, and training goes on from its last checkpoint"
        )
    return (
        "It was killed, most likely because memory ran out: free memory, or lower seq_len, "
        "batch_rows or the batch size"
    )


@dataclass
class _Child:
    """One running child and what it said."""

    module: str
    arguments: list[str]
    log: IO[str]
    more: Mapping[str, str]
    last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))

    def __post_init__(self) -> None:
        self.oom_kills = _oom_kills()
        environment = {
            # waiting threads sleep: on a busy machine spinning ones double the CPU time
            "OMP_WAIT_POLICY": "passive",
            # the same sums whatever else runs: MKL takes fewer threads on a busy machine otherwise
            "MKL_DYNAMIC": "FALSE",
            "MKL_CBWR": "AUTO",
            **{name: value for name, value in os.environ.items() if name not in pipes.VARIABLES},
            **self.more,
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            PARENT: str(os.getpid()),
            # the child imports what its parent imports, and (-P) nothing from the current folder
            "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", self.module, *self.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[tuple[bool, str]] = queue.SimpleQueue()
        ends = ((self.process.stdout, True), (self.process.stderr, False))
        self._readers = [
            threading.Thread(target=self._read, args=(pipe, spoken), daemon=True)
            for pipe, spoken in ends
        ]

    def watch(self, seconds: float | None) -> bool:
        """Relay until the child is gone. False: the time limit passed. Always leaves none alive."""
        deadline = None if seconds is None else time.monotonic() + seconds
        for reader in self._readers:
            reader.start()
        try:
            while not self._ended():
                if deadline is not None and time.monotonic() > deadline:
                    return False
                self._relay(0.1)
            return True
        finally:
            self._finish()

    def death(self, log_path: Path) -> BooktuneError:
        """The error for a child that left no result."""
        status = self.process.returncode
        said = "\n".join(self.last) or "(it said nothing)"
        if status == -signal.SIGKILL:
            remedy = _killed(self.oom_kills, _oom_kills())
        elif status < 0:
            remedy = f"It died by {signal.Signals(-status).name}: a defect of a native library"
        else:
            remedy = "Read its last lines and mend what they name"
        return BooktuneError(
            Code.CHILD_FAILED,
            f"{remedy}. Last lines:\n{said}",
            child=self.module,
            exit=status,
            log=log_path,
        )

    def _ended(self) -> bool:
        """Has the child exited? Does not collect it: its process group stays ours to signal."""
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, how) is not None

    def _finish(self) -> None:
        """End whatever is left of the session, drain the pipes, collect the child."""
        if not self._ended():
            self._signal(signal.SIGTERM)
            limit = time.monotonic() + GRACE
            while not self._ended() and time.monotonic() < limit:
                time.sleep(0.02)
        self._signal(signal.SIGKILL)
        self.process.wait()
        for reader in self._readers:
            reader.join(timeout=GRACE)
        while not self._lines.empty():
            self._relay(0)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def _read(self, pipe: IO[str] | None, spoken: bool) -> None:
        assert pipe is not None
        with pipe:
            for line in pipe:
                self._lines.put((spoken, line.rstrip("\n")))

    def _relay(self, wait: float) -> None:
        """Pass on one line: progress to the listeners, anything else to the log."""
        try:
            spoken, line = self._lines.get(timeout=wait) if wait else self._lines.get_nowait()
        except queue.Empty:
            return
        if spoken and (tick := _tick_of(line)):
            progress.advance(
                tick["what"], tick["done"], tick["total"], tick["note"], eta=tick["eta"]
            )
            return
        self.last.append(line)
        self.log.write(line + "\n")
        self.log.flush()


def _tick_of(line: str) -> dict[str, Any] | None:
    if not line.startswith('{"progress"'):
        return None
    try:
        tick = json.loads(line)["progress"]
        return {
            "what": str(tick["what"]),
            "done": int(tick["done"]),
            "total": int(tick["total"]),
            "note": str(tick.get("note", "")),
            "eta": None if tick.get("eta") is None else float(tick["eta"]),
        }
    except (ValueError, KeyError, TypeError):
        return None


def _tell(tick: progress.Tick) -> None:
    """To the parent on standard output, and to Dagster where there is a channel."""
    pipes.say(tick)
    fields = {
        "what": tick.what,
        "done": tick.done,
        "total": tick.total,
        "note": tick.note,
        "eta": tick.eta,
    }
    sys.stdout.write(json.dumps({"progress": fields}) + "\n")
    sys.stdout.flush()


def _die_with_parent() -> None:
    """Ask the kernel for SIGKILL when the parent dies; leave if it is dead already."""
    expected = int(os.environ.pop(PARENT, "0"))
    if not expected:
        return  # started by hand
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != expected:
        sys.exit(1)


def _packed(problem: Exception) -> dict[str, Any]:
    """An exception as JSON. Anything that is not ours counts as a defect, but for what a library
    says of the machine or of the model."""
    if isinstance(problem, BooktuneError):
        where = {name: str(value) for name, value in problem.where.items()}
        kind = next(name for name, known in _KINDS.items() if isinstance(problem, known))
        return {
            "kind": kind,
            "code": problem.code.value,
            "remedy": problem.remedy,
            "where": where,
        }
    words = f"{type(problem).__name__}: {problem}"
    if isinstance(problem, MemoryError):
        words += " (out of memory)"
    for code, kind, signs, remedy in _OTHERS:
        if any(sign in words for sign in signs):
            return {"kind": kind, "code": code.value, "remedy": remedy, "where": {"why": words}}
    remedy = "This is a defect of booktune: report it with the log"
    where = {"why": words}
    return {"kind": "BooktuneError", "code": Code.INTERNAL.value, "remedy": remedy, "where": where}


def _revived(error: dict[str, Any]) -> BooktuneError:
    kind = _KINDS.get(str(error.get("kind")), BooktuneError)
    return kind(Code(error["code"]), str(error["remedy"]), **error.get("where", {}))
