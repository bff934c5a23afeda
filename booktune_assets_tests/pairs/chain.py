"""The rooms up to the pairs, run over frames of sections."""

import polars as pl

from booktune_assets.concepts.graph import into_concepts
from booktune_assets.pairs.extract import PairsMade, into_pairs
from booktune_assets.settings import Pairs

Frames = dict[str, pl.DataFrame]


def pairs_of(
    made: Frames,
    settings: Pairs | None = None,
    previous: Frames | None = None,
    book_id: str = "lab",
) -> PairsMade:
    """Pairs of a book given as frames ``sections`` and ``blocks``."""
    concepts = into_concepts(book_id, made["sections"], made["blocks"])
    return into_pairs(
        book_id, made["sections"], made["blocks"], concepts["concept_graph"],
        concepts["concept_graph__mentions"], settings or Pairs(), previous,
    )  # fmt: skip
