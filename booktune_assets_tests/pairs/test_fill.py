"""What is left out of a listing: put back, it gives the listing byte for byte."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.beam.grammar import parses
from booktune_assets.pairs.candidate import View
from booktune_assets.pairs.fill import MARK, Hole, fill_in, holes, without
from booktune_assets.pairs.rules import fences

ELIXIR = """defmodule Kettle do
  @doc "Warms it. Ünïcode ☕ before."
  def warm(kettle, degrees) when degrees > 0 do
    warmer = kettle.heat + degrees

    %{kettle | heat: warmer}
  end

  def level(0), do: :empty
  def level(litres) when litres > 3, do: {:full, litres - 3}
  def level(litres), do: {:some, litres}

  defp unused, do: nil
end"""
ERLANG = """-module(kettle).
-export([level/1, warm/2]).

level(0) -> empty;
level(Litres) when Litres > 3 ->
    {full, Litres - 3};
level(Litres) -> {some, Litres}.

warm({Heat, Size}, Degrees) ->
    Warmer = Heat + Degrees,
    {Warmer, Size}.
"""
NAMES = st.sampled_from(["boil", "pour", "fill_up", "ready?"])
VALUES = st.sampled_from(['{:cup, "é☕"}', "x + 1", "if x > 1, do: x, else: 0", "[x | rest(x)]"])
HEADS = st.sampled_from(["x", "%{a: x}", "x \\\\ 2", "{x, _} = y"])


def spliced(shown: str, hole: Hole, answer: str) -> str:
    """The listing with the answer in place of its mark."""
    return shown[: hole.start] + answer + shown[hole.start + len(hole.mark) :]


@st.composite
def modules(draw: st.DrawFn) -> str:
    parts: list[str] = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=4)):
        head, lines = draw(HEADS), draw(st.lists(VALUES, min_size=1, max_size=3))
        indent = draw(st.sampled_from(["  ", "    ", "\t"]))
        if len(lines) == 1 and draw(st.booleans()):
            parts.append(f"{indent}def {name}({head}), do: {lines[0]}")
        else:
            body = "\n".join(f"{indent}  {line}" for line in lines)
            parts.append(f"{indent}def {name}({head}) do\n{body}\n{indent}end")
    gap = draw(st.sampled_from(["\n", "\n\n", "\n  # note ✓\n"]))
    return "defmodule Made do\n" + gap.join(parts) + "\nend" + draw(st.sampled_from(["", "\n"]))


def _shown(text: str, start: int, end: int, mark: str) -> str:
    return text[:start] + mark + text[end:]


@settings(max_examples=80, deadline=None)
@given(modules())
def test_the_answer_in_place_of_its_mark_is_the_listing(text: str) -> None:
    for hole in holes(text, "elixir"):
        answer = text[hole.start : hole.end]
        shown = _shown(text, hole.start, hole.end, hole.mark)
        assert spliced(shown, hole, answer) == text
        assert shown.count(MARK) == 1
        assert answer.strip()
        assert MARK not in answer


@pytest.mark.parametrize(("text", "lang"), [(ELIXIR, "elixir"), (ERLANG, "erlang")])
def test_bodies_and_clauses_can_be_left_out(text: str, lang: str) -> None:
    found = {(one.kind, one.name) for one in holes(text, lang)}
    assert found == {("body", "warm/2"), ("body", "level/1"), ("clause", "level/1")}
    for hole in holes(text, lang):
        shown = _shown(text, hole.start, hole.end, hole.mark)
        assert spliced(shown, hole, text[hole.start : hole.end]) == text


def test_nothing_is_left_out_of_text_with_faults() -> None:
    assert holes("defmodule A do\n  def f(x) do\n    x + \n", "elixir") == []
    assert holes("f(X) -> X + 1.", "erlang") == []  # no module: it would not compile


def _view(text: str, lang: str) -> View:
    block = {
        "block_id": "blk_1", "section_id": "sec_1", "kind": "code", "lang": lang, "text": text,
        "char_start": 0,
    }  # fmt: skip
    return View("sec_1", "Kettles", text, lang.capitalize(), [block], [])


@pytest.mark.parametrize(("text", "lang"), [(ELIXIR, "elixir"), (ERLANG, "erlang")])
def test_question_and_answer_are_the_listing(text: str, lang: str) -> None:
    found = list(fill_in(_view(text, lang)))
    assert 1 <= len(found) <= 2
    for one in found:
        shown = fences(one.question)[0][1]
        (_, answer), = fences(one.answer)  # fmt: skip
        marked = next(line for line in shown.split("\n") if MARK in line)
        mark = marked if marked.strip(" \t#%") == MARK else MARK
        assert shown.replace(mark, answer) == text.strip("\n")
        assert one.code == [(lang, text)]
        assert one.trials[0].wanted == "runs"


@pytest.mark.parametrize("left_out", ["...", "# TODO", "___"])
def test_a_listing_that_leaves_something_out_itself_is_not_taken(left_out: str) -> None:
    assert list(fill_in(_view(ELIXIR.replace("kettle.heat + degrees", left_out), "elixir"))) == []


@pytest.mark.parametrize(("text", "lang"), [(ELIXIR, "elixir"), (ERLANG, "erlang")])
def test_a_listing_without_what_is_left_out_compiles(text: str, lang: str) -> None:
    """Else any example fails, and says nothing of what is left out."""
    found = holes(text, lang)
    assert {one.kind for one in found} == {"body", "clause"}
    for one in found:
        rest = without(text, lang, one)
        assert parses(rest, lang), rest
        assert text[one.start : one.end] not in rest
    ends = [one for one in found if one.kind == "clause" and "some" in text[one.start : one.end]]
    assert lang == "elixir" or "Litres - 3}." in without(text, lang, ends[0])
