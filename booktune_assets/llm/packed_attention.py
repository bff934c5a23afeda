"""Attention of packed rows, sample by sample.

Belongs here: an attention function for transformers' registry. Does not: how rows are packed
(``training/batches.py``), masks of other inputs (transformers' own).

A packed row goes through linear layers whole. In plain SDPA its samples are kept apart by a dense
mask: every pair of tokens is computed, most are thrown away, and no fast kernel takes such a mask
on a CPU. Here each sample is attended to alone: the pairs that are computed are those that count.

Whoever packs says where samples end, in the words flash-attention's kernels are told in
(:func:`boundaries`, among the model's inputs). Then transformers makes no mask either, which would
be thrown away; what is more than causal with a window gets one made here, and SDPA. Inputs without
boundaries (generation, padded batches) get SDPA with the mask transformers makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["NAME", "boundaries", "use_packed_attention"]

NAME = "booktune_packed"
# what bends attention beyond "causal, perhaps with a window": left to SDPA and its mask
_BENT = ("position_bias", "cache", "s_aux")


def boundaries(lengths: Sequence[int], device: Any) -> dict[str, Any]:
    """Inputs that tell where samples of ``lengths`` tokens end; none for a single sample."""
    import torch

    if len(lengths) < 2:
        return {}
    ends = torch.tensor([0, *lengths]).cumsum(0).to(device, torch.int32)
    return {
        "cu_seq_lens_q": ends, "cu_seq_lens_k": ends,
        "max_length_q": max(lengths), "max_length_k": max(lengths),
    }  # fmt: skip


def use_packed_attention(model: Any) -> str:
    """Let the model attend sample by sample; gives the name of what does it.

    On a GPU with flash-attention installed its variable-length kernel, else the function here.
    A model that computes attention in a way of its own keeps it.
    """
    from transformers.utils.import_utils import is_flash_attn_2_available

    if model.config._attn_implementation != "sdpa":
        return str(model.config._attn_implementation)
    on_gpu = next(model.parameters()).device.type == "cuda"
    flash = on_gpu and is_flash_attn_2_available()
    name = "flash_attention_2" if flash else _registered()
    model.set_attn_implementation(name)
    if name == NAME:
        model.base_model.register_forward_pre_hook(_unmasked, with_kwargs=True)
    return name


def _unmasked(model: Any, args: Any, told: dict[str, Any]) -> tuple[Any, dict[str, Any]] | None:
    """Forward hook. A mask of four axes is one that is ready: transformers makes no other."""
    import torch

    ours = model.config._attn_implementation == NAME and not _chunked(model.config)
    if not ours or told.get("cu_seq_lens_q") is None or told.get("attention_mask") is not None:
        return None
    ready = torch.ones(1, 1, 1, 1, dtype=torch.bool, device=told["cu_seq_lens_q"].device)
    return args, told | {"attention_mask": ready}


def _chunked(config: Any) -> bool:
    return bool(getattr(config, "attention_chunk_size", None))


def _registered() -> str:
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, _attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)  # for whatever does not say its boundaries
    return NAME


def _attend(
    module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **options: Any
) -> tuple[Any, None]:
    """[batch, heads, tokens, width] to [batch, tokens, heads, width], as transformers has it."""
    import torch
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    ends = options.get("cu_seq_lens_q")
    bent = any(options.get(name) is not None for name in _BENT)
    whole = query.shape[0] == 1 and query.shape[2] == key.shape[2]
    window = options.get("sliding_window")
    bent = bent or options.get("is_causal") is False or _chunked(module.config)
    if ends is None or bent or not whole:
        if ends is not None and attention_mask is not None and attention_mask.numel() == 1:
            attention_mask = _dense(ends, window)  # none was made: see _unmasked
        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    lengths = ends.diff().tolist()
    three = (query, key, value)
    alike = len(set(lengths)) == 1  # one call for all of them
    if alike:
        pieces = [tuple(_stacked(one, len(lengths)) for one in three)]
    else:
        pieces = list(zip(*(one.split(lengths, dim=2) for one in three), strict=True))
    said = [
        torch.nn.functional.scaled_dot_product_attention(
            *parts, **_seen(parts[0].shape[2], window, query.device),
            dropout_p=options.get("dropout", 0.0), scale=options.get("scaling"),
            enable_gqa=query.shape[1] != key.shape[1],
        ).transpose(1, 2)
        for parts in pieces
    ]  # fmt: skip
    return (said[0].flatten(0, 1)[None] if alike else torch.cat(said, dim=1)), None


def _stacked(states: Any, number: int) -> Any:
    """[1, heads, number · tokens, width] as [number, heads, tokens, width]."""
    return states[0].unflatten(1, (number, -1)).transpose(0, 1)


def _seen(length: int, window: int | None, device: Any) -> dict[str, Any]:
    """Causal; a mask is needed only where a sample is longer than the window."""
    import torch

    if window is None or length <= window:
        return {"is_causal": True}
    places = torch.arange(length, device=device)
    behind = places[:, None] - places[None, :]
    return {"attn_mask": (behind >= 0) & (behind < window)}


def _dense(ends: Any, window: int | None) -> Any:
    """What a token sees of its own sample, as a mask [1, 1, tokens, tokens]."""
    import torch

    places = torch.arange(int(ends[-1]), device=ends.device)
    sample = torch.bucketize(places, ends, right=True)
    behind = places[:, None] - places[None, :]
    seen = (sample[:, None] == sample[None, :]) & (behind >= 0)
    return (seen if window is None else seen & (behind < window))[None, None]
