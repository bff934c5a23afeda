"""Which listings show a concept and which need it; facts of syntax trees; levels."""

import polars as pl
import pytest

from booktune_assets.beam.patterns import PATTERNS
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.concepts.levels import levels
from booktune_assets.concepts.lexicon import LEXICON
from booktune_assets.concepts.shown import FACTS, facts_of
from booktune_assets_tests.concepts.shelf_lab import WHOLE, graphed, opened

CLOSURES = """
# Lists

A list is a chain of elements. Lists hold values of any kind, and a list may be empty.

# Closures

A closure is a function that remembers values of the place where it was made. A closure keeps them.

```elixir
[1, 2]
```
"""


def _code(text: str) -> dict[tuple[str, str], dict[str, object]]:
    frames = graphed(text)
    label = dict(frames["concept_graph"].select("concept_id", "label").iter_rows())
    blocks = dict(opened(text)["sections__blocks"].select("block_id", "text").iter_rows())
    return {
        (label[row["concept_id"]], blocks[row["block_id"]].split("\n")[0]): row
        for row in frames["concept_graph__code"].to_dicts()
    }


def test_listings_show_what_their_section_teaches_and_need_the_rest() -> None:
    found = _code(WHOLE)
    assert found["list", "[1, 2, 3]"]["relation"] == "shows"
    recursion = found["recursion", "defmodule Sum do"]
    assert (recursion["relation"], recursion["evidence"]) == ("shows", "tree")
    assert found["list", "defmodule Sum do"]["relation"] == "shows"  # the words before name it
    assert found["process", "defmodule Keeper do"]["relation"] == "shows"
    assert all(row["known"] for (label, _), row in found.items() if label == "list")


def test_a_concept_without_syntax_is_shown_below_its_heading() -> None:
    found = _code(CLOSURES)
    closure = found["closure", "[1, 2]"]
    assert (closure["relation"], closure["evidence"]) == ("shows", "words")
    assert found["list", "[1, 2]"]["relation"] == "needs"


@pytest.mark.parametrize(
    ("text", "lang", "fact", "begins"),
    [
        ("def f([]), do: 0\ndef f([_ | t]), do: 1 + f(t)", "elixir", "recursion", "f(t)"),
        ("def f(a), do: g(a)\ndef g(a), do: a", "elixir", "recursion", None),
        ("def f(a, b), do: f(a)", "elixir", "recursion", None),
        ("def f(0), do: 0\ndef f(n), do: n", "elixir", "clauses", "def f(0)"),
        ("# é ü\ndef f(a, b \\\\ 1), do: a + b", "elixir", "defaults", "def f(a"),
        ("iex> {:ok, x} = File.read(p)", "iex", "destructures", "iex> {:ok"),
        ("x = {:ok, 1}", "elixir", "destructures", None),
        ("{:ok, 1} == x", "elixir", "destructures", None),
        ("f([]) -> 0;\nf([_ | T]) -> 1 + f(T).", "erlang", "recursion", "f(T)"),
        ("[1] = f()", "python", "destructures", None),
    ],
)
def test_facts_of_a_listing(text: str, lang: str, fact: str, begins: str | None) -> None:
    places = {name: (start, end) for name, start, end in facts_of(text, lang)}
    assert (fact in places) is (begins is not None)
    if begins is not None:
        start, end = places[fact]
        assert text[start:end].startswith(begins)


def test_the_lexicon_names_facts_that_are() -> None:
    named = {fact for entry in LEXICON for fact in entry.shown}
    assert named <= {*PATTERNS, *FACTS}


def test_index_and_glossary_are_evidence() -> None:
    frames = opened(WHOLE + "\n# Glossary\n\nMailbox: a queue.\n\nClosure: a function that keeps.")
    last = frames["sections"]["section_id"][-1]
    frames["sections"] = frames["sections"].with_columns(
        role=pl.when(pl.col("section_id") == last).then(pl.lit("back")).otherwise("role")
    )
    block = frames["sections__blocks"].filter(pl.col("text").str.starts_with("Closure"))
    entry = {
        "book_id": "lab", "entry": 0, "term": "Closure", "section_id": last,
        "block_id": block["block_id"][0],
    }  # fmt: skip
    made = into_concepts(
        "lab", frames["sections"], frames["sections__blocks"],
        {"sections__glossary": pl.DataFrame([entry])},
    )  # fmt: skip
    row = made["concept_graph"].row(by_predicate=pl.col("label") == "closure", named=True)
    assert row["evidence"] == ["glossary"]
    mention = made["concept_graph__mentions"].row(
        by_predicate=pl.col("concept_id") == row["concept_id"], named=True
    )
    assert (mention["how"], mention["section_id"]) == ("glossary", last)
    text = frames["sections"].filter(pl.col("section_id") == last)["text"][0]
    assert text[mention["char_start"] : mention["char_end"]] == "Closure"


def test_levels_are_five_equal_parts_and_never_below_a_prerequisite() -> None:
    path = [f"c{n:02}" for n in range(20)]
    found = levels(path, [], {name: [n, n, n, n, n] for n, name in enumerate(path)})
    assert [found[name] for name in path] == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4
    assert levels([], [], {}) == {}
    assert levels(["a"], [], {"a": [0, 0, 0, 0, 0]}) == {"a": 1}
