"""``model``: what is done to folders of weights.

Belongs here: options and lines. Does not: the work (``llm/dequantise.py`` and
``chain/expanded.py``, in children).
"""

from __future__ import annotations

from pathlib import Path

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import clean

__all__ = ["model"]


@click.group()
def model() -> None:
    """Prepare folders of model weights."""


@model.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path))
def dequantise(folder: Path, out: Path) -> None:
    """Write the FP8 checkpoint FOLDER as BF16 to OUT, which must not be there yet.

    For checkpoints with one scale for each tensor, as Devstral Small 2 (2512) has. OUT appears when
    it is complete; it takes twice the room of FOLDER.
    """
    from booktune_assets.llm.dequantise import dequantised

    made = dequantised(folder, out)
    click.echo(
        clean(f"{out}: {made['tensors']} tensors in {made['files']} files, {made['scaled']} of "
              "them were FP8")
    )  # fmt: skip


@model.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--every", type=click.IntRange(1), help="One block after so many; default: up to 4.")
@pass_asked
def expand(asked: Asked, out: Path, every: int | None) -> None:
    """Train added blocks on the newest set; write base and blocks as one model to OUT.

    Block expansion gives a whole model and no adapter, so the lake stays as it is. Figures, stages
    and ways of not forgetting are those of [training]; sharegpt_set has to be built, rehearsal_set
    is where it is not current. A run that was stopped goes on. Then: booktune eval --model OUT, and
    the same for the base.
    """
    from booktune_assets import progress
    from booktune_assets.chain.expanded import expanded
    from booktune_assets.chain.house import House
    from booktune_assets.cli.run import Ticker

    with Ticker(0) as ticker, progress.sink(ticker.tick):
        made = expanded(House.open(asked.settings), every, out.absolute())
    row = made.row
    click.echo(
        clean(f"{out}: {made.blocks} blocks and {made.added} added, {row['trainable']:,} weights "
              f"learned in {row['steps']} steps; loss {row['loss_first']:.3f}, at the end "
              f"{row['loss_last']:.3f}")
    )  # fmt: skip
    click.echo(clean(f"to measure it: booktune eval --model {out}"))
