"""Twins of sentences: one change, and a wrong statement by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.pairs.candidate import View
from booktune_assets.pairs.history import tells_of_changes
from booktune_assets.pairs.true_false import OPPOSITE, true_false, twin
from booktune_assets_tests.pairs.asking import asked


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("There are three kinds of child.", "There are four kinds of child."),
        ("An atom is a constant.", "An atom is not a constant."),
        ("A tuple cannot grow.", "A tuple can grow."),
        ("Lists are not arrays.", "Lists are arrays."),
        ("A call is synchronous.", "A call is asynchronous."),
        ("A static list helps.", "A dynamic list helps."),
        ("It returns an ordered list.", "It returns an unordered list."),
        ("Strings are always binaries.", "Strings are never binaries."),
    ],
)
def test_a_twin(sentence: str, wrong: str) -> None:
    assert twin(sentence) == wrong


@pytest.mark.parametrize(
    "sentence",
    [
        "When a key is missing, an error comes.",  # not in the main clause
        "Any list can be empty.",  # "any … cannot" is no clear opposite
        "Use `is_atom/1` here.",
        "The queue holds at least three messages.",
        "There are three kinds of atoms, lists, and maps.",  # they stand beside the number
        "A process waits until a message is there.",
        "A list can also hold tuples.",
        "The call can be cheap.",
    ],
)
def test_no_twin_is_better_than_a_doubtful_one(sentence: str) -> None:
    assert twin(sentence) == ""


def test_opposites_go_both_ways() -> None:
    assert all(OPPOSITE[OPPOSITE[word]] for word in OPPOSITE if OPPOSITE[word] in OPPOSITE)
    assert all(word != other for word, other in OPPOSITE.items())


@given(st.text(alphabet="abc ist notare.,` AB", max_size=80))
def test_a_twin_is_never_the_sentence(text: str) -> None:
    assert twin(text) != text or text == ""


def test_the_answer_gives_the_sentence_as_it_stands() -> None:
    page = "# Atoms\n\nAn atom in Elixir is a constant whose value is its own name.\n"
    ((question, answer),) = asked(page, "true_false")
    assert "is not a constant" in question
    assert answer.endswith("An atom in Elixir is a constant whose value is its own name.")
    assert answer.split(".")[0] in {
        "The statement is wrong", "False", "The statement is not correct", "Wrong", "Incorrect",
        "The statement is false", "The claim is wrong", "The statement does not hold",
    }  # fmt: skip


def test_opinions_and_stories_are_no_facts() -> None:
    page = (
        "# Atoms\n\nAn atom is perhaps the most useful of all values in Elixir.\n\n"
        "The atom was the first of all values that the team had added.\n"
    )
    assert not asked(page, "true_false")


def test_what_is_set_against_something_is_not_denied() -> None:
    plain = "The indices must be integer literals."
    assert twin(plain) == "The indices must not be integer literals."
    assert twin("The indices must be integer literals, not variables or expressions.") == ""


FACT = "An atom in Elixir is a constant whose value is its own name."


@pytest.mark.parametrize(
    "titles",
    ["# Migrating from 1.6 to 1.7\n\n## Atoms", "# Bugs fixed", "# Release notes for 2026"],
)
def test_pages_of_changes_tell_of_nothing_that_stays(titles: str) -> None:
    assert asked(f"# Atoms\n\n{FACT}\n", "true_false")
    assert not asked(f"{titles}\n\n{FACT}\n", "true_false")


@pytest.mark.parametrize("title", ["Releases", "Changing state", "Upgrading to OTP 26"])
def test_others_are_no_pages_of_changes(title: str) -> None:
    assert not tells_of_changes(["A book", title])


def _made(text: str, kind: str, named: list[tuple[int, int, str, str]], code: str = "") -> bool:
    own = {"section_id": "s", "char_start": 0}
    block = {**own, "block_id": "b", "kind": kind, "lang": "", "text": text}
    before = {**own, "block_id": "c", "kind": "iex", "lang": "iex", "text": code}
    blocks = [before, block] if code else [block]
    view = View("s", "Keyword lists", text, "Elixir", blocks, [], mentions=named)
    return bool(list(true_false(view)))


def test_an_item_of_a_list_has_to_name_what_it_tells_of() -> None:
    known = [(0, 13, "keyword list", "term")]
    assert _made("Keyword lists are ordered, as specified by the developer.", "list", known)
    assert not _made("Keyword lists are ordered, as specified by the developer.", "list", [])
    assert _made("Keyword lists are ordered, as specified by the developer.", "prose", [])


def test_a_variable_of_the_example_is_no_fact() -> None:
    text = 'Outside of functions greeting is still "Hello".'
    assert _made(text, "prose", [])
    assert not _made(text, "prose", [], 'iex> greeting = "Hello"\n"Hello"')
    assert _made(text.replace("greeting", "a greeting"), "prose", [], 'iex> greeting = "Hello"')
