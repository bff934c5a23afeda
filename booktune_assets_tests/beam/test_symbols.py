"""Symbol tables of the toolchain and of a book, and what calls come to by them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from booktune_assets.beam import symbols
from booktune_assets.beam.sandbox import Ran, probe
from booktune_assets.beam.structure import structure
from booktune_assets.beam.symbols import (
    Symbol,
    SymbolTable,
    book_symbols,
    check_calls,
    installed_symbols,
)

needs_elixir = pytest.mark.skipif(
    shutil.which("elixir") is None or probe().path is None, reason="no Elixir or no sandbox here"
)
TABLE = SymbolTable(
    "small",
    {
        "Enum": {("map", 2): Symbol("function"), ("reverse", 1): Symbol("function"),
                 ("reverse", 2): Symbol("function")},
        "String": {("strip", 1): Symbol("function", "", "Use String.trim/1")},
        "Logger": {("info", 1): Symbol("macro", "1.0")},
        ":lists": {("map", 2): Symbol("function")},
    },
)  # fmt: skip


def _statuses(text: str, lang: str, book: symbols.BookSymbols | None = None) -> list[str]:
    found = check_calls(structure(text, lang), TABLE, book)
    return [f"{one.use.name} {one.status} {one.hint}".strip() for one in found]


def test_calls_come_to_something() -> None:
    text = """
    Enum.map(list, f) |> Enum.reverse()
    Enum.reverse(1, 2, 3)
    Enum.revers(list)
    String.strip(" x ")
    Logger.info("x")
    :lists.map(f, list)
    :lists.mop(f, list)
    Phoenix.run()
    Enum.module_info()
    &Enum.map/2
    h Enum.map/2
    h Enum.reverse
    h Enum.reverse/4
    """
    assert _statuses(text, "elixir") == [
        "map installed", "reverse installed", "reverse wrong_arity reverse/1, 2",
        "revers unknown_function reverse", "strip deprecated Use String.trim/1", "info installed",
        "map installed", "mop unknown_function", "run unknown_module", "module_info installed",
        "map installed", "map installed", "reverse wrong_arity reverse/1, 2",
    ]  # fmt: skip


def test_erlang_calls() -> None:
    text = "f() -> lists:map(F, L), lists:maap(F, L), 'Elixir.Enum':map(L, F), cowboy:go()."
    assert _statuses(text, "erlang") == [
        "map installed", "maap unknown_function map", "map installed", "go unknown_module",
    ]  # fmt: skip


def test_a_book_answers_for_its_modules() -> None:
    first = "defmodule Tide do\n  def high(a, b \\\\ 1), do: a + b\n  defp low(), do: 1\nend"
    again = "defmodule Tide do\n  def high(a), do: a\nend"
    table = book_symbols(
        [("b1", first, "elixir"), ("b2", "Tide.high(1)", "elixir"), ("b3", again, "elixir"),
         ("b4", "-module(ebb).\n-export([go/0]).\ngo() -> 1.", "erlang"),
         ("b5", "def loose(), do: 1", "elixir")]
    )  # fmt: skip
    assert table.modules == {"Tide": ["b1", "b3"], ":ebb": ["b4"]}
    assert table.functions == {
        ("Tide", "high", 1): ["b1", "b3"], ("Tide", "high", 2): ["b1"], ("Tide", "low", 0): ["b1"],
        (":ebb", "go", 0): ["b4"],
    }  # fmt: skip
    assert _statuses("Tide.high(1)\n:ebb.go()", "elixir", table) == ["high book", "go book"]
    assert _statuses("f() -> ebb:go().", "erlang", table) == ["go book"]
    # of its modules it may show a part: only what is nearly there is told
    calls = "Tide.high()\nTide.hgih(1)\nTide.sink(1)\nTide.higgh(1)\nTide.highs(1)"
    assert _statuses(calls, "elixir", table) == [
        f"{one} book" for one in ("high", "hgih", "sink", "higgh", "highs")
    ]  # it writes the module twice
    assert _statuses(calls, "elixir", book_symbols([("b1", first, "elixir")])) == [
        "high wrong_arity high/1, 2", "hgih unknown_function high", "sink book",
        "higgh unknown_function high", "highs book",
    ]  # fmt: skip


@needs_elixir
def test_the_installed_toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = installed_symbols(tmp_path)
    assert table is not None
    assert table.version.startswith("elixir-")
    for module, name, arity in (
        ("Enum", "map", 2), ("Kernel.SpecialForms", "case", 2), ("GenServer", "call", 3),
        ("Kernel", "+", 2), (":ets", "new", 2), (":gen_statem", "call", 2), (":erlang", "+", 2),
    ):  # fmt: skip
        assert table.find(module, name, arity), (module, name, arity)
    assert table.find("Logger", "info", 1) == Symbol("macro")
    assert table.find("Kernel", "if", 2) is not None
    strip = table.find("String", "strip", 1)
    assert strip is not None
    assert "trim" in strip.deprecated
    assert table.find("Enum", "maap", 2) is None
    assert table.near("Enum", "revrse") == "reverse"
    assert table.near("Enum", "mpa") == "map"

    # the second time it comes from the folder
    monkeypatch.setattr(symbols, "ask", lambda *_: pytest.fail("asked again"))
    symbols._installed.cache_clear()  # pyright: ignore[reportPrivateUsage]
    again = installed_symbols(tmp_path)
    assert again is not None
    assert again.modules == table.modules


def test_a_list_that_was_cut_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = Ran("exited", 0, b"", b"Enum\tmap\t2\tfunction\t\t\nEnu", 1.0, 1.0)
    monkeypatch.setattr(symbols, "toolchain_version", lambda: "cut")
    monkeypatch.setattr(symbols, "ask", lambda *_: cut)
    assert installed_symbols(tmp_path) is None
    assert not list(tmp_path.rglob("*.gz"))


def test_no_table_without_elixir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symbols, "toolchain_version", lambda: "")
    assert installed_symbols(tmp_path) is None
