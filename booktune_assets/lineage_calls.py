"""What a teacher was asked for a pair, what it said, and what judges made of it.

Belongs here: calls by their keys from the request cache, verdicts of judges, calls behind a refused
candidate. Does not: the way back to the page (``lineage.py``). The cache may have been deleted: the
keys then still stand in the lake, and only the words are gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from booktune_assets.lake import Lake
from booktune_assets.lineage_fate import row_of, rows_of
from booktune_assets.settings import Settings

__all__ = ["Call", "Verdict", "calls_of", "keys_of_candidate", "verdicts_of"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the prompt as it was sent (None when the cache has it no more) and the reply."""

    call_key: str
    model: str
    prompt: str | None
    reply: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence of an answer before a judge; ``applied``: the verdict decided something."""

    sentence: str
    votes: int
    asked: int
    supported: bool
    applied: bool
    judge: str
    prompt: str


def calls_of(settings: Settings, keys: Sequence[str]) -> tuple[Call, ...]:
    """The calls behind these keys, in their order."""
    if not keys or not settings.calls.is_file():
        return tuple(Call(key, "", None, None) for key in keys)
    from booktune_assets.llm.cache import Cache

    cache = Cache(settings.calls)
    try:
        return tuple(_call(key, cache.asked(key), cache.replied(key)) for key in keys)
    finally:
        cache.close()


def verdicts_of(lake: Lake, book: str, pair_id: str) -> tuple[Verdict, ...]:
    """What judges said about a pair or candidate, sentence by sentence."""
    here = pl.col("candidate_id") == pair_id
    found = rows_of(lake, "instruction_pairs__verdicts", book, here, ())
    if found.is_empty():
        return ()
    names = Verdict.__dataclass_fields__
    return tuple(
        Verdict(**{name: row[name] for name in names}) for row in found.sort("ordinal").to_dicts()
    )


def keys_of_candidate(lake: Lake, book: str, candidate_id: str) -> tuple[str, ...]:
    """Keys of the calls about the passage that a refused candidate is of."""
    here = pl.col("candidate_ids").list.contains(candidate_id)
    row = row_of(lake, "instruction_pairs__teacher", book, here, "call_keys")
    return tuple(row["call_keys"]) if row else ()


def _call(key: str, asked: dict[str, Any] | None, reply: str | None) -> Call:
    if asked is None:
        return Call(key, "", None, reply)
    said = [f"{role}: {text}" for role, text in asked.get("messages") or ()]
    model = "@".join(str(asked[name]) for name in ("model", "revision") if asked.get(name))
    plain = str(asked.get("prompt") or "")
    if not said and not plain:  # an opening that no text stands for
        plain = f"token ids {' '.join(map(str, asked.get('ids') or ()))}"
    return Call(key, model, "\n\n".join(said) or plain, reply)
