"""What is compared, and what was fixed before anything was run.

Belongs here: sizes, arms, the grid of strengths of each, seeds, the rule that chooses a strength.
Does not: running (``runner.py``), what comes out (``verdicts.py``).

Fixed in advance: strengths are chosen on seeds of their own (``TUNING_SEEDS``), on the validation
documents, which are neither memory nor test. Every method with a strength has four values. The
rule: of the values whose gain reaches ``TUNED`` of naive's largest gain, the one that has lost
least there; where none does, the one that gained most. Where that lies at an end of the grid, the
grid goes on beyond this end by the ratio of its last two values (``beyond``), one value and a
choice at a time, ``EXTRA`` values at most, as far as the setting allows. An arm whose gain in the
reported seeds is below ``LEARNED`` of naive's "did not learn", and has no part in what "equal
learning" means.
Seed 0 was looked at while this was built, and is none of those that are reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from booktune_assets.settings_training import Forgetting
from booktune_assets.training.strategies.registry import KINDS

# and the seeds, which are no names to build on
__all__ = ["ARMS", "FREE", "HIGH", "LEARNED", "TUNED", "Arm", "Scale", "present"]

SEEDS = (1, 2, 3, 4, 5, 6)
TUNING_SEEDS = (100, 101)
LEARNED = 0.5  # shares of naive's largest gain
TUNED = 0.75
EXTRA = 2  # values beyond an end of a grid, at most
HIGH = 0.85  # the second point of comparison, for arms that get there
FREE = ("naive", "decay", "low_rate", "alpha")  # what costs nothing beside naive training


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of one comparison. Windows are pieces of text of at most ``window`` bytes."""

    model: str = ""  # a packaged model; empty: a small one that is trained from nothing
    hidden: int = 64
    layers: int = 2
    window: int = 128
    row_windows: int = 4  # windows in a packed row
    batch_rows: int = 2
    memory_windows: int = 2  # windows in a row of memory, for those that look at one in each step
    general_steps: int = 240  # stage 1, all weights; only for a model trained from nothing
    general_rate: float = 3e-3
    domain_steps: int = 100  # stage 2, LoRA
    books_steps: int = 70  # stage 3, LoRA: what the arms differ in
    rate: float = 2e-3
    rank: int = 8
    memory: int = 128  # windows of earlier tasks that a method may look at, half of each
    measured: int = 80  # windows of each task that are measured
    tuned: int = 40  # the same while strengths are chosen: two seeds decide little with more
    checkpoints: tuple[float, ...] = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
    budgets: tuple[float, ...] = (0.15, 0.3, 0.55)  # shorter runs, each with its own decay
    alphas: tuple[float, ...] = (0.15, 0.3, 0.45, 0.6, 0.8)

    def key(self) -> dict[str, Any]:
        """All sizes as JSON."""
        return asdict(self)

    @classmethod
    def of(cls, key: Mapping[str, Any]) -> Scale:
        """The sizes that :meth:`key` gave, after they went through a file."""
        whole: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in key.items()
        }
        return cls(**whole)


@dataclass(frozen=True, slots=True)
class Arm:
    """One way through stage 3. ``forgetting`` are sections of ``training.forgetting``.

    ``knob`` names what the grid varies: ``share``, or ``<section's place>.<its setting>``.
    """

    name: str
    title: str
    forgetting: tuple[Mapping[str, Any], ...] = ()
    knob: str = ""
    grid: tuple[float, ...] = ()
    share: float = 0.0  # of the rows that rehearse
    memory: str = "real"  # or "ssr": what the model wrote itself
    start: str = "continued"  # what becomes of stage 2's adapter: a key of ``runner.STARTS``
    rate: float = 1.0  # of the common rate
    earlier: tuple[str, ...] = ()  # what stage 2 left that the arm may take up
    part: bool = False  # the knob is a part of a whole: above its grid, 1 − value shrinks

    def at(self, value: float | None) -> Arm:
        """The arm with its knob at ``value``; None: as it stands."""
        if value is None or not self.knob:
            return self
        if self.knob == "share":
            return replace(self, share=value)
        place, _, setting = self.knob.partition(".")
        sections = [dict(section) for section in self.forgetting]
        sections[int(place)][setting] = value
        return replace(self, forgetting=tuple(sections))

    def beyond(self, tried: Sequence[float], value: float) -> float | None:
        """The next value of a grid, geometrically, where ``value`` is one of its ends.

        None where it is none, and where the setting takes no such value.
        """
        low, *_, high = ordered = sorted(tried)
        if value not in (low, high):
            return None
        inner = ordered[1] if value == low else ordered[-2]
        if self.part and value == high:
            further = 1 - (1 - value) ** 2 / (1 - inner)
        else:
            further = value * value / inner
        further = float(f"{further:.3g}")
        return further if further not in ordered and self._takes(further) else None

    def _takes(self, value: float) -> bool:
        if self.knob == "share":
            return 0 < value < 1
        try:
            _SECTIONS.validate_python(self.at(value).forgetting)
        except ValidationError:
            return False
        return True

    def job(self) -> dict[str, Any]:
        """What a child is asked to run, as JSON; two arms that do the same have the same."""
        return {
            "arm": self.name, "forgetting": [dict(one) for one in self.forgetting],
            "share": self.share, "memory": self.memory, "start": self.start, "rate": self.rate,
            "earlier": list(self.earlier),
        }  # fmt: skip


_SECTIONS: TypeAdapter[list[Forgetting]] = TypeAdapter(list[Forgetting])


def _ewc(**more: Any) -> dict[str, Any]:
    return {"kind": "ewc", "n": 128} | more


_SHARES, _PARTS = (0.125, 0.25, 0.375, 0.5), (0.03, 0.1, 0.3, 1.0)
# "decay", "alpha" and "lines" come with "naive": shorter runs of it, and its weights scaled
ARMS: tuple[Arm, ...] = (
    Arm("naive", "naive LoRA"),
    Arm("low_rate", "naive, a quarter of the rate", rate=0.25),
    Arm("replay", "replay", ({"kind": "replay"},), "share", _SHARES, 0.25, part=True),
    Arm(
        "ssr", "self-synthesised rehearsal", ({"kind": "replay"},), "share", _SHARES, 0.25, "ssr",
        part=True,
    ),
    Arm("ewc_factored", "EWC on ΔW, factored Fisher", (_ewc(),), "0.target_share", _PARTS),
    Arm("ewc_kfac", "EWC on ΔW, K-FAC", (_ewc(fisher="kfac"),), "0.target_share", _PARTS),
    Arm(
        "ewc_lora", "EWC on A and B", (_ewc(space="lora", fisher="diagonal"),),
        "0.target_share", _PARTS,
    ),
    Arm(
        "ewc_online", "online EWC on ΔW, left by stages 1 and 2", (_ewc(online=0.5),),
        "0.target_share", _PARTS, earlier=("ewc",),
    ),
    Arm(
        "si", "synaptic intelligence", ({"kind": "si"},), "0.c", (0.1, 0.5, 2.0, 10.0),
        earlier=("si",),
    ),
    Arm(
        "fip_penalty", "FIP, penalty", ({"kind": "fip", "n_old": 128},),
        "0.strength", (1.0, 4.0, 16.0, 64.0),
    ),
    Arm(
        "fip_geodesic", "FIP, geodesic", ({"kind": "fip", "mode": "geodesic", "n_old": 128},),
        "0.damping", (0.0005, 0.005, 0.05, 0.5),
    ),
    Arm("kl", "KL to the reference", ({"kind": "kl"},), "0.beta", (0.1, 0.3, 1.0, 3.0)),
    Arm(
        "kl_old", "KL to the reference, on the memory", ({"kind": "kl", "on": "old"},),
        "0.beta", (0.3, 1.0, 3.0, 10.0),
    ),
    Arm("l2", "L2 to the start", ({"kind": "l2"},), "0.strength", (1e-2, 1e-1, 1.0, 10.0)),
    Arm("dft", "DFT", ({"kind": "dft"},)),
    Arm("asft", "ASFT", ({"kind": "asft"},), "0.alpha", (0.03, 0.1, 0.3, 1.0)),
    Arm(
        "stm", "selective token masking, quantile", ({"kind": "stm", "keep_identifiers": False},),
        "0.quantile", (0.65, 0.75, 0.85, 0.95), part=True,
    ),
    Arm("talr", "TALR", ({"kind": "talr"},), "0.temperature", (0.5, 1.0, 2.0, 4.0)),
    Arm("stacked", "stacked adapters", ({"kind": "progressive"},), start="beside"),
    Arm(
        "lateral", "stacked, with lateral gates", ({"kind": "progressive", "form": "lateral"},),
        start="beside",
    ),
    Arm(
        "oplora", "OPLoRA", ({"kind": "oplora"},), "0.k_fraction", (0.1, 0.25, 0.5, 0.75),
        start="beside", part=True,
    ),
    Arm(
        "olora", "O-LoRA", ({"kind": "olora"},), "0.orthogonal", (0.005, 0.05, 0.5, 5.0),
        start="beside",
    ),
    Arm(
        "expanded", "block expansion",
        ({"kind": "progressive", "form": "block_expansion", "every": 1},), start="merged",
    ),
    Arm(
        "replay_ewc", "replay and EWC on ΔW", ({"kind": "replay"}, _ewc()),
        "1.target_share", _PARTS, 0.25,
    ),
)  # fmt: skip


def present(names: Sequence[str] = ()) -> list[Arm]:
    """Arms whose strategies exist here, in order; ``names`` picks some."""
    return [
        arm
        for arm in ARMS
        if all(section["kind"] in KINDS for section in arm.forgetting)
        and (not names or arm.name in names)
    ]
