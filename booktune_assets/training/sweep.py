"""A sweep over learning rates: short runs that differ in nothing else, judged on held-out answers.

Belongs here: the runs, the measure, the rule of choice. Does not: data and settings
(``chain/sweep.py``), the picture (``sweep_plot.py``).

    bits per byte = Σ nats of the learned tokens / (ln 2 · UTF-8 bytes that they spell)

All rates see the same rows in the same order from the same seed. The lowest rate wins whose
held-out loss is within ``WITHIN`` of the best one's: of rates that learn alike, the lower forgets
less. A rate whose loss becomes no number is a row with its code. Each rate is kept by content, so a
sweep that was stopped goes on: in the middle of a rate from its checkpoint.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from booktune_assets.children import run_child
from booktune_assets.errors import BooktuneError, Code
from booktune_assets.ids import digest
from booktune_assets.lake import write_json
from booktune_assets.progress import advance
from booktune_assets.settings_training import Post
from booktune_assets.training.post.build import CHILD
from booktune_assets.training.run import Trained, TrainSpec, config_of, train

__all__ = ["Tried", "chosen", "sweep"]

VERSION = "sweep.1"
WITHIN = 0.002  # of the best rate's loss: less than seeds differ by


@dataclass(frozen=True, slots=True)
class Tried:
    """One rate. Losses in bits per byte: of held-out answers and general text, tuned and base.

    ``loss`` is the mean training loss of the last tenth, nats per token; ``seconds`` are those that
    passed, with programs that start and load (of one that was stopped: since it went on). ``error``
    is a code where the run broke off, and all that would be measured is None then.
    """

    learning_rate: float
    heldout: float | None = None
    heldout_base: float | None = None
    general: float | None = None
    general_base: float | None = None
    loss: float | None = None
    steps: int = 0
    seconds: float = 0.0
    error: str = ""


def sweep(
    spec: TrainSpec,
    rates: Sequence[float],
    examples: Sequence[Mapping[str, Any]],
    texts: Sequence[Mapping[str, Any]],
    work: Path,
    kept: Path,
) -> list[Tried]:
    """Train ``spec`` at each rate, lowest first, and measure on rows that none of them saw.

    ``kept`` is the folder of rates that are done. Raises what a run raises, but for ``NAN_LOSS``.
    """
    found: list[Tried] = []
    wanted = sorted(set(rates))
    for number, rate in enumerate(wanted):
        advance("rates", number, len(wanted), f"{rate:g}")
        one = replace(spec, learning_rate=rate)
        name = digest([VERSION, config_of(one), list(examples), list(texts)])
        file = kept / f"{name}.json"
        if (known := _known(file)) is None:
            known = _tried(one, examples, texts, work / name[:16])
            kept.mkdir(parents=True, exist_ok=True)
            write_json(file, asdict(known))
            shutil.rmtree(work / name[:16], ignore_errors=True)
        found.append(known)
    advance("rates", len(wanted), len(wanted))
    return found


def chosen(tried: Sequence[Tried]) -> Tried | None:
    """The lowest rate whose held-out loss is as good as the best; None when all broke off.

    A rate that leaves held-out answers worse than the base is never chosen.
    """
    fine = [
        (one.heldout, one)
        for one in tried
        if one.heldout is not None and one.heldout < (one.heldout_base or math.inf)
    ]
    if not fine:
        return None
    best = min(loss for loss, _ in fine)
    return min((one for loss, one in fine if loss <= best * (1 + WITHIN)),
               key=lambda one: one.learning_rate)  # fmt: skip


def _known(file: Path) -> Tried | None:
    try:
        return Tried(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _tried(
    spec: TrainSpec,
    examples: Sequence[Mapping[str, Any]],
    texts: Sequence[Mapping[str, Any]],
    work: Path,
) -> Tried:
    began = time.monotonic()
    try:
        made = train(spec, work)
    except BooktuneError as problem:
        if problem.code is not Code.NAN_LOSS:
            raise
        return Tried(
            spec.learning_rate, steps=spec.steps, error=problem.code.value,
            seconds=round(time.monotonic() - began, 1),
        )  # fmt: skip
    row = made.frames["lora_adapter"].row(0, named=True)
    bits = _measured(spec, made, examples, texts, work)
    return Tried(
        spec.learning_rate, bits.get(("new", 1.0)), bits.get(("new", 0.0)),
        bits.get(("old", 1.0)), bits.get(("old", 0.0)), float(row["loss_last"]), spec.steps,
        round(time.monotonic() - began, 1),
    )  # fmt: skip


def _measured(
    spec: TrainSpec,
    made: Trained,
    examples: Sequence[Mapping[str, Any]],
    texts: Sequence[Mapping[str, Any]],
    work: Path,
) -> dict[tuple[str, float], float]:
    """Bits per byte by (kind of text, strength of the adapter)."""
    into = work / "post"
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    order = {
        "model": str(spec.model.path),
        "adapter": str(made.files["adapter/adapter_config.json"].parent),
        "into": str(into),
        "quantise": spec.quantise,
        "seq_len": spec.seq_len,
        "examples": list(examples),
        "texts": list(texts),
        "post": Post(alpha_curve=[1.0]).model_dump(mode="json"),
    }
    result = run_child(CHILD, order, work)
    return {
        (one["kind"], one["alpha"]):
            one["loss"] * one["tokens"] / (math.log(2) * result["bytes"][one["kind"]])
        for one in result["points"]
    }  # fmt: skip
