"""Every table of the lake, stated once (those beside ``sections`` in ``schemas_structure.py``,
figures, words and cells in ``schemas_figures.py``, verified code in ``schemas_code.py``, concepts
in ``schemas_concepts.py``, pairs in ``schemas_pairs.py``, sets in ``schemas_sets.py``, rehearsal in
``schemas_rehearsal.py``).

Belongs here: contracts of tables. Does not: how they are made or stored. The order is the order of
the chain. Text columns hold Unicode scalar values only; offsets count characters (code points), not
bytes; pages are 1-based; bounding boxes are PDF points, origin top left.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK as _BOOK
from booktune_assets.columns import BOX as _BOX
from booktune_assets.columns import KEY, LANGS
from booktune_assets.columns import PLACE as _PLACE
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table
from booktune_assets.schemas_code import CODE_BLOCKS, CODE_CALLS, CODE_SYMBOLS, VERIFICATION
from booktune_assets.schemas_concepts import (
    CONCEPT_CODE,
    CONCEPT_DECIDED,
    CONCEPT_EDGES,
    CONCEPT_MENTIONS,
    CONCEPTS,
)
from booktune_assets.schemas_evaluation import EVAL_SPENT, EVAL_STAGE_FIGURES, EVAL_STAGES
from booktune_assets.schemas_figures import RAW_CELLS, RAW_FIGURES, RAW_WORDS
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIR_REJECTS, PAIR_SECTIONS, PAIRS
from booktune_assets.schemas_rehearsal import REHEARSAL_TABLES
from booktune_assets.schemas_sets import (
    ALPACA_DROPPED,
    ALPACA_MIX,
    ALPACA_SET,
    SHAREGPT_DROPPED,
    SHAREGPT_MIX,
    SHAREGPT_SET,
)
from booktune_assets.schemas_structure import STRUCTURE
from booktune_assets.schemas_teacher import PAIR_TEACHER, PAIR_VERDICTS
from booktune_assets.schemas_training import ADAPTER_CURVE, ADAPTER_SEEN

__all__ = ["BLOCK_KINDS", "EDITIONS", "LANGS", "TABLES", "tables_of"]

BLOCK_KINDS = (
    "heading", "prose", "list", "code", "iex", "erl_shell", "output", "table", "caption", "figure",
    "footnote", "callout", "exercise", "answer", "running_head",
)  # fmt: skip
CHANGES = (
    "furniture", "contents", "title_page", "turned", "hidden", "figure", "empty", "mark",
    "heading_number", "quotes", "glyphs", "wraps", "wrap_marks", "line_numbers",
    "callout_marks", "indents", "hidden_lines", "blank_lines", "spread_letters", "doubles",
    "hyphens",
)  # fmt: skip

S, I32, I64, F64, B = pl.String, pl.Int32, pl.Int64, pl.Float64, pl.Boolean
STRINGS = pl.List(pl.String)

RAW_BOOKS = Table("raw_books", "One row per book file as it was read", ("book_id",), (
    _BOOK,
    C("title", S, "Title from the metadata, else running heads or a heading, else the file name"),
    C("authors", STRINGS, "Authors named by the file"),
    C("format", S, "What the bytes are", values=("pdf", "epub", "md", "livemd", "adoc")),
    C("language", S, "Natural language, BCP 47", nullable=True),
    C("licence", S, "Licence, from the sidecar or the file", nullable=True),
    C("file_name", S, "Name of the file that was read", volatile=True),
    C("file_sha256", S, "SHA-256 of the bytes", position=True),
    C("file_bytes", I64, "Size", "bytes", position=True, ge=1),
    C("content_sha256", S, "SHA-256 of the normalised text: the same for a re-zipped copy"),
    C("pages", I32, "Pages, or spine documents, or 1", position=True, ge=0),
    C("blocks", I32, "Blocks found, running heads apart", ge=0),
    C("chars", I64, "Characters in all of these", "characters", ge=0),
    C("reader", S, "Reader and version"),
    C("warnings", STRINGS, "What was odd but could be read"),
))  # fmt: skip
RAW_PAGES = Table("raw_books__pages", "One row per page or spine document", ("book_id", "page"), (
    _BOOK,
    C("page", I32, "1-based page or spine position", ge=1),
    C("label", S, "Printed page label or href", nullable=True, position=True),
    C("width", F64, "Width", "pt", nullable=True, position=True),
    C("height", F64, "Height", "pt", nullable=True, position=True),
    C("chars", I64, "Characters in the text layer", "characters", position=True, ge=0),
    C("kept", I64, "Characters that ended in blocks", "characters", position=True, ge=0),
    C("furniture", I64, "Characters taken off: running heads, marks", position=True, ge=0),
    C("moved", I64, "Characters kept elsewhere: numbers of headings", position=True, ge=0),
    C("repaired", I64, "Characters that a repair took away", position=True, ge=0),
    C("lost", I64, "Characters that nothing accounts for", position=True, ge=0),
    C("doubled", I64, "Characters that came out more often than they stand there",
        position=True, ge=0),
    C("status", S, "What became of it; scanned: an image of text that nobody has recognised",
        values=("ok", "empty", "scanned", "failed")),
    C("code", S, "Error code when failed; TURNED_TEXT where a part was left out", nullable=True),
    C("source", S, "Where its text comes from: the file's text layer, or text recognition",
        values=("text", "ocr"), nullable=True),
))  # fmt: skip
RAW_BLOCKS = Table("raw_books__blocks", "One row per block, in reading order", ("block_id",), (
    C("block_id", S, "H(book, normalised text, kind, occurrence)", pattern="blk_[0-9a-f]{20}"),
    _BOOK,
    C("ordinal", I32, "Reading order from 0; running heads, which have none, come last", ge=0),
    C("kind", S, "What the block is", values=BLOCK_KINDS),
    C("level", I32, "Heading level: 0 part, 1 chapter, 2 section …; depth of a list item from 1",
        nullable=True, ge=0),
    C("number", S, "Printed number of a heading, e.g. 3.2; that of a caption whose text holds none",
        nullable=True),
    C("label", S, "Word printed before that number: of Part 2: Recap the text is Recap, the number "
        "2 and the label part; front or back where mark-up says that a section stands there",
        nullable=True,
        values=("chapter", "part", "appendix", "section", "lesson", "figure", "table", "listing",
                "example", "front", "back")),
    C("lang", S, "Language of code blocks, empty otherwise", values=LANGS),
    C("text", S, "Text; code verbatim with its indentation"),
    C("anchor", S, "Anchor that links point at", nullable=True, position=True),
    C("markup", S, "Markdown that its author wrote for the text, or that says the marks of (X)HTML "
        "in it; of code what stands above it: marks of Livebook, and last what the fence says",
      nullable=True, position=True),
))  # fmt: skip
RAW_SPANS = Table("raw_books__spans", "One row per block and place it stands",
    ("block_id", "part"), (
    C("block_id", S, "Block"),
    C("part", I32, "0-based piece of the block (a block over a page break has two)", ge=0),
    _BOOK,
    *_PLACE,
    C("printed", S, "Printed page, where a book without pages says it", nullable=True,
        position=True),
    *_BOX,
    C("char_start", I32, "Start in the block's text", "characters", position=True, ge=0),
    C("char_end", I32, "End in the block's text", "characters", position=True, ge=0),
    C("font", S, "Font of most of its letters, as the file names it; null where a format sets no "
        "type", nullable=True, position=True),
    C("size", F64, "Size of that type", "pt", nullable=True, position=True),
    C("bold", B, "Is that type bold?", nullable=True, position=True),
    C("mono", B, "Are its letters drawn of one width?", nullable=True, position=True),
), (Ref("block_id", "raw_books__blocks", "block_id"),))  # fmt: skip

RAW_LINKS = Table("raw_books__links", "One row per link of the format that words of a block carry",
    ("block_id", "link"), (
    C("block_id", S, "Block whose words are the link"),
    C("link", I32, "Number of the link in its block, from 0", ge=0),
    _BOOK,
    C("kind", S, "Whether it stays in the book; or a term of the index that is set here",
        values=("internal", "external", "index")),
    C("char_start", I32, "Start of the words in the block's text", "characters", ge=0),
    C("char_end", I32, "End of the words in the block's text", "characters", ge=0),
    C("target", S, "Address: document#anchor, #heading, name in the PDF, or a web address; of the "
        "index, its terms as JSON (terms, see, see_also)",
        position=True),
    C("page", I32, "Page that it leads to (PDF)", nullable=True, position=True, ge=1),
    C("y", F64, "Height on that page", "pt", nullable=True, position=True),
    C("target_block_id", S, "Block that stands there", nullable=True),
), (Ref("block_id", "raw_books__blocks", "block_id"),
    Ref("target_block_id", "raw_books__blocks", "block_id")))  # fmt: skip

RAW_CHANGES = Table("raw_books__changes", "One row per thing taken off, moved or repaired",
    ("book_id", "change"), (
    _BOOK,
    C("change", I32, "Number of the change, from 0", ge=0),
    C("page", I32, "1-based page or spine position", position=True, ge=0),
    C("block_id", S, "Block that it belongs to", nullable=True),
    C("kind", S, "What was done; repairs can be switched off by this name", values=CHANGES),
    C("why", S, "The rule that asked for it"),
    C("before", S, "What stood there, at most 200 characters"),
    C("after", S, "What stands there now; empty when it was taken off"),
    C("chars", I32, "Characters that went away; 0 when only white space moved", ge=0),
), (Ref("block_id", "raw_books__blocks", "block_id"),))  # fmt: skip

SECTIONS = Table("sections", "One row per heading-delimited passage of a book", ("section_id",), (
    C("section_id", S, "H(book, normalised text, occurrence)", pattern="sec_[0-9a-f]{20}"),
    C("prose_id", S, "H(folded prose): the same in every book that says it, null without prose",
        nullable=True, pattern="prose_[0-9a-f]{20}"),
    _BOOK,
    C("ordinal", I32, "Reading order from 0", ge=0),
    C("parent_id", S, "Enclosing section", nullable=True),
    C("level", I32, "0 part, 1 chapter, 2 section …", ge=0),
    C("number", S, "Printed number", nullable=True),
    C("title", S, "Heading text without its number"),
    C("title_path", STRINGS, "Titles from the chapter down to this section"),
    C("role", S, "Where it stands in the book", values=("body", "front", "back")),
    C("kind", S, "What it is", values=("part", "chapter", "appendix", "section")),
    C("text", S, "Own text: blocks joined by blank lines, without subsections' text"),
    C("chars", I32, "Length of text", "characters", ge=0),
    C("code_chars", I32, "Characters of text that are code", "characters", ge=0),
    C("page_first", I32, "First page", nullable=True, position=True, ge=1),
    C("page_last", I32, "Last page", nullable=True, position=True, ge=1),
    C("href", S, "Part of the book, for formats without pages", nullable=True, position=True),
), (Ref("book_id", "raw_books", "book_id"),))  # fmt: skip
SECTION_BLOCKS = Table("sections__blocks", "One row per block, in its section", ("block_id",), (
    C("block_id", S, "Block"),
    C("section_id", S, "Section"),
    _BOOK,
    C("ordinal", I32, "Order within the section, from 0", ge=0),
    C("kind", S, "What the block is", values=BLOCK_KINDS),
    C("lang", S, "Language of code blocks", values=LANGS),
    C("text", S, "Text; equals sections.text[char_start:char_end]"),
    C("char_start", I32, "Start in the section's text", "characters", ge=0),
    C("char_end", I32, "End in the section's text", "characters", ge=0),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
SECTION_SPANS = Table("sections__spans", "Where each piece of a section stands",
    ("block_id", "part"), (
    C("block_id", S, "Block"),
    C("part", I32, "Piece of the block", ge=0),
    C("section_id", S, "Section"),
    _BOOK,
    C("file_sha256", S, "File that holds it", position=True),
    *_PLACE,
    C("printed", S, "Printed page, where a book without pages says it", nullable=True,
        position=True),
    *_BOX,
    C("char_start", I32, "Start in the section's text", "characters", position=True, ge=0),
    C("char_end", I32, "End in the section's text", "characters", position=True, ge=0),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
SECTION_PRINTS = Table("sections__prints", "One row per sentence or listing: what it says",
    ("book_id", "print"), (
    _BOOK,
    C("print", I32, "Reading order from 0", ge=0),
    C("section_id", S, "Section"),
    C("print_id", S, "H(kind, folded text): the same in every book that says it",
        pattern="print_[0-9a-f]{20}"),
    C("kind", S, "What it is", values=("prose", "code")),
    C("chars", I32, "Length of the folded text", "characters", ge=1),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
ADAPTER = Table("lora_adapter", "One row per trained adapter", ("adapter_id",), (
    C("adapter_id", S, "H(base, dataset, rehearsal, config)", pattern="ada_[0-9a-f]{20}"),
    C("base", S, "Base model"),
    C("base_revision", S, "Revision or digest of its weights"),
    C("dataset_id", S, "Data set it was trained on", pattern="data_[0-9a-f]{20}"),
    C("rehearsal_id", S, "Rehearsal set, or empty"),
    C("rank", I32, "LoRA rank", ge=1),
    C("scale", F64, "What BA is multiplied by: alpha over rank, or over its root (rsLoRA)", ge=0),
    C("learning_rate", F64, "Peak learning rate", ge=0),
    C("seed", I64, "Seed of the run"),
    C("forgetting", S, "Ways of not forgetting, their settings as JSON"),
    C("metrics", S, "Their figures and terms at the last step, JSON"),
    C("environment", S, "Versions, device, threads as JSON", volatile=True),
    C("trainable", I64, "Trained parameters", ge=1),
    C("examples", I32, "Training examples seen", ge=0),
    C("rehearsal_rows", I32, "Rehearsal rows seen", ge=0),
    C("steps", I32, "Optimiser steps", ge=1),
    C("tokens", I64, "Tokens seen (learned ones)", ge=1),
    C("loss_first", F64, "Mean loss of the first tenth of steps", "nats/token"),
    C("loss_last", F64, "Mean loss of the last tenth of steps", "nats/token"),
    C("seconds", F64, "Wall time", "s", volatile=True),
    C("adapter_sha256", S, "SHA-256 of the weights file"),
))  # fmt: skip
ADAPTER_STEPS = Table("lora_adapter__steps", "One row per optimiser step", ("adapter_id", "step"), (
    C("adapter_id", S, "Adapter"),
    C("step", I32, "From 1", ge=1),
    C("loss", F64, "Mean loss of the batch", "nats/token"),
    C("lr", F64, "Learning rate"),
    C("grad_norm", F64, "Norm before clipping", nullable=True),
    C("tokens", I64, "Tokens learned so far", ge=0),
    C("seconds", F64, "Since the start", "s", volatile=True),
    C("metrics", S, "Figures of ways of not forgetting, and term.<way>.<term>: what they add to "
        "the loss; JSON"),
))  # fmt: skip
ADAPTER_STAGES = Table("lora_adapter__stages", "One row per stage that an adapter went through",
    ("adapter_id", "stage"), (
    C("adapter_id", S, "Adapter"),
    C("stage", S, "What was learned", values=("general", "domain", "books")),
    C("place", I32, "From 0, in the order of training", ge=0),
    C("began_from", S, "The stage before, or the base model"),
    C("steps", I32, "Optimiser steps", ge=1),
    C("tokens", I64, "Tokens seen (learned ones)", ge=1),
    C("loss_first", F64, "Mean loss of the first tenth of steps", "nats/token"),
    C("loss_last", F64, "Mean loss of the last tenth of steps", "nats/token"),
    C("seconds", F64, "Wall time", "s", volatile=True),
    C("adapter_sha256", S, "SHA-256 of the weights at its end"),
))  # fmt: skip
EVAL = Table("eval_report", "One row per suite and metric, base against tuned",
    ("eval_id", "suite", "metric"), (
    C("eval_id", S, "H(adapter, items, settings)", pattern="eval_[0-9a-f]{20}"),
    C("adapter_id", S, "Adapter"),
    C("suite", S, "Suite"),
    C("metric", S, "Metric"),
    C("unit", S, "Unit of the scores"),
    C("better", S, "Which direction is good", values=("higher", "lower")),
    C("n", I32, "Items", ge=0),
    C("base", F64, "Mean over items, base model", nullable=True),
    C("tuned", F64, "Mean over items, with the adapter", nullable=True),
    C("diff", F64, "tuned − base", nullable=True),
    C("low", F64, "Lower end of the 95 % interval of diff", nullable=True),
    C("high", F64, "Upper end", nullable=True),
    C("clusters", I32, "Independent pieces of evidence (sources of variants)", nullable=True, ge=0),
    C("p", F64, "Two-sided, of no difference", nullable=True, ge=0, le=1),
    C("p_holm", F64, "The same, corrected over the suites of the family; main metrics only",
        nullable=True, ge=0, le=1),
    C("mdd", F64, "Smallest difference that so many items find 8 times in 10", nullable=True, ge=0),
    C("kept", S, "Is a loss of the margin ruled out; null without a margin", nullable=True,
        values=("yes", "no", "unclear")),
    C("unscored", I32, "Items that an arm has no score for, not among n", nullable=True, ge=0),
    C("lost", I32, "Of these, scored under the base alone, by no fault of ours", nullable=True,
        ge=0),
    C("verdict", S, "In words"),
))  # fmt: skip
EVAL_ITEMS = Table("eval_report__items", "One row per item, suite, metric and arm",
    ("eval_id", "suite", "metric", "item_id", "arm"), (
    C("eval_id", S, "Evaluation"),
    C("suite", S, "Suite"),
    C("metric", S, "Metric"),
    C("item_id", S, "Item"),
    C("arm", S, "base or tuned", values=("base", "tuned")),
    C("score", F64, "Score of the item", nullable=True),
    C("weight", F64, "Weight in the mean (bytes for bits per byte)", ge=0),
    C("prompt", S, "What the model was given", nullable=True),
    C("output", S, "What it answered", nullable=True),
    C("reference", S, "What was expected", nullable=True),
    C("status", S, "ok, ok_in_beam (a pass in one BEAM: weaker), ok_no_original (a gap without an "
        "original that passes), or a failure class"),
    C("cluster", S, "Source problem of variants; empty: the item stands alone"),
    C("concepts", STRINGS, "What the item is about"),
    C("samples", I32, "Samples that count", ge=0),
    C("passed", I32, "Samples that pass, where passes are counted", nullable=True, ge=0),
    C("asked", S, "H(prompts, options, reference, sampling): equal in two evaluations, asked alike",
        nullable=True),
))  # fmt: skip

# Compared over all books and stored nowhere in the lake: made by books/editions.py when asked for.
EDITIONS = Table("lake_editions", "One row per two books of the shelf that are one text",
    ("book_id", "edition_of"), (
    _BOOK,
    C("edition_of", S, "Book that came to the shelf before it", pattern=KEY),
    C("kind", S, "copy: all text equal; format, layout: nearly all; edition: much; part: one in "
        "the other", values=("copy", "format", "layout", "edition", "part")),
    C("evidence", STRINGS, "What says so: text, title, isbn"),
    C("share", F64, "Share of its text that stands in the other", ge=0, le=1),
    C("share_back", F64, "Share of the other's text that stands in it", ge=0, le=1),
    C("common_chars", I64, "Folded characters in common", "characters", ge=1),
    C("newer", S, "The newer of the two, where title or imprint tell", nullable=True),
))  # fmt: skip

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        RAW_BOOKS, RAW_PAGES, RAW_BLOCKS, RAW_SPANS, RAW_LINKS, RAW_CHANGES, RAW_FIGURES,
        RAW_WORDS, RAW_CELLS, SECTIONS, SECTION_BLOCKS, SECTION_SPANS, SECTION_PRINTS, *STRUCTURE,
        CONCEPTS, CONCEPT_EDGES, CONCEPT_MENTIONS, CONCEPT_CODE, CONCEPT_DECIDED, PAIRS,
        PAIR_EVIDENCE, PAIR_REJECTS, PAIR_SECTIONS, PAIR_TEACHER, PAIR_VERDICTS, SHAREGPT_SET,
        SHAREGPT_DROPPED, SHAREGPT_MIX,
        ALPACA_SET, ALPACA_DROPPED, ALPACA_MIX,
        *REHEARSAL_TABLES, ADAPTER, ADAPTER_STEPS, ADAPTER_STAGES, ADAPTER_CURVE,
        ADAPTER_SEEN,
        EVAL, EVAL_ITEMS, EVAL_SPENT, EVAL_STAGES, EVAL_STAGE_FIGURES, VERIFICATION,
        CODE_BLOCKS, CODE_SYMBOLS, CODE_CALLS,
    )
}  # fmt: skip


def tables_of(asset: str) -> tuple[Table, ...]:
    """The tables that an asset writes, the main one first."""
    return tuple(table for table in TABLES.values() if table.asset == asset)
