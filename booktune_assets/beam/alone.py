"""Small programs, each run as if nothing had run before it, many of them in one BEAM.

Belongs here: a program (listings, then what is typed at a prompt), running a batch, a verdict for
each piece. Does not: the code of a whole book in its own order (``verify.py``), what programs are
made of, what a verdict is good for, keeping verdicts (``pairs/``).

``verify.py`` reads a book as its reader does, so a verdict there depends on all that stands before.
Here it depends on the program's text and the toolchain alone and can be kept by both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from booktune_assets.beam.reasons import before_running
from booktune_assets.beam.session import CPU_MS, Answer, Step, run_steps
from booktune_assets.beam.steps import Check, Passage, listing_kind, steps_of
from booktune_assets.beam.toolchains import Toolchain
from booktune_assets.beam.verify import judged
from booktune_assets.progress import advance

__all__ = ["VERSION", "Found", "Piece", "Program", "run_programs"]

VERSION = "alone.1"
BATCH_STEPS = 500
ALONE_MAX = 12  # programs without an answer that get a sandbox of their own, in a call
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
    """Pieces in the order in which they are run. ``cpu_ms``: CPU time of each, milliseconds."""

    pieces: tuple[Piece, ...]
    cpu_ms: int = CPU_MS


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
    for first, last in _batches(programs):
        advance("running code of pairs", first, len(programs))
        found[first:last] = _run(programs[first:last], chain)
    lost = [number for number, one in enumerate(found) if one is None]
    for number in lost[:ALONE_MAX]:
        found[number] = _run([programs[number]], chain)[0]
    if programs:
        advance("running code of pairs", len(programs), len(programs))
    return found


def _batches(programs: Sequence[Program]) -> list[tuple[int, int]]:
    bounds: list[tuple[int, int]] = []
    first = steps = 0
    for number, program in enumerate(programs):
        if steps and steps + len(program.pieces) > BATCH_STEPS:
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
        steps += [
            replace(step, cpu_ms=program.cpu_ms)
            for step in steps_of(own, frozenset(left))
            if step.kind != "chapter"
        ]
    answers = run_steps(steps, chain)
    return [_found(own, left, answers, chain) for own in checks]


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
