"""The strength of an adapter of the lake: what its curve says, a copy at another one.

Belongs here: reading curve and receipt, writing the copy. Does not: the rule
(``training/post/choice.py``), the adapter that the chain itself uses (``post.strength``).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from booktune_assets.errors import BookError, Code
from booktune_assets.training.post.choice import ALLOWED, settled, tune_down

if TYPE_CHECKING:
    from booktune_assets.chain.house import House
    from booktune_assets.lake import Lake

__all__ = ["Strengths", "strengths", "turned"]

WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True, slots=True)
class Strengths:
    """An adapter's curve; ``found`` by the rule, ``applied`` to its files (1: as trained)."""

    adapter_id: str
    points: Sequence[Mapping[str, Any]]
    found: float
    applied: float

    def words(self) -> str:
        """What the rule says, and what to do when the files say otherwise."""
        if not self.found:
            return f"every strength of the curve loses more than {ALLOWED:g} nats of general text"
        said = (
            f"strength {self.found:g} learns most and loses at most {ALLOWED:g} nats of general "
            "text"
        )
        if self.found == self.applied:
            return f"{said}, and is what is written"
        return (
            f'{said}; written is {self.applied:g}. post.strength = "auto" writes the other, and '
            "trains nothing again"
        )


def strengths(lake: Lake, adapter_id: str) -> Strengths:
    """What is known of an adapter of the lake."""
    points = lake.read("lora_adapter__curve", adapter_id).sort("kind", "alpha").to_dicts()
    receipt = lake.receipt("lora_adapter", adapter_id)
    notes = receipt.notes if receipt else {}
    return Strengths(adapter_id, points, tune_down(points), float(str(notes.get("applied", 1.0))))


def turned(house: House, adapter_id: str, wanted: float | str, out: Path) -> float:
    """A copy of an adapter's folder at a strength (1: as trained); gives the strength.

    Raises ``BAD_SETTING`` where ``out`` is there already or nothing would be left.
    """
    from booktune_assets.training.post.lines import turn_down

    if out.exists():
        raise BookError(Code.BAD_SETTING, "Name a folder that is not there yet", out=out)
    known = strengths(house.lake, adapter_id)
    strength = settled(known.points, wanted)
    source = house.lake.folder("lora_adapter", adapter_id) / "adapter"
    if not (source / WEIGHTS).is_file():
        raise BookError(
            Code.FILE_MISSING, "Build it again: booktune run lora_adapter", file=source / WEIGHTS
        )
    beside = out.with_name(f".{out.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(source, beside)
    turn_down(beside / WEIGHTS, strength / known.applied)
    beside.rename(out)  # no half adapter is ever there
    return strength
