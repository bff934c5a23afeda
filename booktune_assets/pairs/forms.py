"""The forms in which a set is written, row by row, and what trainers are told about each.

Belongs here: which columns a file of each form has, LLaMA-Factory's ``dataset_info.json``,
axolotl's YAML. Does not: writing (``export.py``), the data card (``card.py``).

``sharegpt`` and ``alpaca`` carry the lineage in the row: their readers take the columns that they
are told of. ``messages`` and ``prompt_completion`` have the keys that TRL allows beside each other,
and the example's id; their lineage lies beside them, as that of all forms, in ``lineage.parquet``.
JSON lines hold no null and no empty list: readers guess types from the first rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, TypeVar

import polars as pl

from booktune_assets.errors import BookError, Code

__all__ = [
    "FORMS", "LINEAGE", "axolotl_yaml", "dataset_info", "form_frame", "forms_of", "json_frame",
    "lineage_frame",
]  # fmt: skip

FORMS = {"sharegpt": ("sharegpt", "messages", "prompt_completion"), "alpaca": ("alpaca",)}
LINEAGE = (
    "pair_id", "book_id", "split", "family", "kind", "level", "curriculum", "section_id",
    "section_title", "page", "href", "concept_ids", "generator", "verification", "licence",
    "answer_tokens", "code_tokens", "copied_chars", "evidence",
)  # fmt: skip
_SPEAKERS = {"system": "system", "human": "user", "gpt": "assistant"}
_MESSAGE = pl.struct(
    role=pl.element().struct.field("from").replace_strict(_SPEAKERS, return_dtype=pl.String),
    content=pl.element().struct.field("value"),
)
_TAGS = {
    "role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt",
    "observation_tag": "observation", "function_tag": "function_call", "system_tag": "system",
}  # fmt: skip
# what LLaMA-Factory is told of is all that it knows: what is left out becomes None
_LLAMA_FACTORY: dict[str, dict[str, Any]] = {
    "sharegpt": {
        "formatting": "sharegpt", "columns": {"messages": "conversations"}, "tags": _TAGS,
    },
    "messages": {
        "formatting": "sharegpt", "columns": {"messages": "messages"},
        "tags": _TAGS | {
            "role_tag": "role", "content_tag": "content", "user_tag": "user",
            "assistant_tag": "assistant",
        },
    },
    "alpaca": {
        "formatting": "alpaca",
        "columns": {"prompt": "instruction", "query": "input", "response": "output"},
    },
}  # fmt: skip
_AXOLOTL: dict[str, dict[str, Any]] = {
    "sharegpt": {
        "type": "chat_template", "field_messages": "conversations",
        "message_property_mappings": {"role": "from", "content": "value"},
        "roles_to_train": ["assistant"], "train_on_eos": "turn",
    },
    "messages": {
        "type": "chat_template", "field_messages": "messages",
        "message_property_mappings": {"role": "role", "content": "content"},
        "roles_to_train": ["assistant"], "train_on_eos": "turn",
    },
    "alpaca": {"type": "alpaca"},
}  # fmt: skip

Row = dict[str, Any]
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


def form_frame(frame: Frame, form: str) -> Frame:
    """The columns of a form, typed, from rows of ``sharegpt_set`` or ``alpaca_set``."""
    if form == "sharegpt":
        return frame.select("example_id", "conversations", *LINEAGE)
    if form == "alpaca":
        return frame.select("example_id", "instruction", "input", "output", *LINEAGE)
    said = pl.col("conversations").list.eval(_MESSAGE)
    if form == "messages":
        return frame.select("example_id", messages=said)
    return frame.select(
        "example_id",
        prompt=said.list.head(pl.col("conversations").list.len() - 1),
        completion=said.list.tail(1),
    )


def lineage_frame(frame: Frame) -> Frame:
    """Where each example comes from, by its id; other origins of what it says included."""
    return frame.select("example_id", *LINEAGE, "also_in")


def json_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows as JSON readers can take them: no null, no list that may be empty.

    Raises ``BookError(INTERNAL)`` for a null that has no place here.
    """
    made: list[pl.Expr] = []
    if "concept_ids" in frame.columns:
        made.append(pl.col("concept_ids").list.join(" "))
    if "page" in frame.columns:
        made += [pl.col("page").fill_null(0), pl.col("href").fill_null("")]
    if "evidence" in frame.columns:
        quote = pl.element().struct
        page, href = quote.field("page").fill_null(0), quote.field("href").fill_null("")
        made.append(pl.col("evidence").list.eval(quote.with_fields(page=page, href=href)))
    filled = frame.with_columns(made)
    if bad := [name for name in filled.columns if _nulls(filled[name])]:
        raise BookError(Code.INTERNAL, f"JSON rows have no value in {', '.join(bad)}", columns=bad)
    return filled


def _nulls(column: pl.Series) -> int:
    """Nulls of a column, those inside of lists and records included."""
    own = column.null_count()
    if isinstance(column.dtype, pl.List):
        return own + _nulls(column.filter(column.list.len() > 0).explode())
    if isinstance(column.dtype, pl.Struct):
        return own + sum(_nulls(column.struct.field(one.name)) for one in column.dtype.fields)
    return own


def dataset_info(form: str, splits: Mapping[str, int], folder: str = "") -> dict[str, object]:
    """Entries for LLaMA-Factory; none for a form that it does not read.

    ``folder`` is put before the file names.
    """
    form_entry = _LLAMA_FACTORY.get(form)
    if form_entry is None:
        return {}
    return {
        f"books_{form}_{split}": {"file_name": f"{folder}{split}.jsonl", **form_entry}
        for split in sorted(splits)
    }


def axolotl_yaml(form: str, splits: Mapping[str, int], *, ordered: bool) -> str:
    """The part of an axolotl configuration that reads a form; empty for one that it does not."""
    import yaml

    entry = _AXOLOTL.get(form)
    if entry is None:
        return ""

    def of(split: str) -> Row:
        # a copy: YAML would write what two places share as an anchor
        return {"path": f"{split}.jsonl", "ds_type": "json", **deepcopy(entry)}

    made: Row = {"datasets": [of("train")]} if "train" in splits else {}
    if "heldout" in splits:
        made["test_datasets"] = [{**of("heldout"), "split": "train"}]
    if entry["type"] == "chat_template":
        made["chat_template"] = "tokenizer_default"
    made["shuffle_merged_datasets"] = not ordered
    made["curriculum_sampling"] = ordered
    return yaml.safe_dump(made, sort_keys=False, allow_unicode=True)


def forms_of(fmt: str) -> tuple[str, ...]:
    """The forms of a set, or ``BookError(BAD_SETTING)``."""
    if fmt not in FORMS:
        raise BookError(Code.BAD_SETTING, f"Choose one of {', '.join(FORMS)}", format=fmt)
    return FORMS[fmt]
