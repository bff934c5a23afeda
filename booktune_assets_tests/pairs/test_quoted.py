"""Quotes by their hashes: the same when the rules call two of them the same."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.pairs.quoted import bare_texts, marks, slim
from booktune_assets.pairs.splits import bare


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="abZ9_ -é\u0130ßﬁ½`", max_size=10), max_size=6))
def test_columns_say_what_one_text_says(texts: list[str]) -> None:
    made = bare_texts(pl.Series("said", texts, dtype=pl.String))
    assert made.to_list() == [bare(text) for text in texts]


def _evidence(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"pair_id": pair, "section_id": "sec", "role": role, "quote": quote}
            for pair, role, quote in rows
        ]
    )


def test_quotes_of_a_pair_count_without_order_and_with_roles() -> None:
    frame = _evidence(
        ("a", "answer", "One thing."), ("a", "question", "Two"), ("b", "question", "two!"),
        ("b", "answer", "one Thing"), ("c", "answer", "Two"), ("c", "question", "One thing."),
    )  # fmt: skip
    found = dict(marks(frame, "plain").iter_rows())
    assert found["a"] == found["b"] != found["c"]
    thin = slim(frame)
    assert "quote" not in thin.columns and slim(thin) is thin
    assert marks(thin, "plain").equals(marks(frame, "plain"))
    assert thin["spot"].n_unique() == 4  # places are told apart by every letter


def test_typography_counts_as_what_it_stands_for() -> None:
    frame = _evidence(("a", "answer", "the ﬁrst ½"), ("b", "answer", "the first 1⁄2"))
    one, two = (slim(frame)[name].to_list() for name in ("plain", "folded"))
    assert one[0] != one[1] and two[0] == two[1]
