"""What ``plan-training`` says beside what a run takes: peak of memory, operations per CPU second.

    .venv/bin/python benchmarks/plan_training.py [--steps N] [--seq-len N] [--nf4] MODEL …

MODEL is a folder of weights, ``tiny-random`` or ``gemma3-270m`` (of the home's models). Each is
trained twice, ``--steps`` and two steps; the difference is the cost of a step without loading. The
peak is that of the training process. ``tiny``'s throughput in ``training/plan.py`` is twice the
figure of one CPU second here: two cores.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from pathlib import Path

from _clock import lap

from booktune_assets.ids import make_id
from booktune_assets.llm.models import prepare
from booktune_assets.settings import Settings
from booktune_assets.training.memory import memory_of
from booktune_assets.training.plan import wanted_of
from booktune_assets.training.run import TrainSpec, train

TEXT = "A process that links to another one hears of its end, and may end with it. " * 60


def spec_of(name: str, seq_len: int, rank: int) -> TrainSpec:
    """A run without rehearsal whose rows are full: each example is longer than a row."""
    examples = [
        {"example_id": make_id("ex", number), "turns": [
            {"role": "user", "content": f"What is a link? ({number})"},
            {"role": "assistant", "content": TEXT * (1 + seq_len // 1024)}]}
        for number in range(8)
    ]  # fmt: skip
    return TrainSpec(
        model=prepare(name, Settings.load().models), examples=examples, rehearsal=[],
        rehearsal_share=0.0, adapter_id=make_id("ada", 1), dataset_id=make_id("data", 1),
        rehearsal_id="reha_none", rank=rank, learning_rate=1e-4, steps=2, seq_len=seq_len,
        batch_rows=1, cut_max=1.0,
    )  # fmt: skip


def measured(spec: TrainSpec, steps: int) -> tuple[float, float, int]:
    """CPU seconds and wall seconds of ``steps - 2`` steps, and the peak in bytes."""
    laps = []
    peak = 0
    for number in (2, steps):
        with tempfile.TemporaryDirectory() as work, lap() as clock:
            made = train(dataclasses.replace(spec, steps=number), Path(work))
        laps.append(clock)
        peak = max(peak, made.counts["peak_mb"] << 20)
    return laps[1].cpu - laps[0].cpu, laps[1].wall - laps[0].wall, peak


def main() -> None:
    """One line for each model."""
    options = argparse.ArgumentParser()
    options.add_argument("models", nargs="+")
    options.add_argument("--steps", type=int, default=8)
    options.add_argument("--seq-len", type=int, default=384)
    options.add_argument("--rank", type=int, default=16)
    options.add_argument("--nf4", action="store_true", help="base in four bits, checkpointed")
    asked = options.parse_args()
    print(f"{'model':28}{'planned GB':>12}{'peak GB':>9}{'off':>7}{'CPU s/step':>12}"
          f"{'tokens/CPU s':>14}{'GFLOP/CPU s':>13}")  # fmt: skip
    for name in asked.models:
        spec = spec_of(name, asked.seq_len, asked.rank)
        spec = dataclasses.replace(spec, quantise="nf4" if asked.nf4 else "none")
        wanted = wanted_of(
            spec.model.path,
            rank=asked.rank,
            seq_len=asked.seq_len,
            device="cpu",
            quantise=spec.quantise,
        )
        planned = memory_of(wanted).total
        cpu, _, peak = measured(spec, asked.steps)
        tokens = (asked.steps - 2) * asked.seq_len
        flops = (8 if wanted.checkpointing else 6) * wanted.shape.params * tokens
        print(f"{spec.model.name:28}{planned / 1e9:12.2f}{peak / 1e9:9.2f}"
              f"{planned / peak - 1:+7.0%}{cpu / (asked.steps - 2):12.2f}{tokens / cpu:14.1f}"
              f"{flops / cpu / 1e9:13.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
