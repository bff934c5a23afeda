"""The shape of a model: what its configuration says, what its weights say, what is known of it.

Belongs here: layers, heads and sizes without loading anything, and the check that they agree. Does
not: memory (``training/memory.py``), loading (``loading.py``).

Only ``config.json`` and the headers of ``*.safetensors`` are read: kilobytes of 47 GB.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from booktune_assets.errors import BookError, Code, MissingPrerequisite

__all__ = [
    "KNOWN",
    "Shape",
    "check_shape",
    "known_shape",
    "positions_of",
    "shape_of",
    "weight_files",
    "weight_headers",
]

_SMALL = "config.json of Mistral-Small-24B-Base-2501 and of the 3.2 text derivatives"


@dataclass(frozen=True, slots=True)
class Shape:
    """A decoder of attention and gated feed-forward layers. ``head_dim`` may not be d/heads."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    tied: bool

    @property
    def linears(self) -> tuple[tuple[str, int, int], ...]:
        """(name, inputs, outputs) of the seven linear maps of one layer."""
        q, kv = self.heads * self.head_dim, self.kv_heads * self.head_dim
        return (
            ("q_proj", self.hidden, q), ("k_proj", self.hidden, kv), ("v_proj", self.hidden, kv),
            ("o_proj", q, self.hidden), ("gate_proj", self.hidden, self.ffn),
            ("up_proj", self.hidden, self.ffn), ("down_proj", self.ffn, self.hidden),
        )  # fmt: skip

    @property
    def linear_params(self) -> int:
        """Weights of all linear maps; those that four bits can hold."""
        return self.layers * sum(size * out for _, size, out in self.linears)

    @property
    def embedding_params(self) -> int:
        """Embeddings, and the head where it is not the same tensor."""
        return self.vocab * self.hidden * (1 if self.tied else 2)

    @property
    def params(self) -> int:
        """All weights but the norms."""
        return self.linear_params + self.embedding_params

    @property
    def per_rank(self) -> int:
        """Trained weights of an adapter on all linear maps, for each unit of rank."""
        return self.layers * sum(size + out for _, size, out in self.linears)


KNOWN: dict[str, tuple[Shape, str]] = {
    "mistralai/Devstral-Small-2507": (Shape(5120, 40, 32, 8, 128, 32768, 131072, False), _SMALL),
    "mistralai/Devstral-Small-2505": (Shape(5120, 40, 32, 8, 128, 32768, 131072, False), _SMALL),
    "mistralai/Devstral-Small-2-24B-Instruct-2512": (
        Shape(5120, 40, 32, 8, 128, 32768, 131072, False),
        "its text_config as another loader prints it; FP8, see booktune model dequantise",
    ),
    "gemma3-270m": (
        Shape(640, 18, 4, 1, 256, 2048, 262144, True), "config.json that the packaged GGUF gives"
    ),
    "tiny-random": (Shape(64, 2, 4, 2, 16, 128, 259, False), "llm/tiny.py"),
}  # fmt: skip

# longest texts of those, where a plan has to know before config.json is here
_POSITIONS = {
    "mistralai/Devstral-Small-2507": 131072,
    "mistralai/Devstral-Small-2505": 131072,
    "gemma3-270m": 32768,
}


def known_shape(name: str) -> tuple[Shape, str] | None:
    """Shape and source of a named model, with or without ``@revision``; None for others."""
    return KNOWN.get(name.partition("@")[0])


def shape_of(folder: Path) -> Shape:
    """What ``config.json`` says. Raises ``MODEL_MISSING`` or ``BAD_SETTING``."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text())
    except OSError as problem:
        raise MissingPrerequisite(
            Code.MODEL_MISSING, "Name a folder with config.json", model=folder
        ) from problem
    except ValueError as problem:
        raise BookError(
            Code.BAD_SETTING, "config.json is no JSON: download it again", model=folder
        ) from problem
    config = {**config, **(config.get("text_config") or {})}
    try:
        heads = int(config["num_attention_heads"])
        return Shape(
            hidden=int(config["hidden_size"]),
            layers=int(config["num_hidden_layers"]),
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_dim=int(config.get("head_dim") or int(config["hidden_size"]) // heads),
            ffn=int(config["intermediate_size"]),
            vocab=int(config["vocab_size"]),
            tied=_tied(config),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise BookError(
            Code.BAD_SETTING,
            "config.json is not one of a dense decoder (hidden_size, num_hidden_layers …)",
            model=folder,
            lacks=problem,
        ) from problem


def positions_of(folder: Path, name: str = "") -> int:
    """The longest text, in tokens, that the model was made for; 0 where nobody here knows.

    ``name`` is looked up among the known models when the folder has no ``config.json``.
    """
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text())
    except (OSError, ValueError):
        return _POSITIONS.get(name.partition("@")[0], 0)
    config = {**config, **(config.get("text_config") or {})}
    said = config.get("max_position_embeddings") or config.get("n_positions") or 0
    return said if isinstance(said, int) else 0


def check_shape(folder: Path, name: str = "") -> Shape:
    """Configuration, weights and what is known of ``name`` agree, or ``BAD_SETTING`` says where.

    Weights are looked at through their headers, before any of them is loaded.
    """
    shape = shape_of(folder)
    known = known_shape(name)
    if known and known[0] != shape:
        mine = asdict(shape)
        pairs = asdict(known[0]).items()
        wrong = {key: f"{mine[key]}, not {value}" for key, value in pairs if mine[key] != value}
        raise BookError(
            Code.BAD_SETTING,
            f"The folder is not {name}: download it again, or name it otherwise",
            model=folder,
            **wrong,
        )
    found = weight_headers(folder)
    wanted = {f"self_attn.{key}" if key[0] in "qkvo" else f"mlp.{key}": [out, size]
              for key, size, out in shape.linears}  # fmt: skip
    wanted["embed_tokens"] = [shape.vocab, shape.hidden]
    for key, sizes in found.items():
        part = key.removesuffix(".weight").split(".layers.")[-1].partition(".")[2]
        part = "embed_tokens" if key.endswith("embed_tokens.weight") else part
        if "vision" not in key and part in wanted and sizes != wanted[part]:
            raise BookError(
                Code.BAD_SETTING,
                "config.json does not belong to these weights (is head_dim missing?)",
                model=folder,
                tensor=key,
                weights=sizes,
                config=wanted[part],
            )
    return shape


def weight_headers(folder: Path) -> dict[str, list[int]]:
    """Sizes of all tensors in the ``*.safetensors`` of a folder, by name.

    Raises ``DAMAGED_FILE`` for a header that is none, and for a file that is shorter than its
    header says: a download or a copy that broke off.
    """
    found: dict[str, list[int]] = {}
    for path in weight_files(folder):
        try:
            with path.open("rb") as handle:
                size = int.from_bytes(handle.read(8), "little")
                header: dict[str, Any] = json.loads(handle.read(min(size, 1 << 26)))
            header.pop("__metadata__", None)
            found |= {key: about["shape"] for key, about in header.items()}
            ends = max((about["data_offsets"][1] for about in header.values()), default=0)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as problem:
            raise BookError(
                Code.DAMAGED_FILE, "Download the file again: its header is damaged", path=path
            ) from problem
        if (there := path.stat().st_size) < (wanted := 8 + size + ends):
            raise BookError(
                Code.DAMAGED_FILE, "Download or copy the file again: its end is missing",
                path=path, bytes=there, of=wanted,
            )  # fmt: skip
    return found


def weight_files(folder: Path) -> list[Path]:
    """The ``*.safetensors`` of a folder, sorted; Mistral's second copy of them is left aside."""
    found = sorted(folder.glob("*.safetensors"))
    return [path for path in found if not path.name.startswith("consolidated")]


def _tied(config: dict[str, Any]) -> bool:
    """Is the head the embedding? What a configuration leaves out is its kind's default."""
    said = config.get("tie_word_embeddings")
    if said is not None:
        return bool(said)
    return str(config.get("model_type", "")).startswith(("gemma", "cohere"))
