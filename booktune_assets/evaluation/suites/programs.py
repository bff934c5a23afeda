"""Programs in answers, run against the tests of their problems.

Belongs here: from answers to verdicts, for suites whose items are not one problem each. Does not:
what an item asks, what a verdict is worth (``otp.py``, ``variation.py``).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from booktune_assets.beam import runner
from booktune_assets.beam.extract_code import extract_code
from booktune_assets.beam.problems import Problem
from booktune_assets.errors import BooktuneError
from booktune_assets.evaluation.verdicts import judged
from booktune_assets.ids import digest

__all__ = ["NO_PROOF", "Ran", "judge", "lacking", "run_all", "statuses"]

# what a fault may not end in, if it is to prove that the tests find faults
NO_PROOF = frozenset(("pass", "harness_error", "compile_error", "unsupported", "suspicious"))
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Ran:
    """A program out of an answer and its class of verdict; ``no_code`` without a program.

    ``said`` is that class as rows of scores have it, ``ok_in_beam`` for a pass in one BEAM."""

    code: str
    status: str
    said: str

    @property
    def score(self) -> float | None:
        """100 for a pass, None for a fault of ours, which counts for nobody."""
        if self.status == "harness_error":
            return None
        return 100.0 if self.status == "pass" else 0.0


def judge(problem: Problem) -> str:
    """Digest of all that a program is judged by."""
    return digest([problem.tests, problem.test_count, list(problem.interface),
                   sorted(problem.files.items())])  # fmt: skip


def run_all(answers: Mapping[K, tuple[Problem, str]]) -> dict[K, Ran]:
    """What becomes of the program in each answer; programs written alike are run once."""
    codes = {
        key: (problem, extract_code(text, problem.language))
        for key, (problem, text) in answers.items()
    }
    wanted = list(dict.fromkeys(job for job in codes.values() if job[1].strip()))
    known = _verdicts(wanted)
    return {
        key: Ran(code, known[problem, code].status, known[problem, code].score_status)
        if code.strip()
        else Ran(code, "no_code", "no_code")
        for key, (problem, code) in codes.items()
    }


def statuses(jobs: Sequence[tuple[Problem, str]]) -> dict[tuple[Problem, str], str]:
    """Class of verdict of each different job. Raises when a language cannot be run here."""
    return {job: verdict.status for job, verdict in _verdicts(jobs).items()}


def _verdicts(jobs: Sequence[tuple[Problem, str]]) -> dict[tuple[Problem, str], runner.Verdict]:
    once = list(dict.fromkeys(jobs))
    return dict(zip(once, judged(once), strict=True))


def lacking(problems: Sequence[Problem]) -> dict[str, BooktuneError]:
    """Languages of the problems that cannot be run here, and why."""
    found = {one: runner.missing(one) for one in sorted({two.language for two in problems})}
    return {language: reason for language, reason in found.items() if reason is not None}
