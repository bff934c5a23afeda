"""Gates over the whole shelf: of what says the same one pair, and nothing that a benchmark asks.

Belongs here: the order of G8 and G9, rows for what other rules of the sets leave out. Does not: how
either decides (``duplicates.py contamination.py``), the mix of a set (G10, ``composition``).

This stands before a pair's side counts for anything: a cluster keeps one pair, on whichever side it
is, so what is held out has no near copy in training.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from booktune_assets.on_disk import Turns, in_frame
from booktune_assets.pairs.benchmarks import Benchmark
from booktune_assets.pairs.contamination import without_contaminated
from booktune_assets.pairs.duplicates import G8, PARAPHRASES, without_duplicates
from booktune_assets.pairs.meaning import Vectors
from booktune_assets.pairs.overlap import Overlap

__all__ = ["SPLIT", "Cleaned", "clean", "left_out", "repeated"]

SPLIT = "split"  # what the rules about held-out sections leave out
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What stays, a row for each pair that does not, and what each benchmark has in common."""

    pairs: pl.DataFrame
    dropped: list[Row]
    overlaps: list[Overlap]

    def notes(self) -> list[dict[str, object]]:
        """The overlaps for a receipt, shares to six places."""
        return [
            {name: round(value, 6) if isinstance(value, float) else value
             for name, value in asdict(one).items()}
            for one in self.overlaps
        ]  # fmt: skip


def clean(
    pairs: pl.DataFrame, evidence: pl.DataFrame, benchmarks: Sequence[Benchmark] = (), *,
    paraphrases: int = PARAPHRASES, vectors: Vectors | None = None, turns: Turns = in_frame,
) -> Cleaned:  # fmt: skip
    """Pairs of all books through G8 and G9; nothing depends on the order of their rows."""
    once, dropped = without_duplicates(
        pairs, evidence, paraphrases=paraphrases, vectors=vectors, turns=turns
    )
    left, hits, overlaps = without_contaminated(once, benchmarks, turns)
    return Cleaned(left, [*dropped, *hits], overlaps)


def repeated(
    before: pl.DataFrame, after: pl.DataFrame, also: Mapping[str, Iterable[Mapping[str, str]]]
) -> list[Row]:
    """Rows for what ``once`` left out; ``also`` are, by pair, the others that say the same."""
    holder = {origin["pair_id"]: name for name, others in also.items() for origin in others}
    rows = left_out(before, after, G8, "in_another_book", "it stands in an earlier book")
    for row in rows:
        row["other"] = holder.get(row["pair_id"])
        if row["other"] is None:
            row |= {"gate": SPLIT, "reason": "on_both_sides_or_reread",
                    "detail": "its section repeats sections of an earlier book"}  # fmt: skip
    return rows


def left_out(
    before: pl.DataFrame, after: pl.DataFrame, gate: str, reason: str, detail: str
) -> list[Row]:
    """Rows for the pairs that are in ``before`` alone."""
    gone = before.select("pair_id", "book_id", "family").join(
        after.select("pair_id"), on="pair_id", how="anti"
    )
    return [
        {**row, "gate": gate, "reason": reason, "other": None, "detail": detail}
        for row in gone.sort("pair_id").to_dicts()
    ]
