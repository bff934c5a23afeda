"""Which sentences stand alone, and what stops an answer."""

import pytest

from booktune_assets.pairs.prose import leans, sentences, stands

ALONE = (
    "A supervisor restarts each of its children when they stop.",
    "If the function raises, it is called once more by the supervisor.",
    "Processes such as servers keep a state between two messages.",
    "The first argument of a callback is always the message itself.",
    "The function `f/1` returns the message that it was given before.",
)
LEANING = (
    "It restarts each of its children when they stop working.",
    "The function returns the message that it was given before.",
    "This is why a supervisor restarts each of its children again.",
    "A supervisor does the same for each of its children, too.",
    "In the example the supervisor restarts each of its children.",
    "We have defined a supervisor with two children of its own.",
    "As we saw in chapter 3, a supervisor restarts its children.",
    "Support for supervisors of supervisors has been added in 2.0.",
    "Does a supervisor restart each of its children at once?",
)


@pytest.mark.parametrize("text", ALONE)
def test_these_stand_alone(text: str) -> None:
    assert stands(text)


@pytest.mark.parametrize("text", LEANING)
def test_these_do_not(text: str) -> None:
    assert not stands(text)


def test_a_pronoun_needs_something_before_it() -> None:
    assert leans("When it stops, the supervisor starts it anew.")
    assert not leans("When a child process stops, the supervisor starts it anew.")


def test_sentences_are_cut_once() -> None:
    text = "One sentence. Another `Enum.map/2` one, e.g. this."
    assert sentences(text) is sentences(text)
    assert [text[one.start : one.end] for one in sentences(text)] == [
        one.text for one in sentences(text)
    ]
