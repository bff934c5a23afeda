"""Tables of ``rehearsal_set``: what is rehearsed, what was left out, the examples that were shown.

Belongs here: their contracts. Does not: all other tables (``schemas.py``, which lists these too),
how any is made (``rehearsal/``).
"""

from __future__ import annotations

import polars as pl

from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Table

__all__ = [
    "REHEARSAL", "REHEARSAL_DEMOS", "REHEARSAL_MIX", "REHEARSAL_REJECTED", "REHEARSAL_TABLES",
    "REHEARSED",
]  # fmt: skip

S, I32, I64, F64 = pl.String, pl.Int32, pl.Int64, pl.Float64
STRINGS = pl.List(pl.String)
TURNS = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))
REHEARSED = ("real_replay", "pretrain", "ssr", "magpie")
CHECKED = ("not_checked", "no_code", "parses", "compiles", "runs")

_ROW = (
    C("origin", S, "How it came about", values=REHEARSED),
    C("source", S, "Name of the text, or the kind of the prompt"),
    C("licence", S, "Licence of the source; of what a model wrote, how it is bound"),
    C("prompt", S, "What the text continues, in the plain chat format; empty or not learned"),
    C("text", S, "The text that is learned"),
    C("turns", TURNS, "The same as a conversation; null for plain text", nullable=True),
    C("model", S, "Model that wrote it; empty for real text"),
    C("revision", S, "Revision of its weights"),
    C("adapter", S, "Adapter of the earlier stage that answered; empty without one"),
    C("seed", I64, "Sampling seed of what was asked", nullable=True),
    C("call_keys", STRINGS, "Calls behind it: what was asked, then the answer"),
    C("demo_ids", STRINGS, "Examples that were shown, in order"),
    C("cluster_id", I32, "Group of alike questions", nullable=True, ge=0),
    C("difficulty", F64, "How hard the answer was", nullable=True),
    C("difficulty_by", S, "Unit of that", values=("", "nats_per_token", "answer_tokens")),
    C("third", S, "Of all candidates by difficulty", values=("", "easy", "middle", "hard")),
    C("verification", S, "Strongest check that its code passed", values=CHECKED),
)
REHEARSAL = Table("rehearsal_set", "One row per rehearsal text", ("row_id",), (
    C("row_id", S, "H(origin, source, prompt, text)", pattern="reh_[0-9a-f]{20}"), *_ROW,
))  # fmt: skip
REHEARSAL_REJECTED = Table(
    "rehearsal_set__rejected", "One row per text that was not taken, and why", ("row_id",), (
    C("row_id", S, "H(origin, source, prompt, text)", pattern="reh_[0-9a-f]{20}"), *_ROW,
    C("reason", S, "Why, as a short code", min_length=1),
    C("detail", S, "What was found, in words or figures"),
))  # fmt: skip
REHEARSAL_DEMOS = Table("rehearsal_set__demos", "One row per example that could be shown",
    ("demo_id",), (
    C("demo_id", S, "H(source, question, answer)", pattern="demo_[0-9a-f]{20}"),
    C("task", S, "Earlier task that it is an example of"),
    C("source", S, "Name of the text"),
    C("licence", S, "Licence of the source"),
    C("question", S, "Shown as the input", min_length=1),
    C("answer", S, "Shown as the output", min_length=1),
))  # fmt: skip
REHEARSAL_MIX = Table("rehearsal_set__mix", "One row per source: what was aimed at, what came out",
    ("origin", "source"), (
    C("origin", S, "How its rows came about"),
    C("source", S, "Source, as in the settings"),
    C("wanted", I64, "Rows aimed at", "rows", ge=0),
    C("got", I64, "Rows in the set", "rows", ge=0),
    C("deficit", I64, "What is missing; never padded", "rows", ge=0),
    C("rejected", I64, "Texts of it that were not taken", "rows", ge=0),
))  # fmt: skip
REHEARSAL_TABLES = (REHEARSAL, REHEARSAL_REJECTED, REHEARSAL_DEMOS, REHEARSAL_MIX)
