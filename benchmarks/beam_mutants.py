"""Known bad: generated mutants of reference solutions, judged as any candidate is.

    .venv/bin/python benchmarks/beam_mutants.py [--each N] [--sample M] [--wall S] [PROBLEMS]

PROBLEMS is a folder of problem folders or a file of rows (default: ours, ``data/evals``); N mutants
are made of each reference (default 4), and of them all M are judged, chosen by hash (default: all);
one that waits is ended after S seconds by the clock (default 60, as usual). Said are the share that
does not pass, by language and by kind of fault, and every mutant that passes: some of those change
nothing that shows. Ends with 1 if less than 92 % are caught or a verdict is a fault of the harness.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from booktune_assets.beam.mutate import Mutant, mutants_of
from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.beam.runner import Use, judge_many
from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.verdicts import Verdict
from booktune_assets.ids import stable_int
from booktune_assets.progress import sink

_OURS = Path(__file__).resolve().parents[1] / "data" / "evals" / "problems"
_LEAST = 0.92
Row = tuple[Problem, Mutant, Verdict]


def judged(
    problems: Iterable[Problem], each: int, wall: float, sample: int
) -> tuple[list[Row], Use]:
    """Verdicts on mutants of all references (``sample`` of them, if not 0), and what they cost."""
    made = [(one, two) for one in problems for two in mutants_of(one.reference, one.language, each)]
    if sample:
        made = sorted(made, key=lambda one: stable_int(f"{one[0].id} {one[1].text}"))[:sample]
    use = Use()
    jobs = [(one, two.text) for one, two in made]
    limits = Limits(cpu_seconds=10, wall_seconds=wall)
    # many mutants only wait (a message that nobody sends): more lanes than cores
    lanes = 3 * len(os.sched_getaffinity(0))
    with sink(lambda tick: print(f"\r{tick.done}/{tick.total}", end="", file=sys.stderr)):
        verdicts = judge_many(jobs, limits, workers=lanes, use=use)
    return [(*one, said) for one, said in zip(made, verdicts, strict=True)], use


def share(rows: Iterable[Row]) -> str:
    found = [said.status != "pass" for _, _, said in rows]
    return f"{sum(found)} of {len(found)} ({100 * sum(found) / max(1, len(found)):.1f} %)"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("problems", nargs="?", type=Path, default=_OURS)
    asked.add_argument("--each", type=int, default=4)
    asked.add_argument("--wall", type=float, default=60.0)
    asked.add_argument("--sample", type=int, default=0)
    words = asked.parse_args()
    problems = load_problems(words.problems)
    started = time.monotonic()
    rows, use = judged(problems, words.each, words.wall, words.sample)
    compiled = [row for row in rows if row[2].status != "compile_error"]
    print(f"{len(problems)} problems, mutants that do not pass: {share(rows)}")
    print(f"  of those that compile: {share(compiled)}")
    for language in ("elixir", "erlang"):
        print(f"  {language}: {share(row for row in rows if row[0].language == language)}")
    for kind in sorted({made.kind for _, made, _ in rows}):
        print(f"  {kind}: {share(row for row in rows if row[1].kind == kind)}")
    print(f"  classes: {dict(Counter(said.status for _, _, said in rows).most_common())}")
    print(f"  {time.monotonic() - started:.0f} s by the clock, {use.cpu_seconds:.0f} CPU seconds")
    for one, made, said in rows:
        if said.status in ("pass", "harness_error"):
            print(f"  {said.status}: {one.id} {made.kind} {made.fault} {said.detail[:200]}")
    faults = sum(said.status == "harness_error" for _, _, said in rows)
    caught = sum(said.status != "pass" for _, _, said in rows)
    return int(not rows or faults > 0 or caught / len(rows) < _LEAST)


if __name__ == "__main__":
    raise SystemExit(main())
