"""Levels and prerequisites of pairs follow from their concepts, family and length."""

import polars as pl

from booktune_assets.pairs.levels import levelled
from booktune_assets.schemas_concepts import CONCEPT_EDGES
from booktune_assets.schemas_pairs import PAIRS
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE

CONCEPTS = pl.DataFrame({"concept_id": ["a", "b", "c"], "level": [1, 3, 5]})


def _pair(
    name: str, family: str, concepts: list[str], length: int = 400, code: int = 0
) -> dict[str, object]:
    turns = [{"role": "user", "content": "x" * length}, {"role": "assistant", "content": "y"}]
    return {
        "pair_id": name, "family": family, "concept_ids": concepts, "turns": turns,
        "kind": "code" if code else "theory", "code_tokens": code,
    }  # fmt: skip


def _levels(*rows: dict[str, object], edges: pl.DataFrame | None = None) -> pl.DataFrame:
    pairs = PAIRS.frame([]).select(
        "pair_id", "family", "concept_ids", "turns", "kind", "code_tokens"
    )
    pairs = pl.concat([pairs, pl.DataFrame(list(rows), schema=pairs.schema)])
    return levelled(pairs, CONCEPTS, CONCEPT_EDGES.frame([]) if edges is None else edges)


def test_a_level_rises_with_concept_family_and_length() -> None:
    made = _levels(
        _pair("1", "define", ["a"]), _pair("2", "explain_code", ["a", "b"]),
        _pair("3", "write_code", ["b"], code=60), _pair("4", "write_code", ["c"], 4_000, 60),
        _pair("5", "explain_code", []), _pair("6", "explain_code", ["b"], 4_000),
    )  # fmt: skip
    assert made["level"].to_list() == [1, 3, 4, 5, 2, 4]


def test_a_line_of_code_is_as_hard_as_what_it_shows_and_not_as_what_it_names() -> None:
    made = _levels(
        _pair("1", "predict_output", ["a", "c"], 60, 3), _pair("2", "explain_code", ["a", "c"]),
        _pair("3", "fix_bug", ["a", "c"], 400, 8), _pair("4", "fix_bug", ["a", "c"], 400, 80),
    )  # fmt: skip
    assert made["level"].to_list() == [3, 5, 4, 5]


def test_the_strongest_prerequisite_is_nearest_and_none_is_the_pair_s_own() -> None:
    edges = pl.DataFrame(
        {
            "source_id": ["a", "b", "z"], "target_id": ["c", "c", "c"], "score": [0.5, 0.9, 0.7],
            "direct": [True, True, False],
        }
    )  # fmt: skip
    made = _levels(_pair("1", "define", ["c"]), _pair("2", "define", ["c", "a"]), edges=edges)
    assert made["prereq_ids"].to_list() == [["b", "a"], ["b"]]
    assert made["pair_id"].to_list() == ["1", "2"]


def test_the_book_s_pairs_have_them() -> None:
    frames = pairs_of(book(PAGE)).frames["instruction_pairs"]
    assert frames["level"].is_between(1, 5).all()
    assert frames["prereq_ids"].null_count() == 0
