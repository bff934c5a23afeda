"""``model``: what is done to folders of weights.

Belongs here: options and lines. Does not: the work (``llm/dequantise.py`` and
``chain/expanded.py``, in children; ``chain/turned.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import clean, say_table
from booktune_assets.errors import BookError, Code

__all__ = ["model"]

_KINDS = {"new": "loss on held-out answers", "old": "loss on general text"}


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


class _Strength(click.ParamType[float | str]):
    name = "NUMBER|auto"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        """A number above 0 and up to 1, or ``auto``."""
        if value == "auto":
            return "auto"
        number = click.FloatRange(0, 1, min_open=True).convert(value, param, ctx)
        return number if number == number else self.fail("nan is no strength", param, ctx)


@model.command()
@click.argument("out", required=False, type=click.Path(path_type=Path))
@click.option("--strength", type=_Strength(), default="auto", show_default=True,
              help="1 is as trained; auto: what the curve says.")  # fmt: skip
@click.option("--adapter", "wanted", help="Its id in the lake; default: the newest.")
@pass_asked
def adapter(asked: Asked, out: Path | None, strength: float | str, wanted: str | None) -> None:
    """Show how strong an adapter should be; write a copy at a strength to OUT, if OUT is given.

    The copy is an adapter like any other: booktune eval --model BASE --adapter OUT measures it. To
    have evaluation, ask and serving of the chain itself use a strength, set post.strength.
    """
    from booktune_assets.chain.house import House
    from booktune_assets.chain.turned import strengths, turned

    house = House.open(asked.settings)
    key = wanted or house.lake.current_key("lora_adapter")
    if key is None or key not in house.lake.keys("lora_adapter"):
        raise BookError(
            Code.NOT_BUILT, "Build one first: booktune run lora_adapter, or name another --adapter",
            adapter=key or "",
        )  # fmt: skip
    known = strengths(house.lake, key)
    by: dict[float, dict[str, float]] = {}
    for row in known.points:
        by.setdefault(row["alpha"], {})[row["kind"]] = row["loss"]
    rows = [
        [f"{alpha:g}", *(f"{losses[kind]:.4f}" if kind in losses else "" for kind in _KINDS)]
        for alpha, losses in sorted(by.items())
    ]
    say_table(("strength", *_KINDS.values()), rows, right=("strength", *_KINDS.values()))
    click.echo(clean(f"{key}: {known.words()}"))
    if out is not None:
        made = turned(house, key, strength, out.absolute())
        click.echo(clean(f"{out}: {key} at strength {made:g}"))
