"""Tables of ``instruction_pairs``: what is asked, answered, and from where.

Belongs here: contracts of pairs, evidence, rejects; the names of task families. Does not:
all other tables (``schemas.py``, which lists these too), how any is made.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK, LANGS
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table

__all__ = [
    "PAIRS", "PAIR_EVIDENCE", "PAIR_FAMILIES", "PAIR_REJECTS", "PAIR_SECTIONS", "SPLITS",
    "VERIFICATIONS",
]  # fmt: skip

PAIR_FAMILIES = (
    "define", "explain_code", "write_code", "predict_output", "diagnose_error", "fill_in",
    "fix_bug", "compare", "steps", "reason", "prerequisites", "api_use", "translate", "lesson",
    "refusal", "true_false", "retrieved", "open_question", "write_test", "session", "rewrite",
    "path_lesson",
)  # fmt: skip
SPLITS = ("train", "heldout")
# weakest first; unverifiable: needs what is not here; shown: only code that was asked about was
# checked, the answer is prose; intended_failure: it had to fail, and did
VERIFICATIONS = (
    "none", "unverifiable", "parsed", "shown", "compiled", "executed", "intended_failure",
    "tested",
)  # fmt: skip

S, I32 = pl.String, pl.Int32
STRINGS = pl.List(pl.String)
TURNS = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))

PAIRS = Table("instruction_pairs", "One row per kept question and answer", ("pair_id",), (
    C("pair_id", S, "H(blocks, family, version, turns)", pattern="pair_[0-9a-f]{20}"),
    BOOK,
    C("section_id", S, "Section that it comes from"),
    C("family", S, "Task family", values=PAIR_FAMILIES),
    C("family_version", I32, "Version of the family's rules", ge=1),
    C("kind", S, "Does the answer hold code?", values=("theory", "code", "mixed")),
    C("lang", S, "Language of the code concerned", values=LANGS),
    C("concept_ids", STRINGS, "Concepts that the pair is about"),
    C("turns", TURNS, "Messages, user and assistant in turn"),
    C("prereq_ids", STRINGS, "Concepts that one has to know first, nearest first"),
    C("level", I32, "1 easy … 5 hard", ge=1, le=5),
    C("verification", S, "Strongest check that the answer's code passed", values=VERIFICATIONS),
    C("verified_by", S, "Toolchain of that check, and what was found", nullable=True),
    C("generator", S, "Who worded it", values=("extractive", "teacher")),
    C("recipe", S, "Recipe of the teacher, empty otherwise"),
    C("model", S, "Teacher and its revision", nullable=True),
    C("call_keys", STRINGS, "Calls of the teacher and the judges behind it, by content"),
    C("gates", STRINGS, "Gates that it passed, cheapest first"),
    C("answer_chars", I32, "Length of the assistant's text", "characters", ge=1),
    C("answer_tokens", I32, "Tokens of all answers, as pairs/tokens.py counts", "tokens", ge=1),
    C("code_tokens", I32, "Of these, tokens in code", "tokens", ge=0),
    C("split", S, "Held out by section, never by row", values=SPLITS),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
PAIR_EVIDENCE = Table("instruction_pairs__evidence", "One row per verbatim quote behind a pair",
    ("pair_id", "ordinal"), (
    C("pair_id", S, "Pair"),
    C("ordinal", I32, "Order within the pair", ge=0),
    BOOK,
    C("section_id", S, "Section"),
    C("block_id", S, "Block"),
    C("role", S, "What the quote supports", values=("question", "answer")),
    C("quote", S, "Verbatim: equals sections.text[char_start:char_end]", min_length=1),
    C("char_start", I32, "Start in the section's text", "characters", ge=0),
    C("char_end", I32, "End in the section's text", "characters", ge=1),
), (Ref("pair_id", "instruction_pairs", "pair_id"),
    Ref("section_id", "sections", "section_id")))  # fmt: skip
PAIR_REJECTS = Table("instruction_pairs__rejected", "One row per candidate that a gate refused",
    ("candidate_id",), (
    C("candidate_id", S, "Id the pair would have had"),
    BOOK,
    C("section_id", S, "Section"),
    C("family", S, "Task family", values=PAIR_FAMILIES),
    C("gate", S, "Gate that refused"),
    C("reason", S, "Why, as a short code"),
    C("turns", TURNS, "The candidate"),
))  # fmt: skip
PAIR_SECTIONS = Table("instruction_pairs__sections", "One row per section: what was made of it",
    ("section_id",), (
    C("section_id", S, "Section"),
    BOOK,
    C("input_digest", S, "Digest of all that its pairs depend on: the same means nothing to do"),
    C("cluster", S, "H(text of the sections that repeat each other): the same in every book",
        pattern="cluster_[0-9a-f]{20}"),
    C("split", S, "By cluster; the sets decide again over all books", values=SPLITS),
    C("kept", I32, "Pairs kept", ge=0),
    C("rejected", I32, "Candidates refused", ge=0),
), (Ref("section_id", "sections", "section_id"),))  # fmt: skip
