"""The rows of ``eval_report``: each suite and metric, base against tuned.

Belongs here: pairing items, figures, verdicts. Does not: scores (``suites/``), intervals
(``statistics.py``), the page (``report.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from booktune_assets.evaluation import statistics
from booktune_assets.evaluation.items import ItemScore
from booktune_assets.evaluation.suite import Card, Metric
from booktune_assets.settings import Evaluation

__all__ = ["compare", "summary_line"]

_SHORT = {"bits_per_byte": "bits per byte", "chrf": "chrF"}


def compare(
    card: Card, metric: Metric, rows: Sequence[ItemScore], skipped: str, wanted: Evaluation
) -> dict[str, object]:
    """One row without its ids. Only items that both arms have a score for count.

    With one arm alone there is nothing to compare: the mean stands under ``base``.
    """
    arms: dict[str, dict[str, ItemScore]] = {}
    for one in rows:
        if one.suite == card.name and one.metric == metric.name:
            arms.setdefault(one.arm, {})[one.item_id] = one
    row: dict[str, object] = {
        "suite": card.name, "metric": metric.name, "unit": metric.unit, "better": metric.better,
    }  # fmt: skip
    if "tuned" not in arms:
        return row | _alone(list(arms.get("base", {}).values()), skipped)
    asked = len(arms["base"])
    both = [
        (one, arms["tuned"][item])
        for item, one in arms["base"].items()
        if one.score is not None and arms["tuned"][item].score is not None
    ]
    if not both:
        return row | {"n": 0, "verdict": f"skipped: {skipped or 'there are no items'}"}
    base = [one.score or 0.0 for one, _ in both]
    tuned = [other.score or 0.0 for _, other in both]
    weights = [one.weight for one, _ in both]
    extra = {"resamples": wanted.bootstrap, "seed": wanted.seed}
    p: float | None = None
    if metric.name.startswith("pass@"):
        found, p = statistics.paired_outcomes(base, tuned, **extra)
    else:
        found = statistics.paired(base, tuned, weights, **extra)
    words = statistics.verdict(found, metric.better, metric.unit, metric=metric.name, p=p)
    if lost := asked - len(both):
        words += f"; {lost} without a score"
    if skipped:
        words += f"; {skipped}"
    enough = found.n >= statistics.MIN_ITEMS
    return row | {
        "n": len(both), "base": _mean(base, weights), "tuned": _mean(tuned, weights),
        "diff": found.diff, "low": found.low if enough else None,
        "high": found.high if enough else None, "verdict": words,
    }  # fmt: skip


def summary_line(card: Card, total: Mapping[str, Any]) -> str:
    """``bits per byte on held-out sections 1.92 → 1.71: better by …``"""
    name = _SHORT.get(str(total["metric"]), str(total["metric"]))
    if total.get("base") is None:
        return f"{name} on {card.title}: {total['verdict']}"
    digits = 2 if total["unit"] == "bits per byte" else 1
    moved = f"{total['base']:.{digits}f}"
    if total.get("tuned") is not None:
        moved += f" → {total['tuned']:.{digits}f}"
    return f"{name} on {card.title} {moved}: {total['verdict']}"


def _alone(rows: Sequence[ItemScore], skipped: str) -> dict[str, object]:
    """One model, without a comparison."""
    scored = [row for row in rows if row.score is not None]
    if not scored:
        return {"n": 0, "verdict": f"skipped: {skipped or 'there are no items'}"}
    words = "one model, nothing to compare with"
    if lost := len(rows) - len(scored):
        words += f"; {lost} without a score"
    mean = _mean([row.score or 0.0 for row in scored], [row.weight for row in scored])
    return {"n": len(scored), "base": mean, "verdict": f"{words}; {skipped}" if skipped else words}


def _mean(scores: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    return sum(s * w for s, w in zip(scores, weights, strict=True)) / total if total else 0.0
