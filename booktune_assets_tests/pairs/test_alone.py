"""Every sentence of an answer stands alone: what it points at is in the question or before it."""

from __future__ import annotations

import pytest

from booktune_assets.pairs.alone import lacking
from booktune_assets.pairs.loose import raises_here
from booktune_assets_tests.pairs.asking import talks

ERROR = "What does this mean?\n\n```iex\niex> 1 = 2\n** (MatchError) no match\n```"
PLAIN = "What are processes in Elixir?"
CODE = "Explain this Elixir code.\n\n```elixir\ndef parse(line), do: line\n```"


@pytest.mark.parametrize(
    ("answer", "question", "reason"),
    [
        ("This error message is telling us that no clause fits.", PLAIN, "points_at_nothing"),
        ("This error message is telling us that no clause fits.", ERROR, ""),
        ("Processes are cheap. The test creates one and waits for it.", CODE, "points_at_nothing"),
        ("In fact, we have been inside a process this entire time.", PLAIN, "tells_the_page"),
        ("We created a module that parses lines of text.", PLAIN, "tells_the_page"),
        ("We created a function that parses lines of text.", CODE, ""),
        ("First we changed the function to take a line of text.", CODE, "tells_the_page"),
        ("Processes are the most common answer to this question.", CODE, "points_at_nothing"),
        ("Processes get much more interesting when they send messages.", PLAIN, "empty"),
        ("The IO system is a great opportunity to shed some light on it.", PLAIN, "empty"),
        ("A process may be registered already. This name is then taken.", PLAIN, ""),
        ("Processes are cheap. Those that end are replaced by others.", PLAIN, ""),
        ("The variable is quoted. These two variables differ.", CODE, "points_at_nothing"),
        ("Variables are quoted. These two variables differ.", CODE, ""),
        ("A process that is already registered keeps its name.", PLAIN, ""),
    ],
)
def test_what_a_sentence_lacks(answer: str, question: str, reason: str) -> None:
    assert lacking(answer, question) == (f"answer_{reason}" if reason else "")


def test_a_definition_says_what_the_thing_is() -> None:
    page = """
# Atoms and tuples of Elixir

Atoms are equal if their names are equal in Elixir.

Tuples are containers of Elixir that hold a fixed number of values one behind the other.
"""
    told = [answer for talk in talks(page, "define") for _, answer in talk]
    assert "Atoms are equal if their names are equal in Elixir." not in told
    assert any(answer.startswith("Tuples are containers") for answer in told)


def test_a_value_is_asked_for_only_with_all_its_constants() -> None:
    from booktune_assets.pairs.write_value import unsaid

    asked = "Use `Enum.filter/2`. The data:\n\n```\n[1, 2, 3]\n```\n\nThe value: `[2, 3]`"
    assert unsaid("Enum.filter([1, 2, 3], &(rem(&1, 13) != 1))", asked)
    assert not unsaid("Enum.filter([1, 2, 3], &(&1 > 1))", asked)
    assert not unsaid("Enum.reduce([1, 2, 3], 0, fn x, acc -> x + acc end)", asked)
    assert unsaid('Enum.map([1, 2, 3], fn _ -> "no" end)', asked)


def test_a_refusal_guesses_no_topic_and_shows_a_whole_passage() -> None:
    from booktune_assets.pairs.gates import unclear
    from booktune_assets.pairs.wording import BANK

    assert all("covered" not in words for words in BANK["refused"])
    assert all(len(words.format(absent="x")) >= 40 for words in BANK["refused"])
    assert not any(map(unclear, BANK["refused"]))  # one was refused for its own "I"


def test_code_that_the_book_shows_failing_is_no_model() -> None:
    code = {"block_id": "b1", "kind": "code", "text": "case 1 do\n  x when hd(x) -> x\nend"}
    failed = {"block_id": "b2", "kind": "output", "text": "** (CaseClauseError) no case clause: 1"}
    fine = {"block_id": "b2", "kind": "output", "text": "1"}
    assert raises_here(code, [code, failed])
    assert not raises_here(code, [code, fine])
    assert not raises_here(code, [failed, code])
