"""Runs inside the interpreter that has lm-eval: tasks of one folder, one model, all items.

Belongs here: asking lm-evaluation-harness and writing down what it gave for each item. Does not:
anything of booktune, which that interpreter need not have.

    python -P lm_eval_script.py SPEC RESULT

RESULT is, by task, a list of rows ``[leaf task, item, metric, value, weight, prompt, answer,
target]``, or ``{"error": why}``. A task counts by one metric, the first of :data:`PREFERRED` that
it has, else its first; of several filters the first. Values are as the harness has them, for
``bits_per_byte`` the log likelihood in nats (below 0), weighted by bytes.
"""

from __future__ import annotations

import ctypes
import json
import signal
import sys
from pathlib import Path
from typing import Any

__all__ = ["PREFERRED", "rows_of"]

PREFERRED = ("acc_norm", "acc", "exact_match", "prompt_level_strict_acc", "pass@1", "bits_per_byte")
SHOWN = 4000  # characters of prompt and answer that are kept
BATCH = 8


def main() -> None:
    """Load the model once, run each task by itself, write what came out."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # die with the parent
    spec, result = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2])
    import torch
    from lm_eval.evaluator import simple_evaluate  # pyright: ignore
    from lm_eval.models.huggingface import HFLM  # pyright: ignore
    from lm_eval.tasks import TaskManager  # pyright: ignore

    gpu = torch.cuda.is_available()
    adapted = {"peft": spec["adapter"]} if spec["adapter"] else {}
    model: Any = HFLM(
        pretrained=spec["model"], batch_size=BATCH, device="cuda" if gpu else "cpu",
        dtype="bfloat16" if gpu else "float32", **adapted,
    )  # fmt: skip
    own = all(task.endswith((".yaml", ".yml")) for task in spec["tasks"])
    manager = TaskManager(include_defaults=not own)
    found: dict[str, Any] = {}
    for task in spec["tasks"]:
        try:
            said: Any = simple_evaluate(
                model=model, tasks=[task], limit=spec["limit"], bootstrap_iters=0,
                log_samples=True, task_manager=manager,
            )  # fmt: skip
            found[task] = rows_of(said["samples"])
        except Exception as problem:  # another task may be in order
            lines = str(problem).strip().splitlines() or [""]
            found[task] = {"error": f"{type(problem).__name__}: {lines[0]}"}
    result.write_text(json.dumps(found), encoding="utf-8")


def rows_of(samples: dict[str, list[dict[str, Any]]]) -> list[list[Any]]:
    """Rows of all leaf tasks. Raises ``ValueError`` for a task without a metric by item."""
    found: list[list[Any]] = []
    for leaf, some in sorted(samples.items()):
        if not some:
            continue
        metric = _metric(leaf, some[0])
        first = some[0].get("filter")
        for one in some:
            if one.get("filter") != first:
                continue
            value, weight = one[metric], 1.0
            if metric == "bits_per_byte":
                value, weight = (float(figure) for figure in value)
            prompt, answer = one["arguments"][0][0], json.dumps(one["filtered_resps"], default=str)
            found.append([
                leaf, one["doc_id"], metric, float(value), weight, str(prompt)[:SHOWN],
                answer[:SHOWN], str(one["target"])[:SHOWN],
            ])  # fmt: skip
    return found


def _metric(leaf: str, sample: dict[str, Any]) -> str:
    names: list[str] = list(sample["metrics"])
    for name in (*PREFERRED, *names):
        plain = isinstance(sample.get(name), bool | int | float)
        if name in names and (plain or name == "bits_per_byte"):
            return name
    raise ValueError(f"{leaf} has no metric that one item has by itself: {', '.join(names)}")


if __name__ == "__main__":
    main()
