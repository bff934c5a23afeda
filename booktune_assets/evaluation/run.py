"""Evaluate one adapter: base and tuned on the same items, with the same seeds.

Belongs here: what an evaluation is made from, its two tables, its summary. Does not: scores of
items (``suites.py``), intervals (``statistics.py``), the page (``report.py``).

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

from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.beam.runner import missing
from booktune_assets.children import run_child
from booktune_assets.evaluation import statistics
from booktune_assets.evaluation.passk import countable
from booktune_assets.evaluation.report import ReportData, render_report
from booktune_assets.evaluation.suites import (
    ARMS,
    CODE_ONLY,
    SUITES,
    ItemScore,
    choose,
    score_answers,
    score_problems,
    score_texts,
)  # fmt: skip
from booktune_assets.ids import digest, file_sha256
from booktune_assets.llm.models import BaseModel
from booktune_assets.schemas import EVAL, EVAL_ITEMS
from booktune_assets.settings import Evaluation

__all__ = ["VERSION", "EvalSpec", "Evaluated", "evaluate"]

VERSION = "eval_report.3"
CHILD = "booktune_assets.evaluation.child"
PROGRAM_SHARE = 2  # a program may be this many times as long as an answer


@dataclass(frozen=True, slots=True)
class EvalSpec:
    """What is compared, on what. ``general`` (suite to texts) None takes ``general.py``'s."""

    model: BaseModel
    adapter: Path
    adapter_id: str
    eval_id: str
    dataset_id: str
    sections: Sequence[tuple[str, str]]
    questions: Sequence[tuple[str, str, str]]
    problems: Path | None
    evaluation: Evaluation
    general: Mapping[str, Sequence[tuple[str, str]]] | None = None
    training_steps: Sequence[Mapping[str, object]] = ()
    composition: Mapping[str, int] = field(default_factory=dict)
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The two tables, ``report.html``, counts, and the main numbers as lines to print."""

    frames: dict[str, pl.DataFrame]
    files: dict[str, Path]
    counts: dict[str, int]
    summary: list[str]


def evaluate(spec: EvalSpec, work: Path) -> Evaluated:
    """Ask both arms, score, compare, write the report into ``work``."""
    work.mkdir(parents=True, exist_ok=True)
    wanted = spec.evaluation
    general = _general(spec)
    problems, skipped = _problems(spec)
    asked = _ask(spec, work, general, problems)
    rows = [
        *score_texts("book_sections", spec.sections, _part(asked["scores"], "book_sections")),
        *score_answers(spec.questions, _part(asked["answers"], "heldout_answers")),
        *(
            row
            for name, texts in general.items()
            for row in score_texts(name, texts, _part(asked["scores"], name))
        ),
        *score_problems(problems, _part(asked["answers"], "problems")),
    ]
    totals = [_compare(spec, name, rows, skipped.get(name, "")) for name in SUITES]
    items: list[dict[str, object]] = [{"eval_id": spec.eval_id, **asdict(row)} for row in rows]
    data = ReportData(
        eval_id=spec.eval_id, adapter_id=spec.adapter_id, base=spec.model.name,
        revision=spec.model.revision, dataset_id=spec.dataset_id, suites=totals, items=items,
        steps=spec.training_steps, composition=spec.composition,
        settings=wanted.model_dump(mode="json"),
    )  # fmt: skip
    page = work / "report.html"
    page.write_text(render_report(data), encoding="utf-8")
    return Evaluated(
        {"eval_report": EVAL.frame(totals), "eval_report__items": EVAL_ITEMS.frame(items)},
        {"report.html": page},
        _counts(rows, asked),
        [_line(total) for total in totals],
    )


def _general(spec: EvalSpec) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Texts by suite; an item's id names its source."""
    if spec.general is not None:
        return spec.general
    from booktune_assets.evaluation.general import general_code, general_prose

    count, chars = spec.evaluation.general_texts, spec.evaluation.text_chars
    prose, code = general_prose(count, chars), general_code(count, chars)
    return {
        name: [(f"{one.source}#{digest(one.text)[:8]}", one.text) for one in texts]
        for name, texts in (("general_text", prose), ("general_code", code))
    }


def _problems(spec: EvalSpec) -> tuple[list[Problem], dict[str, str]]:
    """The problems that can be judged here, and why others, or all, are left out."""
    if spec.problems is None or spec.evaluation.problems == 0:
        return [], {"problems": "no problems were asked for"}
    chosen = choose(load_problems(spec.problems), spec.evaluation.problems)
    lacking = {language: missing(language) for language in {one.language for one in chosen}}
    usable = [problem for problem in chosen if lacking[problem.language] is None]
    reasons = sorted({str(reason) for reason in lacking.values() if reason is not None})
    proof = countable(usable)
    reasons += [f"{name} does not count: {one.reason}" for name, one in proof.items() if one.reason]
    return [one for one in usable if proof[one.id].counted], {"problems": "; ".join(reasons)}


def _ask(
    spec: EvalSpec, work: Path, general: Mapping[str, Sequence[tuple[str, str]]],
    problems: Sequence[Problem],
) -> dict[str, Any]:  # fmt: skip
    """Everything both arms have to say, from the child process and its cache."""
    wanted = spec.evaluation
    texts = [("book_sections", *one) for one in spec.sections]
    texts += [(name, *one) for name, some in general.items() for one in some]
    prompts = [("heldout_answers", one[0], one[1], wanted.new_tokens) for one in spec.questions]
    length = wanted.new_tokens * PROGRAM_SHARE
    prompts += [("problems", one.id, f"{one.prompt}\n{CODE_ONLY}", length) for one in problems]
    child = {
        "model": str(spec.model.path),
        "adapter": str(spec.adapter),
        "cache": str(spec.cache or work.parent / "generations"),
        "who": _who(spec),
        "arms": list(ARMS),
        "seed": wanted.seed,
        "texts": [{"id": f"{suite}/{item}", "text": text} for suite, item, text in texts],
        "prompts": [
            {"id": f"{suite}/{item}", "text": text, "new_tokens": new}
            for suite, item, text, new in prompts
        ],
    }
    return run_child(CHILD, child, work)


def _who(spec: EvalSpec) -> dict[str, str]:
    """Cache names of the arms: made from weights, so that base answers serve every adapter."""
    weights = sorted(spec.adapter.glob("*.safetensors"))
    adapter = digest([file_sha256(path) for path in weights]) if weights else spec.adapter_id
    base = digest([spec.model.name, spec.model.revision])
    return {"base": f"base-{base}", "tuned": f"tuned-{digest([base, adapter])}"}


def _part(answers: Mapping[str, Mapping[str, Any]], suite: str) -> dict[str, dict[str, object]]:
    mark = f"{suite}/"
    return {
        arm: {name[len(mark) :]: value for name, value in by_item.items() if name.startswith(mark)}
        for arm, by_item in answers.items()
    }


def _compare(
    spec: EvalSpec, name: str, rows: Sequence[ItemScore], skipped: str
) -> dict[str, object]:
    """The suite's row of ``eval_report``. Only items that both arms have a score for count."""
    suite = SUITES[name]
    arms = {
        arm: {row.item_id: row for row in rows if row.suite == name and row.arm == arm}
        for arm in ARMS
    }
    both = [
        (one, arms["tuned"][item])
        for item, one in arms["base"].items()
        if one.score is not None and arms["tuned"][item].score is not None
    ]
    base = [one.score or 0.0 for one, _ in both]
    tuned = [other.score or 0.0 for _, other in both]
    weights = [one.weight for one, _ in both]
    row: dict[str, object] = {
        "eval_id": spec.eval_id, "adapter_id": spec.adapter_id, "suite": name,
        "metric": suite.metric, "unit": suite.unit, "better": suite.better, "n": len(both),
    }  # fmt: skip
    if not both:
        return row | {"verdict": f"skipped: {skipped or 'there are no items'}"}
    extra = {"resamples": spec.evaluation.bootstrap, "seed": spec.evaluation.seed}
    p: float | None = None
    if suite.metric.startswith("pass@"):
        found, p = statistics.paired_outcomes(base, tuned, **extra)
    else:
        found = statistics.paired(base, tuned, weights, **extra)
    words = statistics.verdict(found, suite.better, suite.unit, metric=suite.metric, p=p)
    if lost := len(arms["base"]) - len(both):
        words += f"; {lost} without a score"
    if skipped:
        words += f"; {skipped}"
    enough = found.n >= statistics.MIN_ITEMS
    return row | {
        "base": _mean(base, weights), "tuned": _mean(tuned, weights), "diff": found.diff,
        "low": found.low if enough else None, "high": found.high if enough else None,
        "verdict": words,
    }  # fmt: skip


def _mean(scores: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    return sum(s * w for s, w in zip(scores, weights, strict=True)) / total if total else 0.0


def _counts(rows: Sequence[ItemScore], asked: Mapping[str, Any]) -> dict[str, int]:
    status = Counter(row.status for row in rows)
    return {
        "rows": len(rows),
        "failed": sum(row.score is None for row in rows),
        "harness_errors": status["harness_error"],
        "asked": int(asked["asked"]),
        "reused": int(asked["reused"]),
    }


def _line(total: Mapping[str, Any]) -> str:
    """``bits per byte on held-out sections 1.92 → 1.71: better by …``"""
    suite = SUITES[str(total["suite"])]
    name = {"bits_per_byte": "bits per byte", "chrf": "chrF"}.get(suite.metric, suite.metric)
    if total.get("base") is None:
        return f"{name} on {suite.title}: {total['verdict']}"
    digits = 2 if suite.unit == "bits per byte" else 1
    moved = f"{total['base']:.{digits}f} → {total['tuned']:.{digits}f}"
    return f"{name} on {suite.title} {moved}: {total['verdict']}"
