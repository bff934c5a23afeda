"""What asking took, by suite and arm: calls, tokens, seconds.

Belongs here: adding it up. Does not: asking (``child.py``), prices (``chain/measure.py``).

Seconds are those of the engine, shared evenly among the calls of a batch and kept with each answer:
an evaluation that goes on after a kill, or takes answers that another one had, says what they took
when they were asked. Tokens of scored texts are the model's own; of what is written and of prompts
they are taken from characters, because engines hand back text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["CHARS", "Spent"]

CHARS = 4  # of a token


class Spent:
    """Sums by (suite, arm). Items are named ``suite/item``, as the child is given them."""

    def __init__(self, items: Mapping[str, Mapping[str, Any]]) -> None:
        self._items = items
        self._sums: dict[tuple[str, str], dict[str, float]] = {}

    def add(self, owner: str, arm: str, value: object, seconds: float | None) -> None:
        """One call and its answer: ``[nats, tokens, bytes]``, a text, or an error."""
        suite = owner.partition("/")[0]
        row = self._sums.setdefault(
            (suite, arm), {"calls": 0, "untimed": 0, "read": 0.0, "written": 0.0, "seconds": 0.0}
        )
        row["calls"] += 1
        row["untimed"] += seconds is None
        row["seconds"] += seconds or 0.0
        text = str(self._items[owner].get("system") or "") + str(self._items[owner]["text"])
        if isinstance(value, list) and len(value) > 1 and isinstance(value[1], int | float):
            row["read"] += float(value[1])
            if self._items[owner]["ask"] != "text":
                row["read"] += len(text) / CHARS
        else:
            row["read"] += len(text) / CHARS
            row["written"] += len(value) / CHARS if isinstance(value, str) else 0.0

    def rows(self) -> list[dict[str, Any]]:
        """One for each suite and arm."""
        return [
            {
                "suite": suite, "arm": arm, "calls": int(row["calls"]),
                "untimed": int(row["untimed"]), "tokens_read": round(row["read"]),
                "tokens_written": round(row["written"]), "seconds": round(row["seconds"], 2),
            }
            for (suite, arm), row in self._sums.items()
        ]  # fmt: skip
