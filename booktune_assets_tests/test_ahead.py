"""The map that looks ahead: order, errors, and how far it looks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.ahead import ahead


@given(st.lists(st.integers(), max_size=30), st.integers(1, 5))
def test_gives_what_map_gives(items: list[int], threads: int) -> None:
    assert list(ahead(lambda one: one * 3, items, threads)) == [one * 3 for one in items]


def test_the_slowest_first_does_not_change_the_order() -> None:
    def made(wait: float) -> float:
        time.sleep(wait)
        return wait

    assert list(ahead(made, [0.05, 0.0, 0.02, 0.0], 4)) == [0.05, 0.0, 0.02, 0.0]


def test_items_are_drawn_in_the_callers_thread_and_no_further_than_asked() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            assert threading.current_thread() is threading.main_thread()
            drawn.append(number)
            yield number

    made = ahead(lambda one: one, items(), 3)
    assert next(made) == 0
    assert len(drawn) == 3
    made.close()
    assert len(drawn) == 3


def test_an_error_of_one_item_is_raised_in_its_place() -> None:
    def made(one: int) -> int:
        if one == 2:
            raise ValueError("no two")
        return one

    some = ahead(made, range(5), 2)
    assert [next(some), next(some)] == [0, 1]
    with pytest.raises(ValueError, match="no two"):
        next(some)
