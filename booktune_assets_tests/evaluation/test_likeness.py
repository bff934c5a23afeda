"""Figures of likeness are sacrebleu's; layout and comments of code count for nothing."""

from __future__ import annotations

import shutil

import pytest
from sacrebleu import sentence_bleu, sentence_chrf

from booktune_assets.beam.toolchain import toolchain_version
from booktune_assets.evaluation.likeness import METRICS, comparable, likeness, uncommented

elixir = pytest.mark.skipif(
    shutil.which("elixir") is None or not toolchain_version(), reason="no Elixir or sandbox here"
)
PAIRS = [
    ("A process is an isolated unit.", "A process is a unit of its own, isolated."),
    ("", "something"),
    ("同じ 言葉", "same words"),
    ("def a(x), do: x", "def a(y), do: y"),
]


@pytest.mark.parametrize(("answer", "reference"), PAIRS)
def test_figures_are_those_of_sacrebleu(answer: str, reference: str) -> None:
    found = likeness(answer, reference)
    assert tuple(found) == METRICS
    assert found["chrf"] == pytest.approx(sentence_chrf(answer, [reference]).score)
    assert found["chrf++"] == pytest.approx(sentence_chrf(answer, [reference], word_order=2).score)
    assert found["bleu"] == pytest.approx(sentence_bleu(answer, [reference]).score)
    assert found["exact"] == 0
    assert likeness(f" {reference}\n", reference)["exact"] == 100


@elixir
def test_layout_and_comments_do_not_count_in_code() -> None:
    one = "defmodule A do\n  # adds\n  def a( x ),   do: x+1 # one\nend\n"
    two = "defmodule A do\n\n  def a(x), do: x + 1\nend"
    assert likeness(one, two, "elixir") == dict.fromkeys(METRICS, pytest.approx(100))
    assert likeness(one, two)["exact"] == 0
    assert likeness("f( X ) ->X+1 . % up\n", "f(X) -> X + 1.", "erlang")["exact"] == 100
    assert likeness("f(X) -> X + 2.", "f(X) -> X + 1.", "erlang")["exact"] == 0


@elixir
def test_figures_of_code_are_sacrebleus_on_what_the_formatter_gave() -> None:
    one, two = "def a( x ),do: x+1", "def a(y) do\n  y+1\nend"
    (left, _), (right, _) = comparable([one, two], "elixir")
    assert (left, right) == ("def a(x), do: x + 1", "def a(y) do\n  y + 1\nend")
    found = likeness(one, two, "elixir")
    assert found["chrf"] == pytest.approx(sentence_chrf(left, [right]).score)
    assert found["bleu"] == pytest.approx(sentence_bleu(left, [right]).score)


@elixir
def test_what_does_not_parse_is_taken_as_it_is() -> None:
    (found,) = comparable(["def a(,  do # no"], "elixir")
    assert found == ("def a(,  do # no", False)
    assert comparable(["x  = 1"], "elixir") == [("x = 1", True)]


def test_strings_keep_what_is_in_them() -> None:
    assert uncommented('x = "a # no" # yes', "elixir") == 'x = "a # no" '
    assert uncommented("% one\nf() -> $%. % two\n", "erlang") == "f() -> $%. \n"
    assert uncommented("a = 1\n  # gone\n# too\nb = 2", "elixir") == "a = 1\nb = 2"
