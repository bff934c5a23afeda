"""Run the steps of a book in the sandbox, as one reader after another would.

Belongs here: the protocol with ``priv/session*.exs``, limits of a step, going on after a BEAM that
a step has ended. Does not: which steps a book has (``steps.py``), what an answer is worth
(``compare.py``, ``reasons.py``).

One BEAM serves a whole book; a chapter is a reader of its own in it (fresh processes and bindings),
a section has bindings of its own and falls back on those of its chapter. A program (``alone.py``)
is a chapter that finds no module of those before it either. A step that ends the BEAM is answered
with ``killed``, and the chapter is told again without it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from booktune_assets.beam.sandbox import JOB, Limits, Ran, run
from booktune_assets.beam.toolchains import Toolchain

__all__ = ["MARKS", "Answer", "Step", "run_steps"]

Kind = Literal[
    "program",
    "chapter",
    "section",
    "fresh",
    "shell",
    "iex",
    "listing",
    "test",
    "erl",
    "erlmod",
    "erltest",
]
Status = Literal["ok", "error", "unparsed", "failed", "exit", "timeout", "waits", "killed", "lost"]
MARKS = frozenset(
    {"program", "chapter", "section", "fresh", "shell"}
)  # set a context, are not answered
PRIV = Path(__file__).parent / "priv"
_SCRIPT = ("session_terminal.exs", "session_worker.exs", "session.exs")  # one script of them
CPU_MS = 4_000  # of one step
IDLE_MS = 2_500  # that a step may wait while nothing in its BEAM has anything to do
SETTLE_MS = 3  # for what processes print that a step started
LIVELY_MS = 60
RESTARTS = 40  # of one book, at most: a book that ends more BEAMs than this is left
_EMULATOR = "+S 1:1 +SDcpu 1:1 +SDio 1 +A 1 +sbwt none +sbwtdcpu none +sbwtdio none +t 400000"
_CLOSED = "Can't find source path"
_SLEEP = re.compile(r"(?:sleep|after|send_after|timer:\w+)\D{0,40}?(\d[\d_]{2,6})\b")
_LIVELY = re.compile(
    r"\bspawn|\bTask\.|\bsend\b|GenServer\.|Agent\.|\bcast\b|start|Process\.|\s!\s|gen_server:"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to run, or a mark that sets the context of what follows. ``fails``: the book shows
    an error here, so nothing is tried to avert one. At most ``cpu_ms`` of CPU time, ``idle_ms`` of
    waiting, and ``settle_ms`` for what its processes print a moment later."""

    kind: Kind
    text: str = ""
    id: int = 0
    fails: bool = False
    cpu_ms: int = CPU_MS
    idle_ms: int = 20_000
    settle_ms: int = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a step. ``output`` is what it printed (of an Erlang shell: its value too);
    ``diagnostics`` what went to standard error; ``message`` the banner of an error."""

    status: Status
    value: str = ""
    output: str = ""
    diagnostics: str = ""
    message: str = ""
    cpu_s: float = 0.0
    exports: tuple[str, ...] = ()  # of the module that lacks a function
    near: tuple[str, ...] = ()  # a module that is not there, and those almost like it: `Enum=+`


def run_steps(steps: Sequence[Step], toolchain: Toolchain) -> dict[int, Answer]:
    """Answers by step id; ``lost`` where the harness itself gave none, with the reason."""
    answers: dict[int, Answer] = {}
    todo = list(steps)
    why = ""
    for _ in range(RESTARTS):
        if not any(step.kind not in MARKS for step in todo):
            break
        ran = _run(todo, toolchain)
        got, begun, ended = _read(ran.reply)
        answers |= {number: answer for number, answer in got.items() if number not in answers}
        if ended:
            break
        why = _words(ran)
        if begun is None or begun in got:  # it ended between two steps, or never began
            rest = [step for step in todo if step.kind not in MARKS and step.id not in got]
            begun = rest[0].id if rest and got else None
        if begun is None:
            break
        answers[begun] = Answer("timeout" if ran.end == "timeout" else "killed", message=why)
        todo = _after(todo, begun)
    lost = [step.id for step in steps if step.kind not in MARKS and step.id not in answers]
    return answers | {number: Answer("lost", message=why or "no answer") for number in lost}


def _after(steps: list[Step], stopped: int) -> list[Step]:
    """From the chapter on in which a BEAM ended, without the step that ended it.

    The modules of earlier chapters are made again; a program needs none of them.
    """
    place = next(number for number, step in enumerate(steps) if step.id == stopped)
    starts = [number for number in range(place) if steps[number].kind in ("chapter", "program")]
    first = starts[-1] if starts else 0
    if starts and steps[first].kind == "program":
        return [step for step in steps[first:] if step.id != stopped or step.kind in MARKS]
    modules = [step for step in steps[:first] if step.kind in ("erlmod", "listing")]
    return [
        *[step for step in modules if "defmodule" in step.text or step.kind == "erlmod"],
        *[step for step in steps[first:] if step.id != stopped or step.kind in MARKS],
    ]


def _run(steps: Sequence[Step], toolchain: Toolchain) -> Ran:
    running = sum(step.kind not in MARKS for step in steps)
    limits = Limits(
        cpu_seconds=60 + running, wall_seconds=240.0 + 2 * running, memory_mb=900, tmp_mb=64,
        output_bytes=4_000_000, reply_bytes=200_000 + 60_000 * running,
    )  # fmt: skip
    harness = "\n".join((PRIV / name).read_text(encoding="utf-8") for name in _SCRIPT)
    command = [
        "env", "ERL_CRASH_DUMP_BYTES=0", f"PATH={toolchain.path}", toolchain.program, "--erl",
        _EMULATOR, f"{JOB}/session.exs",
    ]  # fmt: skip
    frames = "".join(map(_frame, steps))
    return run(command, {"session.exs": harness}, limits, stdin=frames, read_only=toolchain.folders)


def _frame(step: Step) -> str:
    idle = IDLE_MS + sum(int(found.replace("_", "")) for found in _SLEEP.findall(step.text))
    settle = LIVELY_MS if _LIVELY.search(step.text) else SETTLE_MS
    settle = 150 if step.fails and settle == LIVELY_MS else settle
    settle = min(settle, step.settle_ms)
    flags = "error" if step.fails else "-"
    text = step.text.encode("utf-8", "replace").decode("utf-8")
    size = len(text.encode("utf-8"))
    times = f"{step.cpu_ms} {min(idle, step.idle_ms)} {settle}"
    return f"{step.kind} {step.id} {times} {flags} {size}\n{text}\n"


def _read(reply: bytes) -> tuple[dict[int, Answer], int | None, bool]:
    """Answers, the step begun last, and whether the harness came to its end."""
    answers: dict[int, Answer] = {}
    begun: int | None = None
    at = 0
    while (stop := reply.find(b"\n", at)) >= 0:
        words = reply[at:stop].decode("ascii", "replace").split(" ")
        at = stop + 1
        if words == ["done"]:
            return answers, begun, True
        if words[0] == "begin" and len(words) == 2:
            begun = int(words[1])
        elif words[0] == "end" and len(words) == 8:
            sizes = [int(size) for size in words[4:]]
            if len(reply) < at + sum(sizes) + 1:
                break
            parts: list[str] = []
            for size in sizes:
                parts.append(reply[at : at + size].decode("utf-8", "replace"))
                at += size
            at += 1
            status, cpu = words[2], int(words[3]) / 1000
            parts[3], _, near = parts[3].partition("\n\n[near] ")
            parts[3], _, names = parts[3].partition("\n\n[exports] ")
            answers[int(words[1])] = Answer(
                cast("Status", status), *parts, cpu_s=cpu, exports=tuple(names.split()),
                near=tuple(near.split()),
            )  # fmt: skip
        else:
            break  # somebody else wrote into the reply: nothing after it can be trusted
    return answers, begun, False


def _words(ran: Ran) -> str:
    tail = ran.output.decode("utf-8", "replace").strip()[:400]
    if _CLOSED in tail:  # the user of the sandbox is nobody's
        return f"let every user enter the folders of this Elixir, or install it under /opt: {tail}"
    return f"the BEAM ended: {ran.end}, exit code {ran.exit_code}. {tail}".strip()
