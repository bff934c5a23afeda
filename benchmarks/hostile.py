"""All hostile programs of the tests on each rung of the ladder that can run here.

    .venv/bin/python benchmarks/hostile.py [RUNG …]

The tests run all of them on the best rung alone, and those that end by themselves on each; this
runs both languages, at compile time and at run time, on every rung. Prints how many tests of
``test_hostile.py`` pass on it and what does not, with the seconds by the clock. The slowest rung
(gVisor) takes several minutes: name the rungs to run one.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from booktune_assets.beam.ladder import NAMES
from booktune_assets.beam.sandbox import probe

ROOT = Path(__file__).resolve().parents[1]
TESTS = "booktune_assets_tests/beam/test_hostile.py"


def main() -> int:
    """One line a rung; 1 when a test fails on any."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("rungs", nargs="*", metavar="RUNG", help=", ".join(NAMES))
    wrong = False
    for name in parser.parse_args().rungs or NAMES:
        os.environ["BOOKTUNE_SANDBOX"] = name
        probe.cache_clear()
        if (found := probe()).kind == "none":
            print(f"{name:15} cannot run here: {found.reason}")
            continue
        began = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "--tb=line", TESTS]
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        last = re.sub(r" in [\d.]+s.*", "", done.stdout.strip().rpartition("\n")[2]).strip("= ")
        print(f"{name:15} {last}, {time.monotonic() - began:.0f} s ({found.strength})")
        if done.returncode:
            wrong = True
            print("\n".join(line for line in done.stdout.splitlines() if "FAILED" in line))
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
