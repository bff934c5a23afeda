"""What the trainer promises, each against a calculation of another kind."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.heads import token_nll
from booktune_assets.llm.loading import load_model, load_tokenizer
from booktune_assets.training.attach import AttachPlan, attach, uses_rslora
from booktune_assets.training.batches import (
    OPEN_ROWS,
    PackedRow,
    chat_samples,
    memory_rows,
    plan_rows,
    text_windows,
)
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.reference import trained
from booktune_assets.training.trainer import Schedule, fit, row_inputs
from booktune_assets_tests.training.rows_fixture import curriculum_rows, sample


def test_the_mask_is_what_the_template_marks_as_generated(tiny) -> None:
    """Token by token, against transformers' own rendering of the template."""
    tokenizer = load_tokenizer(tiny.path)
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is a process?"},
        {"role": "assistant", "content": "State behind a mailbox — ünïcode."},
        {"role": "user", "content": "And </s> or <s>?"},
        {"role": "assistant", "content": "Text, no control tokens."},
    ]
    plain = [turn for turn in turns if "<s>" not in turn["content"]][:3]
    for told in (plain, turns[1:3], [*turns[:3], turns[1], turns[4]]):
        (mine,) = chat_samples(tokenizer, [{"example_id": "e", "turns": told}], 1000, {})
        theirs = tokenizer.apply_chat_template(
            told, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
        )
        assert mine.ids == theirs["input_ids"]
        assert mine.learned == [bool(on) for on in theirs["assistant_masks"]]
        row = PackedRow(False, [mine])
        learned = [token for _, token in row.targets]
        assert learned == [token for token, on in zip(mine.ids, mine.learned, strict=True) if on]
    (risky,) = chat_samples(tokenizer, [{"example_id": "e", "turns": turns}], 1000, {})
    control = [tokenizer.bos_token_id, tokenizer.eos_token_id]
    assert [risky.ids.count(token) for token in control] == [1, 2], "text makes no control token"


def _gradients(tiny: Any, row: PackedRow, *, checkpointing: bool) -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    plan = AttachPlan(rank=4, alpha=8, base="b", checkpointing=checkpointing)
    model = attach(load_model(tiny.path), plan).train()
    with torch.no_grad():
        for part in lora_parts(model):
            part.up.normal_(0, 0.1)  # at B = 0 half of the gradients are 0
    targets = torch.tensor(row.targets)
    token_nll(model, row_inputs(row, "cpu"), targets[:, 0], targets[:, 1]).mean().backward()
    assert bool(getattr(model, "is_gradient_checkpointing", False)) is checkpointing
    return {name: part.grad for name, part in trained(model).items()}


def test_checkpointed_activations_give_the_same_gradients(tiny) -> None:
    row = curriculum_rows(4)[0]
    plain, again = (_gradients(tiny, row, checkpointing=on) for on in (False, True))
    assert plain.keys() == again.keys()
    assert all(torch.equal(plain[name], again[name]) for name in plain)
    assert all(float(one.abs().max()) > 0 for one in plain.values())


@pytest.mark.parametrize(("rslora", "scale"), [(False, 2.0), (True, 2 * 8 / math.sqrt(8))])
def test_the_scale_is_alpha_over_rank_or_over_its_root(tiny, rslora: bool, scale: float) -> None:
    plan = AttachPlan(rank=8, alpha=16, base="b", rslora=rslora)
    model = attach(load_model(tiny.path), plan)
    plain = load_model(tiny.path)
    with torch.no_grad():
        for part in lora_parts(model):
            part.up.normal_(0, 0.05)
            assert part.scale == pytest.approx(scale)
            layer = plain.get_submodule(part.name.removeprefix("base_model.model."))
            layer.weight += scale * (part.up @ part.down)
    ids = torch.tensor([[1, 60, 70, 80, 90]])
    with torch.inference_mode():
        torch.testing.assert_close(model(ids).logits, plain(ids).logits, rtol=1e-4, atol=1e-4)
    assert [uses_rslora("auto", rank) for rank in (16, 32, 64, 256)] == [False, False, True, True]
    assert uses_rslora("on", 16) and not uses_rslora("off", 256)


def test_alpha_is_twice_the_rank_or_refused(tiny) -> None:
    with pytest.raises(BookError) as caught:
        attach(load_model(tiny.path), AttachPlan(rank=8, alpha=8))
    assert caught.value.code is Code.BAD_SETTING and "twice" in caught.value.remedy
    wrong = (AttachPlan("sideways"), AttachPlan("continue"), AttachPlan("full", quantised=True))
    for plan in wrong:
        with pytest.raises(BookError) as caught:
            attach(load_model(tiny.path), plan)
        assert caught.value.code is Code.BAD_SETTING


def test_all_weights_train_and_an_adapter_is_gone_on_with(tiny, tmp_path: Path) -> None:
    rows = curriculum_rows(10)
    full = attach(load_model(tiny.path), AttachPlan("full"))
    steps = fit(full, rows, Schedule(3e-3, 5))
    assert len(trained(full)) == len(dict(full.named_parameters()))
    assert steps[-1].loss < steps[0].loss

    torch.manual_seed(0)
    first = attach(load_model(tiny.path), AttachPlan(rank=4, alpha=8, base="b"))
    fit(first, rows, Schedule(5e-3, 5))
    first.save_pretrained(tmp_path)
    plan = AttachPlan("continue", rank=4, alpha=8, base="b", adapter=tmp_path)
    again = attach(load_model(tiny.path), plan)
    was, now = trained(first), trained(again)
    assert was.keys() == now.keys() and all(torch.equal(was[name], now[name]) for name in was)
    ids = torch.tensor([rows[0].ids])
    with torch.inference_mode():
        assert torch.equal(first.eval()(ids).logits, again.eval()(ids).logits)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(5, 60), min_size=1, max_size=60),
    st.integers(1, 40),
    st.sampled_from([0.0, 0.2, 0.5]),
)
def test_packing_holds_the_order_of_the_set(sizes: list[int], total: int, share: float) -> None:
    new = [sample(f"n{number}", size) for number, size in enumerate(sizes)]
    old = [sample("o", 20)]
    rows = plan_rows(new, old, total, share, 0, 64, shuffled=False)
    fresh = [row for row in rows if not row.rehearsal]
    place = {one.name: number for number, one in enumerate(new)}
    rounds = dict.fromkeys(place, 0)
    learned: list[list[int]] = []  # by row: places in the set's order, gone through again and again
    for row in fresh:
        learned.append([])
        for one in row.samples:
            learned[-1].append(place[one.name] + rounds[one.name] * len(new))
            rounds[one.name] += 1
    for number, row in enumerate(learned):
        for later in learned[number + OPEN_ROWS + 1 :]:
            assert max(row) < min(later)


def test_windows_lose_nothing_and_memory_takes_each_sample_once(tiny) -> None:
    tokenizer = load_tokenizer(tiny.path)
    text = "abcdefghij" * 13
    windows = text_windows(tokenizer, [{"row_id": "t", "text": text}], 33)
    assert "".join(tokenizer.decode(one.ids[1:]) for one in windows) == text
    assert all(len(one.ids) <= 33 and one.ids[0] == tokenizer.bos_token_id for one in windows)
    rows = memory_rows(windows, 70)
    names = sorted(one.name for row in rows for one in row.samples)
    assert names == sorted(one.name for one in windows) and all(row.rehearsal for row in rows)


def test_what_does_not_fit_is_said_before_it_is_loaded(
    tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from booktune_assets.training import child

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing is loaded")

    monkeypatch.setattr(child, "free_memory", lambda: 1e8)
    monkeypatch.setattr(child, "load_model", never)
    monkeypatch.setattr(child, "device_name", lambda: "cpu")
    order = {
        "quantise": "none", "rank": 16, "seq_len": 512, "checkpointing": "auto", "record": [],
        "before": 0,
    }  # fmt: skip
    with pytest.raises(BookError) as caught:
        child._wanted(order, tiny.path, [], {"samples": 1, "page": 0})
    assert caught.value.code is Code.WILL_NOT_FIT
