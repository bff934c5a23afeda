"""Types of options, numbers and files to write, and spans of time and counts that are said.

Belongs here: what an option takes, seconds as words. Does not: tables and errors (``words.py``).
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from booktune_assets.cli.words import clean

__all__ = ["Finite", "NewFile", "counted", "span"]


class Finite(click.FloatRange):
    """A range of numbers without those that compare with nothing, or are larger than all."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number. Fails for ``nan`` and ``inf``, which a plain range lets pass."""
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(f"{value} is no number to count with.", param, ctx)
        return found


class NewFile(click.Path):
    """A file to write. Its folder is made before the work, so that none is done for nothing; one
    that is still empty after it goes again, one that stays is said: its name may be a slip."""

    def __init__(self, *, allow_dash: bool = False) -> None:
        super().__init__(path_type=Path, dir_okay=False, allow_dash=allow_dash)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. Fails when its folder cannot be made."""
        found = Path(os.fsdecode(super().convert(value, param, ctx)))
        if str(found) != "-":
            new = [one for one in (found.parent, *found.parent.parents) if not one.exists()]
            if ctx is not None:
                ctx.call_on_close(lambda: _settle(new))
            try:
                found.parent.mkdir(parents=True, exist_ok=True)
            except OSError as problem:
                said = f"Folder '{found.parent}' cannot be made: {problem.strerror}."
                self.fail(said, param, ctx)
        return found


def _settle(folders: Sequence[Path]) -> None:
    """Drop new folders that are empty, the innermost first; say that the others are new."""
    for folder in folders:
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            click.echo(f"new folder {clean(folder)}", err=True)
            return


def counted(count: int, word: str) -> str:
    """``1 unit``, ``2,000 units``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def span(seconds: float) -> str:
    """Hours, minutes or seconds, as few as are needed to compare."""
    for size, name in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} s" if seconds >= 1 else "under a second"
