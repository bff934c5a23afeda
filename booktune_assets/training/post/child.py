"""Child: an adapter folder in, the same one scaled or mended, measured and merged.

Belongs here: the order of steps, reading and writing. Does not: the steps.

    python -m booktune_assets.training.post.child SPEC RESULT
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from booktune_assets.children import child_main
from booktune_assets.llm.loading import fitting, load_tokenizer
from booktune_assets.training.batches import Sample, chat_samples, text_samples
from booktune_assets.training.post.choice import settled
from booktune_assets.training.post.curve import alpha_curve
from booktune_assets.training.post.intruder import weaken_intruders
from booktune_assets.training.post.lines import scale_file, turn_down
from booktune_assets.training.post.merge import load_adapted, merge

__all__ = ["run"]

WEIGHTS = "adapter_model.safetensors"
PROMPTS, PROMPT_TOKENS = 64, 128  # of the parity check


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """``{"points": […], "bytes": {kind: n}, "scaled": n, "intruders": n, "parity": {…} | None,
    "applied": strength}``. Points are of the adapter before it is turned down.

    ``spec``: ``model`` and ``adapter`` folders, ``into`` (a fresh folder for ``adapter/`` and
    ``merged/``), ``quantise``, ``seq_len``, ``examples`` and ``texts`` (new and old, as training
    reads them), and the settings of ``post``.
    """
    torch.use_deterministic_algorithms(True, warn_only=True)
    base, into, post = Path(spec["model"]), Path(spec["into"]), spec["post"]
    quantise = fitting(base, spec["quantise"])
    adapter = into / "adapter"
    shutil.copytree(spec["adapter"], adapter)
    tokenizer = load_tokenizer(base)
    samples = _samples(tokenizer, spec)
    model = load_adapted(base, adapter, quantise)
    found: dict[str, Any] = {"scaled": 0, "intruders": 0, "parity": None}
    if post["intruder_fix"]:
        found["intruders"] = sum(weaken_intruders(model).values())
        _rewrite(model, adapter)
    if post["lines"]:
        layers = model.config.get_text_config().num_hidden_layers
        found["scaled"] = scale_file(adapter / WEIGHTS, layers, post["lines_first"])
        model = load_adapted(base, adapter, quantise)
    wanted = post["strength"]
    own = [] if wanted == "auto" else [wanted]
    points = alpha_curve(model, samples, [*post["alpha_curve"], *own])
    found["points"] = [asdict(point) for point in points]
    found["applied"] = settled(found["points"], wanted)
    if found["applied"] != 1:
        turn_down(adapter / WEIGHTS, found["applied"])
    found["bytes"] = {kind: _bytes(tokenizer, some) for kind, some in samples.items()}
    del model
    if post["merge"] != "off":
        parity = merge(
            base, adapter, into / "merged", _prompts(samples), on=post["merge"],
            trained_on=quantise, top1=post["parity_top1"],
        )  # fmt: skip
        found["parity"] = asdict(parity)
    return found


def _samples(tokenizer: Any, spec: Mapping[str, Any]) -> dict[str, list[Sample]]:
    counts: dict[str, int] = {}
    return {
        "new": chat_samples(tokenizer, spec["examples"], spec["seq_len"], counts),
        "old": text_samples(tokenizer, spec["texts"], spec["seq_len"], counts),
    }


def _bytes(tokenizer: Any, samples: Sequence[Sample]) -> int:
    """UTF-8 bytes of what is measured: losses in bits per byte compare tokenizers, too."""
    return sum(
        len(tokenizer.decode([i for i, counts in zip(one.ids, one.learned, strict=True) if counts])
            .encode())
        for one in samples
    )  # fmt: skip


def _prompts(samples: Mapping[str, Sequence[Sample]]) -> list[list[int]]:
    """The beginnings of new and old texts in turn, 64 at most."""
    longest = max(len(some) for some in samples.values())
    turns = [some[n] for n in range(longest) for some in samples.values() if n < len(some)]
    return [sample.ids[:PROMPT_TOKENS] for sample in turns[:PROMPTS]]


def _rewrite(model: Any, folder: Path) -> None:
    """The adapter's weights as they are now; its configuration stays."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    own = get_peft_model_state_dict(model, save_embedding_layers=False)  # "auto" asks the hub
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in own.items()}
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


if __name__ == "__main__":
    child_main(run)
