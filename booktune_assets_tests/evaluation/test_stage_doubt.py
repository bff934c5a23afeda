"""Intervals of figures over stages: they hold the figure, cover, and say when nothing is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booktune_assets.evaluation.stage_doubt import Task, stage_intervals
from booktune_assets.evaluation.stages import figures_of, stage_figures
from booktune_assets.evaluation.statistics import MIN_ITEMS, paired

TRUE = np.array([[0, 0.3, 0.25, 0.2], [0, 0.05, 0.4, 0.38], [0, 0.0, 0.1, 0.3]]) - 1.5


def _drawn(seed: int, sizes: tuple[int, ...] = (12, 24, 24), noise: float = 0.05) -> list[Task]:
    """A task for each stage; texts differ in level by far more than stages do in each."""
    random = np.random.default_rng(seed)
    return [
        Task(
            place,
            (TRUE[place] + 0.4 * random.normal(size=(k, 1)) + noise * random.normal(size=(k, 4)))
            .tolist(),
            random.integers(300, 1200, size=k).tolist(),
            [""] * k,
        )
        for place, k in enumerate(sizes)
    ]  # fmt: skip


@st.composite
def matrices(draw: st.DrawFn) -> list[Task]:
    stages = draw(st.integers(1, 4))
    number = st.floats(-5, 5, allow_nan=False)
    found: list[Task] = []
    for _ in range(draw(st.integers(1, 3))):
        n = draw(st.integers(1, 14))
        row = st.lists(number, min_size=stages + 1, max_size=stages + 1)
        found.append(Task(
            draw(st.integers(0, stages - 1)), draw(st.lists(row, min_size=n, max_size=n)),
            draw(st.lists(st.integers(1, 900), min_size=n, max_size=n)),
            draw(st.lists(st.sampled_from(["", "a", "b"]), min_size=n, max_size=n)),
        ))  # fmt: skip
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(matrices())
def test_an_interval_holds_its_figure_which_is_that_of_the_means(tasks: list[Task]) -> None:
    found = stage_intervals(tasks, resamples=60)
    means = [np.average(one.scores, axis=0, weights=one.weights).tolist() for one in tasks]
    names = [str(place) for place in range(len(tasks))]
    figures = stage_figures(
        {name: line[1:] for name, line in zip(names, means, strict=True)},
        {name: one.own for name, one in zip(names, tasks, strict=True)},
        {name: line[0] for name, line in zip(names, means, strict=True)},
    )
    for name in ("average", "backward", "forgotten", "forward", "gain"):
        value = getattr(figures, name)
        assert (value is None) == (name not in found)
        if value is None:
            continue
        one = found[name]
        assert one.diff == pytest.approx(value, abs=1e-5)  # what is under rounding is no change
        assert math.isnan(one.low) == math.isnan(one.high)
        assert math.isnan(one.low) or one.low <= one.diff <= one.high
    few = [len([c for c in one.clusters if not c]) + len(set(one.clusters) - {""}) for one in tasks]
    assert math.isnan(found["average"].low) == (min(few) < MIN_ITEMS)


def test_what_never_varies_has_no_two_ends() -> None:
    level = [float(k % 5) for k in range(20)]  # texts differ, stages are the same for each
    same = Task(0, [[one - 1, one, one, one] for one in level], [1.0] * 20, [""] * 20)
    found = stage_intervals([same])
    for name in ("backward", "forgotten"):
        assert found[name].low == found[name].high == found[name].diff == 0.0
    assert found["average"].low < found["average"].high
    near = [[a, b, c + 1e-8 * k, d] for k, (a, b, c, d) in enumerate(same.scores)]
    noisy = stage_intervals([Task(0, near, same.weights, same.clusters)])
    assert noisy["backward"].low == noisy["backward"].high, "rounding is no evidence"


def test_one_task_alone_has_about_the_interval_of_its_difference() -> None:
    for seed in range(4):
        task = _drawn(seed, (24,))[0]
        own, end = ([row[place] for row in task.scores] for place in (1, 3))
        single = paired(own, end, task.weights, resamples=4000)
        back = stage_intervals([task], resamples=4000)["backward"]
        assert back.diff == pytest.approx(single.diff)
        assert (back.low, back.high) == (
            pytest.approx(single.low, abs=0.2 * (single.high - single.low)),
            pytest.approx(single.high, abs=0.2 * (single.high - single.low)),
        )


def test_intervals_cover_the_truth_and_are_paired() -> None:
    """Of 120 evaluations about 6 miss; texts' own level, eight times as wide, is in no change."""
    true = figures_of(TRUE, [0, 1, 2])
    missed = dict.fromkeys(true, 0)
    for seed in range(120):
        for name, one in stage_intervals(_drawn(seed), resamples=300, seed=seed).items():
            missed[name] += not one.low <= float(true[name]) <= one.high
            assert name == "average" or one.high - one.low < 0.12
    assert max(missed.values()) <= 15, missed
    assert sum(missed.values()) >= 5, "an interval that never misses says nothing"


def test_clusters_are_one_piece_of_evidence_and_seeds_decide() -> None:
    (alone,) = _drawn(3, (24,))
    thrice = Task(0, [row for row in alone.scores for _ in range(3)],
                  [one for one in alone.weights for _ in range(3)],
                  [f"text {k}" for k in range(24) for _ in range(3)])  # fmt: skip
    one, other = (stage_intervals([task], resamples=500)["backward"] for task in (alone, thrice))
    assert (one.low, one.high) == pytest.approx((other.low, other.high))
    assert (other.n, other.clusters) == (72, 24)
    tasks = _drawn(5)
    assert stage_intervals(tasks, seed=4) == stage_intervals(tasks, seed=4)
    again = stage_intervals(tasks, seed=5)
    assert stage_intervals(tasks, seed=4)["average"].low != again["average"].low
