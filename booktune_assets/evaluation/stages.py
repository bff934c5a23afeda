"""What each stage of training did to what the others had taught.

Belongs here: the matrix of stages and tasks, and its figures. Does not: asking (``staged.py``), how
sure a figure is (``stage_doubt.py``), which suites are the tasks of a stage (their cards), the same
for the comparison in small (``training/comparison/statistics.py``).

Scores are turned so that higher is better. A stage may have several tasks or none: the figures are
means over tasks, each with the stage that taught it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["StageFigures", "figures_of", "resting", "stage_figures"]


@dataclass(frozen=True, slots=True)
class StageFigures:
    """Means over tasks, in the unit of the scores; None where there is no such task.

    ``average``: at the end (AA). ``backward``: change of earlier stages' tasks since their own
    stage (BWT; negative is lost). ``forgotten``: what they lost since their best (F; positive is
    lost). ``forward``: what tasks had won before their own stage (FWT). ``gain``: what the last
    stage's tasks won by it.
    """

    average: float | None = None
    backward: float | None = None
    forgotten: float | None = None
    forward: float | None = None
    gain: float | None = None


def resting(own: Sequence[int], stages: int) -> dict[str, list[int]]:
    """Figure → the tasks that it is the mean of. ``own``: place of the stage that taught each."""
    every, last = range(len(own)), stages - 1
    earlier = [task for task in every if own[task] < last]
    return {
        "average": [*every],
        "backward": earlier,
        "forgotten": earlier,
        "forward": [task for task in every if own[task]],
        "gain": [task for task in every if own[task] == last],
    }


def figures_of(
    matrix: NDArray[np.float64], own: Sequence[int]
) -> dict[str, NDArray[np.float64]]:  # fmt: skip
    """Figures of many matrices at once, each of the shape (…).

    ``matrix[…, task, place]`` has the base at place 0, then every stage. A figure without a task is
    left out.
    """
    tasks, stages = range(len(own)), matrix.shape[-1] - 1
    end, first = matrix[..., -1], matrix[..., 0]
    begun = np.stack([matrix[..., task, own[task]] for task in tasks], axis=-1)
    taught = np.stack([matrix[..., task, own[task] + 1] for task in tasks], axis=-1)
    best = matrix[..., 1:-1].max(axis=-1) if stages > 1 else end
    each = {
        "average": end,
        "backward": end - taught,
        "forgotten": best - end,
        "forward": begun - first,
        "gain": end - begun,
    }
    return {
        name: each[name][..., some].mean(axis=-1)
        for name, some in resting(own, stages).items()
        if some
    }


def stage_figures(
    scores: Mapping[str, Sequence[float]], own: Mapping[str, int], before: Mapping[str, float]
) -> StageFigures:
    """Figures of ``scores[task][stage]``; ``own`` is the place of the stage that taught a task.

    ``before``: scores of the base model. Raises ``ValueError`` when tasks differ in their stages.
    """
    if len({len(line) for line in scores.values()}) > 1:
        raise ValueError("every task needs a score after every stage")
    if not scores:
        return StageFigures()
    matrix = np.array([[before[task], *line] for task, line in scores.items()], dtype=float)
    found = figures_of(matrix, [own[task] for task in scores])
    return StageFigures(**{name: float(value) for name, value in found.items()})
