"""Numbers on the command line: those that are given, and spans of time that are said.

Belongs here: the type of an option, seconds as words. Does not: tables and errors (``words.py``).
"""

from __future__ import annotations

import math
from typing import Any

import click

__all__ = ["Finite", "span"]


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


def span(seconds: float) -> str:
    """Hours, minutes or seconds, as few as are needed to compare."""
    for size, name in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} s" if seconds >= 1 else "under a second"
