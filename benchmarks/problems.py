"""Every reference and second solution of our own problems has to pass, and every mutant to fail.

Prints what does not.

    .venv/bin/python benchmarks/problems.py [--part 1/4] [ID …]

``--part 2/4`` takes every fourth problem, from the second. The tests run the first mutant of each
problem; this runs all, and tells which problems cost most time: a mutant may have to wait for a
bound that only a stuck program reaches.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from booktune_assets.beam.problems import load_problems
from booktune_assets.beam.runner import judge_many
from booktune_assets.chain.eval import PROBLEMS

FINE = ("pass", "harness_error", "compile_error")


def main() -> None:
    """Run all, problem by problem."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--part", default="1/1", help="2/4: every fourth problem, from the second")
    asked = parser.parse_args()
    wanted = set(asked.ids)
    part, parts = map(int, asked.part.split("/"))
    counts: Counter[str] = Counter()
    spent: list[tuple[float, str]] = []
    for problem in list(load_problems(PROBLEMS))[part - 1 :: parts]:
        if wanted and problem.id not in wanted:
            continue
        began = time.monotonic()
        seconds = [problem.second] if problem.second else []
        jobs = [(problem, text) for text in (problem.reference, *seconds, *problem.mutants)]
        reference, *others = judge_many(jobs)
        counts["references"] += 1
        counts["mutants"] += len(problem.mutants)
        if reference.status != "pass" or reference.tests_run != problem.test_count:
            counts["references wrong"] += 1
            print(f"{problem.id}: its reference: {reference.status} {reference.detail}")
        for verdict in others[: len(seconds)]:
            counts["second solutions"] += 1
            if verdict.status != "pass" or verdict.tests_run != problem.test_count:
                counts["second solutions wrong"] += 1
                print(f"{problem.id}: its second solution: {verdict.status} {verdict.detail}")
        for number, verdict in enumerate(others[len(seconds) :], start=1):
            if verdict.status in FINE:
                counts["mutants wrong"] += 1
                print(f"{problem.id}: mutant {number}: {verdict.status} {verdict.detail}")
        spent.append((time.monotonic() - began, problem.id))
        sys.stdout.flush()
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    for seconds, name in sorted(spent, reverse=True)[:10]:
        print(f"{seconds:6.1f} s  {name}")


if __name__ == "__main__":
    main()
