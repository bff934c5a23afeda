"""What a gate refused, beside what passed for the same question: rows for preference training.

Belongs here: which refused candidate belongs to which kept pair, the files of these rows. Does not:
refusing (``gates.py``), the sets themselves (``export.py``).

A refused candidate is a worse answer only where the question is the same: the same words, or in one
section a question of the same family that shares half of its words and all of its code. Repeats,
and what a limit left out, are no worse and are not taken; nor is anything held out.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.lake import replaced
from booktune_assets.pairs.shingles import code_of, joined, prose_of

__all__ = ["COLUMNS", "export_preferences", "preferences"]

COLUMNS = (
    "prompt", "chosen", "rejected", "gate", "reason", "match", "family", "pair_id", "candidate_id",
    "book_id", "section_id",
)  # fmt: skip
NEAR = 0.5  # words that two questions have in common
_NO_WORSE = ("G8_duplicates", "limit")
NAME = "preference"


def preferences(pairs: pl.DataFrame, rejects: pl.DataFrame, train: Collection[str]) -> pl.DataFrame:
    """Rows ``COLUMNS``, one for each refused candidate that has a rival, by candidate id.

    ``pairs`` are rows of ``instruction_pairs``, ``rejects`` of ``instruction_pairs__rejected``,
    ``train`` the ids of pairs that a set trains on. Single exchanges only.
    """
    kept = _asked(pairs.filter(pl.col("pair_id").is_in(list(train))), "pair_id")
    worse = rejects.filter(~pl.col("gate").is_in(_NO_WORSE))
    refused = _asked(worse, "candidate_id", "gate", "reason")
    same = refused.join(kept, on=["book_id", "plain"], suffix="_kept").with_columns(
        match=pl.lit("question"), share=pl.lit(1.0)
    )
    near = (
        refused.join(kept, on=["book_id", "section_id", "family", "code"], suffix="_kept")
        .with_columns(
            match=pl.lit("section"),
            share=pl.col("words").list.set_intersection("words_kept").list.len()
            / pl.col("words").list.set_union("words_kept").list.len(),
        )
        .filter(pl.col("share") >= NEAR)
    )
    columns = ["candidate_id", "pair_id", "share", "match", "gate", "reason", "book_id",
               "section_id", "family", "answer", "answer_kept", "question_kept"]  # fmt: skip
    return (
        pl.concat([same.select(columns), near.select(columns)])
        .filter(pl.col("answer").str.strip_chars() != pl.col("answer_kept").str.strip_chars())
        .sort("candidate_id", "match", "share", "pair_id", descending=[False, False, True, False])
        .unique("candidate_id", keep="first", maintain_order=True)
        .rename({"question_kept": "prompt", "answer_kept": "chosen", "answer": "rejected"})
        .select(COLUMNS)
    )


def export_preferences(rows: pl.DataFrame, folder: Path) -> list[Path]:
    """Write ``preference.jsonl`` and ``preference.parquet``; without rows there are no files."""
    lines, table = folder / f"{NAME}.jsonl", folder / f"{NAME}.parquet"
    if rows.is_empty():
        for path in (lines, table):
            path.unlink(missing_ok=True)
        return []
    folder.mkdir(parents=True, exist_ok=True)
    with replaced(lines) as temp, temp.open("w", encoding="utf-8", newline="\n") as out:
        for row in rows.iter_rows(named=True):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    with replaced(table) as temp:
        rows.write_parquet(temp, compression="zstd")
    return [lines, table]


def _asked(rows: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Single exchanges with question and answer apart, and what of the question is compared."""
    single = rows.filter(pl.col("turns").list.len() == 2)
    question, answer = joined(single["turns"], "user"), joined(single["turns"], "assistant")
    plain = question.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
    words = prose_of(question).str.to_lowercase().str.extract_all(r"[\p{L}\p{N}_]+").list.unique()
    code = code_of(question).str.replace_all(r"\s+", " ").str.strip_chars()
    columns: dict[str, Any] = {
        "question": question, "answer": answer, "plain": plain, "words": words, "code": code,
    }  # fmt: skip
    return (
        single.select(*names, "book_id", "section_id", "family")
        .with_columns(**columns)
        .filter(pl.col("answer").str.strip_chars() != "")
    )
