"""Sets as files that trainers load: JSONL and Parquet per split, description, data card.

Belongs here: the check before any export and the writing. Does not: the forms (``render.py``). A
row that breaks a rule stops the export: a trainer would drop it in silence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.errors import BookError, Code
from booktune_assets.lake import replaced, write_json
from booktune_assets.pairs.card import data_card, dataset_info
from booktune_assets.pairs.rules import broken_rule
from booktune_assets.schemas_pairs import SPLITS

__all__ = ["FORMATS", "export_set", "faults"]

FORMATS = ("sharegpt", "alpaca")
_ROLES = {"system": "system", "human": "user", "gpt": "assistant"}

Row = dict[str, Any]


def export_set(
    frame: pl.DataFrame, fmt: str, folder: Path, *, licences: Mapping[str, str] | None = None
) -> list[Path]:
    """Write a set; the files written, in order. Raises ``BookError(BAD_ROW)`` before writing any.

    ``licences`` maps book ids to licences for the data card. A split without rows has no file, for
    an empty file loads nowhere.
    """
    if fmt not in FORMATS:
        raise BookError(Code.BAD_SETTING, f"Choose one of {', '.join(FORMATS)}", format=fmt)
    if frame.is_empty():
        raise BookError(Code.NO_EXAMPLES, "Build the sets from at least one book first", format=fmt)
    if found := faults(frame, fmt):
        example, reason = found[0]
        raise BookError(
            Code.BAD_ROW, "Report this as a defect: the gates should have refused the row",
            example=example, rule=reason, rows=len(found),
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    splits: dict[str, int] = {}
    for split in SPLITS:
        part = frame.filter(pl.col("split") == split)
        paths = [folder / f"{split}.jsonl", folder / f"{split}.parquet"]
        if part.is_empty():
            for path in paths:
                path.unlink(missing_ok=True)
            continue
        splits[split] = part.height
        _write_jsonl(part, paths[0])
        with replaced(paths[1]) as temp:
            part.write_parquet(temp, compression="zstd")
        written += paths
    info, card = folder / "dataset_info.json", folder / "README.md"
    write_json(info, dataset_info(fmt, splits))
    with replaced(card) as temp:
        temp.write_text(data_card(frame, fmt, splits, licences or {}))
    return [*written, info, card]


def faults(frame: pl.DataFrame, fmt: str) -> list[tuple[str, str]]:
    """(example id, broken rule) of every row that a trainer would refuse or misread."""
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    side: dict[str, str] = {}
    for row in frame.iter_rows(named=True):
        name = str(row["example_id"])
        reason = _shape(row, fmt) or broken_rule(_turns(row, fmt), parse=True)
        if not reason and name in seen:
            reason = "example_id_twice"
        if not reason and not row["pair_id"]:
            reason = "no_evidence"
        if not reason and side.setdefault(row["section_id"], row["split"]) != row["split"]:
            reason = "section_in_two_splits"
        seen.add(name)
        if reason:
            found.append((name, reason))
    return found


def _shape(row: Row, fmt: str) -> str:
    """Values that a trainer reads must be text; an empty ``input`` is text too."""
    if fmt == "alpaca":
        plain = all(isinstance(row[name], str) for name in ("instruction", "input", "output"))
        return "" if plain else "not_text"
    turns = row["conversations"]
    if not turns:
        return "turns_incomplete"
    if any(not isinstance(value, str) for turn in turns for value in turn.values()):
        return "not_text"
    return "" if all(turn["from"] in _ROLES for turn in turns) else "unknown_speaker"


def _turns(row: Row, fmt: str) -> list[dict[str, str]]:
    if fmt == "sharegpt":
        said = row["conversations"]
        return [{"role": _ROLES[turn["from"]], "content": turn["value"]} for turn in said]
    question = "\n\n".join(part for part in (row["instruction"], row["input"]) if part)
    return [
        {"role": "user", "content": question},
        {"role": "assistant", "content": row["output"]},
    ]


def _write_jsonl(frame: pl.DataFrame, path: Path) -> None:
    with replaced(path) as temp, temp.open("w", encoding="utf-8", newline="\n") as out:
        for row in frame.iter_rows(named=True):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
