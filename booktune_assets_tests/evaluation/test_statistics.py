"""Intervals cover what they say, and words never claim more than the interval."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from benchmarks.aa_study import alarm, programs
from booktune_assets.evaluation.compare import compare, judged
from booktune_assets.evaluation.items import ItemScore
from booktune_assets.evaluation.resample import flip_p, student_p, student_t
from booktune_assets.evaluation.statistics import (
    MIN_ITEMS,
    Interval,
    kept,
    mcnemar,
    paired,
    paired_outcomes,
    verdict,
)
from booktune_assets.evaluation.suite import Card, Metric
from booktune_assets.settings import Evaluation


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
    found = paired_outcomes([0.0] * 10, [0.0] * 10)
    assert found.p == 1.0
    assert found.diff == 0 and found.high == pytest.approx(30.85, abs=0.1)


@pytest.mark.parametrize("bound", [100.0, 200.0])
def test_no_change_of_points_is_not_certainty_either(bound: float) -> None:
    found = paired([40.0] * 10, [40.0] * 10, bound=bound)
    assert (found.p, found.diff) == (1.0, 0.0)
    assert found.high == -found.low == pytest.approx(0.30850 * bound, abs=0.01)
    assert found.high < found.mdd <= bound
    whole = paired([0.0] * 10, [bound] * 10, bound=bound)
    assert (whole.low, whole.high) == (pytest.approx((1 - 0.30850) * bound, abs=0.01), bound)
    assert paired([1.0] * 10, [1.0] * 10).high == 0, "without a bound nothing can be said of it"


def test_what_could_be_seen_counts_from_the_farther_end() -> None:
    skewed = [0.1, 0.0, -0.1, 0.05, -0.05, 0.1, 0.0, -0.1, 3.0, 4.0]
    found = paired([0.0] * 10, skewed, resamples=2000)
    near, far = sorted((found.high - found.diff, found.diff - found.low))
    error = float(np.std(skewed, ddof=1)) / math.sqrt(10)
    assert far > 1.1 * near, "an uneven interval, or this tests nothing"
    assert found.mdd == pytest.approx(far + student_t(0.8, 9) * error)


def test_one_loss_among_many_needs_the_corrected_p_and_lost_items_rule_nothing_out() -> None:
    beyond = Interval(0.04, 0.02, 0.06, 30, 30, 0.02)
    assert kept(beyond, "lower", 0.01) == kept(beyond, "lower", 0.01, 0.04) == "no"
    assert kept(beyond, "lower", 0.01, 0.08) == "unclear"
    inside = Interval(0.0, -0.002, 0.002, 30, 30, 0.9)
    assert kept(inside, "lower", 0.01) == "yes"
    assert kept(inside, "lower", 0.01, lost=1) == "unclear"


@pytest.mark.parametrize(
    ("found", "better", "words"),
    [
        (Interval(-0.21, -0.3, -0.1, 24), "lower", "better by 0.21 u (95 % 0.10 to 0.30, n=24)"),
        (Interval(0.21, 0.1, 0.3, 24), "lower", "worse by 0.21 u (95 % 0.10 to 0.30, n=24)"),
        (Interval(12.5, 5.0, 20.0, 24), "higher", "better by 12.5 u (95 % 5.00 to 20.0, n=24)"),
        (Interval(1, -1, 3, 24), "higher", "no clear difference (95 % −1.00 to 3.00 u, n=24)"),
        (Interval(9, 8, 10, MIN_ITEMS - 1), "higher", "too few items to tell (n=7)"),
        (
            Interval(0.1, -0.2, 0.4, 24),
            "lower",
            "no clear difference (95 % −0.20 to 0.40 u, n=24, minus is a gain)",
        ),
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
    for metric in ("chrf", "chrf++", "chrf_bare", "bleu"):
        said = verdict(found, "higher", "points", metric=metric)
        assert said.startswith("not distinguishable: a difference under 5 points")
    found = Interval(8, 6, 10, 50)
    assert verdict(found, "higher", "points", metric="chrf").startswith("better by")


@pytest.mark.parametrize(
    ("p", "freedom", "known"),  # of printed tables
    [(0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 7, 2.365), (0.975, 23, 2.069),
     (0.95, 10, 1.812), (0.975, 5000, 1.960)],
)  # fmt: skip
def test_students_t_is_that_of_the_tables(p: float, freedom: int, known: float) -> None:
    assert student_t(p, freedom) == pytest.approx(known, abs=6e-4)
    assert student_p(known, freedom) == pytest.approx(2 * (1 - p), rel=2e-3)


def test_sign_flips_of_single_programs_are_mcnemars() -> None:
    totals = np.array([100.0] * 9 + [-100.0] + [0.0] * 30)
    # mid-p: McNemar's exact p less half of what is as far as what was seen
    assert flip_p(totals, 1000, 0) == pytest.approx(mcnemar(1, 9) - math.comb(10, 9) / 2**10)


def test_sign_flips_equal_their_enumeration() -> None:
    totals = np.array([3.0, -1.0, 2.5, 0.7, 4.0])
    seen, far, same = abs(totals.sum()), 0, 0
    for bits in range(32):
        total = abs(sum(v if bits >> n & 1 else -v for n, v in enumerate(totals)))
        same += abs(total - seen) < 1e-9
        far += total > seen + 1e-9
    assert flip_p(totals, 10, 0) == pytest.approx((far + same / 2) / 32)


def test_variants_of_one_source_are_one_piece_of_evidence() -> None:
    random_ = np.random.default_rng(3)
    sources = np.repeat(random_.normal(0.3, 1, 20), 5).tolist()
    none, names = [0.0] * 100, [f"s{n // 5}" for n in range(100)]
    alone = paired(none, sources, resamples=2000)
    together = paired(none, sources, None, names, resamples=2000)
    once = paired([0.0] * 20, sources[::5], resamples=2000)
    assert (together.diff, together.low, together.high) == pytest.approx(
        (once.diff, once.low, once.high), rel=1e-6
    )
    assert together.high - together.low > 1.8 * (alone.high - alone.low)
    assert (together.n, together.clusters) == (100, 20)
    few = paired(none, sources, None, [f"s{n // 25}" for n in range(100)])
    assert verdict(few, "higher", "u") == "too few items to tell (n=100 of 4 sources)"


@pytest.mark.parametrize(("n", "points"), [(50, 17.7), (161, 9.9), (984, 4.0)])
def test_detectable_differences_at_a_discordance_of_a_fifth(n: int, points: float) -> None:
    half = round(n * 0.1)
    base = [100.0] * half + [0.0] * (n - half)
    found = paired_outcomes(base, base[::-1], resamples=200)
    assert found.mdd == pytest.approx(points, rel=0.04)


def test_kept_only_if_the_end_says_so() -> None:
    assert kept(Interval(0.002, -0.004, 0.009, 24), "lower", 0.01) == "yes"
    assert kept(Interval(0.002, -0.004, 0.011, 24), "lower", 0.01) == "unclear"
    assert kept(Interval(0.030, 0.015, 0.045, 24), "lower", 0.01) == "no"
    assert kept(Interval(0.0, 0.0, 0.0, 5), "lower", 0.01) == "unclear"
    assert kept(Interval(-3, -9, 3, 24), "higher", 10) == "yes"
    words = verdict(Interval(0.004, 0.001, 0.008, 24), "lower", "bits per byte", margin=0.01)
    assert words == (
        "kept within 0.01 bits per byte: worse by 0.004 bits per byte (95 % 0.001 to 0.008, n=24)"
    )


def test_holm_takes_away_what_one_of_many_would_say() -> None:
    noise = (0.55 + np.linspace(-1.6, 1.6, 20)).tolist()
    metric = Metric("m", "u", "higher")
    cards = [Card(f"s{n}", "t", "learned", "", "", "", (metric,)) for n in range(30)]
    rows: list[ItemScore] = []
    for number, one in enumerate(cards):
        for item in range(20):
            rows.append(ItemScore(one.name, "m", str(item), "base", 0.0))
            score = noise[item] if number == 0 else (-1.0) ** item
            rows.append(ItemScore(one.name, "m", str(item), "tuned", score))
    found = [compare(one, metric, rows, "", Evaluation(bootstrap=2000)) for one in cards]
    (alone,), together = judged(found[:1]), judged(found)[0]
    assert str(alone["verdict"]).startswith("better by")
    p = alone["p"]
    assert isinstance(p, float) and alone["p_holm"] == p
    assert together["p_holm"] == pytest.approx(min(1, 30 * p)) and min(1, 30 * p) > 0.05
    assert str(together["verdict"]).startswith("no clear difference")
    assert str(together["verdict"]).endswith("as one of 30 suites")


@pytest.mark.parametrize("variants", [1, 4])
def test_the_same_model_twice_passes_alike(variants: int) -> None:
    """A/A study in small, of programs: ``benchmarks/aa_study.py`` is the whole one."""
    random_ = np.random.default_rng(5)
    draw = programs(40, variants, 1)
    assert sum(alarm(draw(random_, turn, 0.0)) for turn in range(150)) <= 15
