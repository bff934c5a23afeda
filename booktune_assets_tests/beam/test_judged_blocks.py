"""Verdicts of the installed parser and compiler on blocks, without a run."""

from __future__ import annotations

import shutil

import pytest

from booktune_assets.beam import judged_blocks
from booktune_assets.beam.judged_blocks import judge_blocks
from booktune_assets.beam.sandbox import probe
from booktune_assets.beam.steps import Passage
from booktune_assets.beam.toolchain import toolchain_version
from booktune_assets.errors import Code, MissingPrerequisite

needs_elixir = pytest.mark.skipif(
    shutil.which("elixir") is None or probe().path is None, reason="no Elixir or no sandbox here"
)
MODULE = "-module(tide).\n-export([high/1]).\nhigh(X) -> "
BLOCKS = [
    ("elixir", "defmodule Tide do\n  def high(x), do: x\nend", "valid"),
    ("elixir", "total = 1 + 2\nIO.puts(total)", "valid"),
    ("elixir", "1 + :a\n** (ArithmeticError) bad argument in arithmetic expression", "valid"),
    ("elixir", "def high(x), do: x", "fragment"),
    ("elixir", "@impl true\ndef init(x), do: {:ok, x}", "fragment"),
    ("elixir", "{:ok, tide} -> tide\n:error -> nil", "fragment"),
    ("elixir", "|> Enum.map(&high/1)\n|> Enum.sum()", "fragment"),
    ("elixir", "high: 1,\nlow: 2", "fragment"),
    ("elixir", "rescue\n  ArgumentError -> 0", "fragment"),
    ("elixir", "fn ({key, value}) ...", "fragment"),
    ("elixir", "defmodule Tide do\n  def high(x) do\n    x\nend", "damaged"),
    ("elixir", "Enum.map([1, 2, fn x -> x end)", "damaged"),
    ("elixir", "The tide is high tonight.", "not_code"),
    ("elixir", "$ mix test", "not_code"),
    ("iex", "iex> 1 + 1\n2", "valid"),
    ("iex", "iex> Enum.map([1, 2], fn x -> x + end)\n", "damaged"),
    ("iex", "iex(1)>", "not_code"),
    ("erlang", MODULE + "X + 1.\n", "valid"),
    ("erlang", MODULE + "Y + 1.\n", "refused"),
    ("erlang", "high(X) -> X + 1.", "fragment"),
    ("erlang", "{ok, X} -> X;\nerror -> 0;", "fragment"),
    ("erlang", "high(X -> X + 1.", "damaged"),
    ("erl_shell", "1> lists:sum([1, 2]).\n3", "valid"),
]


def _passage(number: int, lang: str, text: str) -> Passage:
    return Passage(f"b{number}", "s", "", "code", lang, text)


@needs_elixir
def test_verdicts() -> None:
    rows = judge_blocks([_passage(n, lang, text) for n, (lang, text, _) in enumerate(BLOCKS)])
    found = [(text, row["verdict"]) for (_, text, _), row in zip(BLOCKS, rows, strict=True)]
    assert found == [(text, verdict) for _, text, verdict in BLOCKS]
    assert [row["block_id"] for row in rows] == [f"b{n}" for n in range(len(BLOCKS))]


@needs_elixir
def test_place_words_and_the_other_language() -> None:
    wrong = "x = 1\ny = [1, 2"
    other = "-module(a).\n-export([f/0]).\nf() -> [X || X <- lists:seq(1, 3)].\n"
    cut, meant, unbound = judge_blocks(
        [_passage(1, "elixir", wrong), _passage(2, "elixir", other),
         _passage(3, "erlang", MODULE + "Y.")]
    )  # fmt: skip
    assert (cut["verdict"], cut["reads_as"], cut["line"]) == ("damaged", "", 2)
    assert "missing terminator" in cut["message"]
    assert (meant["verdict"], meant["reads_as"]) == ("damaged", "erlang")
    assert (unbound["verdict"], unbound["line"]) == ("refused", 3)
    assert "'Y' is unbound" in unbound["message"]


@needs_elixir
def test_forms_of_a_newer_version_are_no_damage() -> None:
    (row,) = judge_blocks([_passage(1, "erlang", "keys(Map) -> [K || K := _ <- Map].")])
    otp = int(toolchain_version().rpartition("-")[2])
    assert row["verdict"] == ("newer" if otp < 26 else "fragment")
    assert row["reads_as"] == "erlang"


@needs_elixir
def test_names_in_messages_are_words() -> None:
    (row,) = judge_blocks([_passage(1, "elixir", "defmodule A do\n  x = foo bar baz do\nend")])
    assert row["verdict"] == "damaged"
    assert "<<" not in row["message"]


def test_other_languages_and_empty_blocks_are_left_out() -> None:
    assert judge_blocks([_passage(1, "other", "SELECT 1"), _passage(2, "elixir", " \n")]) == []


def test_without_elixir_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(texts: object, lang: str) -> None: ...

    monkeypatch.setattr(judged_blocks, "valid", silent)
    with pytest.raises(MissingPrerequisite) as caught:
        judge_blocks([_passage(1, "elixir", "1 + 1")])
    assert caught.value.code is Code.MISSING_PROGRAM
    assert "Install Elixir" in str(caught.value)
