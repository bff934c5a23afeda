"""What a server asks of an adapter: vLLM's rules, read from the adapter's own files.

Belongs here: the rules and what breaks them. Does not: writing adapters (``child.py``), serving
(``llm/``). No torch: the configuration and the headers of the weights are enough.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from booktune_assets.llm.architecture import weight_headers
from booktune_assets.training.memory import RANKS

__all__ = ["vllm_problems"]

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
# Linear maps by the names that transformers gives them; vLLM packs q, k, v and gate, up itself.
MODULES = frozenset(
    {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
)  # fmt: skip
_KEY = re.compile(
    r"base_model\.model\.(?:model|language_model|model\.language_model)\.layers\.\d+\."
    r"(?:self_attn|mlp)\.(?P<module>\w+)\.lora_(?P<side>[AB])\.weight"
)
# What changes the meaning of A and B, and that vLLM refuses or would not see.
_OFF = (
    "modules_to_save", "use_dora", "use_qalora", "lora_bias", "rank_pattern", "alpha_pattern",
    "layer_replication", "trainable_token_indices", "target_parameters",
)  # fmt: skip


def vllm_problems(folder: Path) -> list[str]:
    """Why vLLM would not serve the adapter of a folder as it was trained; empty when it would.

    Raises ``DAMAGED_FILE`` for weights whose header cannot be read.
    """
    try:
        config: dict[str, Any] = json.loads((folder / CONFIG).read_text())
    except (OSError, ValueError) as problem:
        return [f"{CONFIG} cannot be read: {type(problem).__name__}"]
    if not (folder / WEIGHTS).is_file():
        return [f"{WEIGHTS} is not there"]
    return [*_config_problems(config), *_weight_problems(config, weight_headers(folder))]


def _config_problems(config: dict[str, Any]) -> list[str]:
    said: list[str] = []
    if config.get("peft_type") != "LORA":
        said.append(f"peft_type is {config.get('peft_type')}, not LORA")
    if config.get("r") not in RANKS:
        said.append(f"rank {config.get('r')} is none of {', '.join(map(str, RANKS))}")
    if (bias := config.get("bias", "none")) != "none":
        said.append(f"bias is {bias}: biases are not served")
    said += [f"{name} is set" for name in _OFF if config.get(name)]
    targets: Any = config.get("target_modules") or []
    if isinstance(targets, str):
        said.append(f"target_modules is the pattern {targets!r}, not a list of names")
    elif unknown := sorted({name for name in targets if name.split(".")[-1] not in MODULES}):
        said.append(f"target_modules that are not served: {', '.join(unknown)}")
    return said


def _weight_problems(config: dict[str, Any], weights: dict[str, list[int]]) -> list[str]:
    if not weights:
        return ["the adapter has no weights"]
    said: list[str] = []
    sides: dict[str, set[str]] = {}
    for name, sizes in sorted(weights.items()):
        key = _KEY.fullmatch(name)
        if key is None or key["module"] not in MODULES:
            said.append(f"the key {name} is none that vLLM knows")
            continue
        rank = sizes[0] if key["side"] == "A" else sizes[1]
        if rank != config.get("r"):
            said.append(f"{name} has rank {rank}, not {config.get('r')}")
        sides.setdefault(name.rpartition(".lora_")[0], set()).add(key["side"])
    said += [f"{name} has only one of A and B" for name, found in sides.items() if len(found) < 2]
    return said
