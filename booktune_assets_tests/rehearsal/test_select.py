"""Groups of questions, rows for each, thirds by difficulty: by vectors made by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.rehearsal import select, vectors
from booktune_assets.rehearsal.item import Item
from booktune_assets.rehearsal.select import chosen, keep_fittest, thirds
from booktune_assets.rehearsal.vectors import embedded, grouped, hashed

CORNERS = np.array([[0.0, 0], [0, 1], [9, 9], [9, 10], [10, 9], [0, 9], [1, 9]])


def test_groups_are_those_that_one_sees() -> None:
    labels, gaps = grouped(CORNERS, 3)
    assert len(set(labels.tolist())) == 3
    assert len({labels[0], labels[1]}) == len(set(labels[2:5])) == len({labels[5], labels[6]}) == 1
    assert gaps[0] == gaps[1] == pytest.approx(0.5)
    assert gaps[2] == pytest.approx(np.hypot(1 / 3, 1 / 3))


def test_equal_rows_are_one_group_and_none_is_none() -> None:
    assert set(grouped(np.ones((5, 3)), 4)[0].tolist()) == {0}
    assert len(grouped(np.zeros((0, 3)), 4)[0]) == 0


def test_groups_get_rows_by_their_size_nearest_first() -> None:
    labels = np.array([0] * 6 + [1] * 3 + [2])
    gaps = np.array([5.0, 4, 3, 2, 1, 0, 2, 1, 0, 0])
    keep = chosen(labels, gaps, [""] * 10, 5)
    assert Counter(labels[sorted(keep)].tolist()) == {0: 3, 1: 2}
    assert keep == {5, 4, 3, 8, 7}


def test_every_third_gets_its_rows_where_a_group_has_them() -> None:
    labels = np.zeros(9, dtype=np.int64)
    third = ["easy"] * 6 + ["middle"] * 2 + ["hard"]
    gaps = np.arange(9.0)
    assert chosen(labels, gaps, third, 3) == {0, 6, 8}
    assert chosen(labels, gaps, third, 6) == {0, 1, 2, 6, 7, 8}
    assert chosen(labels, gaps, [""] * 9, 3) == {0, 1, 2}, "the paper's choice: only the typical"


def test_rows_left_over_go_to_the_harder_third_first() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1])
    third = ["easy", "middle", "hard"] * 2
    keep = chosen(labels, np.zeros(6), third, 2)
    assert sorted(third[place] for place in keep) == ["hard", "middle"]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(select.THIRDS)), max_size=40),
    st.integers(0, 50),
)
def test_the_number_is_exact_for_all_and_near_for_each(
    rows: list[tuple[int, str]], wanted: int
) -> None:
    labels = np.array([group for group, _ in rows], dtype=np.int64)
    keep = chosen(labels, np.zeros(len(rows)), [third for _, third in rows], wanted)
    assert len(keep) == min(wanted, len(rows))
    for group, size in Counter(labels.tolist()).items():
        got = sum(labels[place] == group for place in keep)
        assert abs(got - min(wanted, len(rows)) * size / len(rows)) < 1


def _items(costs: list[float], unit: str = "nats_per_token") -> list[Item]:
    return [
        Item("ssr", "t", "", f"answer {n}", (("user", f"question {n}"), ("assistant", "a")),
             difficulty=cost, difficulty_by=unit, tokens=100 - n)
        for n, cost in enumerate(costs)
    ]  # fmt: skip


def test_thirds_are_ranks_in_one_unit() -> None:
    items = _items([0.1, 3.0, 0.2, 1.0, 2.0, 0.9])
    assert thirds(items) == ["easy", "hard", "easy", "middle", "hard", "middle"]
    items[2].difficulty_by, items[2].difficulty = "answer_tokens", 98.0
    assert thirds(items) == ["hard", "hard", "middle", "middle", "easy", "easy"]
    assert {item.difficulty_by for item in items} == {"answer_tokens"}


def test_what_is_not_taken_says_so() -> None:
    items = _items([float(n) for n in range(12)])
    items[0].reject("short")
    counts = keep_fittest(items, 6, 3, spread=True)
    assert sum(not item.reason for item in items) == 6 and sum(counts.values()) == 6
    assert {item.reason for item in items} == {"", "short", "not_selected"}
    assert all(item.cluster is not None for item in items[1:])
    assert counts == {"hard": 2, "middle": 2, "easy": 2}


def test_texts_about_one_thing_are_near(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["how a tree is balanced", "how a tree is searched", "sockets that time out"]
    for made in (embedded(texts), hashed(texts)):
        assert made.shape[0] == 3 and np.allclose(np.linalg.norm(made, axis=1), 1)
        assert made[0] @ made[1] > made[0] @ made[2]
    monkeypatch.setattr(vectors, "packaged", lambda: "")
    assert np.array_equal(embedded(texts), hashed(texts))
    assert vectors.embedder_name() == "hashed-512"
