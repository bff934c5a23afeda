"""Tables of ``concept_graph``: what a book teaches, and what builds on what.

Belongs here: contracts of concepts, edges, mentions. Does not: all other tables (``schemas.py``,
which lists these too), how any is made.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table

__all__ = ["CONCEPTS", "CONCEPT_EDGES", "CONCEPT_MENTIONS"]

S, I32, F64, STRINGS = pl.String, pl.Int32, pl.Float64, pl.List(pl.String)

CONCEPTS = Table("concept_graph", "One row per concept of a book", ("book_id", "concept_id"), (
    C("concept_id", S, "H(canonical label, kind)", pattern="con_[0-9a-f]{20}"),
    BOOK,
    C("label", S, "Canonical label", min_length=1),
    C("kind", S, "Where the concept comes from", values=("term", "api", "construct")),
    C("aliases", STRINGS, "Other wordings seen"),
    C("definition", S, "Definition sentence, verbatim", nullable=True),
    C("definition_block_id", S, "Block of the definition", nullable=True),
    C("introduced_in", S, "Section that introduces it"),
    C("order", I32, "Order of introduction in the book, from 0", ge=0),
    C("level", I32, "1 easy … 5 hard, by depth in the graph", ge=1, le=5),
    C("mentions", I32, "Mentions in the book", ge=1),
), (Ref("introduced_in", "sections", "section_id"),))  # fmt: skip
CONCEPT_EDGES = Table("concept_graph__edges", "One row per prerequisite edge of a book",
    ("book_id", "source_id", "target_id"), (
    BOOK,
    C("source_id", S, "Concept that comes first"),
    C("target_id", S, "Concept that builds on it"),
    C("score", F64, "Strength of the evidence", ge=0, le=1),
    C("evidence_section", S, "Section that shows the dependence"),
))  # fmt: skip
CONCEPT_MENTIONS = Table("concept_graph__mentions", "One row per mention of a concept",
    ("book_id", "concept_id", "block_id", "char_start"), (
    BOOK,
    C("concept_id", S, "Concept"),
    C("section_id", S, "Section"),
    C("block_id", S, "Block"),
    C("how", S, "Kind of mention", values=("heading", "definition", "text", "code")),
    C("char_start", I32, "Start in the section's text", "characters", ge=0),
    C("char_end", I32, "End in the section's text", "characters", ge=0),
))  # fmt: skip
