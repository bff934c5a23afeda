"""What goes beside the rows of an export: the data card and LLaMA-Factory's description.

Belongs here: text of ``README.md`` and content of ``dataset_info.json``. Does not: rows, writing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

__all__ = ["data_card", "dataset_info"]

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_SHAREGPT = {
    "formatting": "sharegpt",
    "columns": {"messages": "conversations", "system": None, "tools": None},
    "tags": {
        "role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt",
        "observation_tag": "observation", "function_tag": "function_call", "system_tag": "system",
    },
}  # fmt: skip
_ALPACA = {
    "formatting": "alpaca",
    "columns": {
        "prompt": "instruction", "query": "input", "response": "output", "system": None,
        "history": None,
    },
}  # fmt: skip


def dataset_info(fmt: str, splits: Mapping[str, int]) -> dict[str, object]:
    """Entries for LLaMA-Factory, with every column and tag named: what is left out becomes None."""
    form = _SHAREGPT if fmt == "sharegpt" else _ALPACA
    plain = json.loads(json.dumps(form))
    plain["columns"] = {name: value for name, value in plain["columns"].items() if value}
    return {
        f"books_{fmt}_{split}": {"file_name": f"{split}.jsonl", **plain} for split in sorted(splits)
    }


def data_card(
    frame: pl.DataFrame, fmt: str, splits: Mapping[str, int], licences: Mapping[str, str]
) -> str:
    """README of the set in the form that the Hugging Face hub reads."""
    total = frame.height
    size = next((name for limit, name in _SIZES if total < limit), "n>1M")
    known = sorted({licence.lower() for licence in licences.values() if licence})
    lines = ["---", "language:", "- en", "- code"]
    lines += [f"license: {_quoted(known[0])}" if len(known) == 1 else "license: other"]
    lines += ["task_categories:", "- text-generation", "- question-answering"]
    lines += ["size_categories:", f"- {size}", "source_datasets:", "- original"]
    lines += [
        "annotations_creators:",
        "- machine-generated",
        f"pretty_name: Books as {fmt} examples",
    ]
    lines += ["tags:", "- elixir", "- erlang", "- code", "configs:", f"- config_name: {fmt}"]
    lines += ["  data_files:"]
    for split in sorted(splits, reverse=True):
        name = "train" if split == "train" else "validation"
        lines += [f"  - split: {name}", f"    path: {split}.parquet"]
    lines += ["---", "", f"# Questions and answers from books ({fmt})", ""]
    lines += [f"{total} examples, made by booktune. Every answer is quoted from a book or is a"]
    lines += ["mechanical transform of a quotation; each row names its section and page.", ""]
    lines += _counts("Split", splits)
    lines += _counts("Task", _by(frame, "family"))
    lines += _counts("Kind of answer", _by(frame, "kind"))
    lines += ["| Book | Examples | Licence |", "| --- | ---: | --- |"]
    for book, count in _by(frame, "book_id").items():
        lines += [f"| {book} | {count} | {licences.get(book) or 'not stated'} |"]
    lines += [
        "",
        "Sections are held out whole, and sections that repeat each other fall on one side.",
        "",
    ]
    return "\n".join(lines)


def _by(frame: pl.DataFrame, column: str) -> dict[str, int]:
    counted = frame.group_by(column).len().sort(column)
    return {str(name): int(count) for name, count in counted.iter_rows()}


def _counts(title: str, counts: Mapping[str, int]) -> list[str]:
    rows = [f"| {name} | {count} |" for name, count in sorted(counts.items())]
    return [f"| {title} | Examples |", "| --- | ---: |", *rows, ""]


def _quoted(text: str) -> str:
    return json.dumps(text.replace(" ", "-"), ensure_ascii=False)
