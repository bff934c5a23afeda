"""What an adapter still knows of the stages before the books, by the losses that they wrote down.

Belongs here: reading the receipt, lines and a table of it. Does not: measuring
(``training/child.py``), the matrix of stages on documents held out (``evaluation/staged.py``).

The rows are those of each stage's demo pool: a few texts that the stage learned and later ones may
have rehearsed. So a rise is forgetting for sure, and none shows little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from booktune_assets.lake import Receipt

__all__ = ["forgotten", "remembered", "remembered_table"]

ALLOWED = 0.01  # nats per token


def remembered(receipt: Receipt) -> list[Mapping[str, Any]]:
    """A row for each run and stage before it: ``after``, ``stage``, ``rows``, ``then``, ``now``,
    ``rose``. Empty without stages, and of adapters from before this was measured."""
    noted = receipt.notes.get("remembered")
    return cast("list[Mapping[str, Any]]", noted) if isinstance(noted, list) else []


def forgotten(receipt: Receipt) -> list[str]:
    """A line for each stage whose texts are known worse at the end than when it ended."""
    return [
        f"forgot of the stage {row['stage']}: loss on {row['rows']} of its texts was "
        f"{row['then']:.3f} when it ended and is {row['now']:.3f} nats per token; choose ways "
        "(training.forgetting), fewer steps or a lower rate"
        for row in remembered(receipt)
        if row["after"] == "books" and row["now"] > row["then"] + ALLOWED
    ]


def remembered_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Markdown: the loss on each stage's texts at its own end, and after every later run."""
    lines = ["| texts of | after | loss then | now | of rows, worse |", "|---|---|---:|---:|---:|"]
    lines += [
        f"| {row['stage']} | {row['after']} | {row['then']:.3f} | {row['now']:.3f} "
        f"| {row['rose']} of {row['rows']} |"
        for row in rows
    ]
    return "\n".join(lines)
