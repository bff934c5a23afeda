"""pass@k: how often one of ``k`` programs passes, and which problems may count.

Belongs here: the unbiased estimator, its interval, the check of problems. Does not: verdicts
(``beam/``), differences of two models (``statistics.py``).

The estimator is that of Chen et al. (2021, arXiv 2107.03374): of ``n`` samples of a problem ``c``
passed, and the share of all subsets of ``k`` samples that hold one of them is taken. Problems are
what is drawn again for the interval: samples of one problem are no independent evidence.

A verdict that is a fault of ours (``harness_error``) is no sample: it counts for nobody. A problem
counts only if, here, its reference passes and one of its mutants fails.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from booktune_assets.beam.mutate import hollows_of, mutants_of
from booktune_assets.beam.problems import Problem
from booktune_assets.errors import BookError, Code
from booktune_assets.evaluation.statistics import MIN_ITEMS, paired
from booktune_assets.evaluation.verdicts import judged

__all__ = ["Counted", "PassAtK", "countable", "estimate", "pass_at_k"]

_OURS = "harness_error"
_NO_PROOF = {"pass", _OURS, "compile_error", "unsupported", "suspicious"}
_MADE, _HOLLOW = 6, 3  # mutants that are made for a problem that brings none
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Counted:
    """Whether a problem can tell right from wrong on this machine, and if not, why."""

    counted: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PassAtK:
    """pass@k from 0 to 1 with its 95 % interval over problems.

    ``low`` and ``high`` are NaN with fewer than ``MIN_ITEMS`` problems, ``value`` without any.
    ``samples`` are those of the problems that count. ``dropped`` tells why others do not.
    """

    k: int
    value: float
    low: float
    high: float
    problems: int
    samples: int
    dropped: dict[str, str] = field(default_factory=dict[str, str])


def estimate(n: int, passed: int, k: int) -> float:
    """Chance that one of ``k`` samples passes, estimated without bias from ``passed`` of ``n``."""
    if not 0 <= passed <= n or not 1 <= k <= n:
        raise ValueError(f"needs 0 <= passed <= n and 1 <= k <= n, got {passed=} {n=} {k=}")
    if n - passed < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / i for i in range(n - passed + 1, n + 1))


def pass_at_k(
    rows: Iterable[Mapping[str, object]],
    k: int,
    counted: Mapping[str, Counted] | None = None,
    *,
    resamples: int = 10_000,
    seed: int = 0,
) -> PassAtK:
    """pass@k of verdicts with ``problem_id`` and ``verdict``, one row a sample.

    ``counted`` (of :func:`countable`) None takes every problem. Raises ``BookError`` when a problem
    has fewer than ``k`` samples; one that has them only with faults of ours is dropped.
    """
    if k < 1:
        raise BookError(Code.BAD_SETTING, "Ask for k of 1 or more", k=k)
    tallies = _tallies(rows)
    dropped: dict[str, str] = {}
    scores: list[float] = []
    samples = 0
    for problem_id in sorted(tallies):
        passed, failed, ours = tallies[problem_id]
        n = passed + failed
        if n + ours < k:
            raise BookError(
                Code.BAD_ROW,
                f"Sample each problem at least {k} times, or ask for a smaller k",
                problem=problem_id, samples=n + ours, k=k,
            )  # fmt: skip
        known = counted.get(problem_id) if counted is not None else Counted(True)
        if known is None or not known.counted:
            dropped[problem_id] = known.reason if known else "the problem was not checked"
        elif n < k:
            dropped[problem_id] = f"{ours} of {n + ours} samples met a fault of the harness"
        else:
            samples += n
            scores.append(estimate(n, passed, k))
    value, low, high = _interval(scores, resamples, seed)
    return PassAtK(k, value, low, high, len(scores), samples, dropped)


def countable(problems: Sequence[Problem]) -> dict[str, Counted]:
    """Which problems can tell right from wrong here: runs references and mutants.

    Of a problem's mutants as many are run as it takes until one fails. Mutants that do not compile
    prove nothing about the tests. Raises when nothing can be run here.
    """
    found: dict[str, Counted] = {}
    checked = [one for one in problems if one.reference.strip()]
    for problem in problems:
        if not problem.reference.strip():
            found[problem.id] = Counted(False, "it has no reference solution")
    verdicts = judged([(one, one.reference) for one in checked])
    waiting: list[tuple[Problem, list[str]]] = []
    for problem, verdict in zip(checked, verdicts, strict=True):
        if verdict.status == "pass":
            waiting.append((problem, _wrong(problem)))
        else:
            reason = f"its reference does not pass: {verdict.status} {verdict.detail}".strip()
            found[problem.id] = Counted(False, reason)
    while waiting:
        for problem, left in waiting:
            if not left:
                found[problem.id] = Counted(False, "no mutant of its reference fails")
        waiting = [(problem, left) for problem, left in waiting if left]
        verdicts = judged([(problem, left.pop(0)) for problem, left in waiting])
        for (problem, _), verdict in zip(waiting, verdicts, strict=True):
            if verdict.status not in _NO_PROOF:
                found[problem.id] = Counted(True)
        waiting = [(problem, left) for problem, left in waiting if problem.id not in found]
    return {problem.id: found[problem.id] for problem in problems}


def _wrong(problem: Problem) -> list[str]:
    if problem.mutants:
        return list(problem.mutants)
    made = mutants_of(problem.reference, problem.language, _MADE)
    # what is too plain for these, or survives them, still has functions that may do nothing
    made += hollows_of(problem.reference, problem.language, _HOLLOW)
    return [one.text for one in made]


def _tallies(rows: Iterable[Mapping[str, object]]) -> dict[str, tuple[int, int, int]]:
    """Passed, failed and ours, by problem."""
    found: dict[str, tuple[int, int, int]] = {}
    for number, row in enumerate(rows, start=1):
        problem_id, verdict = row.get("problem_id"), row.get("verdict")
        if not isinstance(problem_id, str) or not isinstance(verdict, str) or not verdict:
            raise BookError(
                Code.BAD_ROW, "Give each verdict a problem_id and a verdict", record=number
            )
        passed, failed, ours = found.get(problem_id, (0, 0, 0))
        if verdict == _OURS:
            ours += 1
        elif verdict == "pass":
            passed += 1
        else:
            failed += 1
        found[problem_id] = (passed, failed, ours)
    return found


def _interval(scores: Sequence[float], resamples: int, seed: int) -> tuple[float, float, float]:
    """Mean and ends; each problem is one cluster, drawn whole."""
    if not scores:
        return math.nan, math.nan, math.nan
    mean = sum(scores) / len(scores)
    if len(scores) < MIN_ITEMS:
        return mean, math.nan, math.nan
    if min(scores) == max(scores):
        # a bootstrap of equal scores would be certain; so many in a row leave this much open
        reach = 1 - _TAIL ** (1 / len(scores))
        return mean, max(0.0, mean - reach), min(1.0, mean + reach)
    found = paired([0.0] * len(scores), scores, resamples=resamples, seed=seed)
    return mean, max(0.0, found.low), min(1.0, found.high)
