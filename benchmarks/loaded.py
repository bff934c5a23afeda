"""Are verdicts the same while every core is busy with something else?

    .venv/bin/python benchmarks/loaded.py [--sample 250] [--part 1/5] [--busy 2]

References, second solutions and mutants of our own problems are judged twice: as the machine is,
and beside loops that never rest, one for each core (``--busy``). Prints how many programs, how many
got another verdict or another assurance, and each of these with both reasons. The sample has first
what goes by the clock, since a busy machine can harm nothing else: of that two thirds, drawn by
hash like the rest. ``--part 2/5`` judges every fifth of it, from the second.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.beam.runner import VERSION, Verdict, judge_many
from booktune_assets.chain.eval import PROBLEMS
from booktune_assets.ids import digest

_CLOCK = re.compile(r"\b(?:after|sleep|await\w*|timeout|timer|\w+_receive|send_after|call)\b")
_OF_CLOCK = 2 / 3  # of a sample


@dataclass(frozen=True)
class Job:
    """``label`` says which program of the problem it is."""

    problem: Problem
    label: str
    text: str

    @property
    def by_clock(self) -> bool:
        return bool(_CLOCK.search(self.problem.tests) or _CLOCK.search(self.text))


def all_jobs() -> Iterator[Job]:
    """References, second solutions and mutants of all our problems."""
    for problem in load_problems(PROBLEMS):
        yield Job(problem, "reference", problem.reference)
        if problem.second:
            yield Job(problem, "second", problem.second)
        for number, text in enumerate(problem.mutants, start=1):
            yield Job(problem, f"mutant {number}", text)


def sampled(jobs: Sequence[Job], size: int) -> list[Job]:
    """So many of them, the same each time; all for 0."""
    drawn = sorted(jobs, key=lambda job: digest([job.problem.id, job.label]))
    if not size:
        return drawn
    timed = [job for job in drawn if job.by_clock][: round(size * _OF_CLOCK)]
    rest = [job for job in drawn if not job.by_clock]
    return sorted([*timed, *rest[: size - len(timed)]], key=drawn.index)


@contextmanager
def busy(loops: int) -> Generator[None]:
    """So many processes that never rest."""
    spin = [sys.executable, "-c", "while True: pass"]
    started = [subprocess.Popen(spin) for _ in range(loops)]
    try:
        yield
    finally:
        for one in started:
            one.kill()
            one.wait()


def judged(jobs: Sequence[Job], loops: int) -> list[Verdict]:
    """Verdicts beside that many loops, with a line about the run."""
    began = time.monotonic()
    with busy(loops):
        verdicts = judge_many([(job.problem, job.text) for job in jobs])
        load = os.getloadavg()[0]
    counts = Counter(verdict.status for verdict in verdicts)
    spent = time.monotonic() - began
    print(f"beside {loops} loops, load {load:.1f}: {spent:.0f} s by the clock, {dict(counts)}")
    return verdicts


def said(verdict: Verdict) -> str:
    """One line of a verdict: class, assurance, where, CPU, reason."""
    late = ", late" if verdict.late else ""
    head = f"{verdict.status} ({verdict.assurance}{late}, {verdict.cpu_seconds:.1f} CPU s)"
    return f"{head} {verdict.phase} {' '.join(verdict.detail.split())[:300]}"


def main() -> None:
    """Judge twice, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=250, help="0: all")
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--busy", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    part, parts = (int(number) for number in given.part.split("/"))
    jobs = sampled(list(all_jobs()), given.sample)[part - 1 :: parts]
    timed = sum(1 for job in jobs if job.by_clock)
    print(f"{VERSION}: {len(jobs)} programs, {timed} of them by the clock")
    alone, beside = judged(jobs, 0), judged(jobs, given.busy)
    other = [
        (job, one, two)
        for job, one, two in zip(jobs, alone, beside, strict=True)
        if (one.status, one.assurance) != (two.status, two.assurance)
    ]
    changed = sum(1 for _, one, two in other if one.status != two.status)
    print(f"{changed} another verdict, {len(other) - changed} the same by another assurance")
    for job, one, two in other:
        print(f"{job.problem.id}, {job.label}\n  alone:  {said(one)}\n  beside: {said(two)}")


if __name__ == "__main__":
    main()
