"""Orders of learning: every row once, easy before hard where an order says so."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.pairs.curriculum import ORDERS, Learned, places

ROWS = [
    Learned(f"r{number}", number % 5 + 1, f"s{number % 7}") for number in range(200)
]  # every level and subject all over the book


def in_order(order: str, rows: list[Learned] = ROWS, **more: object) -> list[Learned]:
    found = places(rows, order, **more)  # type: ignore[arg-type]
    return [row for _, row in sorted(zip(found, rows, strict=True), key=lambda pair: pair[0])]


@pytest.mark.parametrize("order", ORDERS)
@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from("abc")), max_size=40))
def test_each_row_has_one_place(order: str, drawn: list[tuple[int, str]]) -> None:
    rows = [Learned(f"r{at}", level, subject) for at, (level, subject) in enumerate(drawn)]
    found = places(rows, order)
    assert sorted(found) == list(range(len(rows)))
    assert found == places(rows, order)


def test_the_book_goes_as_it_goes() -> None:
    assert places(ROWS, "book") == list(range(len(ROWS)))


def test_shuffled_does_not_know_levels_and_hears_the_salt() -> None:
    levels = [row.level for row in in_order("shuffled")]
    assert abs(sum(levels[:100]) - sum(levels[100:])) < 60
    assert in_order("shuffled") != in_order("shuffled", salt="x")


def test_interleaved_goes_round_the_subjects_and_reviews() -> None:
    made = in_order("interleaved")
    same = sum(one.subject == two.subject for one, two in pairwise(made))
    assert same < 12  # next to each other only where one subject is left
    levels = [row.level for row in made]
    assert levels[:20] == [1] * 20
    assert levels[-1] == 5
    assert max(levels[:30]) == 1
    late = [at for at, level in enumerate(levels) if level == 1 and 2 in levels[:at]]
    assert 0 < len(late) < 16  # a fifth of the level comes back among the next
    assert 3 not in levels[: late[-1]]


def test_subjects_come_as_they_are_introduced() -> None:
    known = {f"s{number}": (1, 7 - number) for number in range(7)}
    made = in_order("interleaved", concepts=known)
    assert [row.subject for row in made[:7]] == [f"s{number}" for number in (6, 5, 4, 3, 2, 1, 0)]


def test_competence_opens_what_is_harder_later() -> None:
    levels = [row.level for row in in_order("competence")]
    thirds = [sum(levels[at : at + 50]) / 50 for at in (0, 50, 100, 150)]
    assert thirds == sorted(thirds)
    assert max(levels[:5]) == 1
    assert levels.index(5) > 100  # the hardest fifth opens when competence is over 0.8
    assert set(levels[150:]) > {4, 5}  # and what is easy is still seen


def test_an_order_that_is_none() -> None:
    with pytest.raises(KeyError):
        places(ROWS, "backwards")
