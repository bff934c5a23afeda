"""What training saw of a concept: the records that the report shows.

Belongs here: their shape. Does not: looking it up in the lake (``lineage_seen.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Example", "Lineage", "Seen"]


@dataclass(frozen=True, slots=True)
class Example:
    """A training example: what it asks, where it stands. ``crop``: a file beside the report."""

    example_id: str
    pair_id: str
    family: str
    question: str
    book: str
    section: str
    place: str  # "page 3", or a part of a book without pages
    crop: str = ""
    no_crop: str = ""  # why there is none


@dataclass(frozen=True, slots=True)
class Seen:
    """A concept of items, and the training examples about it, the first few of ``taught``.

    ``known``: its name in the concept graph, empty when no book has it. ``heldout``: examples about
    it that were held out; ``unreached``: those that the set has and training ended before.
    """

    concept: str
    known: str
    taught: int
    heldout: int
    unreached: int = 0
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """How an evaluation asks the lake. ``about``: labels of concepts for items by id, where a suite
    says none; ``seen``: what training saw of concepts, with crops written into a folder, by name.
    """

    about: Callable[[Sequence[str]], Mapping[str, tuple[str, ...]]]
    seen: Callable[[Sequence[str], Path], tuple[Sequence[Seen], Mapping[str, Path]]]
