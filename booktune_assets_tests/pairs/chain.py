"""The rooms up to the pairs, run over frames of sections."""

import polars as pl

from booktune_assets.books.structure import exercise_rows
from booktune_assets.concepts.graph import into_concepts
from booktune_assets.pairs.execute import Runner
from booktune_assets.pairs.extract import PairsMade, into_pairs
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Pairs

Frames = dict[str, pl.DataFrame]


def pairs_of(
    made: Frames,
    settings: Pairs | None = None,
    previous: Frames | None = None,
    book_id: str = "lab",
    runner: Runner | None = None,
) -> PairsMade:
    """Pairs of a book given as frames ``sections`` and ``blocks``."""
    concepts = into_concepts(book_id, made["sections"], made["blocks"])
    return into_pairs(
        book_id, made["sections"], made["blocks"], concepts["concept_graph"],
        concepts["concept_graph__mentions"], settings or Pairs(), previous,
        exercises_of(made, book_id), concepts["concept_graph__edges"], runner,
    )  # fmt: skip


def exercises_of(made: Frames, book_id: str = "lab") -> pl.DataFrame:
    """The exercises of such frames, with the titles of sections as headings."""
    rows: list[dict[str, object]] = []
    for section in made["sections"].sort("ordinal").to_dicts():
        own = made["blocks"].filter(pl.col("section_id") == section["section_id"])
        head = {"kind": "heading", "text": section["title"], "level": section["level"]}
        rows += [{**head, "block_id": section["section_id"]}, *own.sort("ordinal").to_dicts()]
    table = TABLES["sections__exercises"]
    return table.frame(exercise_rows(book_id, rows))
