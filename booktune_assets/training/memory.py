"""How much memory a run needs, and whether it fits, before anything is loaded.

Belongs here: bytes of weights, adapter, optimiser, states and activations from the model's shape
alone, and what to change when they do not fit. Does not: what strategies hold
(``memory_states.py``), settings and time (``plan.py``), printing (the CLI). No torch.

    reference        the adapter as it was before the first step: the trainer always keeps it
    nf4 weights      4.127 bits: four, and scales of 64 weights in 8 bits, themselves scaled by 256
    adapter          per rank: sum of inputs and outputs of all linear maps, in fp32
    gradient         as many; the optimiser twice as many in fp32, or two bytes each in 8 bits
    checkpointed     one hidden state per layer and token, and all of one layer at a time
    logits           a few positions at a time (``llm/heads.py``): two fp32 copies of the chunk

What ways and recorders hold for a moment, between a step's gradients and its end, comes when the
activations are gone: the larger of both counts. Totals are compared with peaks on the CPU
(``benchmarks/plan_training.py``); on a GPU they are arithmetic and one foreign figure: about 21 GB
for rank 32, two rows of 2,048 tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Literal

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.architecture import Shape
from booktune_assets.training.memory_states import moment_bytes, recorder_bytes, state_bytes

__all__ = ["RANKS", "Memory", "Wanted", "fits", "largest", "memory_of", "require_fit"]

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)  # what vLLM serves as --max-lora-rank
NF4 = (4 + 8 / 64 + 32 / (64 * 256)) / 8  # bytes per weight
USABLE = 0.92  # of the memory: allocators leave gaps
ASKED = (16, 32, 64, 128, 256)  # of those, what training.rank takes
LENGTHS = (128, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 8192)
_CHUNK = 128  # positions whose logits exist at once
_RUNTIME = {"cuda": 1.0e9, "cpu": 0.75e9}  # context and kernels; interpreter and libraries


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run as far as memory goes. ``forgetting`` are sections of the settings.

    ``recording`` are sections of what only writes down in a stage; ``earlier`` counts the stages
    before this run. ``rows`` go through the model at once; ``quantise`` keeps linear weights in
    NF4; ``optimiser`` is ``adamw`` (fp32 states) or ``adamw_8bit``. ``samples`` stand in the
    fullest row and ``page`` tokens in the longest prompt with its page: what self-distillation
    depends on; assumed as long as the rows are not known.
    """

    shape: Shape
    rank: int
    seq_len: int
    forgetting: tuple[Any, ...] = ()
    device: Literal["cuda", "cpu"] = "cuda"
    quantise: bool = True
    optimiser: Literal["adamw", "adamw_8bit"] = "adamw_8bit"
    checkpointing: bool = True
    chunked: bool = True
    rows: int = 1
    recording: tuple[Any, ...] = ()
    earlier: int = 0
    samples: int = 10
    page: int = 2000

    @property
    def trained(self) -> int:
        """Weights of the adapter."""
        return self.rank * self.shape.per_rank

    @property
    def width(self) -> int:
        """Bytes of a plain weight or activation: bf16 on a GPU, fp32 on a CPU."""
        return 2 if self.device == "cuda" else 4

    def layer_bytes(self, tokens: int) -> float:
        """Activations of one layer: what its backward pass needs of so many tokens."""
        shape = self.shape
        q, kv = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        # per token: norms and residuals, rotated and plain q, k, v, the gated layer, LoRA's inner
        layer = 10 * shape.hidden + 4 * q + 4 * kv + 5 * shape.ffn + 7 * self.rank
        return tokens * layer * self.width

    def kept_bytes(self, tokens: int) -> float:
        """What is kept of a forward pass until its backward pass."""
        if not self.checkpointing:
            return self.shape.layers * self.layer_bytes(tokens)
        return self.shape.layers * tokens * self.shape.hidden * self.width


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes by what they are for, in the order in which they are taken."""

    wanted: Wanted
    parts: dict[str, int]

    @property
    def total(self) -> int:
        """All parts, as if their peaks met."""
        return sum(self.parts.values())


def memory_of(wanted: Wanted) -> Memory:
    """The parts of a run's peak."""
    shape, plain = wanted.shape, wanted.width
    small = 2 if wanted.optimiser == "adamw_8bit" else 8
    parts: dict[str, float] = {
        "weights": shape.linear_params * (NF4 if wanted.quantise else plain),
        "embeddings and head": shape.embedding_params * plain,
        "adapter": 4 * wanted.trained,
        "reference": 4 * wanted.trained,
        "gradients": 4 * wanted.trained,
        "optimiser": small * wanted.trained,
    }
    for section in wanted.forgetting:
        parts[f"state of {section.kind}"] = state_bytes(section, wanted)
    for section in _recorded(wanted):
        parts[f"recording of {section.kind}"] = recorder_bytes(section, wanted)
    moments = sum(moment_bytes(one, wanted) for one in (*wanted.forgetting, *_recorded(wanted)))
    parts |= _activations(wanted)
    gone = sum(size for name, size in parts.items() if name.startswith("activations"))
    parts["end of a step"] = max(0.0, moments - gone)
    parts["runtime"] = _RUNTIME[wanted.device]
    return Memory(wanted, {name: round(size) for name, size in parts.items()})


def _recorded(wanted: Wanted) -> list[Any]:
    """A way that is chosen itself leaves the same, so it has no recorder beside it."""
    chosen = {one.kind for one in wanted.forgetting}
    return [one for one in wanted.recording if one.kind not in chosen]


def _activations(wanted: Wanted) -> dict[str, float]:
    """Hidden states that are kept, one layer's own, the dequantised map, logits."""
    shape, tokens = wanted.shape, wanted.seq_len * wanted.rows
    one, kept = wanted.layer_bytes(tokens), wanted.kept_bytes(tokens)
    largest_map = max(size * out for _, size, out in shape.linears)
    parts: dict[str, float] = {
        "activations kept": kept,
        "activations of one layer": one if wanted.checkpointing else 0,
        "weights unpacked": largest_map * wanted.width if wanted.quantise else 0,
    }
    if wanted.chunked:
        return parts | {"logits": _CHUNK * shape.vocab * 4 * 2}
    return parts | {"logits": tokens * shape.vocab * 10}


def fits(plan: Memory, memory: float) -> bool:
    """Does it fit into ``memory`` bytes, gaps of the allocator left aside?"""
    return plan.total <= USABLE * memory


def require_fit(plan: Memory, memory: float) -> None:
    """Raises ``WILL_NOT_FIT`` that says which knobs would help, or that none does."""
    if fits(plan, memory):
        return
    raise BookError(
        Code.WILL_NOT_FIT,
        _advice(plan.wanted, memory),
        needs_gb=f"{plan.total / 1e9:.1f}",
        usable_gb=f"{USABLE * memory / 1e9:.1f}",
        rank=plan.wanted.rank,
        seq_len=plan.wanted.seq_len,
    )


def largest(wanted: Wanted, memory: float, knob: Literal["rank", "seq_len"]) -> int | None:
    """The largest rank that settings take, or row length, that fits with all else as it is."""
    choices = ASKED if knob == "rank" else LENGTHS
    made: Callable[[int], Wanted] = lambda value: replace(wanted, **{knob: value})  # noqa: E731
    fitting = [value for value in choices if fits(memory_of(made(value)), memory)]
    return max(fitting, default=None)


def _advice(wanted: Wanted, memory: float) -> str:
    help_: list[str] = []
    if (rank := largest(wanted, memory, "rank")) and rank < wanted.rank:
        help_.append(f"training.rank to {rank}")
    if (length := largest(wanted, memory, "seq_len")) and length < wanted.seq_len:
        help_.append(f"training.seq_len to {length}")
    said: list[str] = []
    if help_:
        said.append("Lower " + " or ".join(help_))
    if not wanted.quantise and _would(wanted, memory, quantise=True, checkpointing=True):
        twice = "" if wanted.checkpointing else " and training.checkpointing to on"
        said.append(f"set training.quantise to nf4 (four bits){twice}")
    if not wanted.checkpointing and _would(wanted, memory, checkpointing=True):
        said.append("set training.checkpointing to on")
    heavy = [one.kind for one in wanted.forgetting if _without(wanted, one.kind, memory)]
    if heavy:
        said.append("leave out of training.forgetting: " + ", ".join(heavy))
    return _joined(said) if said else _together(wanted, memory)


def _together(wanted: Wanted, memory: float) -> str:
    """What is enough when no one knob is: the least of them that are, those that cost least
    first; else how much there would have to be."""
    changes: dict[str, dict[str, Any]] = {
        "training.checkpointing to on": {"checkpointing": True},
        "training.quantise to nf4": {"quantise": True},
        "training.forgetting to []": {"forgetting": (), "recording": ()},
    }
    least, said = wanted, list[str]()
    for name, change in changes.items():
        changed = replace(least, **change)
        if memory_of(changed).total < memory_of(least).total:
            least = changed
            said.append(name)
        if fits(memory_of(least), memory):
            return _all_of(said)
    for rank in (one for one in reversed(ASKED) if one <= max(wanted.rank, ASKED[0])):
        if length := largest(replace(least, rank=rank), memory, "seq_len"):
            said += [f"training.rank to {rank}"] if rank != wanted.rank else []
            said += [f"training.seq_len to {length}"] if length < wanted.seq_len else []
            return _all_of(said)
    smallest = memory_of(replace(least, rank=ASKED[0], seq_len=LENGTHS[0])).total
    return (
        f"Set training.model to a smaller model, or train where {ceil(smallest / USABLE / 1e9)} GB "
        f"are free: in four bits, with rank {ASKED[0]}, rows of {LENGTHS[0]} tokens and no way of "
        f"not forgetting this one still takes {smallest / 1e9:.1f} GB"
    )


def _all_of(said: Sequence[str]) -> str:
    if len(said) == 1:  # of ways of not forgetting, leaving out any one may not have been enough
        return f"Set {said[0]}"
    return f"No one change is enough, together these are: set {', '.join(said)}"


def _would(wanted: Wanted, memory: float, **change: Any) -> bool:
    return fits(memory_of(replace(wanted, **change)), memory)


def _without(wanted: Wanted, kind: str, memory: float) -> bool:
    left = tuple(one for one in wanted.forgetting if one.kind != kind)
    return _would(wanted, memory, forgetting=left)


def _joined(said: Sequence[str]) -> str:
    text = "; or ".join(said)
    return text[:1].upper() + text[1:]
