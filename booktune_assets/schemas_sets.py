"""Tables of ``sharegpt_set`` and ``alpaca_set``: examples, the pairs left out, the composition.

Belongs here: contracts of the two sets. Does not: all other tables (``schemas.py``, which lists
these too), the files of an export, how any is made.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table
from booktune_assets.schemas_pairs import PAIR_FAMILIES, SPLITS, VERIFICATIONS

__all__ = [
    "ALPACA_DROPPED", "ALPACA_MIX", "ALPACA_SET", "EVIDENCE", "MIX_DIMENSIONS", "SHAREGPT_DROPPED",
    "SHAREGPT_MIX", "SHAREGPT_SET",
]  # fmt: skip

# code, negatives, multi_turn have a band; chapter and level a quota; the others are only counted
MIX_DIMENSIONS = (
    "code", "negatives", "multi_turn", "chapter", "level", "family", "verification", "generator",
    "heldout",
)  # fmt: skip

S, I32, I64, F64 = pl.String, pl.Int32, pl.Int64, pl.Float64
STRINGS = pl.List(pl.String)
ORIGINS = pl.List(pl.Struct({"book_id": pl.String, "pair_id": pl.String}))
SHAREGPT = pl.List(pl.Struct({"from": pl.String, "value": pl.String}))
EVIDENCE = pl.List(pl.Struct({
    "role": pl.String, "block_id": pl.String, "section_id": pl.String, "page": pl.Int32,
    "href": pl.String, "char_start": pl.Int32, "char_end": pl.Int32, "quote": pl.String,
    "file_sha256": pl.String,
}))  # fmt: skip

REVIEWED = ("", "accepted", "edited")

_EXAMPLE = (
    C("pair_id", S, "Pair it was rendered from"),
    BOOK,
    C("split", S, "train or heldout", values=SPLITS),
    C("family", S, "Task family", values=PAIR_FAMILIES),
    C("kind", S, "theory, code or mixed", values=("theory", "code", "mixed")),
    C("section_id", S, "Section"),
    C("section_title", S, "Title path, joined by ' › '"),
    C("page", I32, "First page of the answer's evidence", nullable=True, position=True),
    C("href", S, "Place, for formats without pages", nullable=True, position=True),
    C("level", I32, "1 easy … 5 hard", ge=1, le=5),
    C("generator", S, "Who worded it", values=("extractive", "teacher")),
    C("verification", S, "Strongest check that the answer's code passed", values=VERIFICATIONS),
    C("concept_ids", STRINGS, "Concepts that it is about"),
    C("licence", S, "Licence of the book as an SPDX name, else as it is stated, else empty"),
    C("answer_tokens", I32, "Tokens of all answers, as pairs/tokens.py counts", "tokens", ge=1),
    C("code_tokens", I32, "Of these, tokens in code", "tokens", ge=0),
    C("copied_chars", I32, "Longest run of the book's text in an answer", "characters", ge=0),
    C("curriculum", I32, "Place in the order of learning, from 0 in each split", ge=0),
    C(
        "evidence",
        EVIDENCE,
        "Verbatim quotes behind it: block, page or part, offsets in the section's text, file",
        position=True,
    ),
    C("also_in", ORIGINS, "Other books that say the same, and their pairs", position=True),
    C("review", S, "accepted or edited by a person, else empty", position=True, values=REVIEWED),
)
SHAREGPT_SET = Table("sharegpt_set", "One row per example in ShareGPT form", ("example_id",), (
    C("example_id", S, "H(format, pair, render version)", pattern="ex_[0-9a-f]{20}"),
    C("conversations", SHAREGPT, "Messages: from human or gpt, value"),
    *_EXAMPLE,
), (Ref("pair_id", "instruction_pairs", "pair_id"),))  # fmt: skip
ALPACA_SET = Table("alpaca_set", "One row per example in Alpaca form", ("example_id",), (
    C("example_id", S, "H(format, pair, render version)", pattern="ex_[0-9a-f]{20}"),
    C("instruction", S, "What is asked", min_length=1),
    C("input", S, "What it is asked about; may be empty"),
    C("output", S, "The answer", min_length=1),
    *_EXAMPLE,
), (Ref("pair_id", "instruction_pairs", "pair_id"),))  # fmt: skip


def _dropped(asset: str) -> Table:
    return Table(
        f"{asset}__dropped", "One row per pair that this set left out", ("pair_id",), (
        C("pair_id", S, "Pair"),
        BOOK,
        C("family", S, "Task family", values=PAIR_FAMILIES),
        C("gate", S, "G8 duplicates, G9 contamination, G10 composition, or another rule of sets"),
        C("reason", S, "Why, as a short code"),
        C("other", S, "Pair, problem or file that it is too near to", nullable=True),
        C("detail", S, "What was found, in words or figures"),
    ), (Ref("pair_id", "instruction_pairs", "pair_id"),))  # fmt: skip


def _mix(asset: str) -> Table:
    return Table(
        f"{asset}__mix", "One row per part of the composition: what was aimed at, what came out",
        ("dimension", "name"), (
        C("dimension", S, "What is counted", values=MIX_DIMENSIONS),
        C("name", S, "Part of it"),
        C("unit", S, "What the figures count", values=(
            "rows", "answer tokens", "sections", "concepts")),
        C("available", I64, "There was before G10", ge=0),
        C("got", I64, "Is in the set", ge=0),
        C("share", F64, "Of all that is in the set", ge=0, le=1),
        C("low", F64, "Least share aimed at", nullable=True, ge=0, le=1),
        C("high", F64, "Largest share aimed at", nullable=True, ge=0, le=1),
        C("quota", I64, "What it should have at least", nullable=True, ge=0),
        C("deficit", I64, "What is missing to the quota; never padded", ge=0),
    ))  # fmt: skip


SHAREGPT_DROPPED = _dropped("sharegpt_set")
ALPACA_DROPPED = _dropped("alpaca_set")
SHAREGPT_MIX = _mix("sharegpt_set")
ALPACA_MIX = _mix("alpaca_set")
