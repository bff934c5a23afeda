"""Broken books by the thousand through the real reading path: what crashes, hangs or escapes?

    .venv/bin/python benchmarks/fuzz/reading.py [--inputs 10000] [--seed 1] [--kinds pdf epub]
                                                [--only N] [--minutes M] [--keep DIR]

Each input is made from a seed file (``_seeds.py``) by changes (``_mutate.py``) that follow from
``--seed`` and its number alone, and is read by ``read_book`` in the bounded child: 10 s, 1 GB. A
finding is: a crash of the child, no answer in time, an error without a code or over several lines,
a table that breaks its contract, a character lost or doubled, a file written, a process left.
``--kinds layout`` starts from pages on which rules of layout fire (``_layouts.py``). ``--only N``
does one input again. Exit code 1 when there is a finding.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from _mutate import mutated
from _seeds import Seed, layouts, seeds

HERE = Path(__file__).parent
BOOKS = Path(os.environ.get("BOOKTUNE_BOOKS", HERE.parents[2] / "shared" / "books"))
SECONDS, MEMORY_MB = 10, 1024
BAD = ("READER_CRASHED", "TOO_SLOW", "INTERNAL", "CONTRACT_BROKEN")
SHARES = {"pdf": 11, "epub": 7, "md": 1, "livemd": 1}  # what is drawn by default
LAYOUTS = "layout"


@dataclass
class Tally:
    """What came of the inputs."""

    codes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    slowest: float = 0.0
    peak: int = 0


def judge(path: Path, tally: Tally, pictures: Path | None = None) -> str:
    """Read one file; words that say what is wrong with the answer, or nothing.

    With a folder for its ``pictures`` they are drawn, and words and cells are read precisely.
    """
    from booktune_assets.books.reader import read_book
    from booktune_assets.contracts import check
    from booktune_assets.errors import BookError
    from booktune_assets.schemas import TABLES
    from booktune_assets.settings import Reading

    start = spent()
    try:
        reading = Reading(
            seconds_per_book=SECONDS, memory_mb=MEMORY_MB, precise=pictures is not None
        )
        raw = read_book(path, "fuzz", reading, figures=pictures)
    except BookError as problem:
        tally.codes[problem.code.value] += 1
        if problem.code.value in BAD or "\n" in str(problem):
            return str(problem)
        return _late(start, tally)
    except Exception as problem:
        tally.codes[type(problem).__name__] += 1
        return f"no coded error: {type(problem).__name__}: {problem}"
    tally.codes["accepted"] += 1
    for name, frame in raw.frames.items():
        check(TABLES[name], frame)
    if raw.counts["lost"] or raw.counts["doubled"]:
        return f"not conserved: lost {raw.counts['lost']}, doubled {raw.counts['doubled']}"
    return _late(start, tally)


def spent() -> float:
    """CPU seconds of this process and its children: a busy machine stretches the wall clock."""
    import psutil

    mine = psutil.Process()
    times = [mine.cpu_times(), *(child.cpu_times() for child in mine.children())]
    gone = times[0].children_user + times[0].children_system
    return gone + sum(one.user + one.system for one in times)


def _late(start: float, tally: Tally) -> str:
    took = spent() - start
    tally.slowest = max(tally.slowest, took)
    return f"took {took:.1f} CPU s" if took > SECONDS else ""


def left_over(folder: Path, path: Path) -> str:
    """Files and processes that should not be there."""
    import psutil

    from booktune_assets.books import bounded

    files = [one.name for one in folder.iterdir() if one != path]
    child = bounded._child()
    grown = psutil.Process(child.pid).children(recursive=True)
    others = [one.pid for one in psutil.Process().children() if one.pid != child.pid]
    if files or grown or others:
        return f"left behind: files {files}, processes {[p.pid for p in grown] + others}"
    return ""


def make(number: int, seed: int, found: list[Seed], kinds: list[str]) -> tuple[Seed, bytes]:
    """Input ``number`` of a run."""
    random = Random(f"{seed}:{number}")
    kind = random.choices(kinds, [SHARES.get(one, 22) for one in kinds])[0]
    same = [one for one in found if one.kind == kind]
    chosen = random.choice(same)
    return chosen, mutated(chosen, same, random)


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=[*SHARES, LAYOUTS], default=list(SHARES))
    parser.add_argument("--only", type=int)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop early")
    parser.add_argument("--precise", action="store_true", help="with pictures, words and cells")
    parser.add_argument("--keep", type=Path, help="where the files of findings are put")
    asked = parser.parse_args()
    found = seeds(BOOKS) + (layouts(BOOKS) if LAYOUTS in asked.kinds else [])
    print(f"{len(found)} seed files, seed {asked.seed}", flush=True)
    tally = Tally()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as drawn:
        os.environ["TMPDIR"] = name  # where a library would put what it writes
        folder = Path(name)
        numbers = range(asked.inputs) if asked.only is None else [asked.only]
        for number in numbers:
            if time.monotonic() - start > 60 * asked.minutes:
                break
            seed, data = make(number, asked.seed, found, asked.kinds)
            path = folder / f"input{seed.suffix}"
            path.write_bytes(data or b"x")
            problem = judge(path, tally, Path(drawn) if asked.precise else None)
            tally.kinds[seed.kind] += 1
            if number % 50 == 0:
                problem = problem or left_over(folder, path)
            if problem:
                tally.findings.append(problem)
                print(f"FINDING {asked.seed}:{number} {seed.name}: {problem[:300]}", flush=True)
                if asked.keep:
                    asked.keep.mkdir(parents=True, exist_ok=True)
                    (asked.keep / f"{asked.seed}-{number}{seed.suffix}").write_bytes(data)
            path.unlink()
            if number % 1000 == 999:
                print(f"{number + 1} inputs, {time.monotonic() - start:.0f} s", flush=True)
    print(f"inputs    {dict(tally.kinds)}")
    print(f"answers   {dict(tally.codes.most_common())}")
    print(f"slowest   {tally.slowest:.1f} CPU s of {SECONDS} s")
    print(f"findings  {len(tally.findings)}")
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[1]))
    sys.exit(main())
