"""One training run as the chain sees it: a specification in, frames and files out.

Belongs here: the specification, the child, the rows of ``lora_adapter``. Does not: anything that
needs torch (``child.py`` and what it imports).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl

from booktune_assets.children import run_child
from booktune_assets.contracts import check
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import file_sha256
from booktune_assets.lake import replaced
from booktune_assets.llm.models import BaseModel
from booktune_assets.schemas import ADAPTER, ADAPTER_STEPS

__all__ = ["VERSION", "TrainSpec", "Trained", "examples_of", "train"]

VERSION = "lora_adapter.1"
ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json")
_SPEAKERS = {"human": "user", "gpt": "assistant", "system": "system"}


@dataclass(frozen=True, slots=True)
class TrainSpec:
    """All that decides what a run gives.

    ``examples`` are ``{"example_id", "turns": [{"role", "content"}, …]}``; ``rehearsal`` are rows
    of ``rehearsal_set`` (``row_id``, ``prompt``, ``text``). ``rehearsal_share`` is a share of
    packed rows, kept exactly. ``quantise="nf4"`` keeps the base weights in four bits (QLoRA);
    ``auto`` does so on a GPU that plain weights would fill.
    """

    model: BaseModel
    examples: Sequence[Mapping[str, Any]]
    rehearsal: Sequence[Mapping[str, Any]]
    adapter_id: str
    dataset_id: str
    rehearsal_id: str
    rank: int
    learning_rate: float
    steps: int
    seq_len: int
    batch_rows: int
    rehearsal_share: float = 0.2
    seed: int = 0
    quantise: Literal["auto", "none", "nf4"] = "auto"

    @property
    def alpha(self) -> int:
        """LoRA alpha: twice the rank, so the adapter's strength does not depend on the rank."""
        return 2 * self.rank


@dataclass(frozen=True, slots=True)
class Trained:
    """``frames`` of ``lora_adapter``; ``files`` by their name in the lake; ``counts``."""

    frames: dict[str, pl.DataFrame]
    files: dict[str, Path]
    counts: dict[str, int]


def examples_of(sharegpt: pl.DataFrame) -> list[dict[str, Any]]:
    """The training examples of a ``sharegpt_set`` frame, in order of their ids."""
    chosen = sharegpt.filter(pl.col("split") == "train").sort("example_id")
    return [
        {
            "example_id": row["example_id"],
            "turns": [
                {"role": _SPEAKERS[message["from"]], "content": message["value"]}
                for message in row["conversations"]
            ],
        }
        for row in chosen.select("example_id", "conversations").iter_rows(named=True)
    ]


def train(spec: TrainSpec, work: Path) -> Trained:
    """Train in a child process; ``work`` ends with ``adapter/``, the log and the inputs."""
    if not spec.examples:
        raise BookError(Code.NO_EXAMPLES, "Build a set with training examples first")
    if spec.rehearsal_share and not spec.rehearsal:
        raise BookError(
            Code.BAD_SETTING,
            "Build rehearsal_set first, or set training.rehearsal_share to 0",
            rehearsal_share=spec.rehearsal_share,
        )
    work.mkdir(parents=True, exist_ok=True)
    order = {
        "examples": str(_jsonl(work / "examples.jsonl", spec.examples)),
        "rehearsal": str(_jsonl(work / "rehearsal.jsonl", spec.rehearsal)),
        "adapter": str(work / "adapter"),
        "alpha": spec.alpha,
        "model": {**asdict(spec.model), "path": str(spec.model.path)},
    }
    plain = ("rank", "learning_rate", "steps", "seq_len", "batch_rows", "rehearsal_share", "seed")
    order |= {name: getattr(spec, name) for name in (*plain, "quantise")}
    result = run_child("booktune_assets.training.child", order, work)
    files = {f"adapter/{name}": work / "adapter" / name for name in ADAPTER_FILES}
    counts = {name: int(value) for name, value in result["counts"].items()}
    counts |= {"rows": 1, "peak_mb": int(result["peak_mb"])}
    return Trained(_frames(spec, result, files), files, counts)


def _frames(
    spec: TrainSpec, result: dict[str, Any], files: dict[str, Path]
) -> dict[str, pl.DataFrame]:
    steps: list[dict[str, Any]] = result["steps"]
    tenth = max(1, len(steps) // 10)
    losses = [float(step["loss"]) for step in steps]
    row: dict[str, object] = {
        "adapter_id": spec.adapter_id,
        "base": spec.model.name,
        "base_revision": spec.model.revision,
        "dataset_id": spec.dataset_id,
        "rehearsal_id": spec.rehearsal_id,
        "rank": spec.rank,
        "trainable": result["trainable"],
        "examples": result["counts"]["examples_seen"],
        "rehearsal_rows": result["counts"]["rehearsal_seen"],
        "steps": len(steps),
        "tokens": steps[-1]["tokens"],
        "loss_first": sum(losses[:tenth]) / tenth,
        "loss_last": sum(losses[-tenth:]) / tenth,
        "seconds": float(result["child_seconds"]),
        "adapter_sha256": file_sha256(files[f"adapter/{ADAPTER_FILES[0]}"]),
    }
    curve: list[dict[str, object]] = [{"adapter_id": spec.adapter_id, **step} for step in steps]
    return {
        "lora_adapter": check(ADAPTER, ADAPTER.frame([row])),
        "lora_adapter__steps": check(ADAPTER_STEPS, ADAPTER_STEPS.frame(curve)),
    }


def _jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    with replaced(path) as temp, temp.open("w", encoding="utf-8") as handle:
        for row in rows:
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path
