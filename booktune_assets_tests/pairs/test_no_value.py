"""Results that are nothing to ask for: the expression says them. And lists that are kept."""

from __future__ import annotations

import pytest

from booktune_assets.concepts.sentences import split_sentences
from booktune_assets.pairs.predict import no_value
from booktune_assets.pairs.sessions import Entry, entries


def entry(expression: str, result: str) -> Entry:
    return Entry(expression, result, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("expression", "result", "code"),
    [
        ("[1, 2]", "[1, 2]", ""),
        ("(x)", "x", ""),
        ("list = [1, 2]", "[1, 2]", ""),
        ("list = [1.(*]", "[1.(*]", ""),  # signs of patterns are signs here
        ("[1, 2]  # a list", "[1, 2]", ""),
        ("list", "[1, 2]", "list = [1, 2]\nlist"),
        ("m = %{b: 1, a: 2}", "%{a: 2, b: 1}", ""),
    ],
)
def test_what_the_expression_says_is_not_asked(expression: str, result: str, code: str) -> None:
    assert no_value(entry(expression, result), code or expression) == "result_is_expression"


@pytest.mark.parametrize(
    ("expression", "result", "code"),
    [
        ("1 + 1", "2", ""),
        ("%{a: 1} = [1]", "[1]", ""),  # a pattern, not a name
        ("x = y = [1]", "[1]", ""),
        ("[1, 2]#a", "[1, 2]", ""),
        ("list", "[1, 2]", "list = [1, 2]\nlist = list ++ [3]\nlist"),
    ],
)
def test_what_has_to_be_worked_out_is_asked(expression: str, result: str, code: str) -> None:
    assert no_value(entry(expression, result), code or expression) == ""


def test_who_changes_a_list_changes_it_for_nobody_else() -> None:
    split_sentences("One is here. Two is there.").clear()
    entries("iex> 1 + 1\n2", "iex").clear()
    assert len(split_sentences("One is here. Two is there.")) == 2
    assert entries("iex> 1 + 1\n2", "iex")[0].result == "2"
