"""Rows of pairs that are made of a book's finished frames, and so are made anew each time.

Belongs here: putting them among the rows of their sections, taking them out of frames made before.
Does not: making them (``retrieved.py``, ``path_lesson.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIR_REJECTS, PAIR_SECTIONS, PAIRS

__all__ = ["ANEW", "with_rows", "without_anew"]

ANEW = ("retrieved", "path_lesson")

Row = dict[str, Any]
Frames = dict[str, pl.DataFrame]


def with_rows(
    frames: Mapping[str, pl.DataFrame], made: Iterable[tuple[Row, list[Row], str]],
    sections: pl.DataFrame,
) -> Frames:  # fmt: skip
    """The frames of ``instruction_pairs`` with more rows behind those of each section.

    ``made`` are (pair, its evidence, why it is refused or nothing).
    """
    every = list(made)
    kept = [row for row, _, bad in every if not bad]
    quotes = [quote for _, own, bad in every if not bad for quote in own]
    refused: list[Row] = [
        {name: row[name] for name in ("book_id", "section_id", "family", "turns")}
        | {"candidate_id": row["pair_id"], "gate": "G0_form", "reason": bad}
        for row, _, bad in every
        if bad
    ]
    order = dict(sections.select("section_id", "ordinal").iter_rows())
    more = Counter(row["section_id"] for row in kept)
    less = Counter(row["section_id"] for row in refused)
    own = frames[PAIR_SECTIONS.name]
    names = own["section_id"].to_list()
    return {
        **frames,
        PAIRS.name: _placed(pl.concat([frames[PAIRS.name], PAIRS.frame(kept)]), order),
        PAIR_EVIDENCE.name: pl.concat([frames[PAIR_EVIDENCE.name], PAIR_EVIDENCE.frame(quotes)]),
        PAIR_REJECTS.name: _placed(
            pl.concat([frames[PAIR_REJECTS.name], PAIR_REJECTS.frame(refused)]), order
        ),
        PAIR_SECTIONS.name: own.with_columns(
            kept=pl.col("kept") + pl.Series([more[name] for name in names], dtype=pl.Int32),
            rejected=pl.col("rejected") + pl.Series([less[name] for name in names], dtype=pl.Int32),
        ),
    }


def without_anew(previous: Mapping[str, pl.DataFrame] | None) -> Frames | None:
    """Frames made before, without what is made anew each time."""
    if previous is None:
        return None
    other = ~pl.col("family").is_in(ANEW)
    return {
        name: frame.filter(other) if "family" in frame.columns else frame
        for name, frame in previous.items()
    }


def _placed(frame: pl.DataFrame, order: Mapping[str, int]) -> pl.DataFrame:
    place = pl.col("section_id").replace_strict(dict(order), return_dtype=pl.Int32)
    return frame.sort(place, maintain_order=True)
