"""Base and adapter as one model, proven to say what they say apart.

    bf16         W' = W + s B A, rounded once to the number format of the base's files
    dequant_nf4  W' = unpack(NF4(W)) + s B A: what an adapter that was trained on four-bit weights
                 has seen; the result is plain weights

Belongs here: merging, and the check of what was written. Does not: serving.

The merged model is written aside, loaded again from there, and compared on ``prompts`` with base
and adapter as the adapter was trained: the likeliest token at every place, and the logits at the
last place of each prompt. An adapter that learned little changes few likeliest tokens, so a merge
that lost it would pass by these alone: the merged model has to be nearer to base and adapter than
the base is by itself, too. Plain weights that a GPU does not hold are asked in the machine's
memory, in the numbers of their files. What fails is removed and ``MERGE_DIFFERS`` raised, so that a
merged model that is there can be trusted.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.architecture import shape_of
from booktune_assets.llm.loading import Quantise, device_name, load_model
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.memory import USABLE

__all__ = ["Parity", "load_adapted", "merge", "parity", "too_large"]

_TOKENIZER = ("*.model", "*.jinja", "tokenizer*", "special_tokens_map.json", "tekken.json")


@dataclass(frozen=True, slots=True)
class Parity:
    """``top1`` is the share of places with the same likeliest token; ``logit`` the largest |Δ|.

    ``mean`` is the mean |Δ| of logits, and ``without`` that of the base without its adapter: what
    was to be kept.
    """

    top1: float
    logit: float
    places: int
    prompts: int
    mean: float = 0.0
    without: float = 0.0

    def kept(self, top1: float) -> bool:
        """Enough of the likeliest tokens, and more of the adapter than the base has by itself.

        An adapter that changes nothing leaves nothing to keep.
        """
        nearer = self.mean < self.without if self.without else self.mean == 0
        return self.top1 >= top1 and nearer


def load_adapted(base: Path, adapter: Path, quantise: Quantise = "none") -> Any:
    """Base and adapter side by side, in evaluation mode."""
    from peft import PeftModel

    tuned: Any = PeftModel.from_pretrained(load_model(base, quantise=quantise), str(adapter))
    return tuned.eval()


def merge(
    base: Path, adapter: Path, into: Path, prompts: Sequence[Sequence[int]], *,
    on: Literal["bf16", "dequant_nf4"] = "bf16", trained_on: Quantise = "none",
    top1: float = 0.99, spoil: Callable[[Any], None] | None = None,
) -> Parity:  # fmt: skip
    """Write the merged model as folder ``into``; gives how near it is. Raises ``MERGE_DIFFERS``.

    ``prompts`` are token ids. ``trained_on`` is how the base was loaded in training, which is what
    the merged model is compared with. ``spoil`` changes the merged weights (tests only).
    """
    adapted = load_adapted(base, adapter, trained_on)
    apart = _told(adapted, prompts)
    with adapted.disable_adapter():
        without = parity(apart, _told(adapted, prompts)).mean
    del adapted
    gc.collect()
    temp = into.with_name(f".{into.name}.tmp-{os.getpid()}")
    shutil.rmtree(temp, ignore_errors=True)
    try:
        _write(base, adapter, temp, on, spoil)
        said = _told(load_model(temp, beside=too_large(base)), prompts)
        found = replace(parity(apart, said), without=without)
        if not found.kept(top1):
            raise BookError(
                Code.MERGE_DIFFERS, _remedy(found, top1), agree=f"{found.top1:.4f}", wanted=top1,
                logit=f"{found.logit:.3g}", mean=f"{found.mean:.3g}",
                adapter=f"{found.without:.3g}", merge=on,
            )  # fmt: skip
        shutil.rmtree(into, ignore_errors=True)
        os.replace(temp, into)
    finally:
        shutil.rmtree(temp, ignore_errors=True)
    return found


def _remedy(found: Parity, top1: float) -> str:
    """What helps; rounding can cost more than a weak adapter has to give, whatever the setting."""
    if found.top1 < top1:
        return (
            "Serve the adapter beside its base, or merge on what it was trained on (post.merge), "
            "or lower post.parity_top1"
        )
    return (
        "Serve the adapter beside its base: what merging rounds away is more than the adapter "
        "changes. Longer training (training.steps) makes it weigh more"
    )


def too_large(folder: Path, memory: float | None = None) -> bool:
    """Do plain weights not fit the GPU? They are compared beside it then, in the machine's memory.

    ``memory`` in bytes, by default the GPU's. Without a GPU nothing is too large for it.
    """
    if memory is None and device_name() == "cpu":
        return False
    there = memory or float(torch.cuda.get_device_properties(0).total_memory)
    return 2 * shape_of(folder).params > USABLE * there


def parity(
    one: Sequence[tuple[torch.Tensor, torch.Tensor]],
    other: Sequence[tuple[torch.Tensor, torch.Tensor]],
) -> Parity:
    """Compare what :func:`_told` gave: likeliest tokens and last logits of each prompt."""
    same = places = 0
    worst, gaps = 0.0, list[float]()
    for (tokens, logits), (others, other_logits) in zip(one, other, strict=True):
        if not (torch.isfinite(logits).all() and torch.isfinite(other_logits).all()):
            others = torch.full_like(others, -1)  # what is no number agrees with nothing
        same += int((tokens == others).sum())
        places += len(tokens)
        apart = (logits - other_logits).abs()
        gap = float(apart.max())
        gaps.append(float(apart.mean()))
        worst = max(worst, gap) if gap == gap else float("inf")  # NaN is as far as can be
    mean = sum(gaps) / max(1, len(gaps))
    mean = mean if mean == mean else float("inf")
    return Parity(same / max(1, places), worst, places, len(one), mean)


@torch.inference_mode()
def _told(model: Any, prompts: Sequence[Sequence[int]]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The likeliest token after each place, and the logits after the last, by prompt."""
    device = next(model.parameters()).device
    found: list[tuple[torch.Tensor, torch.Tensor]] = []
    for ids in prompts:
        logits = model(torch.tensor([list(ids)], device=device), use_cache=False).logits[0]
        found.append((logits.argmax(dim=-1).cpu(), logits[-1].float().cpu()))
    del model
    gc.collect()
    return found


def _write(
    base: Path, adapter: Path, folder: Path, on: str, spoil: Callable[[Any], None] | None
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    # as the files have it: merging in fp32 and saving so would double a bf16 model
    plain: Any = AutoModelForCausalLM.from_pretrained(str(base), dtype="auto")
    if on == "dequant_nf4":
        _through_nf4(plain)
    tuned: Any = PeftModel.from_pretrained(plain, str(adapter))
    with torch.no_grad():
        for part in lora_parts(tuned):
            weight = part.module.get_base_layer().weight
            delta = part.scale * (part.up.float() @ part.down.float())
            weight.copy_((weight.float() + delta).to(weight.dtype))
    merged: Any = tuned.unload()
    if spoil is not None:
        spoil(merged)
    merged.save_pretrained(folder)
    for pattern in _TOKENIZER:
        for file in sorted(base.glob(pattern)):
            shutil.copyfile(file, folder / file.name)


def _through_nf4(model: Any) -> None:
    """Round every linear weight but the head's as four-bit loading does, and unpack it again."""
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    head = model.get_output_embeddings()
    for part in model.modules():
        if isinstance(part, torch.nn.Linear) and part is not head:
            data = part.weight.data
            packed: Any = quantize_4bit(
                data.contiguous(), quant_type="nf4", compress_statistics=True
            )
            part.weight.data = dequantize_4bit(*packed).to(data.dtype)
