"""Tokens per second of our trainer against plain trl, and what each way of not forgetting costs.

    .venv/bin/python benchmarks/training.py [--full] [--strategies] [--repeats N]

Both train the same LoRA on the same model (Mistral architecture, untrained; ``--full``: Gemma 3
270M) with the same rows in the same order, one at a time, accumulated to the same step, fp32, the
same optimiser, no checkpointing of activations. ``packed``: our rows with several samples each, for
which the same samples are counted. Arms alternate; ratios are of CPU seconds of the training loops,
medians over the repeats, one thread. The mean loss of the steps is printed beside: arms that learn
something else would not compare. ``--strategies``: per cent of a step's time, and bytes in a
checkpoint; those that need an earlier stage's adapter learn beside one that was trained for a few
steps, which a plain step has not.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter

from booktune_assets.errors import BooktuneError
from booktune_assets.ids import stable_int
from booktune_assets.llm.loading import load_model, load_tokenizer
from booktune_assets.llm.tiny import make_tiny_model
from booktune_assets.settings_training import Forgetting
from booktune_assets.training.attach import AttachPlan, add_lora, attach
from booktune_assets.training.batches import PackedRow, Sample, chat_samples, pack
from booktune_assets.training.privileged import page_sample
from booktune_assets.training.strategies.base import Passive
from booktune_assets.training.strategies.registry import KINDS, strategies
from booktune_assets.training.trainer import Schedule, fit_run

RATE, RANK, STEP_ROWS = 1e-4, 16, 6
STEP_PACKED = 2  # packed rows of a step: about as many tokens as STEP_ROWS single ones
VARIANTS = {  # of kinds that cost otherwise with another setting
    "fip, every 4": {"kind": "fip", "every": 4},
    "fip, geodesic": {"kind": "fip", "mode": "geodesic"},
    "kl, on old": {"kind": "kl", "on": "old"},
    "added blocks": {"kind": "progressive", "form": "block_expansion"},
    "stacked": {"kind": "progressive", "form": "stacked"},
    "lateral": {"kind": "progressive", "form": "lateral"},
}
BESIDE = ("stacked", "lateral")  # forms that need the adapter of an earlier stage
WORDS = "a process keeps state and answers messages one after the other until it is told to stop"


class _Clock(Passive):
    """CPU and wall seconds from the end of the first step to that of the last; bytes of state."""

    name = "clock"

    def __init__(self) -> None:
        self.marks: list[tuple[float, float]] = []
        self.others: Sequence[Any] = ()
        self.bytes = 0

    def on_step_end(self, model: Any, step: int) -> None:
        self.marks.append((time.process_time(), time.perf_counter()))
        self.bytes = sum(_size(one.state_dict()) for one in self.others)

    def per_step(self) -> tuple[float, float]:
        (cpu, wall), (cpu_end, wall_end) = self.marks[0], self.marks[-1]
        steps = len(self.marks) - 1
        return (cpu_end - cpu) / steps, (wall_end - wall) / steps


def _size(state: Any) -> int:
    if isinstance(state, torch.Tensor):
        return state.numel() * state.element_size()
    parts = state.values() if isinstance(state, dict) else state
    return sum(map(_size, parts)) if isinstance(state, dict | list | tuple) else 0


def _samples(tokenizer: Any, count: int, longest: int) -> list[Sample]:
    """Questions and answers of lengths as sets have them: many short, few long."""
    words = WORDS.split()
    examples: list[dict[str, Any]] = []
    for number in range(count):
        length = 4 + stable_int(f"length {number}") % 36
        said = " ".join(words[stable_int(f"{number}:{k}") % len(words)] for k in range(length))
        turns = [
            {"role": "user", "content": f"What of case {number}?"},
            {"role": "assistant", "content": said},
        ]
        examples.append({"example_id": f"e{number}", "turns": turns})
    return chat_samples(tokenizer, examples, longest, {}, _with_page)


def _with_page(tokenizer: Any, example: Any) -> Sample:
    return page_sample(tokenizer, example["example_id"], example["turns"], WORDS)


def _tuned(path: Path) -> Any:
    torch.manual_seed(0)
    return add_lora(load_model(path), RANK, 2 * RANK, "base")


def _ours(path: Path, rows: Sequence[PackedRow], per_step: int) -> tuple[float, float, float]:
    """CPU seconds and wall seconds of the loop without its first step, and the mean loss."""
    clock = _Clock()
    steps = len(rows) // per_step
    made = fit_run(_tuned(path), rows, Schedule(RATE, steps), [clock])
    cpu, wall = clock.per_step()
    loss = statistics.fmean(step.loss for step in made.steps)
    return cpu * (steps - 1), wall * (steps - 1), loss


def _trl(path: Path, rows: Sequence[PackedRow], per_step: int) -> tuple[float, float, float]:
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import SFTConfig, SFTTrainer

    marks: list[tuple[float, float]] = []

    class Clock(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            marks.append((time.process_time(), time.perf_counter()))

    samples = [row.samples[0] for row in rows]
    data = Dataset.from_list(
        [{"input_ids": s.ids, "completion_mask": [int(on) for on in s.learned]} for s in samples]
    )
    steps = len(rows) // per_step
    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(
            output_dir=folder, per_device_train_batch_size=1, max_steps=steps,
            gradient_accumulation_steps=per_step, learning_rate=RATE, lr_scheduler_type="cosine",
            warmup_steps=max(1, round(0.05 * steps)), optim="adamw_torch", weight_decay=0.0,
            max_grad_norm=1.0, completion_only_loss=True, max_length=None, bf16=False,
            use_cpu=True, gradient_checkpointing=False, report_to="none", save_strategy="no",
            logging_strategy="steps", logging_steps=steps, disable_tqdm=True,
            train_sampling_strategy="sequential", seed=0,
        )  # fmt: skip
        trainer = SFTTrainer(
            model=_tuned(path), args=config, train_dataset=data,
            processing_class=load_tokenizer(path), callbacks=[Clock()],
        )  # fmt: skip
        trainer.train()
    loss = next(one["loss"] for one in trainer.state.log_history if "loss" in one)
    (cpu, wall), (cpu_end, wall_end) = marks[0], marks[-1]
    return cpu_end - cpu, wall_end - wall, float(loss)


def compare(path: Path, count: int, longest: int, repeats: int) -> None:
    """Print tokens per CPU second of the arms, and their ratios to trl."""
    samples = _samples(load_tokenizer(path), count, longest)
    plain = [PackedRow(False, [sample]) for sample in samples]
    plain = plain[: len(plain) // STEP_ROWS * STEP_ROWS]
    samples = [row.samples[0] for row in plain]
    packed = pack(iter(samples), longest, len(samples), rehearsal=False)
    packed = packed[: len(packed) // STEP_PACKED * STEP_PACKED]
    tokens = {"trl": sum(len(row.ids) for row in plain[STEP_ROWS:])}
    tokens |= {"ours": tokens["trl"], "packed": sum(len(row.ids) for row in packed[STEP_PACKED:])}
    arms = {
        "trl": lambda: _trl(path, plain, STEP_ROWS),
        "ours": lambda: _ours(path, plain, STEP_ROWS),
        "packed": lambda: _ours(path, packed, STEP_PACKED),
    }
    speed: dict[str, list[tuple[float, float]]] = {name: [] for name in arms}
    losses: dict[str, float] = {}
    for number in range(repeats + 1):
        order = list(arms) if number % 2 else list(reversed(arms))
        for name in order:
            cpu, wall, losses[name] = arms[name]()
            if number:  # the first round warms up
                speed[name].append((tokens[name] / cpu, tokens[name] / wall))
    sizes = f"{len(plain)} samples, {len(packed)} packed rows of at most {longest} tokens"
    print(f"{path.name}: {sizes}; {repeats} repeats, medians")
    for name, found in speed.items():
        cpu, wall = (statistics.median(one[k] for one in found) for k in (0, 1))
        ratios = [a[0] / b[0] for a, b in zip(found, speed["trl"], strict=True)]
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
        print(
            f"  {name:8} {cpu:9.0f} tokens/CPU s {wall:9.0f} tokens/s   x "
            f"{statistics.median(ratios):.3f} of trl ({spread})   loss {losses[name]:.4f}"
        )


def costs(path: Path, steps: int, longest: int, repeats: int) -> None:
    """Print what each kind adds to a step, and the bytes that it keeps in a checkpoint."""
    tokenizer = load_tokenizer(path)
    new, old = _samples(tokenizer, 160, longest), _samples(tokenizer, 48, longest)
    fresh = pack(iter(new), longest, len(new), rehearsal=False)
    known = pack(iter(old), longest, len(old), rehearsal=True)
    rows = [(known if n % 5 == 4 else fresh)[n % 8 % len(known)] for n in range(steps)]
    sections: dict[str, dict[str, Any]] = {kind: {"kind": kind} for kind in KINDS}
    sections["ewc"] |= {"n": 32}
    sections["sdft"] |= {"new_tokens": 32}
    sections["si"] |= {"source": "pseudo", "pseudo_steps": 5}
    del sections["progressive"]  # each of its forms costs otherwise
    sections |= VARIANTS
    base: list[float] = []
    earlier = path.with_name(f"{path.name}-earlier")
    _earlier_stage(path, rows, earlier)
    print(f"{path.name}: cost per step of one packed row of {longest} tokens, {repeats} repeats")
    for kind, section in sections.items():
        (made,) = TypeAdapter(list[Forgetting]).validate_python([section])
        ratios: list[float] = []
        held = 0
        try:
            for _ in range(repeats):
                naive, _ = _timed(path, rows, steps, [])
                with_it, held = _timed(path, rows, steps, [made], earlier)
                base.append(naive)
                ratios.append(with_it / naive - 1)
        except BooktuneError as problem:
            print(f"  {kind:16} not measured: {problem.remedy}")
            continue
        print(f"  {kind:16} {100 * statistics.median(ratios):+7.1f} %   {held:12,} bytes")
    print(f"  a plain step takes {1000 * statistics.median(base):.1f} CPU ms")


def _earlier_stage(path: Path, rows: Sequence[PackedRow], folder: Path) -> None:
    """Write the adapter of a stage before, for what learns beside one."""
    model = _tuned(path)
    fit_run(model, rows[:3], Schedule(RATE, 3), [])
    model.save_pretrained(folder)


def _timed(
    path: Path, rows: Sequence[PackedRow], steps: int, chosen: Sequence[Any],
    earlier: Path | None = None,
) -> tuple[float, int]:  # fmt: skip
    ways, clock = strategies(chosen), _Clock()
    clock.others = ways
    model: Any = load_model(path)
    for way in ways:
        model = way.shape(model)
    torch.manual_seed(0)
    if any(one.kind == "olora" or getattr(one, "form", "") in BESIDE for one in chosen):
        model = attach(model, AttachPlan("beside", RANK, 2 * RANK, "base", adapter=earlier))
    else:
        model = add_lora(model, RANK, 2 * RANK, "base")
    fit_run(model, rows, Schedule(RATE, steps), [*ways, clock], tokenizer=load_tokenizer(path))
    return clock.per_step()[0], clock.bytes


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="also Gemma 3 270M")
    parser.add_argument("--strategies", action="store_true", help="cost of each kind as well")
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = make_tiny_model(Path(folder) / "mistral-3m", hidden=256, layers=4)
        compare(path, 96, 512, chosen.repeats)
        if chosen.strategies:
            costs(path, 13, 256, max(1, chosen.repeats // 2))
        if chosen.full:
            from booktune_assets.llm.models import prepare
            from booktune_assets.settings import Settings

            compare(prepare("gemma3-270m", Settings.load().models).path, 12, 384, 1)


if __name__ == "__main__":
    main()
