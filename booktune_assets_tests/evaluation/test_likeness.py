"""Figures of likeness are sacrebleu's; layout and comments of code count for nothing."""

from __future__ import annotations

import pytest
from sacrebleu import sentence_bleu, sentence_chrf

from booktune_assets.evaluation.likeness import METRICS, bare_code, likeness

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


def test_layout_and_comments_do_not_count_in_code() -> None:
    one = "defmodule A do\n  # adds\n  def a( x ),   do: x+1 # one\nend\n"
    two = "defmodule A do\n\n  def a(x), do: x + 1\nend"
    assert bare_code(one, "elixir") == bare_code(two, "elixir")
    assert likeness(one, two, "elixir")["exact"] == 100
    assert likeness(one, two)["exact"] == 0
    assert bare_code("f( X ) ->X+1 . % up\n", "erlang") == bare_code("f(X) -> X + 1.", "erlang")


def test_strings_keep_what_is_in_them() -> None:
    assert "# no" in bare_code('x = "a # no"', "elixir")
    assert bare_code('x = "a "', "elixir") != bare_code('x = "a"', "elixir")
    assert bare_code("def a(, do", "elixir")  # broken programs keep their tokens
