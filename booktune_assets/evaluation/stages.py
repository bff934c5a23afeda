"""What each stage of training did to what the others had taught.

Belongs here: the matrix of stages and tasks, and its figures. Does not: asking (``run.py``), which
suites are the tasks of a stage (their cards), the same for the comparison in small
(``training/comparison/statistics.py``).

Scores are turned so that higher is better. A stage may have several tasks or none: the figures are
means over tasks, each with the stage that taught it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["StageFigures", "stage_figures"]


@dataclass(frozen=True, slots=True)
class StageFigures:
    """Means over tasks, in the unit of the scores; None where there is no such task.

    ``average``: at the end (AA). ``backward``: change of earlier stages' tasks since their own
    stage (BWT; negative is lost). ``forgotten``: what they lost since their best (F; positive is
    lost). ``forward``: what tasks had won before their own stage (FWT). ``gain``: what the last
    stage's tasks won by it.
    """

    average: float | None
    backward: float | None
    forgotten: float | None
    forward: float | None
    gain: float | None


def stage_figures(
    scores: Mapping[str, Sequence[float]], own: Mapping[str, int], before: Mapping[str, float]
) -> StageFigures:
    """Figures of ``scores[task][stage]``; ``own`` is the place of the stage that taught a task.

    ``before``: scores of the base model. Raises ``ValueError`` when tasks differ in their stages.
    """
    lengths = {len(line) for line in scores.values()}
    if len(lengths) > 1:
        raise ValueError("every task needs a score after every stage")
    last = max(lengths, default=0) - 1
    earlier = [task for task in scores if own[task] < last]
    latest = [task for task in scores if own[task] == last]
    begun = {task: scores[task][own[task] - 1] if own[task] else before[task] for task in scores}
    return StageFigures(
        _mean([scores[task][last] for task in scores]),
        _mean([scores[task][last] - scores[task][own[task]] for task in earlier]),
        _mean([max(scores[task][:last]) - scores[task][last] for task in earlier]),
        _mean([begun[task] - before[task] for task in scores if own[task]]),
        _mean([scores[task][last] - begun[task] for task in latest]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
