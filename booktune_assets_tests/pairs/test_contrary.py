"""Statements whose false twin the book bears out elsewhere."""

from __future__ import annotations

from booktune_assets.pairs.contrary import contrary
from booktune_assets.pairs.loose import LOOSE
from booktune_assets.pairs.subjects import names_a_thing
from booktune_assets.pairs.true_false import twin
from booktune_assets_tests.pairs.asking import asked

FIRST = (
    "Registered names of a process cannot be reused by another node.",
    "A supervisor knows three strategies for its children.",
    "The calls of a client are synchronous at the server.",
)
LATER = (
    "On a cluster the registered names of a process can be reused, by another node as well.",
    "Since last year a supervisor has four strategies for its children.",
    "Asynchronous calls of a client reach the server at once.",
    "A harbour is where boats lie.",
)


def test_what_another_section_turns_round_is_no_statement() -> None:
    found = contrary([FIRST, LATER], twin)
    assert found == [frozenset(FIRST), frozenset([LATER[0], LATER[2]])], "either way"
    assert contrary([FIRST, LATER[-1:]], twin) == [frozenset(), frozenset()]
    assert contrary([FIRST, FIRST], twin) == [frozenset(), frozenset()], "the same again"


def test_no_false_twin_is_made_that_the_book_bears_out() -> None:
    """The second part says of the first what its twin would."""
    page = "# Names\n\nRegistered names of a process cannot be reused by another node.\n"
    more = "\n## Later\n\nRegistered names of a process can be reused by another node.\n"
    assert len(asked(page, "true_false")) == 1
    assert asked(page + more, "true_false") == []


def test_questions_fit_what_is_told() -> None:
    page = "# Sigils\n\nA `sigil` starts with a tilde and is followed by a letter and delimiters.\n"
    for question, _ in asked(page, "define"):
        assert "reach for" not in question
        assert "purpose" not in question
    assert not names_a_thing("Ecto says the changeset")
    assert LOOSE.search("Define a function that accepts as many arguments as you wish.")
