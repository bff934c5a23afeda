"""Names of a book's own code: which they are, and what is refused for speaking of one unshown."""

import pytest

from booktune_assets.concepts.graph import into_concepts
from booktune_assets.pairs.candidate import Candidate
from booktune_assets.pairs.extract import into_pairs
from booktune_assets.pairs.own_code import code_names, code_names_here, speaks_of_code
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.lab import book

ERLANG = """-module(bakery).
my_oven(Toks, Oven_Pid) ->
    spawn(fun() -> true end),
    Bread1 = lists:map(fun(X) -> X + 1 end, Toks),
    Oven_Pid ! {ready, Bread1, OTP, Names}.
init(State) -> {ok, State}.
"""
ELIXIR = "defmodule Bakery.TinyOven do\n  def bake_it(dough), do: dough\nend\n"
NAMES = tuple(
    code_names(
        [
            {"kind": "code", "lang": "erlang", "text": ERLANG},
            {"kind": "code", "lang": "elixir", "text": ELIXIR},
        ]
    )
)


def _one(question: str, answer: str) -> Candidate:
    return Candidate("define", "b", "", "theory", question, answer, [])


def test_variables_of_terms_in_prose_are_names_where_the_code_is_erlang() -> None:
    told = {
        "kind": "prose",
        "lang": "",
        "text": "It returns {next_state, NewData} (see GenServer).",
    }
    code = {"kind": "code", "lang": "erlang", "text": "f(X) -> X."}
    other = {"kind": "code", "lang": "elixir", "text": "x = 1"}
    assert code_names([told, code]) == {"f", "NewData"}
    assert code_names([told, other]) == frozenset()


def test_functions_modules_and_variables_are_names_and_callbacks_and_words_are_not() -> None:
    assert set(NAMES) == {
        "bakery", "my_oven", "Toks", "Oven_Pid", "Bread1", "Names", "State", "bake_it",
        "Bakery.TinyOven",
    }  # fmt: skip
    said = "Toks is a list; Bakery.TinyOven bakes."
    assert code_names_here(said, frozenset(NAMES)) == ("Bakery.TinyOven", "Toks")


@pytest.mark.parametrize(
    "answer",
    [
        "Toks is the list of tokens that are left.",
        "The list is copied when my_oven/2 is called for the first time.",
        "As Bread1 was never sent, a copy is made of it.",
        "The oven calls the function bakery:init with an empty list.",
        "Bakery.TinyOven is given the dough.",
        "That happens before bake_it returns.",
        "Messages go to Toks and to nobody else.",
        "State is what is left. It is got by a call such as tokens(State).",  # too late
    ],
)
def test_what_speaks_of_code_that_is_not_shown_is_refused(answer: str) -> None:
    assert speaks_of_code(_one("What is it?", answer), NAMES) == "speaks_of_code_not_shown"
    shown = f"What is it?\n\n```erlang\n{ERLANG}```\n\n```elixir\n{ELIXIR}```"
    assert speaks_of_code(_one(shown, answer), NAMES) == ""
    assert speaks_of_code(_one("What is it?", answer), ()) == ""


@pytest.mark.parametrize(
    "answer",
    [
        "Names are compared letter by letter.",  # a word that begins a sentence
        "A process calls loop(Toks), and Toks is the list that is left.",  # introduced
        "It calls init/1, which gives {ok, State}. State is what the server keeps.",
        "A Bread1 is a kind of bread.",  # a noun with its article
        "Bakers will call my_oven/2 whenever an order arrives.",  # a callback of the library
        "OTP is a set of libraries. In Elixir and Erlang, the oven is a process.",
        "It holds as long as Bread1 =/= Toks.",
    ],
)
def test_words_and_what_the_prose_introduces_pass(answer: str) -> None:
    assert speaks_of_code(_one("What is it?", answer), NAMES) == ""


PAGE = """# Parsing

## Tokens

A parser is a function that reads a list of tokens and builds a tree from it.

```erlang
parse(Toks) ->
    {ok, Tree, Toks1} = expr(Toks),
    {Tree, Toks1}.
```

Toks is the list of tokens to be parsed. A token is a piece of text with a name of its own.
"""


def test_a_variable_is_no_concept_and_no_pair_is_about_it() -> None:
    made = book(PAGE, "b")
    graph = into_concepts("b", made["sections"], made["blocks"])
    assert not {"Toks", "toks", "tok"} & set(graph["concept_graph"]["label"])
    pairs = into_pairs(
        "b", made["sections"], made["blocks"], graph["concept_graph"],
        graph["concept_graph__mentions"], Pairs(),
    ).frames  # fmt: skip
    code = {"explain_code", "lesson", "retrieved", "fix_bug", "fill_in"}
    kept = pairs["instruction_pairs"].rows(named=True)
    assert any(row["family"] == "define" for row in kept)
    assert not [
        turn for row in kept if row["family"] not in code
        for turn in row["turns"] if turn["role"] == "assistant" and "Toks" in turn["content"]
    ]  # fmt: skip
