"""λ by a share of the loss: the rule, its bounds, and that it rests."""

from __future__ import annotations

import pytest

from booktune_assets.training.strength import BOUND, Strength


def _train(strength: Strength, pull: float, steps: int = 60, loss: float = 2.0) -> list[float]:
    """Shares of each step for a weight that data pull to 1 with curvature ``pull``.

    L = loss + pull/2 (w − 1)², P = w²/2.
    """
    weight, shares = 0.0, list[float]()
    for step in range(1, steps + 1):
        penalty, data = weight**2 / 2, loss + pull / 2 * (weight - 1) ** 2
        shares.append(strength.value * penalty / data)
        weight = (weight + 0.05 * pull) / (1 + 0.05 * (pull + strength.value))
        strength.update(step, penalty, data)
    return shares


def test_a_share_that_can_be_reached_is_reached_at_mid_training() -> None:
    strength = Strength(60, 0.01)
    shares = _train(strength, pull=1.0)
    assert shares[:7] == [0.0] * 7, "free motion first"
    assert shares[30] == pytest.approx(0.01, rel=0.25)


def test_more_is_asked_for_than_the_data_can_give() -> None:
    """λP cannot exceed what the loss has fallen by (1 % here): λ stops at its bound."""
    strength = Strength(60, 0.5)
    shares = _train(strength, pull=0.04)
    assert strength.value == pytest.approx(BOUND * strength.first)
    assert max(shares[30:]) < 0.02, "not what was asked for"


def test_it_rests_from_mid_training_on() -> None:
    strength, values = Strength(60, 0.02), list[float]()
    for step in range(1, 61):
        strength.update(step, 0.001 * step, 2.0)
        values.append(strength.value)
    assert values[5] == 0.0 < values[6], "after a tenth"
    assert len(set(values[30:])) == 1
    assert len(set(values[6:31])) == 25


def test_a_given_strength_never_changes() -> None:
    strength = Strength(60, 0.1, 3.0)
    assert len(set(_train(strength, 1.0)[10:])) > 1
    assert strength.value == 3.0


def test_its_state_goes_on_as_it_was() -> None:
    whole, half = Strength(40, 0.1), Strength(40, 0.1)
    for step in range(1, 41):
        if step == 11:
            half, old = Strength(40, 0.1), half
            half.load_state_dict(old.state_dict())
        for one in (whole, half):
            one.update(step, 0.003 * step**1.2, 3.0 - step / 50)
    assert half.state_dict() == whole.state_dict()


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_short_runs(steps: int) -> None:
    strength = Strength(steps, 0.1)
    for step in range(1, steps + 1):
        strength.update(step, 0.1 * (step - 1), 1.0)
    assert strength.value > 0 or steps == 1
