"""Bold lines in text size, which running heads may name as they name titles in large type.

Belongs here: what such lines of a page say, away from its edges; how words are compared. Does not:
which lines are running heads (``furniture.py``), which are titles (``headings.py equals.py``).

A bold line at the edge of a page may be a running head itself, and would name itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from booktune_assets.books.folios import LONG
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn

__all__ = ["bold_titles", "fold", "is_bold"]

_SIZE = (-0.3, 1.2)  # pt from the size of text


@lru_cache(maxsize=4096)  # the lines of a page are asked for by several rules
def fold(text: str) -> str:
    """Letters only: numbers, case and punctuation of a running head do not matter."""
    return "".join(filter(str.isalpha, text.casefold()))


def is_bold(line: Line, fonts: Fonts) -> bool:
    """Whether a short line in text size is bold throughout, and no code."""
    low, high = (fonts.body_size + off for off in _SIZE)
    return (
        line.runs[0].font != fonts.body and low < line.size <= high and len(line.text) <= LONG
        and all(run.bold and not fonts.mono(run) for run in line.runs if not run.text.isspace())
    )  # fmt: skip


def bold_titles(
    page: PageDrawn, edges: Iterable[tuple[int, Line, str]], fonts: Fonts
) -> set[str]:  # fmt: skip
    """What such lines say that are none of ``edges``, folded."""
    outer = {n for n, _, _ in edges}
    return {
        fold(line.text) for n, line in enumerate(page.lines)
        if n not in outer and is_bold(line, fonts)
    }  # fmt: skip
