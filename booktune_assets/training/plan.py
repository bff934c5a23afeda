"""A run's memory and time from settings, before anything is loaded or downloaded.

Belongs here: which shape, memory and throughput a plan counts with, and how long a run takes. Does
not: bytes (``memory.py``), what strategies add (``memory_states.py``), printing (the CLI).

Time is passes × weights × tokens: with checkpointing 8 (forward, forward again, gradients of the
inputs counted double as for full training: an upper bound for an adapter), 6 without. Throughputs
are what a machine of the class is assumed to reach, not its data sheet; only the CPU's is measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.architecture import Shape, known_shape, shape_of
from booktune_assets.training.memory import (
    RANKS,
    Memory,
    Wanted,
    fits,
    largest,
    memory_of,
)
from booktune_assets.training.memory_states import extra_flops

__all__ = ["CARDS", "Card", "Plan", "plan_of", "shape_for", "wanted_of"]

CHARS_PER_TOKEN = 3.5  # of English prose with code; a plan needs no tokenizer


@dataclass(frozen=True, slots=True)
class Card:
    """What a profile runs on: memory in bytes, floating-point operations per second, and why."""

    memory: float
    flops: float
    source: str


CARDS: dict[str, Card] = {
    "gpu24": Card(24e9, 60e12, "assumed: a third of a consumer card's dense bf16 rate"),
    "gpu48": Card(48e9, 100e12, "assumed: a third of a workstation card's dense bf16 rate"),
    "gpu80": Card(80e9, 240e12, "assumed: 400 TFLOP/s of one H100, less 40 % for NF4"),
    "tiny": Card(0.0, 200e9, "estimated: twice what one core with AVX2 did on 270 M fp32 weights"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What ``plan-training`` says. ``memory`` in bytes by part; ``available`` what there is."""

    model: str
    source: str
    memory: Memory
    available: float
    steps: int
    tokens: int
    flops: float
    card: Card
    rank_max: int | None
    seq_len_max: int | None
    passes: float | None = None

    @property
    def seconds(self) -> float:
        """Hours would be a promise; this is an estimate by the card's assumed rate."""
        return self.flops / self.card.flops

    @property
    def fits(self) -> bool:
        """Does the peak fit into what there is?"""
        return fits(self.memory, self.available)

    @property
    def served(self) -> bool:
        """Is the rank one that vLLM serves?"""
        return self.memory.wanted.rank in RANKS

    def as_json(self) -> dict[str, Any]:
        """Everything, bytes and seconds, in one flat object."""
        wanted = self.memory.wanted
        return {
            "model": self.model, "source": self.source, "device": wanted.device,
            "quantised": wanted.quantise, "optimiser": wanted.optimiser,
            "checkpointing": wanted.checkpointing, "rank": wanted.rank, "alpha": 2 * wanted.rank,
            "seq_len": wanted.seq_len, "params": wanted.shape.params, "trained": wanted.trained,
            "params_per_rank": wanted.shape.per_rank, "bytes": self.memory.parts,
            "total_bytes": self.memory.total, "available_bytes": round(self.available),
            "fits": self.fits, "rank_max": self.rank_max, "seq_len_max": self.seq_len_max,
            "rank_served_by_vllm": self.served, "steps": self.steps, "tokens": self.tokens,
            "passes": self.passes, "flops": self.flops, "flops_per_second": self.card.flops,
            "throughput": self.card.source, "seconds": round(self.seconds),
        }  # fmt: skip


def wanted_of(
    model: Path | Shape,
    *,
    rank: int,
    seq_len: int,
    forgetting: tuple[Any, ...] = (),
    device: Literal["cuda", "cpu"],
    quantise: bool,
) -> Wanted:
    """What a trainer is about to load, as it is set up there: hand it to ``require_fit``.

    On a GPU the optimiser's states are in 8 bits; four-bit bases are checkpointed.
    """
    shape = model if isinstance(model, Shape) else shape_of(model)
    return Wanted(
        shape, rank, seq_len, forgetting, device, quantise,
        "adamw_8bit" if device == "cuda" else "adamw", checkpointing=quantise,
    )  # fmt: skip


def shape_for(name: str) -> tuple[Shape, str]:
    """Shape of a named model and where it is known from, without a download.

    A folder's ``config.json`` counts; then the table of known models; then the hub's cache.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return shape_of(folder), f"config.json of {folder.name}"
    if (cached := _cached(name)) is not None:
        return shape_of(cached), "config.json in the hub's cache"
    if (known := known_shape(name)) is not None:
        return known[0], f"known: {known[1]}"
    raise BookError(
        Code.MODEL_MISSING,
        "Its shape is not known here: name a folder with its config.json (a few kilobytes of it "
        "are enough)",
        model=name,
    )


def plan_of(
    name: str,
    profile: str,
    figures: Mapping[str, Any],
    *,
    forgetting: tuple[Any, ...] = (),
    memory: float | None = None,
    flops: float | None = None,
    quantise: bool | None = None,
    train_chars: int | None = None,
) -> Plan:
    """The plan of a run. ``figures``: rank, seq_len, batch_rows and steps of the profile.

    ``memory`` (bytes) and ``flops`` (per second) override the profile's; on the CPU the memory is
    what is free now. ``train_chars``: characters of the set, if it is built: how often it is seen.
    """
    shape, source = shape_for(name)
    gpu = profile != "tiny"
    card = CARDS[profile]
    if flops is not None:
        card = replace(card, flops=flops, source="as given")
    wanted = wanted_of(
        shape, rank=int(figures["rank"]), seq_len=int(figures["seq_len"]), forgetting=forgetting,
        device="cuda" if gpu else "cpu", quantise=gpu if quantise is None else quantise,
    )  # fmt: skip
    available = memory if memory is not None else card.memory or free_memory()
    steps = int(figures["steps"])
    tokens = steps * int(figures["batch_rows"]) * wanted.seq_len
    per_token = (8 if wanted.checkpointing else 6) + sum(map(extra_flops, forgetting))
    return Plan(
        name, source, memory_of(wanted), available, steps, tokens,
        per_token * shape.params * tokens, card,
        largest(wanted, available, "rank"), largest(wanted, available, "seq_len"),
        tokens * CHARS_PER_TOKEN / train_chars if train_chars else None,
    )  # fmt: skip


def free_memory() -> float:
    """Bytes that a process may still take on this machine."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable"):
            return float(line.split()[1]) * 1024
    return 8e9  # kernels before 3.14 do not say


def _cached(name: str) -> Path | None:
    """The folder of a hub id's ``config.json``, if it was downloaded before."""
    repo, _, revision = name.partition("@")
    if "/" not in repo:
        return None
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    try:
        found = try_to_load_from_cache(repo, "config.json", revision=revision or None)
    except ValueError:  # no hub id
        return None
    return Path(found).parent if isinstance(found, str) else None
