"""The engine: what it gives does not depend on batches; scores equal plain cross-entropy."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from booktune_assets.errors import BookError, Code
from booktune_assets.llm import adapted, transformers_engine
from booktune_assets.llm.chat import render_prompt, text_ids
from booktune_assets.llm.engine import Engine, open_engine
from booktune_assets.llm.heads import token_nll
from booktune_assets.llm.tiny import make_tiny_model

WEIGHTS = "adapter_model.safetensors"
PROMPTS = ["defmodule A", "x", "A GenServer keeps state between calls, and", "ünïcode →"]


@pytest.fixture(scope="module")
def engine(tiny):
    return open_engine(tiny.path)


def test_it_is_an_engine(engine) -> None:
    assert isinstance(engine, Engine)


@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_an_answer_does_not_depend_on_the_batch(engine, temperature) -> None:
    options = {"max_new_tokens": 24, "temperature": temperature, "top_p": 0.9, "seed": 5}
    together = engine.generate(PROMPTS * 3, **options)[: len(PROMPTS)]
    alone = [engine.generate([prompt], **options)[0] for prompt in PROMPTS]
    assert together == alone
    assert engine.generate(list(reversed(PROMPTS)), **options) == list(reversed(alone))


def test_greedy_equals_transformers_own(engine) -> None:
    ids = torch.tensor([text_ids(engine.tokenizer, PROMPTS[2])])
    theirs = engine.model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=24, do_sample=False
    )
    text = engine.tokenizer.decode(theirs[0, ids.shape[1] :], skip_special_tokens=True)
    assert engine.generate([PROMPTS[2]], max_new_tokens=24) == [text]


def test_seeds_and_repeats_give_other_samples(engine) -> None:
    options = {"max_new_tokens": 24, "temperature": 1.0}
    one, two = engine.generate(["same", "same"], seed=1, **options)
    (other,) = engine.generate(["same"], seed=2, **options)
    assert len({one, two, other}) == 3


def test_stop_ends_the_answer_before_the_stop_string(engine) -> None:
    (whole,) = engine.generate([PROMPTS[0]], max_new_tokens=30)
    word = whole[6:8]
    (cut,) = engine.generate([PROMPTS[0]], max_new_tokens=30, stop=[word])
    assert cut == whole[: whole.index(word)]


def test_conversations_are_prompts_too(engine) -> None:
    turns = [{"role": "user", "content": "What?"}]
    text = "Question:\nWhat?\n\nAnswer:\n"
    options = {"max_new_tokens": 8}
    assert engine.generate([turns], **options) == engine.generate([text], **options)


def test_scores_are_plain_cross_entropy(engine) -> None:
    scores = engine.score(PROMPTS)
    for text, scored in zip(PROMPTS, scores, strict=True):
        ids = torch.tensor([text_ids(engine.tokenizer, text)])
        with torch.inference_mode():
            logits = engine.model(ids).logits[0, :-1]
        nats = F.cross_entropy(logits, ids[0, 1:], reduction="sum").item()
        assert scored.nats == pytest.approx(nats, rel=1e-5)
        assert scored.tokens == scored.bytes == len(text.encode())
        assert scored.bits_per_byte == pytest.approx(nats / 0.693147 / scored.bytes, rel=1e-4)
    assert engine.score([""])[0].nats == 0


def test_an_answer_is_scored_after_its_prompt_alone(engine) -> None:
    turns = [{"role": "user", "content": "What is a process?"}]
    pairs = [(turns, "A heap and a mailbox."), (PROMPTS[2], " a reply."), (turns, "x")]
    scored = engine.score_answers(pairs)
    for (prompt, answer), one in zip(pairs, scored, strict=True):
        plain = isinstance(prompt, str)
        encode = text_ids if plain else render_prompt
        head = encode(engine.tokenizer, prompt)
        ids = head + text_ids(engine.tokenizer, answer, start=False)
        logits = engine.model(torch.tensor([ids])).logits[0, len(head) - 1 : -1]
        wanted = F.cross_entropy(logits, torch.tensor(ids[len(head) :]), reduction="sum")
        assert one.nats == pytest.approx(wanted.item(), rel=1e-4)
        assert (one.tokens, one.bytes) == (len(ids) - len(head), len(answer.encode()))


def test_head_loss_has_the_gradient_of_cross_entropy(engine) -> None:
    ids = torch.randint(3, 250, (2, 300), generator=torch.Generator().manual_seed(1))
    where = torch.tensor([0, 5, 17, 299, 300, 450, *range(120, 290)])
    labels = torch.randint(3, 250, where.shape, generator=torch.Generator().manual_seed(2))
    model = engine.model.requires_grad_(False)
    weight = model.model.layers[0].mlp.up_proj.weight.requires_grad_(True)
    plain = F.cross_entropy(model(ids).logits.flatten(0, 1)[where], labels, reduction="none")
    ours = token_nll(model, {"input_ids": ids}, where, labels)
    torch.testing.assert_close(ours, plain)
    weights = torch.linspace(0, 1, len(where))
    (expected,) = torch.autograd.grad((plain * weights).sum(), weight)
    (found,) = torch.autograd.grad((ours * weights).sum(), weight)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_nucleus_draws_from_the_nucleus_only() -> None:
    scores = torch.tensor([0.6, 0.05, 0.3, 0.05]).log()
    stream = torch.Generator().manual_seed(0)
    drawn = [transformers_engine._pick(scores, 1.0, 0.85, stream) for _ in range(2000)]
    assert set(drawn) == {0, 2}
    assert drawn.count(0) / len(drawn) == pytest.approx(2 / 3, abs=0.04)
    assert transformers_engine._pick(scores, 1.0, 1e-9, stream) == 0


def test_too_long_and_no_adapter_are_coded_errors(engine) -> None:
    with pytest.raises(BookError) as caught:
        engine.generate(["x" * 4090], max_new_tokens=10)
    assert caught.value.code is Code.TOO_LONG
    with pytest.raises(BookError), engine.with_adapter(True):
        pass


def test_an_adapter_of_another_model_is_refused(adapter, tmp_path) -> None:
    make_tiny_model(tmp_path / "other", hidden=32)
    with pytest.raises(BookError, match="another model") as caught:
        open_engine(tmp_path / "other", adapter)
    assert caught.value.code is Code.BAD_SETTING and caught.value.where["model"] == "other"


def _less(folder: Path, file: str, keep: int) -> None:
    (folder / file).write_bytes((folder / file).read_bytes()[:keep])


def _two_layers_more(folder: Path) -> None:
    """As of a model with more layers: peft would pass over what has no place."""
    tensors = load_file(folder / WEIGHTS)
    more = {name.replace(".layers.1.", ".layers.3."): one.clone() for name, one in tensors.items()}
    save_file(tensors | more, folder / WEIGHTS)


def _one_missing(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    tensors.pop(next(name for name in tensors if "lora_B" in name))
    save_file(tensors, folder / WEIGHTS)


def test_an_adapter_has_the_model_s_layers_whatever_stands_before_them() -> None:
    older, newer = (f"base_model.model.{one}.layers.3.mlp.up_proj.lora_A.weight"
                    for one in ("language_model.model", "model.language_model"))  # fmt: skip
    assert adapted._place(older) == adapted._place(newer)  # pyright: ignore[reportPrivateUsage]
    assert adapted._place("a.lora_A.weight") == "a.lora_A.weight"  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda folder: (folder / "adapter_config.json").unlink(), Code.FILE_MISSING),
        (lambda folder: (folder / WEIGHTS).unlink(), Code.FILE_MISSING),
        (lambda folder: _less(folder, "adapter_config.json", 9), Code.DAMAGED_FILE),
        (lambda folder: _less(folder, WEIGHTS, 200), Code.DAMAGED_FILE),
        (lambda folder: _less(folder, WEIGHTS, -20), Code.DAMAGED_FILE),
        (_two_layers_more, Code.BAD_SETTING),
        (_one_missing, Code.BAD_SETTING),
    ],
)
def test_an_adapter_that_is_not_whole_is_a_coded_error(
    tiny, adapter: Path, tmp_path: Path, spoil: Any, code: Code
) -> None:
    folder = Path(shutil.copytree(adapter, tmp_path / "adapter"))
    open_engine(tiny.path, folder)
    spoil(folder)
    with pytest.raises(BookError) as caught:
        open_engine(tiny.path, folder)
    assert caught.value.code is code and caught.value.remedy


def test_a_text_longer_than_the_model_reads_is_rolled_over(engine, tmp_path) -> None:
    """Every token once; whole windows see what they hold, the last one reaches back."""
    small = open_engine(make_tiny_model(tmp_path / "small", positions=50))
    text = "A GenServer keeps state between calls. " * 4
    ids = text_ids(small.tokenizer, text)
    wanted, done = 0.0, 1
    while done < len(ids):
        end = min(done + 50, len(ids))
        row = ids[max(0, end - 51) : end - 1]  # what is read: never over 50 tokens
        with torch.inference_mode():
            logits = small.model(torch.tensor([row])).logits[0, done - end :]
        wanted += F.cross_entropy(logits, torch.tensor(ids[done:end]), reduction="sum").item()
        done = end
    (scored,) = small.score([text])
    assert scored.nats == pytest.approx(wanted, rel=1e-5)
    assert scored.tokens == scored.bytes == len(text)
    whole, fits = engine.score([text])[0], small.score([text[:50]])[0]
    assert whole.nats != pytest.approx(wanted, rel=1e-5)  # a longer context says something else
    assert fits.nats == pytest.approx(engine.score([text[:50]])[0].nats, rel=1e-5)
