"""Loading the definitions is cheap: no model library, no dbt, no file made."""

import os
import subprocess
import sys
from pathlib import Path

from booktune_assets.settings import PROJECT

HEAVY = ("torch", "transformers", "peft", "vllm", "dbt", "dagster_dbt", "pymupdf", "duckdb")
LOOK = f"""
import sys
import booktune_assets.definitions
heavy = [name for name in {HEAVY!r} if name in sys.modules]
print("loaded:", heavy)
"""


def test_definitions_load_nothing_heavy_and_make_no_file(tmp_path: Path):
    home = tmp_path / "home"
    env = {**os.environ, "BOOKTUNE_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("DAGSTER_HOME", None)
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=PROJECT, env=env, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.strip().endswith("loaded: []"), done.stdout
    assert not list(tmp_path.iterdir())
