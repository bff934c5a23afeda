"""Rows of what a teacher worded: ids and tables.

Belongs here: pairs, evidence, rejects, verdicts and passages as rows. Does not: the work on a
passage (``teacher.py``), joining with what was taken from the text (``teacher_join.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from booktune_assets.beam.symbols import BookSymbols
from booktune_assets.ids import make_id
from booktune_assets.pairs.candidate import Candidate
from booktune_assets.pairs.judges import JUDGE_VERSION, Judged
from booktune_assets.pairs.judges_canaries import Examined
from booktune_assets.pairs.outcomes import verified
from booktune_assets.pairs.recipes.base import Draft, Exchange, Passage, Recipe, Teaching
from booktune_assets.pairs.teacher_drive import Worked
from booktune_assets.pairs.teacher_gates import candidate_of
from booktune_assets.pairs.tokens import answer_tokens
from booktune_assets.schemas_pairs import (
    PAIR_EVIDENCE,
    PAIR_REJECTS,
    PAIRS,
    VERIFICATIONS,
)
from booktune_assets.schemas_teacher import PAIR_TEACHER, PAIR_VERDICTS

__all__ = ["TABLES_MADE", "Rows", "Teacher", "Told"]

_ORDER = (
    "G0_form", "G1_stands_alone", "G2_grounding", "G2_identifiers", "G3_parse", "G4_compile",
    "G5_execute", "G7_round_trip", "G6_judge",
)  # fmt: skip
TABLES_MADE = (PAIRS, PAIR_EVIDENCE, PAIR_REJECTS, PAIR_VERDICTS, PAIR_TEACHER)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Teacher:
    """Who words pairs. ``book`` is what the listings of the book define."""

    book_id: str
    model: str
    revision: str
    teaching: Teaching = field(default_factory=Teaching)
    book: BookSymbols = field(default_factory=BookSymbols)

    @property
    def name(self) -> str:
        """``model@revision``; the model alone where no revision is known."""
        return f"{self.model}@{self.revision}" if self.revision else self.model


@dataclass(slots=True)
class Told:
    """An exchange after the gates, with the judge's verdicts on its sentences."""

    exchange: Exchange
    judged: list[Judged] = field(default_factory=list[Judged])


class Rows:
    """Rows of the passages worked on, as they come, and what their calls came to.

    ``taken`` are ids of rows that are there already.
    """

    def __init__(
        self, teacher: Teacher, judge: Examined | None, chain: str = "", taken: Iterable[str] = ()
    ) -> None:
        self._teacher, self._judge, self._chain = teacher, judge, chain
        self._rows: dict[str, list[Row]] = {table.name: [] for table in TABLES_MADE}
        self._taken = set(taken)
        self.made = self.cached = self.prompt_tokens = self.completion_tokens = 0

    @property
    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames; split and concepts of pairs are still null."""
        return {table.name: table.frame(self._rows[table.name]) for table in TABLES_MADE}

    def add(self, passage: Passage, recipe: Recipe, digest: str, worked: Worked) -> None:
        """The rows of one passage; of one that waits for a budget, only that it waits."""
        self.made += worked.made
        self.cached += worked.cached
        self.prompt_tokens += worked.prompt_tokens
        self.completion_tokens += worked.completion_tokens
        told: list[Told] = worked.result or []
        judged = {id(one.exchange): one.judged for one in told}
        kept = [one.exchange for one in told if one.exchange.problem is None]
        pairs = [self._pair(draft, passage, recipe, judged) for draft in recipe.group(kept)]
        lost = [
            self._reject(one.exchange, passage, recipe, judged)
            for one in told
            if one.exchange.problem is not None
        ]
        self._rows[PAIR_TEACHER.name].append({
            "unit_id": passage.unit_id, "recipe": recipe.name, "book_id": self._teacher.book_id,
            "section_id": passage.section_id, "input_digest": digest, "status": worked.status,
            "withheld": len(passage.withheld), "kept": len(pairs), "rejected": len(lost),
            "pair_ids": pairs, "candidate_ids": lost,
            "call_keys": list(dict.fromkeys(worked.calls)),
        })  # fmt: skip

    def _name(
        self, turns: Sequence[Row], exchanges: Sequence[Exchange], passage: Passage, recipe: Recipe
    ) -> str:
        """By the blocks that it quotes: where another one of its section is mended, it stays."""
        said = [part for turn in turns for part in (turn["role"], turn["content"])]
        quoted = {quote.block_id for one in exchanges for quote in one.quotes}
        homes = ",".join(sorted(quoted)) or passage.unit_id
        fields = [homes, f"teacher:{recipe.name}", recipe.version, *said]
        name, nth = make_id("pair", *fields), 0
        while name in self._taken:
            nth += 1
            name = make_id("pair", *fields, str(nth))
        self._taken.add(name)
        return name

    def _pair(
        self, draft: Draft, passage: Passage, recipe: Recipe, judged: Mapping[int, list[Judged]]
    ) -> str:
        name = self._name(draft.turns, draft.exchanges, passage, recipe)
        first = draft.exchanges[0]
        seen = [one.candidate or candidate_of(one, passage) for one in draft.exchanges]
        level, found = _verified(seen, self._chain)
        prompts = f"prompts {recipe.name}.{recipe.version}, {JUDGE_VERSION}"
        kinds = {one.kind for one in seen}
        tokens = answer_tokens(draft.turns)
        self._rows[PAIRS.name].append({
            **self._base(passage, first.family, draft.turns), "pair_id": name,
            "family_version": recipe.version, "kind": kinds.pop() if len(kinds) == 1 else "mixed",
            "lang": next((one.lang for one in seen if one.lang), ""),
            "verification": level,
            "verified_by": "; ".join([*found, prompts]),
            "generator": "teacher", "recipe": recipe.name,
            "model": self._teacher.name,
            "call_keys": _calls(draft.exchanges), "gates": _passed(draft.exchanges),
            "answer_chars": sum(len(one.answer) for one in draft.exchanges),
            "answer_tokens": tokens.answer, "code_tokens": tokens.code,
        })  # fmt: skip
        quotes = [quote for one in draft.exchanges for quote in one.quotes]
        for ordinal, quote in enumerate(dict.fromkeys(quotes)):
            self._rows[PAIR_EVIDENCE.name].append({
                "pair_id": name, "ordinal": ordinal, "book_id": self._teacher.book_id,
                "section_id": quote.section_id, "block_id": quote.block_id, "role": quote.role,
                "quote": quote.text, "char_start": quote.start, "char_end": quote.end,
            })  # fmt: skip
        self._verdicts(name, draft.exchanges, passage, judged)
        return name

    def _reject(
        self, one: Exchange, passage: Passage, recipe: Recipe, judged: Mapping[int, list[Judged]]
    ) -> str:
        turns = Draft([one]).turns
        name = self._name(turns, [one], passage, recipe)
        gate, reason = one.problem or ("", "")
        self._rows[PAIR_REJECTS.name].append({
            **self._base(passage, one.family, turns), "candidate_id": name, "gate": gate,
            "reason": reason,
        })  # fmt: skip
        self._verdicts(name, [one], passage, judged)
        return name

    def _base(self, passage: Passage, family: str, turns: Sequence[Row]) -> Row:
        return {
            "book_id": self._teacher.book_id, "section_id": passage.section_id, "family": family,
            "turns": turns,
        }  # fmt: skip

    def _verdicts(
        self, name: str, exchanges: Sequence[Exchange], passage: Passage,
        judged: Mapping[int, list[Judged]],
    ) -> None:  # fmt: skip
        verdicts = [verdict for one in exchanges for verdict in judged[id(one)]]
        for ordinal, verdict in enumerate(verdicts):
            self._rows[PAIR_VERDICTS.name].append({
                "candidate_id": name, "ordinal": ordinal, "book_id": self._teacher.book_id,
                "section_id": passage.section_id, "judge": self._judge.judge if self._judge else "",
                "prompt": JUDGE_VERSION, "sentence": verdict.sentence, "votes": verdict.votes,
                "asked": verdict.asked, "supported": verdict.supported,
                "applied": bool(self._judge and self._judge.may_gate),
                "call_keys": list(verdict.calls),
            })  # fmt: skip


def _calls(exchanges: Sequence[Exchange]) -> list[str]:
    return list(dict.fromkeys(key for one in exchanges for key in one.calls))


def _verified(seen: Sequence[Candidate], chain: str) -> tuple[str, list[str]]:
    """What the weakest answer with code passed, and what each check found out."""
    each = [verified(one, chain) for one in seen]
    told = [level for one, (level, _) in zip(seen, each, strict=True) if one.kind != "theory"]
    level = min(told or [level for level, _ in each], key=VERIFICATIONS.index)
    return level, list(dict.fromkeys(found for _, found in each if found))


def _passed(exchanges: Sequence[Exchange]) -> list[str]:
    return [gate for gate in _ORDER if all(gate in one.passed for one in exchanges)]
