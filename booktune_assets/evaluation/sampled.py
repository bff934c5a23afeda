"""pass@k of an evaluation that samples each problem more than once.

Belongs here: which k, rows and metrics made of those of ``pass@1``. Does not: the estimator
(``passk.py``), verdicts (``suites/``).

``pass@1`` keeps the verdict: a card knows nothing of how often a user samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from booktune_assets.evaluation.items import ItemScore
from booktune_assets.evaluation.passk import estimate
from booktune_assets.evaluation.suite import Card, Metric

__all__ = ["ks", "metrics_of", "pass_at_more"]

_STEPS = (2, 5, 10, 20, 50, 100)
_ONE, _MORE = "pass@1", "pass@"
TOO_FEW = "too_few_samples"  # a status: the others met a fault of ours


def ks(samples: int) -> list[int]:
    """The k over 1 of an evaluation with so many samples of a problem; the last is all of them."""
    return sorted({one for one in (*_STEPS, samples) if 1 < one <= samples})


def pass_at_more(rows: Iterable[ItemScore], samples: int) -> list[ItemScore]:
    """Rows of pass@k, without bias, beside those of ``pass@1`` (or ``pass@1_…``) that count passes.

    One that has fewer than k samples that count has no score.
    """
    counted = [one for one in rows if _is_one(one.metric) and one.passed is not None]
    return [_at(one, k) for k in ks(samples) for one in counted]


def metrics_of(card: Card, names: Iterable[str]) -> Sequence[Metric]:
    """The card's metrics and, of the named ones, pass@k after them."""
    known = {one.name: one for one in card.metrics}
    more = {name for name in names if name.startswith(_MORE) and name not in known}
    made = [
        replace(known[one], name=name, margin=None, blind=None)
        for name in sorted(more, key=_k)
        if (one := _named(name, 1)) in known
    ]
    return (*card.metrics, *made)


def _at(one: ItemScore, k: int) -> ItemScore:
    metric = _named(one.metric, k)
    if one.passed is None or one.samples < k:
        return replace(one, metric=metric, score=None, status=TOO_FEW)
    return replace(one, metric=metric, score=100.0 * estimate(one.samples, one.passed, k))


def _is_one(metric: str) -> bool:
    return metric == _ONE or metric.startswith(f"{_ONE}_")


def _named(metric: str, k: int) -> str:
    """``pass@1_completion`` with another k."""
    rest = metric.removeprefix(_MORE).lstrip("0123456789")
    return f"{_MORE}{k}{rest}"


def _k(metric: str) -> tuple[str, int]:
    digits = metric.removeprefix(_MORE).partition("_")[0]
    return metric.partition("_")[2], int(digits) if digits.isdecimal() else 0
