"""A row of a table as one line of text, and back: cells with bars between them.

Belongs here: how cells are joined in the text of a block, so that they can be told apart again.
Does not: finding tables (``tables.py grids.py``).

A bar that stands alone between blanks in a cell would end it; it is written ``\\|``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["added_by", "parted", "row_text"]

_BAR = re.compile(r"(?<!\S)\|(?!\S)")
_ESCAPED = re.compile(r"(?<!\S)\\\|(?!\S)")


def row_text(cells: Sequence[str]) -> str:
    """The line of a row."""
    return " | ".join(_BAR.sub(r"\\|", cell) for cell in cells)


def added_by(cells: Sequence[str]) -> str:
    """The characters of that line that stand in no cell."""
    return "|" * (len(cells) - 1) + "\\" * sum(len(_BAR.findall(cell)) for cell in cells)


def parted(line: str) -> list[str]:
    """The cells of a line that :func:`row_text` made."""
    return [_ESCAPED.sub("|", cell) for cell in line.split(" | ")]
