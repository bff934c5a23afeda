"""What a verdict costs, beside ``elixir file.exs`` for each candidate; and what is left behind.

    .venv/bin/python benchmarks/beam.py [--quick | --full]

CPU seconds are those of the cgroups, so every process inside counts; booting BEAMs and compiling
tests is included and shown. ``--full`` judges 2,000 candidates in one go (``--quick``: 200).
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import psutil
from _programs import problems
from _words import words

from booktune_assets.beam.cgroups import find
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import Use, judge_many
from booktune_assets.beam.sandbox import Limits, run

_NAIVE = Limits(cpu_seconds=30, wall_seconds=300.0)


def naive(jobs: list[tuple[Problem, str]]) -> float:
    """CPU seconds a candidate of a script with the tests below the program."""
    total = 0.0
    for problem, text in jobs:
        script = f"{text}\nExUnit.start()\n{problem.tests}"
        ran = run(["elixir", "/job/file.exs"], {"file.exs": script}, _NAIVE)
        total += ran.cpu_seconds
    return total / len(jobs)


class Watch(threading.Thread):
    """Memory of this process while it judges, MB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: list[float] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.5):
            self.seen.append(psutil.Process().memory_info().rss / 1e6)


def left() -> dict[str, int]:
    """What a leak would add to: processes, descriptors, threads, cgroups."""
    mine = f"booktune-{os.getpid()}-"
    parents = {place for place, _ in find().parents.values()}
    groups = [one for place in parents for one in place.glob(mine + "*")]
    return {
        "processes": len(psutil.Process().children(recursive=True)),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "threads": threading.active_count(),
        "cgroups": len(groups),
        "files in /tmp": sum(1 for _ in Path(tempfile.gettempdir()).iterdir()),
    }


def measured(jobs: list[tuple[Problem, str]], *, final: bool) -> tuple[float, Use, Counter[str]]:
    """CPU seconds a candidate, with this process's own."""
    use, before = Use(), time.process_time()
    verdicts = judge_many(jobs, final=final, use=use)
    own = time.process_time() - before
    total = use.cpu_seconds + own
    wrong = [v for n, v in enumerate(verdicts) if (v.status == "pass") != (n % 2 == 0)]
    alone = sum(one.cpu_seconds for one in verdicts)
    print(f"  BEAMs {use.cpu_seconds:.1f} s (runs {alone:.1f} s), this process {own:.1f} s")
    if wrong:
        print("  WRONG VERDICTS:", wrong[:3])
    return total / len(jobs), use, Counter(one.status for one in verdicts)


def main() -> None:
    count = 2_000 if "--full" in words() else 200
    made = problems(100 if count > 200 else 50)
    jobs = [(p, text) for p, right, wrong in made for text in (right, wrong)]
    jobs = (jobs * (count // len(jobs) + 1))[:count]
    judge_many(jobs[:2])  # compiles the harness and finds the sandbox
    plain = naive(jobs[:20])
    print(f"elixir file.exs            {plain * 1000:7.1f} ms CPU a candidate (20)")
    before = left()
    for title, final in (("first look (warm)", False), ("final (split)", True)):
        watch, started = Watch(), time.monotonic()
        watch.start()
        cost, use, classes = measured(jobs, final=final)
        watch.over.set()
        watch.join()
        print(
            f"{title:26} {cost * 1000:7.1f} ms CPU a candidate ({count}), "
            f"{plain / cost:.1f} times; {use.beams} BEAMs, "
            f"{time.monotonic() - started:.0f} s by the clock; {dict(classes)}"
        )
        third = max(1, len(watch.seen) // 3)
        first, last = max(watch.seen[:third]), max(watch.seen[-third:])
        print(f"  memory of this process: {first:.0f} MB, later {last:.0f} MB")
    print(f"left before {before}")
    print(f"left after  {left()}")


if __name__ == "__main__":
    main()
