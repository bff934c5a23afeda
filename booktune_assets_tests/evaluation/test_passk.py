"""pass@k is what counting all subsets gives; our own faults count for nobody."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import missing
from booktune_assets.errors import BookError
from booktune_assets.evaluation.passk import Counted, countable, estimate, pass_at_k


def rows(**outcomes: str) -> list[dict[str, object]]:
    """``a="p..h"``: of problem a one sample passed, two failed, one met a fault of ours."""
    names = {"p": "pass", ".": "fail", "h": "harness_error", "t": "timeout"}
    return [
        {"problem_id": problem, "candidate_id": str(number), "verdict": names[sign]}
        for problem, signs in outcomes.items()
        for number, sign in enumerate(signs)
    ]


@given(st.lists(st.booleans(), min_size=1, max_size=9), st.data())
def test_the_estimator_is_the_share_of_all_subsets(
    samples: list[bool], data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, len(samples)))
    subsets = list(itertools.combinations(samples, k))
    share = sum(any(one) for one in subsets) / len(subsets)
    assert estimate(len(samples), sum(samples), k) == pytest.approx(share)


@given(st.lists(st.text("p.t", min_size=3, max_size=5), min_size=1, max_size=6))
def test_the_value_is_the_mean_over_problems(outcomes: list[str]) -> None:
    given_rows = rows(**{f"p{number}": signs for number, signs in enumerate(outcomes)})
    random.Random(1).shuffle(given_rows)
    shares = [
        sum("p" in one for one in itertools.combinations(signs, 2))
        / math.comb(len(signs), 2)
        for signs in outcomes
    ]  # fmt: skip
    found = pass_at_k(given_rows, 2, resamples=10)
    assert found.value == pytest.approx(sum(shares) / len(shares))
    assert (found.problems, found.samples) == (len(outcomes), len(given_rows))


@pytest.mark.parametrize(("n", "passed", "k"), [(3, 4, 1), (3, -1, 1), (3, 1, 4), (0, 0, 1)])
def test_the_estimator_refuses(n: int, passed: int, k: int) -> None:
    with pytest.raises(ValueError):
        estimate(n, passed, k)


def test_large_numbers_stay_numbers() -> None:
    assert estimate(10_000, 1, 5_000) == pytest.approx(0.5)
    assert estimate(200, 199, 2) == 1.0


def test_faults_of_ours_are_no_samples() -> None:
    found = pass_at_k(rows(a="ph", b=".h", c="hh"), 1)
    assert found.value == pytest.approx(0.5)
    assert (found.problems, found.samples) == (2, 2)
    assert found.dropped == {"c": "2 of 2 samples met a fault of the harness"}


def test_too_few_samples_are_told() -> None:
    with pytest.raises(BookError, match=r"problem=b.*at least 3 times") as caught:
        pass_at_k(rows(a="p..", b="p."), 3)
    assert caught.value.code == "BAD_ROW"
    with pytest.raises(BookError, match="k of 1 or more"):
        pass_at_k(rows(a="p"), 0)


@pytest.mark.parametrize("row", [{"problem_id": "a"}, {"verdict": "pass"}, {"problem_id": 1}])
def test_a_row_says_problem_and_verdict(row: dict[str, object]) -> None:
    with pytest.raises(BookError, match="record=1"):
        pass_at_k([row], 1)


def test_only_problems_that_count() -> None:
    counted = {"a": Counted(True), "b": Counted(False, "no mutant of its reference fails")}
    found = pass_at_k(rows(a=".", b="p", c="p"), 1, counted)
    assert (found.value, found.problems) == (0.0, 1)
    assert found.dropped == {
        "b": "no mutant of its reference fails",
        "c": "the problem was not checked",
    }


def test_nothing_to_count() -> None:
    found = pass_at_k([], 1)
    assert math.isnan(found.value)
    assert found.problems == 0


def test_the_interval_is_over_problems() -> None:
    few = pass_at_k(rows(**{f"p{n}": "p." for n in range(7)}), 1)
    assert math.isnan(few.low) and math.isnan(few.high)
    # a hundred samples of each problem are no more evidence than one: they agree with each other
    outcomes = {f"p{n}": "p" if n % 2 else "." for n in range(20)}
    one = pass_at_k(rows(**outcomes), 1)
    many = pass_at_k(rows(**{name: sign * 100 for name, sign in outcomes.items()}), 1)
    assert (one.low, one.high) == (many.low, many.high)
    assert one.low < 0.5 < one.high
    assert one.high - one.low > 0.35


def test_equal_scores_are_not_certain() -> None:
    all_pass = pass_at_k(rows(**{f"p{n}": "pp" for n in range(20)}), 1)
    assert (all_pass.value, all_pass.high) == (1.0, 1.0)
    assert 0.8 < all_pass.low < 0.9


def test_the_interval_covers() -> None:
    """Of 200 draws of 30 problems with known chances about 95 % hold the truth."""
    random_ = random.Random(7)
    held = 0
    for draw in range(200):
        chances = [random_.random() for _ in range(30)]
        outcomes = {
            f"p{n}": "".join("p" if random_.random() < chance else "." for _ in range(4))
            for n, chance in enumerate(chances)
        }
        found = pass_at_k(rows(**outcomes), 1, resamples=500, seed=draw)
        held += found.low <= 0.5 <= found.high
    assert held >= 180


TESTS = """
defmodule OneTest do
  use ExUnit.Case
  test "one" do
    assert One.one() == 1
  end
end
"""
RIGHT = "defmodule One do\n  def one, do: 1\nend\n"


def problem(name: str, **given: object) -> Problem:
    whole: dict[str, object] = {"tests": TESTS, "reference": RIGHT, "mutants": (), **given}
    return Problem(name, "elixir", "", ("One.one/0",), **whole)  # type: ignore[arg-type]


def test_problems_have_to_prove_themselves() -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    found = countable(
        [
            problem("good", mutants=(RIGHT, RIGHT.replace("1", "2"))),
            problem("made"),
            problem("blind", tests=TESTS.replace("== 1", "!= 7"), mutants=(RIGHT + " ", RIGHT)),
            problem("broken", mutants=("defmodule One do",)),
            problem("wrong", reference=RIGHT.replace("1", "3")),
            problem("bare", reference=""),
        ]
    )
    assert found["good"] == Counted(True)
    assert found["made"] == Counted(True)
    assert found["blind"].reason == found["broken"].reason == "no mutant of its reference fails"
    assert found["wrong"].reason.startswith("its reference does not pass: fail")
    assert found["bare"].reason == "it has no reference solution"
    assert [name for name, one in found.items() if one.counted] == ["good", "made"]
