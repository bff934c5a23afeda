"""Rows of unchanged sections carried over as columns, and what is worked out over all rows.

Belongs here: taking a section's rows from the frames made before, what says the same within a book,
the concepts of a pair, the order of rows. Does not: making pairs, digests (``extract.py``), what is
near (``duplicates.py``).

An edit changes one section in hundreds, so nothing here walks over rows that stay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from booktune_assets.pairs.duplicates import near_texts
from booktune_assets.pairs.near import roots
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIR_REJECTS, PAIRS

__all__ = ["DUPLICATE", "Parts", "about", "carried", "settled", "why_gone"]

DUPLICATE = "G8_duplicates"
SAME, NEAR = "same_turns_as_earlier", "near_text"
CONCEPTS_MAX = 8
# how much a mention says that a pair is about the concept, by its evidence
_SAYS = {"definition": 4, "glossary": 4, "heading": 3, "tree": 3, "api": 3, "name": 2, "syntax": 1}
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


def why_gone(parts: Parts, order: Mapping[str, int]) -> dict[str, str]:
    """For each pair, kept or refused as a duplicate, the reason why it goes: ``""`` if it stays.

    Of what says the same the first in the book stays, of one section the first by family and id:
    not by how well it was checked, which of what was refused before nobody knows any more.
    """
    refused = parts.rejects.filter(pl.col("gate") == DUPLICATE)
    both = [_said(parts.pairs, "pair_id"), _said(refused, "candidate_id")]
    said = _ordered(pl.concat(both), order, "family", "id").with_row_index("row")
    said = said.with_columns(first=pl.col("row").min().over("said"))
    again = said.filter(pl.col("row") != pl.col("first"))
    own = said.filter(pl.col("row") == pl.col("first"))
    near = own["row"].to_numpy().astype("int64")[near_texts(own["turns"], own["family"])]
    same = again.select("first", "row").to_numpy().astype("int64")
    stays = roots(said.height, [same, near]) == np.arange(said.height)
    late = set(again["id"].to_list())
    ids = zip(said["id"].to_list(), stays.tolist(), strict=True)
    return {name: "" if first else SAME if name in late else NEAR for name, first in ids}


def settled(parts: Parts, gone: Mapping[str, str], order: Mapping[str, int]) -> Parts:
    """The parts in book order, with pairs that say what an earlier one says among the rejects."""
    reasons = {name: reason for name, reason in gone.items() if reason}
    is_late = pl.col("pair_id").is_in(list(reasons))
    late = parts.pairs.filter(is_late).select(
        candidate_id="pair_id", book_id="book_id", section_id="section_id", family="family",
        gate=pl.lit(DUPLICATE), turns="turns",
        reason=pl.col("pair_id").replace_strict(reasons, return_dtype=pl.String),
    )  # fmt: skip
    pairs = _ordered(parts.pairs.filter(~is_late), order)
    # of two that stood here before, another one may be the first now
    was = pl.col("candidate_id").replace_strict(reasons, default=pl.col("reason"))
    rejects = parts.rejects.with_columns(
        reason=pl.when(pl.col("gate") == DUPLICATE).then(was).otherwise(pl.col("reason"))
    )
    place = pairs.select("pair_id").with_row_index("_place")
    evidence = (
        parts.evidence.join(place, on="pair_id", how="inner", maintain_order="left")
        .sort("_place", maintain_order=True)
        .drop("_place")
    )
    rejects = pl.concat([rejects, late.select(rejects.columns)])
    return Parts(pairs, evidence, _ordered(rejects, order, "candidate_id"))


def about(evidence: pl.DataFrame, mentions: pl.DataFrame) -> pl.DataFrame:
    """``pair_id concept_ids``: concepts mentioned in a pair's quotes, what it is about first.

    A definition or the call of an agent says more of what that is than a name in passing, and that
    more than a brace: code of any kind has tuples.
    """
    quotes = evidence.select("pair_id", "block_id", "char_start", "char_end")
    named = mentions.select(
        "block_id", "concept_id", place="char_start",
        says=pl.col("evidence").replace_strict(_SAYS, default=_SAYS["name"], return_dtype=pl.Int32),
    )  # fmt: skip
    counts = (
        quotes.join(named, on="block_id")
        .filter(pl.col("place").is_between("char_start", "char_end", closed="left"))
        .group_by("pair_id", "concept_id")
        .agg(pl.col("says").sum())
        .sort("pair_id", "says", "concept_id", descending=[False, True, False])
    )
    return counts.group_by("pair_id", maintain_order=True).agg(
        concept_ids=pl.col("concept_id").head(CONCEPTS_MAX)
    )


def _said(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Id, section, family, turns, and the words of all turns, without case and white space."""
    words = pl.element().struct.field("content").str.to_lowercase()
    plain = words.str.replace_all(r"\s+", " ").str.strip_chars()
    every = pl.col("turns").list.eval(plain)
    answer = pl.concat_str("family", every.list.last(), separator="\x1f")
    return frame.select(
        "section_id", "family", "turns",
        id=name,
        said=pl.when(pl.col("family").is_in(TOLD_ONCE)).then(answer).otherwise(
            every.list.join("\x1f")
        ),
    )  # fmt: skip


def _ordered(frame: pl.DataFrame, order: Mapping[str, int], *then: str) -> pl.DataFrame:
    """Rows by the place of their section in the book, then as given."""
    place = pl.col("section_id").replace_strict(dict(order), return_dtype=pl.Int32)
    return frame.sort(place, *then, maintain_order=True)
