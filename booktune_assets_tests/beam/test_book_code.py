"""The symbols of a book, and calls in it that come to nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from booktune_assets.beam.book_code import call_rows, symbol_rows
from booktune_assets.beam.packages import package_of
from booktune_assets.beam.steps import Passage
from booktune_assets_tests.beam.test_symbols import TABLE


def _passages(*blocks: tuple[str, str]) -> list[Passage]:
    return [
        Passage(f"b{n}", "s", "", "code", lang, text) for n, (lang, text) in enumerate(blocks, 1)
    ]


def _names(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    columns = ("block_id", "kind", "module", "name", "arity_min", "arity")
    return [tuple(row[column] for column in columns) for row in rows]


def test_symbols_say_where_and_what() -> None:
    rows = symbol_rows(_passages(
        ("elixir", "defmodule Tide do\n  defstruct [:at]\n  @type t :: %Tide{}\n"
                   "  def high(a, b \\\\ 1), do: a + b\n  defp low(), do: 1\nend"),
        ("elixir", "@spec high(integer, integer) ::\n  integer\ndef high(a, b), do: a + b"),
        ("iex", "iex> defmodule Ebb do\n...>   def go, do: 1\n...> end"),
        ("erlang", "-module(tide).\n-export([go/1]).\n-spec go(integer()) -> ok.\ngo(_) -> ok."),
        ("other", "def nothing(): pass"),
    ))  # fmt: skip
    assert _names(rows) == [
        ("b1", "module", "Tide", "", -1, -1), ("b1", "struct", "Tide", "Tide", -1, -1),
        ("b1", "type", "Tide", "t", 0, 0), ("b1", "function", "Tide", "high", 1, 2),
        ("b1", "function", "Tide", "low", 0, 0), ("b2", "function", "", "high", 2, 2),
        ("b3", "module", "Ebb", "", -1, -1), ("b3", "function", "Ebb", "go", 0, 0),
        ("b4", "module", ":tide", "", -1, -1), ("b4", "function", ":tide", "go", 1, 1),
    ]  # fmt: skip
    specs = {(row["block_id"], row["name"]): row["spec"] for row in rows}
    assert specs["b2", "high"] == "@spec high(integer, integer) :: integer"
    assert specs["b4", "go"] == "-spec go(integer()) -> ok."
    assert specs["b1", "low"] is None
    assert [row["line"] for row in rows][:5] == [1, 2, 3, 4, 5]
    assert [row["public"] for row in rows][3:5] == [True, False]


def test_calls_come_with_their_reasons() -> None:
    rows = call_rows(_passages(
        ("elixir", "defmodule Shop.Cart do\n  def total(a), do: a\nend"),
        ("elixir", "Enum.map(a, b)\nEnum.revers(a)\nEnum.reverse(1, 2, 3)\nEnum.sum_by(a, b)\n"
                   "Phoenix.PubSub.broadcast(a, b)\nJSON.encode!(a)\nShop.Till.open()\n"
                   "Shop.Cart.totl(1)\nShop.Cart.total()\nMix.env()\nTdie.high(1)\n"
                   "String.strip(a)\nEnum.revers(c)"),
        ("erlang", "f() -> lists:maap(F, L), cowboy:start(x), nobody:knows()."),
    ), TABLE, [])  # fmt: skip
    assert [(row["block_id"], row["name"], row["reason"], row["detail"]) for row in rows] == [
        ("b2", "revers", "slip", "reverse"), ("b2", "reverse", "arity", "reverse/1, 2"),
        ("b2", "sum_by", "version", ""), ("b2", "broadcast", "dependency", "phoenix"),
        ("b2", "encode!", "version", ""),
        ("b2", "open", "not_shown", "the book has other modules of that name"),
        ("b2", "totl", "slip", "total"), ("b2", "total", "arity", "total/1"),
        ("b2", "env", "project", ""), ("b2", "high", "unknown", ""),
        ("b2", "strip", "deprecated", "Use String.trim/1"),
        ("b3", "maap", "slip", "map"), ("b3", "start", "dependency", "cowboy"),
        ("b3", "knows", "unknown", ""),
    ]  # fmt: skip


def test_a_name_with_a_word_more_is_no_slip() -> None:
    code = "Enum.reverse_by(a, b)\nEnum.rveerse(a)"
    rows = call_rows(_passages(("elixir", code)), TABLE, [])
    assert [(row["reason"], row["detail"]) for row in rows] == [
        ("version", ""), ("slip", "reverse"),
    ]  # fmt: skip


def test_a_misspelt_module_is_told_with_the_one_that_is_meant() -> None:
    rows = call_rows(_passages(
        ("elixir", "defmodule Shop.Cart do\n  def total(a), do: a\nend"),
        ("elixir", "Shop.Crat.total(1)\nShop.Crat.other(1)\nEnun.map(a, b)\nEnun.filter(a, b)\n"
                   "Ecto.map(a, b)\nEnumx.map(a, b)"),
        ("erlang", "f() -> lits:map(F, L), lits:nothing(F)."),
    ), TABLE, [])  # fmt: skip
    assert [(row["module"], row["name"], row["reason"], row["detail"]) for row in rows] == [
        ("Shop.Crat", "total", "slip", "Shop.Cart"),
        ("Shop.Crat", "other", "not_shown", "the book has other modules of that name"),
        ("Enun", "map", "slip", "Enum"), ("Enun", "filter", "unknown", ""),
        ("Ecto", "map", "dependency", "ecto"), ("Enumx", "map", "unknown", ""),
        (":lits", "map", "slip", ":lists"), (":lits", "nothing", "unknown", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("iex", "iex> String.rev\n"),  # a name that is completed
        ("iex", "iex> Enum.turn(1)\n** (UndefinedFunctionError) function Enum.turn/1 is undefined"),
        ("elixir", "Enum.map(list, f)"),
        ("elixir", "mod.anything(1)"),
        ("elixir", "String.t()\natom()"),  # a type
    ],
)
def test_what_is_no_lost_call(lang: str, text: str) -> None:
    assert call_rows(_passages((lang, text)), TABLE, []) == []


def test_aliases_hold_for_the_chapter() -> None:
    first, second, other = _passages(
        ("elixir", "alias Depot.Enum\nalias :lists, as: Row"),
        ("elixir", "Row.map(1, 2)\nRow.mapp(1, 2)\nEnum.map(1, 2)"), ("elixir", "Row.map(1, 2)"),
    )  # fmt: skip
    other = replace(other, chapter="next")
    rows = call_rows([first, second, other], TABLE, [])
    assert [(row["block_id"], row["module"], row["name"], row["reason"]) for row in rows] == [
        ("b2", ":lists", "mapp", "slip"), ("b2", "Depot.Enum", "map", "unknown"),
        ("b3", "Row", "map", "unknown"),
    ]  # fmt: skip


def test_damaged_blocks_call_nothing_and_no_table_says_nothing() -> None:
    found = _passages(("elixir", "Enum.revers(a"))
    assert call_rows(found, TABLE, [{"block_id": "b1", "verdict": "damaged"}]) == []
    assert call_rows(found, TABLE, [{"block_id": "b1", "verdict": "valid"}]) != []
    assert call_rows(found, None, []) == []


@pytest.mark.parametrize(
    ("module", "package"),
    [("Ecto.Query", "ecto"), (":cowboy_req", "cowboy"), (":cowboy_loop", "cowboy"),
     ("Ectoplasm", ""), (":lists", ""), ("Tide", "")],
)  # fmt: skip
def test_packages(module: str, package: str) -> None:
    assert package_of(module) == package
