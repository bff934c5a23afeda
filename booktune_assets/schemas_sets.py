"""Tables of ``sharegpt_set`` and ``alpaca_set``: examples, and the pairs that were left out.

Belongs here: contracts of the two sets. Does not: all other tables (``schemas.py``, which lists
these too), the files of an export, how any is made.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table
from booktune_assets.schemas_pairs import PAIR_FAMILIES, SPLITS

__all__ = ["ALPACA_DROPPED", "ALPACA_SET", "SHAREGPT_DROPPED", "SHAREGPT_SET"]

S, I32 = pl.String, pl.Int32
STRINGS = pl.List(pl.String)
ORIGINS = pl.List(pl.Struct({"book_id": pl.String, "pair_id": pl.String}))
SHAREGPT = pl.List(pl.Struct({"from": pl.String, "value": pl.String}))

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
    C("also_in", ORIGINS, "Other books that say the same, and their pairs", position=True),
    C("review", S, "What a person did with it, else empty", position=True,
        values=("", "accepted", "edited")),
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


SHAREGPT_DROPPED = _dropped("sharegpt_set")
ALPACA_DROPPED = _dropped("alpaca_set")
