"""What a listing defines and uses, in whole files, fragments, sessions and cut text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.beam.grammar import language_of, parses
from booktune_assets.beam.structure import Structure, structure
from booktune_assets_tests.beam.labelled import House, houses

ELIXIR = """defmodule Depot.Stock do
  use GenServer, restart: :temporary
  @behaviour Depot.Store
  alias Depot.{Crate, Label}
  alias Depot.Enum, as: E
  import List, only: [first: 1]

  @type t(a) :: {a, integer}
  @typep hidden :: atom
  @spec take(t(a), integer) :: String.t() when a: term
  @callback refill(crate :: Crate.t()) :: :ok
  defstruct [:crates, limit: 9]

  def take(stock, count \\\\ 1) when count > 0, do: stock |> Enum.take(count) |> tidy |> E.pack()
  def take(_stock, 0), do: first([1])
  defp tidy(list), do: Map.new(list, &Label.of/1)
  defmacro twice(ast), do: quote(do: unquote(ast) + unquote(ast))
  defguard is_full(n) when n > 9
  defdelegate size(stock), to: Crate

  defmodule Shelf do
    def first(), do: __MODULE__.first()
  end

  def shelf, do: Shelf.first()
end

defprotocol Weigh do
  def weigh(thing)
end

defimpl Weigh, for: Depot.Stock do
  def weigh(%{crates: crates}), do: :ets.insert(:scales, crates)
end
"""

ERLANG = """-module(depot).
-behaviour(gen_server).
-export([take/1, 'odd one'/0]).
-export_type([t/0]).
-import(lists, [map/2]).
-define(STORE, depot_store).
-record(crate, {label :: atom(), n = 0}).
-type t() :: list().
-spec take(integer()) -> ok.
-callback refill(t()) -> ok.
take(N) when N > 0 -> ?MODULE:spare(N), ?STORE:get(N), map(fun lists:seq/2, [fun spare/1]);
take(_) -> #crate{n = 1}.
spare(N) -> Mod = x, Mod:go(N), take(N).
'odd one'() -> erlang:'+'(1, 2).
"""


def _defined(found: Structure) -> set[tuple[str, str, str, int, int]]:
    return {(one.kind, one.module, one.name, one.low, one.arity) for one in found.defines}


def _used(found: Structure) -> set[tuple[str, str, int]]:
    return {(one.module, one.name, one.arity) for one in found.uses}


def test_elixir_definitions() -> None:
    found = structure(ELIXIR, "elixir")
    stock = "Depot.Stock"
    assert _defined(found) == {
        ("type", stock, "t", 1, 1), ("type", stock, "hidden", 0, 0), ("spec", stock, "take", 2, 2),
        ("callback", stock, "refill", 1, 1), ("struct", stock, stock, -1, -1),
        ("function", stock, "take", 1, 2), ("function", stock, "tidy", 1, 1),
        ("macro", stock, "twice", 1, 1), ("guard", stock, "is_full", 1, 1),
        ("delegate", stock, "size", 1, 1), ("function", "Depot.Stock.Shelf", "first", 0, 0),
        ("function", stock, "shelf", 0, 0), ("callback", "Weigh", "weigh", 1, 1),
        ("function", "Weigh", "weigh", 1, 1), ("function", "Weigh.Depot.Stock", "weigh", 1, 1),
    }  # fmt: skip
    take = next(one for one in found.defines if one.kind == "function" and one.name == "take")
    assert (take.clauses, take.guarded, list(take.arities), take.line) == (2, True, [1, 2], 14)
    private = {one.name for one in found.defines if not one.public}
    assert private == {"tidy", "hidden"}


def test_elixir_modules_and_uses() -> None:
    found = structure(ELIXIR, "elixir")
    stock, shelf, protocol, impl = found.modules
    assert (stock.uses, stock.behaviours) == (["GenServer"], ["Depot.Store"])
    assert (shelf.name, protocol.kind) == ("Depot.Stock.Shelf", "protocol")
    assert (impl.kind, impl.of, impl.for_) == ("impl", "Weigh", "Depot.Stock")
    assert found.aliases == {"Crate": "Depot.Crate", "Label": "Depot.Label", "E": "Depot.Enum"}
    assert _used(found) >= {
        ("Enum", "take", 2), ("", "tidy", 1), ("Depot.Enum", "pack", 1), ("List", "first", 1),
        ("Map", "new", 2), ("Depot.Label", "of", 1), ("Depot.Stock.Shelf", "first", 0),
        (":ets", "insert", 2),
    }  # fmt: skip
    assert not {name for _, name, _ in _used(found)} & {"take_all", "t", "def", "term", "integer"}
    pack = next(one for one in found.uses if one.name == "pack")
    assert pack.within == "Depot.Stock.take/2"
    assert ELIXIR.encode()[slice(*pack.span)] == b"E.pack()"


def test_erlang() -> None:
    found = structure(ERLANG, "erlang")
    assert _defined(found) == {
        ("record", "depot", "crate", -1, -1), ("type", "depot", "t", 0, 0),
        ("spec", "depot", "take", 1, 1), ("callback", "depot", "refill", 1, 1),
        ("function", "depot", "take", 1, 1), ("function", "depot", "spare", 1, 1),
        ("function", "depot", "odd one", 0, 0),
    }  # fmt: skip
    assert found.modules[0].behaviours == ["gen_server"]
    assert {one.name for one in found.functions() if not one.public} == {"spare"}
    assert _used(found) == {
        ("depot", "spare", 1), ("depot_store", "get", 1), ("lists", "map", 2), ("lists", "seq", 2),
        ("", "spare", 1), ("", "take", 1), ("erlang", "+", 2),
    }  # fmt: skip
    assert found.structs == {"crate"}
    assert {(one.module, one.name) for one in found.outside()} == {
        ("depot_store", "get"), ("lists", "map"), ("lists", "seq"), ("erlang", "+"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lang", "used"),
    [
        ("x |> String.upcase", "elixir", {("String", "upcase", 1)}),
        ("Enum.each list, fn x -> IO.puts x end", "elixir",
         {("Enum", "each", 2), ("IO", "puts", 1)}),
        ("lists:map(F, L), foo(X)", "erlang", {("lists", "map", 2), ("", "foo", 1)}),
        ("iex> Enum.map([1], fn y ->\n...>   y + f(1)\n...> end)\n[String.puts(1)]", "iex",
         {("Enum", "map", 2), ("", "f", 1)}),
        ("1> lists:map(fun(Y) ->\n  f(Y) end, [1]).\nio:oops(1)\n2> g().\nok", "erl_shell",
         {("lists", "map", 2), ("", "f", 1), ("", "g", 0)}),
        ("# Enum.map(1)\n~s(Enum.at) <> \"String.at(1)\"", "elixir", set()),
        ("@spec f(Keyword.t()) :: String.t()", "elixir", set()),
        ("user.name\nuser.run(1)", "elixir", set()),
    ],
)  # fmt: skip
def test_uses_in_fragments(text: str, lang: str, used: set[tuple[str, str, int]]) -> None:
    assert _used(structure(text, lang)) == used


def test_lines_of_sessions_are_those_of_the_session() -> None:
    found = structure("1> a().\nok\n2> b(1,\n2).\nok", "erl_shell")
    assert [(one.name, one.line) for one in found.uses] == [("a", 1), ("b", 3)]


@pytest.mark.parametrize(
    ("text", "lang"),
    [(ELIXIR, "elixir"), (ERLANG, "erlang")],
)
def test_cut_text_keeps_what_stands_before_the_cut(text: str, lang: str) -> None:
    whole = _defined(structure(text, lang))
    lines = text.splitlines(keepends=True)
    for count in range(1, len(lines)):
        found = structure("".join(lines[:count]), lang)
        assert _defined(found) - whole <= {("function", "Depot.Stock", "take", 1, 2)}
        assert [one.name for one in found.modules][:1] == [structure(text, lang).modules[0].name]
    assert structure(text[: len(text) // 2], lang).damaged


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_never_raises_and_spans_stay_inside(data: st.DataObject) -> None:
    text, lang = data.draw(st.sampled_from([(ELIXIR, "elixir"), (ERLANG, "erlang")]))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 80)))
    cut = text[:start] + data.draw(st.sampled_from(["", "end", "((", "é\x00", '"'])) + text[end:]
    for name in (lang, "iex", "erl_shell"):
        found = structure(cut, name)
        for one in [*found.defines, *found.uses]:
            assert 0 <= one.span[0] <= one.span[1]
            assert 1 <= one.line <= cut.count("\n") + 2


def test_other_languages_have_no_structure() -> None:
    assert structure("SELECT 1", "other") == Structure("other")
    assert structure("   ", "elixir") == Structure("elixir")


ODD = """defmodule Outer do
  alias __MODULE__.Inner, as: In
  defdelegate [one(x), two(x, y)], to: In
  defmodule Inner, do: (def new(a), do: In.make(a))
end
defmodule :odd_one, do: (def x, do: :odd_one.y())
defimpl Weigh, for: [Map, List], do: (def weigh(_), do: 1)
"""


def test_modules_of_one_line_and_several_names() -> None:
    found = structure(ODD, "elixir")
    names = ["Outer", "Outer.Inner", ":odd_one", "Weigh.Map", "Weigh.List"]
    assert [one.name for one in found.modules] == names
    defined = {(one.module, one.name, one.arity) for one in found.functions()}
    assert {("Outer", "one", 1), ("Outer", "two", 2), ("Outer.Inner", "new", 1)} <= defined
    assert _used(found) == {("Outer.Inner", "make", 1), (":odd_one", "y", 0)}
    quoted = structure("f(#'a b'{x = 1}) -> ok.", "erlang")
    assert quoted.structs == {"a b"}


@pytest.mark.parametrize("house", houses(), ids=lambda house: house.where)
def test_listings_of_libraries(house: House) -> None:
    found = structure(house.text, house.lang)
    assert {one.name for one in found.modules} == house.modules
    assert {f"{one.module}.{one.name}/{one.arity}" for one in found.functions()} == house.defines
    assert language_of(house.text) == house.lang
    assert parses(house.text, house.lang)
    assert not found.damaged


def test_what_a_quote_defines_is_not_of_the_module() -> None:
    text = (
        "defmodule A do\n  defmacro __using__(_) do\n    quote do\n      use B\n"
        "      @behaviour C\n      defstruct [:x]\n      def run(x), do: D.go(x)\n    end\n  end\n"
        "  def own, do: 1\nend\n"
    )
    found = structure(text, "elixir")
    assert [(one.kind, one.name) for one in found.defines] == [
        ("macro", "__using__"), ("function", "own"),
    ]  # fmt: skip
    assert (found.modules[0].uses, found.modules[0].behaviours) == ([], [])
    assert ("D", "go") in {(one.module, one.name) for one in found.uses}
