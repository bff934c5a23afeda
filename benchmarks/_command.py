"""The command line as a user starts it: a process of its own, through its entry point."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from _clock import lap

ROOT = Path(__file__).resolve().parents[1]


def booktune(home: Path, *words: str) -> float:
    """CPU seconds of ``booktune --home HOME WORDS…``; raises when it fails."""
    entry = [sys.executable, "-c", "from booktune_assets.cli import main; main()"]
    places = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    with lap() as spent:
        done = subprocess.run(
            [*entry, "--home", str(home), *words], env=env, check=False, capture_output=True,
            text=True,
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"booktune {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return spent.cpu
