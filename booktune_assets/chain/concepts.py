"""Concept graphs over the lake: of one book, with a teacher or without; of the shelf.

Belongs here: opening the teacher, reading what the shelf needs, and keeping its answer until a book
changes. Does not: the graphs themselves (``concepts/``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from booktune_assets.concepts.opened import Row
from booktune_assets.concepts.shelf import Shelved, open_shelf, shelf_frames
from booktune_assets.ids import digest
from booktune_assets.lake import Lake, replaced
from booktune_assets.schemas_concepts import CONCEPT_DECIDED, SHELF_CONCEPTS, SHELF_EDGES
from booktune_assets.settings import Settings

if TYPE_CHECKING:
    from booktune_assets.concepts.edges import Edge
    from booktune_assets.concepts.graph import Graph
    from booktune_assets.llm.calls import Caller, Request

__all__ = [
    "concept_frames", "read_shelf", "refine_requests", "refine_words", "shelf_graph",
]  # fmt: skip

_VERSION = "shelf_graph.2"
_DECIDED = "concept_graph__decided"
_READ = ("sections", "sections__blocks", "sections__index", "sections__glossary")


def concept_frames(
    key: str, read: Mapping[str, pl.DataFrame], settings: Settings
) -> tuple[dict[str, pl.DataFrame], dict[str, int]]:
    """Frames of ``concept_graph`` of one book, and what a teacher was asked, if one was."""
    from booktune_assets.concepts.graph import into_concepts

    if not settings.concepts.refine:
        return into_concepts(key, read["sections"], read["sections__blocks"], read), {}
    from booktune_assets.concepts.refine import Refiner
    from booktune_assets.llm.calls import open_caller

    with open_caller(settings) as caller:
        refiner = Refiner(caller, settings.concepts.refine_per_concept)
        frames = into_concepts(key, read["sections"], read["sections__blocks"], read, refiner)
    frames[_DECIDED] = CONCEPT_DECIDED.frame(refiner.decided)
    return frames, {f"refine_{name.lower()}": n for name, n in sorted(refiner.counts.items())}


def refine_requests(
    key: str, read: Mapping[str, pl.DataFrame], settings: Settings, caller: Caller
) -> list[Request]:
    """What a teacher would be asked about the uncertain prerequisites of one book; asks nothing."""
    from booktune_assets.concepts.graph import into_concepts
    from booktune_assets.concepts.refine import Refiner

    refiner = Refiner(caller, settings.concepts.refine_per_concept)
    found: list[Request] = []

    def look(made: Graph, edges: Sequence[Edge]) -> list[Edge]:
        found.extend(refiner.requests(made, edges))
        return list(edges)

    into_concepts(key, read["sections"], read["sections__blocks"], read, look)
    return found


def refine_words(counts: Mapping[str, int]) -> str:
    """What of a teacher's part of a graph is left for a later run; empty when nothing is."""
    waiting, failed = counts.get("refine_waiting", 0), counts.get("refine_failed", 0)
    if not waiting + failed:
        return ""
    return (
        f"of {counts['refine_open']} uncertain prerequisites {waiting} wait for a budget, {failed} "
        "for calls that failed: their scores decide until then; run concept_graph again to go on"
    )


def shelf_graph(settings: Settings) -> dict[str, pl.DataFrame]:
    """Frames of ``shelf_concepts`` and ``shelf_edges`` over all books with sections.

    Kept in the cache by what the books hold; empty frames when no book was divided yet.
    """
    from booktune_assets.concepts.graph import VERSION

    lake = Lake(settings.lake)
    facts: list[list[str]] = []
    for key in sorted(lake.keys("sections")):
        receipt = lake.receipt("sections", key)
        if receipt and all(name in receipt.tables for name in _READ):
            graph = lake.receipt("concept_graph", key)
            decided = graph.fact(_DECIDED) if graph and _DECIDED in graph.tables else ""
            facts.append([key, *(receipt.fact(name) for name in _READ), decided])
    tables = (SHELF_CONCEPTS, SHELF_EDGES)
    if not facts:
        return {table.name: table.frame([]) for table in tables}
    folder = settings.cache / "shelf_graph" / digest([_VERSION, VERSION, facts])
    if not all((folder / f"{table.name}.parquet").is_file() for table in tables):
        frames = shelf_frames(read_shelf(lake, [key for key, *_ in facts]))
        folder.mkdir(parents=True, exist_ok=True)
        for table in tables:
            with replaced(folder / f"{table.name}.parquet") as temp:
                frames[table.name].write_parquet(temp)
        _forget_others(folder)
    return {table.name: pl.read_parquet(folder / f"{table.name}.parquet") for table in tables}


def read_shelf(lake: Lake, keys: list[str]) -> Shelved:
    """The graph of some books of the lake, with everything that the frames do not hold."""
    books: dict[str, tuple[str, dict[str, pl.DataFrame]]] = {}
    for key in keys:
        book = lake.read("raw_books", key).row(0, named=True)
        kind = json.dumps([book["format"], book["authors"], book["licence"]])
        books[key] = (kind, {name: lake.read(name, key) for name in _READ})
    return open_shelf(books, _decided(lake, keys))


def _decided(lake: Lake, keys: Sequence[str]) -> list[Row]:
    """What models decided of pairs of concepts, in the books whose graph says so."""
    found: list[Row] = []
    for key in keys:
        receipt = lake.receipt("concept_graph", key)
        if receipt and _DECIDED in receipt.tables:
            found += lake.read(_DECIDED, key).to_dicts()
    return found


def _forget_others(folder: Path) -> None:
    """One answer is kept: what others asked of before is made again when asked for."""
    for other in sorted(folder.parent.iterdir()):
        if other != folder and other.is_dir():
            for file in other.glob("*.parquet"):
                file.unlink(missing_ok=True)
            with suppress(OSError):
                other.rmdir()
