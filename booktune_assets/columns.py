"""Columns that many tables share: the book, a place in it, a box on a page; the languages.

Belongs here: only what is the same in every table. Does not: tables (``schemas.py``).
"""

from __future__ import annotations

import polars as pl

from booktune_assets.contracts import Column as C

__all__ = ["BOOK", "BOX", "KEY", "LANGS", "PLACE"]

LANGS = ("elixir", "erlang", "iex", "erl_shell", "shell", "output", "other", "")
KEY = r"[a-z0-9][a-z0-9-]{0,79}"

BOOK = C("book_id", pl.String, "Partition key of the book", pattern=KEY)
BOX = (
    C("x0", pl.Float64, "Left edge", "pt", nullable=True, position=True),
    C("y0", pl.Float64, "Top edge", "pt", nullable=True, position=True),
    C("x1", pl.Float64, "Right edge", "pt", nullable=True, position=True),
    C("y1", pl.Float64, "Bottom edge", "pt", nullable=True, position=True),
)
PLACE = (
    C("page", pl.Int32, "Page, null where the format has none", nullable=True, position=True, ge=1),
    C(
        "href",
        pl.String,
        "Part of the book (EPUB path#anchor, file#heading)",
        nullable=True,
        position=True,
    ),
)
