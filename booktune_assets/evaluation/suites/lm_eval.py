"""Tasks of lm-evaluation-harness, item by item, where the package and the data are here.

Belongs here: which tasks, and what their figures count as. Does not: running them
(``evaluation/harness.py``).

An item of this suite is a task; its scores are those of the task's own items, so that both arms are
paired by question and not by task.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from booktune_assets.evaluation.harness import files_digest, tasks_named, version
from booktune_assets.evaluation.items import Item, ItemScore, Replies
from booktune_assets.evaluation.suite import Given, card

__all__ = ["LmEval"]

_OUTCOMES = ("acc", "acc_norm", "exact_match", "pass@1")
NOTHING = "no tasks are named (evaluation.lm_eval_tasks)"
MISSING = (
    "lm-eval is not there: pip install 'lm-eval[hf]' in an environment of its own, and name its "
    "Python in evaluation.lm_eval_python or BOOKTUNE_LM_EVAL_PYTHON"
)


class LmEval:
    """What the harness says of the named tasks."""

    def __init__(self) -> None:
        self.card = card("lm_eval")
        self._skipped: list[str] = []

    def items(self, given: Given) -> list[Item]:
        """One for each task; its text names what the task is made of, so that a changed file is
        asked anew."""
        wanted = given.evaluation
        tasks = tasks_named(wanted.lm_eval_tasks)
        found = version(str(wanted.harness()["python"])) if tasks else ""
        if not found:
            self._skipped = [MISSING if tasks else NOTHING]
            return []
        return [
            Item(
                task, "harness",
                json.dumps({"task": task, "files": files_digest(task), "version": found}),
            )
            for task in tasks
        ]  # fmt: skip

    def skipped(self) -> str:
        """What is not installed, and which tasks failed, with the reason."""
        return "; ".join(dict.fromkeys(self._skipped))

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Every item of every task; a task that failed is one row without a score."""
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                reply: Any = replies[arm][item.item_id]
                if isinstance(reply, list):
                    rows += [_row(self.card.name, arm, one) for one in reply]
                    continue
                self._skipped.append(f"{item.item_id} was not run: {reply.get('error')}")
                rows.append(
                    ItemScore(self.card.name, self.card.main.name, item.item_id, arm, None,
                              status="not_run")
                )  # fmt: skip
        return rows


def _row(suite: str, arm: str, said: Sequence[Any]) -> ItemScore:
    """Points from 0 to 100 of what is right or wrong or in between; bits per byte of texts."""
    leaf, item, metric, value, weight, prompt, answer, target = said
    if metric == "bits_per_byte":
        name, score = metric, -value / math.log(2) / weight if weight else None
    else:
        outcome = metric in _OUTCOMES or metric.endswith("_acc")
        name, score = "accuracy" if outcome else "score", 100.0 * value
    if score is not None and not math.isfinite(score):
        score = None
    status = "not_finite" if score is None else "wrong" if score == 0 else "ok"
    return ItemScore(
        suite, name, f"{leaf}/{item}", arm, score, weight, prompt=prompt, output=answer,
        reference=target, status=status,
    )  # fmt: skip
