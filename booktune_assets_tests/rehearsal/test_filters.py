"""Rules on one text, and reading what a model wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.rehearsal.filters import asked_badly, refusal, tidy
from booktune_assets.rehearsal.writing import parsed

GOOD = (
    "A supervisor starts its children in order and watches them. When one of them ends, it is "
    "started again after the rules that were given, and the others keep running meanwhile."
)
FENCED = "```elixir\nx = 1\n```"


@pytest.mark.parametrize(
    ("text", "shown", "reason"),
    [
        (GOOD, (), ""),
        ("Too short.", (), "short"),
        (FENCED, (), ""),
        ("\x00\x01" * 60 + ".", (), "unprintable"),
        ("def f(x): return x + 1\n" * 4, (), "unfinished"),
        ("It is a type of programming. " * 9, (), "repetitive"),
        (GOOD, ("Note. " + GOOD,), "copied"),
    ],
)
def test_answers(text: str, shown: tuple[str, ...], reason: str) -> None:
    assert refusal(text, shown) == reason


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What is a tree?", ""),
        ("Why?", "question_length"),
        ("x" * 2001, "question_length"),
        ("What  is a QUEUE?", "question_copied"),
        ("a b c " * 30, "repetitive"),
    ],
)
def test_questions(question: str, reason: str) -> None:
    assert asked_badly(question, ["What is a queue?"]) == reason


def test_answers_end_with_a_sentence_or_a_block() -> None:
    assert tidy(" One. Two! And thr") == "One. Two!"
    assert tidy("no end at all") == "no end at all"
    assert tidy(f"So:\n{FENCED}") == f"So:\n{FENCED}"
    assert tidy("It is so. Like this:\n```elixir\nx = 1\ny") == "It is so."


@pytest.mark.parametrize(
    ("written", "pairs"),
    [
        (" q\nOutput: a", [("q", "a")]),
        (
            " q\nand more\nOutput:\na\nb\n\nInput: r\nOutput: c",
            [("q\nand more", "a\nb"), ("r", "c")],
        ),
        (" q\nOutput: a\n\nInput: r", [("q", "a")]),
        (" q", []),
        ("\nOutput: a", []),
        (" q\nInput: r\nOutput: a", []),
        (" q\nOutput: a\nOutput: b", [("q", "a")]),
        (" about Input: here\nOutput: a", [("about Input: here", "a")]),
    ],
)
def test_exact_pairs_are_read(written: str, pairs: list[tuple[str, str]]) -> None:
    assert parsed(written) == pairs


def test_an_answer_that_was_cut_ends_with_its_last_sentence() -> None:
    assert parsed(" q\nOutput: One. And tw", ended=False) == [("q", "One.")]


WORD = st.text("ab c.", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(st.lists(st.tuples(WORD, WORD), max_size=4))
def test_what_is_written_in_form_is_read_back(pairs: list[tuple[str, str]]) -> None:
    written = "\n\nInput: ".join(f"{one}\nOutput: {two}" for one, two in pairs)
    assert parsed(" " + written if pairs else "") == pairs


@given(st.text())
def test_no_text_is_too_odd_to_read(text: str) -> None:
    for question, _ in parsed(text):
        assert question
