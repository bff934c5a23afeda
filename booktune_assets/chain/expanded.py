"""A whole model with added blocks that learned the set (block expansion): no adapter, no asset.

Belongs here: the run of the settings with added blocks in it, where the model goes. Does not: the
method (``training/strategies/expansion.py``), runs that give an adapter (``models.py``). Nothing in
the lake changes: what follows an adapter (alpha curve, merge, routing) has nothing to follow here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from booktune_assets.alone import alone
from booktune_assets.chain.build import build
from booktune_assets.chain.house import House
from booktune_assets.chain.models import books_run, model_name
from booktune_assets.errors import BookError, Code
from booktune_assets.settings_forgetting import faults
from booktune_assets.settings_training import Progressive

if TYPE_CHECKING:
    from booktune_assets.settings import Settings

__all__ = ["Expanded", "every_of", "expanded"]

EVERY = 4  # blocks beside one added block, at most; the paper adds 8 to 32


@dataclass(frozen=True, slots=True)
class Expanded:
    """What was made: blocks before and added, the run's row of ``lora_adapter``."""

    folder: Path
    blocks: int
    added: int
    row: Mapping[str, Any]


def every_of(layers: int, wanted: int | None) -> int:
    """After how many blocks one is added. Raises ``BAD_SETTING`` when they do not come out even."""
    if wanted is None:
        return max(one for one in range(1, EVERY + 1) if layers % one == 0)
    if layers % wanted:
        fits = ", ".join(str(one) for one in range(1, layers + 1) if layers % one == 0)
        raise BookError(
            Code.BAD_SETTING, f"Let --every divide the model's {layers} blocks: {fits}",
            every=wanted,
        )  # fmt: skip
    return wanted


def expanded(house: House, every: int | None, out: Path) -> Expanded:
    """Train added blocks on the newest set and write base and blocks as one model to ``out``.

    What is rehearsed is built where it is not current. Stages, rehearsed rows and other ways of not
    forgetting are those of the settings; columns are left out. A run that was stopped goes on from
    its checkpoint. Raises what a run raises.
    """
    from booktune_assets.training.plan import shape_for
    from booktune_assets.training.run import train

    if out.exists():
        raise BookError(Code.BAD_SETTING, "Name a folder that is not there yet", out=out)
    layers = shape_for(model_name(house))[0].layers
    block = Progressive(form="block_expansion", every=every_of(layers, every))
    plain = _without_columns(house.settings)
    ways = [block, *plain.training.forgetting]
    if wrong := faults(ways, stages=bool(plain.training.stages)):
        raise BookError(Code.BAD_SETTING, wrong[0], forgetting=len(ways))
    outcome = build("rehearsal_set", None, House.open(plain))
    if outcome.error is not None:
        raise outcome.error
    spec, _ = books_run(House.open(plain))
    spec = replace(spec, forgetting=[one.model_dump(mode="json") for one in ways])
    work = plain.home / "work" / "expanded"
    with alone(work):
        made = train(spec, work)
        _placed(work / "model", out)
        shutil.rmtree(work, ignore_errors=True)
    return Expanded(
        out, layers, layers // block.every, made.frames["lora_adapter"].row(0, named=True)
    )


def _without_columns(settings: Settings) -> Settings:
    """Without what puts a second adapter beside a first: added blocks leave none."""
    training = settings.training
    kept = [one for one in training.forgetting if one.kind != "progressive"]
    return settings.model_copy(
        update={"training": training.model_copy(update={"forgetting": kept})}
    )


def _placed(made: Path, out: Path) -> None:
    """Aside first: whoever sees the folder sees all of it, on whatever disk it is."""
    aside = out.with_name(f".{out.name}.tmp-{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made, aside)
        aside.rename(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
