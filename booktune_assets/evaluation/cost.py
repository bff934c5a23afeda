"""What an evaluation will take, by suite, before anything is asked.

Belongs here: calls, tokens and seconds that are still to come. Does not: asking (``child.py``),
what it took in the end (``spent.py``), prices (``chain/measure.py``).

Seconds follow from calls of the same model that were kept with their time: so many for a scored
byte, so many for a written character, and answers counted at their full length. They are an upper
guess of the engine's time, without loading the model. A model that was never timed has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from booktune_assets.evaluation.cache import CallCache
from booktune_assets.evaluation.spent import CHARS

__all__ = ["Expected", "SuiteCost", "probe_items", "said"]

_PROBED = 2  # items of each kind


@dataclass(frozen=True, slots=True)
class SuiteCost:
    """Of one suite, both arms together. ``generations``: calls that write. ``known``: calls that
    have their answer. Tokens are those of calls to make; ``seconds`` None: never timed."""

    suite: str
    items: int
    calls: int
    generations: int
    known: int
    tokens_in: int
    tokens_out: int
    seconds: float | None


class Expected:
    """Calls to make, added up while nothing is asked."""

    def __init__(self, items: Sequence[Mapping[str, Any]]) -> None:
        self._items = {str(item["id"]): item for item in items}
        self._sums: dict[str, dict[str, float]] = {}
        self._paces: dict[str, list[float]] = {"read": [0.0, 0.0], "write": [0.0, 0.0]}
        self._seen: set[str] = set()
        for name in self._items:
            self._row(name)["items"] += 1

    def add(self, owners: Sequence[str], todo: set[int], cache: CallCache) -> None:
        """Calls by number, of items ``owners``; those in ``todo`` have no answer in ``cache``."""
        self._time(cache)
        for number, owner in enumerate(owners):
            item, row = self._items[owner], self._row(owner)
            if number not in todo:
                row["known"] += 1
                continue
            writes = bool(item["new_tokens"]) and item["ask"] in ("answer", "completion")
            options = sum(map(len, item["options"])) / max(1, len(item["options"]))
            row["calls"] += 1
            row["read"] += len(item["text"]) + len(item.get("system") or "") + options
            row["scored"] += 0 if writes else len(item["text"]) + options
            row["generations"] += writes
            row["written"] += int(item["new_tokens"]) if writes else 0

    def suites(self) -> list[SuiteCost]:
        """In the order of the items."""
        return [
            SuiteCost(
                suite, int(row["items"]), int(row["calls"]), int(row["generations"]),
                int(row["known"]), round(row["read"] / CHARS), int(row["written"]),
                self._seconds(row),
            )
            for suite, row in self._sums.items()
        ]  # fmt: skip

    def _row(self, owner: str) -> dict[str, float]:
        names = ("items", "calls", "generations", "known", "read", "scored", "written")
        return self._sums.setdefault(owner.partition("/")[0], dict.fromkeys(names, 0.0))

    def _time(self, cache: CallCache) -> None:
        """Take over what calls of a model took, once."""
        if str(cache.path) in self._seen:
            return
        self._seen.add(str(cache.path))
        for value, seconds in cache.timed():
            if isinstance(value, str):
                pace, units = self._paces["write"], float(len(value))
            elif isinstance(value, list) and len(value) == 3 and not isinstance(value[2], str):
                pace, units = self._paces["read"], float(value[2])
            else:  # a refusal, rows of a harness, a drift: its third is the text
                continue
            pace[0] += units
            pace[1] += seconds

    def _seconds(self, row: Mapping[str, float]) -> float | None:
        wanted = {"read": row["scored"], "write": row["written"] * CHARS}
        total = 0.0
        for kind, units in wanted.items():
            known, seconds = self._paces[kind]
            if units and not known:
                return None
            total += units * seconds / known if units else 0.0
        return round(total, 1)


def probe_items(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A few items of each kind, one sample each: their answers are kept, so nothing is lost."""
    found: list[dict[str, Any]] = []
    for kinds in (("text", "choice"), ("answer", "completion")):
        own = [item for item in items if item["ask"] in kinds]
        found += [{**item, "samples": 1} for item in own[:_PROBED]]
    return found


def said(costs: Sequence[SuiteCost]) -> str:
    """``problems: 8 items, 16 calls, 3,072 tokens, about 20 s; …``; what is known is left out."""
    words: list[str] = []
    for one in costs:
        if one.calls:
            span = "time unknown" if one.seconds is None else f"about {one.seconds:.0f} s"
            words.append(f"{one.suite}: {one.items} items, {one.calls} calls, "
                         f"{one.tokens_in + one.tokens_out:,} tokens at most, {span}")  # fmt: skip
    return "; ".join(words) or "every answer is known"
