"""Rows of unchanged sections carried over as columns, and what is worked out over all rows.

Belongs here: taking a section's rows from the frames made before, exact duplicates within a book,
the concepts of a pair, the order of rows. Does not: making pairs, digests (``extract.py``).

An edit changes one section in hundreds, so nothing here walks over rows that stay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIR_REJECTS, PAIRS

__all__ = ["DUPLICATE", "Parts", "about", "carried", "first_of_each", "settled"]

DUPLICATE = "G8_duplicates"
CONCEPTS_MAX = 8
# the same sentence answers two wordings of one question: once is enough
TOLD_ONCE = ("define", "reason", "compare", "steps", "api_use", "true_false")


@dataclass(frozen=True, slots=True)
class Parts:
    """Pairs, their evidence and the rejects of some sections."""

    pairs: pl.DataFrame
    evidence: pl.DataFrame
    rejects: pl.DataFrame

    @classmethod
    def of(
        cls, pairs: list[dict[str, Any]], evidence: list[dict[str, Any]],
        rejects: list[dict[str, Any]],
    ) -> Parts:  # fmt: skip
        """From rows; split and concepts of pairs are still null."""
        return cls(PAIRS.frame(pairs), PAIR_EVIDENCE.frame(evidence), PAIR_REJECTS.frame(rejects))

    def with_(self, other: Parts) -> Parts:
        """Both, one after the other."""
        return Parts(
            pl.concat([self.pairs, other.pairs]),
            pl.concat([self.evidence, other.evidence]),
            pl.concat([self.rejects, other.rejects]),
        )


def carried(previous: Mapping[str, pl.DataFrame], sections: Collection[str]) -> Parts:
    """The rows of some sections as they were; a quote may stand in another than its pair."""
    own = pl.col("section_id").is_in(list(sections))
    pairs = previous[PAIRS.name].filter(own)
    evidence = previous[PAIR_EVIDENCE.name].filter(
        pl.col("pair_id").is_in(pairs["pair_id"].implode())
    )
    return Parts(pairs, evidence, previous[PAIR_REJECTS.name].filter(own))


def first_of_each(parts: Parts, order: Mapping[str, int]) -> set[str]:
    """Ids of the pairs, kept or refused as duplicates, that say something first in book order."""
    refused = parts.rejects.filter(pl.col("gate") == DUPLICATE)
    said = pl.concat([
        _said(parts.pairs, "pair_id", 0),
        _said(refused, "candidate_id", 1),
    ])  # fmt: skip
    firsts = _ordered(said, order, "part").unique("said", keep="first", maintain_order=True)
    return set(firsts["id"].to_list())


def settled(parts: Parts, first: Collection[str], order: Mapping[str, int]) -> Parts:
    """The parts in book order, with pairs that say what an earlier one says among the rejects."""
    is_first = pl.col("pair_id").is_in(list(first))
    late = parts.pairs.filter(~is_first).select(
        candidate_id="pair_id", book_id="book_id", section_id="section_id", family="family",
        gate=pl.lit(DUPLICATE), reason=pl.lit("same_turns_as_earlier"), turns="turns",
    )  # fmt: skip
    pairs = _ordered(parts.pairs.filter(is_first), order)
    place = pairs.select("pair_id").with_row_index("_place")
    evidence = (
        parts.evidence.join(place, on="pair_id", how="inner", maintain_order="left")
        .sort("_place", maintain_order=True)
        .drop("_place")
    )
    rejects = pl.concat([parts.rejects, late.select(parts.rejects.columns)])
    return Parts(pairs, evidence, _ordered(rejects, order, "candidate_id"))


def about(evidence: pl.DataFrame, mentions: pl.DataFrame) -> pl.DataFrame:
    """``pair_id concept_ids``: concepts mentioned in a pair's quotes, most often first."""
    quotes = evidence.select("pair_id", "block_id", "char_start", "char_end")
    named = mentions.select("block_id", "concept_id", place="char_start")
    counts = (
        quotes.join(named, on="block_id")
        .filter(pl.col("place").is_between("char_start", "char_end", closed="left"))
        .group_by("pair_id", "concept_id")
        .len()
        .sort("pair_id", "len", "concept_id", descending=[False, True, False])
    )
    return counts.group_by("pair_id", maintain_order=True).agg(
        concept_ids=pl.col("concept_id").head(CONCEPTS_MAX)
    )


def _said(frame: pl.DataFrame, name: str, part: int) -> pl.DataFrame:
    """Id, section and the words of all turns, without case and white space."""
    words = pl.element().struct.field("content").str.to_lowercase()
    plain = words.str.replace_all(r"\s+", " ").str.strip_chars()
    every = pl.col("turns").list.eval(plain)
    answer = pl.concat_str("family", every.list.last(), separator="\x1f")
    return frame.select(
        id=name, section_id="section_id", part=pl.lit(part, dtype=pl.Int32),
        said=pl.when(pl.col("family").is_in(TOLD_ONCE)).then(answer).otherwise(
            every.list.join("\x1f")
        ),
    )  # fmt: skip


def _ordered(frame: pl.DataFrame, order: Mapping[str, int], *then: str) -> pl.DataFrame:
    """Rows by the place of their section in the book, then as given."""
    place = pl.col("section_id").replace_strict(dict(order), return_dtype=pl.Int32)
    return frame.sort(place, *then, maintain_order=True)
