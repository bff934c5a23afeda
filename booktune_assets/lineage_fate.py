"""How a pair was made, and what became of it: sets that left it out, people who looked at it.

Belongs here: who worded it, what it passed, what it is about, rows of ``…__dropped``, decisions.
Does not: the way back to the page (``lineage.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from booktune_assets.lake import Lake
from booktune_assets.settings import Settings

__all__ = ["Making", "Review", "SetAside", "aside", "making", "review_of", "row_of", "rows_of"]

SETS = ("sharegpt_set", "alpaca_set")


@dataclass(frozen=True, slots=True)
class Making:
    """Who worded a pair, what it passed, and what it is about (labels of concepts)."""

    generator: str
    recipe: str
    model: str | None
    call_keys: tuple[str, ...]
    family_version: int
    gates: tuple[str, ...]
    verification: str
    verified_by: str | None
    level: int
    answer_tokens: int
    code_tokens: int
    concepts: tuple[str, ...]
    prerequisites: tuple[str, ...]
    code_version: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """Why a set left a pair out."""

    set: str
    gate: str
    reason: str
    other: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Review:
    """What a person decided; ``turns`` only of an edit."""

    decision: str
    reviewer: str
    note: str
    decided_at: float
    turns: tuple[tuple[str, str], ...] | None


def making(lake: Lake, book: str, pair: dict[str, Any]) -> Making:
    """How a pair was made, from its row."""
    labels = _labels(lake, book, [*pair["concept_ids"], *pair["prereq_ids"]])
    receipt = lake.receipt("instruction_pairs", book)
    return Making(
        generator=pair["generator"],
        recipe=pair["recipe"],
        model=pair["model"],
        call_keys=tuple(pair["call_keys"]),
        family_version=pair["family_version"],
        gates=tuple(pair["gates"]),
        verification=pair["verification"],
        verified_by=pair["verified_by"],
        level=pair["level"],
        answer_tokens=pair["answer_tokens"],
        code_tokens=pair["code_tokens"],
        concepts=tuple(labels.get(str(one), str(one)) for one in pair["concept_ids"]),
        prerequisites=tuple(labels.get(str(one), str(one)) for one in pair["prereq_ids"]),
        code_version=receipt.code_version if receipt else "",
    )


def aside(lake: Lake, pair_id: str) -> tuple[SetAside, ...]:
    """Rows about the pair in ``…__dropped`` of the current sets."""
    found: list[SetAside] = []
    for asset in SETS:
        key = lake.current_key(asset)
        row = key and row_of(lake, f"{asset}__dropped", key, pl.col("pair_id") == pair_id)
        if row:
            found.append(SetAside(asset, row["gate"], row["reason"], row["other"], row["detail"]))
    return tuple(found)


def review_of(settings: Settings, pair_id: str) -> Review | None:
    """The decision about a pair."""
    from booktune_assets.review.decisions import Decisions

    one = Decisions(settings).all().get(pair_id)
    return one and Review(one.decision, one.reviewer, one.note, one.decided_at, one.turns)


def rows_of(
    lake: Lake, table: str, key: str, where: pl.Expr, columns: Sequence[str]
) -> pl.DataFrame:
    """Rows of one table of one key; none when it is not built, or was without this table."""
    receipt = lake.receipt(table.split("__", 1)[0], key)
    if receipt is None or table not in receipt.tables:
        return pl.DataFrame()
    found = pl.scan_parquet(lake.path(table, key)).filter(where)
    return (found.select(columns) if columns else found).collect()


def row_of(
    lake: Lake, table: str, key: str, where: pl.Expr, *columns: str
) -> dict[str, Any] | None:
    """The first of these rows."""
    found = rows_of(lake, table, key, where, columns)
    return found.row(0, named=True) if found.height else None


def _labels(lake: Lake, book: str, ids: Sequence[str]) -> dict[str, str]:
    here = pl.col("concept_id").is_in(sorted(set(ids)))
    found = rows_of(lake, "concept_graph", book, here, ("concept_id", "label"))
    return {str(name): str(label) for name, label in found.iter_rows()}
