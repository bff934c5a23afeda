"""What is measured, against plain torch; the memory that models write themselves."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from booktune_assets.llm.chat import text_ids
from booktune_assets.llm.loading import load_model, load_tokenizer
from booktune_assets.training.attach import add_lora
from booktune_assets.training.batches import Sample
from booktune_assets.training.comparison import measure
from booktune_assets.training.comparison.measure import (
    bits,
    blended,
    deltas,
    folded,
    moved,
    outputs,
    watched,
)
from booktune_assets.training.comparison.synthesis import synthesise
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets_tests.llm.tiny_fixture import tiny  # noqa: F401

TEXTS = ["Enum.map(list, fun)", "a short one", "größer als zehn Zeichen"]


@pytest.fixture
def model(tiny):  # noqa: F811
    tuned = add_lora(load_model(tiny.path), 2, 4, "tiny")
    stream = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for part in lora_parts(tuned):
            part.up.normal_(generator=stream)
    return tuned


def test_bits_per_byte_is_cross_entropy_over_bytes(model, tiny) -> None:  # noqa: F811
    tokenizer = load_tokenizer(tiny.path)
    nats = 0.0
    for text in TEXTS:
        ids = torch.tensor([tokenizer(text).input_ids])
        with torch.no_grad():
            logits = model.eval()(ids).logits[0, :-1]
        nats += float(F.cross_entropy(logits, ids[0, 1:], reduction="sum"))
    expected = nats / math.log(2) / sum(len(text.encode()) for text in TEXTS)
    model.train()
    found = bits(model, {"all": watched(tokenizer, TEXTS)})
    assert found["all"] == pytest.approx(expected, rel=1e-5)
    assert model.training


def test_distributions_are_kept_of_as_many_windows_as_memory_allows(
    model,
    tiny,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = watched(load_tokenizer(tiny.path), TEXTS)
    whole = outputs(model, task)
    assert whole.exp().sum(-1).allclose(torch.ones(len(whole)), atol=1e-4)
    assert len(whole) == len(task.batches[0][1]), "three windows are few"
    monkeypatch.setattr(measure, "_VALUES", 1)
    one = outputs(model, task)
    assert len(one) == len(text_ids(load_tokenizer(tiny.path), TEXTS[0])) - 1
    assert torch.equal(one, whole[: len(one)])


def test_the_way_between_two_ends_is_straight_in_the_product(model) -> None:
    start = deltas(model)
    with torch.no_grad():
        for part in lora_parts(model):
            part.up.mul_(1.5)
            part.down.add_(0.1)
    end = deltas(model)
    names = list(start)
    kept = {part.name: part.module.get_base_layer().weight.clone() for part in lora_parts(model)}
    with blended(model, start, lambda name: 0.25 if name == names[0] else 1.0):
        for part in lora_parts(model):
            now = part.module.get_base_layer().weight + part.delta()
            share = 0.25 if part.name == names[0] else 1.0
            wanted = (
                kept[part.name] + start[part.name] + share * (end[part.name] - start[part.name])
            )
            torch.testing.assert_close(now, wanted)
    for part in lora_parts(model):
        assert torch.equal(part.module.get_base_layer().weight, kept[part.name])


def test_a_folded_adapter_says_the_same_and_leaves_no_trace(model, tiny) -> None:  # noqa: F811
    task = {"all": watched(load_tokenizer(tiny.path), TEXTS)}
    kept = {part.name: part.module.get_base_layer().weight.clone() for part in lora_parts(model)}
    plain = bits(model, task)
    with folded(model):
        found = bits(model, task)
        first = next(lora_parts(model))
        assert not torch.equal(first.module.get_base_layer().weight, kept[first.name])
    assert found["all"] == pytest.approx(plain["all"], rel=1e-6)
    with model.disable_adapter():
        assert bits(model, task)["all"] != pytest.approx(plain["all"], rel=1e-6), "it says much"
    assert bits(model, task) == plain, "bit for bit"
    for part in lora_parts(model):
        assert torch.equal(part.module.get_base_layer().weight, kept[part.name])


def test_outputs_that_move_are_as_far_as_bhattacharyya_says() -> None:
    one, two = torch.tensor([[0.5, 0.5], [0.9, 0.1]]), torch.tensor([[0.5, 0.5], [0.1, 0.9]])
    expected = -(math.log(1.0) + math.log(2 * math.sqrt(0.09))) / 2
    assert moved(one.log(), two.log()) == pytest.approx(expected, rel=1e-5)


def test_synthesised_memory_learns_only_what_was_written(model, tiny) -> None:  # noqa: F811
    tokenizer = load_tokenizer(tiny.path)
    ids = [tokenizer("x" * 19 + str(n % 10)).input_ids for n in range(12)]
    memory = [Sample(f"m{n}", one, [False] + [True] * 20) for n, one in enumerate(ids)]
    before = torch.get_rng_state()
    base = load_model(tiny.path)
    made = synthesise(base, model, tokenizer, memory, 3)
    assert torch.equal(torch.get_rng_state(), before)
    assert made == synthesise(base, model, tokenizer, memory, 3)
    assert len(made) == len(memory)
    for sample in made:
        assert len(sample.ids) == len(sample.learned) == 21
        assert sample.learned == sorted(sample.learned)
        assert sample.ids[0] == ids[0][0]
        assert sum(sample.learned) == 15
