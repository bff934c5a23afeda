"""A very small random model, so that whole chains run in seconds.

Belongs here: a Mistral-architecture model with untrained weights and a byte tokenizer.
Does not: anything that expects sense from it.
"""

from __future__ import annotations

import json
from pathlib import Path

from booktune_assets.llm.chat import CHAT_TEMPLATE

__all__ = ["make_tiny_model"]

SPECIAL = ("<pad>", "<s>", "</s>")


def make_tiny_model(
    folder: Path, *, hidden: int = 64, layers: int = 2, positions: int = 4096, seed: int = 0
) -> Path:
    """Write the model and its tokenizer into ``folder``; the same seed gives the same weights.

    Vocabulary: 256 bytes and three special tokens, so any text can be encoded and nothing is
    trained. About 0.2 million parameters by default.
    """
    import torch
    from transformers import MistralConfig, MistralForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    config = MistralConfig(
        vocab_size=256 + len(SPECIAL),
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=hidden // 4,
        max_position_embeddings=positions,
        sliding_window=None,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        initializer_range=0.1,  # wide enough that contexts matter before any training
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = MistralForCausalLM(config)
    model.save_pretrained(folder)
    _write_tokenizer(folder, positions)
    return folder


def _write_tokenizer(folder: Path, positions: int) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*SPECIAL, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "pad_token": "<pad>",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "model_max_length": positions,
        "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1))
