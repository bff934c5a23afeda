"""Child: one training run, from a specification to adapter files.

Belongs here: reading inputs, seeds, saving, what the result says. Does not: the loop
(``trainer.py``), the rows (``batches.py``).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from booktune_assets import progress
from booktune_assets.children import child_main
from booktune_assets.errors import BookError, Code
from booktune_assets.lake import write_json
from booktune_assets.llm.loading import fitting, load_model, load_tokenizer
from booktune_assets.training.batches import PackedRow, chat_samples, plan_rows, text_samples
from booktune_assets.training.strategies.replay import Replay
from booktune_assets.training.trainer import Schedule, add_lora, fit

__all__ = ["run"]


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """Train and save; gives steps, counts and the number of trained parameters."""
    torch.manual_seed(spec["seed"])
    torch.use_deterministic_algorithms(True, warn_only=True)
    counts: dict[str, int] = {}
    progress.advance("loading the model", 0, 1)
    rows = _rows(spec, counts)
    path = Path(spec["model"]["path"])
    quantise = fitting(path, spec["quantise"])
    model = load_model(path, quantise=quantise)
    model = add_lora(
        model, spec["rank"], spec["alpha"], spec["model"]["name"], quantised=quantise == "nf4"
    )
    progress.advance("loading the model", 1, 1)
    replay = Replay()
    steps = fit(model, rows, Schedule(spec["learning_rate"], spec["steps"]), [replay])
    _save(model, Path(spec["adapter"]))
    return {
        "steps": [asdict(step) for step in steps],
        "counts": counts | {"tokens_new": replay.tokens["new"], "tokens_old": replay.tokens["old"]},
        "trainable": sum(part.numel() for part in model.parameters() if part.requires_grad),
        "device": str(next(model.parameters()).device),
        "strategies": {replay.name: replay.state_dict()},
    }


def _rows(spec: dict[str, Any], counts: dict[str, int]) -> list[PackedRow]:
    """The packed rows of the whole run, in order."""
    tokenizer = load_tokenizer(Path(spec["model"]["path"]))
    seq_len, total = spec["seq_len"], spec["steps"] * spec["batch_rows"]
    new = chat_samples(tokenizer, _read(spec["examples"]), seq_len, counts)
    old = text_samples(tokenizer, _read(spec["rehearsal"]), seq_len, counts)
    if not new or (spec["rehearsal_share"] and not old):
        raise BookError(
            Code.NO_EXAMPLES,
            "No sample fits: raise training.seq_len, or shorten the examples",
            seq_len=seq_len,
            **counts,
        )
    rows = plan_rows(new, old, total, spec["rehearsal_share"], spec["seed"], seq_len)
    seen = {kind: {s.name for row in rows if row.rehearsal is kind for s in row.samples}
            for kind in (False, True)}  # fmt: skip
    counts |= {
        "examples": len(new),
        "examples_seen": len(seen[False]),
        "rehearsal_seen": len(seen[True]),
        "packed_rows": total,
        "packed_rehearsal": sum(row.rehearsal for row in rows),
        "packed_tokens": sum(len(row.ids) for row in rows),
    }
    return rows


def _save(model: Any, folder: Path) -> None:
    """Adapter files with the same bytes for the same run: peft writes sets in any order."""
    model.save_pretrained(folder)
    path = folder / "adapter_config.json"
    config: dict[str, Any] = json.loads(path.read_text())
    for name, value in config.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            config[name] = sorted(value)
    write_json(path, config)
    for file in folder.iterdir():
        file.chmod(0o644)


def _read(path: str) -> list[dict[str, Any]]:
    with Path(path).open(encoding="utf-8") as handle:
        return [json.loads(line) for line in handle]


if __name__ == "__main__":
    child_main(run)
