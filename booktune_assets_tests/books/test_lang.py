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
        ("$ mix new harbour\n* creating README.md", "", ("code", "shell")),
        ("MIX_ENV=prod mix release", "", ("code", "shell")),
        ("mix test test/area_test.exs:5", "", ("code", "shell")),
        ("# once more\n$ iex -S mix test", "", ("code", "shell")),
        ("echo = fn word -> word end", "", ("code", "elixir")),
        ("# 1 + 1", "", ("code", "elixir")),
        ("..\n\nFinished in 0.03 seconds\n2 tests, 0 failures", "", ("output", "output")),
        ("...\ndef area(r), do: r * r", "", ("code", "elixir")),
        ("* creating mix.exs\n* creating lib", "", ("output", "output")),
        ("SELECT 1", "sql", ("code", "other")),
        ("42", "output", ("output", "output")),
        ("flowchart LR\n  a --> b", "", ("code", "other")),
    ],
)
def test_classes(text: str, info: str, expected: tuple[str, str]) -> None:
    assert classify(text, info) == expected


def test_prompts_in_the_docs_of_a_module_make_no_session() -> None:
    module = (
        'defmodule Tide do\n  @doc """\n  Rises.\n\n      iex> Tide.rise(1)\n      2\n  """\n'
        "  def rise(level), do: level + 1\nend"
    )
    assert classify(module) == ("code", "elixir")
    assert classify(f"{module}\n\niex> Tide.rise(1)\n2") == ("iex", "iex")
