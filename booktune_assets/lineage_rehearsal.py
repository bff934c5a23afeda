"""The way back of a rehearsal text: its source, what the model was shown and asked, its checks.

Belongs here: one row of ``rehearsal_set`` or of what was left out of it, its examples and calls.
Does not: pairs of books (``lineage.py``), printing (``cli/trace_rehearsal.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from booktune_assets.errors import BookError, Code
from booktune_assets.lake import Lake, Receipt
from booktune_assets.lineage_calls import Call, calls_of
from booktune_assets.lineage_fate import row_of, rows_of
from booktune_assets.settings import Settings

__all__ = ["RehearsalTrace", "rehearsal_missing", "rehearsal_trace", "rehearsal_words"]

ASSET = "rehearsal_set"
_TABLES = (ASSET, f"{ASSET}__rejected")


@dataclass(frozen=True, slots=True)
class RehearsalTrace:
    """``row`` is that of ``rehearsal_set``, or of ``rehearsal_set__rejected`` (with ``reason``);
    ``demos`` are rows of ``rehearsal_set__demos`` in the order shown; ``adapter_ids`` are the
    adapters that were trained on this set."""

    set_id: str
    current: bool
    row: dict[str, Any]
    demos: tuple[dict[str, Any], ...]
    calls: tuple[Call, ...]
    adapter_ids: tuple[str, ...]


def rehearsal_trace(settings: Settings, row_id: str) -> RehearsalTrace:
    """The way back of ``reh_…``, from the current set or the newest older one that has it.

    Raises ``UNKNOWN_EXAMPLE``.
    """
    lake = Lake(settings.lake)
    set_id, row = _found(lake, row_id.strip())
    shown = rows_of(
        lake, f"{ASSET}__demos", set_id, pl.col("demo_id").is_in(row["demo_ids"]), ()
    ).to_dicts()
    by_id = {demo["demo_id"]: demo for demo in shown}
    return RehearsalTrace(
        set_id,
        set_id == lake.current_key(ASSET),
        row,
        tuple(by_id[name] for name in row["demo_ids"] if name in by_id),
        calls_of(settings, row["call_keys"]),
        _adapters(lake, set_id),
    )


def rehearsal_words(receipt: Receipt) -> str:
    """One line about a set: rows by origin, thirds by difficulty, what is missing."""
    counts = receipt.counts
    if "candidates" not in counts:
        return ""
    origins = ("real_replay", "pretrain", "ssr", "magpie")
    said = ", ".join(f"{counts[one]} {one}" for one in origins if counts.get(one))
    if written := counts["candidates"]:
        kept = counts["ssr"] + counts["magpie"]
        thirds = " ".join(f"{counts.get(one, 0)} {one}" for one in ("easy", "middle", "hard"))
        said += f"; {kept} of {written} written are kept ({thirds})"
    if counts["deficit"]:
        said += f"; {counts['deficit']} fewer than wanted"
    return said


def rehearsal_missing(receipt: Receipt) -> list[str]:
    """What a set is short of and why, in sentences: none when it is as wanted."""
    counts = receipt.counts
    if partial := receipt.notes.get("partial"):
        return [f"partial: {partial}"]
    if not counts.get("deficit"):
        return []
    said = f"{counts['deficit']} rows fewer than wanted"
    refused = {
        name.removeprefix("rejected_").replace("_", " "): number
        for name, number in counts.items()
        if name.startswith("rejected_") and name != "rejected_not_selected"
    }
    if refused:
        ranked = sorted(refused.items(), key=lambda one: (-one[1], one[0]))
        said += f"; left out: {', '.join(f'{number} {name}' for name, number in ranked)}"
    return [said]


def _found(lake: Lake, row_id: str) -> tuple[str, dict[str, Any]]:
    current = lake.current_key(ASSET)
    older = [key for key in lake.keys(ASSET) if key != current]
    older.sort(key=lambda key: _made_at(lake, key), reverse=True)
    for key in [current, *older] if current else older:
        for table in _TABLES:
            row = row_of(lake, table, key, pl.col("row_id") == row_id)
            if row is not None and "call_keys" in row:
                return key, row
    raise BookError(
        Code.UNKNOWN_EXAMPLE, "Ids start with reh_ and stand in rehearsal_set", example=row_id
    )


def _made_at(lake: Lake, key: str) -> float:
    receipt = lake.receipt(ASSET, key)
    return receipt.made_at if receipt else 0.0


def _adapters(lake: Lake, set_id: str) -> tuple[str, ...]:
    here = pl.col("rehearsal_id") == set_id
    found = (
        row_of(lake, "lora_adapter", key, here, "adapter_id") for key in lake.keys("lora_adapter")
    )
    return tuple(sorted(str(row["adapter_id"]) for row in found if row is not None))
