"""The table of what people decided about pairs: kept beside the lake, never made anew.

Belongs here: its contract. Does not: tables of the lake (``schemas.py``), reading and writing it
(``review/decisions.py``), what the sets do about it (``chain/review.py``).
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Table

__all__ = ["ACCEPTED", "DECISIONS", "EDITED", "REVIEWS"]

REVIEWS = ("accept", "edit", "reject")
# stand among the gates of a pair that a person has looked at
ACCEPTED, EDITED = "accepted_by_a_person", "edited_by_a_person"
S = pl.String
TURNS = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))

DECISIONS = Table("review_decisions", "One row per pair that a person decided about",
    ("pair_id",), (
    C("pair_id", S, "Pair, as instruction_pairs names it", pattern="pair_[0-9a-f]{20}"),
    BOOK,
    C("decision", S, "edit: it goes in with the turns below", values=REVIEWS),
    C("turns", TURNS, "The turns as edited", nullable=True),
    C("note", S, "What the reviewer wrote beside it"),
    C("reviewer", S, "Who decided"),
    C("decided_at", pl.Float64, "When", "s since 1970", volatile=True),
))  # fmt: skip
