"""What loading the definitions costs: CPU seconds of a fresh Python, and what it brought along.

    python benchmarks/definitions_load.py [--times 3]

Prints the best of several loads, the share of it that is ``import dagster`` alone, and any heavy
library found in ``sys.modules`` (there should be none). Promise: at most 4 CPU seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile

HEAVY = ("torch", "transformers", "vllm", "dbt", "dagster_dbt", "pymupdf", "duckdb")
LIMIT = 4.0  # CPU s


def cpu_of(code: str, home: str) -> tuple[float, str]:
    """CPU seconds (user and system) of a fresh interpreter, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "BOOKTUNE_HOME": home},
        capture_output=True,
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, done.stdout.strip()


def main() -> None:
    """Load a few times; the best one says what the work is, the others what the machine does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=3)
    times = parser.parse_args().times
    load = (
        "import sys, booktune_assets.definitions\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    with tempfile.TemporaryDirectory() as home:
        loads = [cpu_of(load, home) for _ in range(times)]
        floor = min(cpu_of("import dagster", home)[0] for _ in range(times))
    best = min(spent for spent, _ in loads)
    print(f"definitions load: {best:.2f} CPU s (limit {LIMIT:.0f}); import dagster: {floor:.2f}")
    print(f"heavy libraries loaded: {loads[0][1]}")
    if best > LIMIT:
        raise SystemExit("over the limit")


if __name__ == "__main__":
    main()
