"""Tables beside ``sections``: what stands between the parts of a book.

Belongs here: contracts of ``sections__refs`` to ``sections__pieces``. Does not: all other tables
(``schemas.py``, which lists these too), how any is made.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table

__all__ = ["STRUCTURE"]

S, I32, B, STRINGS = pl.String, pl.Int32, pl.Boolean, pl.List(pl.String)

_IN_SECTION = (
    C("char_start", I32, "Start in the section's text", "characters", ge=0),
    C("char_end", I32, "End in the section's text", "characters", ge=0),
)
SECTION_REFS = Table("sections__refs", "Where a book speaks of its own parts, resolved or not",
    ("book_id", "ref"), (
    BOOK,
    C("ref", I32, "Number of the reference, from 0", ge=0),
    C("section_id", S, "Section that refers"),
    C("block_id", S, "Block that refers"),
    C("kind", S, "What is referred to", values=(
        "chapter", "section", "appendix", "part", "listing", "figure", "table", "exercise",
        "page", "relative", "title", "link")),
    C("number", S, "Number, title or address that is named"),
    C("words", S, "The words that refer"),
    *_IN_SECTION,
    C("target_section_id", S, "Section that is meant", nullable=True),
    C("target_block_id", S, "Labelled block that is meant", nullable=True),
    C("resolved_by", S, "What decided", values=("words", "link"), nullable=True),
    C("reason", S, "Why it was not resolved", nullable=True),
), (Ref("section_id", "sections", "section_id"),
    Ref("target_section_id", "sections", "section_id")))  # fmt: skip
SECTION_EXERCISES = Table("sections__exercises", "One row per exercise, with its answer",
    ("block_id",), (
    C("block_id", S, "Block that sets the task, or begins it"),
    BOOK,
    C("section_id", S, "Section of the task"),
    C("number", S, "Printed number", nullable=True),
    C("block_ids", STRINGS, "All blocks of the task"),
    C("answer_block_id", S, "Block at which the answer begins", nullable=True),
    C("answer_block_ids", STRINGS, "All blocks of the answer"),
    C("answer_section_id", S, "Section of the answer", nullable=True),
    C("tied_by", S, "How the two were tied", nullable=True,
        values=("link", "number", "title", "order", "place")),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
SECTION_ORDER = Table("sections__order", "One row per chapter: what it builds on",
    ("section_id",), (
    C("section_id", S, "Section that opens the chapter"),
    BOOK,
    C("chapter", I32, "Place in the book, from 0", ge=0),
    C("position", I32, "Place in the learning order, from 0", ge=0),
    C("builds_on", STRINGS, "Chapters that it needs, section ids"),
    C("by_references", I32, "How many of them it refers back to", ge=0),
    C("by_modules", I32, "How many of them define modules that its code uses", ge=0),
    C("by_functions", I32, "How many of them define functions that its code uses", ge=0),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
SECTION_BUILDS = Table("sections__builds", "Why a chapter builds on another, one row per evidence",
    ("book_id", "evidence"), (
    BOOK,
    C("evidence", I32, "Number of the evidence, from 0", ge=0),
    C("section_id", S, "Section that opens the chapter that builds"),
    C("target_section_id", S, "Section that opens the chapter that it builds on"),
    C("kind", S, "What shows it", values=("reference", "module", "function")),
    C("what", S, "Words of the reference, or the name that is defined there and used here"),
    C("block_id", S, "Block that shows it first"),
    C("counts", B, "Has a say in the order: naming a later chapter has none"),
), (Ref("section_id", "sections", "section_id"),
    Ref("target_section_id", "sections", "section_id")))  # fmt: skip
SECTION_INDEX = Table("sections__index", "The index of the book, one row per place it names",
    ("book_id", "entry", "locator"), (
    BOOK,
    C("entry", I32, "Number of the entry, from 0", ge=0),
    C("locator", I32, "Number of the place in its entry, from 0", ge=0),
    C("term", S, "Main term", min_length=1),
    C("subterm", S, "Sub-entries below it, joined by ' › '", nullable=True),
    C("kind", S, "What the place is", values=("page", "link", "see", "see_also")),
    C("words", S, "Pages, words of the link or other term, as printed; a mark may have none"),
    C("page_first", I32, "First page", nullable=True, position=True, ge=1),
    C("page_last", I32, "Last page", nullable=True, position=True, ge=1),
    C("section_id", S, "Section that is meant", nullable=True),
    C("block_id", S, "Block of the entry"),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
SECTION_GLOSSARY = Table("sections__glossary", "The glossary of the book, one row per term",
    ("book_id", "entry"), (
    BOOK,
    C("entry", I32, "Number of the entry, from 0", ge=0),
    C("term", S, "Term", min_length=1),
    C("definition", S, "What it means, verbatim", min_length=1),
    C("section_id", S, "Section of the definition"),
    C("block_id", S, "Block that holds the definition, or begins it"),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
SECTION_UNITS = Table("sections__units", "Units for generation: views of the blocks",
    ("unit_id",), (
    C("unit_id", S, "H(book, normalised text, occurrence)", pattern="unit_[0-9a-f]{20}"),
    BOOK,
    C("section_id", S, "Section in which it begins"),
    C("ordinal", I32, "Reading order from 0", ge=0),
    C("group_id", S, "First unit of the group: units of one long listing share it"),
    C("part", I32, "0-based part of the group", ge=0),
    C("parts", I32, "Parts of the group", ge=1),
    C("text", S, "Text of its pieces, blocks parted by a blank line"),
    C("chars", I32, "Length of the text", "characters", ge=1),
    C("code_chars", I32, "Characters of it that are code", "characters", ge=0),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
SECTION_PIECES = Table("sections__pieces", "One row per piece of a unit",
    ("unit_id", "ordinal"), (
    C("unit_id", S, "Unit"),
    C("ordinal", I32, "Order in the unit, from 0", ge=0),
    BOOK,
    C("section_id", S, "Section"),
    C("block_id", S, "Block that it is a piece of"),
    *_IN_SECTION,
), (Ref("unit_id", "sections__units", "unit_id"),))  # fmt: skip

STRUCTURE = (
    SECTION_REFS, SECTION_EXERCISES, SECTION_ORDER, SECTION_BUILDS, SECTION_INDEX,
    SECTION_GLOSSARY, SECTION_UNITS, SECTION_PIECES,
)  # fmt: skip
