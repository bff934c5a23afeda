"""Curves, tests and intervals against hand cases, enumeration and simulation."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.training.comparison import verdicts
from booktune_assets.training.comparison.statistics import (
    Point,
    area,
    holm,
    interval,
    lost_at,
    max_t,
    sign_flip,
    stages,
)

LINE = [Point(0.0, 0.0), Point(0.2, 0.1), Point(0.4, 0.2), Point(0.8, 0.4)]


def test_a_straight_curve_is_read_straight() -> None:
    for gain in (0.0, 0.05, 0.2, 0.37, 0.8):
        assert lost_at(LINE, gain) == pytest.approx(gain / 2)
    assert lost_at(LINE, 0.81) is None
    assert lost_at([], 0.1) is None
    assert area(LINE, 0.6) == pytest.approx(0.15)
    assert area(LINE, 0.9) is None


def test_checkpoints_that_another_beats_are_left_out() -> None:
    worse = [*LINE[:3], Point(0.3, 5.0), Point(0.4, 7.0), Point(0.39, 0.3), LINE[3]]
    for gain in (0.0, 0.1, 0.3, 0.6):
        assert lost_at(worse, gain) == lost_at(LINE, gain)
    # it went on, lost less and had hardly less: that is where one would stop
    late = [Point(0, 0), Point(0.5, 0.4), Point(0.49, 0.1)]
    assert lost_at(late, 0.49) == pytest.approx(0.1)
    assert lost_at(late, 0.5) == pytest.approx(0.4)
    # earlier tasks got better: whoever wants less gain may have that, too
    better = [Point(0, 0), Point(0.2, -0.3), Point(0.4, -0.1)]
    assert lost_at(better, 0.1) == -0.3
    assert lost_at([Point(0, 0), Point(0.4, 1.0)], 0.1) == pytest.approx(0.25)


def test_the_cubic_is_that_of_scipy() -> None:
    scipy = pytest.importorskip("scipy.interpolate", reason="scipy is not installed")
    stream = random.Random(3)
    for _ in range(50):
        size = stream.randint(3, 9)
        xs = sorted(stream.random() for _ in range(size))
        ys = sorted(stream.uniform(-1, 1) for _ in range(size))
        curve = [Point(x, y) for x, y in zip(xs, ys, strict=True)]
        cubic = scipy.PchipInterpolator(xs, ys)
        for share in (0.0, 0.1, 0.5, 0.77, 1.0):
            x = xs[0] + share * (xs[-1] - xs[0])
            assert lost_at(curve, x) == pytest.approx(float(cubic(x)), abs=1e-9)


@given(
    st.lists(st.floats(0.01, 1), min_size=3, max_size=8),
    st.lists(st.floats(0, 1), min_size=3, max_size=8),
)
def test_a_rising_curve_never_falls(widths: list[float], rises: list[float]) -> None:
    xs, ys = itertools.accumulate(widths), itertools.accumulate(rises)
    curve = [Point(x, y) for x, y in zip(xs, ys, strict=False)]
    low, high = curve[0].gain, curve[-1].gain
    seen = [lost_at(curve, min(high, low + (high - low) * k / 40)) for k in range(41)]
    assert all(b >= a - 1e-9 for a, b in itertools.pairwise(seen))


def test_the_matrix_of_stages_by_hand() -> None:
    found = stages([[3.0, 1.0, 0.0], [2.5, 4.0, 1.0], [2.0, 3.0, 5.0]], [0.0, 0.5, 0.25])
    assert found == {
        "average": pytest.approx(10 / 3),
        "backward": pytest.approx(((2 - 3) + (3 - 4)) / 2),
        "forgotten": pytest.approx(((3 - 2) + (4 - 3)) / 2),
        "forward": pytest.approx(((1 - 0.5) + (1 - 0.25)) / 2),
        "gain": 4.0,
    }


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=7))
def test_sign_flip_counts_all_signs(diffs: list[int]) -> None:
    seen = abs(sum(diffs))
    sums = [
        sum(s * d for s, d in zip(signs, diffs, strict=True))
        for signs in itertools.product((1, -1), repeat=len(diffs))
    ]
    assert sign_flip(diffs) == sum(abs(one) >= seen for one in sums) / len(sums)


def test_six_seeds_are_the_fewest() -> None:
    assert sign_flip([0.1, 0.2, 0.3, 0.1, 0.4, 0.2]) == 2 / 64
    assert sign_flip([0.1, 0.2, 0.3, 0.1, 0.4]) == 2 / 32 > 0.05
    assert interval([0.1, 0.2, 0.3, 0.1, 0.4, 0.2]) == (0.1, 0.4)
    assert all(math.isnan(end) for end in interval([0.1, 0.2, 0.3, 0.1, 0.4]))


@given(st.lists(st.integers(-20, 20), min_size=6, max_size=8, unique=True))
def test_the_interval_is_the_test_turned_around(diffs: list[int]) -> None:
    low, high = interval(diffs)
    inside, outside = (low + high) / 2, high + 1e-6
    assert sign_flip([d - inside for d in diffs]) > 0.05 - 1e-12
    assert sign_flip([d - outside for d in diffs]) <= 0.05 + 2 / 2 ** len(diffs)


def test_the_interval_covers_as_often_as_it_says() -> None:
    stream = random.Random(5)
    hit = 0
    for _ in range(2000):
        # symmetric, and nothing like a normal distribution
        low, high = interval([stream.choice((-1, 1)) * stream.random() ** 3 for _ in range(7)])
        hit += low <= 0 <= high
    assert 0.94 <= hit / 2000 <= 0.985  # 122 of 128 by counting


def test_holm_by_hand() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == {
        "a": pytest.approx(0.03), "b": pytest.approx(0.06), "c": pytest.approx(0.06),
        "d": pytest.approx(0.02),
    }  # fmt: skip
    assert holm({"a": 0.6, "b": 0.9}) == {"a": 1.0, "b": 1.0}


def test_max_t_by_enumeration() -> None:
    found = {"a": [1.0, 2, 1, 2, 1, 3], "b": [1.0, -1, 2, -2, 3, -1], "c": [2.0, 2, 2, 2, 2, -1]}

    def t(values: list[float]) -> float:
        mean = sum(values) / 6
        spread = math.sqrt(sum((v - mean) ** 2 for v in values) / 5)
        return math.inf if spread == 0 else abs(mean) / (spread / math.sqrt(6))

    flips = list(itertools.product((1, -1), repeat=6))
    most = [
        max(t([s * v for s, v in zip(signs, one, strict=True)]) for one in found.values())
        for signs in flips
    ]
    expected = {name: sum(m >= t(one) - 1e-9 for m in most) / 64 for name, one in found.items()}
    assert max_t(found) == expected
    assert max_t(found)["a"] >= sign_flip(found["a"])
    with pytest.raises(ValueError, match="same seeds"):
        max_t({"a": [1.0], "b": [1.0, 2.0]})


def test_max_t_keeps_the_error_of_a_family() -> None:
    stream, wrong = random.Random(9), 0
    for _ in range(400):
        none = {str(m): [stream.gauss(0, 1) for _ in range(6)] for m in range(10)}
        wrong += min(max_t(none).values()) < 0.05
    assert wrong / 400 < 0.07  # 2 of 64 by counting; single tests would be wrong in 27 %


@pytest.mark.parametrize(
    ("each", "says"),
    [
        ([-0.05, -0.04, -0.06, -0.03, -0.05, -0.04], True),  # less
        ([0.004, -0.002, 0.003, 0.001, -0.003, 0.002], True),  # the same within the margin
        ([0.002, 0.003, 0.002, 0.004, 0.001, 0.003], True),  # clearly more, and too little to count
        ([0.06, -0.05, 0.04, -0.03, 0.05, -0.02], None),  # nothing is seen, and nothing shown
        ([0.05, 0.04, 0.06, 0.03, 0.05, 0.04], False),  # worse by more than the margin
        ([0.001, 0.001], None),  # too few seeds
    ],
)
def test_no_worse_is_a_claim_that_has_to_be_shown(each: list[float], says: bool | None) -> None:
    assert verdicts._within(verdicts._tested(each), 0.01) is says
