"""The check before any file is written: a bad row never reaches one, a broken set is refused.

Belongs here: the rules across rows of a set, and whether its files are what the manifest says. Does
not: the rules on the messages of one row (``rules.py``), writing (``export.py``).

A row breaks, in this order: its shape, the rules on messages, its place among the others, its
evidence, and (where a tokenizer is given) what the target model's chat format makes of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import file_sha256
from booktune_assets.pairs.instruction import CUT, cut_rows
from booktune_assets.pairs.rules import broken_rule, unsure

__all__ = [
    "MANIFEST", "TOO_LONG", "chat_turns", "faults", "manifest", "rendered_fault", "sound",
    "verified",
]  # fmt: skip

MANIFEST = "manifest.json"
SCHEMA = "booktune.export.1"
TOO_LONG = "too_many_tokens"
_ROLES = {"system": "system", "human": "user", "gpt": "assistant"}

Row = dict[str, Any]


def faults(
    frame: pl.DataFrame, fmt: str, texts: Mapping[str, str] | None = None,
    tokenizer: Any = None, seq_len: int = 0, side: dict[str, str] | None = None,
) -> list[tuple[str, str]]:  # fmt: skip
    """(example id, broken rule) of every row that a trainer would refuse or misread.

    ``texts`` are the sections' by id: every quote has to stand there, character by character.
    ``tokenizer`` is the target model's: each row has to render with it, within ``seq_len`` tokens
    and with tokens that are learned. A set in parts hands the same ``side`` to all of them.
    """
    found = _faults(frame, fmt, texts, tokenizer, seq_len, side)
    return [(name, reason) for _, name, reason in found]


def sound(
    frame: pl.DataFrame, fmt: str, texts: Mapping[str, str] | None = None,
    side: dict[str, str] | None = None,
) -> tuple[pl.DataFrame, dict[str, str]]:  # fmt: skip
    """The rows without those that break a rule, and pair id to rule of the others.

    A set that is looked at in parts hands the same ``side`` to all of them.
    """
    found = list(_faults(frame, fmt, texts, side=side))
    bad = {place for place, _, _ in found}
    if not bad:
        return frame, {}
    names = frame["pair_id"].to_list()
    good = frame.with_row_index("_at").filter(~pl.col("_at").is_in(sorted(bad))).drop("_at")
    kept = set(good["pair_id"].to_list())
    return good, {names[at]: reason for at, _, reason in found if names[at] not in kept}


def manifest(
    files: Sequence[Path], fmt: str, version: str, rows: Mapping[str, int]
) -> dict[str, object]:
    """What finished files are: hashes, sizes, rows of each split."""
    return {
        "schema": SCHEMA,
        "made_by": version,
        "format": fmt,
        "rows": dict(rows),
        "files": {
            path.name: {"sha256": file_sha256(path), "bytes": path.stat().st_size}
            for path in files
        },
    }  # fmt: skip


def verified(folder: Path) -> dict[str, Any]:
    """The manifest of an export whose files are all as it says.

    Raises ``BookError(BROKEN_SET)`` when the manifest is missing or of another schema, when a file
    is missing or was changed, or when a split or the preferences have other rows than it says.
    """
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        known = {str(name): str(fact["sha256"]) for name, fact in told["files"].items()}
        rows = {str(split): int(count) for split, count in told["rows"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise _broken(folder, f"its manifest cannot be read: {problem}") from problem
    if told.get("schema") != SCHEMA:
        raise _broken(folder, f"its manifest is of schema {told.get('schema')!r}, not {SCHEMA}")
    for name, sha in sorted(known.items()):
        path = folder / name
        if path.name != name or not path.is_file():
            raise _broken(folder, f"{name} is missing")
        if file_sha256(path) != sha:
            raise _broken(folder, f"{name} is not what was written")
    for split, count in rows.items():
        name = f"{split}.parquet"
        there = pl.read_parquet(folder / name, columns=["example_id"]) if name in known else None
        if there is None or there.height != count:
            raise _broken(folder, f"{split} does not have the {count} rows that it should")
    if count := int(told.get("preference", 0)):
        there = pl.scan_parquet(folder / "preference.parquet").select(pl.len()).collect().item()
        if "preference.parquet" not in known or there != count:
            raise _broken(folder, f"preference does not have the {count} rows that it should")
    return dict(told)


def chat_turns(row: Row, fmt: str) -> list[dict[str, str]]:
    """The messages of a row of a set, with roles ``system user assistant``."""
    if fmt == "sharegpt":
        said = row["conversations"]
        return [{"role": _ROLES[turn["from"]], "content": turn["value"]} for turn in said]
    question = "\n\n".join(part for part in (row["instruction"], row["input"]) if part)
    return [
        {"role": "user", "content": question},
        {"role": "assistant", "content": row["output"]},
    ]


def _faults(
    frame: pl.DataFrame, fmt: str, texts: Mapping[str, str] | None,
    tokenizer: Any = None, seq_len: int = 0, side: dict[str, str] | None = None,
) -> Iterator[tuple[int, str, str]]:  # fmt: skip
    """Place, id and rule of rows that break one; ``side`` are the splits of sections so far.

    Columns tell which rows have to be looked at one by one: most are plain.
    """
    side = {} if side is None else side
    names = frame["example_id"].to_list()
    twice = {names[at] for at in frame["example_id"].is_duplicated().arg_true().to_list()}
    torn = _torn(frame, side)
    cut = cut_rows(frame) if fmt == "alpaca" else set[int]()
    unsure = _unsure(frame, fmt, texts)
    looked = range(frame.height) if tokenizer is not None else sorted(
        {*unsure, *torn, *cut, *(at for at, name in enumerate(names) if twice and name in twice)}
    )  # fmt: skip
    seen: set[str] = set()
    for place, row in zip(looked, _rows_at(frame, looked), strict=True):
        name = names[place]
        reason = ""
        if tokenizer is not None or place in unsure:
            reason = _shape(row, fmt) or broken_rule(chat_turns(row, fmt), parse=True)
        if not reason and place in cut:
            reason = CUT
        if not reason and name in seen:
            reason = "example_id_twice"
        if not reason and place in torn:
            reason = "section_in_two_splits"
        reason = reason or _evidence(row, texts)
        if not reason and tokenizer is not None:
            reason = rendered_fault(tokenizer, chat_turns(row, fmt), seq_len)
        seen.add(name)
        if reason:
            yield place, name, reason


def _rows_at(frame: pl.DataFrame, places: Sequence[int]) -> Iterator[Row]:
    """Some rows, a few thousand at a time."""
    for start in range(0, len(places), 2_000):
        yield from frame[list(places[start : start + 2_000])].iter_rows(named=True)


def _torn(frame: pl.DataFrame, side: dict[str, str]) -> set[int]:
    """Rows whose section was on another side before; ``side`` grows by what is new."""
    splits = frame.select("section_id", "split").unique(maintain_order=True)
    for section, split in splits.iter_rows():
        side.setdefault(section, split)
    if splits["section_id"].n_unique() == splits.height:
        known = [side[section] for section in splits["section_id"]]
        if known == splits["split"].to_list():
            return set()
    rows = frame.select("section_id", "split").iter_rows()
    return {at for at, (section, split) in enumerate(rows) if side[section] != split}


def _unsure(frame: pl.DataFrame, fmt: str, texts: Mapping[str, str] | None) -> set[int]:
    """Rows that may break a rule of one row; all that do are among them."""
    bad = pl.col("evidence").list.len() == 0
    found = set(frame.select(((pl.col("pair_id") == "") | bad).fill_null(True).arg_true())
                .to_series().to_list())  # fmt: skip
    if fmt == "sharegpt":
        turns = frame["conversations"]
        said = turns.list.explode(empty_as_null=False, keep_nulls=False).struct.unnest()
        said = said.rename({"from": "role", "value": "content"})
        sizes = turns.list.len().fill_null(0)
    else:
        asked = pl.concat_str(
            [pl.when(pl.col(name) != "").then(pl.col(name)) for name in ("instruction", "input")],
            separator="\n\n", ignore_nulls=True,
        )  # fmt: skip
        plain = pl.concat_list(asked, "output")
        said = frame.select(content=plain.list.explode(empty_as_null=False, keep_nulls=False))
        said = said.with_columns(role=pl.Series(["human", "gpt"] * frame.height, dtype=pl.String))
        nulls = pl.any_horizontal(pl.col("instruction", "input", "output").is_null())
        found |= set(frame.select(nulls.arg_true()).to_series().to_list())
        sizes = pl.repeat(2, frame.height, dtype=pl.UInt32, eager=True)
    rows = np.repeat(np.arange(frame.height), sizes.to_numpy())
    found |= set(rows[unsure(said, rows)].tolist())
    found |= set(np.flatnonzero((sizes < 2).to_numpy()).tolist())
    return found | (_moved(frame, texts) if texts is not None else set())


def _moved(frame: pl.DataFrame, texts: Mapping[str, str]) -> set[int]:
    """Rows with a quote that does not stand where it should."""
    quotes = frame.select("evidence").with_row_index("row").explode("evidence").unnest("evidence")
    columns = ("row", "section_id", "char_start", "char_end", "quote")
    rows = quotes.filter(pl.col("quote").is_not_null()).select(columns).iter_rows()
    return {
        row for row, section, start, end, quote in rows
        if texts.get(section, "")[start:end] != quote
    }  # fmt: skip


def _shape(row: Row, fmt: str) -> str:
    """Values that a trainer reads must be text; an empty ``input`` is text too."""
    if fmt == "alpaca":
        plain = all(isinstance(row[name], str) for name in ("instruction", "input", "output"))
        return "" if plain else "not_text"
    turns = row["conversations"]
    if not turns:
        return "turns_incomplete"
    if any(set(turn) != {"from", "value"} for turn in turns):
        return "message_keys"
    if any(not isinstance(value, str) for turn in turns for value in turn.values()):
        return "not_text"
    return "" if all(turn["from"] in _ROLES for turn in turns) else "unknown_speaker"


def _evidence(row: Row, texts: Mapping[str, str] | None) -> str:
    if not row["pair_id"] or not row["evidence"]:
        return "no_evidence"
    if texts is None:
        return ""
    exact = all(
        texts.get(one["section_id"], "")[one["char_start"] : one["char_end"]] == one["quote"]
        for one in row["evidence"]
    )
    return "" if exact else "quote_not_exact"


def rendered_fault(tokenizer: Any, turns: list[dict[str, str]], seq_len: int) -> str:
    """The rule that a row breaks when the model's own chat format is made of it; or nothing."""
    from booktune_assets.llm.chat import render_chat

    try:
        made = render_chat(tokenizer, turns)
    except Exception:  # a template raises what it likes, and that is the finding
        return "chat_template_refuses"
    if not any(made.learned):
        return "nothing_is_learned"
    return TOO_LONG if seq_len and len(made.ids) > seq_len else ""


def _broken(folder: Path, what: str) -> BookError:
    return BookError(
        Code.BROKEN_SET, f"{what}. Write it again: booktune run sharegpt_set alpaca_set",
        folder=folder.name,
    )  # fmt: skip
