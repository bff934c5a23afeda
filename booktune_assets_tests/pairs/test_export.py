"""Rendered sets and their files, read back the way trainers read them."""

import json
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.contracts import check
from booktune_assets.errors import BookError, Code
from booktune_assets.pairs.export import FORMATS, export_set, faults
from booktune_assets.pairs.render import dataset_id, into_alpaca, into_sharegpt
from booktune_assets.schemas_sets import ALPACA_SET, SHAREGPT_SET
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE

HUMAN, MODEL = ("human",), ("gpt",)


@pytest.fixture(scope="module")
def sets() -> dict[str, pl.DataFrame]:
    made = book(PAGE)
    frames = pairs_of(made, Pairs()).frames
    pairs = frames["instruction_pairs"]
    held = pl.col("section_id") == pairs["section_id"].min()
    pairs = pairs.with_columns(
        split=pl.when(held).then(pl.lit("heldout")).otherwise(pl.lit("train"))
    )
    given = (
        pairs, frames["instruction_pairs__evidence"],
        made["sections"], made["spans"],
    )  # fmt: skip
    return {"sharegpt": into_sharegpt(*given), "alpaca": into_alpaca(*given)}


def test_the_sets_keep_their_contracts(sets: dict[str, pl.DataFrame]) -> None:
    check(SHAREGPT_SET, sets["sharegpt"])
    check(ALPACA_SET, sets["alpaca"])
    single = sets["sharegpt"].filter(pl.col("conversations").list.len() == 2)
    assert 0 < single.height < sets["sharegpt"].height  # lessons have no place in Alpaca's form
    assert single["pair_id"].to_list() == sets["alpaca"]["pair_id"].to_list()
    assert sets["sharegpt"]["page"].to_list() == sorted(sets["sharegpt"]["page"].to_list())
    assert set(sets["sharegpt"]["split"]) == {"train", "heldout"}


def test_both_forms_ask_the_same(sets: dict[str, pl.DataFrame]) -> None:
    single = sets["sharegpt"].filter(pl.col("conversations").list.len() == 2)
    for talk, task in zip(single.to_dicts(), sets["alpaca"].to_dicts(), strict=True):
        question = "\n\n".join(part for part in (task["instruction"], task["input"]) if part)
        assert question == talk["conversations"][0]["value"]
        assert task["output"] == talk["conversations"][1]["value"]
        if task["family"] in ("explain_code", "predict_output"):
            assert task["input"].endswith("```")
            assert "```" not in task["instruction"]


def test_the_id_of_a_set(sets: dict[str, pl.DataFrame]) -> None:
    frame = sets["sharegpt"]
    assert dataset_id(frame) == dataset_id(frame.reverse())
    assert dataset_id(frame) != dataset_id(frame.head(3))
    assert dataset_id(frame) != dataset_id(frame, {"share": 0.5})
    trained = frame.with_columns(split=pl.lit("train"))  # the same rows, another experiment
    assert dataset_id(frame) != dataset_id(trained)


@pytest.mark.parametrize("fmt", FORMATS)
def test_files_load_with_datasets(
    fmt: str, sets: dict[str, pl.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    written = export_set(sets[fmt], fmt, tmp_path / fmt, licences={"lab": "CC-BY-4.0"})
    assert all(path.is_file() for path in written)
    for kind, suffix in (("json", "jsonl"), ("parquet", "parquet")):
        files = {split: str(tmp_path / fmt / f"{split}.{suffix}") for split in ("train", "heldout")}
        loaded = datasets.load_dataset(kind, data_files=files, cache_dir=str(tmp_path / "cache"))
        for split, rows in loaded.items():
            wanted = sets[fmt].filter(pl.col("split") == split)
            assert rows["example_id"][:] == wanted["example_id"].to_list()
            for row in rows:
                _alpaca_rules(row) if fmt == "alpaca" else _sharegpt_rules(row)


def _alpaca_rules(row: dict[str, object]) -> None:
    # LLaMA-Factory drops a row whose output is no str and reads input when it is mapped
    assert all(isinstance(row[name], str) for name in ("instruction", "input", "output"))
    assert row["instruction"]
    assert row["output"]
    assert "system" not in row  # axolotl would insert a turn for it even when it is empty


def _sharegpt_rules(row: dict[str, object]) -> None:
    turns = row["conversations"]
    assert isinstance(turns, list)
    assert turns  # axolotl and TRL look at the first element
    assert len(turns) % 2 == 0
    for place, turn in enumerate(turns):
        # unsloth: exactly two keys, all values text; LLaMA-Factory: even is human, odd is gpt
        assert set(turn) == {"from", "value"}
        assert all(isinstance(value, str) for value in turn.values())
        assert turn["from"] in (HUMAN if place % 2 == 0 else MODEL)
    # TRL takes a row for another kind of task when these stand beside the messages
    assert not {"prompt", "completion", "chosen", "rejected", "messages", "label"} & set(row)
    # unsloth guesses the role key as the one with fewer values; two rows are enough to be right


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_description_names_every_column(
    fmt: str, sets: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    export_set(sets[fmt], fmt, tmp_path)
    info = json.loads((tmp_path / "dataset_info.json").read_text())
    for entry in info.values():
        assert (tmp_path / entry["file_name"]).is_file()
        assert entry["formatting"] == fmt
        if fmt == "alpaca":
            columns = {"prompt": "instruction", "query": "input", "response": "output"}
            assert entry["columns"] == columns
        else:
            assert entry["columns"] == {"messages": "conversations"}
            assert len(entry["tags"]) == 7
    card = (tmp_path / "README.md").read_text()
    assert card.startswith("---\nlanguage:")
    assert f"{sets[fmt].height} examples" in card


def test_a_bad_row_stops_the_export(sets: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    bad = sets["alpaca"].with_columns(pl.lit("  ").alias("output"))
    with pytest.raises(BookError) as caught:
        export_set(bad, "alpaca", tmp_path / "out")
    assert caught.value.code is Code.BAD_ROW
    assert not (tmp_path / "out").exists()
    torn = sets["sharegpt"].with_columns(pl.lit("sec_" + "0" * 20).alias("section_id"))
    assert "section_in_two_splits" in {reason for _, reason in faults(torn, "sharegpt")}
    twice = pl.concat([sets["alpaca"], sets["alpaca"].head(1)])
    assert [reason for _, reason in faults(twice, "alpaca")] == ["example_id_twice"]
    broken = (
        sets["alpaca"].head(1).with_columns(pl.lit("```elixir\ndef f( do\n```").alias("output"))
    )
    assert [reason for _, reason in faults(broken, "alpaca")] == ["code_does_not_parse"]


def test_nothing_to_export(sets: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        export_set(sets["alpaca"].clear(), "alpaca", tmp_path)
    assert caught.value.code is Code.NO_EXAMPLES
    with pytest.raises(BookError):
        export_set(sets["alpaca"], "csv", tmp_path)


def test_a_split_that_went_leaves_no_file(sets: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    export_set(sets["alpaca"], "alpaca", tmp_path)
    only = sets["alpaca"].filter(pl.col("split") == "train")
    written = export_set(only, "alpaca", tmp_path)
    assert not (tmp_path / "heldout.jsonl").exists()
    assert {path.name for path in written} == {
        "train.jsonl", "train.parquet", "dataset_info.json", "README.md",
    }  # fmt: skip
