"""Tasks are told from prose by more than the word that both begin with."""

import pytest

from booktune_assets.books.asked import asks
from booktune_assets.books.taskmarks import mark_of

PROSE = (
    "Exercise: it is good for your health.",
    "Exercise: it is good for your health",
    "Exercise. A walk in the morning keeps the keeper well.",
    "Exercise: in the morning, a walk can make you happy.",
    "Homework: the children of the harbour had none that year.",
    "Exercise: walking to the lighthouse and back takes two hours.",
    "Problem 2: the mailbox grows faster than the process reads.",
    "Challenge 1. Boats arrive in any order, so nobody knows who was first.",
)
TASKS = (
    "Exercise: write a function that counts boats.",
    "Exercise. Write one.",
    "**Exercise:** The module below is broken. Mend it so that `tide/1` answers.",
    "Exercise: memoize the function.",
    "Exercise: Counting boats",
    "Homework: can the keeper be a process?",
    "Exercise: given a list of boats, return the longest.",
    "Exercise: the keeper counts twice. What happens?",
    "Exercise: your task is to count the boats.",
    "Problem 2: spawn ten processes. Make each of them count.",
    "Your turn: boats of the harbour.",
    "Exercise 3. The boats of the harbour are in a list.",
    "Challenge 1",
)  # fmt: skip


@pytest.mark.parametrize("text", PROSE)
def test_a_sentence_with_the_word_of_a_task_is_none(text: str) -> None:
    assert mark_of(text, "") is None
    assert mark_of(text, "", box=True) is None


@pytest.mark.parametrize("text", TASKS)
def test_a_task_asks_for_something(text: str) -> None:
    mark = mark_of(text, "")
    assert mark is not None and mark[0] == "exercise"


def test_in_a_section_of_tasks_every_counted_text_is_one() -> None:
    assert mark_of("Problem 2: the mailbox grows.", "exercise") == ("exercise", "2")
    assert mark_of("Problem 2: the mailbox grows.", "answer") == ("answer", "2")


def test_what_comes_in_the_next_paragraph_is_asked_there() -> None:
    assert asks("") and asks(" **")
