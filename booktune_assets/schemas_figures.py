"""Tables of ``raw_books`` for what is seen rather than read: figures, drawn words, cells.

Belongs here: their contracts, which ``schemas.py`` lists with all others. Does not: other tables.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.columns import BOOK, BOX, PLACE
from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Ref, Table

__all__ = ["RAW_CELLS", "RAW_FIGURES", "RAW_WORDS"]

S, I32, I64, B = pl.String, pl.Int32, pl.Int64, pl.Boolean

RAW_FIGURES = Table("raw_books__figures", "One row per figure, with its picture and caption",
    ("figure_id",), (
    C("figure_id", S, "H(book, what is drawn, occurrence)", pattern="fig_[0-9a-f]{20}"),
    BOOK,
    C("ordinal", I32, "Reading order from 0", ge=0),
    C("block_id", S, "Block that stands for it in the text"),
    C("caption_block_id", S, "Block of its caption", nullable=True),
    C("label", S, "Printed label, for example figure 3.1", nullable=True),
    C("alt", S, "Text for those who do not see it", nullable=True),
    C("words", S, "Words inside of the drawing"),
    C("kind", S, "What it is drawn with", values=("raster", "vector", "svg")),
    *PLACE, *BOX,
    C("file", S, "Picture, relative to the home; null when there is none", nullable=True),
    C("media_type", S, "Type of the picture", nullable=True),
    C("width", I32, "Width", "pixels", nullable=True, ge=1),
    C("height", I32, "Height", "pixels", nullable=True, ge=1),
    C("bytes", I64, "Size", "bytes", nullable=True, ge=1),
    C("sha256", S, "SHA-256 of the picture", nullable=True),
    C("fault", S, "Why there is no picture", nullable=True),
), (Ref("block_id", "raw_books__blocks", "block_id"),
    Ref("caption_block_id", "raw_books__blocks", "block_id")))  # fmt: skip
RAW_WORDS = Table("raw_books__words", "One row per drawn word; only with reading.precise",
    ("block_id", "word", "piece"), (
    C("block_id", S, "Block"),
    C("word", I32, "Number of the word in the block, from 0", ge=0),
    C("piece", I32, "Piece of a word that is broken over rows, from 0", ge=0),
    BOOK,
    C("text", S, "The word as the block has it"),
    C("char_start", I32, "Start in the block's text", "characters", ge=0),
    C("char_end", I32, "End in the block's text", "characters", ge=0),
    C("page", I32, "Page", position=True, ge=1),
    *BOX,
), (Ref("block_id", "raw_books__blocks", "block_id"),))  # fmt: skip
RAW_CELLS = Table("raw_books__cells",
    "One row per cell of a ruled table; only with reading.precise", ("block_id", "row", "column"), (
    C("block_id", S, "Block of the table"),
    C("row", I32, "Row of its top, from 0", ge=0),
    C("column", I32, "Column of its left, from 0", ge=0),
    BOOK,
    C("rows", I32, "Rows that it spans", ge=1),
    C("columns", I32, "Columns that it spans", ge=1),
    C("header", B, "Is it in the heading of the table?"),
    C("text", S, "Text, one line per drawn line"),
    C("page", I32, "Page", position=True, ge=1),
    *BOX,
), (Ref("block_id", "raw_books__blocks", "block_id"),))  # fmt: skip
