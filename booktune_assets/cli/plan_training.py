"""``plan-training``: memory and time of a training run, before anything is loaded.

Belongs here: options and lines. Does not: the figures (``training/plan.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.figures import Finite, span
from booktune_assets.cli.words import clean, say_json, say_table
from booktune_assets.errors import BookError, Code

if TYPE_CHECKING:
    from booktune_assets.settings import Settings
    from booktune_assets.training.plan import Plan

__all__ = ["plan_training"]

SMALL = 2e9  # bytes; plans below are said in megabytes
_PROFILES = ("tiny", "gpu24", "gpu48", "gpu80")


@click.command("plan-training")
@click.option("--profile", type=click.Choice(_PROFILES), help="Default: that of the settings.")
@click.option("--model", help="Name, folder or hub id; nothing of it is downloaded.")
@click.option("--rank", type=click.IntRange(1), help="LoRA rank.")
@click.option("--seq-len", type=click.IntRange(64), help="Tokens per packed row.")
@click.option("--batch-rows", type=click.IntRange(1), help="Packed rows per optimiser step.")
@click.option("--steps", type=click.IntRange(1), help="Optimiser steps.")
@click.option("--memory-gb", type=Finite(0.1), help="Default: the profile's, or free.")
@click.option("--tflops", type=Finite(1e-4), help="Reached, not of the data sheet.")
@click.option("--quantise/--plain", default=None, help="Base in NF4 or not (training.quantise).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@pass_asked
def plan_training(
    asked: Asked, profile: str | None, model: str | None, memory_gb: float | None,
    tflops: float | None, quantise: bool | None, as_json: bool, **own: int | None,
) -> None:  # fmt: skip
    """Print what a training run takes, and refuse one that cannot fit (exit code 1).

    Only the model's configuration is looked at; of models that are not here, their known shape.
    """
    from booktune_assets.llm.architecture import known_shape
    from booktune_assets.llm.fp8 import require_plain
    from booktune_assets.training.memory import require_fit
    from booktune_assets.training.plan import free_memory, plan_of, require_merge

    settings = _settings(asked.settings, profile, model, own)
    figures = {name: item.value for name, item in settings.derived.items()}
    training, named = settings.training, str(figures["model"])
    _require_possible(settings)
    if known_shape(named) is None:  # of a known one memory and time are said all the same
        require_plain(named)
    _require_positions(named, int(figures["seq_len"]))
    made = plan_of(
        str(figures["model"]),
        settings.profile,
        figures,
        forgetting=tuple(training.forgetting),
        memory=memory_gb * 1e9 if memory_gb else None,
        flops=tflops * 1e12 if tflops else None,
        quantise=training.quantise if quantise is None else "nf4" if quantise else "none",
        checkpointing=training.checkpointing,
        stages={n: training.stages[n].steps for n in ("general", "domain") if n in training.stages},
        share=training.rehearsal_share,
        writes=_writes(settings),
        train_chars=_train_chars(settings),
    )
    say_json(made.as_json()) if as_json else _say(made)
    require_plain(str(figures["model"]))
    require_fit(made.memory, made.available)
    if settings.post.merge != "off":
        require_merge(made.memory.wanted.shape, free_memory())


def _require_possible(settings: Settings) -> None:
    """What the run would refuse for its settings and texts alone: ``BAD_SETTING``."""
    from booktune_assets.settings_forgetting import require_adapter, require_written
    from booktune_assets.training.texts import require_texts

    training = settings.training
    require_adapter(training.forgetting)
    require_written(training, settings.rehearsal.sized(settings.profile).synthesised_rows)
    for stage in training.stages.values():
        require_texts(stage.texts)


def _require_positions(model: str, seq_len: int) -> None:
    """Rows longer than the model reads: ``BAD_SETTING``, as the run would say."""
    from booktune_assets.llm.architecture import positions_of

    limit = positions_of(Path(model).expanduser(), model)
    if limit and seq_len > limit:
        raise BookError(
            Code.BAD_SETTING,
            f"The model was made for {limit} positions: lower training.seq_len",
            seq_len=seq_len,
        )


def _writes(settings: Settings) -> tuple[int, int, int]:
    """Questions and answers of the rehearsal set, tokens of each, how many at a time."""
    wanted = settings.rehearsal.sized(settings.profile)
    calls = 2 * (wanted.synthesised_rows or 0) * (wanted.candidates or 1)
    served = settings.llm.engine in ("server", "vllm")
    return calls, wanted.new_tokens or 0, settings.llm.concurrency if served else 16


def _settings(
    settings: Settings, profile: str | None, model: str | None, own: dict[str, int | None]
) -> Settings:
    """The settings with what the command line says put over them, checked as a file would be."""
    from pydantic import ValidationError  # late: --help loads nothing heavy

    from booktune_assets.settings_faults import fault_of

    given: dict[str, Any] = {name: value for name, value in own.items() if value is not None}
    if model is not None:
        given["model"] = model
    try:
        training = type(settings.training).model_validate({**dict(settings.training), **given})
        changed: dict[str, Any] = {**dict(settings), "training": training}
        return type(settings).model_validate(changed | ({"profile": profile} if profile else {}))
    except ValidationError as problem:
        whole = problem.title == type(settings).__name__
        name, remedy = fault_of(problem, type(settings) if whole else type(settings.training))
        name = name if whole else f"training.{name}"
        raise BookError(Code.BAD_SETTING, f"{name}: {remedy}", key=name) from problem


def _train_chars(settings: Settings) -> int | None:
    """Characters of the examples that are trained on, if the set is built."""
    import polars as pl

    from booktune_assets.lake import Lake

    lake = Lake(settings.lake)
    key = lake.current_key("sharegpt_set")
    if key is None:
        return None
    rows = lake.read("sharegpt_set", key).filter(pl.col("split") == "train")
    turns = rows.select(pl.col("conversations").explode().struct.field("value").str.len_chars())
    return int(turns.sum().item() or 0) or None


def _say(made: Plan) -> None:
    from booktune_assets.training.memory import RANKS

    wanted = made.memory.wanted
    click.echo(clean(f"{made.model}: {_many(wanted.shape.params)} weights ({made.source})"))
    click.echo(
        f"rank {wanted.rank}, alpha {2 * wanted.rank}: {_many(wanted.trained)} trained "
        f"({_many(wanted.shape.per_rank)} per unit of rank); {wanted.optimiser}; base in "
        f"{'NF4' if wanted.quantise else 'bf16' if wanted.device == 'cuda' else 'fp32'}; "
        f"{'' if wanted.checkpointing else 'not '}checkpointed"
    )
    unit, size_of = ("GB", 1e9) if made.memory.total >= SMALL else ("MB", 1e6)
    parts = [*made.memory.parts.items(), ("together", made.memory.total)]
    rows: list[tuple[str, str]] = [(name, f"{size / size_of:,.2f}") for name, size in parts if size]
    if made.widest != "books":
        click.echo(f"most memory is taken by the stage {made.widest}, which is what follows")
    rows.append(("available", f"{made.available / size_of:,.2f}"))
    say_table(("memory", unit), rows, right=(unit,))
    click.echo(
        f"largest that fits with all else as it is: rank {made.rank_max or 'none'}, "
        f"seq_len {made.seq_len_max or 'none'}"
    )
    seen = f", the set {made.passes:.1f} times" if made.passes else ""
    lasts = span(made.seconds)
    about = lasts if lasts.startswith("under") else f"about {lasts}"
    click.echo(
        f"{made.steps} steps, at most {made.tokens:,} tokens{seen}: {about} "
        f"at {made.card.flops / 1e12:g} TFLOP/s ({made.card.source})"
    )
    if len(made.times) > 1:
        spent = [(name, span(value)) for name, value in made.times.items() if value]
        say_table(("of which", "time"), spent, right=("time",))
    if made.adapter_rank != wanted.rank:
        click.echo(f"columns of all runs are written as one adapter of rank {made.adapter_rank}")
    if not made.served and made.adapter_rank != wanted.rank:
        click.echo(f"vLLM serves ranks up to {max(RANKS)}: lower training.rank, or train in fewer "
                   "stages")  # fmt: skip
    elif not made.served:
        click.echo("vLLM does not serve this rank: choose 8, 16, 32, 64, 128, 256, 320 or 512")


def _many(count: int) -> str:
    for size, name, digits in ((1e9, "billion", 2), (1e6, "million", 3)):
        if count >= size:
            return f"{count / size:,.{digits}f} {name}"
    return f"{count:,}"
