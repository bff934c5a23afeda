"""The grammars as judges of wrapped rows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.judge import faults, fits_tight, goes_on


@pytest.mark.parametrize(
    ("text", "lang", "sound"),
    [
        ("def f(x), do: x", "elixir", True),
        ("def f(x do: x", "elixir", False),
        ("x = 1\nend", "elixir", False),  # a left-over end, which the grammar takes as a variable
        ("f(X) -> X + 1.", "erlang", True),
        ("X = 3,\nY = X + 1.", "erlang", True),
        ("f(X -> X", "erlang", False),
    ],
)
def test_faults(text: str, lang: str, *, sound: bool) -> None:
    assert (faults(text, lang) == 0) is sound


def test_no_grammar_no_verdict() -> None:
    assert faults("SELECT 1", "other") is None
    assert goes_on("SELECT 1", "FROM x", "other") is None


@pytest.mark.parametrize(
    ("line", "text", "verdict"),
    [
        ("Enum.map(list, fn x ->", "x * 2 end)", True),
        ("raise File.Error, reason: reason, action:", '"read file"', True),
        ("y = run(1)", "{:ok, y}", False),
        ("<<a, b>> = <<1, 2>>", "{a, b}", False),
        ("prose that somebody wrote", "about nothing", None),
    ],
)
def test_rows_joined_or_apart(line: str, text: str, verdict: bool | None) -> None:
    assert goes_on(line, text, "elixir") is verdict


def test_an_operator_in_two() -> None:
    assert fits_tight("{:error, reason} -", "> reason", "elixir") is not False
    assert fits_tight("x |> f() |> g(a,", "b)", "elixir") is None


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["elixir", "erlang"]))
def test_any_text_is_judged(text: str, lang: str) -> None:
    assert (faults(text, lang) or 0) >= 0
