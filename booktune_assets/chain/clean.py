"""The gates over all books, between the pairs of the lake and the two sets, and what they refuse.

Belongs here: what the settings say about G8 and G9, their inputs, rows and notes for the sets. Does
not: how they decide (``pairs/clean.py``), which books are in a set (``books.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from booktune_assets.ids import digest
from booktune_assets.lake import Lake
from booktune_assets.settings import Settings

if TYPE_CHECKING:
    from booktune_assets.pairs.meaning import Vectors
    from booktune_assets.pairs.once import Once

__all__ = [
    "REFUSED", "cleaned", "cleaning", "leave_out", "meanings", "preferred", "refusals",
]  # fmt: skip

_MEANING = "meaning.2"  # of the rules of ``pairs/meaning.py``
_COPIED = "copied.2"  # of the bounds of ``pairs/copied.py``, where one is set

REFUSED = {  # asset → the table of what was refused on the way to it
    "instruction_pairs": "instruction_pairs__rejected",
    "sharegpt_set": "sharegpt_set__dropped",
    "alpaca_set": "alpaca_set__dropped",
}


def cleaning(settings: Settings) -> dict[str, str]:
    """Inputs of a set: the files of all benchmarks, the vectors, and the settings that matter."""
    from booktune_assets.concepts.embeddings import packaged
    from booktune_assets.pairs.benchmarks import registry_digests

    own, bounds = settings.pairs, settings.licences
    known = registry_digests(own.benchmarks)
    found = {
        "benchmarks": digest([known, own.paraphrases, own.example_chars_max]),
        "meaning": digest([_MEANING, packaged()]),
    }
    return found | ({"copied": _COPIED} if bounds.run_chars_max or bounds.book_share_max else {})


def cleaned(made: Once, before: pl.DataFrame, evidence: pl.DataFrame, settings: Settings) -> None:
    """Take out of ``made`` what says the same or shows a benchmark, and say so in it.

    ``before`` are the pairs of all books. Raises ``BookError`` for a benchmark that is not there.
    """
    from booktune_assets.pairs.benchmarks import load_benchmarks
    from booktune_assets.pairs.clean import clean, repeated

    benchmarks = load_benchmarks(settings.pairs.benchmarks)
    made.dropped += repeated(before, made.pairs, made.also)
    vectors = meanings()
    result = clean(
        made.pairs, evidence, benchmarks, paraphrases=settings.pairs.paraphrases, vectors=vectors,
        turns=made.turns,
    )  # fmt: skip
    made.pairs = result.pairs
    made.dropped += result.dropped
    made.counts |= {f"dropped_{name}": 0 for name in ("G8_duplicates", "G9_contamination")}
    for row in made.dropped:
        name = f"dropped_{row['gate']}"
        made.counts[name] = made.counts.get(name, 0) + 1
    made.notes["benchmarks"] = result.notes()
    if vectors is None:
        made.notes["meaning"] = "not compared: pip install 'booktune[vectors]'"


def meanings() -> Vectors | None:
    """Vectors that pairs are compared by meaning with; none without their package."""
    from booktune_assets.concepts.embeddings import Embedder, packaged

    if not packaged():
        return None
    table = Embedder()
    table.by_rank()
    return table.vectors


def leave_out(made: Once, left: pl.DataFrame, gate: str, reason: str, detail: str) -> None:
    """Keep the pairs in ``left`` only, with a row for each other one."""
    from booktune_assets.pairs.clean import left_out

    rows = left_out(made.pairs, left, gate, reason, detail)
    made.pairs = left
    made.dropped += rows
    if rows:
        name = f"dropped_{gate}"
        made.counts[name] = made.counts.get(name, 0) + len(rows)


def preferred(
    lake: Lake, settings: Settings, frame: pl.DataFrame, dropped: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Worse answers beside better ones, on the side of the split that a set trains on.

    ``frame`` has ``pair_id book_id section_id split`` of the rows of the set. Of what it left out
    (``dropped``) those count that only the composition had no room for, in sections that it trains
    on: a band of negatives is for rows that are learned as they are, not for these. Pairs that a
    person edited are no part of it: what was refused, or has a fault, answers another question
    then; nor is what was left out beside one, which may be the same exchange.
    """
    from booktune_assets.pairs.mix import GATE
    from booktune_assets.pairs.preference import COLUMNS, preferences
    from booktune_assets.review.decisions import Decisions

    decided = [one.pair_id for one in Decisions(settings).all().values() if one.decision == "edit"]
    own = frame.filter(~pl.col("pair_id").is_in(decided), pl.col("split") == "train")
    train = dict(own.group_by("book_id").agg("pair_id").iter_rows())
    here = own["section_id"].unique().implode()
    none = pl.Series([], dtype=pl.String)
    spare = none if dropped is None else dropped.filter(
        pl.col("gate") == GATE, ~pl.col("pair_id").is_in(decided)
    )["pair_id"]  # fmt: skip
    made = [pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))]
    for book in sorted(train):
        rejects = lake.read("instruction_pairs__rejected", book)
        pairs = lake.read("instruction_pairs", book)
        touched = pairs.filter(pl.col("pair_id").is_in(decided))["section_id"]
        more = pairs.filter(
            pl.col("pair_id").is_in(spare.implode()), pl.col("section_id").is_in(here),
            ~pl.col("section_id").is_in(touched.implode()),
        )  # fmt: skip
        made.append(preferences(pairs, rejects, [*train[book], *more["pair_id"]]))
    return pl.concat(made).sort("candidate_id")


def refusals(lake: Lake, asset: str, key: str) -> list[tuple[str, str, int]]:
    """(gate, reason, how many) of all that was refused on the way to an asset, most first.

    What a program gave instead of what the book shows is one reason; the rows have each value.
    """
    table = REFUSED.get(asset)
    receipt = lake.receipt(asset, key)
    if table is None or receipt is None or table not in receipt.tables:
        return []
    told = pl.col("reason").str.replace(r"(?s)^gives .*", "gives_another_result")
    rows = pl.scan_parquet(lake.path(table, key)).select("gate", told)
    counts = rows.group_by("gate", "reason").len()
    return counts.sort("len", "gate", "reason", descending=[True, False, False]).collect().rows()
