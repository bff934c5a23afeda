"""Listings that float: set where a page had room, away from the text that they belong to.

Belongs here: whether a book lets listings with captions float, and which pieces do. Does not:
figures (``figures.py``), notes in the margin (``margins.py``), captions of listings that stand in
their text.

A float stands at the top or the foot of a page or column, with its caption above it, and nothing
between it and the edge but other floats. A listing in its text does so now and then; where nearly
all do, they float: then text and code go on past them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from booktune_assets.books.layout import Piece

__all__ = ["floating"]

_CAPTION = re.compile(
    r"(?:listing|example|program|code|source|snippet)\s+[\dA-Z]+(?:[.-]\d+)*\b", re.I
)
_ENOUGH = 5  # listings with a caption
_NEARLY = 0.9  # of them stand at an edge
_SMALL = frozenset({"footnote"})


def floating(pieces: Sequence[Piece]) -> frozenset[int]:
    """The ids of the pieces of floats; none in a book whose listings stand in their text."""
    edge: list[Piece] = []
    count = inner = 0
    flow = [piece for piece in pieces if piece.kind not in _SMALL and not piece.beside]
    for _, group in groupby(flow, key=lambda one: (one.page, round(one.rows[0].column[0]))):
        units = list(_units(list(group)))
        floats = [len(unit) > 1 for unit in units]
        first = floats.index(False) if False in floats else len(floats)
        last = floats[::-1].index(False) if False in floats else 0
        for number, unit in enumerate(units):
            if not floats[number]:
                continue
            if number < first or number >= len(units) - last:
                count += 1
                edge += unit
            else:
                inner += 1
    often = count >= _ENOUGH and count >= _NEARLY * (count + inner)
    return frozenset(map(id, edge)) if often else frozenset()


def _units(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """The pieces of a column, a caption of a listing with the code right below it."""
    at = 0
    while at < len(pieces):
        pair = pieces[at : at + 2]
        if len(pair) > 1 and pair[1].kind == "code" and _CAPTION.match(pair[0].rows[0].text):
            yield pair
            at += 2
        else:
            yield pair[:1]
            at += 1
