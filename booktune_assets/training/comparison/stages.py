"""Stages 1 and 2 of one seed, and the checkpoint that all arms begin at.

Belongs here: the model before stage 3, the memory, what earlier stages left. Does not: stage 3
(``runner.py``), texts (``corpora.py``).

Stage 1 trains all weights on general text (a packaged model is downloaded text instead), stage 2 a
LoRA on Python, through the same ``fit`` as stage 3, with the accumulators of synaptic intelligence
on. Everything is drawn from the seed alone and kept in a folder, so that a second start reads it.
What all jobs of a seed have in common is worked out once in a process (``Begun.once``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from booktune_assets import progress, settings_training
from booktune_assets.ids import stable_int
from booktune_assets.lake import write_json
from booktune_assets.llm.chat import text_ids
from booktune_assets.llm.loading import load_model, load_tokenizer
from booktune_assets.llm.models import prepare
from booktune_assets.llm.packed_attention import use_packed_attention
from booktune_assets.llm.tiny import make_tiny_model
from booktune_assets.training.attach import AttachPlan, add_lora, attach
from booktune_assets.training.batches import PackedRow, Sample, plan_rows
from booktune_assets.training.comparison.arms import Scale
from booktune_assets.training.comparison.corpora import NAMES, Corpus
from booktune_assets.training.comparison.measure import Watched, bits, watched
from booktune_assets.training.comparison.synthesis import synthesise
from booktune_assets.training.comparison.watch import Watch, left
from booktune_assets.training.reference import Reference
from booktune_assets.training.states import load_state, save_state
from booktune_assets.training.strategies.base import Run, Strategy
from booktune_assets.training.strategies.registry import recorder
from booktune_assets.training.trainer import Schedule, fit

__all__ = ["Begun", "begin", "memory_rows", "rows_of"]

ONLINE = 0.5  # what is left of stage 1's importance when stage 2's comes to it


@dataclass(frozen=True, slots=True)
class Begun:
    """One seed before stage 3. ``scores`` are bits per byte after no stage, stage 1, stage 2.

    ``new`` is what stage 3 learns from, as tokens.
    """

    folder: Path
    seed: int
    tokenizer: Any
    earlier: Mapping[str, Mapping[str, Any]]
    scores: Sequence[Mapping[str, float]]
    memory: Sequence[Sample]
    new: Sequence[Sample]
    known: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any])

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, made for the first job that asks for it."""
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def ssr(self, scale: Scale) -> list[Sample]:
        """As much memory as the real one, written by the models themselves; made once."""
        file = self.folder / "ssr.json"
        if not file.exists():
            latest = attach(load_model(self.base), AttachPlan("continue", adapter=self.adapter))
            base = load_model(self.base)
            made = synthesise(base, latest, self.tokenizer, self.memory, self.seed)
            write_json(file, [[one.name, one.ids, one.learned] for one in made])
        return [Sample(*row) for row in json.loads(file.read_text())]

    @property
    def base(self) -> Path:
        """The model before stage 2."""
        return self.folder / "base"

    @property
    def adapter(self) -> Path:
        """Stage 2's adapter."""
        return self.folder / "adapter"

    def tasks(self, corpora: Mapping[str, Corpus], split: str, scale: Scale) -> dict[str, Watched]:
        """What is measured: windows of each task of one split."""
        return self.once(
            ("tasks", split), lambda: _tasks(self.tokenizer, corpora, split, scale)
        )  # fmt: skip


def begin(corpora: Mapping[str, Corpus], scale: Scale, seed: int, folder: Path) -> Begun:
    """Stages 1 and 2 of ``seed``; read from ``folder`` when they are there."""
    file = folder / "begun.safetensors"
    if not file.exists():
        _make(corpora, scale, seed, folder, file)
    kept = load_state(file)
    tokenizer = load_tokenizer(folder / "base")
    texts = _drawn(corpora["general"].parts["train"], f"{seed}:memory", scale.memory // 2)
    texts += _drawn(corpora["domain"].parts["train"], f"{seed}:memory", scale.memory // 2)
    memory = [_sample(tokenizer, f"memory:{n}", text) for n, text in enumerate(texts)]
    new = _samples(tokenizer, corpora["books"].parts["train"])
    return Begun(folder, seed, tokenizer, kept["earlier"], kept["scores"], memory, new)


def rows_of(
    new: Sequence[Sample],
    total: int,
    scale: Scale,
    seed: int,
    old: Sequence[Sample] = (),
    share: float = 0.0,
) -> list[PackedRow]:
    """Packed rows of a stage in the order of the seed: the same new texts for every arm."""
    return plan_rows(new, old, total, share, seed, scale.row_windows * (scale.window + 1))


def memory_rows(memory: Sequence[Sample], scale: Scale) -> list[PackedRow]:
    """A memory as packed rows that rehearse, each window once."""
    size = scale.memory_windows
    groups = [memory[at : at + size] for at in range(0, len(memory), size)]
    return [PackedRow(True, list(group)) for group in groups]


def _make(corpora: Mapping[str, Corpus], scale: Scale, seed: int, folder: Path, file: Path) -> None:
    base = folder / "base"
    tasks_of = _Tasks(corpora, scale)
    scores: list[dict[str, float]] = []
    general = corpora["general"].parts["train"]
    if scale.model:
        base.parent.mkdir(parents=True, exist_ok=True)
        path = prepare(scale.model, folder.parents[1] / "models").path
        if not base.exists():
            base.symlink_to(path.resolve(), target_is_directory=True)
        scores += [tasks_of.bits(load_model(base), base)] * 2
    else:
        make_tiny_model(base, hidden=scale.hidden, layers=scale.layers, seed=seed)
        model = load_model(base).requires_grad_(True)
        scores.append(tasks_of.bits(model, base))
        use_packed_attention(model)
        rows = _rows(general, 2 * scale.batch_rows * scale.general_steps, scale, seed, base)
        progress.advance(f"stage 1, seed {seed}", 0, 1)
        fit(model, rows, Schedule(scale.general_rate, scale.general_steps), seed=seed)
        model.save_pretrained(base)
        scores.append(tasks_of.bits(model, base))
    model = _adapted(base, scale, seed)
    domain = corpora["domain"].parts["train"]
    rows = _rows(domain, scale.batch_rows * scale.domain_steps, scale, seed, base)
    few = _drawn(general, f"{seed}:known", scale.memory * scale.row_windows)
    known = rows_of(_samples(load_tokenizer(base), few), scale.memory, scale, seed)
    ways, watch = _recorders(scale), Watch()
    before = left(ways, Run(model, Reference(model), known, [], 0, seed, 0.0), "ewc")
    fit(
        model, rows, Schedule(scale.rate, scale.domain_steps), [*ways, watch], earlier=before,
        seed=seed,
    )  # fmt: skip
    scores.append(tasks_of.bits(model, base))
    model.save_pretrained(folder / "adapter")
    save_state(file, {"earlier": left(ways, watch.seen()), "scores": scores})


def _rows(texts: Sequence[str], total: int, scale: Scale, seed: int, base: Path) -> list[PackedRow]:
    """Rows of an earlier stage. Only as many texts as the stage can see become tokens: a corpus
    has many times that."""
    few = _drawn(texts, f"{seed}:stage", 2 * scale.row_windows * total)
    return rows_of(_samples(load_tokenizer(base), few), total, scale, seed)


@dataclass(frozen=True, slots=True)
class _Tasks:
    corpora: Mapping[str, Corpus]
    scale: Scale

    def bits(self, model: Any, base: Path) -> dict[str, float]:
        return bits(model, _tasks(load_tokenizer(base), self.corpora, "test", self.scale))


def _tasks(
    tokenizer: Any, corpora: Mapping[str, Corpus], split: str, scale: Scale
) -> dict[str, Watched]:
    number = scale.tuned if split == "validation" else scale.measured
    return {
        name: watched(tokenizer, _drawn(corpora[name].parts[split], f"measured:{split}", number))
        for name in NAMES
    }


def _recorders(scale: Scale) -> list[Strategy]:
    """What runs in stage 2 for later stages: it looks on and changes nothing."""
    ewc = settings_training.Ewc(n=scale.memory, online=ONLINE)
    return [recorder(settings_training.Si()), recorder(ewc)]


def _adapted(base: Path, scale: Scale, seed: int) -> Any:
    torch.manual_seed(seed)
    return add_lora(load_model(base), scale.rank, 2 * scale.rank, scale.model or "tiny")


def _drawn(texts: Sequence[str], salt: str, n: int) -> list[str]:
    """``n`` texts by hash: a matter of the salt and the texts alone."""
    return sorted(texts, key=lambda text: stable_int(f"{salt}:{text}"))[:n]


def _samples(tokenizer: Any, texts: Sequence[str]) -> list[Sample]:
    return [_sample(tokenizer, f"new:{n}", text) for n, text in enumerate(texts)]


def _sample(tokenizer: Any, name: str, text: str) -> Sample:
    ids = text_ids(tokenizer, text)
    return Sample(name, ids, [False] + [True] * (len(ids) - 1))
