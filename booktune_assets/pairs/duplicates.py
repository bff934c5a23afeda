"""Gate G8: of pairs that say the same, one stays.

Belongs here: what counts as the same pair, which of a cluster stays, how often one quote may be
asked about. Does not: how near texts are found (``near.py``), pairs that rest on the same quotes in
two books (``once.py``).

Same: the words are equal but for white space and the code but for comments, layout and names of
variables; or questions on one concept have a Jaccard of 0.8; or questions and answers one of 0.7;
or, where vectors are at hand, they say it in other words (``meaning.py``). Where both hold code,
the code alone has to be as near: `1 + 2` and `hd([1])` asked about in the same words are two
questions. And two families ask for different things of one listing, and so does one that asks both
ways: they are the same when their answers are, or the words of their questions.
Sameness is passed on, so what stays has no near neighbour left, whatever the order of the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from booktune_assets.on_disk import Column, Spool, Turns, in_frame
from booktune_assets.pairs.meaning import Vectors, same_meaning
from booktune_assets.pairs.near import Links, alike, jaccards, roots
from booktune_assets.pairs.renamed import one_name_each
from booktune_assets.pairs.shingles import FENCED, Sizes, joined, prose_of, slices
from booktune_assets.schemas_pairs import VERIFICATIONS

__all__ = ["G8", "PARAPHRASES", "clusters_of", "near_texts", "without_duplicates"]

G8 = "G8_duplicates"
TEXT, QUESTION = 0.7, 0.8
PARAPHRASES = 3  # pairs of one family that one quote may answer
BOTH_WAYS = frozenset(("translate",))  # its question and answer may have changed places
KINDS = ("same_text", "near_text", "near_question", "same_meaning")  # the surest first

Row = dict[str, Any]


def without_duplicates(
    pairs: pl.DataFrame, evidence: pl.DataFrame, *, paraphrases: int = PARAPHRASES,
    vectors: Vectors | None = None, turns: Turns = in_frame,
) -> tuple[pl.DataFrame, list[Row]]:  # fmt: skip
    """The pairs that stay, in their order, and a row of ``…__dropped`` for each that does not.

    ``vectors`` gives an array with one row for each text (without it no pairs are compared by
    meaning), ``turns`` the messages of pairs. Of a cluster the pair stays that was checked most
    strongly, then the one best covered by quotes, the shorter, the first by id.
    """
    ranked = _ranked(pairs, evidence)
    found, kinds = clusters_of(pairs, vectors, turns)
    ids = pairs.select("pair_id", cluster=pl.Series(found), kind=pl.Series(kinds)).sort("pair_id")
    dropped = _others(ranked, ids["cluster"].to_numpy(), ids["kind"].to_numpy())
    gone = {row["pair_id"] for row in dropped}
    left = ranked.filter(~pl.col("pair_id").is_in(gone))
    dropped += _overused(left, paraphrases)
    gone = {row["pair_id"] for row in dropped}
    kept = pairs.filter(~pl.col("pair_id").is_in(gone))
    return kept, sorted(dropped, key=lambda row: row["pair_id"])


def near_texts(turns: pl.Series, families: pl.Series) -> Links:
    """Pairs of rows that are near as wholes: what a book needs of this gate, at a third of its
    price. Programs under other names and one question answered twice are left to the sets."""
    texts = joined(turns)
    near = alike(texts, TEXT)
    near = near[_code_agrees(texts, near, TEXT)]
    groups = families.to_frame("family").select(pl.concat_list("family"))
    return near[_same_work(groups, joined(turns, "assistant"), near, TEXT)]


def clusters_of(
    pairs: pl.DataFrame, vectors: Vectors | None = None, turns: Turns = in_frame
) -> tuple[Sizes, Sizes]:
    """For each pair the number of its cluster, and by which of ``KINDS`` it was drawn in (or -1).

    ``pairs`` has ``pair_id family concept_ids``. Rows are numbered by their ids throughout, so that
    nothing depends on their order.
    """
    number = pairs["pair_id"].rank("ordinal").cast(pl.Int64).to_numpy() - 1
    folder: Path | None = getattr(turns, "folder", None)  # of messages that are on disk
    said = _Said(number, one_name_each(turns(pairs)), folder)
    pairs = pairs.select("pair_id", "family", "concept_ids").sort("pair_id")
    exact = _same(said)
    own, groups = _grouped(pairs, roots(pairs.height, [exact]))
    texts = _Some(said.all, own)
    near = alike(texts, TEXT)
    near = near[_code_agrees(texts, near, TEXT)]
    near = near[_same_work(groups, _Some(said.answers, own), near, TEXT)]
    links = [exact, own[near], own[_asked(groups, said, own)]]
    if vectors is not None:
        places = _by_concept(groups, own, said.single)
        links.append(same_meaning(places, said.questions, said.answers, vectors))
    kinds = np.full(pairs.height, -1, dtype=np.int64)
    for kind in reversed(range(len(links))):
        kinds[links[kind].ravel()] = kind
    return roots(pairs.height, links)[number], kinds[number]


class _Said:
    """What pairs say, on disk, and hashes of it: white space aside, and of the questions."""

    def __init__(
        self, number: Sizes, turns: Iterable[pl.Series], folder: Path | None = None
    ) -> None:
        rows = len(number)
        self.all, self.questions, self.answers = (Spool(rows, folder) for _ in range(3))
        self.single = np.zeros(rows, dtype=bool)
        self.words, self.asked = (np.zeros((rows, 2), dtype=np.uint64) for _ in range(2))
        start = 0
        for part in turns:
            at = number[start : start + len(part)]
            start += len(part)
            self.all.put(at, joined(part))
            self.questions.put(at, questions := joined(part, "user"))
            self.answers.put(at, joined(part, "assistant"))
            self.single[at] = (part.list.len() == 2).to_numpy()
            self.words[at], self.asked[at] = _hashes(_plain(part)), _hashes(questions)


class _Some:
    """Some rows of a column, under numbers of their own."""

    def __init__(self, column: Column, rows: Sizes) -> None:
        self._column, self._rows = column, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: slice, /) -> pl.Series:
        return self._column.gather(self._rows[key])

    def gather(self, indices: Sizes, /) -> pl.Series:
        return self._column.gather(self._rows[indices])


def _hashes(texts: pl.Series) -> npt.NDArray[np.uint64]:
    """Two numbers for each text: together they differ as the texts do."""
    return np.stack([texts.hash(1).to_numpy(), texts.hash(2).to_numpy()], axis=1)


def _plain(turns: pl.Series) -> pl.Series:
    """The messages, white space aside."""
    said = pl.element().struct.field("content").str.replace_all(r"\s+", " ").str.strip_chars()
    told = pl.col("turns").list.eval(said).list.join("\x1f")
    return turns.to_frame("turns").select(told)["turns"]


def _grouped(pairs: pl.DataFrame, first: Sizes) -> tuple[Sizes, pl.DataFrame]:
    """The first row of each group of equals; with it all concepts and families of the group:
    whichever of them stays, what is near to any is near to it."""
    groups = (
        pairs.select("concept_ids", "family")
        .with_columns(first=pl.Series(first))
        .group_by("first", maintain_order=True)
        .agg(
            pl.col("family").unique().sort(),
            pl.col("concept_ids").list.explode(empty_as_null=True).drop_nulls().unique().sort(),
            about=pl.col("concept_ids").list.first().drop_nulls().unique().sort(),
            bare=(pl.col("concept_ids").list.len() == 0).any(),
        )
        .sort("first")
    )  # fmt: skip
    return groups["first"].to_numpy(), groups


def _same(said: _Said) -> Links:
    """Pairs of equals, white space aside."""
    groups = (
        pl.DataFrame({"one": said.words[:, 0], "two": said.words[:, 1]})
        .with_row_index("row")
        .filter(pl.len().over("one", "two") > 1)
        .group_by("one", "two")
        .agg(pl.col("row").sort())
    )
    found = [(rows[0], row) for rows in groups["row"].to_list() for row in rows[1:]]
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _asked(groups: pl.DataFrame, said: _Said, own: Sizes) -> Links:
    """Groups with nearly the same question on one concept, or both on none."""
    asked = pl.DataFrame({"one": said.asked[own, 0], "two": said.asked[own, 1]})
    first = asked.with_row_index("at").select(pl.col("at").min().over("one", "two"))["at"]
    texts = _Some(said.questions, own[first.unique().sort().to_numpy()])
    none = pl.when("bare").then(pl.lit([""])).otherwise(pl.lit([], pl.List(pl.String)))
    places = (
        groups.select("family", name=pl.concat_list("concept_ids", none))
        .with_columns(text=first.rank("dense") - 1)
        .with_row_index("row")
        .explode("name")
        .drop_nulls("name")
    )
    same = places.select(first=pl.col("row").min().over("text", "name"), row="row")
    found: list[tuple[int, int]] = same.filter(pl.col("first") != pl.col("row")).rows()
    near = alike(texts, QUESTION)
    near = near[_code_agrees(texts, near, QUESTION)]
    worded = jaccards(_Prose(texts), near) >= QUESTION
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


class _Prose(_Some):
    """What stands around the code of some texts."""

    def __init__(self, column: Column) -> None:
        super().__init__(column, np.arange(len(column), dtype=np.int64))

    def gather(self, indices: Sizes, /) -> pl.Series:
        return prose_of(super().gather(indices))


class _Code(_Prose):
    """Their code, with its fences."""

    def gather(self, indices: Sizes, /) -> pl.Series:
        return _Some.gather(self, indices).str.extract_all(FENCED).list.join("\n")


def _code_agrees(texts: Column, links: Links, least: float) -> npt.NDArray[np.bool_]:
    """Is the code of two texts as near as the whole, where both hold some?"""
    code, rows = _Code(texts), np.unique(links)
    some = np.zeros(len(texts), dtype=bool)
    for part in slices(len(rows)):
        some[rows[part]] = (code.gather(rows[part]) != "").to_numpy()
    both = some[links[:, 0]] & some[links[:, 1]]
    fine = np.ones(len(links), dtype=bool)
    fine[both] = jaccards(code, links[both]) >= least
    return fine


def _same_work(
    groups: pl.DataFrame, answers: Column, links: Links, least: float
) -> npt.NDArray[np.bool_]:
    """Are two groups of one family that asks one way, or their answers as near as that?"""
    does = groups["family"].gather(np.unique(links)).to_list()
    names = dict(zip(np.unique(links).tolist(), map(frozenset, does), strict=True))
    alike = [bool(names[one] & names[two] - BOTH_WAYS) for one, two in links.tolist()]
    other = ~np.array(alike, dtype=bool)
    fine = np.ones(len(links), dtype=bool)
    if other.any():
        fine[other] = jaccards(answers, links[other]) >= least
    return fine


def _by_concept(groups: pl.DataFrame, own: Sizes, single: npt.NDArray[np.bool_]) -> pl.DataFrame:
    """``row family concept`` of groups of one exchange, by what they are about first of all."""
    places = groups.select("family", concept="about", row=pl.Series(own))
    return places.filter(pl.Series(single[own])).explode("family").explode("concept").drop_nulls()


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
