"""Rows of a set as the target model reads them: the last rule before files are written.

Belongs here: which rows are rendered, what is said of it. Does not: rendering (``llm/chat.py``),
the rule on one row (``validate.py``), finding the model (``chain/exports.py``).

A row that the format refuses, or of which no token would be learned, stops the export: training
would stop at it. A long row does not: training cuts it, and ``training.cut_max`` bounds how many.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from booktune_assets.errors import BookError, Code
from booktune_assets.pairs.validate import TOO_LONG, chat_turns, rendered_fault

__all__ = ["ROWS_MAX", "render_rows"]

ROWS_MAX = 20_000  # rendered at most, first by id, which is a hash: under a minute


def render_rows(
    frame: pl.DataFrame, fmt: str, tokenizer: Any, model: str, seq_len: int,
    most: int = ROWS_MAX,
) -> str:  # fmt: skip
    """A sentence about the rows in the chat format of ``model``.

    ``seq_len`` is in tokens. Raises ``BookError(BAD_ROW)`` that names a row the format refuses.
    """
    rows = frame.sort("example_id").head(most)
    long, refused = 0, list[tuple[str, str]]()
    for row in rows.iter_rows(named=True):
        reason = rendered_fault(tokenizer, chat_turns(row, fmt), seq_len)
        if reason == TOO_LONG:
            long += 1
        elif reason:
            refused.append((str(row["example_id"]), reason))
    if refused:
        example, rule = refused[0]
        raise BookError(
            Code.BAD_ROW, "Name a training.model whose chat format takes such messages",
            example=example, rule=rule, rows=len(refused), model=model,
        )  # fmt: skip
    return (
        f"{rows.height:,} of {frame.height:,} rows were rendered with the chat format of {model}: "
        f"it takes all of them, each with tokens that are learned. {long:,} are longer than "
        f"{seq_len:,} tokens (`training.seq_len`), where training cuts them."
    )
