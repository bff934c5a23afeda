"""What the page of ``rehearsal_set`` shows beside its rows: of what it is made, what was left out.

Belongs here: its tables as metadata. Does not: other assets (``metadata.py``), the preview.
"""

from __future__ import annotations

from typing import Any

import dagster as dg
import polars as pl

from booktune_assets.assets.plots import INLINE_CHARS
from booktune_assets.chain.house import House
from booktune_assets.lake import Receipt

__all__ = ["rehearsed"]

GROUPS = 12  # of questions; the table of a big set would not fit


def rehearsed(receipt: Receipt, frame: pl.DataFrame, house: House) -> dict[str, Any]:
    """``composition``, ``groups`` and ``left out``; what there is nothing of is not shown."""
    lake, key = house.lake, receipt.key
    mix = lake.read("rehearsal_set__mix", key).sort("origin", "source")
    shown = {"composition": _table(mix, ("wanted", "got", "deficit", "rejected"))}
    written = frame.drop_nulls("cluster_id")
    if written.height:
        third = [(pl.col("third") == name).sum().alias(name) for name in ("easy", "middle", "hard")]
        groups = written.group_by(group="cluster_id").agg(
            pl.len().alias("rows"), *third, pl.col("difficulty").mean().round(2)
        )
        first = groups.sort(["rows", "group"], descending=[True, False]).head(GROUPS)
        shown["groups"] = _table(first, first.columns[1:])
    rejected = lake.read("rehearsal_set__rejected", key)
    if rejected.height:
        reasons = rejected.group_by("origin", "reason").agg(
            pl.len().alias("rows"), pl.col("detail").filter(pl.col("detail") != "").first()
        )
        reasons = reasons.with_columns(pl.col("detail").fill_null("").str.slice(0, 60))
        shown["left out"] = _table(reasons.sort("origin", "reason"), ("rows",))
    if partial := receipt.notes.get("partial"):
        shown["partial"] = str(partial)
    return {name: dg.MetadataValue.md(words) for name, words in shown.items()}


def _table(rows: pl.DataFrame, right: tuple[str, ...] | list[str]) -> str:
    """As Markdown, as many lines as the page shows in place."""
    heads = "".join(f" {name} |" for name in rows.columns)
    lines = [
        f"|{heads}",
        "|" + "".join(" ---: |" if n in right else " --- |" for n in rows.columns),
    ]
    lines += ["|" + "".join(f" {_cell(value)} |" for value in row) for row in rows.iter_rows()]
    left = 0
    while len("\n".join(lines)) > INLINE_CHARS - 40:
        lines.pop()
        left += 1
    return "\n".join([*lines, f"\n… and {left} more"] if left else lines)


def _cell(value: object) -> str:
    text = " ".join(str(value).split())
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in text)
