"""Two evaluations made at different times: which of their items may be compared.

Belongs here: pairing rows by what was asked, saying what could not be paired. Does not: figures and
verdicts (``compare.py``), finding the tables (``chain/measure.py``).

An item's id says what it is about, not how it was asked: another version of a suite, other
settings or another edition of a book may ask the same id otherwise. So rows are paired only when
their ``asked`` is the same, which is a digest of prompt (tools in it), options, reference, tests
and sampling. What is
left over is counted in words, suite by suite, and never compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.evaluation.items import ARMS, Item, ItemScore
from booktune_assets.ids import digest

__all__ = ["Alike", "alike", "asked_digests"]

Row = Mapping[str, Any]
_COLUMNS = tuple(ItemScore.__slots__)


@dataclass(slots=True)
class Alike:
    """Rows under the arms ``base`` (first) and ``tuned`` (second), and by suite what is not in it.

    ``metrics``: (suite, metric) that either has.
    """

    rows: list[ItemScore] = field(default_factory=list[ItemScore])
    notes: dict[str, str] = field(default_factory=dict[str, str])
    metrics: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])


def asked_digests(items: Sequence[Item], rows: Sequence[ItemScore], seed: int) -> dict[str, str]:
    """By the item id of each row of a suite, digest of all that was asked for it.

    A row may stand for several items: those of its cluster (a gap), or ``id#…`` (both ways of one
    question).
    """
    own: dict[str, list[str]] = defaultdict(list)
    for item in items:
        drawn = [item.samples, item.temperature, seed if item.temperature else 0]
        further = [[item.system, item.judge]] if item.system or item.judge else []
        said = digest([item.item_id, item.ask, item.text, item.reference, list(item.options),
                       item.new_tokens, list(item.stop), *drawn,
                       *further])  # fmt: skip
        for name in {item.item_id, item.item_id.partition("#")[0], item.cluster} - {""}:
            own[name].append(said)
    exact = {item.item_id for item in items}
    alone = {item.item_id: own[item.item_id][0] for item in items}
    found: dict[str, str] = {}
    for row in rows:
        whole = own.get(row.item_id, [])
        found[row.item_id] = digest(sorted(whole))
        if row.item_id in exact and len(whole) == 1:
            found[row.item_id] = alone[row.item_id]
    return found


def alike(first: Sequence[Row], second: Sequence[Row]) -> Alike:
    """Pairs of two tables of items. Of one with both arms the tuned one is taken.

    Tables from before ``asked`` was kept are paired by prompt and reference.
    """
    made = Alike()
    tables = [_last_arm(first), _last_arm(second)]
    keyed = all(row.get("asked") for table in tables for row in table)
    sides = [{(row["suite"], row["metric"], row["item_id"]): row for row in one} for one in tables]
    made.metrics = {key[:2] for side in sides for key in side}
    shared = [key for key in sides[0] if key in sides[1]]
    same = {key for key in shared if _key(sides[0][key], keyed) == _key(sides[1][key], keyed)}
    for arm, side in zip(ARMS, sides, strict=True):
        made.rows += [_scored(row, arm) for key, row in side.items() if key in same]
    for suite in sorted({suite for suite, _ in made.metrics}):
        made.notes[suite] = _note(suite, sides, set(shared), same)
    return made


def _note(
    suite: str, sides: Sequence[Mapping[tuple[str, str, str], Row]],
    shared: set[tuple[str, str, str]], same: set[tuple[str, str, str]],
) -> str:  # fmt: skip
    """What of a suite is not compared, and why; empty when all is."""
    own = [{key[2] for key in side if key[0] == suite} for side in sides]
    both = {key[2] for key in shared if key[0] == suite}
    kept = {key[2] for key in same if key[0] == suite}
    parts: list[str] = []
    if changed := len(both - kept):
        parts.append(f"{changed} asked otherwise (prompt, reference or settings)")
    for side, words in zip(own, ("only in the first", "only in the second"), strict=True):
        if left := len(side - both):
            parts.append(f"{left} {words}")
    if not parts:
        return ""
    return f"{len(kept)} of {len(own[0] | own[1])} items are the same in both, {', '.join(parts)}"


def _last_arm(rows: Sequence[Row]) -> list[Row]:
    arm = ARMS[1] if any(row["arm"] == ARMS[1] for row in rows) else ARMS[0]
    return [row for row in rows if row["arm"] == arm]


def _key(row: Row, keyed: bool) -> str:
    return str(row["asked"]) if keyed else digest([row["prompt"], _reference(row)])


def _reference(row: Row) -> object:
    """Of copies it is what was found in the answer, which is no part of the question."""
    return None if row["suite"] == "regurgitation" else row["reference"]


def _scored(row: Row, arm: str) -> ItemScore:
    said: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    said["arm"], said["concepts"] = arm, tuple(row["concepts"])
    return ItemScore(**said)
