"""Tables beside ``lora_adapter``: what it saw, what was measured of it after training.

Belongs here: their contracts. Does not: the adapter and its steps (``schemas.py``, which lists
these too).
"""

from __future__ import annotations

import polars as pl

from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Table

__all__ = ["ADAPTER_CURVE", "ADAPTER_SEEN"]

S, I32, I64, F64 = pl.String, pl.Int32, pl.Int64, pl.Float64

ADAPTER_CURVE = Table("lora_adapter__curve",
    "One row per strength of the adapter and kind of text: its loss there",
    ("adapter_id", "alpha", "kind"), (
    C("adapter_id", S, "Adapter"),
    C("alpha", F64, "Strength: 0 is the base, 1 the adapter as trained", ge=0),
    C("kind", S, "new: answers held out of the set; old: general text, not rehearsed",
        values=("new", "old")),
    C("loss", F64, "Mean over learned tokens", "nats/token", ge=0),
    C("tokens", I64, "Tokens measured", ge=1),
    C("texts", I32, "Texts measured", ge=1),
))  # fmt: skip
ADAPTER_SEEN = Table("lora_adapter__seen",
    "One row per example that training over the books reached; the others of the set are not here",
    ("adapter_id", "example_id"), (
    C("adapter_id", S, "Adapter"),
    C("example_id", S, "Example"),
    C("times", I32, "Packed rows that hold it", ge=1),
    C("first_step", I32, "Optimiser step that saw it first, from 1", ge=1),
))  # fmt: skip
