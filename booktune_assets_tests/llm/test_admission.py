"""The window: opens slowly, cuts at once, once for one refusal of many."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.llm.admission import COOL, GROW_AFTER, WAIT_MAX, Window
from booktune_assets.llm.calls import open_caller
from booktune_assets.settings import Settings
from booktune_assets_tests.llm.asked import chats
from booktune_assets_tests.llm.fake_server import Answer, fake_server


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_starts_open_cuts_to_three_quarters_and_closes_for_a_moment() -> None:
    clock = Clock()
    window = Window(16, clock)
    assert window.room(0) == 16 and window.room(15) == 1 and window.room(20) == 0
    window.overloaded(began=clock.now)
    assert window.limit == 12 and window.room(0) == 0 and window.closed() == COOL
    clock.now += COOL
    assert window.room(0) == 12


def test_a_full_window_refused_is_one_refusal() -> None:
    clock = Clock()
    window = Window(100, clock)
    began = clock.now - 5
    for _ in range(100):
        clock.now += 0.01
        window.overloaded(began)
    assert window.limit == 75
    clock.now += 5
    window.overloaded(began=clock.now - 1)
    assert window.limit == 56


def test_good_calls_open_it_again_one_by_one_up_to_its_bound() -> None:
    clock = Clock()
    window = Window(4, clock)
    window.overloaded(clock.now)
    assert window.limit == 3
    for _ in range(GROW_AFTER - 1):
        window.good()
    assert window.limit == 3
    for _ in range(5 * GROW_AFTER):
        window.good()
    assert window.limit == 4


def test_refused_again_and_again_it_waits_longer_and_counts() -> None:
    clock = Clock()
    window = Window(8, clock)
    waits = list[float]()
    for _ in range(8):
        window.overloaded(clock.now)
        waits.append(window.closed())
        clock.now += waits[-1]
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60] and window.rounds == 8
    window.good()
    window.overloaded(clock.now)
    assert window.closed() == COOL and window.rounds == 1


def test_another_loop_keeps_the_limit_and_counts_its_own_cuts() -> None:
    clock = Clock()
    window = Window(8, clock)
    window.overloaded(clock.now)
    window.begun()
    assert (window.limit, window.rounds, window.closed()) == (6, 0, COOL)


def test_it_waits_as_long_as_the_server_asks_within_reason() -> None:
    clock = Clock()
    window = Window(4, clock)
    window.overloaded(clock.now, wait=30)
    assert window.closed() == 30
    window.overloaded(clock.now, wait=99_999)
    assert window.closed() == WAIT_MAX


@given(st.lists(st.sampled_from(["good", "bad", "tick"])), st.integers(1, 64))
def test_it_never_shuts_for_good_and_never_passes_its_bound(events: list[str], most: int) -> None:
    clock = Clock()
    window = Window(most, clock)
    for event in events:
        clock.now += 0.5
        if event == "good":
            window.good()
        elif event == "bad":
            window.overloaded(clock.now)
        assert 1 <= window.limit <= most
    clock.now += WAIT_MAX
    assert window.room(0) >= 1


@pytest.mark.usefixtures("quick")
def test_what_a_service_bears_is_learnt_once_for_all_rounds(tmp_path: Path) -> None:
    """Each round of a recipe is an asking of its own: none begins with a full window again."""
    started = threading.Barrier(8, timeout=20)

    def act(number: int, body: dict[str, Any]) -> Answer:
        if number > 8:
            return Answer()
        started.wait()  # eight at one time: seven too many
        return Answer() if number == 1 else Answer(status=429, text=None, raw=b"slow down")

    with fake_server(act) as fake:
        settings = Settings(home=tmp_path, llm=fake.llm(concurrency=8))
        with open_caller(settings) as caller:
            assert all(reply.ok for _, reply in caller.ask(chats(8)))
            fake.most = 0
            assert all(reply.ok for _, reply in caller.ask(chats(30)[8:]))
            assert 0 < fake.most < 8
