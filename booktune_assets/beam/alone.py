"""Small programs, each run as if nothing had run before it, many of them in one BEAM.

Belongs here: a program (listings, then what is typed at a prompt), running a batch, a verdict for
each piece. Does not: the code of a whole book in its own order (``verify.py``), what programs are
made of, what a verdict is good for, keeping verdicts (``pairs/``).

``verify.py`` reads a book as its reader does, so a verdict there depends on all that stands before.
Here it depends on the program's text and the toolchain alone and can be kept by both.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Literal

from booktune_assets.beam.reasons import before_running
from booktune_assets.beam.session import Answer, Step, run_steps
from booktune_assets.beam.steps import Check, Passage, listing_kind, steps_of
from booktune_assets.beam.toolchains import Toolchain
from booktune_assets.beam.verify import judged
from booktune_assets.progress import advance

__all__ = ["VERSION", "Found", "Piece", "Program", "run_programs"]

VERSION = "alone.2"
BATCH_STEPS = 500  # of one BEAM
FEW_STEPS = 60  # that are not worth another BEAM
LANES_MAX = 2
ALONE_MAX = 12  # programs without an answer that get a sandbox of their own, in a call
_HASTY = {"cpu_ms": 600, "idle_ms": 600}
SETUP_MS = 10  # at most, for a piece of which nothing is said
_ACTUAL_MAX = 1_500


@dataclass(frozen=True, slots=True)
class Piece:
    """A ``listing``, or an expression ``typed`` at a prompt. ``expected``: what is said to come of
    it, as text; empty when nothing is said. ``fails``: it is said to end in an error."""

    kind: Literal["listing", "typed"]
    lang: Literal["elixir", "erlang"]
    text: str
    expected: str = ""
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """Pieces in the order in which they are run. ``hasty``: it may well never end, and need not be
    given the time that code of a book is given."""

    pieces: tuple[Piece, ...]
    hasty: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Verdict on a piece and its reason, as in ``code_verification``, and what came of it."""

    verdict: str
    reason: str
    detail: str
    actual: str


def run_programs(programs: Sequence[Program], chain: Toolchain) -> list[tuple[Found, ...] | None]:
    """For each program its pieces' verdicts, in order; None where the harness gave no answer.

    Raises NO_SANDBOX when nothing can be run safely. No answer is nobody's verdict.
    """
    found: list[tuple[Found, ...] | None] = [None] * len(programs)
    batches = _batches(programs)
    done = 0
    with ThreadPoolExecutor(_lanes()) as lanes:
        runs = {
            lanes.submit(_run, programs[first:last], chain): (first, last)
            for first, last in batches
        }
        for run in as_completed(runs):
            first, last = runs[run]
            found[first:last] = run.result()
            done += last - first
            advance("running code of pairs", done, len(programs))
    lost = [number for number, one in enumerate(found) if one is None]
    for number in lost[:ALONE_MAX]:
        found[number] = _run([programs[number]], chain)[0]
    return found


def _lanes() -> int:
    """BEAMs that run side by side: most of their time is spent waiting."""
    return max(1, min(LANES_MAX, len(os.sched_getaffinity(0))))


def _batches(programs: Sequence[Program]) -> list[tuple[int, int]]:
    """(first, last) of programs that share a BEAM: as few as the lanes and a batch's size allow."""
    total = sum(len(program.pieces) for program in programs)
    size = min(BATCH_STEPS, max(FEW_STEPS, total // _lanes() + 1))
    bounds: list[tuple[int, int]] = []
    first = steps = 0
    for number, program in enumerate(programs):
        if steps and steps + len(program.pieces) > size:
            bounds.append((first, number))
            first, steps = number, 0
        steps += len(program.pieces)
    return [*bounds, (first, len(programs))] if steps else []


def _run(programs: Sequence[Program], chain: Toolchain) -> list[tuple[Found, ...] | None]:
    steps: list[Step] = []
    checks: list[list[Check]] = []
    left: dict[int, tuple[str, str]] = {}
    count = 0
    for program in programs:
        own = _checks(program, count + 1)
        count += len(own)
        left |= {check.id: why for check in own if (why := before_running(check))}
        checks.append(own)
        steps.append(Step("program"))
        settle = {check.id: _settle(check) for check in own}
        limits = _HASTY if program.hasty else {}
        steps += [
            replace(step, settle_ms=settle.get(step.id, 0), **limits)
            for step in steps_of(own, frozenset(left))
            if step.kind != "chapter"
        ]
    # a program whose module is not there is one that nobody can run, whoever's slip it is
    answers = {name: replace(one, near=()) for name, one in run_steps(steps, chain).items()}
    return [_found(own, left, answers, chain) for own in checks]


def _settle(check: Check) -> int:
    """What processes print later counts where something is compared; a module starts none."""
    if check.kind == "module":
        return 0
    return 1_000 if check.expected or check.kind == "test" else SETUP_MS


def _checks(program: Program, first: int) -> list[Check]:
    found: list[Check] = []
    for number, piece in enumerate(program.pieces):
        kind = "expression" if piece.kind == "typed" else listing_kind(piece.text, piece.lang)
        home = Passage("block", "section", "program", "code", piece.lang, piece.text)
        found.append(Check(
            first + number, number, kind, piece.lang, piece.text, piece.expected or None,
            piece.fails, home, says=piece.fails,
        ))  # fmt: skip
    return found


def _found(
    checks: Sequence[Check], left: dict[int, tuple[str, str]], answers: dict[int, Answer],
    chain: Toolchain,
) -> tuple[Found, ...] | None:  # fmt: skip
    rows = judged("", checks, left, answers, chain)
    if any(row["verdict"] == "harness_error" for row in rows):
        return None
    return tuple(
        Found(row["verdict"], row["reason"], row["detail"], row["actual"][:_ACTUAL_MAX])
        for row in rows
    )
