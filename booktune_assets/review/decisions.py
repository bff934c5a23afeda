"""What people decided, as a small table that outlives every build.

Belongs here: ``<home>/review/decisions.parquet``, read and written whole. Does not: what the sets
do about it (``chain/review.py``), how people are asked (``server.py``).

The file is no part of the lake: nothing makes it anew, and no rebuild may take it away. It is
replaced by rename under a lock, so two reviewers at once lose nothing, and a reader sees one state.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.contracts import check
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest
from booktune_assets.lake import replaced
from booktune_assets.schemas_review import DECISIONS
from booktune_assets.settings import Settings

__all__ = ["Decision", "Decisions", "Turns"]

Turns = tuple[tuple[str, str], ...]  # (role, content)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; ``turns`` only of an edit."""

    pair_id: str
    book_id: str
    decision: str
    turns: Turns | None = None
    note: str = ""
    reviewer: str = ""
    decided_at: float = 0.0

    @property
    def edited(self) -> list[dict[str, str]]:
        """The turns as tables hold them."""
        return [{"role": role, "content": content} for role, content in self.turns or ()]


class Decisions:
    """The table of a home. Holds no state but the path."""

    def __init__(self, settings: Settings) -> None:
        self.path: Path = settings.home / "review" / "decisions.parquet"

    def frame(self) -> pl.DataFrame:
        """All decisions by pair; raises ``DAMAGED_FILE`` when the file cannot be read."""
        try:
            return check(DECISIONS, pl.read_parquet(self.path)).sort("pair_id")
        except FileNotFoundError:
            return pl.DataFrame(schema=DECISIONS.schema)
        except (pl.exceptions.PolarsError, OSError, BookError) as problem:
            raise BookError(
                Code.DAMAGED_FILE, "Put a copy of it back, or move it away to begin anew",
                file=self.path, why=" ".join(str(problem).split()),
            ) from problem  # fmt: skip

    def all(self) -> dict[str, Decision]:
        """Decisions by pair id."""
        return {row["pair_id"]: _decision(row) for row in self.frame().iter_rows(named=True)}

    def digest(self) -> str:
        """The same for the same decisions, whoever made them and whenever; empty for none."""
        rows = [[one.pair_id, one.decision, one.edited] for one in self.all().values()]
        return digest(rows) if rows else ""

    def put(self, *decisions: Decision) -> None:
        """Add decisions, each in the place of the pair's earlier one."""
        now = time.time()
        rows = [_row(one, one.decided_at or now) for one in decisions]
        with self._changing() as kept:
            kept.update({str(row["pair_id"]): row for row in rows})

    def take_back(self, pairs: Sequence[str]) -> None:
        """Remove the decisions about these pairs."""
        with self._changing() as kept:
            for pair in pairs:
                kept.pop(pair, None)

    @contextmanager
    def _changing(self) -> Generator[dict[str, dict[str, Any]]]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path.with_name("_lock"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            rows = {str(row["pair_id"]): row for row in self.frame().to_dicts()}
            yield rows
            made = DECISIONS.frame([rows[pair] for pair in sorted(rows)])
            with replaced(self.path) as temp:
                check(DECISIONS, made).write_parquet(temp)
        finally:
            os.close(handle)


def _decision(row: dict[str, Any]) -> Decision:
    turns = row["turns"]
    said = None if turns is None else tuple((one["role"], one["content"]) for one in turns)
    return Decision(
        row["pair_id"], row["book_id"], row["decision"], said, row["note"], row["reviewer"],
        row["decided_at"],
    )  # fmt: skip


def _row(one: Decision, now: float) -> dict[str, Any]:
    turns = one.edited if one.decision == "edit" else None
    return {
        "pair_id": one.pair_id, "book_id": one.book_id, "decision": one.decision, "turns": turns,
        "note": one.note, "reviewer": one.reviewer, "decided_at": now,
    }  # fmt: skip
