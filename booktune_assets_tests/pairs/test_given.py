"""Fragments: names that nobody binds are given in the question, and a compiler sees the rest."""

import pytest

from booktune_assets.pairs.given import given_names, given_words, in_module, whole
from booktune_assets.pairs.write import task_of
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.test_execute import needs_beam, rows, runner

PAGE = """# Ferries

Ferries cross the sound twice a day. A request of the harbour server holds what a ferry asks for.

## Asking the harbour

The berth of a ferry stands in the request. To read the berth number of a ferry:

```erlang
Berth = harbour_req:berth(Req).
```

To leave the harbour with all lights:

```erlang
Berth = harbour_req:leave(Req, lights()).
```

The following function hands a ferry the number of a berth:

```erlang
answer(Berth, Req) ->
    {reply, Berth, Req};
```

## Tides in Elixir

Tides are kept in a list.

```iex
iex> tides = [3, 5, 4]
[3, 5, 4]
```

Sum all the tides of a day with `Enum.sum/1`:

```iex
iex> Enum.sum(tides)
12
```
"""


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("#{method := Method} = Req.", ["Req"]),
        ("{ok, Data, Req} = req:read(Req0, #{length => 10}).", ["Req0"]),
        ("Opts = #{a => 1},\n%% started\nserver:start(Name, Opts)", ["Name"]),
        ("case f:x(Y) of {ok, Z} -> Z; _ -> none end.", ["Y"]),
        ("[X || {X, _} <- Pairs].", ["Pairs"]),
        ("init(Req, State) ->\n    {ok, Req, State}.", []),
        ("A = own(B, other:f(size(C))).", ["own/2", "B", "C"]),
        ("A = {B1, B2, B3, B4, B5}.", []),  # more than a question can say
    ],
)
def test_names_of_erlang_that_nothing_binds(code: str, names: list[str]) -> None:
    assert given_names(code, "erlang") == names


def test_names_of_elixir_that_nothing_binds() -> None:
    assert given_names("Repo.all(query)", "elixir") == ["Repo", "query"]
    assert given_names("Enum.map([1], fn x -> x end)", "elixir") == []
    assert given_names("all(query)", "elixir") == []  # nobody says where the function is
    assert given_names("def f(x), do: x + y", "elixir") == []
    assert given_words(["Repo", "query"]) == "`Repo` and `query` are given."
    assert given_words(["Req"]) == "`Req` is given." and given_words([]) == ""


def test_a_fragment_becomes_whole() -> None:
    assert whole("A = 1.\nB = {A, C}.", "erlang") == "given(C) ->\nA = 1,\nB = {A, C}."
    assert whole("A = own(1, B).", "erlang") == "given(B) ->\nA = own(1, B).\nown(_, _) -> ok."
    assert whole("f(1) ->\n    one;", "erlang") == "f(1) ->\n    one."
    assert whole("-module(a).\nf() -> 1.", "erlang") == "-module(a).\nf() -> 1."
    assert "def given(query) do\nRepo.all(query)\nend" in whole("Repo.all(query)", "elixir")
    assert whole("1 + 1", "elixir") == "1 + 1"  # it can be run
    assert whole("def f, do: 1", "elixir") == in_module("def f, do: 1", "elixir")


@pytest.mark.parametrize(
    ("said", "task"),
    [
        ("To set the response body:", "Show how to set the response body."),
        ("To set the response body.", ""),  # nothing follows
        ("When you need to set only the status code, use `r:reply/2`:",
         "Show how to set only the status code with `r:reply/2`."),
        ("It's also possible to match several errors in one rescue:",
         "Show how to match several errors in one rescue."),
        ("To delete cookies, set max_age to 0:", "Show how to delete cookies: set max_age to 0."),
        ("To define a struct we use defstruct with a list of fields:",
         "Show how to define a struct with defstruct with a list of fields."),
        ("To see why, let's look at this:", ""),
    ],
)  # fmt: skip
def test_sentences_that_lead_to_code_are_tasks(said: str, task: str) -> None:
    assert task_of(said) == task


@needs_beam
def test_a_fragment_is_asked_with_what_is_given_and_compiled() -> None:
    made = pairs_of(book(PAGE), runner=runner(None))
    found = {row["turns"][1]["content"]: row for row in rows(made, "write_code")}
    berth = found["```erlang\nBerth = harbour_req:berth(Req).\n```"]
    assert "`Req` is given." in berth["turns"][0]["content"]
    assert berth["verification"] == "compiled"
    clause = found["```erlang\nanswer(Berth, Req) ->\n    {reply, Berth, Req};\n```"]
    assert clause["verification"] == "compiled" and "given" not in clause["turns"][0]["content"]
    lights = found["```erlang\nBerth = harbour_req:leave(Req, lights()).\n```"]
    assert "`Req` and `lights/0` are given." in lights["turns"][0]["content"]


@needs_beam
def test_a_session_is_asked_with_what_was_typed_before() -> None:
    made = pairs_of(book(PAGE), runner=runner(None))
    questions = [
        row["turns"][0]["content"] for row in rows(made, "write_code")
        if row["turns"][1]["content"] == "```elixir\nEnum.sum(tides)\n```"
    ]  # fmt: skip
    sums = [one for one in questions if "Sum all the tides" in one]
    assert sums and "This was evaluated before:" in sums[0] and "tides = [3, 5, 4]" in sums[0]
