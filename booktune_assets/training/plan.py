"""A run's memory and time from settings, before anything is loaded or downloaded.

Belongs here: which shape, memory and throughput a plan counts with, and how long a run takes. Does
not: bytes (``memory.py``), operations (``durations.py``), printing (the CLI).

Time is by ``durations.py``: the run over the books, the stages before it and what the model writes
for the rehearsal set. Memory is that of the run which takes most. Throughputs are what a machine of
the class is assumed to reach, not its data sheet; only the CPU's operations are measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.architecture import Shape, known_shape, shape_of
from booktune_assets.llm.loading import four_bits
from booktune_assets.settings_forgetting import has_columns, replays
from booktune_assets.training.durations import Cost, Course, course_costs, written
from booktune_assets.training.memory import (
    RANKS,
    USABLE,
    Memory,
    Wanted,
    fits,
    largest,
    memory_of,
)
from booktune_assets.training.recorded import recorded

__all__ = [
    "CARDS", "Card", "Plan", "free_memory", "plan_of", "require_merge", "shape_for", "wanted_of",
]  # fmt: skip

CHARS_PER_TOKEN = 3.5  # of English prose with code; a plan needs no tokenizer


@dataclass(frozen=True, slots=True)
class Card:
    """What a profile runs on: memory in bytes, floating-point operations per second, and why.

    ``bandwidth``: bytes per second that writing token by token moves, assumed throughout.
    ``plain``: the rate and why, where base weights in four bits were counted in ``flops``.
    """

    memory: float
    flops: float
    source: str
    bandwidth: float
    plain: tuple[float, str] | None = None

    def on(self, four_bits: bool) -> Card:
        """The card with the rate of base weights in four bits, or of plain ones."""
        if four_bits or self.plain is None:
            return self
        flops, source = self.plain
        return replace(self, flops=flops, source=source)


CARDS: dict[str, Card] = {
    "gpu24": Card(24e9, 60e12, "assumed: a third of a consumer card's dense bf16 rate", 0.7e12),
    "gpu48": Card(48e9, 100e12, "assumed: a third of a workstation card's dense bf16 rate", 0.7e12),
    "gpu80": Card(
        80e9,
        240e12,
        "assumed: 400 TFLOP/s of one H100, less 40 % for NF4",
        2e12,
        (400e12, "assumed: 400 TFLOP/s of one H100"),
    ),
    "tiny": Card(
        0.0, 200e9, "estimated: twice what one core with AVX2 did on 270 M fp32 weights", 10e9
    ),
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
    costs: Mapping[str, Cost]  # by what they are for, in the order in which they are spent
    card: Card
    rank_max: int | None
    seq_len_max: int | None
    passes: float | None = None
    widest: str = "books"  # the run that takes most memory
    written: int = 0  # the adapter's rank: joined columns have the sum of theirs; 0: as trained

    @property
    def flops(self) -> float:
        """Operations of everything."""
        return sum(cost.flops for cost in self.costs.values())

    @property
    def times(self) -> dict[str, float]:
        """Seconds by what they are for, by the card's assumed rates."""
        return {
            name: cost.flops / self.card.flops + cost.read / self.card.bandwidth
            for name, cost in self.costs.items()
        }

    @property
    def seconds(self) -> float:
        """Hours would be a promise; this is an estimate."""
        return sum(self.times.values())

    @property
    def fits(self) -> bool:
        """Does the peak fit into what there is?"""
        return fits(self.memory, self.available)

    @property
    def served(self) -> bool:
        """Is the rank that is written one that vLLM serves?"""
        return self.adapter_rank in RANKS

    @property
    def adapter_rank(self) -> int:
        """The rank that the adapter is written with."""
        return self.written or self.memory.wanted.rank

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
            "adapter_rank": self.adapter_rank, "rank_served_by_vllm": self.served,
            "steps": self.steps, "tokens": self.tokens,
            "passes": self.passes, "flops": self.flops, "flops_per_second": self.card.flops,
            "throughput": self.card.source, "seconds": round(self.seconds),
            "seconds_by": {name: round(value) for name, value in self.times.items()},
            "widest_run": self.widest,
        }  # fmt: skip


def wanted_of(
    model: Path | Shape,
    *,
    rank: int,
    seq_len: int,
    forgetting: tuple[Any, ...] = (),
    device: Literal["cuda", "cpu"],
    memory: float = 0.0,
    quantise: str = "auto",
    checkpointing: str = "auto",
) -> Wanted:
    """A run as it will be: what ``auto`` means is decided here, for plan, check and run alike.

    ``memory`` is the device's, in bytes. On a GPU the optimiser's states are in 8 bits, and
    activations are checkpointed, as they are beside four-bit weights anywhere.
    """
    shape = model if isinstance(model, Shape) else shape_of(model)
    packed = four_bits(shape, memory if device == "cuda" else 0.0, quantise)
    twice = device == "cuda" or packed if checkpointing == "auto" else checkpointing == "on"
    return Wanted(
        shape, rank, seq_len, forgetting, device, packed,
        "adamw_8bit" if device == "cuda" else "adamw", checkpointing=twice,
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
    quantise: str = "auto",
    checkpointing: str = "auto",
    stages: Mapping[str, int | None] | None = None,
    share: float = 0.0,
    writes: tuple[int, int, int] = (0, 0, 1),
    train_chars: int | None = None,
) -> Plan:
    """The plan of a run. ``figures``: rank, seq_len, batch_rows and steps of the profile.

    ``memory`` (bytes) and ``flops`` (per second) override the profile's; on the CPU the memory is
    what is free now. ``stages``: steps of each run before the books, in order, None for as many.
    ``share`` of the rows rehearses if replay is chosen. ``writes``: answers that the model writes
    for the rehearsal set, tokens of each, how many side by side. ``train_chars``: characters of the
    set, if it is built: how often it is seen.
    """
    shape, source = shape_for(name)
    gpu = profile != "tiny"
    card = CARDS[profile]
    available = memory if memory is not None else card.memory or free_memory()
    wanted = wanted_of(
        shape, rank=int(figures["rank"]), seq_len=int(figures["seq_len"]), forgetting=forgetting,
        device="cuda" if gpu else "cpu", memory=available, quantise=quantise,
        checkpointing=checkpointing,
    )  # fmt: skip
    card = card.on(wanted.quantise)
    if flops is not None:
        card = replace(card, flops=flops, source="as given")
    steps, fresh = int(figures["steps"]), train_chars / CHARS_PER_TOKEN if train_chars else None
    before = dict(stages or {})
    mixed = share if replays(forgetting) else 0.0
    books = Course(
        replace(wanted, earlier=len(before)), steps, int(figures["batch_rows"]), mixed, fresh
    )  # fmt: skip
    runs = {**_staged(books, before), "books": books}
    widest = max(runs, key=lambda one: memory_of(runs[one].wanted).total)
    peak = runs[widest].wanted
    costs = {f"stage {one}": _sum(course_costs(runs[one])) for one in before}
    if writes[0]:
        costs["writing rehearsal"] = written(wanted, *writes)
    return Plan(
        name, source, memory_of(peak), available, steps, books.tokens,
        {**costs, **course_costs(books)}, card,
        largest(peak, available, "rank"), largest(peak, available, "seq_len"),
        books.tokens / fresh if fresh else None, widest,
        _joined(wanted.rank, len(before)) if has_columns(forgetting) else wanted.rank,
    )  # fmt: skip


def _joined(rank: int, before: int) -> int:
    """Rank of the last adapter where each run joins its column with what was before it: filled up
    to the next that is served, as ``columns.collapse`` does."""
    joined = rank
    for _ in range(before):
        joined = next((one for one in RANKS if one >= joined + rank), joined + rank)
    return joined


def _staged(books: Course, stages: Mapping[str, int | None]) -> dict[str, Course]:
    """The runs before the books: the first keeps nothing yet, all of them write down."""
    found: dict[str, Course] = {}
    for place, (name, steps) in enumerate(stages.items()):
        chosen = books.wanted.forgetting if place else ()
        wanted = replace(
            books.wanted, forgetting=chosen, earlier=place,
            recording=tuple(recorded(books.wanted.forgetting, first=not place)),
        )  # fmt: skip
        share = books.share if place else 0.0
        found[name] = replace(
            books, wanted=wanted, steps=steps or books.steps, share=share, fresh=None
        )
    return found


def _sum(costs: Mapping[str, Cost]) -> Cost:
    return Cost(sum(one.flops for one in costs.values()), sum(one.read for one in costs.values()))


def require_merge(shape: Shape, memory: float) -> None:
    """Raises ``WILL_NOT_FIT`` where base and adapter cannot be merged in so much of the machine's
    memory (bytes): both lie there in plain numbers, whatever they were trained in."""
    needs = 2 * shape.params * 1.1
    if needs > USABLE * memory:
        raise BookError(
            Code.WILL_NOT_FIT,
            "Set post.merge to off and serve the adapter beside its base, or merge on a machine "
            "with more memory (not of its GPU)",
            needs_gb=f"{needs / 1e9:.1f}", usable_gb=f"{USABLE * memory / 1e9:.1f}",
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
