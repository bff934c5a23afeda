"""Which pieces of code are one listing that a page break cuts.

Belongs here: boxes that are cut, code that plainly goes on. Does not: blank lines at the break
(``breaks.py``), text (``stitch.py``).
"""

from __future__ import annotations

import re

from booktune_assets.books.breaks import Cuts, begins_blank, is_cut
from booktune_assets.books.layout import Piece
from booktune_assets.books.measures import Measures
from booktune_assets.books.wraps import is_open

__all__ = ["code_joins"]

_GOES_ON = re.compile(r"(?:end\b|else\b|[)\]}|,>]|rescue\b|after\b|catch\b)")
# The next page begins with a session's prompt to go on, or with a mark of a wrapped row.
_PROMPTED = re.compile(
    r"(?:\.\.\.|\u2026)(?:\([^)]*\))?(?:\(\d+\))?>|[\u21aa\u2937\u21b3\u27a5]\s?\S"
)
_BORDER = 12.0  # pt that a border takes of one of two boxes that end at the same edge
_EDGE, _BELOW = 1.5, 2.5  # pt by which a box may miss the edge of a page; that are no padding
_DARK = 0.3  # of white: what is filled so is a rule, where letters are dark


def code_joins(before: Piece, piece: Piece, measures: Measures, cuts: Cuts) -> bool:
    """Whether a piece of code goes on with the one before it, which ends a page or column."""
    numbered = before.rows[-1].line_no, piece.rows[0].line_no
    if numbered[0] is not None and numbered[1] is not None:
        return 0 < numbered[1] - numbered[0] <= 4
    if _PROMPTED.match(piece.rows[0].text):
        return True
    one, two = before.rows[-1].frame, piece.rows[0].frame
    if (one is None) != (two is None):
        return _open_box(before, piece, measures)
    if one is not None and two is not None:
        wider = abs((one.rect[2] - one.rect[0]) - (two.rect[2] - two.rect[0]))
        bordered = abs(one.rect[2] - two.rect[2]) < 1 and wider < _BORDER and one.filled
        if wider > 3 and not bordered:
            return False
        if one.color != two.color:
            return False
        if cuts.seen:
            cut = is_cut(piece, measures) or _runs_out(before, piece, measures)
            return cut or _at_limits(before, piece, cuts, measures)
    if one is None and piece.page > before.page and begins_blank(piece, measures, cuts):
        return True
    if one is None and piece.page == before.page:
        return True  # one column ends in code, the next begins with it: columns may end anywhere
    high = before.rows[-1].baseline < measures.floor - 5 * measures.code_pitch
    if high and not cuts.over_notes(before.rows[-1], measures.code_pitch):
        return False
    text = "\n".join(row.text for row in before.rows)
    return one is not None or is_open(text) or _goes_on(before, piece) or (
        piece.rows[0].baseline < 0.25 * measures.floor
    )  # fmt: skip


def _goes_on(before: Piece, piece: Piece) -> bool:
    """Whether the first row is set in, or closes what another began."""
    edge = min(row.inked_from() for row in before.rows) - before.rows[0].column[0]
    inside = piece.rows[0].inked_from() - piece.rows[0].column[0] > edge + 2
    return inside or bool(_GOES_ON.match(piece.rows[0].text))


def _open_box(before: Piece, piece: Piece, measures: Measures) -> bool:
    """Whether code goes on where one of its two pages has no box.

    A box of two rules shows the upper one on its first page, the lower one on its last, and none
    on the pages between.
    """
    frame = before.rows[-1].frame or piece.rows[0].frame
    dark = frame is not None and max(frame.color, default=1.0) < _DARK  # drawn as two rectangles
    if frame is None or (frame.filled and not frame.white and not dark):
        return False
    low = before.rows[-1].baseline > measures.floor - 2 * measures.code_pitch
    return low and _goes_on(before, piece)


def _runs_out(before: Piece, piece: Piece, measures: Measures) -> bool:
    """Whether a box runs to the end of what a browser printed into, and its padding ends earlier.

    The blank line that it goes on with looks like the padding of a new one.
    """
    one, two, area = before.rows[-1].frame, piece.rows[0].frame, measures.area
    if area is None or one is None or two is None or piece.page == before.page:
        return False
    below = one.rect[3] - before.rows[-1].baseline - measures.pad_bottom
    ends = abs(one.rect[3] - area[1]) < _EDGE and abs(two.rect[1] - area[0]) < _EDGE
    return ends and below > _BELOW


def _at_limits(before: Piece, piece: Piece, cuts: Cuts, measures: Measures) -> bool:
    """A cut that a blank line hides: the boxes touch the page's limits without new padding."""
    one, two = before.rows[-1].frame, piece.rows[0].frame
    assert one is not None and two is not None
    padded = abs(piece.rows[0].baseline - two.rect[1] - measures.pad_top) <= 1.2
    ended = one.rect[3] - before.rows[-1].baseline >= measures.pad_bottom - 1.5
    touching = abs(two.rect[1] - cuts.top) < 1.2
    return (
        touching
        and one.rect[3] > cuts.bottom - 1.3 * measures.code_pitch
        and not (padded and ended)
    )
