"""The rows of ``eval_report``: each suite and metric, base against tuned.

Belongs here: pairing items, figures, verdicts. Does not: scores (``suites/``), intervals
(``statistics.py``), the page (``report.py``).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from booktune_assets.evaluation import statistics
from booktune_assets.evaluation.items import ItemScore
from booktune_assets.evaluation.statistics import Interval
from booktune_assets.evaluation.suite import NO_ORIGINAL, Card, Metric
from booktune_assets.settings import Evaluation
from booktune_assets.training.comparison.statistics import holm

__all__ = ["ALONE", "Compared", "compare", "judged", "summary_line"]

ALONE = "one model, nothing to compare with"

# 0 or 100 for each item
_OUTCOMES = {
    "accuracy", "choose", "exact", "in_pattern", "loose", "old_answer", "over_limit", "right_call",
    "strict", "whole",
}  # fmt: skip
_BOUND = 100.0  # of all that is counted in points; a difference of two of them reaches twice that
# without a score for another reason than the model: a fault of ours, a figure of passes without any
_NO_LOSS = {"broken_item", "harness_error", "not_passed"}
_SHORT = {"bits_per_byte": "bits per byte", "chrf": "chrF", "chrf++": "chrF++", "bleu": "BLEU",
          "kl": "KL"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """A metric of a suite before its family is known: the row, the interval, what else to say."""

    card: Card
    metric: Metric
    row: dict[str, object]
    found: Interval | None = None
    notes: str = ""
    nil: bool = False  # the base is 0 by definition
    lost: int = 0  # items that the base alone has a score for


def compare(
    card: Card, metric: Metric, rows: Sequence[ItemScore], skipped: str, wanted: Evaluation,
    *, named: str = "base",
) -> Compared:  # fmt: skip
    """One row without its ids. Figures are of the items that both arms have a score for.

    Those that the base alone has one for are ``lost``: left out of the mean, but never forgotten,
    as a model that breaks would else be judged by what it did not break on. With one arm alone
    there is nothing to compare: the mean stands under ``base``. ``named``: what words call
    that arm.
    """
    arms: dict[str, dict[str, ItemScore]] = {}
    for one in rows:
        if one.suite == card.name and one.metric == metric.name:
            arms.setdefault(one.arm, {})[one.item_id] = one
    row: dict[str, object] = {
        "suite": card.name, "metric": metric.name, "unit": metric.unit, "better": metric.better,
    }  # fmt: skip
    if "tuned" not in arms:
        return Compared(card, metric, row | _alone(list(arms.get("base", {}).values()), skipped))
    before, others = arms.get("base", {}), arms["tuned"]
    both = [
        (one, others[item])
        for item, one in before.items()
        if item in others and one.score is not None and others[item].score is not None
    ]
    lost = _lost(before, others)
    left = len(before.keys() | others.keys()) - len(both)
    row |= {"unscored": left, "lost": len(lost)}
    if not both:
        words = _unscored([*before.values(), *others.values()], left, skipped)
        if lost:
            words += f"; the {named} alone has a score for {len(lost)} of them"
        kept = "unclear" if lost and metric.margin is not None else None
        return Compared(card, metric, row | {"n": 0, "kept": kept, "verdict": words})
    figures, found = _figures(metric, both, wanted)
    notes = [f"{left} without a score"] if left else []
    if _no_original(metric, both):
        notes.append("neither passes any original, so that there is no gap to see")
    if lost:
        of = f"{len(lost)} of {len(both) + left} items"
        notes = [f"the {named} alone has a score for {of} ({_said(lost)})"]
    words = "; ".join([*notes, *([skipped] if skipped else [])])
    return Compared(card, metric, row | figures, found, words, _nil(metric, both), len(lost))


def judged(compared: Sequence[Compared]) -> list[dict[str, object]]:
    """The rows with ``p_holm`` and their verdicts.

    The main metrics of a family's suites are one question asked several times ("was anything
    learned?"): their p are corrected together (Holm). Further metrics of a suite are for reading
    and keep the p they have.
    """
    families: dict[str, dict[str, float]] = {}
    for one in compared:
        if one.found and one.found.enough and one.metric == one.card.main and not one.nil:
            families.setdefault(one.card.family, {})[one.card.name] = one.found.p
    corrected = {family: holm(found) for family, found in families.items()}
    return [_judged(one, corrected) for one in compared]


def _judged(one: Compared, corrected: Mapping[str, Mapping[str, float]]) -> dict[str, object]:
    if one.found is None:
        return one.row
    family = corrected.get(one.card.family, {})
    p_holm = family.get(one.card.name) if one.metric == one.card.main else None
    p = one.found.p if p_holm is None else p_holm
    metric = one.metric
    words = statistics.verdict(
        one.found, metric.better, metric.unit, metric=metric.name, p=p, margin=metric.margin,
        nil=one.nil, lost=one.lost,
    )  # fmt: skip
    kept = None if metric.margin is None else statistics.kept(
        one.found, metric.better, metric.margin, None if one.nil else p, one.lost
    )  # fmt: skip
    if p_holm is not None and one.found.p < statistics.ALPHA <= p_holm:
        words += f"; p {one.found.p:.3f} alone, {p_holm:.3f} as one of {len(family)} suites"
    if one.notes:
        words += f"; {one.notes}"
    return one.row | {"p_holm": p_holm, "kept": kept, "verdict": words}


def _figures(
    metric: Metric, both: Sequence[tuple[ItemScore, ItemScore]], wanted: Evaluation
) -> tuple[dict[str, object], Interval]:
    """The columns of the pairs, and their interval."""
    base = [one.score or 0.0 for one, _ in both]
    tuned = [other.score or 0.0 for _, other in both]
    weights = [one.weight for one, _ in both]
    found = _found(metric, base, tuned, weights, [one.cluster for one, _ in both], wanted)
    if _no_original(metric, both):
        found = replace(found, low=math.nan, high=math.nan)
    enough, nil = found.enough, _nil(metric, both)
    row: dict[str, object] = {
        "n": len(both), "clusters": found.sources,
        "base": _mean(base, weights), "tuned": _mean(tuned, weights), "diff": found.diff,
        "low": found.low if enough else None, "high": found.high if enough else None,
        "p": found.p if enough and not nil else None,
        "mdd": found.mdd if enough and not nil and math.isfinite(found.mdd) else None,
        "kept": None,
    }  # fmt: skip
    return row, found


def _nil(metric: Metric, both: Sequence[tuple[ItemScore, ItemScore]]) -> bool:
    return metric.nil and not any(one.score for one, _ in both)


def _found(
    metric: Metric,
    base: Sequence[float],
    tuned: Sequence[float],
    weights: Sequence[float],
    clusters: Sequence[str],
    wanted: Evaluation,
) -> Interval:
    if metric.name.startswith("pass@") or metric.name in _OUTCOMES:
        return statistics.paired_outcomes(
            base, tuned, clusters, resamples=wanted.bootstrap, seed=wanted.seed
        )
    bound = _BOUND if metric.unit == "points" else math.inf
    if metric.name.startswith("gap_") or metric.name.endswith("_gain"):
        bound *= 2
    return statistics.paired(
        base, tuned, weights, clusters, resamples=wanted.bootstrap, seed=wanted.seed, bound=bound
    )


def _no_original(metric: Metric, both: Sequence[tuple[ItemScore, ItemScore]]) -> bool:
    """Is it a gap of which there is no original to fall from, in either arm?"""
    said = {one.status for pair in both for one in pair}
    return metric.name.startswith("gap_") and said == {NO_ORIGINAL}


def summary_line(card: Card, total: Mapping[str, Any]) -> str:
    """``bits per byte on held-out sections 1.92 → 1.71: better by …``"""
    name = _SHORT.get(str(total["metric"]), str(total["metric"]))
    if total.get("base") is None:
        return f"{name} on {card.title}: {total['verdict']}"
    digits = {"bits per byte": 2, "nats per token": 3}.get(str(total["unit"]), 1)
    moved = f"{total['base']:.{digits}f}"
    if total.get("tuned") is not None:
        moved += f" → {total['tuned']:.{digits}f}"
    return f"{name} on {card.title} {moved}: {total['verdict']}"


def _alone(rows: Sequence[ItemScore], skipped: str) -> dict[str, object]:
    """One model, without a comparison."""
    scored = [row for row in rows if row.score is not None]
    bare = len(rows) - len(scored)
    left: dict[str, object] = {"unscored": bare, "lost": 0}
    if not scored:
        return left | {"n": 0, "verdict": _unscored(rows, len(rows), skipped)}
    words = ALONE
    if bare:
        words += f"; {bare} without a score"
    mean = _mean([row.score or 0.0 for row in scored], [row.weight for row in scored])
    words = f"{words}; {skipped}" if skipped else words
    return left | {"n": len(scored), "base": mean, "verdict": words}


def _lost(before: Mapping[str, ItemScore], others: Mapping[str, ItemScore]) -> list[ItemScore]:
    """Rows of the tuned arm (of the base, where it has none) for what the base alone scored."""
    scored = [(one, others.get(item)) for item, one in before.items() if one.score is not None]
    found = [other or replace(one, status="no_row") for one, other in scored
             if other is None or other.score is None]  # fmt: skip
    return [one for one in found if one.status not in _NO_LOSS]


def _unscored(rows: Sequence[ItemScore], items: int, skipped: str) -> str:
    """Why there is no figure: nothing was to be asked, or nothing has a score."""
    if not items:
        return f"skipped: {skipped or 'there are no items'}"
    words = f"{items} of {items} items have no score: {_said(rows)}"
    return f"{words}; {skipped}" if skipped else words


def _said(rows: Sequence[ItemScore]) -> str:
    """The statuses of rows without a score, the most frequent first."""
    found = Counter(one.status for one in rows if one.score is None or one.status == "no_row")
    return ", ".join(status for status, _ in sorted(found.items(), key=lambda one: (-one[1], one)))


def _mean(scores: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    return sum(s * w for s, w in zip(scores, weights, strict=True)) / total if total else 0.0
