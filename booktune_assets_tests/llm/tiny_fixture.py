"""The tiny random model, made once per test session; imported by the conftests that need it."""

from __future__ import annotations

from pathlib import Path

import pytest

from booktune_assets.llm.models import TINY, BaseModel, prepare


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    """``tiny-random`` as :func:`prepare` makes it."""
    return prepare(TINY, tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def adapter(tiny: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter of the tiny model, with weights strong enough to change what it writes."""
    import torch
    from peft import LoraConfig, get_peft_model

    from booktune_assets.llm.loading import load_model

    folder = tmp_path_factory.mktemp("stage") / "adapter"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        wanted = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", init_lora_weights=False)
        model = get_peft_model(load_model(tiny.path), wanted)
    model.save_pretrained(str(folder))
    return folder
