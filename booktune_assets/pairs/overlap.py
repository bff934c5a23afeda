"""How many short runs of words and code a whole set has in common with each benchmark.

Belongs here: looking many hashes up in a table of few, counts over a set that passes in slices.
Does not: single pairs that match (``contamination.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from booktune_assets.pairs.shingles import Hashes, Sizes

__all__ = ["Common", "Overlap", "Table"]

_BITS = np.uint64(44)  # the first 20 bits choose a place in the table that answers most questions


@dataclass(frozen=True, slots=True)
class Overlap:
    """A benchmark and a set. ``hits`` are pairs left out, ``phrases`` pairs with a run of code too
    short to be more than an idiom. ``words`` and ``code`` are the weighted Jaccard of the counts of
    all 5-grams; ``words_held`` and ``code_held`` the share of the benchmark's distinct ones that
    the set holds."""

    name: str
    items: int
    licence: str
    version: str
    hits: int
    phrases: int
    words: float
    words_held: float
    code: float
    code_held: float
    note: str = ""


@dataclass(slots=True)
class Table:
    """Sorted hashes, and whose they are."""

    values: Hashes
    owners: Sizes
    seen: Any = field(init=False)

    def __post_init__(self) -> None:
        self.seen = np.zeros(1 << 20, dtype=bool)
        self.seen[self.values >> _BITS] = True

    def places(self, wanted: Hashes) -> tuple[Sizes, Sizes]:
        """(place in ``wanted``, place in the table) of all that is in the table."""
        maybe = np.flatnonzero(self.seen[wanted >> _BITS])
        if not len(maybe):
            return maybe, maybe
        place = np.minimum(np.searchsorted(self.values, wanted[maybe]), len(self.values) - 1)
        good = self.values[place] == wanted[maybe]
        return maybe[good], place[good]


class Common:
    """Counts of one kind of 5-grams: those of each benchmark, and how often the set says them."""

    def __init__(self, benchmarks: Sequence[Hashes]) -> None:
        counted = [np.unique(grams, return_counts=True) for grams in benchmarks]
        self.counts = [counts for _, counts in counted]
        self.tables = [
            Table(values, np.zeros(len(values), dtype=np.int64)) for values, _ in counted
        ]
        self.said = [np.zeros(len(values), dtype=np.int64) for values, _ in counted]
        self.total = 0

    def add(self, grams: Hashes) -> None:
        """Count some of the set."""
        self.total += len(grams)
        for table, said in zip(self.tables, self.said, strict=True):
            _, place = table.places(grams)
            said += np.bincount(place, minlength=len(said))

    def shares(self) -> list[tuple[float, float]]:
        """Of each benchmark the weighted Jaccard, and the share of its 5-grams in the set."""
        made: list[tuple[float, float]] = []
        for counts, said in zip(self.counts, self.said, strict=True):
            both = int(np.minimum(counts, said).sum())
            either = int(counts.sum()) + self.total - both
            held = float((said > 0).mean()) if len(said) else 0.0
            made.append((both / either if either else 0.0, held))
        return made
