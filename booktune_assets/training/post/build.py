"""What follows training, as the chain sees it: an adapter's files in, tables and files out.

Belongs here: the specification, the child, the frames. Does not: torch (``child.py``), which texts
are measured (``chain/post.py``).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.children import run_child
from booktune_assets.contracts import check
from booktune_assets.ids import file_sha256
from booktune_assets.llm.models import BaseModel
from booktune_assets.schemas_training import ADAPTER_CURVE
from booktune_assets.settings_training import Post
from booktune_assets.training.post.choice import tune_down
from booktune_assets.training.post.plot import curve_svg

__all__ = ["VERSION", "PostSpec", "Posted", "after_training"]

VERSION = "post.2"
CHILD = "booktune_assets.training.post.child"
WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True, slots=True)
class PostSpec:
    """``examples`` (new) and ``texts`` (old) are rows as training reads them, none trained on."""

    model: BaseModel
    adapter: Path
    adapter_id: str
    post: Post
    examples: Sequence[Mapping[str, Any]]
    texts: Sequence[Mapping[str, Any]]
    seq_len: int
    quantise: str = "auto"


@dataclass(frozen=True, slots=True)
class Posted:
    """``files`` replace or join those of training; ``sha256`` is of the adapter as it is now."""

    frames: dict[str, pl.DataFrame]
    files: dict[str, Path]
    counts: dict[str, int]
    notes: dict[str, object]
    sha256: str


def after_training(spec: PostSpec, work: Path) -> Posted:
    """Scale, mend, measure and merge in a child; everything it writes stands in ``work``.

    Raises ``MERGE_DIFFERS`` when a merged model does not say what base and adapter do.
    """
    into = work / "post"
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    order = {
        "model": str(spec.model.path),
        "adapter": str(spec.adapter),
        "into": str(into),
        "quantise": spec.quantise,
        "seq_len": spec.seq_len,
        "examples": list(spec.examples),
        "texts": list(spec.texts),
        "post": spec.post.model_dump(mode="json"),
    }
    result = run_child(CHILD, order, work)
    points: list[dict[str, Any]] = result["points"]
    rows: list[dict[str, object]] = [{"adapter_id": spec.adapter_id, **one} for one in points]
    frames = {"lora_adapter__curve": check(ADAPTER_CURVE, ADAPTER_CURVE.frame(rows))}
    files = {f"adapter/{file.name}": file for file in sorted((into / "adapter").iterdir())}
    if (into / "merged").is_dir():
        files |= {f"merged/{file.name}": file for file in sorted((into / "merged").iterdir())}
    if picture := curve_svg(rows):
        (into / "alpha_curve.svg").write_text(picture, encoding="utf-8")
        files["alpha_curve.svg"] = into / "alpha_curve.svg"
    notes: dict[str, object] = {
        "strength": tune_down(rows), "applied": result["applied"], "parity": result["parity"]
    }  # fmt: skip
    counts = {"scaled": int(result["scaled"]), "intruders": int(result["intruders"])}
    return Posted(frames, files, counts, notes, file_sha256(into / "adapter" / WEIGHTS))
