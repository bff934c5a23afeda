"""A job's limits by the clock, with a clock and waits that the test says."""

from __future__ import annotations

import pytest

from booktune_assets.beam import deadline
from booktune_assets.beam.deadline import Deadline


class Told:
    """What the time is, and what the tree has waited so far."""

    def __init__(self) -> None:
        self.now, self.waited = 100.0, 7.0

    def late(self, due: Deadline, now: float, waited: float = 0.0) -> bool:
        self.now, self.waited = 100.0 + now, 7.0 + waited
        return due.late()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    made = Told()

    def clock() -> float:
        return made.now

    def waited(_pid: int) -> float:
        return made.waited

    monkeypatch.setattr(deadline, "monotonic", clock)
    monkeypatch.setattr(deadline, "waited_of_tree", waited)
    return made


def test_a_job_that_never_waits_has_its_seconds(told: Told) -> None:
    due = Deadline(1, 60.0, 4.0)
    assert [told.late(due, now) for now in (0.5, 2.0, 3.9, 4.0)] == [False, False, False, True]


def test_what_it_waited_once_it_had_settled_is_added(told: Told) -> None:
    due = Deadline(1, 60.0, 4.0)
    assert not told.late(due, 2.0, waited=1.0)  # before: its start is no part of what is added
    assert not told.late(due, 4.5, waited=2.0)
    assert due.left() == pytest.approx(0.5)  # 4 and 1
    assert not told.late(due, 4.9, waited=2.0)
    assert told.late(due, 5.0, waited=2.0)


def test_waits_make_a_limit_three_times_as_long_at_most(told: Told) -> None:
    due = Deadline(1, 60.0, 4.0)
    assert not told.late(due, 1.5)
    assert not told.late(due, 11.9, waited=50.0)
    assert told.late(due, 12.0, waited=60.0)


def test_a_job_that_was_never_looked_at_in_time_gets_nothing_added(told: Told) -> None:
    due = Deadline(1, 60.0, 0.5)
    assert told.late(due, 0.6, waited=3.0)
