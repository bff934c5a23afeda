"""Intervals cover what they say, and words never claim more than the interval."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from booktune_assets.evaluation.statistics import (
    MIN_ITEMS,
    Interval,
    mcnemar,
    paired,
    paired_outcomes,
    verdict,
)


def test_mcnemar_is_the_sign_test() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(0, 5) == pytest.approx(2 / 32)
    assert mcnemar(5, 0) == mcnemar(0, 5)
    assert mcnemar(1, 9) == pytest.approx(2 * 11 / 1024)
    assert mcnemar(4, 4) == 1.0


@pytest.mark.parametrize("n", [8, 24])
def test_equal_arms_differ_about_one_time_in_twenty(n: int) -> None:
    """A/A study in small: under no difference the interval misses zero in about 5 % of cases."""
    random_ = np.random.default_rng(7)
    rounds, missed = 300, 0
    for number in range(rounds):
        weights = random_.integers(200, 1200, size=n).tolist()
        found = paired([0.0] * n, random_.normal(size=n).tolist(), weights,
                       resamples=600, seed=number)  # fmt: skip
        missed += not found.low <= 0 <= found.high
    assert missed / rounds <= 0.10


def test_weighted_difference_is_that_of_the_ratios() -> None:
    base, tuned, weights = [2.0, 1.0, 3.0], [1.5, 1.2, 2.0], [100.0, 900.0, 50.0]
    found = paired(base, tuned, weights, resamples=500)
    ratio = [sum(s * w for s, w in zip(arm, weights, strict=True)) / sum(weights)
             for arm in (base, tuned)]  # fmt: skip
    assert found.diff == pytest.approx(ratio[1] - ratio[0])
    assert found.low <= found.diff <= found.high


def test_same_seed_same_interval() -> None:
    draw = random.Random(1)
    base = [draw.random() for _ in range(12)]
    tuned = [draw.random() for _ in range(12)]
    assert paired(base, tuned, seed=3) == paired(base, tuned, seed=3)


def test_order_of_arms_turns_the_sign() -> None:
    there = paired([0.0] * 9, [1.0, 2, 3, 4, 5, 6, 7, 8, 9], seed=1)
    back = paired([1.0, 2, 3, 4, 5, 6, 7, 8, 9], [0.0] * 9, seed=1)
    assert there.diff == -back.diff
    assert there.low == pytest.approx(-back.high, rel=0.1)


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_to_resample(n: int) -> None:
    assert math.isnan(paired([1.0] * n, [2.0] * n).low)


def test_no_change_of_outcomes_is_not_certainty() -> None:
    found, p = paired_outcomes([0.0] * 10, [0.0] * 10)
    assert p == 1.0
    assert found.diff == 0 and found.high == pytest.approx(30.85, abs=0.1)


@pytest.mark.parametrize(
    ("found", "better", "words"),
    [
        (Interval(-0.21, -0.3, -0.1, 24), "lower", "better by 0.21 u (95 % 0.10 to 0.30, n=24)"),
        (Interval(0.21, 0.1, 0.3, 24), "lower", "worse by 0.21 u (95 % 0.10 to 0.30, n=24)"),
        (Interval(12.5, 5.0, 20.0, 24), "higher", "better by 12.5 u (95 % 5.00 to 20.0, n=24)"),
        (Interval(1, -1, 3, 24), "higher", "no clear difference (95 % −1.00 to 3.00 u, n=24)"),
        (Interval(9, 8, 10, MIN_ITEMS - 1), "higher", "too few items to tell (n=7)"),
        (Interval(0, 0, 0, 24), "higher", "no clear difference (95 % 0 to 0 u, n=24)"),
    ],
)
def test_words(found: Interval, better: str, words: str) -> None:
    assert verdict(found, better, "u") == words


def test_a_test_can_only_take_away() -> None:
    found = Interval(20, 5, 35, 24)
    assert verdict(found, "higher", "points", p=0.2).startswith("no clear difference")
    assert verdict(found, "higher", "points", p=0.01).startswith("better by")


def test_small_chrf_differences_are_not_distinguishable() -> None:
    found = Interval(3, 2, 4, 50)
    assert verdict(found, "higher", "points", metric="chrf").startswith("not distinguishable")
    found = Interval(8, 6, 10, 50)
    assert verdict(found, "higher", "points", metric="chrf").startswith("better by")
