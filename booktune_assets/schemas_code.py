"""The table of verified code.

Belongs here: its contract. Does not: tables of other assets (``schemas.py``), running code.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK, PLACE
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table

__all__ = ["VERIFICATION"]

S, I32, F64 = pl.String, pl.Int32, pl.Float64
VERDICTS = ("match", "mismatch", "error_as_said", "ran", "unverifiable", "harness_error")

VERIFICATION = Table("code_verification", "One row per expression or listing that was run",
    ("block_id", "expression", "toolchain"), (
    BOOK,
    C("section_id", S, "Section"),
    C("block_id", S, "Block"),
    C("expression", I32, "Number of the expression in its block, from 0", ge=0),
    *PLACE,
    C("kind", S, "What was checked: typed at a prompt, annotated in a listing, or a whole block",
        values=("expression", "annotated", "listing", "module", "test")),
    C("lang", S, "Language", values=("elixir", "erlang")),
    C("verdict", S, "What came of it", values=VERDICTS),
    C("reason", S, "What differs, or why it cannot be checked; empty when there is nothing to say"),
    C("detail", S, "Which package, name or version"),
    C("reached", S, "How far it came",
        values=("nothing", "parsed", "compiled", "ran", "compared")),
    C("code", S, "What was run, at most 4,000 characters"),
    C("expected", S, "What the book shows for it", nullable=True),
    C("actual", S, "What came: printed lines and value, or error", volatile=True),
    C("toolchain", S, "Versions of Elixir and OTP"),
    C("cpu_s", F64, "CPU time", "s", volatile=True, ge=0),
), (Ref("block_id", "raw_books__blocks", "block_id"),
    Ref("section_id", "sections", "section_id")))  # fmt: skip
