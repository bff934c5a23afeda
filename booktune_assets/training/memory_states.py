"""What each way of not forgetting holds in memory during a run.

Belongs here: bytes of each kind, from its settings and the adapter's size: all the time, and for a
moment at the end of a step. Does not: the methods (``strategies/``), the rest of the memory
(``memory.py``), time (``durations.py``).

A kind counts what its class holds in fp32 (a test compares with the tensors of each): EWC on A and
B the Fisher diagonal and an anchor; SI the sums, where weights stood last, importance and anchor,
while its start is the run's reference. The factored Fisher of a layer is a vector of its inputs and
one of its outputs for each stage; K-FAC has a matrix for sides up to ``full_max``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from booktune_assets.training.memory import Wanted

__all__ = ["moment_bytes", "recorder_bytes", "state_bytes"]

_FP32 = 4
_CHUNK, _COPIES = 64, 6  # positions of a divergence at a time, tensors of their logits


def state_bytes(section: Any, wanted: Wanted) -> float:
    """Bytes that the kind of ``section`` keeps beside model, adapter, reference and optimiser."""
    return _STATES[section.kind](section, wanted)


def recorder_bytes(section: Any, wanted: Wanted) -> float:
    """Bytes of what only writes down for a later stage: where weights stood last, and the sums.

    Importance of earlier stages waits in the machine's memory.
    """
    return 2 * _FP32 * wanted.trained if section.kind == "si" else 0.0


def moment_bytes(section: Any, wanted: Wanted) -> float:
    """Bytes that are held from a step's gradients to its end, or when a stage leaves what it has:
    no activations of a row are there then."""
    if section.kind == "si":  # the gradients
        return _FP32 * wanted.trained
    if section.kind == "ewc":  # importance and anchor that are left
        return _ewc(section, replace(wanted, earlier=0))
    if section.kind == "fip" and section.mode == "geodesic":  # before, Adam's step, the shorter one
        return 3 * _FP32 * wanted.trained
    return 0.0


def _none(_: Any, __: Wanted) -> float:
    return 0.0


def _ewc(section: Any, wanted: Wanted) -> float:
    anchor = _FP32 * wanted.trained
    if section.space == "lora":
        return 2 * anchor
    stages = max(1, wanted.earlier)
    most = section.full_max if section.fisher == "kfac" else 0
    side: Callable[[int], int] = lambda size: size * size if size <= most else size  # noqa: E731
    return anchor + stages * _FP32 * _over(wanted, lambda size, out: side(size) + side(out))


def _si(section: Any, wanted: Wanted) -> float:
    """Last, sums, ω and anchor. The pseudo pass: start, Adam's two, last, sums, slopes, anchor."""
    return (7 if section.source == "pseudo" else 4) * _FP32 * wanted.trained


def _fip(section: Any, wanted: Wanted) -> float:
    if section.mode == "geodesic":
        return section.directions * _FP32 * wanted.trained
    return _old_row(wanted)


def _progressive(section: Any, wanted: Wanted) -> float:
    optimiser = 2 if wanted.optimiser == "adamw_8bit" else 8
    if section.form == "block_expansion":  # the weights of the new blocks, as they were, gradients
        shape = wanted.shape
        layer = shape.linear_params // shape.layers
        return -(-shape.layers // section.every) * layer * (3 * _FP32 + optimiser)
    frozen = _FP32 * wanted.trained * _columns(wanted)
    if section.form == "stacked":
        return frozen
    mixes = wanted.shape.layers * len(wanted.shape.linears) * wanted.rank**2 * _columns(wanted)
    return frozen + mixes * (3 * _FP32 + optimiser)


def _columns(wanted: Wanted) -> int:
    """Ranks of what earlier stages joined, in those of one column."""
    return max(1, wanted.earlier)


def _olora(_: Any, wanted: Wanted) -> float:
    """The earlier adapter, frozen, and its A's once more in one piece."""
    inputs = _over(wanted, lambda size, _out: size)
    return _FP32 * _columns(wanted) * (wanted.trained + wanted.rank * inputs)


def _oplora(section: Any, wanted: Wanted) -> float:
    share, most = section.k_fraction, section.k_max
    return _FP32 * _over(wanted, lambda size, out: min(most, share * min(size, out)) * (size + out))


def _divergence(wanted: Wanted) -> float:
    """Logits of one chunk, the model's and the reference's, and what is between them."""
    return _CHUNK * wanted.shape.vocab * _FP32 * _COPIES


def _old_row(wanted: Wanted) -> float:
    """An old row is kept for its backward pass while the row at hand is."""
    return _divergence(wanted) + wanted.kept_bytes(wanted.seq_len)


def _kl(section: Any, wanted: Wanted) -> float:
    return _divergence(wanted) if section.on == "new" else _old_row(wanted)


def _asft(_: Any, wanted: Wanted) -> float:
    return _divergence(wanted)


def _l2(_: Any, wanted: Wanted) -> float:
    return _FP32 * wanted.trained


def _sdft(section: Any, wanted: Wanted) -> float:
    """The teacher's adapter; the student's answers and their row; one page; never all at once."""
    shape = wanted.shape
    answers = wanted.samples * section.new_tokens
    told = wanted.page + section.new_tokens
    # prompts are padded to the longest, a row's worth of tokens at most each side of the mean
    written = 2 * wanted.seq_len + answers
    cache = 2 * shape.layers * shape.kv_heads * shape.head_dim * written * wanted.width
    student = wanted.kept_bytes(wanted.seq_len + answers) + wanted.layer_bytes(answers)
    read = wanted.layer_bytes(max(0, told - wanted.seq_len))
    own = _FP32 * wanted.trained if section.teacher == "ema" else 0.0
    return own + _divergence(wanted) + max(cache, student, read)


def _over(wanted: Wanted, size_of: Callable[[int, int], float]) -> float:
    """Sum over all adapted maps of the model."""
    return wanted.shape.layers * sum(size_of(size, out) for _, size, out in wanted.shape.linears)


_STATES: dict[str, Callable[[Any, Wanted], float]] = {
    "replay": _none, "ewc": _ewc, "si": _si, "fip": _fip, "progressive": _progressive,
    "olora": _olora, "oplora": _oplora, "kl": _kl, "dft": _none, "asft": _asft, "stm": _none,
    "talr": _none, "l2": _l2, "sdft": _sdft,
}  # fmt: skip
