"""Functions that answers name: which they are, and whether they exist."""

from pathlib import Path

import pytest

from booktune_assets.beam.symbols import Symbol, SymbolTable, book_symbols
from booktune_assets.pairs import identifiers
from booktune_assets.pairs.candidate import Candidate, Quote
from booktune_assets.pairs.gates import refused
from booktune_assets.pairs.identifiers import named, unsupported
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.rows import code

TABLE = SymbolTable(
    "made",
    {
        "Enum": {("map", 2): Symbol("function"), ("sum", 1): Symbol("function")},
        ":lists": {("map", 2): Symbol("function")},
        "Kernel": {("hd", 1): Symbol("function")},
    },
)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identifiers, "exports", lambda: TABLE)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Use Enum.map/2 here.", [("Enum", "map", 2)]),
        ("Use `Enum.map(list, f)` here.", [("Enum", "map", None)]),
        ("Use `lists:map/2` and lists:seq/2.", [(":lists", "seq", 2), (":lists", "map", 2)]),
        ("Call `:ets.new/2`.", [(":ets", "new", 2)]),
        ("Then `hd(list)` or `tl/1`.", [("", "hd", None), ("", "tl", 1)]),
        ("The type `String.t()` is text. See example.com/2 or e.g. Elixir.", []),
        ("A list has a `head` and an `if (x)`.", []),
        ("Nested: `A.B.run!/1`", [("A.B", "run!", 1)]),
    ],
)
def test_what_a_text_names(text: str, wanted: list[tuple[str, str, int | None]]) -> None:
    assert [(one.module, one.name, one.arity) for one in named(text)] == wanted


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("answer", "evidence", "missing"),
    [
        ("Call `Enum.map/2`.", "", []),
        ("Call `Enum.mapp/2`.", "", ["Enum.mapp/2"]),
        ("Call `Enum.map/7`.", "", ["Enum.map/7"]),
        ("Call `lists:map/2`, not `lists:mapp/2`.", "", ["lists:mapp/2"]),
        ("Call `hd(list)`, not `head(list)`.", "", ["head(list)"]),
        ("Call `Shop.buy/1`.", "The module has Shop.buy(thing).", []),
        ("Call `Shop.buy/1`.", "See Shop.buy/2 for that.", ["Shop.buy/1"]),
        ("Call `Shop.buy/1`.", "See Shop.buyer/1 for that.", ["Shop.buy/1"]),
        (code("Enum.summ(list)"), "", ["Enum.summ/1"]),
        (code("Enum.sum(list)"), "", []),
        (code("lists:mapp(F, L).", "erlang"), "", [":lists.mapp/2"]),
        (code("Own.call(1)"), "as in\n  Own.call(1)", []),
        (code("defmodule Own do\n  def call(x), do: Own.other(x)\nend"), "", []),
    ],
)
def test_what_nothing_supports(answer: str, evidence: str, missing: list[str]) -> None:
    found = unsupported(answer, [evidence])
    assert [one.replace("lists.mapp", ":lists.mapp").replace("::", ":") if missing and
            missing[0].startswith(":") else one for one in found] == missing  # fmt: skip


@pytest.mark.usefixtures("installed")
def test_the_books_own_functions_count() -> None:
    book = book_symbols([("blk", "defmodule Shop do\n  def buy(a, b \\\\ 1), do: {a, b}\nend",
                          "elixir")])  # fmt: skip
    assert unsupported("Call `Shop.buy/1` or `Shop.buy/2`, `buy(x)`.", [""], (), book) == []
    assert unsupported("Call `Shop.buy/3`.", [""], (), book) == ["Shop.buy/3"]


def test_without_a_toolchain_only_the_evidence_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identifiers, "exports", lambda: None)
    assert unsupported("Call `Enum.map/2`.", ["Enum.map/2 is quoted"]) == []
    assert unsupported("Call `Enum.map/2`.", ["nothing"]) == ["Enum.map/2"]


def test_the_exports_are_asked_for_only_when_the_evidence_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never() -> SymbolTable:
        raise AssertionError("asked")

    monkeypatch.setattr(identifiers, "exports", never)
    assert unsupported("Call `Enum.map/2`.", ["`Enum.map/2`"]) == []
    with pytest.raises(AssertionError, match="asked"):
        unsupported("Call `Enum.map/2`.", [])


def test_the_installed_exports(tmp_path: Path) -> None:
    identifiers.exports_in(tmp_path)
    if identifiers.exports() is None:
        pytest.skip("no Elixir in a sandbox here")
    assert unsupported("`Enum.map/2`, `:ets.new/2`, `is_atom/1`, `lists:foldl/3`", []) == []
    assert unsupported("`Enum.mapp/2`, `:ets.knew/2`", []) == ["Enum.mapp/2", ":ets.knew/2"]


@pytest.mark.usefixtures("installed")
def test_it_is_a_gate() -> None:
    text = "The call gives a list. `Enum.mapp/2` is what is said here by mistake, all in all."
    quote = Quote("sec", "blk", 0, len(text), text, "answer")
    told = Candidate("define", "blk", "", "theory", "What is it?", text, [quote])
    assert refused(told, {"sec": text}, Pairs()) is None
    glue = "It is like `Enum.mapped/2`, which every one of the readers knows."
    made = Candidate("define", "blk", "", "theory", "What is it?", f"{text}\n\n{glue}", [quote],
                     glue=(glue,))  # fmt: skip
    assert refused(made, {"sec": text}, Pairs()) == ("G2_identifiers", "identifier_not_found")
    made.question = f"What is wrong?\n\n{code('Enum.mapped(list, f)')}"
    assert refused(made, {"sec": text}, Pairs()) is None


def test_a_call_that_a_quote_makes_is_supported_beside_another_arity() -> None:
    answer = "```erlang\nt() -> ?assertEqual(2, chain:count([12, 9, 14], 10)).\n```"
    told = "The helper `chain:count/3` keeps a tally."
    assert unsupported(answer, [told]) == ["chain.count/2"]
    assert unsupported(answer, ["chain:count([12, 9, 14], 10).", told]) == []
    assert unsupported(answer, ["chain:count([12, 9, 14], 10, 0).", told]) == ["chain.count/2"]
