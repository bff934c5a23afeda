"""Slips: the text differs in one place, and the record says in which."""

from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.beam.slips import slips_of

MODULE = """defmodule Harbour do
  @doc "Ships by name"
  def names(ships) do
    Enum.map(ships, fn ship -> ship.title end)
  end

  def count(ships), do: length(ships) + 1
end
"""


def kinds(source: str, lang: str = "elixir") -> dict[str, tuple[str, str]]:
    return {one.kind: (one.now, one.was) for one in slips_of(source, lang, 20)}


def test_each_kind_of_an_expression() -> None:
    assert kinds('greet.("Ada")') == {"dot": ("greet(", "greet.(")}
    assert kinds("[1] ++ tail")["joined"] == ("+", "++")
    assert kinds("3 * depth")["type"] == ('"3"', "3")
    found = kinds("Enum.map(words, &String.upcase/1)")
    assert found["capture"] == ("String.upcase", "&String.upcase/1")
    assert found["swapped"] == ("&String.upcase/1, words", "words, &String.upcase/1")
    assert found["arity"] == ("", ", &String.upcase/1")
    assert found["name"] in {("collect", "map"), ("to_upper", "upcase")}
    assert kinds("%{boat | colour: 1}")["key"][1] == "colour: "


def test_a_variable_is_misspelt_where_it_was_bound_before() -> None:
    slips = [one for one in slips_of(MODULE, "elixir", 30) if one.kind == "variable"]
    assert {one.was for one in slips} == {"ships", "ship"}
    assert all(one.line in (4, 7) for one in slips)  # in the body, never in the head
    assert not any("Ships by name" not in one.text for one in slips_of(MODULE, "elixir", 30))


def test_erlang() -> None:
    source = "-module(a).\n-export([f/1]).\nf(List) ->\n    lists:map(fun g/1, List)."
    assert kinds(source, "erlang")["variable"][1] == "List"
    assert kinds("lists:foldl(Fun, 0, [1]).", "erlang")["name"] == ("reduce", "foldl")


def test_what_cannot_be_read_has_none() -> None:
    assert not slips_of("Enum.map([1, 2", "elixir")
    assert not slips_of("x = 1", "python")


@given(st.text(alphabet="abc.()[],&+ \n", max_size=40))
def test_any_text(source: str) -> None:
    for one in slips_of(source, "elixir"):
        assert one.text != source
        assert one.now in one.text
        assert one.was in source
