"""How hard a pair is, and what one has to know before it: columns worked out over all rows.

Belongs here: ``level`` and ``prereq_ids``. Does not: levels of concepts and edges (``concepts/``),
the order of a set (its curriculum). Both follow from the graph of the whole book, so they are made
anew each time, as columns; no pair is made again for them.

The level of a pair is that of its hardest concept among the three that it speaks of most, one lower
for families that ask for one fact, one higher for those that ask to write or mend code of some
size, and one higher again when the messages are long. Code names what it happens to use, so a pair
about code starts halfway between that and the mean of the three, and one of a line or two is one
lower. Without a concept it starts from 2. It stays within 1 to 5.
"""

from __future__ import annotations

import polars as pl

__all__ = ["levelled"]

CONCEPTS = 3  # that count for the level
PREREQS_MAX = 8
LONG = 1_500  # characters of all messages
SHORT = 150  # that of code of a line or two with its question
SIZEABLE = 30  # tokens of code in the answers
_EASY = ("define", "steps", "true_false", "refusal")
_HARD = ("write_code", "fill_in", "fix_bug", "diagnose_error", "translate", "write_test",
         "rewrite")  # fmt: skip
UNKNOWN = 2  # level of a pair that names no concept of the book


def levelled(pairs: pl.DataFrame, concepts: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """The pairs with ``level`` and ``prereq_ids``; they have ``concept_ids`` already.

    ``edges`` are rows of ``concept_graph__edges``, of which the direct ones count. The strongest
    comes first, and what a pair
    is about is no prerequisite of it.
    """
    size = pl.col("turns").list.eval(
        pl.element().struct.field("content").str.len_chars()
    ).list.sum()  # fmt: skip
    code = pl.col("kind") != "theory"
    sizeable = pl.col("code_tokens") >= SIZEABLE
    step = (
        (pl.col("family").is_in(_HARD) & sizeable).cast(pl.Int32)
        - pl.col("family").is_in(_EASY).cast(pl.Int32)
        - (code & (size < SHORT)).cast(pl.Int32)
        + (size > LONG).cast(pl.Int32)
    )
    base = pl.when(code).then(pl.col("usual")).otherwise(pl.col("hardest"))
    level = (base.fill_null(UNKNOWN) + step).clip(1, 5).cast(pl.Int32)
    return (
        pairs.join(_hardest(pairs, concepts), on="pair_id", how="left", maintain_order="left")
        .join(_needed(pairs, edges), on="pair_id", how="left", maintain_order="left")
        .with_columns(
            level=level, prereq_ids=pl.col("needed").fill_null(pl.lit([], pl.List(pl.String)))
        )
        .drop("hardest", "usual", "needed")
    )


def _hardest(pairs: pl.DataFrame, concepts: pl.DataFrame) -> pl.DataFrame:
    """``pair_id hardest usual``: the highest level of the first concepts, and one between."""
    named = pairs.select("pair_id", concept_id=pl.col("concept_ids").list.head(CONCEPTS))
    levels = concepts.select("concept_id", pl.col("level").cast(pl.Int32))
    return (
        named.explode("concept_id")
        .join(levels, on="concept_id")
        .group_by("pair_id")
        .agg(
            hardest=pl.col("level").max(),
            usual=((pl.col("level").mean() + pl.col("level").max()) / 2).ceil().cast(pl.Int32),
        )
    )


def _needed(pairs: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """``pair_id needed``: sources of the edges into the pair's concepts, strongest first."""
    about = pairs.select("pair_id", concept_id="concept_ids").explode("concept_id").drop_nulls()
    into = (edges.filter("direct") if "direct" in edges.columns else edges).select(
        concept_id="target_id", source="source_id", score=pl.col("score").cast(pl.Float64)
    )
    found = (
        about.join(into, on="concept_id")
        .join(about, left_on=["pair_id", "source"], right_on=["pair_id", "concept_id"], how="anti")
        .group_by("pair_id", "source")
        .agg(pl.col("score").max())
        .sort("pair_id", "score", "source", descending=[False, True, False])
    )
    return found.group_by("pair_id", maintain_order=True).agg(
        needed=pl.col("source").head(PREREQS_MAX)
    )
