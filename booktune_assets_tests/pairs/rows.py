"""Rows of ``instruction_pairs`` and their evidence, as tests want them."""

import polars as pl

from booktune_assets.pairs.candidate import fenced
from booktune_assets.pairs.tokens import answer_tokens
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIRS


def pair(number: int, question: str, answer: str, **more: object) -> dict[str, object]:
    """A pair with an id of its own; ``more`` replaces columns."""
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    tokens = answer_tokens(turns)
    return {
        "pair_id": f"pair_{number:020x}", "book_id": "lab", "section_id": f"sec_{number}",
        "family": "define", "family_version": 1, "kind": "theory", "lang": "elixir",
        "concept_ids": [], "turns": turns, "prereq_ids": [], "level": 1, "verification": "none",
        "verified_by": None, "generator": "extractive", "recipe": "", "model": None,
        "call_keys": [], "gates": [], "answer_chars": len(answer),
        "answer_tokens": tokens.answer, "code_tokens": tokens.code, "split": "train", **more,
    }  # fmt: skip


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    """The rows as a table of pairs."""
    return PAIRS.frame([dict(row) for row in rows])


def evidence(pairs: pl.DataFrame, spans: dict[str, tuple[int, int]] | None = None) -> pl.DataFrame:
    """One answer quote for each pair: its section from 0, or the place given by pair id."""
    rows = []
    for one in pairs.iter_rows(named=True):
        start, end = (spans or {}).get(one["pair_id"], (0, one["answer_chars"]))
        rows.append(
            {
                "pair_id": one["pair_id"],
                "ordinal": 0,
                "book_id": one["book_id"],
                "section_id": one["section_id"],
                "block_id": "blk",
                "role": "answer",
                "quote": one["turns"][-1]["content"],
                "char_start": start,
                "char_end": end,
            }
        )
    return PAIR_EVIDENCE.frame(rows)


def code(text: str, lang: str = "elixir") -> str:
    """The text in a fence."""
    return fenced(text, lang)
