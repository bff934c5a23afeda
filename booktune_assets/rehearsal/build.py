"""The rehearsal set: real text that is replayed, and text that the base model wrote itself.

Belongs here: the rows of ``rehearsal_set`` and their counts. Does not: where text comes from
(``general.py``), prompts and filters (``synthesise.py``), mixing with examples (``training/``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from booktune_assets.children import run_child
from booktune_assets.contracts import check
from booktune_assets.ids import make_id
from booktune_assets.llm.models import BaseModel
from booktune_assets.rehearsal.general import LICENCE, GeneralText, general_texts
from booktune_assets.rehearsal.synthesise import prompts_from
from booktune_assets.schemas import REHEARSAL
from booktune_assets.settings import Rehearsal

__all__ = ["VERSION", "Rehearsed", "build_rehearsal"]

VERSION = "rehearsal_set.2"
ATTEMPTS = 2  # prompts per wanted row: one in two answers may be unfit
DEMOS = 64


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """``frame`` of ``rehearsal_set``; counts ``rows replay self_synthesised dropped …``."""

    frame: pl.DataFrame
    counts: dict[str, int]


def build_rehearsal(model: BaseModel, rehearsal: Rehearsal, work: Path) -> Rehearsed:
    """Both kinds of rows. The same model, settings and Python give the same rows."""
    counts: Counter[str] = Counter()
    rows = [
        _row("replay", item.source, item.text, None)
        for item in general_texts(rehearsal.replay_rows, rehearsal.row_chars)
    ]
    counts["replay"] = len(rows)
    if rehearsal.synthesised_rows:
        rows += _synthesised(model, rehearsal, work, counts)
    unique = {str(row["row_id"]): row for row in rows}  # two prompts may get the same answer
    frame = check(REHEARSAL, REHEARSAL.frame(list(unique.values())))
    counts["rows"] = frame.height
    counts["self_synthesised"] = frame.height - counts["replay"]
    counts["kept"] = frame.height
    return Rehearsed(frame, dict(counts))


def _synthesised(
    model: BaseModel, rehearsal: Rehearsal, work: Path, counts: Counter[str]
) -> list[dict[str, object]]:
    """Rows that passed the filters; what did not is counted by reason."""
    demos: list[GeneralText] = general_texts(DEMOS, rehearsal.row_chars)
    wanted = rehearsal.synthesised_rows
    prompts = prompts_from(demos, ATTEMPTS * wanted, rehearsal.seed)
    spec = {
        "model": str(model.path),
        "prompts": [asdict(prompt) for prompt in prompts],
        "wanted": wanted,
        "new_tokens": rehearsal.new_tokens,
        "temperature": rehearsal.temperature,
        "top_p": rehearsal.top_p,
        "seed": rehearsal.seed,
    }
    result = run_child("booktune_assets.rehearsal.child", spec, work)
    counts["peak_mb"] = int(result["peak_mb"])
    answers: list[dict[str, str]] = result["answers"]
    counts["attempts"] = len(answers)
    for answer in answers:
        if answer["reason"]:
            counts["dropped"] += 1
            counts[f"dropped_{answer['reason']}"] += 1
    return [
        _row("self_synthesised", answer["prompt_id"], answer["text"], rehearsal.seed)
        for answer in answers
        if not answer["reason"]
    ]


def _row(origin: str, source: str, text: str, seed: int | None) -> dict[str, object]:
    """The prompt stays empty: rehearsal is learned as text of its own."""
    return {
        "row_id": make_id("reh", origin, source, text),
        "origin": origin,
        "source": source,
        "prompt": "",
        "text": text,
        "seed": seed,
        "licence": LICENCE if origin == "replay" else "as the base model's",
    }
