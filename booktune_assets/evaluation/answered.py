"""Items as a reader sees them: what was asked, how each arm ended, what became worse.

Belongs here: rows of ``eval_report__items`` put together by item, what counts as a failure, tallies
by concept. Does not: scores (``suites/``), pages.

An item has one row here whatever its metrics are: that of the first metric of its suite's card
which it has a score for. A failure is an answer with a failure class or without a score; an answer
that only scored worse than the base's is a loss.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from booktune_assets.evaluation.suite import card

__all__ = ["Answered", "Row", "Tally", "answered", "tallies"]

NAME = 80  # characters of a concept's name
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """One item. ``gain``: tuned against base, positive is better; ``far``: the same in standard
    deviations of its suite's gains, so that suites can be ranked together."""

    suite: str
    item_id: str
    metric: str
    unit: str
    arms: Mapping[str, Row]
    concepts: tuple[str, ...]
    gain: float | None = None
    far: float = 0.0

    @property
    def last(self) -> Row:
        """The arm that the report is about: tuned, or the base of a model alone."""
        return self.arms.get("tuned") or self.arms["base"]

    def failed(self, arm: str) -> bool:
        """Did this arm end in a failure?"""
        row = self.arms.get(arm)
        return row is not None and (not str(row["status"]).startswith("ok") or row["score"] is None)

    @property
    def verdict(self) -> str:
        """How the last arm ended."""
        status = str(self.last["status"])
        return "no score" if status.startswith("ok") and self.last["score"] is None else status


@dataclass(frozen=True, slots=True)
class Tally:
    """A concept over its items."""

    concept: str
    asked: int
    failed: int
    failed_base: int
    lost: int


def answered(items: Sequence[Row]) -> list[Answered]:
    """All items, in the order of the table."""
    by_item: dict[tuple[str, str], dict[str, dict[str, Row]]] = {}
    for row in items:
        metrics = by_item.setdefault((str(row["suite"]), str(row["item_id"])), {})
        metrics.setdefault(str(row["metric"]), {})[str(row["arm"])] = row
    found = [_one(suite, item, metrics) for (suite, item), metrics in by_item.items()]
    spread: dict[tuple[str, str], list[float]] = {}
    for one in found:
        if one.gain is not None:
            spread.setdefault((one.suite, one.metric), []).append(one.gain)
    sizes = {key: statistics.pstdev(gains) for key, gains in spread.items()}
    return [_ranked(one, sizes.get((one.suite, one.metric), 0.0)) for one in found]


def tallies(items: Sequence[Answered]) -> list[Tally]:
    """Concepts that an answer failed or lost on, the most failures first."""
    by_concept: dict[str, list[Answered]] = {}
    for one in items:
        for concept in one.concepts:
            by_concept.setdefault(concept, []).append(one)
    found = [
        Tally(
            concept, len(some),
            sum(one.failed("tuned" if "tuned" in one.arms else "base") for one in some),
            sum(one.failed("base") for one in some),
            sum(one.gain is not None and one.gain < 0 for one in some),
        )
        for concept, some in by_concept.items()
    ]  # fmt: skip
    wrong = [one for one in found if one.failed or one.lost]
    return sorted(wrong, key=lambda one: (-one.failed, -one.lost, -one.asked, one.concept))


def _one(suite: str, item: str, metrics: Mapping[str, Mapping[str, Row]]) -> Answered:
    order = [one for one in card(suite).metrics if one.name in metrics]
    scored = [
        one for one in order if any(row["score"] is not None for row in metrics[one.name].values())
    ]
    name = (scored or order)[0] if order else None
    arms = metrics[name.name] if name else next(iter(metrics.values()))
    concepts = dict.fromkeys(
        str(label)[:NAME] for row in arms.values() for label in (row.get("concepts") or ())
    )
    gain = None
    both = [arms[arm]["score"] for arm in ("base", "tuned") if arm in arms]
    if name and len(both) == 2 and None not in both:
        gain = both[1] - both[0] if name.better == "higher" else both[0] - both[1]
    metric = name.name if name else next(iter(metrics))
    return Answered(suite, item, metric, name.unit if name else "", arms, tuple(concepts), gain)


def _ranked(one: Answered, size: float) -> Answered:
    return replace(one, far=one.gain / size) if one.gain is not None and size else one
