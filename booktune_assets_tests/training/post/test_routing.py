"""Routing: scores by hand, the best cut, and that folds measure it honestly."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from booktune_assets.concepts.embeddings import Embedder, packaged
from booktune_assets.concepts.retrieval import Index, Passage
from booktune_assets.errors import BookError, Code
from booktune_assets.training.post.questions import GENERAL
from booktune_assets.training.post.routing import Router, calibrate, threshold_of

MATTERS = {
    "GenServer": "A GenServer keeps state in a process and answers calls and casts.",
    "Supervisor": "A supervisor restarts children by a strategy such as one_for_one.",
    "Enum": "Enum.map/2 walks a list; Enum.reduce/3 folds it with an accumulator.",
    "Pattern matching": "The match operator binds variables in a tuple pattern.",
    "Agents": "An Agent wraps state with Agent.get/2 and Agent.update/2.",
    "Tasks": "Task.async/1 starts a process and Task.await/2 waits for its result.",
}
ASKED = [
    "How does a GenServer keep state?", "What does a supervisor restart?",
    "Which strategy restarts children?", "How do I fold a list with Enum.reduce/3?",
    "What does the match operator bind?", "How does an Agent wrap state?",
    "What does Task.await/2 wait for?", "How do calls and casts reach a process?",
    "What is a tuple pattern?", "What starts Task.async/1?", "What does Enum.map/2 walk?",
    "What answers casts?",
]  # fmt: skip


def shelf(vectors: object = None) -> Index:
    passages = [
        Passage(f"sec_{n}", "one", f"sec_{n}", title, text, "section")
        for n, (title, text) in enumerate(MATTERS.items())
    ]
    return Index(passages, vectors)  # type: ignore[arg-type]


def test_coverage_is_the_weighted_share_of_the_question() -> None:
    router = Router(shelf())
    known, new = math.log(7) - math.log(2), math.log(7)  # in one passage of six, in none
    assert router.score("supervisor zebra") == pytest.approx(known / (known + new))
    assert router.score("supervisor") == 1.0
    assert router.score("zebra") == router.score("") == router.score("the of") == 0.0
    assert Router(Index([])).score("supervisor") == 0.0


@pytest.mark.parametrize("dense", [False, True])
def test_the_shelfs_questions_are_told_from_others(dense: bool) -> None:
    if dense and not packaged():
        pytest.skip("the extra vectors is not installed")
    router = Router(shelf(Embedder() if dense else None))
    found = calibrate(router, ASKED, GENERAL)
    assert found.accuracy >= 0.9
    assert (found.inside, found.outside) == (len(ASKED), len(GENERAL))
    assert found.as_row()["accuracy"] == found.accuracy
    assert router.wants_adapter("How does a GenServer answer calls?", found.threshold)
    assert not router.wants_adapter("Give me a recipe for lentil soup.", found.threshold)


def test_sides_that_are_alike_cannot_be_told_apart() -> None:
    router = Router(shelf())
    found = calibrate(router, GENERAL[::2], GENERAL[1::2])
    assert found.accuracy < 0.7, "folds measure what they did not set"


def test_too_few_questions_are_refused() -> None:
    with pytest.raises(BookError) as caught:
        calibrate(Router(shelf()), ASKED[:3], GENERAL)
    assert caught.value.code is Code.NO_EXAMPLES


@example([5e-324], [0.0])
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=12),
    st.lists(st.floats(0, 1), min_size=1, max_size=12),
)
def test_no_other_cut_is_better(yes: list[float], no: list[float]) -> None:
    def good(cut: float) -> float:
        return sum(s >= cut for s in yes) / len(yes) + sum(s < cut for s in no) / len(no)

    best = good(threshold_of(yes, no))
    every = [*yes, *no, math.nextafter(max(*yes, *no), 2.0)]
    assert all(best >= good(cut) - 1e-12 for cut in every)


def test_a_clear_gap_is_cut_in_its_middle() -> None:
    assert threshold_of([0.8, 0.9], [0.1, 0.4]) == pytest.approx(0.6)
    assert len(set(GENERAL)) == len(GENERAL)
