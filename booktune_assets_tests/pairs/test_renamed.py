"""Listings under one name each."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.pairs.renamed import one_name_each
from booktune_assets_tests.pairs.rows import code

SHORT, LONG = code("x = 1\nx + 2"), code("value = 1  # one\n\nvalue + 2")
OTHER = code("x = 1\nx - 2")


def _said(*texts: list[str]) -> list[list[str]]:
    turns = pl.Series(
        "turns",
        [[{"role": "user", "content": text} for text in row] for row in texts],
        dtype=pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
    )
    made = pl.concat([turns.clear(), *one_name_each(turns)])
    assert made.dtype == turns.dtype
    assert len(made) == len(texts)
    return [[turn["content"] for turn in row] for row in made.to_list()]


def test_the_shortest_stands_for_all() -> None:
    assert _said([f"See\n\n{LONG}\n\nand so on", "ok"], [SHORT], [OTHER]) == [
        [f"See\n\n{SHORT}\n\nand so on", "ok"], [SHORT], [OTHER],
    ]  # fmt: skip


def test_plain_text_stays() -> None:
    assert _said(["a", "b"], ["cafe\u0301"]) == [["a", "b"], ["caf\u00e9"]]
    assert _said() == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([SHORT, LONG, OTHER, "words", LONG + "\n\nmore"]), max_size=6),
       st.randoms(use_true_random=False))  # fmt: skip
def test_order_is_nothing(texts: list[str], say: object) -> None:
    made = dict(zip(texts, _said(*[[text] for text in texts]), strict=True))
    say.shuffle(texts)  # type: ignore[attr-defined]
    assert dict(zip(texts, _said(*[[text] for text in texts]), strict=True)) == made


@pytest.mark.parametrize("mark", ["ex", "elixir"])
def test_marks_of_one_language(mark: str) -> None:
    long = LONG.replace("elixir", mark)
    assert _said([SHORT], [long])[1] == [SHORT]
