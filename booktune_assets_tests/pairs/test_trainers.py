"""The exports through the code of the trainers themselves, where that is installed."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.pairs.export import export_set
from booktune_assets.pairs.render import into_sharegpt
from booktune_assets.pairs.rendered import render_rows
from booktune_assets.pairs.validate import faults
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    made = book(PAGE)
    frames = pairs_of(made, Pairs(heldout_percent=0)).frames
    pairs, evidence = frames["instruction_pairs"], frames["instruction_pairs__evidence"]
    return into_sharegpt(pairs, evidence, made["sections"], made["spans"])


@pytest.fixture(scope="module")
def exports(rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("exports")
    export_set(rows, "sharegpt", root / "sharegpt")
    return root


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    transformers = pytest.importorskip("transformers")
    from booktune_assets.llm.tiny import make_tiny_model

    folder = make_tiny_model(tmp_path_factory.mktemp("tiny"))
    return transformers.AutoTokenizer.from_pretrained(folder)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["messages", "prompt_completion"])
def test_trl_prepares_the_files(
    form: str, exports: Path, rows: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``SFTTrainer`` tokenises, masks and drops: no row is dropped and every answer is learned."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    trl = pytest.importorskip("trl", reason="trl is not installed")
    import datasets
    import transformers

    from booktune_assets.llm.tiny import make_tiny_model

    model = make_tiny_model(tmp_path / "tiny")
    files = str(exports / form / "train.jsonl")
    loaded = datasets.load_dataset(
        "json", data_files=files, split="train", cache_dir=str(tmp_path / "cache")
    )
    assert trl.data_utils.is_conversational(loaded[0])
    settings = trl.SFTConfig(
        output_dir=str(tmp_path / "out"), report_to=[], max_length=4096, use_cpu=True,
        assistant_only_loss=form == "messages",
    )  # fmt: skip
    trainer = trl.SFTTrainer(
        model=transformers.AutoModelForCausalLM.from_pretrained(model), args=settings,
        train_dataset=loaded,
        processing_class=transformers.AutoTokenizer.from_pretrained(model),
    )  # fmt: skip
    made = trainer.train_dataset
    assert len(made) == rows.height
    for row in made:
        learned = [token for token in row["labels"] if token != -100]
        assert 0 < len(learned) < len(row["labels"])


@pytest.mark.slow
def test_trl_prepares_the_preferences(
    rows: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``DPOTrainer`` takes the file as it is and tokenises all of its rows."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    trl = pytest.importorskip("trl", reason="trl is not installed")
    import datasets
    import transformers

    from booktune_assets.llm.tiny import make_tiny_model

    said = pl.col("conversations").list
    worse = rows.head(4).select(
        prompt=said.first().struct.field("value"), chosen=said.last().struct.field("value"),
        rejected=pl.lit("No answer."), gate=pl.lit(""), reason=pl.lit("fault_put_in"),
        match=pl.lit("mutant"), pair_id="pair_id",
    )  # fmt: skip
    export_set(rows, "sharegpt", tmp_path / "sharegpt", preferences=worse)
    loaded = datasets.load_dataset(
        "json", data_files=str(tmp_path / "sharegpt" / "preference.jsonl"), split="train",
        cache_dir=str(tmp_path / "cache"),
    )  # fmt: skip
    model = make_tiny_model(tmp_path / "tiny")
    trainer = trl.DPOTrainer(
        model=transformers.AutoModelForCausalLM.from_pretrained(model),
        args=trl.DPOConfig(output_dir=str(tmp_path / "out"), report_to=[], use_cpu=True),
        train_dataset=loaded,
        processing_class=transformers.AutoTokenizer.from_pretrained(model),
    )  # fmt: skip
    made = trainer.train_dataset
    assert len(made) == 4
    assert all(row["prompt_ids"] and row["chosen_ids"] and row["rejected_ids"] for row in made)


def test_our_own_chat_format_takes_every_row(
    rows: pl.DataFrame, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert faults(rows, "sharegpt", tokenizer=tokenizer, seq_len=4096) == []
    short = faults(rows, "sharegpt", tokenizer=tokenizer, seq_len=40)
    assert {reason for _, reason in short} == {"too_many_tokens"}
    monkeypatch.setattr(tokenizer, "chat_template", "{{ raise_exception('no') }}")
    refused = faults(rows, "sharegpt", tokenizer=tokenizer)
    assert {reason for _, reason in refused} == {"chat_template_refuses"}


def test_a_set_is_rendered_before_its_files_are_written(
    rows: pl.DataFrame, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = rows.height
    said = render_rows(rows, "sharegpt", tokenizer, "small", 40)
    assert said.startswith(f"{count} of {count} rows were rendered with the chat format of small")
    assert f"{count} are longer than 40 tokens" in said
    assert " 0 are longer than 4,096 tokens" in render_rows(
        rows, "sharegpt", tokenizer, "small", 4096
    )
    assert render_rows(rows, "sharegpt", tokenizer, "small", 40, 2).startswith(f"2 of {count} rows")
    monkeypatch.setattr(tokenizer, "chat_template", "{{ raise_exception('no') }}")
    with pytest.raises(BookError) as caught:
        render_rows(rows, "sharegpt", tokenizer, "small", 40)
    assert caught.value.code is Code.BAD_ROW and "chat_template_refuses" in str(caught.value)


def test_devstrals_own_encoder_takes_every_row(exports: Path) -> None:
    """mistral-common validates strict alternation for finetuning before it encodes."""
    pytest.importorskip("mistral_common", reason="mistral-common is not installed")
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

    encoder = MistralTokenizer.v3(is_tekken=True)
    lines = (exports / "messages" / "train.jsonl").read_text().splitlines()
    for line in lines:
        said = json.loads(line)["messages"]
        turned = MistralTokenizer.encode_chat_completion(
            encoder, ChatCompletionRequest(messages=said[:-1])
        )
        assert len(turned.tokens) > 4
    with pytest.raises(Exception, match=r"user|assistant|role"):
        wrong = [
            {"role": "assistant", "content": "first"},
            {"role": "assistant", "content": "again"},
        ]
        encoder.encode_chat_completion(ChatCompletionRequest(messages=wrong))
