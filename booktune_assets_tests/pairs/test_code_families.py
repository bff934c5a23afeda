"""What the families about code take from a section and what they leave; nothing is run here."""

import polars as pl
import pytest

from booktune_assets.pairs.extract import PairsMade
from booktune_assets.pairs.given import in_module
from booktune_assets.pairs.posed import documented, lent_modules
from booktune_assets.pairs.sessions import entries
from booktune_assets.pairs.wording_code import CODE_BANK, ask_code
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book

MANY = Pairs(per_block=20)


def _made(text: str) -> PairsMade:
    return pairs_of(book(text), MANY)


def _asked(made: PairsMade, family: str) -> list[tuple[str, str]]:
    rows = made.frames["instruction_pairs"].filter(pl.col("family") == family).to_dicts()
    return [(row["turns"][0]["content"], row["turns"][1]["content"]) for row in rows]


def _reasons(made: PairsMade, family: str) -> list[str]:
    frame = made.frames["instruction_pairs__rejected"].filter(pl.col("family") == family)
    return frame["reason"].to_list()


def test_every_question_about_code_has_eight_wordings() -> None:
    blanks = dict.fromkeys(
        ("language", "name", "mark", "symptom", "source", "target", "home", "frame", "how", "look",
         "hints", "claim", "thing", "things", "entry", "what", "topic", "task", "meaning"), "it",
    )  # fmt: skip
    for kind, bank in CODE_BANK.items():
        assert len({one.format(**blanks) for one in bank}) >= 8, kind
        assert len({ask_code(kind, str(key), **blanks) for key in range(200)}) == len(bank)


def test_a_module_of_an_earlier_section_of_the_chapter_is_lent() -> None:
    text = """
# Ships

## Hull

```elixir
defmodule Hull do
  def beams(n), do: n * 2
end
```

## Sail

The hull is used here.

```iex
iex> Hull.beams(4)
8
```

# Harbours

## Quay

```iex
iex> Hull.beams(5)
10
```
"""
    made = _made(text)
    (question, answer), = _asked(made, "predict_output")  # fmt: skip
    assert "def beams(n), do: n * 2" in question
    assert answer == "```\n8\n```"
    assert "module_not_shown" in _reasons(made, "predict_output")  # another chapter
    assert len(set(made.frames["instruction_pairs__evidence"]["section_id"])) == 2
    edited = pairs_of(book(text.replace("n * 2", "n + n")), MANY, made.frames)
    assert edited.counts["sections_made"] == 2  # the listing's own, and the one that it is lent to


def test_a_lent_listing_brings_what_it_uses_itself() -> None:
    def code(text: str, name: str) -> dict[str, object]:
        return {"block_id": name, "kind": "code", "lang": "elixir", "text": text}

    first = [code("defmodule A do\nend", "a"), code("defmodule B do\n  def f, do: A.x()\nend", "b")]
    second = [{**code("iex> B.f()\n1", "c"), "kind": "iex", "lang": "iex"}]
    third = [code("defmodule B do\nend", "d")]
    lent = list(lent_modules([("one", first), ("one", second), ("one", third), ("two", second)]))
    assert [list(one) for one in lent] == [[], ["A", "B"], [], []]


def test_a_module_above_the_first_prompt_belongs_to_the_session() -> None:
    made = _made("""
# Bells

```iex
defmodule Bell do
  def ring(times), do: String.duplicate("ding", times)
end

iex> Bell.ring(2)
"dingding"
```
""")
    (question, answer), = _asked(made, "predict_output")  # fmt: skip
    assert question.count("defmodule Bell") == 1
    assert answer == '```\n"dingding"\n```'


def test_errors_are_asked_as_errors_and_their_stack_is_left_out() -> None:
    made = _made("""
# Sums

```iex
iex> 1 + nil
** (ArithmeticError) bad argument in arithmetic expression: 1 + nil
    :erlang.+(1, nil)
    iex:1: (file)
```

The tide turns twice a day and nobody can stop it.

```iex
iex> [1, 2
** (TokenMissingError) missing terminator: ]
```
""")
    found = _asked(made, "diagnose_error")
    assert [answer for _, answer in found] == [
        "```\n** (ArithmeticError) bad argument in arithmetic expression: 1 + nil\n```",
        "```\n** (TokenMissingError) missing terminator: ]\n```",
    ]  # the prose between speaks of something else
    assert "```elixir\n1 + nil" in found[0][0]
    assert "```\n[1, 2\n```" in found[1][0]  # what does not parse is no Elixir
    assert _asked(made, "predict_output") == []


@pytest.mark.parametrize(
    ("erlang", "kept", "reason"),
    [
        ("1> lists:reverse([1, 2, 3]).\n[3,2,1]", 2, ""),
        ("1> lists:reverse([1, 2, 3]).\n[2,1]", 0, "results_differ"),
        ("1> a.\na", 0, ""),
    ],
)
def test_two_languages_side_by_side(erlang: str, kept: int, reason: str) -> None:
    made = _made(f"""
# Lists

In Elixir a list is reversed like this:

```iex
iex> Enum.reverse([1, 2, 3])
[3, 2, 1]
```

In Erlang:

```erl_shell
{erlang}
```
""")
    found = _asked(made, "translate")
    assert len(found) == kept
    assert not reason or set(_reasons(made, "translate")) == {reason}
    for question, answer in found:
        assert ("```erlang" in question) != ("```erlang" in answer)
        assert ("iex>" not in answer) and ("1>" not in answer)


def test_examples_in_documentation() -> None:
    text = '''defmodule Tide do
  @doc """
  Turns it.

      iex> Tide.turn(:low)
      :high

      iex> Tide.turn(
      ...>   :high
      ...> )
      :low
      iex> x = 1
      iex> x
      1

  """
  def turn(:low), do: :high
end'''
    assert documented(text) == [
        ("Tide.turn(:low)", ":high"), ("Tide.turn(\n  :high\n)", ":low"), ("x", "1"),
    ]  # fmt: skip


def test_remarks_below_a_result_are_not_part_of_it() -> None:
    found = entries("iex> 1 + 1\n2\n# two, as you see\niex> x\n#PID<0.1.0>\n", "iex")
    assert [one.result for one in found] == ["2", "#PID<0.1.0>"]
    found = entries("1> X.\n2\n% two\n", "erl_shell")
    assert [one.result for one in found] == ["2"]


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("def f(x), do: x", True),
        ("# doubles\n@doc false\ndef f(x), do: x", True),
        ("defmodule A do\nend", False),
        ("x = 1", False),
        ("define(x)", False),
    ],
)
def test_functions_of_no_module_are_put_into_one(text: str, inside: bool) -> None:
    assert in_module(text, "elixir") == (f"defmodule Listing do\n{text}\nend" if inside else text)
    assert in_module("f(X) -> X.", "erlang") == "f(X) -> X."
