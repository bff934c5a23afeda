"""Tables of ``concept_graph``: what a book teaches, and what builds on what.

Belongs here: contracts of concepts, edges, mentions, links to code, and of the graph of the shelf.
Does not: all other tables (``schemas.py``, which lists these too), how any is made.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table

__all__ = [
    "CONCEPTS", "CONCEPT_CODE", "CONCEPT_DECIDED", "CONCEPT_EDGES", "CONCEPT_MENTIONS",
    "SHELF_CONCEPTS", "SHELF_EDGES",
]  # fmt: skip

S, I32, F64, B, STRINGS = pl.String, pl.Int32, pl.Float64, pl.Boolean, pl.List(pl.String)
KINDS = ("term", "api", "construct")
EVIDENCE = ("heading", "definition", "glossary", "index", "file", "name", "api", "tree", "syntax")

_IN_SECTION = (
    C("char_start", I32, "Start in the section's text", "characters", ge=0),
    C("char_end", I32, "End in the section's text", "characters", ge=0),
)
_SCORES = (
    C("score", F64, "How likely the first is needed for the second", ge=0, le=1),
    C("order", F64, "Part of the score: introduced before, 0.5 next to it, 1 far before", ge=0,
        le=1),
    C("refd", F64, "Part: mentions of the source where the target is at home, less the way back",
        ge=-1, le=1),
    C("code", F64, "Part: listings there that use the source, less the way back", ge=-1, le=1),
    C("chain", F64, "Part: what is needed by the target and needs the source", ge=0, le=1),
    C("cue", F64, "Part: words that say so (recall, builds on), or a reference back", ge=0, le=1),
    C("wide", F64, "Part: how much all else that is taught uses the source", ge=0, le=1),
    C("direct", B, "No longer way replaces it: the transitive reduction"),
    C("decided_by", S, "Who decided", values=("score", "model")),
)  # fmt: skip
_SHOWN = (
    C("evidence_kind", S, "What the evidence is", values=(
        "cue", "definition", "text", "reference", "code", "quote")),
    C("evidence_section", S, "Section that shows the dependence"),
    C("evidence_block_id", S, "Block that shows it"),
    *_IN_SECTION,
    C("quote", S, "Those characters: a sentence, or a line of code", min_length=1),
)  # fmt: skip

CONCEPTS = Table("concept_graph", "One row per concept of a book", ("book_id", "concept_id"), (
    C("concept_id", S, "H(canonical label, kind)", pattern="con_[0-9a-f]{20}"),
    BOOK,
    C("label", S, "Canonical label", min_length=1),
    C("kind", S, "Where the concept comes from", values=KINDS),
    C("aliases", STRINGS, "Other wordings seen"),
    C("evidence", STRINGS, f"Kinds of evidence, the strongest first: {', '.join(EVIDENCE)}"),
    C("definition", S, "Definition sentence, verbatim", nullable=True),
    C("definition_block_id", S, "Block of the definition", nullable=True),
    C("introduced_in", S, "Section that introduces it"),
    C("order", I32, "Order of introduction in the book, from 0", ge=0),
    C("path", I32, "Place in the learning path of the book, from 0", ge=0),
    C("depth", I32, "Longest way of prerequisites to it", ge=0),
    C("level", I32, "1 easy … 5 hard: depth, place in the book, size of its code, prerequisites, "
        "reading grade", ge=1, le=5),
    C("mentions", I32, "Mentions in the book", ge=1),
), (Ref("introduced_in", "sections", "section_id"),))  # fmt: skip
CONCEPT_EDGES = Table("concept_graph__edges", "One row per prerequisite edge of a book",
    ("book_id", "source_id", "target_id"), (
    BOOK,
    C("source_id", S, "Concept that comes first"),
    C("target_id", S, "Concept that builds on it"),
    *_SCORES,
    *_SHOWN,
))  # fmt: skip
CONCEPT_DECIDED = Table("concept_graph__decided",
    "One row per uncertain pair of concepts that a model decided, also where that left no edge",
    ("book_id", "source_id", "target_id"), (
    BOOK,
    C("source_id", S, "Concept that the score puts first"),
    C("target_id", S, "The other one"),
    C("relation", S, "before: as the score has it; after: the other way round; related, none: "
        "neither needs the other", values=("before", "after", "related", "none")),
    C("score", F64, "How sure, from the score and the model", ge=0, le=1),
    C("block_id", S, "Block that holds the quote"),
    C("quote", S, "Words that the model quoted", min_length=1),
))  # fmt: skip
CONCEPT_MENTIONS = Table("concept_graph__mentions", "One row per mention of a concept",
    ("book_id", "concept_id", "block_id", "char_start"), (
    BOOK,
    C("concept_id", S, "Concept"),
    C("section_id", S, "Section"),
    C("block_id", S, "Block"),
    C("how", S, "Kind of place", values=(
        "heading", "definition", "text", "code", "index", "glossary")),
    C("evidence", S, "Kind of evidence: api is a name of a function, tree the syntax tree, syntax "
        "a signature", values=EVIDENCE),
    *_IN_SECTION,
))  # fmt: skip
CONCEPT_CODE = Table("concept_graph__code", "Which listings show a concept, and which need it",
    ("book_id", "block_id", "concept_id"), (
    BOOK,
    C("block_id", S, "Listing or session"),
    C("section_id", S, "Section"),
    C("concept_id", S, "Concept"),
    C("relation", S, "shows: it is about the concept here; needs: it uses it",
        values=("shows", "needs")),
    C("evidence", S, "What tells: syntax tree, signature, call, or the words around the listing",
        values=("tree", "syntax", "api", "words")),
    C("known", B, "The concept was introduced before, or here"),
    *_IN_SECTION,
))  # fmt: skip

SHELF_CONCEPTS = Table("shelf_concepts", "One row per concept of the shelf", ("concept_id",), (
    C("concept_id", S, "Concept"),
    C("label", S, "Canonical label", min_length=1),
    C("kind", S, "Where the concept comes from", values=KINDS),
    C("aliases", STRINGS, "Other wordings seen"),
    C("path", I32, "Place in the learning path of the shelf, from 0", ge=0),
    C("depth", I32, "Longest way of prerequisites to it", ge=0),
    C("level", I32, "1 easy … 5 hard", ge=1, le=5),
    C("books", STRINGS, "Books that teach it"),
    C("sections", STRINGS, "Where each of them introduces it"),
    C("prerequisites", STRINGS, "All concepts that it needs, directly or not, in learning order"),
))  # fmt: skip
SHELF_EDGES = Table("shelf_edges", "One row per prerequisite edge of the shelf",
    ("source_id", "target_id"), (
    C("source_id", S, "Concept that comes first"),
    C("target_id", S, "Concept that builds on it"),
    *_SCORES,
    C("books", I32, "Books that show it", ge=0),
    C("votes_for", F64, "Books that teach the first one first, weighted", ge=0),
    C("votes_against", F64, "Books that teach it after, weighted", ge=0),
    C("dropped", B, "Left out: the weakest edge of a circle"),
    C("book_id", S, "Book of the evidence"),
    *_SHOWN,
))  # fmt: skip
