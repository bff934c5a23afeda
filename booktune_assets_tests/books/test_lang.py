"""The light guess at the language of code."""

from __future__ import annotations

import pytest

from booktune_assets.books.lang import classify
from booktune_assets_tests.books.makers import ERLANG, MODULE, SESSION


@pytest.mark.parametrize(
    ("text", "info", "expected"),
    [
        (MODULE, "", ("code", "elixir")),
        (MODULE, "elixir", ("code", "elixir")),
        (SESSION, "elixir", ("iex", "iex")),
        ("iex(1)> x = 1\n1\niex(2)> x\n1", "", ("iex", "iex")),
        ("1> X = 1.\n1\n2> X.\n1", "erlang", ("erl_shell", "erl_shell")),
        (ERLANG, "", ("code", "erlang")),
        ("$ mix new harbour\n* creating README.md", "", ("code", "other")),
        ("SELECT 1", "sql", ("code", "other")),
        ("42", "output", ("output", "output")),
        ("flowchart LR\n  a --> b", "", ("code", "other")),
    ],
)
def test_classes(text: str, info: str, expected: tuple[str, str]) -> None:
    assert classify(text, info) == expected
