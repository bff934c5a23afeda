"""How many pairs of a section's blocks there is room for.

Belongs here: counting by block and family. Does not: the numbers (settings), caps of sets.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from booktune_assets.pairs.candidate import Candidate
from booktune_assets.settings import Pairs

__all__ = ["Room"]


@dataclass(slots=True)
class Room:
    """What is kept of one section so far.

    A lesson neither counts nor is counted: it holds exchanges that were, each at its own block.
    """

    pairs: Pairs
    used: Counter[str] = field(default_factory=Counter[str])

    def left(self, family: str, candidate: Candidate) -> bool:
        """Is there room for another one?"""
        place, mine = _places(family, candidate)
        fits = self.used[place] < self.pairs.per_block and self.used[mine] < self.pairs.per_family
        return bool(candidate.parts) or fits

    def take(self, family: str, candidate: Candidate) -> None:
        """It is kept."""
        if not candidate.parts:
            self.used.update(_places(family, candidate))


def _places(family: str, candidate: Candidate) -> tuple[str, str]:
    place = f"{candidate.block_id} {candidate.entry}"
    return place, f"{family} {place}"
