"""Languages are told apart, and texts that compilers refuse do not parse."""

from __future__ import annotations

import pytest

from booktune_assets.beam.grammar import language_of, parses
from booktune_assets.beam.transcripts import Exchange, exchanges
from booktune_assets.schemas import LANGS

MODULE = """defmodule Shelf do
  def put(%{books: books} = shelf, book) do
    %{shelf | books: [book | books]}
  end

  def size(shelf), do: length(shelf.books)
end
"""
ERLANG = """-module(shelf).
-export([size/1]).

size([]) -> 0;
size([_ | Rest]) -> 1 + size(Rest).
"""
IEX = "iex> x = 1\n1\niex(2)> Enum.map([x], fn y ->\n...(2)>   y\n...(2)> end)\n[1]"
ERL_SHELL = "1> X = 1.\n1\n2> lists:map(fun(Y) ->\n  Y end,\n  [X]).\n[1]\n(a@b)3> self()."


@pytest.mark.parametrize(
    ("text", "hint", "lang"),
    [
        (MODULE, "", "elixir"),
        (ERLANG, "", "erlang"),
        (IEX, "elixir", "iex"),
        (ERL_SHELL, "erlang", "erl_shell"),
        ("x = 1", "", "elixir"),
        ("{:ok, 1}", "", "elixir"),
        ("{ok, 1}.", "", "erlang"),
        ("#{a => 1}.", "", "erlang"),
        ("<<a::8, b::binary>> = bin", "", "elixir"),
        ("if X > 1 -> big; true -> small end", "", "erlang"),
        ("Pid ! {self(), hi}.", "", "erlang"),
        ("pid = spawn(fn -> :hi end)", "", "elixir"),
        ("f(0) -> 1;", "", "erlang"),
        ("$ mix new shelf\n* creating README.md", "", "other"),
        ("SELECT name FROM books;", "", "other"),
        ("Hello the big world is here.", "", "other"),
        ("anything", "language-elixir", "elixir"),
        ("1", "elixir", "elixir"),
        ("ls -l", "bash", "other"),
        ("[1]", "output", "output"),
        ("1 + 1", "iex", "elixir"),
        ("   \n", "elixir", ""),
    ],
)
def test_language(text: str, hint: str, lang: str) -> None:
    assert language_of(text, hint) == lang
    assert lang in LANGS


@pytest.mark.parametrize(
    ("text", "lang", "good"),
    [
        (MODULE, "elixir", True),
        (MODULE.replace(" do\n", "\n", 1), "elixir", False),
        ("def y\n  1\nend", "elixir", False),
        (MODULE[:-4], "elixir", False),
        ("first..last.end", "elixir", True),
        ("%{end: 1, do: 2}", "elixir", True),
        ('~s(end) <> "end" # end', "elixir", True),
        ("Enum.map([1, 2)", "elixir", False),
        (ERLANG, "erlang", True),
        ("X = 3, Y = X.", "erlang", True),
        ("X = 3,\nY = X", "erlang", True),
        ("case X of\n  1 -> a;\n  2 -> b\nend", "erlang", True),
        ("f(X) -> X +.", "erlang", False),
        ("plain words in a row.", "erlang", False),
        (IEX, "iex", True),
        ("iex> Enum.map([1", "iex", False),
        (ERL_SHELL, "erl_shell", True),
        ("1> lists:map(.", "erl_shell", False),
        ("", "elixir", False),
        ("f(X)\n    {ok, X}.", "erlang", False),  # the arrow is gone
        ("{_ Lang} = f(X).", "erlang", False),
        ("X = f()\ng(X).", "erlang", False),
        ('-ifdef(A).\n-endif.\nf() -> "a" "b".', "erlang", True),
        ("defmodule A do\nend\n\niex> A.x()\n:ok", "iex", True),
        ("iex> case x do\n  1 -> 2\nend\n2", "iex", True),
        ('iex> text \\\n|> String.split() \\\n|> hd()\n"a', "iex", True),
        ("1> f(X)\n{ok}.\nok", "erl_shell", False),
        ("1> X = 1.\n1\n2>", "erl_shell", True),  # a prompt that waits
        ("1> lists:map(.\n2> ", "erl_shell", False),
        ("iex(1)>", "iex", False),  # nothing was typed
    ],
)
def test_parses(text: str, lang: str, good: bool) -> None:
    assert parses(text, lang) is good


@pytest.mark.parametrize("lang", ["other", "output", ""])
def test_no_grammar_is_none(lang: str) -> None:
    assert parses("x = 1", lang) is None


def test_exchanges_keep_continuations_and_results() -> None:
    assert exchanges(IEX, "iex")[1] == Exchange("Enum.map([x], fn y ->\n  y\nend)", "[1]")
    assert exchanges(ERL_SHELL, "erl_shell")[1].expression.endswith("[X]).")
    assert exchanges(ERL_SHELL, "erl_shell")[2] == Exchange("self().", "")


def test_odd_text_does_not_raise() -> None:
    for text in ("\x00\udcff", "(" * 20_000, "é" * 3, "iex>", "1>"):
        for lang in LANGS:
            parses(text, lang)
        language_of(text)
