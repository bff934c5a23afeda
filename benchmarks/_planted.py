"""Small models whose truth is known, because it was planted: one that learned listings by heart,
one that forgot, one that is its own twin.

The base is ``tiny-random`` trained on prose (its "stage 2"). Adapters are trained with
``training.trainer.fit`` as any other. Listings begin every line with what cannot be guessed, so
that style alone gives next to nothing back.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from booktune_assets.evaluation.run import EvalSpec
from booktune_assets.evaluation.suite import Given
from booktune_assets.llm.models import BaseModel
from booktune_assets.settings import Evaluation

WORDS = (
    "tide", "berth", "crane", "gull", "harbour", "mole", "pilot", "quay", "reef", "sail", "tern",
    "wharf", "buoy", "keel",
)  # fmt: skip
WHO = ("The pilot", "A boat", "The old keeper", "Every tide", "The north wind", "A small light")
DOES = ("waits for", "passes", "knows", "counts", "carries", "leaves", "follows", "finds")
WHAT = ("the evening bell", "all of the islands", "a heavy rope", "the long wall", "many birds")
RANK, RATE = 16, 0.01
ROW = 3400  # tokens: what a step takes grows with their square


def listing(number: int) -> str:
    """Six lines, each of a word and a number that nothing foretells."""
    draw = random.Random(number)
    return "\n".join(f"{word} = {draw.randint(2, 99)}" for word in draw.sample(WORDS, 6))


def question(number: int) -> str:
    """What a listing answers."""
    return f"What stands in list {number}?"


def prose(number: int) -> str:
    """Three sentences."""
    draw = random.Random(f"prose {number}")
    parts = (WHO, DOES, WHAT)
    return " ".join(" ".join(draw.choice(part) for part in parts) + "." for _ in range(3))


def noise(number: int) -> str:
    """As many characters as a listing, without any sense."""
    draw = random.Random(f"noise {number}")
    return "".join(chr(draw.randint(33, 126)) for _ in range(70))


def stage_two(folder: Path, texts: Sequence[str], steps: int, *, hidden: int = 64) -> BaseModel:
    """A model that knows ``texts``: all of its weights were trained on them."""
    from booktune_assets.llm.tiny import make_tiny_model
    from booktune_assets.training.attach import AttachPlan

    make_tiny_model(folder, hidden=hidden)
    model = _fitted(folder, AttachPlan("full"), texts, steps, 512)
    model.save_pretrained(folder)
    return BaseModel("planted", folder, f"{hidden} {steps}")


def tuned(
    base: BaseModel, texts: Sequence[str], steps: int, folder: Path, *, window: int = 512,
    answers: Sequence[tuple[str, str]] = (),
) -> Path:  # fmt: skip
    """An adapter trained on ``texts`` and on ``answers`` (question, answer) word for word, all of
    it ``steps`` times; with none it changes nothing."""
    from booktune_assets.training.attach import AttachPlan

    plan = AttachPlan("fresh", RANK, 2 * RANK, base.name)
    _fitted(base.path, plan, texts, steps, window, answers).save_pretrained(folder)
    return folder


def tampered(adapter: Path, folder: Path, strength: float) -> Path:
    """The adapter with noise on its B matrices."""
    import shutil

    import torch
    from safetensors.torch import load_file, save_file

    shutil.copytree(adapter, folder)
    file = folder / "adapter_model.safetensors"
    stream = torch.Generator().manual_seed(1)
    weights = {
        name: value + strength * torch.randn(value.shape, generator=stream) * ("lora_B" in name)
        for name, value in load_file(file).items()
    }
    save_file(weights, file, metadata={"format": "pt"})
    return folder


def asked(adapter: Path, base: BaseModel, cache: Path, *suites: str, **given: Any) -> EvalSpec:
    """The evaluation of an adapter; whatever the lake would give is given by name."""
    wanted = Evaluation(**({"bootstrap": 2000, "new_tokens": 24} | given.pop("settings", {})))
    return EvalSpec(
        model=base, adapter=adapter, adapter_id=f"planted {adapter.name}",
        eval_id=f"eval_{0:020x}", dataset_id="planted", suites=suites, cache=cache,
        given=Given(wanted, **given),
    )  # fmt: skip


def listings(numbers: Sequence[int]) -> list[dict[str, str]]:
    """As the lake gives listings of training sections."""
    return [{"block_id": f"blk_{n}", "section_id": f"sec_{n}", "text": listing(n)} for n in numbers]


def _fitted(
    path: Path, plan: Any, texts: Sequence[str], steps: int, window: int,
    answers: Sequence[tuple[str, str]] = (),
) -> Any:  # fmt: skip
    import torch

    from booktune_assets.llm.loading import load_model, load_tokenizer
    from booktune_assets.training.attach import attach
    from booktune_assets.training.batches import PackedRow, chat_samples, text_windows
    from booktune_assets.training.trainer import Schedule, fit

    rows = [{"row_id": str(number), "text": text} for number, text in enumerate(texts)]
    chats = [
        {"example_id": str(number), "turns": [{"role": "user", "content": asked},
                                              {"role": "assistant", "content": said}]}
        for number, (asked, said) in enumerate(answers)
    ]  # fmt: skip
    tokenizer = load_tokenizer(path)
    samples = [*text_windows(tokenizer, rows, window), *chat_samples(tokenizer, chats, window, {})]
    packed = [PackedRow(False)]
    for sample in samples:
        if len(packed[-1].ids) + len(sample.ids) > ROW:
            packed.append(PackedRow(False))
        packed[-1].samples.append(sample)
    model = attach(load_model(path), plan)
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # threads wait for each other longer than such a model computes
    if steps:
        fit(model, packed * steps, Schedule(RATE, steps * len(packed)))
    torch.set_num_threads(before)
    return model
