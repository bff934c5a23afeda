"""Evaluate a model: both arms on the same items, with the same seeds.

Belongs here: what an evaluation is made from, its two tables, its summary. Does not: suites
(``suites/``), figures and verdicts (``compare.py``), the page (``report.py``).

A suite that cannot run here (no sandbox, no problems) stands in the tables with n = 0 and its
reason. Everything a model says is kept in ``cache``; a killed evaluation goes on from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.children import run_child
from booktune_assets.evaluation.compare import Compared, compare, judged, summary_line
from booktune_assets.evaluation.items import ARMS, Item, ItemScore, Replies
from booktune_assets.evaluation.report import ReportData, render_report
from booktune_assets.evaluation.suite import Given
from booktune_assets.evaluation.suites import open_suites
from booktune_assets.ids import digest, file_sha256
from booktune_assets.llm.models import BaseModel
from booktune_assets.schemas import EVAL, EVAL_ITEMS

__all__ = ["VERSION", "EvalSpec", "Evaluated", "evaluate"]

VERSION = "eval_report.5"
CHILD = "booktune_assets.evaluation.child"


@dataclass(frozen=True, slots=True)
class EvalSpec:
    """What is compared, on what. Without an ``adapter`` the model is measured alone."""

    model: BaseModel
    adapter: Path | None
    adapter_id: str
    eval_id: str
    dataset_id: str
    given: Given
    suites: Sequence[str] = ()
    training_steps: Sequence[Mapping[str, object]] = ()
    composition: Mapping[str, int] = field(default_factory=dict)
    cache: Path | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """Who answers."""
        return ARMS if self.adapter is not None else ARMS[:1]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The two tables, ``report.html``, counts, and the main numbers as lines to print."""

    frames: dict[str, pl.DataFrame]
    files: dict[str, Path]
    counts: dict[str, int]
    summary: list[str]


def evaluate(spec: EvalSpec, work: Path) -> Evaluated:
    """Ask the arms, score, compare, write the report into ``work``."""
    work.mkdir(parents=True, exist_ok=True)
    suites = open_suites(spec.suites)
    items = {suite.card.name: suite.items(spec.given) for suite in suites}
    asked = _ask(spec, work, items)
    rows: list[ItemScore] = []
    compared: list[Compared] = []
    for suite in suites:
        own = items[suite.card.name]
        scored = suite.score(own, _part(asked["replies"], suite.card.name)) if own else []
        rows += scored
        compared += [
            compare(suite.card, metric, scored, suite.skipped(), spec.given.evaluation)
            for metric in suite.card.metrics
        ]
    ids = {"eval_id": spec.eval_id, "adapter_id": spec.adapter_id}
    totals = [ids | row for row in judged(compared)]
    summary = [summary_line(one.card, total) for one, total in zip(compared, totals, strict=True)]
    table: list[dict[str, object]] = [{"eval_id": spec.eval_id, **asdict(row)} for row in rows]
    data = ReportData(
        eval_id=spec.eval_id, adapter_id=spec.adapter_id, base=spec.model.name,
        revision=spec.model.revision, dataset_id=spec.dataset_id, suites=totals, items=table,
        steps=spec.training_steps, composition=spec.composition,
        settings=spec.given.evaluation.model_dump(mode="json"),
    )  # fmt: skip
    page = work / "report.html"
    page.write_text(render_report(data), encoding="utf-8")
    return Evaluated(
        {"eval_report": EVAL.frame(totals), "eval_report__items": EVAL_ITEMS.frame(table)},
        {"report.html": page},
        _counts(rows, asked),
        summary,
    )


def _ask(spec: EvalSpec, work: Path, items: Mapping[str, Sequence[Item]]) -> dict[str, Any]:
    """Everything the arms have to say, from the child process and its cache."""
    asked = [
        {
            "id": f"{suite}/{item.item_id}", "ask": item.ask, "text": item.text,
            "options": item.options, "new_tokens": item.new_tokens, "samples": item.samples,
            "temperature": item.temperature, "stop": item.stop,
        }
        for suite, some in items.items()
        for item in some
    ]  # fmt: skip
    child = {
        "model": str(spec.model.path),
        "adapter": str(spec.adapter) if spec.adapter else None,
        "cache": str(spec.cache or work.parent / "generations"),
        "who": _who(spec),
        "arms": list(spec.arms),
        "seed": spec.given.evaluation.seed,
        "items": asked,
    }
    return run_child(CHILD, child, work)


def _who(spec: EvalSpec) -> dict[str, str]:
    """Cache names of the arms: made from weights, so that base answers serve every adapter."""
    base = digest([spec.model.name, spec.model.revision])
    if spec.adapter is None:
        return {"base": f"base-{base}"}
    weights = sorted(spec.adapter.glob("*.safetensors"))
    adapter = digest([file_sha256(path) for path in weights]) if weights else spec.adapter_id
    return {"base": f"base-{base}", "tuned": f"tuned-{digest([base, adapter])}"}


def _part(replies: Replies, suite: str) -> Replies:
    mark = f"{suite}/"
    return {
        arm: {name[len(mark) :]: value for name, value in by_item.items() if name.startswith(mark)}
        for arm, by_item in replies.items()
    }


def _counts(rows: Sequence[ItemScore], asked: Mapping[str, Any]) -> dict[str, int]:
    status = Counter(row.status for row in rows)
    return {
        "rows": len(rows),
        "failed": sum(row.score is None for row in rows),
        "harness_errors": status["harness_error"],
        "asked": int(asked["asked"]),
        "reused": int(asked["reused"]),
    }
