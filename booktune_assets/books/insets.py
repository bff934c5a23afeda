"""Where column 0 of a listing is, when the listing itself may begin set in.

Belongs here: the left edge of code, from its box, its line numbers, or the habit of the book. Does
not: the columns right of it (``listing.py``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.layout import Measures, Piece
from booktune_assets.books.rows import Row

__all__ = ["left_edges"]

_COMMON = 0.3  # of the rows at the commonest edge: an edge of the text, not of a list
_ROWS = 5  # rows of prose that show an edge
_SECOND = 0.3  # of the width: a column that begins beyond is the second one
_HABIT = 0.6  # of the listings of a book begin at one edge
_NEAR = 1.0  # pt between insets that are one
_FEW = 3  # numbered listings that make a habit
_SET_IN, _WHOLE = 13, 0.12  # columns that a whole listing may be set in, and how exactly

Side = tuple[int, bool]
Edges = dict[Side, float]


def left_edges(
    pieces: Sequence[Piece], measures: Measures, fonts: Fonts, grid: float
) -> dict[int, float]:
    """The x of column 0 of each piece of code, by the id of the piece.

    ``grid`` is how much wider than a letter its cell is.
    """
    code = [piece for piece in pieces if piece.kind == "code"]
    wide = max((row.column[1] for piece in pieces for row in piece.rows), default=0.0)
    edges = _text_edges(pieces, wide)
    usual = _habit([_inset(piece, edges, wide) for piece in code if piece.rows[0].frame is None])
    leads = [lead for piece in code if (lead := _lead(piece)) is not None]
    lead = _habit(leads) if len(leads) >= _FEW else None
    found: dict[int, float] = {}
    for piece in code:
        cell = grid * max(fonts.advance.get(run.font, 0) * run.size for run in piece.rows[0].runs)
        low, frame, own = _low(piece), piece.rows[0].frame, _lead(piece)
        if own is not None and lead is not None:
            found[id(piece)] = low - _columns(own - lead, cell)
        elif frame is not None and own is None:
            found[id(piece)] = min(low, frame.rect[0] + measures.pad_left)
        elif usual is not None:
            found[id(piece)] = low - _columns(_inset(piece, edges, wide) - usual, cell)
        else:
            found[id(piece)] = low
    return found


def _columns(distance: float, cell: float) -> float:
    """The distance, where it is a whole number of columns; else 0."""
    columns = distance / cell if cell else 0.0
    whole = 0.8 < columns < _SET_IN and abs(columns - round(columns)) < _WHOLE
    return round(columns) * cell if whole else 0.0


def _text_edges(pieces: Sequence[Piece], wide: float) -> Edges:
    """Where the columns of text begin, pt, on odd and even pages: the first edge many rows share.

    Rows of prose tell, else the edges of the columns as they are on each page. That of one page
    tells little: a page of nothing but the inside of a module is set in.
    """
    prose: dict[Side, Counter[int]] = defaultdict(Counter)
    other: dict[Side, Counter[int]] = defaultdict(Counter)
    exact: dict[Side, list[float]] = defaultdict(list)
    for piece in pieces:
        for row in piece.rows:
            side = _side(row, wide)
            other[side][round(row.column[0])] += 1
            if piece.kind == "prose":
                prose[side][round(row.box[0])] += 1
                exact[side].append(row.box[0])
    found: Edges = {}
    for side, edges in other.items():
        told = prose[side] if prose[side].total() >= _ROWS else edges
        first = min(x for x, n in told.items() if n >= _COMMON * max(told.values()))
        near = [x for x in exact[side] if abs(x - first) < 1]
        found[side] = sum(near) / len(near) if near else float(first)
    return found


def _side(row: Row, wide: float) -> Side:
    """Odd or even page, and the column: the first or the second."""
    return row.page % 2, row.column[0] > _SECOND * wide


def _habit(found: list[float]) -> float | None:
    """The distance that most of a book's listings share, pt."""
    if not found:
        return None
    found.sort()
    near = max(
        ([one for one in found if abs(one - middle) <= _NEAR] for middle in dict.fromkeys(found)),
        key=len,
    )
    return sum(near) / len(near) if len(near) >= _HABIT * len(found) else None


def _low(piece: Piece) -> float:
    """Where the leftmost row begins; of a numbered listing only the rows that have a number."""
    return min(row.box[0] for row in _telling(piece))


def _telling(piece: Piece) -> list[Row]:
    numbered = [row for row in piece.rows if row.line_no is not None]
    edge = max((row.counter for row in piece.rows if row.counter is not None), default=None)
    right = [row for row in piece.rows if edge is not None and row.box[0] > edge]
    return numbered or right or piece.rows


def _lead(piece: Piece) -> float | None:
    """The room between the line numbers of a piece and its code, pt."""
    edges = [row.counter for row in piece.rows if row.counter is not None]
    return _low(piece) - max(edges) if edges else None


def _inset(piece: Piece, edges: Edges, wide: float) -> float:
    """How far a piece stands in from the text, pt."""
    return _low(piece) - edges[_side(piece.rows[0], wide)]
