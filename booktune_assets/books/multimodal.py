"""Figures with their captions and with the places that speak of them: for rows with pictures.

Belongs here: joining tables of ``raw_books`` and ``sections``, and where words are drawn. Does not:
finding figures (``figures.py``) or references (``crossrefs.py``).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

__all__ = ["figures_in_context", "word_boxes"]

_WORDS = ("prose", "list", "callout")
_REFERS = ("section_id", "block_id", "words", "char_start", "char_end")


def figures_in_context(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per figure in reading order, from the frames of ``raw_books`` and ``sections``.

    Columns of ``raw_books__figures``, and ``section_id`` ``title_path`` of the section that shows
    it, ``caption`` (text or null), ``lead_block_id`` and ``lead``: the last paragraph before it in
    that section (null without one), ``refers``: a list of structs (section_id, block_id, words,
    char_start, char_end in the section's text, and ``text`` of the block that refers).
    """
    blocks = frames["sections__blocks"]
    captions = blocks.select(caption_block_id="block_id", caption="text")
    homes = blocks.select("block_id", "section_id").join(
        frames["sections"].select("section_id", "title_path"), on="section_id", how="left"
    )
    figures = frames["raw_books__figures"]
    shown = (
        figures.join(captions, on="caption_block_id", how="left")
        .join(homes, on="block_id", how="left")
        .join(_leads(blocks), on="block_id", how="left")
    )
    said = frames["sections__refs"].drop_nulls("target_block_id").join(
        blocks.select("block_id", "text"), on="block_id", how="left"
    )  # fmt: skip
    targets = pl.concat([
        figures.select("figure_id", target_block_id="block_id"),
        figures.drop_nulls("caption_block_id").select(
            "figure_id", target_block_id="caption_block_id"
        ),
    ])  # fmt: skip
    refers = (
        targets.join(said, on="target_block_id", how="inner")
        .sort("ref")
        .group_by("figure_id", maintain_order=True)
        .agg(pl.struct(*_REFERS, "text").alias("refers"))
    )
    joined = shown.join(refers, on="figure_id", how="left").sort("ordinal")
    return joined.with_columns(pl.col("refers").fill_null([]))


def _leads(blocks: pl.DataFrame) -> pl.DataFrame:
    """For the blocks that are figures, the last words before them in their section."""
    words = pl.col("kind").is_in(_WORDS)
    return (
        blocks.sort("ordinal")
        .with_columns(
            lead_block_id=pl.when(words).then("block_id").forward_fill().over("section_id"),
            lead=pl.when(words).then("text").forward_fill().over("section_id"),
        )
        .filter(pl.col("kind") == "figure")
        .select("block_id", "lead_block_id", "lead")
    )


def word_boxes(
    words: pl.DataFrame, block_id: str, start: int, end: int
) -> dict[int, list[tuple[float, float, float, float]]]:
    """Boxes by page of the words of a block between two characters, one for each drawn row.

    ``words`` is ``raw_books__words``; empty when the book was not read precisely.
    """
    own = words.filter(
        (pl.col("block_id") == block_id)
        & (pl.col("char_start") < end) & (pl.col("char_end") > start)
    ).sort("word", "piece")  # fmt: skip
    found: dict[int, list[tuple[float, float, float, float]]] = {}
    for row in own.iter_rows(named=True):
        boxes = found.setdefault(row["page"], [])
        box = (row["x0"], row["y0"], row["x1"], row["y1"])
        last = boxes[-1] if boxes else None
        if last is not None and abs(last[1] - box[1]) < 3 and box[0] >= last[0]:
            boxes[-1] = (last[0], min(last[1], box[1]), box[2], max(last[3], box[3]))
        else:
            boxes.append(box)
    return found
