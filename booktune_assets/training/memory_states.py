"""What each way of not forgetting holds in memory during a run.

Belongs here: bytes and further passes of each kind, from its settings and the adapter's size. Does
not: the methods (``strategies/``), the rest of the memory (``memory.py``).

A kind counts what its equations need in fp32: EWC on A and B the Fisher diagonal and an anchor, SI
the path, the last step, the importance and the anchor. The factored Fisher of a layer is a vector
of its inputs and one of its outputs; K-FAC has a matrix for each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from booktune_assets.training.memory import Wanted

__all__ = ["extra_flops", "state_bytes"]

_FP32 = 4


def state_bytes(section: Any, wanted: Wanted) -> float:
    """Bytes that the kind of ``section`` keeps beside model, adapter and optimiser."""
    return _STATES[section.kind](section, wanted)


def extra_flops(section: Any) -> float:
    """Passes of weights per token beside the training itself: 2 is one more forward pass."""
    kind = section.kind
    if kind == "fip":  # old inputs: once with the adapter, forth and back, and once without it
        return (2 + 8) / section.every if section.mode == "penalty" else 0.0
    if kind == "kl":
        return {"new": 2, "old": 10, "both": 12}[section.on]
    if kind == "sdft":  # the student writes, the teacher reads
        return 4.0
    return 2.0 if kind in ("asft", "stm") else 0.0


def _none(_: Any, __: Wanted) -> float:
    return 0.0


def _ewc(section: Any, wanted: Wanted) -> float:
    anchor = _FP32 * wanted.trained
    if section.space == "lora" or section.fisher == "diagonal":
        return 2 * anchor
    if section.fisher == "kfac":
        return anchor + _FP32 * _over(wanted, lambda size, out: size * size + out * out)
    return anchor + _FP32 * _over(wanted, lambda size, out: size + out)


def _si(_: Any, wanted: Wanted) -> float:
    return 4 * _FP32 * wanted.trained


def _fip(section: Any, wanted: Wanted) -> float:
    if section.mode == "geodesic":
        return section.directions * _FP32 * wanted.trained
    return _kl(section, wanted)


def _progressive(section: Any, wanted: Wanted) -> float:
    if section.form != "block_expansion":
        return _FP32 * wanted.trained
    shape = wanted.shape
    layer = shape.linear_params // shape.layers
    optimiser = 2 if wanted.optimiser == "adamw_8bit" else 8
    return -(-shape.layers // section.every) * layer * (2 * _FP32 + optimiser)


def _olora(_: Any, wanted: Wanted) -> float:
    return _FP32 * wanted.rank * _over(wanted, lambda size, _out: size)


def _oplora(section: Any, wanted: Wanted) -> float:
    share, most = section.k_fraction, section.k_max
    return _FP32 * _over(wanted, lambda size, out: min(most, share * min(size, out)) * (size + out))


def _kl(_: Any, wanted: Wanted) -> float:
    """The reference's logits of one chunk beside the model's own."""
    return 128 * wanted.shape.vocab * _FP32 * 2


def _l2(_: Any, wanted: Wanted) -> float:
    return _FP32 * wanted.trained


def _sdft(_: Any, wanted: Wanted) -> float:
    shape = wanted.shape
    cache = 2 * shape.layers * shape.kv_heads * shape.head_dim * wanted.seq_len * wanted.width
    return _FP32 * wanted.trained + cache


def _over(wanted: Wanted, size_of: Callable[[int, int], float]) -> float:
    """Sum over all adapted maps of the model."""
    return wanted.shape.layers * sum(size_of(size, out) for _, size, out in wanted.shape.linears)


_STATES: dict[str, Callable[[Any, Wanted], float]] = {
    "replay": _none, "ewc": _ewc, "si": _si, "fip": _fip, "progressive": _progressive,
    "olora": _olora, "oplora": _oplora, "kl": _kl, "dft": _none, "asft": _kl, "stm": _none,
    "talr": _none, "l2": _l2, "sdft": _sdft,
}  # fmt: skip
