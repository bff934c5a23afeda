"""A tiny model of Devstral's architecture with the real tekken tokenizer; imported by conftests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import mistral_common
import pytest

from booktune_assets.llm.models import BaseModel

REAL = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
# What files from v11 on name for themselves, in the order of their ids from 20.
LATER = {24: "[AUDIO]", 25: "[BEGIN_AUDIO]", 32: "[ARGS]", 33: "[CALL_ID]", 34: "[THINK]",
         35: "[/THINK]"}  # fmt: skip


@cache
def _real() -> dict[str, Any]:
    return json.loads(REAL.read_text())


def write_tekken(folder: Path, version: str = "v13", **renamed: str) -> Path:
    """The real vocabulary as a tekken file of ``version``; ``renamed``: control tokens by id."""
    from booktune_assets.llm.mistral import CONTROLS

    data = {name: value for name, value in _real().items() if name != "image"}
    data["config"] = {**data["config"], "version": version}
    if version != "v3" or renamed:
        names = {number: name for name, number in CONTROLS.items()} | LATER
        names |= {int(number.lstrip("_")): name for number, name in renamed.items()}
        data["special_tokens"] = [
            {"rank": number, "token_str": names.get(number, f"<SPECIAL_{number}>"),
             "is_control": True}
            for number in range(36)
        ]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tekken.json").write_text(json.dumps(data))
    return folder


def make_devstral(folder: Path, *, hidden: int = 32, layers: int = 2) -> Path:
    """Random weights: GQA 4:2, heads of 16 (not hidden/heads), an untied head, 131,072 tokens."""
    import torch
    from transformers import MistralConfig, MistralForCausalLM

    config = MistralConfig(
        vocab_size=131_072, hidden_size=hidden, intermediate_size=2 * hidden,
        num_hidden_layers=layers, num_attention_heads=4, num_key_value_heads=2,
        head_dim=hidden // 2, max_position_embeddings=4096, sliding_window=None,
        tie_word_embeddings=False, rms_norm_eps=1e-5, pad_token_id=11, bos_token_id=1,
        eos_token_id=2, initializer_range=0.1,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        MistralForCausalLM(config).save_pretrained(folder)
    return write_tekken(folder)


@pytest.fixture(scope="session")
def devstral(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    """The tiny Devstral as a folder that loads."""
    folder = make_devstral(tmp_path_factory.mktemp("devstral") / "devstral-tiny")
    return BaseModel("devstral-tiny", folder, "random")
