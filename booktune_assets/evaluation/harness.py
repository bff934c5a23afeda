"""Tasks of lm-evaluation-harness, run by its own code in an interpreter that has it.

Belongs here: is it there, which files a task is made of, running tasks for one arm. Does not: what
runs inside that interpreter (``lm_eval_script.py``), scores (``suites/lm_eval.py``).

Nothing is downloaded: the process is told to be offline, and a task whose data is not on this
machine fails with what its loader said.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from booktune_assets.ids import digest, file_sha256

__all__ = ["files_digest", "run_tasks", "tasks_named", "version"]

SCRIPT = Path(__file__).with_name("lm_eval_script.py")
OFFLINE = dict.fromkeys(("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"), "1")
_YAML = (".yaml", ".yml")
_ASK = (
    "from importlib.metadata import version as v; from importlib.util import find_spec as f; "
    "print(v('lm_eval') if f('torch') and f('transformers') else '')"
)
_PROBE_SECONDS = 60


@cache
def version(python: str) -> str:
    """Version of lm-eval that an interpreter has, beside torch and transformers; else empty."""
    try:
        done = subprocess.run(
            [python, "-c", _ASK], capture_output=True, text=True, timeout=_PROBE_SECONDS,
            env=_environment(), check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def tasks_named(wanted: Sequence[str]) -> list[str]:
    """Names as they are; of a YAML file or a folder, the absolute paths of the tasks in it.

    Files whose name begins with ``_`` are only included by others.
    """
    found: list[str] = []
    for name in wanted:
        path = Path(name).expanduser()
        if path.is_dir():
            files = sorted(one for one in path.rglob("*") if one.suffix in _YAML)
            found += [str(one.resolve()) for one in files if not one.name.startswith("_")]
        else:
            found.append(str(path.resolve()) if path.suffix in _YAML else name)
    return list(dict.fromkeys(found))


def files_digest(task: str) -> str:
    """Digest of what a task of one's own is made of: its folder's YAML, code and data files."""
    path = Path(task)
    if path.suffix not in _YAML:
        return ""
    kinds = (*_YAML, ".py", ".jsonl", ".json", ".csv", ".parquet", ".txt")
    files = sorted(one for one in path.parent.rglob("*") if one.suffix in kinds and one.is_file())
    return digest([[str(one.relative_to(path.parent)), file_sha256(one)] for one in files])


def run_tasks(
    python: str, model: str, adapter: str | None, tasks: Sequence[str], limit: int, work: Path
) -> dict[str, Any]:
    """Rows of each task, or ``{"error": why}``; see ``lm_eval_script.py`` for the rows.

    Tasks of one folder share a process, which starts there, so that their data is found by
    relative paths.
    """
    work.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    for folder in sorted({_folder(task) for task in tasks}):
        own = [task for task in tasks if _folder(task) == folder]
        spec = {"model": model, "adapter": adapter, "tasks": own, "limit": limit}
        found |= _run(python, spec, folder or str(work), work)
    return found


def _run(python: str, spec: Mapping[str, Any], folder: str, work: Path) -> dict[str, Any]:
    asked, answer, log = (work / f"lm_eval.{end}" for end in ("spec.json", "result.json", "log"))
    asked.write_text(json.dumps(spec), encoding="utf-8")
    answer.unlink(missing_ok=True)
    with log.open("w", encoding="utf-8") as said:
        done = subprocess.run(
            [python, "-P", str(SCRIPT), str(asked.resolve()), str(answer.resolve())],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
            env=_environment(), check=False,
        )  # fmt: skip
    if answer.is_file():
        return dict(json.loads(answer.read_text(encoding="utf-8")))
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = lines[-1] if lines else "nothing"
    why = f"lm-eval ended with exit code {done.returncode}; it said last: {last}"
    return {task: {"error": why} for task in spec["tasks"]}


def _folder(task: str) -> str:
    path = Path(task)
    return str(path.parent) if path.suffix in _YAML else ""


def _environment() -> dict[str, str]:
    """This process's, offline, without paths that would give the other interpreter our packages."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return kept | OFFLINE | {"TOKENIZERS_PARALLELISM": "false"}
