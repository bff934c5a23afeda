"""Quotes without their words: what rules over a whole shelf compare.

Belongs here: letters and digits of texts in columns, hashes of quotes, one hash for all quotes of a
pair. Does not: what follows when two are the same (``once.py apart.py mix.py``).

The quotes of a million examples are half a gigabyte; their hashes are a twentieth of it.
"""

from __future__ import annotations

import polars as pl

from booktune_assets.pairs.splits import bare

__all__ = ["bare_texts", "marks", "slim"]

HASHES = ("spot", "plain", "folded")


def bare_texts(texts: pl.Series) -> pl.Series:
    """``splits.bare`` of each text, in columns as far as they are ASCII."""
    found = texts.str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "")
    other = texts.str.len_bytes() != texts.str.len_chars()
    if other.any():
        rows = other.arg_true()
        made = [bare(text) for text in texts.gather(rows).to_list()]
        found = found.scatter(rows, pl.Series(made, dtype=pl.String))
    return found.alias(texts.name)


def slim(evidence: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``instruction_pairs__evidence`` with hashes in the place of their quotes.

    ``spot`` is of section and quote, ``plain`` of role, letters and digits, ``folded`` of the same
    where typography counts as what it stands for. Rows that have them are returned as they are.
    """
    if "spot" in evidence.columns:
        return evidence
    quotes = evidence["quote"]
    plain = bare_texts(quotes)
    wide = (quotes.str.len_bytes() != quotes.str.len_chars()).arg_true()
    folded = plain
    if len(wide):
        folded = plain.clone().scatter(wide, bare_texts(quotes.gather(wide).str.normalize("NFKC")))
    return evidence.with_columns(
        spot=pl.struct("section_id", "quote").hash(),
        plain=pl.struct("role", plain.alias("text")).hash(3),
        folded=pl.struct("role", folded.alias("text")).hash(3),
    ).drop("quote")


def marks(evidence: pl.DataFrame, name: str) -> pl.DataFrame:
    """``pair_id mark``: one hash of all quotes of a pair, in no order; ``name`` is that of the
    hashes of :func:`slim` that count."""
    told = slim(evidence).select("pair_id", mark=pl.col(name)).sort("pair_id", "mark")
    return told.group_by("pair_id", maintain_order=True).agg(
        pl.col("mark").cast(pl.String).str.join(" ").hash(5)
    )
