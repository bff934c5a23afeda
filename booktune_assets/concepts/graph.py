"""The concept graph of a book: concepts, prerequisites, mentions, links to code.

Belongs here: the order of the steps and the frames. Does not: finding (``found.py``), scores
(``signals.py``, ``edges.py``), evidence (``evidence.py``, ``links.py``), levels (``levels.py``).
Without a model the same input gives the same bytes; a model is asked only where the score is
uncertain, and only if one is given (``refine.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from booktune_assets.concepts import dag
from booktune_assets.concepts.edges import Edge, best_edges, candidates
from booktune_assets.concepts.evidence import Evidence, Shown
from booktune_assets.concepts.found import Concept, Finder, names_of
from booktune_assets.concepts.levels import levels, sizes_of
from booktune_assets.concepts.links import code_links
from booktune_assets.concepts.opened import Opened, Row, open_book
from booktune_assets.concepts.signals import BookSignals, Signals, signals_of
from booktune_assets.ids import make_id
from booktune_assets.schemas_concepts import (
    CONCEPT_CODE,
    CONCEPT_DECIDED,
    CONCEPT_EDGES,
    CONCEPT_MENTIONS,
    CONCEPTS,
)

__all__ = [
    "VERSION", "Graph", "concept_id", "evidence_row", "into_concepts", "into_graph", "scores_row",
    "subjects",
]  # fmt: skip

VERSION = "concept_graph.7"

Refine = Callable[["Graph", Sequence[Edge]], list[Edge]]
_SUBJECT = 0.3  # of the sections: what they all speak of is what the book is about
_SUBJECT_SECTIONS = 10


@dataclass(slots=True)
class Graph:
    """One book with its concepts by label, in order of introduction, and edges in one."""

    book: Opened
    concepts: dict[str, Concept]
    counts: BookSignals
    signals: Signals
    shown: Shown
    edges: list[Edge] = field(default_factory=list[Edge])
    path: list[str] = field(default_factory=list[str])

    def evidence(self, edge: Edge) -> Evidence | None:
        """The words that show an edge."""
        return self.shown.of(edge)


def into_concepts(
    book_id: str, sections: pl.DataFrame, blocks: pl.DataFrame,
    beside: Mapping[str, pl.DataFrame] | None = None, refine: Refine | None = None,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """Frames of ``concept_graph``.

    ``beside`` may hold ``sections__index``, ``sections__glossary`` and ``sections__refs``.
    ``refine`` looks at uncertain candidates.
    """
    frames = {**(beside or {}), "sections": sections, "sections__blocks": blocks}
    made = into_graph(open_book(book_id, frames), frames.get("sections__refs"), refine)
    ids = {label: concept_id(one) for label, one in made.concepts.items()}
    return {
        CONCEPTS.name: CONCEPTS.frame(_concept_rows(made, ids)),
        CONCEPT_EDGES.name: CONCEPT_EDGES.frame(list(_edge_rows(made, ids))),
        CONCEPT_MENTIONS.name: CONCEPT_MENTIONS.frame(list(_mention_rows(made, ids))),
        CONCEPT_CODE.name: CONCEPT_CODE.frame(list(_code_rows(made, ids))),
        CONCEPT_DECIDED.name: CONCEPT_DECIDED.frame([]),  # a model's, if one is asked
    }


def into_graph(
    book: Opened, references: pl.DataFrame | None = None, refine: Refine | None = None
) -> Graph:
    """The graph of a book that was opened."""
    found = Finder(names_of([book])).find(book)
    kept = sorted(
        (one for one in found.values() if one.kept()),
        key=lambda one: (*one.introduced(), one.known.label),
    )
    concepts = {one.known.label: one for one in kept}
    placed = _references(book, references)
    counts = signals_of(book, concepts, [(source, target) for source, target, *_ in placed])
    through = {label for label, one in concepts.items() if one.known.kind != "api"}
    shown = Shown(book, concepts)
    shown.add_references(placed)
    made = Graph(book, concepts, counts, Signals([counts], through), shown)
    targets = set(concepts) - subjects(book, concepts)
    scored = candidates(made.signals, sorted(targets), targets & through)
    if refine is not None:
        scored = refine(made, scored)
    chosen, _ = dag.acyclic(best_edges(scored))
    made.path = dag.in_order(list(concepts), chosen)
    made.edges = dag.direct(made.path, chosen)
    return made


def subjects(book: Opened, concepts: Mapping[str, Concept]) -> set[str]:
    """What the whole book is about, such as the language: nobody learns it before the rest."""
    if len(book.sections) < _SUBJECT_SECTIONS:
        return set()
    most = _SUBJECT * len(book.sections)
    return {
        label
        for label, one in concepts.items()
        if not one.known.code and not one.known.shown and len(one.told()) > most
    }


def concept_id(one: Concept) -> str:
    """``con_<20 hex>`` of a concept: the same in every book."""
    return make_id("con", one.known.label.lower(), one.known.kind)


def scores_row(edge: Edge) -> Row:
    """The columns of a score that all tables of edges share."""
    return {
        "score": edge.score,
        "order": round(edge.part("order"), 4),
        "refd": round(edge.part("mentions") - edge.part("mentions_back"), 4),
        "code": round(edge.part("code") - edge.part("code_back"), 4),
        "chain": round(edge.part("chain"), 4),
        "cue": edge.part("cue"),
        "wide": round(edge.part("wide_code"), 4),
        "direct": edge.direct,
        "decided_by": edge.by,
    }


def evidence_row(shown: Evidence) -> Row:
    """The columns of evidence that all tables of edges share."""
    start = shown.block["char_start"]
    return {
        "book_id": shown.block["book_id"],
        "evidence_kind": shown.kind,
        "evidence_section": shown.block["section_id"],
        "evidence_block_id": shown.block["block_id"],
        "char_start": start + shown.start,
        "char_end": start + shown.end,
        "quote": shown.quote,
    }


def _references(
    book: Opened, references: pl.DataFrame | None
) -> list[tuple[int, int, str, int, int]]:
    """Resolved references to earlier sections, with their places in the block."""
    if references is None or references.is_empty():
        return []
    number = {row["section_id"]: place for place, row in enumerate(book.sections)}
    blocks = {row["block_id"]: row for _, row in book.blocks}
    found: list[tuple[int, int, str, int, int]] = []
    for row in references.sort("ref").to_dicts():
        source, target = number.get(row["section_id"]), number.get(row["target_section_id"] or "")
        block = blocks.get(row["block_id"])
        if source is None or target is None or block is None or target >= source:
            continue
        start = row["char_start"] - block["char_start"]
        end = min(row["char_end"] - block["char_start"], len(block["text"]))
        if 0 <= start < end:
            found.append((source, target, row["block_id"], start, end))
    return found


def _concept_rows(made: Graph, ids: Mapping[str, str]) -> list[Row]:
    sizes = sizes_of(made.book)
    depth = dag.depths(made.path, made.edges)
    needs = dag.prerequisites_of(made.path, made.edges)
    measures: dict[str, tuple[float, ...]] = {}
    for label, one in made.concepts.items():
        home = sorted(one.homes())
        measures[label] = (
            depth[label], made.counts.begin[label], sizes.code(home), len(needs[label]),
            sizes.grade(home),
        )  # fmt: skip
    level = levels(made.path, made.edges, measures)
    place = {label: number for number, label in enumerate(made.path)}
    return [
        {
            "concept_id": ids[label],
            "book_id": made.book.book_id,
            "label": label,
            "kind": one.known.kind,
            "aliases": sorted(one.wordings()),
            "evidence": one.evidence(),
            "definition": one.definition[2] if one.definition else None,
            "definition_block_id": one.definition[1].block["block_id"] if one.definition else None,
            "introduced_in": made.book.sections[one.introduced()[0]]["section_id"],
            "order": number,
            "path": place[label],
            "depth": depth[label],
            "level": level[label],
            "mentions": max(1, len(one.mentions)),
        }
        for number, (label, one) in enumerate(made.concepts.items())
    ]


def _edge_rows(made: Graph, ids: Mapping[str, str]) -> Iterator[Row]:
    for edge in made.edges:
        shown = made.evidence(edge)
        if shown is None:  # candidates are what a home shows
            raise AssertionError(f"no evidence of {edge.source} in {edge.target}")
        yield {
            "source_id": ids[edge.source],
            "target_id": ids[edge.target],
            **scores_row(edge),
            **evidence_row(shown),
        }


def _mention_rows(made: Graph, ids: Mapping[str, str]) -> Iterator[Row]:
    for label, one in made.concepts.items():
        for mention in one.mentions:
            block = mention.block
            yield {
                "book_id": made.book.book_id,
                "concept_id": ids[label],
                "section_id": block["section_id"],
                "block_id": block["block_id"],
                "how": mention.how,
                "evidence": mention.evidence,
                "char_start": mention.place,
                "char_end": block["char_start"] + mention.end,
            }


def _code_rows(made: Graph, ids: Mapping[str, str]) -> Iterator[Row]:
    for link in code_links(made.book, made.concepts):
        yield {
            "book_id": made.book.book_id,
            "block_id": link.block["block_id"],
            "section_id": link.block["section_id"],
            "concept_id": ids[link.label],
            "relation": link.relation,
            "evidence": link.evidence,
            "known": link.known,
            "char_start": link.block["char_start"] + link.start,
            "char_end": link.block["char_start"] + link.end,
        }
