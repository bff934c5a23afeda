"""Books that say the same: each sentence goes into a set once, and stands on one side of the split.

Belongs here: which pairs of a later book repeat an earlier one, who else says what a kept pair
says, and the split of sections that stand in several books. Does not: repeats within a book
(``extract.py``), which books are one text (``books/editions.py``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeAlias

import polars as pl

from booktune_assets.ids import digest, fold_prose
from booktune_assets.on_disk import Turns, in_frame
from booktune_assets.pairs.quoted import marks

__all__ = ["NEITHER", "Counterparts", "Once", "counterparts", "once"]

REPEATS = 0.5  # share of a section's text that makes it a repeat of an earlier one
NEITHER = "neither"  # side of a section that repeats both what is held out and what is trained on
BOOKS_MAX = 20  # sections that hold a sentence: more of them, and it is a set phrase

Origin = dict[str, str]
Quotes: TypeAlias = Callable[[pl.Series], pl.DataFrame]


@dataclass(slots=True)
class Counterparts:
    """Sections of later books that repeat earlier ones.

    ``repeats``: section → (earlier section, earlier book) with the most text in common, where at
    least half of the section stands there. ``split``: ``train``, ``heldout`` or ``neither``, for
    every section that is tied to an earlier one, or to one that is.
    """

    repeats: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    split: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Once:
    """``pairs`` that go in, the others that say the same by pair, and how many were left out.

    ``dropped`` and ``notes`` are filled by what comes after: rows of ``…__dropped``, and what a
    receipt says beside counts. ``turns`` gives the messages of pairs.
    """

    pairs: pl.DataFrame
    also: dict[str, list[Origin]]
    counts: dict[str, int]
    dropped: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    notes: dict[str, object] = field(default_factory=dict[str, object])
    turns: Turns = in_frame


def counterparts(
    prints: pl.DataFrame, splits: Mapping[str, str], order: Sequence[str],
    clusters: Mapping[str, str] | None = None,
) -> Counterparts:  # fmt: skip
    """Ties between sections of different books; ``order`` are the books as they came.

    ``splits`` are the sections' own, ``clusters`` name those of a book that stand on one side. A
    cluster tied to sections of earlier books stands on their side, and on none when they stand on
    both. Tied: half of the smaller of the two is common.
    """
    rank = {book: place for place, book in enumerate(order)}
    found = Counterparts()
    sizes, shared = _shared(prints, rank)
    names = clusters or {}
    members: dict[tuple[int, str], list[str]] = defaultdict(list)
    for book, section in prints.select("book_id", "section_id").unique(maintain_order=True).rows():
        if book in rank:
            name = str(names.get(section, section))
            members[rank[book], name].append(section)
    for place, entries in groupby(sorted(shared.items()), key=lambda entry: entry[0][0]):
        sides: dict[str, set[str]] = defaultdict(set)
        for (_, section), others in entries:
            tied = [
                (chars, other, book)
                for other, book, chars in others
                if chars >= REPEATS * min(sizes[section], sizes[other])
            ]
            if not tied:
                continue
            sides[names.get(section, section)] |= {
                found.split.get(other) or splits.get(other, "train") for _, other, _ in tied
            }
            chars, other, book = max(tied)
            if chars >= REPEATS * sizes[section]:
                found.repeats[section] = (other, book)
        for name, some in sides.items():
            side = some.pop() if len(some) == 1 else NEITHER
            found.split |= dict.fromkeys(members[place, name], side)
    return found


def once(
    pairs: pl.DataFrame, evidence: pl.DataFrame, tied: Counterparts, order: Sequence[str],
    same: Collection[tuple[str, str]], quotes: Quotes | None = None,
) -> Once:  # fmt: skip
    """The pairs without those that repeat one of an earlier book.

    A pair repeats another when both are of one family and rest on the same quotes. In a book
    that is one text with an earlier one (``same`` has the two keys), sections that stand there give
    no pairs at all: what differs is how they were read. ``quotes`` gives the evidence of pairs with
    its words, where ``evidence`` has none.
    """
    rank = {book: place for place, book in enumerate(order)}
    looked = _looked_at(pairs, evidence, tied)
    told = quotes(looked["pair_id"]) if quotes else evidence.join(looked, on="pair_id", how="semi")
    said = _quotes(told)
    first: dict[tuple[str, str], tuple[str, str]] = {}
    homes: dict[tuple[str, str], str] = {}
    also: dict[str, list[Origin]] = defaultdict(list)
    gone: list[str] = []
    counts: Counter[str] = Counter(pairs_repeated=0, pairs_reread=0, pairs_on_both_sides=0)
    for pair, book, section, family in sorted(
        looked.iter_rows(), key=lambda row: (rank[row[1]], row[0])
    ):
        key = (family, said.get(pair) or pair)
        other, where = tied.repeats.get(section, ("", ""))
        holder, owner = first.get(key, ("", book))
        if owner != book:
            counts["pairs_repeated"] += 1
        elif (book, where) in same:
            holder = homes.get((other, family), "")
            counts["pairs_reread"] += 1
        elif tied.split.get(section) == NEITHER:
            counts["pairs_on_both_sides"] += 1
        else:
            first.setdefault(key, (pair, book))
            homes.setdefault((section, family), pair)
            continue
        gone.append(pair)
        if holder:
            also[holder].append({"book_id": book, "pair_id": pair})
    sides = pl.col("section_id").replace_strict(
        tied.split, default=pl.col("split"), return_dtype=pl.String
    ) if tied.split else pl.col("split")  # fmt: skip
    chosen = pairs.filter(~pl.col("pair_id").is_in(gone)).with_columns(split=sides)
    return Once(chosen, dict(also), dict(counts))


def _looked_at(pairs: pl.DataFrame, evidence: pl.DataFrame, tied: Counterparts) -> pl.DataFrame:
    """``pair_id book_id section_id family`` of the pairs that may repeat one of another book, or be
    repeated: the letters of their quotes are the same, or their sections are tied."""
    rows = pairs.select("pair_id", "book_id", "section_id", "family").join(
        marks(evidence, "folded"), on="pair_id", how="left"
    )
    books = pl.col("book_id").n_unique().over("family", "mark")
    names = {*tied.repeats, *(other for other, _ in tied.repeats.values())}
    names |= {section for section, side in tied.split.items() if side == NEITHER}
    near = pl.col("section_id").is_in(sorted(names))
    return rows.filter(near | (pl.col("mark").is_not_null() & (books > 1))).drop("mark")


def _shared(
    prints: pl.DataFrame, rank: Mapping[str, int]
) -> tuple[dict[str, int], dict[tuple[int, str], list[tuple[str, str, int]]]]:
    """Characters of each section; by (rank of its book, section) what it shares with earlier."""
    places = pl.DataFrame(
        {"book_id": list(rank), "rank": list(rank.values())},
        schema={"book_id": pl.String, "rank": pl.Int32},
    )
    own = (
        prints.join(places, on="book_id")
        .unique(["section_id", "print_id"])
        .select("rank", "book_id", "section_id", "print_id", pl.col("chars").cast(pl.Int64))
    )
    told = own.filter(pl.len().over("print_id") <= BOOKS_MAX)
    earlier = told.select("print_id", at="rank", book="book_id", other="section_id")
    joined = (
        told.join(earlier, on="print_id")
        .filter(pl.col("at") < pl.col("rank"))
        .group_by("rank", "section_id", "other", "book")
        .agg(pl.col("chars").sum())
    )
    sizes = dict(own.group_by("section_id").agg(pl.col("chars").sum()).iter_rows())
    shared: dict[tuple[int, str], list[tuple[str, str, int]]] = defaultdict(list)
    for place, section, other, book, chars in joined.iter_rows():
        shared[place, section].append((other, book, chars))
    return sizes, shared


def _quotes(evidence: pl.DataFrame) -> dict[str, str]:
    """Pair to a digest of its folded quotes with their roles, sorted."""
    found: dict[str, list[str]] = defaultdict(list)
    for pair, role, quote in evidence.select("pair_id", "role", "quote").iter_rows():
        found[pair].append(digest([role, fold_prose(quote)]))
    return {pair: "".join(sorted(quotes)) for pair, quotes in found.items()}
