"""Text that a page draws twice, a hair apart: a shadow, or a bold face that the printer lacked.

Belongs here: finding letters that are drawn again where they stand. Does not: text that nobody can
see (``unseen.py``).

No two letters of a page that a reader can tell apart are nearer than an eighth of their size. So a
piece of text whose every letter has the same letter of another piece so near is drawn again. Of two
equal pieces the one that is drawn first goes: what covers it is what a reader sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from booktune_assets.books.glyphs import Line, PageDrawn, Run
from booktune_assets.books.ledger import Ledger

__all__ = ["take_doubled"]

_NEAR = 0.125  # of the size; letters that differ by less are one
_CROWD = 60  # pieces on one level that are looked at; a page that has more draws something else


class _Piece(NamedTuple):
    """A run, where it stands, and its place in the file."""

    baseline: float
    place: int
    left: float
    right: float
    line: Line
    run: Run


def take_doubled(pages: Iterable[PageDrawn], ledger: Ledger) -> Iterator[PageDrawn]:
    """The pages, without what they draw a second time; what goes is entered as drawn."""
    wanted = ledger.wants("doubles")
    for page in pages:
        found = _doubles(page) if wanted else []
        for piece in found:
            ledger.drew(page.number, piece.run.text)
            ledger.took(page.number, "doubles", piece.run.text)
            _without(piece.line, piece.run)
        if found:
            page.lines = [line for line in page.lines if line.runs]
        yield page


def _without(line: Line, run: Run) -> None:
    line.runs = [one for one in line.runs if one is not run]
    inked = [one for one in line.runs if not one.text.isspace()]
    if not inked:
        line.runs = []
        return
    line.box = inked[0].left, line.box[1], inked[-1].right, line.box[3]


def _doubles(page: PageDrawn) -> list[_Piece]:
    """The pieces of a page whose letters all stand in another piece, too."""
    pieces: list[_Piece] = []
    for line in page.lines:
        for run in line.runs:
            if not run.text.isspace():
                left, right = run.left, run.right
                pieces.append(_Piece(line.baseline, len(pieces), left, right, line, run))
    pieces.sort(key=lambda piece: piece[:2])
    gone: dict[int, _Piece] = {}
    start = 0
    for at, piece in enumerate(pieces):
        near = _NEAR * piece.run.size
        while pieces[start].baseline < piece.baseline - near:
            start += 1
        for other in pieces[max(start, at - _CROWD) : at]:
            apart = other.left > piece.right - near or piece.left > other.right - near
            if apart or other.place in gone or piece.place in gone:
                continue
            if found := _again(*sorted((other, piece), key=lambda one: one.place)):
                gone[found.place] = found
    return list(gone.values())


def _again(one: _Piece, two: _Piece) -> _Piece | None:
    """Which of two pieces, ``one`` drawn first, the other draws again."""
    if abs(one.run.size - two.run.size) > _NEAR * one.run.size:
        return None
    if len(one.run.text) <= len(two.run.text) and _covers(two.run, one.run):
        return one
    return two if _covers(one.run, two.run) else None


def _covers(whole: Run, part: Run) -> bool:
    """Whether each letter of a run is, as near as nothing, in another, too."""
    near = _NEAR * whole.size
    places = {
        (char, int(left / near))
        for char, left in zip(whole.text, whole.lefts, strict=True) if not char.isspace()
    }  # fmt: skip
    return all(
        any((char, int(left / near) + off) in places for off in (-1, 0, 1))
        for char, left in zip(part.text, part.lefts, strict=True) if not char.isspace()
    )  # fmt: skip
