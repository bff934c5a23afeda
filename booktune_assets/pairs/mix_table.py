"""The composition of a set as a table: what was there, what was aimed at, what is missing.

Belongs here: the rows of ``<set>__mix``. Does not: choosing (``mix.py``), what it would take to
have more (``projection.py``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from booktune_assets.contracts import Table
from booktune_assets.pairs.apart import HELD_FROM
from booktune_assets.pairs.mix import largest_remainder
from booktune_assets.settings_sets import Mix

__all__ = ["lacks", "mix_table"]

LEVELS = (1, 2, 3, 4, 5)

Row = dict[str, Any]


def lacks(row: Mapping[str, Any]) -> str:
    """What a row of the table falls short by, or by how much a band is above its aim: what is
    thinned is bounded (``mix.drop_max``), so that a small set may stay above."""
    if row["deficit"]:
        return f"{row['deficit']:,}"
    over = (row["share"] or 0.0) - row["high"] if row["high"] is not None else 0.0
    return f"above by {over:.1%}" if over >= 0.0005 else ""


def mix_table(
    table: Table, before: pl.DataFrame, after: pl.DataFrame, weights: Mapping[str, int], mix: Mix,
    *, turns: bool = True,
) -> pl.DataFrame:  # fmt: skip
    """Rows of ``table`` from :func:`mix.mix_rows` before and after composing.

    ``weights`` are the characters of each chapter; ``turns`` says whether the form has several.
    """
    train = [frame.filter(pl.col("split") != "heldout") for frame in (before, after)]
    rows = [
        *_bands(train[0], train[1], mix, turns=turns),
        *_chapters(train[0], train[1], weights),
        *_levels(train[0], train[1]),
        *(row for name in ("family", "verification", "generator") for row in _counted(name, train)),
        *_heldout(before, after),
    ]
    return table.frame(rows).sort("dimension", "name")


def _row(dimension: str, name: str, had: int, got: int, total: int, **more: object) -> Row:
    share = got / total if total else 0.0
    row = {
        "dimension": dimension, "name": name, "unit": "rows", "available": had, "got": got,
        "share": share, "deficit": 0, **more,
    }  # fmt: skip
    quota = row.get("quota")
    return {**row, "deficit": max(0, quota - got)} if isinstance(quota, int) else row


def _bands(before: pl.DataFrame, after: pl.DataFrame, mix: Mix, *, turns: bool) -> list[Row]:
    tokens, code = int(after["tokens"].sum()), int(after["code"].sum())
    had = int(before["code"].sum()), int(before["tokens"].sum()) - int(before["code"].sum())
    code_band = (mix.code_low, mix.code_high), (1 - mix.code_high, 1 - mix.code_low)
    found = [
        _banded("code", name, own, got, tokens, band, "answer tokens")
        for name, own, got, band in zip(
            ("code", "theory"), had, (code, tokens - code), code_band, strict=True
        )
    ]
    kinds = [("negatives", "negative", (mix.negatives_low, mix.negatives_high))]
    kinds += [("multi_turn", "multi", (mix.turns_low, mix.turns_high))] if turns else []
    for dimension, column, band in kinds:
        # a lesson with a negative exchange counts as its share
        own, got = (int(float(frame[column].sum()) + 1e-9) for frame in (before, after))
        found.append(_banded(dimension, dimension, own, got, after.height, band, "rows"))
    return found


def _banded(
    dimension: str, name: str, had: int, got: int, total: int, band: tuple[float, float], unit: str
) -> Row:
    low, high = (round(edge, 6) for edge in band)
    quota = math.ceil(low * total)
    return _row(dimension, name, had, got, total, low=low, high=high, quota=quota, unit=unit)


def _chapters(before: pl.DataFrame, after: pl.DataFrame, weights: Mapping[str, int]) -> list[Row]:
    """By their text; a chapter without any pair has a deficit too."""
    names = sorted(set(weights) | set(before["chapter"].to_list()))
    if not names:
        return []
    cells = pl.DataFrame(
        {"chapter": names, "len": [max(0, weights.get(name, 0)) for name in names]}
    )
    quotas = dict(largest_remainder(cells, after.height).select("chapter", "quota").iter_rows())
    had, got = _tally(before, "chapter"), _tally(after, "chapter")
    return [
        _row("chapter", name, had.get(name, 0), got.get(name, 0), after.height, quota=quotas[name])
        for name in names
    ]


def _levels(before: pl.DataFrame, after: pl.DataFrame) -> list[Row]:
    had, got = _tally(before, "level"), _tally(after, "level")
    quota = after.height // len(LEVELS)
    return [
        _row("level", str(level), had.get(level, 0), got.get(level, 0), after.height, quota=quota)
        for level in LEVELS
    ]


def _counted(column: str, frames: list[pl.DataFrame]) -> list[Row]:
    had, got = (_tally(frame, column) for frame in frames)
    total = frames[1].height
    return [_row(column, name, had[name], got.get(name, 0), total) for name in sorted(had)]


def _heldout(before: pl.DataFrame, after: pl.DataFrame) -> list[Row]:
    """Chapters with a held-out section, and rows held out on concepts that are trained on."""
    held = after.filter(pl.col("split") == "heldout")
    known = after.filter(pl.col("split") != "heldout")["concept"].drop_nulls().unique()
    sizes = before.group_by("chapter").agg(n=pl.col("section_id").n_unique())
    large = sizes.filter(pl.col("n") >= HELD_FROM)["chapter"]
    with_held = held["chapter"].unique()
    both = with_held.filter(with_held.is_in(large.implode())).len()
    trained = held.filter(pl.col("concept").is_in(known.implode())).height
    had = before.filter(pl.col("split") == "heldout").height
    own = held.filter(pl.col("concept").is_not_null() & ~pl.col("concept").is_in(known.implode()))
    return [
        _row("heldout", "chapters that hold out a section", large.len(), both, large.len(),
            quota=large.len(), unit="sections"),
        _row("heldout", "rows", had, held.height, after.height),
        _row("heldout", "rows on a concept that is trained on", held.height, trained, held.height),
        _row("heldout", "rows on a concept that is not", held.height, own.height, held.height),
        _row("heldout", "concepts that are not trained on", after["concept"].n_unique(),
            own["concept"].n_unique(), after["concept"].n_unique(), unit="concepts"),
    ]  # fmt: skip


def _tally(frame: pl.DataFrame, column: str) -> dict[Any, int]:
    return dict(frame.group_by(column).len().iter_rows())
