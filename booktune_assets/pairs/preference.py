"""A worse answer beside the better one to the same question: rows for preference training.

Belongs here: which refused candidate belongs to which kept pair, the files of these rows and what
readers are told of them. Does not: refusing (``gates.py``), worse answers that kept pairs give
(``natural.py``), the sets themselves (``export.py``).

A refused candidate is a worse answer only where the question is the same, word for word. Repeats,
and what a limit left out, are no worse and are not taken; nor is what holds no answer at all (half
a reply, a call that failed), nor anything held out.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import polars as pl

from booktune_assets.lake import replaced
from booktune_assets.pairs.natural import natural
from booktune_assets.pairs.shingles import joined

__all__ = ["COLUMNS", "NAME", "export_preferences", "preference_info", "preferences"]

COLUMNS = (
    "prompt", "chosen", "rejected", "gate", "reason", "match", "family", "pair_id", "candidate_id",
    "book_id", "section_id",
)  # fmt: skip
_NO_WORSE = ("G8_duplicates", "limit")
# no answer was refused but a reply that holds none, or a second answer that never came
_NO_ANSWER = r"^(?:call_failed|reply_\w+|round_trip_(?:call|reply)_\w+)$"
NAME = "preference"


def preferences(pairs: pl.DataFrame, rejects: pl.DataFrame, train: Collection[str]) -> pl.DataFrame:
    """Rows ``COLUMNS`` of one book: refused candidates that have a rival, and what its pairs give.

    ``pairs`` are rows of ``instruction_pairs``, ``rejects`` of ``instruction_pairs__rejected``,
    ``train`` the ids of pairs that a set trains on. Single exchanges only, no row twice.
    """
    mine = pairs.filter(pl.col("pair_id").is_in(list(train)))
    worse = rejects.filter(
        ~pl.col("gate").is_in(_NO_WORSE), ~pl.col("reason").str.contains(_NO_ANSWER)
    )
    refused = _asked(worse, "candidate_id", "gate", "reason")
    same = (
        refused.join(_asked(mine, "pair_id"), on=["book_id", "plain"], suffix="_kept")
        .filter(pl.col("answer").str.strip_chars() != pl.col("answer_kept").str.strip_chars())
        .sort("candidate_id", "pair_id")
        .unique("candidate_id", keep="first", maintain_order=True)
        .rename({"question_kept": "prompt", "answer_kept": "chosen", "answer": "rejected"})
        .with_columns(match=pl.lit("question"))
        .select(COLUMNS)
    )
    given = pl.DataFrame(list(natural(mine)), schema=dict.fromkeys(COLUMNS, pl.String))
    made = pl.concat([same.cast(pl.String), given]).sort("candidate_id")
    return made.unique(["prompt", "rejected"], keep="first", maintain_order=True)


def preference_info(form: str, folder: str = "") -> dict[str, object]:
    """The entry for LLaMA-Factory; ``folder`` is put before the file name."""
    columns = {name: name for name in ("prompt", "chosen", "rejected")}
    return {
        f"books_{form}_{NAME}": {
            "file_name": f"{folder}{NAME}.jsonl", "ranking": True, "formatting": "alpaca",
            "columns": columns,
        }
    }  # fmt: skip


def export_preferences(rows: pl.DataFrame | None, folder: Path) -> list[Path]:
    """Write ``preference.jsonl`` and ``preference.parquet``; without rows there are no files."""
    lines, table = folder / f"{NAME}.jsonl", folder / f"{NAME}.parquet"
    if rows is None or rows.is_empty():
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
    return (
        single.select(*names, "book_id", "section_id", "family")
        .with_columns(question=question, answer=answer, plain=plain)
        .filter(pl.col("answer").str.strip_chars() != "")
    )
