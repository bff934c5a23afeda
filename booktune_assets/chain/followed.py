"""Decisions of people follow what they are about when a book changes around it.

Belongs here: which new pair says what a decided one said, which decisions wait. Does not: the table
(``review/decisions.py``), what the sets do about decisions (``review.py``).

A pair's id rests on the blocks that it is made of, and on how pairs are named. Where one goes and
another of its family in the same book says the very same (of another version of booktune, of a
block that moved or was joined), the decision is copied to that one: it is about words. The old one
stays, for a text may come back. What nobody says any more waits, and that is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

import polars as pl

from booktune_assets.ids import digest
from booktune_assets.lake import Lake
from booktune_assets.review.decisions import Decision, Decisions
from booktune_assets.settings import Settings

__all__ = ["follow", "waiting", "waiting_words"]

_SAID = ("pair_id", "family", "turns")


def follow(settings: Settings, key: str, now: pl.DataFrame) -> int:
    """Copy the decisions about pairs of a book that go to those among ``now`` that say the same.

    The lake still has the pairs before. How many were copied.
    """
    table = Decisions(settings)
    known, lake = table.all(), Lake(settings.lake)
    here = set(now["pair_id"].to_list())
    gone = [one.pair_id for one in known.values() if one.book_id == key and one.pair_id not in here]
    if not gone or lake.receipt("instruction_pairs", key) is None:
        return 0
    before = lake.read("instruction_pairs", key).filter(pl.col("pair_id").is_in(gone))
    if before.is_empty():
        return 0
    same: dict[str, list[str]] = defaultdict(list)
    free = now.filter(~pl.col("pair_id").is_in(list(known)))
    for pair, said in _said(
        free.filter(pl.col("family").is_in(before["family"].unique().implode()))
    ):
        same[said].append(pair)
    copies = [
        replace(known[old], pair_id=new)
        for old, said in sorted(_said(before), key=lambda one: known[one[0]].decided_at)
        for new in same.get(said, ())
    ]
    if copies:
        table.put(*copies)
    return len(copies)


def waiting(known: Collection[Decision], here: Collection[str]) -> set[str]:
    """Pairs that were decided about and are not among those that are ``here``, nor by a copy."""
    stands = {_decided(one) for one in known if one.pair_id in here}
    return {one.pair_id for one in known if one.pair_id not in here and _decided(one) not in stands}


def waiting_words(count: int) -> str:
    """What to tell about decisions that wait; empty for none."""
    if not count:
        return ""
    what = "1 decision waits" if count == 1 else f"{count:,} decisions wait"
    return f"review: {what}, for no pair says now what was decided about: booktune review --list"


def _decided(one: Decision) -> tuple[object, ...]:
    return one.book_id, one.decision, one.turns, one.note, one.reviewer, one.decided_at


def _said(pairs: pl.DataFrame) -> Iterator[tuple[str, str]]:
    for pair, family, turns in pairs.select(_SAID).iter_rows():
        yield pair, digest([family, [[one["role"], one["content"]] for one in turns]])
