"""Scanned sheets that lie on their side or head: told by what is recognised, and put upright.

Belongs here: whether recognised words are words, and boxes of an upright sheet on the sheet as it
lies. Does not: recognising (``scans.py``), pages whose text layer is turned (``glyphs.py``).

A sheet that is read in the wrong direction gives single letters and signs, or capitals in midst of
words. Where too few of its characters stand in words, the other directions are tried, and the best
is taken if it is clearly better: a page of figures and formulas stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from booktune_assets.books.blocks import Parsed

if TYPE_CHECKING:
    from booktune_assets.books.recognised import Word

__all__ = ["TURNS", "best_turn", "is_sound", "lay_back"]

TURNS = (90, 270, 180)  # clockwise, by how often sheets lie so
_RUN = re.compile(r"[^\W\d_]{4,}")
_CASES = re.compile(r"[A-Z]?[a-z]{2,}")  # "GenServer", "handleCall"
_SOUND, _BETTER = 0.4, 1.6  # share of characters in such runs; times that of the other directions
_FEW = 20  # characters that tell nothing

Lines = list[list["Word"]]
Box = tuple[float, float, float, float]


def is_sound(lines: Lines) -> bool:
    """Whether what was recognised reads like text, or is too little to say."""
    return _chars(lines) < _FEW or _share(lines) >= _SOUND


def best_turn(lies: Lines, others: Iterable[tuple[int, Lines]]) -> tuple[int, Lines]:
    """The direction in which a sheet is text, with its lines; 0 and ``lies`` where none is.

    ``others`` are asked for one after the other, until one is text.
    """
    for turn, lines in others:
        enough = _chars(lines) >= _FEW and _share(lines) >= _SOUND
        if enough and _share(lines) >= _BETTER * _share(lies):
            return turn, lines
    return 0, lies


def lay_back(parsed: Parsed, turns: Mapping[int, int]) -> None:
    """Give the blocks of sheets that were turned the boxes that they have on these as they lie."""
    sizes = {page.page: (page.width or 0.0, page.height or 0.0) for page in parsed.pages}
    for block in parsed.blocks if turns else ():
        for place in block.places:
            turn = turns.get(place.page or 0)
            if turn and place.box is not None:
                place.box = _lying(place.box, turn, *sizes[place.page or 0])


def _lying(box: Box, turn: int, width: float, height: float) -> Box:
    """A box of the upright sheet on the one that lies, whose width and height these are."""
    spots = [(box[0], box[1]), (box[2], box[3])]
    if turn == 90:
        spots = [(y, height - x) for x, y in spots]
    elif turn == 270:
        spots = [(width - y, x) for x, y in spots]
    else:
        spots = [(width - x, height - y) for x, y in spots]
    (x0, y0), (x1, y1) = spots
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _texts(lines: Lines) -> Iterator[str]:
    return (word.text for line in lines for word in line)


def _chars(lines: Lines) -> int:
    return sum(map(len, _texts(lines)))


def _share(lines: Lines) -> float:
    runs = (run for text in _texts(lines) for run in _RUN.findall(text) if _natural(run))
    return sum(map(len, runs)) / max(1, _chars(lines))


def _natural(run: str) -> bool:
    """Whether its capitals stand where words have them: "INOqUeY" was upside down."""
    plain = run.isupper() or run.islower() or run.istitle() or run.upper() == run.lower()
    return plain or not _CASES.sub("", run)
