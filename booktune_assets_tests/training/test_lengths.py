"""Examples over the limit, the model's own limit, and earlier rows that a way needs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import make_id
from booktune_assets.llm.architecture import positions_of
from booktune_assets.llm.loading import load_tokenizer
from booktune_assets.training import run
from booktune_assets.training.batches import chat_samples
from booktune_assets.training.kept import keep
from booktune_assets.training.lengths import enough_for, require_lengths
from booktune_assets.training.run import ADAPTER_FILES, TrainSpec, config_of, train


def _talk(number: int, words: int) -> dict[str, object]:
    return {"example_id": make_id("ex", number), "turns": [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "so it is " * words}]}  # fmt: skip


def test_the_length_that_would_do() -> None:
    sizes = [10, 65, 100, 128, 129, 300, 301, 302, 303, 2000]
    assert enough_for(sizes, 0.1) == 320 and enough_for(sizes, 0.0) == 2048
    assert enough_for(sizes, 0.5) == 192 and enough_for([], 0.1) == 0


@pytest.mark.parametrize(("long", "refused"), [(0, False), (3, False), (4, True), (30, True)])
def test_more_than_a_tenth_cut_is_refused_with_the_length_that_would_do(
    tiny, long: int, refused: bool
) -> None:
    tokenizer = load_tokenizer(tiny.path)
    talks = [_talk(number, 40 if number < long else 3) for number in range(30)]
    counts: dict[str, int] = {}
    sizes: list[int] = []
    chat_samples(tokenizer, talks, 128, counts, sizes=sizes)
    assert counts.get("cut", 0) == long and len(sizes) == 30
    if not refused:
        require_lengths(sizes, counts, 128, 0.1)
        return
    with pytest.raises(BookError) as caught:
        require_lengths(sizes, counts, 128, 0.1)
    error = caught.value
    assert error.code is Code.TOO_LONG and (error.where["cut"], error.where["of"]) == (long, 30)
    would = int(error.remedy.split("training.seq_len to ")[1].split(",")[0])
    again: dict[str, int] = {}
    chat_samples(tokenizer, talks, would, again)
    assert again.get("cut", 0) <= 3, "what the remedy says is enough"
    require_lengths(sizes, counts, 128, 1.0)


def test_answers_of_hardly_a_token_are_no_matter_of_length() -> None:
    with pytest.raises(BookError, match="longer answers"):
        require_lengths([20] * 10, {"left_out": 4, "left_out_short": 4}, 128, 0.1)


def test_what_cannot_be_trained_is_said_before_anything_is_loaded(tiny, tmp_path: Path) -> None:
    config = json.loads((tiny.path / "config.json").read_text())
    limit = positions_of(tiny.path)
    assert limit == config["max_position_embeddings"] and positions_of(tmp_path) == 0
    rows = [{"row_id": make_id("reh", 1), "prompt": "", "text": "General text. ", "origin": "ssr"}]
    spec = TrainSpec(
        model=tiny, examples=[_talk(1, 3)], rehearsal=rows, adapter_id="a", dataset_id="d",
        rehearsal_id="r", rank=4, learning_rate=1e-3, steps=1, seq_len=64, batch_rows=1,
    )  # fmt: skip
    for changed, code, says in (
        (replace(spec, seq_len=limit + 1), Code.BAD_SETTING, f"{limit} positions"),
        (replace(spec, forgetting=[{"kind": "fip"}], rehearsal=[]), Code.NO_EXAMPLES, "looks at"),
        (replace(spec, forgetting=[{"kind": "olora"}]), Code.BAD_SETTING, "stages"),
        (replace(spec, ssr_share=0.5), Code.BAD_SETTING, "both kinds"),
    ):
        with pytest.raises(BookError, match=says) as caught:
            train(changed, tmp_path / "never")
        assert caught.value.code is code
    assert not (tmp_path / "never").exists()


def test_replay_is_what_mixes_earlier_rows_in(tiny) -> None:
    spec = TrainSpec(
        model=tiny, examples=[], rehearsal=[], adapter_id="a", dataset_id="d", rehearsal_id="r",
        rank=4, learning_rate=1e-3, steps=1, seq_len=64, batch_rows=1, rehearsal_share=0.3,
    )  # fmt: skip
    assert spec.share == 0.3
    assert replace(spec, forgetting=[]).share == 0.0
    assert replace(spec, forgetting=[{"kind": "ewc"}]).share == 0.0
    assert replace(spec, forgetting=[{"kind": "ewc"}, {"kind": "replay"}]).share == 0.3


def test_a_kept_run_is_no_way_round_the_limit(
    tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``cut_max`` changes no step, so the digest of a run does not have it."""
    spec = TrainSpec(
        model=tiny, examples=[_talk(1, 3)], rehearsal=[], adapter_id="a", dataset_id="d",
        rehearsal_id="r", rank=4, learning_rate=1e-3, steps=1, seq_len=64, batch_rows=1,
        forgetting=[], cut_max=0.5,
    )  # fmt: skip
    work, kept = tmp_path / "work", tmp_path / "kept"
    (work / "adapter").mkdir(parents=True)
    for name in ADAPTER_FILES:
        (work / "adapter" / name).write_text("{}")
    answer = {"counts": {"cut": 3, "left_out_short": 1, "examples_all": 8}}
    names = [f"adapter/{name}" for name in ADAPTER_FILES]
    keep(kept / config_of(spec)[:32], work, names, answer)
    monkeypatch.setattr(run, "_trained", lambda *_: "as it was")

    def looked(*_: object) -> None:
        assert not (work / "adapter").exists()
        raise BookError(Code.TOO_LONG, "the child looks at it")

    monkeypatch.setattr(run, "run_child", looked)
    assert train(spec, work, kept) == "as it was"
    with pytest.raises(BookError, match="the child looks"):
        train(replace(spec, cut_max=0.49), work, kept)
