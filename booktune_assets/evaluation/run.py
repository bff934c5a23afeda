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
from booktune_assets.evaluation.side_by_side import asked_digests
from booktune_assets.evaluation.suite import Given, Suite
from booktune_assets.evaluation.suites import open_suites
from booktune_assets.ids import digest, file_sha256
from booktune_assets.llm.models import BaseModel
from booktune_assets.schemas import EVAL, EVAL_ITEMS

__all__ = ["VERSION", "EvalSpec", "Evaluated", "Plan", "evaluate", "planned"]

VERSION = "eval_report.6"
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
    further: Sequence[tuple[str, str, str]] = ()  # sections of the report: heading, words, HTML
    cache: Path | None = None
    server: Mapping[str, Any] | None = None  # asked in place of the folder; see ``child._open``
    served_adapter: str = ""  # the server's name of the adapter
    refuses: Mapping[str, str] = field(default_factory=dict[str, str])  # kind of item → why not
    absent: str = ""  # why suites that need books have none
    limit: int = 0  # items of a suite, at most; 0: as the settings say

    @property
    def arms(self) -> tuple[str, ...]:
        """Who answers."""
        return ARMS if self.adapter is not None or self.served_adapter else ARMS[:1]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The two tables, ``report.html``, counts, and the main numbers as lines to print."""

    frames: dict[str, pl.DataFrame]
    files: dict[str, Path]
    counts: dict[str, int]
    summary: list[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """Suites with their items, before anything is asked. ``reasons``: why a suite has none."""

    suites: Sequence[Suite]
    items: Mapping[str, Sequence[Item]]
    reasons: Mapping[str, str]

    def child(self, spec: EvalSpec, work: Path) -> dict[str, Any]:
        """What the child is given."""
        return _child(spec, work, self.items)

    def skipped(self, suite: Suite) -> str:
        """Why some or all items are left out."""
        return "; ".join(filter(None, (suite.skipped(), self.reasons.get(suite.card.name, ""))))


def planned(spec: EvalSpec) -> Plan:
    """The items of the chosen suites. Raises for a suite whose files are broken."""
    suites = open_suites(spec.suites)
    items: dict[str, Sequence[Item]] = {}
    reasons: dict[str, str] = {}
    for suite in suites:
        name, found = suite.card.name, suite.items(spec.given)
        refused = sorted({spec.refuses[one.ask] for one in found if one.ask in spec.refuses})
        if refused:
            found, reasons[name] = [], "; ".join(refused)
        elif not found and not suite.skipped() and spec.absent:
            reasons[name] = spec.absent
        items[name] = found[: spec.limit] if spec.limit else found
    return Plan(suites, items, reasons)


def evaluate(spec: EvalSpec, work: Path, plan: Plan | None = None) -> Evaluated:
    """Ask the arms, score, compare, write the report into ``work``."""
    work.mkdir(parents=True, exist_ok=True)
    if plan is None:
        plan = planned(spec)
    suites, items = plan.suites, plan.items
    asked = run_child(CHILD, plan.child(spec, work), work)
    rows: list[ItemScore] = []
    table: list[dict[str, object]] = []
    compared: list[Compared] = []
    for suite in suites:
        own = items[suite.card.name]
        scored = suite.score(own, _part(asked["replies"], suite.card.name)) if own else []
        rows += scored
        table += _table(spec, own, scored)
        compared += [
            compare(suite.card, metric, scored, plan.skipped(suite), spec.given.evaluation)
            for metric in suite.card.metrics
        ]
    ids = {"eval_id": spec.eval_id, "adapter_id": spec.adapter_id}
    totals = [ids | row for row in judged(compared)]
    summary = [
        summary_line(one.card, total)
        for one, total in zip(compared, totals, strict=True)
        if total["metric"] == one.card.main.name
    ]
    data = ReportData(
        eval_id=spec.eval_id, adapter_id=spec.adapter_id, base=spec.model.name,
        revision=spec.model.revision, dataset_id=spec.dataset_id, suites=totals, items=table,
        steps=spec.training_steps, composition=spec.composition, further=spec.further,
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


def _table(
    spec: EvalSpec, items: Sequence[Item], scored: Sequence[ItemScore]
) -> list[dict[str, object]]:
    """Rows of ``eval_report__items``."""
    same = asked_digests(items, scored, spec.given.evaluation.seed)
    ids: dict[str, object] = {"eval_id": spec.eval_id}
    return [ids | asdict(row) | {"asked": same[row.item_id]} for row in scored]


def _child(spec: EvalSpec, work: Path, items: Mapping[str, Sequence[Item]]) -> dict[str, Any]:
    """Everything the arms are asked, for the child process."""
    asked = [
        {
            "id": f"{suite}/{item.item_id}", "ask": item.ask, "text": item.text,
            "options": item.options, "new_tokens": item.new_tokens, "samples": item.samples,
            "temperature": item.temperature, "stop": item.stop,
        }
        for suite, some in items.items()
        for item in some
    ]  # fmt: skip
    return {
        "model": str(spec.model.path),
        "adapter": spec.served_adapter or (str(spec.adapter) if spec.adapter else None),
        "server": dict(spec.server) if spec.server else None,
        "cache": str(spec.cache or work.parent / "generations"),
        "who": _who(spec),
        "arms": list(spec.arms),
        "seed": spec.given.evaluation.seed,
        "items": asked,
    }


def _who(spec: EvalSpec) -> dict[str, str]:
    """Cache names of the arms: made from weights, so that base answers serve every adapter."""
    base = digest([spec.model.name, spec.model.revision])
    if spec.served_adapter:
        return {"base": f"base-{base}", "tuned": f"tuned-{digest([base, spec.served_adapter])}"}
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
