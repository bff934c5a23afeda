"""Family ``translate``: the same in Elixir and in Erlang, where a section shows both side by side.

Belongs here: which two blocks say the same. Does not: translating (nothing is invented).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.pairs.candidate import (
    PROSE,
    Candidate,
    Quote,
    View,
    fenced,
    language_name,
)
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.sessions import entries
from booktune_assets.pairs.trials import listing_trial, session_trial
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["translate"]

BETWEEN_MAX = 400  # characters of prose between the two
SHARED_MIN = 0.3
CODE_MIN = 12  # characters
_SAME = re.compile(
    r"\bin (?:Erlang|Elixir)\b|\b(?:Erlang|Elixir)(?:'s)? (?:version|equivalent|counterpart|"
    r"example|code|program|syntax)\b|\bthe (?:same|equivalent)\b|\bequivalent (?:to|of|in)\b|"
    r"\btranslat|\bwould be written\b|\bwritten in\b|\bcounterpart\b|"
    r"^\s*\**(?:Erlang|Elixir)\**:?\s*$",
    re.I,
)
_WORD = re.compile(r"[A-Za-z][a-z0-9]+|[A-Z]{2,}|\d+")
_KEYWORDS = frozenset(("end", "def", "defmodule", "do", "module", "export", "fun", "fn", "iex"))


def translate(view: View) -> Iterator[Candidate]:
    """Two candidates per pair of neighbours, one in each direction."""
    for place, first in enumerate(view.blocks):
        source = _code_of(first)
        if not source:
            continue
        second, between = _next_code(view.blocks[place + 1 :])
        if second is None or language_name(second["lang"]) == language_name(first["lang"]):
            continue
        before = view.blocks[place - 1] if place else None
        said = f"{before['text'] if before and before['kind'] in PROSE else ''}\n{between}"
        target = _code_of(second)
        if not target or not _SAME.search(said) or not _alike(source, target):
            continue
        yield _candidate(view, first, second)
        yield _candidate(view, second, first)


def _next_code(blocks: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, str]:
    """The next block of code, and the little prose that may stand before it."""
    said = ""
    for block in blocks:
        if block["kind"] in ("code", "iex", "erl_shell"):
            return (block if language_name(block["lang"]) else None), said
        if block["kind"] not in (*PROSE, "caption") or len(said) > BETWEEN_MAX:
            return None, said
        said += f"\n{block['text']}"
    return None, said


def _code_of(block: dict[str, Any]) -> str:
    """What was written, without prompts and results; empty for what is no code of either."""
    if not language_name(block["lang"]) or block["kind"] not in ("code", "iex", "erl_shell"):
        return ""
    if block["kind"] == "code":
        return block["text"]
    return "\n".join(one.expression for one in entries(block["text"], block["kind"]))


def _alike(one: str, other: str) -> bool:
    """Do they share enough of their names and numbers to be the same thing?"""
    mine = {word.lower() for word in _WORD.findall(one.replace("_", " "))} - _KEYWORDS
    its = {word.lower() for word in _WORD.findall(other.replace("_", " "))} - _KEYWORDS
    smaller = min(len(mine), len(its))
    return smaller > 0 and len(mine & its) / smaller >= SHARED_MIN


def _candidate(view: View, asked: dict[str, Any], said: dict[str, Any]) -> Candidate:
    source, target = language_name(asked["lang"]), language_name(said["lang"])
    key = f"{asked['block_id']}:{said['block_id']}"
    words = ask_code("translate", key, source=source, target=target)
    trials = [trial for one in (asked, said) if (trial := _trial(view, one)) is not None]
    lang = "elixir" if target == "Elixir" else "erlang"
    quotes = [
        view.quote(asked, 0, len(asked["text"]), "question"), *_quotes(view, said),
    ]  # fmt: skip
    return Candidate(
        "translate", said["block_id"], lang, "code",
        f"{words}\n\n{fenced(_code_of(asked), source.lower())}", fenced(_code_of(said), lang),
        quotes, [(source.lower(), _code_of(asked)), (lang, _code_of(said))],
        problem=_contrast(asked, said), trials=tuple(trials),
    )  # fmt: skip


def _contrast(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Two sessions side by side may be there to show that the languages differ."""
    if min(len(_code_of(one)), len(_code_of(other))) < CODE_MIN:
        return "too_little_code"
    if "code" in (one["kind"], other["kind"]):
        return ""
    mine, its = (
        ["".join(entry.result.split()) for entry in entries(block["text"], block["kind"])]
        for block in (one, other)
    )
    return "" if mine == its else "results_differ"


def _quotes(view: View, block: dict[str, Any]) -> list[Quote]:
    if block["kind"] == "code":
        return [view.quote(block, 0, len(block["text"]), "answer")]
    return [
        view.quote(block, one.start, one.typed_end, "answer")
        for one in entries(block["text"], block["kind"])
    ]


def _trial(view: View, block: dict[str, Any]) -> Trial | None:
    if block["kind"] == "code":
        return listing_trial(view, block, needed=True)
    return session_trial(view, block, needed=True)
