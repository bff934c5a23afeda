"""Small things that tests of columns share: rows, an earlier adapter, a model beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig

from booktune_assets.llm.loading import load_model
from booktune_assets.training.attach import add_lora
from booktune_assets.training.batches import PackedRow, Sample
from booktune_assets.training.columns import attach_beside
from booktune_assets.training.trainer import Schedule, fit


def sample(name: str, size: int) -> Sample:
    stream = torch.Generator().manual_seed(size)
    ids = [1, *torch.randint(3, 250, (size - 1,), generator=stream).tolist()]
    return Sample(name, ids, [True] * size)


NEW_ROW = PackedRow(False, [sample("a", 19), sample("b", 12)])
OLD_ROW = PackedRow(True, [sample("c", 23)])
IDS = torch.tensor([sample("probe", 40).ids])


def config(rank: int = 4, *, rslora: bool = False) -> Any:
    return LoraConfig(
        r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules="all-linear",
        use_rslora=rslora, task_type="CAUSAL_LM",
    )  # fmt: skip


def earlier_adapter(tiny: Any, folder: Path, *, rank: int = 3, rslora: bool = False) -> Path:
    """A trained adapter of an earlier stage."""
    torch.manual_seed(5)
    model = add_lora(load_model(tiny.path), rank, 2 * rank, "base", rslora=rslora)
    fit(model, [OLD_ROW] * 6, Schedule(2e-2, 6))
    model.save_pretrained(folder)
    return folder


def beside(tiny: Any, folders: list[Path], *, rank: int = 4, quantise: Any = "none") -> Any:
    """The model with frozen adapters and a fresh one; the same each time."""
    torch.manual_seed(6)
    return attach_beside(load_model(tiny.path, quantise=quantise), folders, config(rank))


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(IDS, use_cache=False).logits.clone()
