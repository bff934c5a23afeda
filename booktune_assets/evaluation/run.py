"""Evaluate a model: both arms on the same items, with the same seeds.

Belongs here: what an evaluation is made from, its tables, its summary. Does not: suites
(``suites/``), figures and verdicts (``compare.py``), the page (``report.py``).

A suite that cannot run here (no sandbox, no problems) stands in the tables with n = 0 and its
reason. Everything a model says is kept in ``cache``; a killed evaluation goes on from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.children import run_child
from booktune_assets.evaluation.cache import adapter_digest
from booktune_assets.evaluation.child import expected
from booktune_assets.evaluation.compare import Compared, compare, judged, summary_line
from booktune_assets.evaluation.cost import said
from booktune_assets.evaluation.items import ARMS, Item, ItemScore, Replies, within
from booktune_assets.evaluation.report import ReportData, failing, render_report
from booktune_assets.evaluation.report_stages import said_of_stages
from booktune_assets.evaluation.sampled import metrics_of, pass_at_more
from booktune_assets.evaluation.seen import Lineage, Seen
from booktune_assets.evaluation.side_by_side import asked_digests
from booktune_assets.evaluation.staged import StageRows, score_stages
from booktune_assets.evaluation.suite import Given, Suite
from booktune_assets.evaluation.suites import OF_BOOKS, open_suites
from booktune_assets.evaluation.verdicts import keeping
from booktune_assets.ids import digest
from booktune_assets.llm.models import BaseModel
from booktune_assets.progress import advance
from booktune_assets.schemas import EVAL, EVAL_ITEMS
from booktune_assets.schemas_evaluation import EVAL_SPENT, EVAL_STAGE_FIGURES, EVAL_STAGES

__all__ = ["VERSION", "EvalSpec", "Evaluated", "Plan", "evaluate", "planned"]

VERSION = "eval_report.12"
CHILD = "booktune_assets.evaluation.child"
_ALONE = dict.fromkeys(("drift", "drift_answer"), "one model has no distance from itself")


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
    strengths: Sequence[Mapping[str, object]] = ()  # rows of lora_adapter__curve
    stages: Sequence[tuple[str, Path | None]] = ()  # in order; the last one is the adapter itself
    lineage: Lineage | None = None
    composition: Mapping[str, int] = field(default_factory=dict)
    further: Sequence[tuple[str, str, str]] = ()  # sections of the report: heading, words, HTML
    cache: Path | None = None
    server: Mapping[str, Any] | None = None  # asked in place of the folder; see ``child._open``
    vllm: Mapping[str, Any] | None = None  # ``python``, ``arguments``, ``further``: of the user
    served_adapter: str = ""  # the server's name of the adapter
    refuses: Mapping[str, str] = field(default_factory=dict[str, str])  # kind of item → why not
    absent: str = ""  # why suites that need books have none
    limit: int = 0  # items of a suite, at most; 0: as the settings say

    @property
    def arms(self) -> tuple[str, ...]:
        """Who answers."""
        return ARMS if self.adapter is not None or self.served_adapter else ARMS[:1]

    @property
    def samples(self) -> int:
        """Programs of each problem; at temperature 0 all would be the same."""
        return self.given.evaluation.samples if self.given.evaluation.temperature else 1


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The tables, ``report.html`` and its crops, counts, the main numbers as lines to print.

    ``staged``: those of them that tell of stages. ``faults``: why items could not be asked, a line
    for each code with its first message.
    """

    frames: dict[str, pl.DataFrame]
    files: dict[str, Path]
    counts: dict[str, int]
    summary: list[str]
    staged: list[str]
    faults: list[str] = field(default_factory=list[str])


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
        name = suite.card.name
        why = self.reasons.get(name, "")
        if why and name in OF_BOOKS and not self.items[name]:
            return why  # without books, what a suite misses in them says nothing
        return "; ".join(filter(None, (suite.skipped(), why)))


def planned(spec: EvalSpec) -> Plan:
    """The items of the chosen suites. Raises for a suite whose files are broken."""
    suites = open_suites(spec.suites)
    items: dict[str, Sequence[Item]] = {}
    reasons: dict[str, str] = {}
    refuses = _ALONE | dict(spec.refuses) if len(spec.arms) == 1 else spec.refuses
    for suite in suites:
        with keeping(spec.cache):
            name, found = suite.card.name, suite.items(spec.given)
        found, refused = _able(found, refuses)
        if refused:
            reasons[name] = refused
        elif not found and spec.absent and (not suite.skipped() or name in OF_BOOKS):
            reasons[name] = spec.absent
        items[name] = within(found, spec.limit) if spec.limit else found
        if found and not items[name]:
            reasons[name] = f"a limit of {spec.limit} is less than what is only scored together"
    return Plan(suites, items, reasons)


def evaluate(spec: EvalSpec, work: Path, plan: Plan | None = None) -> Evaluated:
    """Ask the arms, score, compare, write the report into ``work``."""
    work.mkdir(parents=True, exist_ok=True)
    plan = plan or planned(spec)
    suites, items = plan.suites, plan.items
    child = plan.child(spec, work)
    costs = expected(child)
    advance("to be asked", 0, sum(one.calls for one in costs), said(costs))
    asked = run_child(CHILD, child, work)
    rows: list[ItemScore] = []
    table: list[dict[str, object]] = []
    compared: list[Compared] = []
    for suite in suites:
        own = items[suite.card.name]
        with keeping(spec.cache):
            # with nothing to ask too: a file of broken items only has rows that say so
            scored = suite.score(own, _part(asked["replies"], suite.card.name))
        scored = [*scored, *pass_at_more(scored, spec.samples)]
        rows += scored
        table += _table(spec, own, scored)
        compared += [
            compare(suite.card, metric, scored, plan.skipped(suite), spec.given.evaluation)
            for metric in metrics_of(suite.card, [row.metric for row in scored])
        ]
    rows = _with_concepts(rows, spec.lineage)
    staged = _stages(spec, plan, rows, work)
    ids = {"eval_id": spec.eval_id, "adapter_id": spec.adapter_id}
    totals: list[dict[str, object]] = [{**ids, **row} for row in judged(compared)]
    tables: dict[str, list[dict[str, object]]] = {
        EVAL.name: totals,
        EVAL_ITEMS.name: table,
        EVAL_SPENT.name: [{"eval_id": spec.eval_id, **row} for row in asked.get("spent", ())],
        EVAL_STAGES.name: [{"eval_id": spec.eval_id, **row} for row in staged.cells],
        EVAL_STAGE_FIGURES.name: [{"eval_id": spec.eval_id, **row} for row in staged.figures],
    }
    files = _report(spec, tables, faults := _faults(asked["replies"]), work)
    lines = said_of_stages(staged.cells, staged.figures)
    frames = {one.name: one.frame(tables[one.name]) for one in (
        EVAL, EVAL_ITEMS, EVAL_SPENT, EVAL_STAGES, EVAL_STAGE_FIGURES)}  # fmt: skip
    summary = _summary(compared, totals) + lines
    return Evaluated(frames, files, _counts(rows, asked), summary, lines, faults)


def _able(items: Sequence[Item], refuses: Mapping[str, str]) -> tuple[list[Item], str]:
    """The items that can be asked, and why the others cannot. ``refuses``: ``ask`` → reason.

    A group of which one item is refused is left out as a whole.
    """
    lost = {one.group for one in items if one.group and one.ask in refuses}
    left = [one for one in items if one.ask not in refuses and one.group not in lost]
    if len(left) == len(items):
        return left, ""
    why = "; ".join(sorted({refuses[one.ask] for one in items if one.ask in refuses}))
    return left, f"{len(items) - len(left)} of {len(items)} left out: {why}" if left else why


def _summary(compared: Sequence[Compared], totals: Sequence[Mapping[str, object]]) -> list[str]:
    """A line for each main metric."""
    return [
        summary_line(one.card, total)
        for one, total in zip(compared, totals, strict=True)
        if total["metric"] == one.card.main.name
    ]


def _report(
    spec: EvalSpec, tables: Mapping[str, Sequence[Mapping[str, Any]]], faults: Sequence[str],
    work: Path,
) -> dict[str, Path]:  # fmt: skip
    """The page and the pictures that it links, by their names beside it."""
    seen, crops = _seen(spec, tables[EVAL_ITEMS.name], work)
    data = ReportData(
        eval_id=spec.eval_id, adapter_id=spec.adapter_id, base=spec.model.name,
        revision=spec.model.revision, dataset_id=spec.dataset_id, suites=tables[EVAL.name],
        items=tables[EVAL_ITEMS.name], steps=spec.training_steps, strengths=spec.strengths,
        stages=tables[EVAL_STAGES.name], figures=tables[EVAL_STAGE_FIGURES.name],
        spent=tables[EVAL_SPENT.name], seen=seen,
        composition=spec.composition, further=spec.further,
        settings=spec.given.evaluation.model_dump(mode="json"), faults=faults,
    )  # fmt: skip
    page = work / "report.html"
    page.write_text(render_report(data), encoding="utf-8")
    return {"report.html": page, **crops}


def _with_concepts(rows: Sequence[ItemScore], lineage: Lineage | None) -> list[ItemScore]:
    """Items of suites that name no concept get those of their section or pair."""
    bare = sorted({row.item_id for row in rows if not row.concepts})
    known = lineage.about(bare) if lineage and bare else {}
    return [
        row if row.concepts else replace(row, concepts=known.get(row.item_id, ())) for row in rows
    ]


def _seen(
    spec: EvalSpec, items: Sequence[Mapping[str, Any]], work: Path
) -> tuple[Sequence[Seen], Mapping[str, Path]]:
    if spec.lineage is None or not (concepts := failing(items)):
        return (), {}
    return spec.lineage.seen(concepts, work)


def _stages(spec: EvalSpec, plan: Plan, rows: Sequence[ItemScore], work: Path) -> StageRows:
    """Scores of all stages on the suites that are a stage's task; none without earlier stages."""
    if len(spec.stages) < 2:
        return StageRows()

    def ask(adapter: Path, items: Mapping[str, Sequence[Item]], folder: Path) -> Replies:
        folder.mkdir(parents=True, exist_ok=True)
        child = _child(replace(spec, adapter=adapter), folder, items) | {"arms": ["tuned"]}
        return run_child(CHILD, child, folder)["replies"]

    wanted = spec.given.evaluation
    return score_stages(spec.stages, plan.suites, plan.items, rows, ask, work, wanted)


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
            "temperature": item.temperature, "stop": item.stop, "system": item.system,
        }
        for suite, some in items.items()
        for item in some
    ]  # fmt: skip
    return {
        "model": str(spec.model.path),
        "adapter": spec.served_adapter or (str(spec.adapter) if spec.adapter else None),
        "server": dict(spec.server) if spec.server else None,
        "vllm": dict(spec.vllm) if spec.vllm else None,
        "cache": str(spec.cache or work.parent / "generations"),
        "who": _who(spec),
        "arms": list(spec.arms),
        "seed": spec.given.evaluation.seed,
        "lm_eval": spec.given.evaluation.harness(),
        "items": asked,
    }


def _who(spec: EvalSpec) -> dict[str, str]:
    """Cache names of the arms: made from files, so that base answers serve every adapter."""
    engine = ["vllm", *spec.vllm["further"]] if spec.vllm else []  # it rounds in its own way
    base = digest([spec.model.name, spec.model.revision, *engine])
    if spec.served_adapter:
        return {"base": f"base-{base}", "tuned": f"tuned-{digest([base, spec.served_adapter])}"}
    if spec.adapter is None:
        return {"base": f"base-{base}"}
    adapter = adapter_digest(spec.adapter) or spec.adapter_id
    return {"base": f"base-{base}", "tuned": f"tuned-{digest([base, adapter])}"}


def _part(replies: Replies, suite: str) -> Replies:
    mark = f"{suite}/"
    return {
        arm: {name[len(mark) :]: value for name, value in by_item.items() if name.startswith(mark)}
        for arm, by_item in replies.items()
    }


def _faults(replies: Replies) -> list[str]:
    """``5 times TOO_LONG: a text is longer …``: what was asked and could not be answered."""
    found: dict[str, list[str]] = {}
    for by_item in replies.values():
        for reply in by_item.values():
            if isinstance(reply, dict) and reply.get("why"):
                found.setdefault(str(reply["error"]), []).append(str(reply["why"]))
    return [f"{len(some):,} times {some[0]}" for _, some in sorted(found.items())]


def _counts(rows: Sequence[ItemScore], asked: Mapping[str, Any]) -> dict[str, int]:
    status = Counter(row.status for row in rows)
    return {
        "rows": len(rows),
        "failed": sum(row.score is None for row in rows),
        "harness_errors": status["harness_error"],
        "passes_in_beam": status["ok_in_beam"],
        "asked": int(asked["asked"]),
        "reused": int(asked["reused"]),
    }
