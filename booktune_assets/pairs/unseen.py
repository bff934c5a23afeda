"""Concepts that are held out wholly: no training row is on them.

Belongs here: which concepts, and so which clusters of sections. Does not: sides of single sections
(``splits.py``), what follows from both for a shelf (``apart.py``).

A held-out section mostly speaks of what other sections teach, too: rows of it tell how well a text
is retold, not what becomes of a concept that nobody trained on. So a few concepts of each book that
few sections speak of have all of these held out. Which ones is a matter of their ids alone, as it
is of names with sections.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from booktune_assets.ids import stable_int

__all__ = ["unseen"]

CLUSTERS_MAX = 2  # that rows on it are taken from: holding out more would cost too much
ROWS_MIN = 2  # of which it is the first concept
PER_BOOK = 3


def unseen(
    rows: Iterable[tuple[str, list[str]]], clusters: Mapping[str, str], books: Mapping[str, str],
    percent: int, each: int, fixed: Collection[str] = (),
) -> set[str]:  # fmt: skip
    """Clusters to hold out so that some concepts are in no training row.

    ``rows`` are section and concepts of each pair, its own one first; ``clusters`` and ``books``
    are those of sections. Of each book come one concept for every ``each`` of its clusters, three
    at most: those that ``percent`` takes by their hash, or the nearest to it. ``fixed`` are
    clusters whose side another book decides.
    """
    homes: dict[str, set[str]] = defaultdict(set)
    first: dict[str, int] = defaultdict(int)
    taught: dict[str, set[str]] = defaultdict(set)
    sizes: dict[str, set[str]] = defaultdict(set)
    for section, concepts in rows:
        sizes[books[section]].add(clusters[section])
        for place, concept in enumerate(concepts):
            homes[concept].add(clusters[section])
            taught[books[section]].add(concept)
            first[concept] += not place
    found: set[str] = set()
    for book in sorted(taught):
        able = [
            concept for concept in taught[book]
            if len(homes[concept]) <= CLUSTERS_MAX and first[concept] >= ROWS_MIN
            and homes[concept].isdisjoint(fixed)
        ]  # fmt: skip
        able.sort(key=_rank)
        most = min(PER_BOOK, len(sizes[book]) // each)
        taken = [concept for concept in able if _rank(concept)[0] < percent] or able[:1]
        for concept in taken[:most]:
            found |= homes[concept]
    return found


def _rank(concept: str) -> tuple[int, str]:
    """Which concept a larger percentage would hold out first."""
    return stable_int(f"unseen:{concept}") % 100, concept
