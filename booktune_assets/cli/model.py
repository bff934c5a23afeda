"""``model``: what is done to folders of weights.

Belongs here: options and lines. Does not: the work (``llm/dequantise.py``, in a child).
"""

from __future__ import annotations

from pathlib import Path

import click

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
