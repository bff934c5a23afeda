"""Family ``translate``: the same in Elixir and in Erlang, where a section shows both side by side.

Belongs here: which two blocks say the same, and whether they give the same. Does not: translating
(nothing is invented), reading values (``beam/terms.py``).

Two sessions show the same values and give them when run; two listings of expressions end in the
same value, which a run tells; two listings that define something compile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.terms import Dialect, Term, parse_term, same
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

__all__ = ["compared", "translate"]

BETWEEN_MAX = 400  # characters of prose between the two
SHARED_MIN = 0.3
CODE_MIN = 12  # characters
_SAME = re.compile(
    r"\bin (?:Erlang|Elixir)\b|\b(?:Erlang|Elixir)(?:'s)? (?:version|equivalent|counterpart|"
    r"example|code|program|syntax)\b|\bthe (?:same|equivalent)\b|\bequivalent (?:to|of|in)\b|"
    r"\btranslat|\bwould be written\b|\bwritten in\b|\bcounterpart\b|"
    r"^\s*\**(?:In )?(?:Erlang|Elixir)\**:?\s*$",
    re.I | re.M,
)
_WORD = re.compile(r"[A-Za-z][a-z0-9]+|[A-Z]{2,}|\d+")
_DEFINES = re.compile(r"(?m)^\s*(?:def\w* |@\w+ |-\w+\(|[a-z]\w*\([^\n]*\) ?(?:when .*)?->)")
_ENDS = re.compile(r"(?<=\.)[ \t]*(?:%[^\n]*)?\n")
_REMARK = re.compile(r"(?m)^[ \t]*[#%](?![{\w]).*\n?")
_BYTES = re.compile(r'<<"(?:[^"\\]|\\.)*[^\x00-\x7f](?:[^"\\]|\\.)*"(?!/utf8)')  # Latin-1, no text
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
        led = before and before["kind"] in (*PROSE, "caption")
        said = f"{before['text'] if before and led else ''}\n{between}"
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
    lang = "elixir" if target == "Elixir" else "erlang"
    quotes = [
        view.quote(asked, 0, len(asked["text"]), "question"), *_quotes(view, said),
    ]  # fmt: skip
    made = Candidate(
        "translate", said["block_id"], lang, "code",
        f"{words}\n\n{fenced(_code_of(asked), source.lower())}", fenced(_code_of(said), lang),
        quotes, [(source.lower(), _code_of(asked)), (lang, _code_of(said))],
        problem=_contrast(asked, said), trials=_trials(view, asked, said),
    )  # fmt: skip
    if any(trial.wanted == "tells" for trial in made.trials):
        made.finish = compared
    return made


def compared(candidate: Candidate) -> None:
    """After a run: refused where the two give different values."""
    last = [found[-1].actual if found else "" for found in candidate.outcomes]
    spoken = (trial.program.pieces[-1].lang for trial in candidate.trials)
    langs: list[Dialect] = ["erlang" if lang == "erlang" else "elixir" for lang in spoken]
    if not _equal(last[0], langs[0], last[1], langs[1]):
        candidate.problem = "values_differ"


def _equal(one: str, lang: Dialect, other: str, its: Dialect) -> bool:
    mine, theirs = parse_term(one.strip(), lang), parse_term(other.strip(), its)
    erlang = " ".join(text for text, said in ((one, lang), (other, its)) if said == "erlang")
    if mine is None or theirs is None or _BYTES.search(erlang):
        return False
    return same(mine, theirs) or same(_codes(mine), _codes(theirs))


def _codes(term: Term) -> Term:
    """The value with text as its code points: a string in the one language, a charlist in the
    other. A binary that is no UTF-8 stays one."""
    if term.kind == "binary" and isinstance(term.value, bytes):
        try:
            said = term.value.decode("utf-8")
        except UnicodeDecodeError:
            return term
        return Term("list", None, tuple(Term("int", ord(char)) for char in said), term.open)
    return replace(term, items=tuple(_codes(item) for item in term.items))


def _contrast(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Two sessions side by side may be there to show that the languages differ."""
    if min(len(_code_of(one)), len(_code_of(other))) < CODE_MIN:
        return "too_little_code"
    if "code" in (one["kind"], other["kind"]):
        return ""
    mine, its = ([e.result for e in entries(b["text"], b["kind"])] for b in (one, other))
    langs: list[Dialect] = [_dialect(block) for block in (one, other)]
    alike = len(mine) == len(its) and all(
        first == second or _equal(first, langs[0], second, langs[1])
        for first, second in zip(mine, its, strict=True)
    )
    return "" if alike else "results_differ"


def _quotes(view: View, block: dict[str, Any]) -> list[Quote]:
    if block["kind"] == "code":
        return [view.quote(block, 0, len(block["text"]), "answer")]
    return [
        view.quote(block, one.start, one.typed_end, "answer")
        for one in entries(block["text"], block["kind"])
    ]


def _trials(view: View, asked: dict[str, Any], said: dict[str, Any]) -> tuple[Trial, ...]:
    """Sessions give what they show, listings of expressions a value each, others compile."""
    both = (asked, said)
    told = any(block["kind"] != "code" or _DEFINES.search(block["text"]) for block in both)
    if not told:
        return tuple(Trial(Program(tuple(_typed(block))), "tells") for block in both)
    found = (
        listing_trial(view, block, needed=True)
        if block["kind"] == "code"
        else session_trial(view, block, needed=True)
        for block in both
    )
    return tuple(trial for trial in found if trial is not None)


def _typed(block: dict[str, Any]) -> list[Piece]:
    """The expressions of a listing as they would be typed."""
    lang, text = _dialect(block), _REMARK.sub("", block["text"]).strip()
    if lang == "elixir":
        return [Piece("typed", lang, text)]
    pieces = [one.strip() for one in _ENDS.split(f"{text}\n") if one.strip()]
    ended = [one if re.search(r"\.\s*(?:%.*)?$", one) else f"{one}." for one in pieces]
    return [Piece("typed", lang, one) for one in ended]


def _dialect(block: dict[str, Any]) -> Dialect:
    return "erlang" if language_name(block["lang"]) == "Erlang" else "elixir"
