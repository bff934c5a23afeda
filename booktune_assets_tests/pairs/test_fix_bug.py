"""Faults in listings: the answer is the listing, and says what has to be changed where."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.beam.alone import Found
from booktune_assets.beam.grammar import parses
from booktune_assets.pairs.candidate import Candidate, View
from booktune_assets.pairs.fix_bug import fix_bug
from booktune_assets.pairs.remarks import unanswered
from booktune_assets.pairs.rules import broken_rule, fences
from booktune_assets_tests.pairs.code_page import CODE_PAGE
from booktune_assets_tests.pairs.lab import book

LISTING = """defmodule Price do
  def berth(length, nights) when nights >= {nights} do
    length * nights * {factor}
  end

  def berth(length, nights), do: length {sign} nights + 3

  def all(boats), do: boats |> Enum.map(&berth(&1, 2)) |> Enum.sum()
end"""


def _view(text: str, session: str) -> View:
    whole = f"{text}\n\n{session}"
    blocks = [
        {"block_id": "blk_1", "section_id": "sec_1", "kind": "code", "lang": "elixir",
         "text": text, "char_start": 0},
        {"block_id": "blk_2", "section_id": "sec_1", "kind": "iex", "lang": "iex",
         "text": session, "char_start": len(text) + 2},
    ]  # fmt: skip
    return View("sec_1", "Prices", whole, "Elixir", blocks, [])


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 40), st.integers(2, 9), st.sampled_from(["+", "-", "*"]), st.booleans())
def test_the_answer_holds_the_listing_and_the_question_a_faulty_one(
    nights: int, factor: int, sign: str, pipe: bool
) -> None:
    text = LISTING.format(nights=nights, factor=factor, sign=sign)
    session = "iex> Price.berth(10, 2)\n23" + ("\niex> Price.all([1])\n5" if pipe else "")
    found = list(fix_bug(_view(text, session)))
    assert found
    for one in found:
        (_, answer), = fences(one.answer)  # fmt: skip
        faulty = fences(one.question)[0][1]
        assert answer == text
        assert faulty != text
        assert parses(faulty, "elixir")
        assert not re.search(r"(?m)^[ \t]+$", faulty)  # no gap tells where something was
        assert not broken_rule(one.turns)
        assert [trial.wanted for trial in one.trials] == ["value", "differs"]
        said = one.answer.split("\n", 1)[0]
        assert re.search(r"has to be|is missing|has to read", said)
        assert said in one.glue


@pytest.mark.parametrize(
    ("came", "said"),
    [
        ("-1", "but it gives `-1`"),
        ("** (ArithmeticError) bad argument\n    stack", "but it fails with `** (Arithmetic"),
        ("#PID<0.1.2>", "but does not"),
        ("%{a: 1,\n  b: 2}", "but does not"),
    ],
)
def test_what_came_is_said_when_it_is_the_same_each_time(came: str, said: str) -> None:
    text = LISTING.format(nights=7, factor=2, sign="+")
    one = next(iter(fix_bug(_view(text, "iex> Price.berth(10, 2)\n15"))))
    assert "but does not" in one.question
    one.outcomes = [(Found("match", "", "", "15"),), (Found("mismatch", "value", "", came),)]
    assert one.finish is not None
    one.finish(one)
    assert said in one.question


def test_expressions_of_some_size_get_a_fault_in_what_they_do_not_in_their_data() -> None:
    session = "iex> Enum.map([1, 2, 3], fn x -> x * 2 end)\n[2, 4, 6]\niex> 1 + 2\n3"
    found: list[Candidate] = list(fix_bug(_view("x = 1", session)))
    assert found
    assert all("[1, 2, 3]" in one.question and "1 + 2" not in one.question for one in found)


def test_a_listing_without_examples_gets_none() -> None:
    assert list(fix_bug(_view(LISTING.format(nights=7, factor=2, sign="+"), "iex> 1\n1"))) == []


def test_the_page_of_code_parses() -> None:
    assert book(CODE_PAGE)["sections"].height == 3


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("f(1)  # => 2\ng(2)", "f(1)\ng(2)"),
        ("x = f(1) # <= now x == 2", "x = f(1)"),
        ("f(1). % -> 2", "f(1)."),
        ("a = %{b => 1} # a map", "a = %{b => 1} # a map"),
        ('s = "a # => b"', 's = "a # => b"'),
        ('"#{a} => 1"', '"#{a} => 1"'),
    ],
)
def test_comments_that_state_a_value_are_not_shown(code: str, shown: str) -> None:
    assert unanswered(code) == shown
