"""Gate G8: of pairs that say the same, one stays.

Belongs here: what counts as the same pair, which of a cluster stays, how often one quote may be
asked about. Does not: how near texts are found (``near.py``), pairs that rest on the same quotes in
two books (``once.py``).

Same: the words are equal but for white space and the code but for comments, layout and names of
variables; or questions on one concept have a Jaccard of 0.8; or questions and answers one of 0.7;
or, where vectors are at hand, their cosine on one concept is 0.92. Where both hold code, the code
alone has to be as near: `1 + 2` and `hd([1])` asked about in the same words are two questions. And
two families ask for different things of one listing: they are the same when their answers are, or
the words of their questions.
Sameness is passed on, so what stays has no near neighbour left, whatever the order of the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from booktune_assets.pairs.near import Links, alike, cosine_links, jaccards, roots
from booktune_assets.pairs.renamed import one_name_each
from booktune_assets.pairs.shingles import FENCED, Sizes, joined, prose_of
from booktune_assets.schemas_pairs import VERIFICATIONS

__all__ = ["G8", "PARAPHRASES", "Vectors", "clusters_of", "without_duplicates"]

G8 = "G8_duplicates"
TEXT, QUESTION, MEANING = 0.7, 0.8, 0.92
PARAPHRASES = 3  # pairs of one family that one quote may answer
KINDS = ("same_text", "near_text", "near_question", "same_meaning")  # the surest first

Vectors: TypeAlias = Callable[[Sequence[str]], npt.NDArray[np.floating]]
Row = dict[str, Any]


def without_duplicates(
    pairs: pl.DataFrame, evidence: pl.DataFrame, *, paraphrases: int = PARAPHRASES,
    vectors: Vectors | None = None,
) -> tuple[pl.DataFrame, list[Row]]:  # fmt: skip
    """The pairs that stay, in their order, and a row of ``…__dropped`` for each that does not.

    ``vectors`` gives an array with one row for each pair id asked for. Of a cluster the pair stays
    that was checked most strongly, then the one best covered by quotes, the shorter, the first by
    id.
    """
    ranked = _ranked(pairs, evidence)
    found, kinds = clusters_of(
        pairs.select("pair_id", "family", "concept_ids", "turns").sort("pair_id"), vectors
    )
    dropped = _others(ranked, found, kinds)
    gone = {row["pair_id"] for row in dropped}
    left = ranked.filter(~pl.col("pair_id").is_in(gone))
    dropped += _overused(left, paraphrases)
    gone = {row["pair_id"] for row in dropped}
    kept = pairs.filter(~pl.col("pair_id").is_in(gone))
    return kept, sorted(dropped, key=lambda row: row["pair_id"])


def clusters_of(pairs: pl.DataFrame, vectors: Vectors | None = None) -> tuple[Sizes, Sizes]:
    """For each pair the row of its cluster, and by which of ``KINDS`` it was drawn in (or -1).

    ``pairs`` has ``pair_id family turns concept_ids``; sort it by id where results are compared.
    """
    pairs = pairs.with_columns(turns=one_name_each(pairs["turns"]))
    exact = _same(pairs["turns"])
    own, groups = _grouped(pairs, roots(pairs.height, [exact]))
    pairs = pairs.drop("turns")  # a million of them are half a gigabyte
    texts = joined(groups["turns"])
    near = alike(texts, TEXT)
    near = near[_code_agrees(texts, near, TEXT) & _same_work(groups, near, TEXT)]
    links = [exact, own[near], own[_asked(groups)]]
    if vectors is not None:
        ids = pairs["pair_id"].to_list()
        links.append(
            cosine_links(
                _by_concept(pairs["concept_ids"]),
                lambda rows: vectors([ids[row] for row in rows]),
                MEANING,
            )
        )
    kinds = np.full(pairs.height, -1, dtype=np.int64)
    for kind in reversed(range(len(links))):
        kinds[links[kind].ravel()] = kind
    return roots(pairs.height, links), kinds


def _grouped(pairs: pl.DataFrame, first: Sizes) -> tuple[Sizes, pl.DataFrame]:
    """The first row of each group of equals; with its turns all concepts and families of the group:
    whichever of them stays, what is near to any is near to it."""
    groups = (
        pairs.select("turns", "concept_ids", "family")
        .with_columns(first=pl.Series(first))
        .group_by("first", maintain_order=True)
        .agg(
            pl.col("turns").first(), pl.col("family").unique().sort(),
            pl.col("concept_ids").list.explode(empty_as_null=True).drop_nulls().unique().sort(),
            bare=(pl.col("concept_ids").list.len() == 0).any(),
        )
        .sort("first")
    )  # fmt: skip
    return groups["first"].to_numpy(), groups


def _same(turns: pl.Series) -> Links:
    """Pairs of equals, white space aside."""
    said = pl.element().struct.field("content").str.replace_all(r"\s+", " ").str.strip_chars()
    groups = (
        turns.to_frame("turns")
        .select(said=pl.col("turns").list.eval(said).list.join("\x1f"))
        .with_row_index("row")
        .group_by("said")
        .agg(pl.col("row").sort())
        .filter(pl.col("row").list.len() > 1)
    )
    found = [(rows[0], row) for rows in groups["row"].to_list() for row in rows[1:]]
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _asked(groups: pl.DataFrame) -> Links:
    """Groups with nearly the same question on one concept, or both on none."""
    questions = joined(groups["turns"], "user")
    texts = questions.unique().sort()
    none = pl.when("bare").then(pl.lit([""])).otherwise(pl.lit([], pl.List(pl.String)))
    places = (
        groups.select("family", name=pl.concat_list("concept_ids", none))
        .with_columns(text=questions.rank("dense") - 1)
        .with_row_index("row")
        .explode("name")
        .drop_nulls("name")
    )
    same = places.select(first=pl.col("row").min().over("text", "name"), row="row")
    found: list[tuple[int, int]] = same.filter(pl.col("first") != pl.col("row")).rows()
    near = alike(texts, QUESTION)
    near = near[_code_agrees(texts, near, QUESTION)]
    worded = jaccards(prose_of(texts), near) >= QUESTION
    held: dict[int, dict[str, int]] = defaultdict(dict)
    families: dict[int, set[str]] = defaultdict(set)
    some = places.filter(pl.col("text").is_in(np.unique(near)))
    for row, does, name, text in some.select("row", "family", "name", "text").iter_rows():
        families[text].update(does)
        held[text].setdefault(name, row)
    for (left, right), alike_words in zip(near.tolist(), worded.tolist(), strict=True):
        if alike_words or families[left] & families[right]:
            common = sorted(held[left].keys() & held[right].keys())
            found += [(held[left][name], held[right][name]) for name in common]
    links = np.array(found, dtype=np.int64).reshape(-1, 2)
    return np.unique(np.sort(links, axis=1), axis=0)


def _code_agrees(texts: pl.Series, links: Links, least: float) -> npt.NDArray[np.bool_]:
    """Is the code of two texts as near as the whole, where both hold some?"""
    code = texts.str.extract_all(FENCED).list.join("\n")
    some = (code != "").to_numpy()
    both = some[links[:, 0]] & some[links[:, 1]]
    fine = np.ones(len(links), dtype=bool)
    fine[both] = jaccards(code, links[both]) >= least
    return fine


def _same_work(groups: pl.DataFrame, links: Links, least: float) -> npt.NDArray[np.bool_]:
    """Are two groups of one family, or their answers as near as that?"""
    does = [frozenset(names) for names in groups["family"].to_list()]
    other = np.array([not does[one] & does[two] for one, two in links.tolist()], dtype=bool)
    fine = np.ones(len(links), dtype=bool)
    if other.any():
        fine[other] = jaccards(joined(groups["turns"], "assistant"), links[other]) >= least
    return fine


def _by_concept(concepts: pl.Series) -> list[list[int]]:
    """Rows by the concept that they are about first of all."""
    frame = pl.DataFrame({"name": concepts.list.first()}).with_row_index("row").drop_nulls()
    return frame.group_by("name", maintain_order=True).agg("row")["row"].to_list()


def _ranked(pairs: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """The pairs by id, with their place among rivals and the quotes that answer them."""
    levels = {name: number for number, name in enumerate(VERIFICATIONS)}
    quotes = (
        evidence.filter(pl.col("role") == "answer")
        .sort("pair_id", "section_id", "char_start", "char_end")
        .group_by("pair_id", maintain_order=True)
        .agg(
            span=pl.format("{}:{}-{}", "section_id", "char_start", "char_end").str.join(" "),
            quoted=(pl.col("char_end") - pl.col("char_start")).sum(),
        )
    )
    covered = (pl.col("quoted").fill_null(0) / pl.col("answer_chars")).clip(upper_bound=1).round(2)
    strength = pl.col("verification").replace_strict(levels, return_dtype=pl.Int32)
    return (
        pairs.select("pair_id", "book_id", "family", "verification", "answer_chars")
        .join(quotes, on="pair_id", how="left")
        .sort(strength, covered, "answer_chars", "pair_id", descending=[True, True, False, False])
        .with_row_index("rank")
        .sort("pair_id")
    )  # fmt: skip


def _others(ranked: pl.DataFrame, found: Sizes, kinds: Sizes) -> list[Row]:
    """Rows for all of a cluster but the one that stays."""
    frame = ranked.select("pair_id", "book_id", "family", "rank").with_columns(
        cluster=pl.Series(found), kind=pl.Series(kinds)
    )
    several = frame.filter(pl.len().over("cluster") > 1).sort("cluster", "rank")
    best = several.group_by("cluster", maintain_order=True).agg(
        other=pl.col("pair_id").first(), size=pl.len()
    )
    rest = several.join(best, on="cluster").filter(pl.col("pair_id") != pl.col("other"))
    return [
        _row(one, KINDS[one["kind"]], one["other"], f"one of {one['size']} that say the same")
        for one in rest.iter_rows(named=True)
    ]


def _overused(ranked: pl.DataFrame, paraphrases: int) -> list[Row]:
    """Rows for what one quote answers too often."""
    by_span = ranked.drop_nulls("span").sort("family", "span", "rank").with_columns(
        place=pl.int_range(pl.len()).over("family", "span"),
        other=pl.col("pair_id").first().over("family", "span"),
    )  # fmt: skip
    return [
        _row(one, "span_used_enough", one["other"], f"the quote answers {paraphrases} already")
        for one in by_span.filter(pl.col("place") >= paraphrases).iter_rows(named=True)
    ]


def _row(pair: Row, reason: str, other: str, detail: str) -> Row:
    return {
        **{name: pair[name] for name in ("pair_id", "book_id", "family")},
        "gate": G8, "reason": reason, "other": other, "detail": detail,
    }  # fmt: skip
