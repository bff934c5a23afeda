"""Lessons along a prerequisite edge: three exchanges from sections of one book, in that order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.pairs.exchanges import in_one_place
from booktune_assets.pairs.path_lesson import path_lessons
from booktune_assets.pairs.retrieved import astray
from booktune_assets.settings import Pairs, Reading
from booktune_assets.settings_sets import Mix
from booktune_assets_tests.pairs.chain import Frames, pairs_of
from booktune_assets_tests.pairs.lab import book

SAMPLE = Path(__file__).resolve().parents[2] / "data/books/sample/first-steps-on-the-beam.md"
PAGE = """
# Keys

## Keyword lists

Keyword lists are lists of pairs in which each first element is an atom of Elixir.

## Structs

Structs are maps with a name that offer default values and checks for the keys of Elixir programs.
To build one, a keyword list of its fields is given to `defstruct`.

## Work with structs

```elixir
defmodule User do
  defstruct name: "John", age: 27
end
```

The call of `defstruct` in the module `User` defines a struct with the fields `name` and `age`
of two types.
"""


def _made(edited: str = "") -> tuple[Frames, Frames, Frames]:
    """Frames without such lessons, those of the graph with one edge, and what was made of it."""
    from booktune_assets.concepts.graph import into_concepts
    from booktune_assets.pairs.extract import into_pairs
    from booktune_assets.schemas_concepts import CONCEPT_EDGES

    made = book(PAGE + edited)
    graph = into_concepts("lab", made["sections"], made["blocks"])
    names = {row["label"]: row for row in graph["concept_graph"].to_dicts()}
    first, second = names["keyword list"], names["struct"]
    edge: dict[str, Any] = {
        "book_id": "lab", "source_id": first["concept_id"], "target_id": second["concept_id"],
        "score": 0.8, "direct": True, "decided_by": "score", "evidence_kind": "definition",
        "evidence_section": second["introduced_in"], "evidence_block_id": "blk", "quote": "To",
        "char_start": 0, "char_end": 2,
    }  # fmt: skip
    edge |= dict.fromkeys(("order", "refd", "code", "chain", "cue", "wide"), 0.5)
    edges = CONCEPT_EDGES.frame([edge])
    pairs = into_pairs(
        "lab", made["sections"], made["blocks"], graph["concept_graph"],
        graph["concept_graph__mentions"], Pairs(heldout_percent=0, retrieved_percent=0), None,
        edges=edges,
    )  # fmt: skip
    return made, {**graph, "concept_graph__edges": edges}, pairs.frames


def test_an_edge_is_walked_from_its_source_over_its_target_to_a_use() -> None:
    made, graph, frames = _made()
    rows = frames["instruction_pairs"].filter(pl.col("family") == "path_lesson")
    assert rows.height == 1
    row = rows.row(0, named=True)
    said = [turn["content"] for turn in row["turns"]]
    assert len(said) == 6
    assert "keyword list" in said[0].lower() and "structs" in said[0].lower()
    assert said[1].startswith("Keyword lists are lists of pairs")
    assert said[3].startswith("Structs are maps with a name")
    assert "defmodule User" in said[4] and "defstruct" in said[5]
    edge = graph["concept_graph__edges"].row(0, named=True)
    assert row["concept_ids"][:2] == [edge["target_id"], edge["source_id"]]
    evidence = frames["instruction_pairs__evidence"].filter(pl.col("pair_id") == row["pair_id"])
    assert evidence["section_id"].n_unique() == 3  # of three sections
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    for quote in evidence.iter_rows(named=True):
        own = texts[quote["section_id"]][quote["char_start"] : quote["char_end"]]
        assert own == quote["quote"]
    counted = frames["instruction_pairs__sections"]["kept"].sum()
    assert counted == frames["instruction_pairs"].height


def test_no_edge_no_lesson_and_none_over_the_split() -> None:
    _, graph, frames = _made()
    bare = frames | {
        "instruction_pairs": frames["instruction_pairs"].filter(pl.col("family") != "path_lesson")
    }
    concepts, edges = graph["concept_graph"], graph["concept_graph__edges"]
    mentions = graph["concept_graph__mentions"]
    assert list(path_lessons(bare, concepts, mentions, edges.clear())) == []
    home = frames["instruction_pairs"].filter(pl.col("family") == "path_lesson")["section_id"][0]
    split = pl.when(pl.col("section_id") == home).then(pl.lit("heldout")).otherwise("split")
    apart = bare | {"instruction_pairs": bare["instruction_pairs"].with_columns(split=split)}
    assert list(path_lessons(bare, concepts, mentions, edges)) and not list(
        path_lessons(apart, concepts, mentions, edges)
    )
    sides = dict.fromkeys(frames["instruction_pairs"]["section_id"], "train")
    pairs, evidence = frames["instruction_pairs"], frames["instruction_pairs__evidence"]
    assert astray(pairs, evidence, sides) == []
    assert astray(pairs, evidence, sides | {home: "heldout"})


def test_code_alone_is_no_step_and_a_word_alone_no_use() -> None:
    _, graph, frames = _made()
    bare = frames | {
        "instruction_pairs": frames["instruction_pairs"].filter(pl.col("family") != "path_lesson")
    }
    concepts, mentions = graph["concept_graph"], graph["concept_graph__mentions"]
    edges = graph["concept_graph__edges"]
    for kind in ("code", "text", "cue"):  # words that do not name what they lead to
        weak = edges.with_columns(evidence_kind=pl.lit(kind))
        assert not list(path_lessons(bare, concepts, mentions, weak))
    said = mentions.filter(pl.col("how") == "definition", concept_id=edges["target_id"][0]).row(
        0, named=True
    )
    named = edges.with_columns(
        evidence_kind=pl.lit("text"), evidence_block_id=pl.lit(said["block_id"]),
        char_start=pl.lit(said["char_start"]), char_end=pl.lit(said["char_end"]),
    )  # fmt: skip
    assert list(path_lessons(bare, concepts, mentions, named))
    listing = bare["instruction_pairs"].filter(pl.col("family") == "explain_code")["pair_id"]
    quoted = bare["instruction_pairs__evidence"].filter(pl.col("pair_id").is_in(listing.to_list()))
    elsewhere = mentions.with_columns(
        block_id=pl.when(
            (pl.col("how") == "code") & pl.col("block_id").is_in(quoted["block_id"].to_list())
        ).then(pl.lit("blk_of_another_listing")).otherwise("block_id")
    )  # fmt: skip
    ((short, _, _),) = path_lessons(bare, concepts, elsewhere, edges)
    assert len(short["turns"]) == 4, "no listing shows a struct: two steps are told"


def test_in_a_set_it_goes_before_other_lessons_and_its_parts_go() -> None:
    from booktune_assets.pairs.mix import mix_rows

    made, _, frames = _made()
    pairs, evidence = frames["instruction_pairs"], frames["instruction_pairs__evidence"]
    mix = Mix(turns_low=0.4, turns_high=1.0)
    rows = mix_rows(pairs, evidence, made["sections"], "salt")
    gone = in_one_place(pairs, rows, mix, evidence)
    walk = pairs.filter(pl.col("family") == "path_lesson")["pair_id"][0]
    assert walk not in gone
    assert sum(why == "in_a_lesson" and walk in told for why, told in gone.values()) >= 2


def test_the_sample_has_some_and_an_edit_remakes_few() -> None:
    raw = read_book(SAMPLE, "sample", Reading()).frames
    made = into_sections(
        "sample", raw["raw_books"]["file_sha256"][0], raw["raw_books__blocks"],
        raw["raw_books__spans"], raw["raw_books__pages"], raw["raw_books__links"],
    )  # fmt: skip
    frames = {"sections": made["sections"], "blocks": made["sections__blocks"]}
    first = pairs_of(frames)
    kept = first.frames["instruction_pairs"]
    walks = kept.filter(pl.col("family") == "path_lesson")
    assert walks.height >= 2
    again = pairs_of(frames, previous=first.frames)
    assert again.frames["instruction_pairs"].equals(kept)
    assert again.counts["sections_made"] == 0
