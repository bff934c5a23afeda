"""`make demo` as a new user meets it: a fresh clone, a new environment, then the same again.

    python benchmarks/demo.py

Prints wall minutes of the set-up and of the run, peak memory of the whole process tree (resident,
shared pages counted once by proportional set size where the kernel tells it), and the seconds of a
second run with nothing changed. Needs the package registries (or their caches).
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]


def tree_memory(process: psutil.Process) -> int:
    """Bytes held by a process and its children: proportional set size, else resident size."""
    total = 0
    for member in [process, *process.children(recursive=True)]:
        try:
            full = member.memory_full_info()
            total += getattr(full, "pss", full.rss)
        except psutil.Error:
            continue
    return total


def run(command: list[str], folder: Path) -> tuple[float, int]:
    """(wall seconds, peak bytes) of a command; its output is shown."""
    began, peak = time.monotonic(), 0
    with subprocess.Popen(command, cwd=folder) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, tree_memory(watched))
            except psutil.NoSuchProcess:
                break
            time.sleep(0.25)
        if process.wait() != 0:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.monotonic() - began, peak


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "booktune"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        setup, _ = run(["make", "setup"], clone)
        first, peak = run(["make", "demo"], clone)
        second, _ = run(["make", "demo"], clone)
    print(f"set-up             {setup / 60:6.1f} min (limit 6)")
    print(f"set-up and demo    {(setup + first) / 60:6.1f} min (limit 15)")
    print(f"peak memory        {peak / 2**30:6.2f} GiB (limit 6)")
    print(f"unchanged re-run   {second:6.1f} s (limit 30)")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    main()
