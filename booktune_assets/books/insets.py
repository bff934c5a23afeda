"""Where column 0 of a listing is, when the listing itself may begin set in.

Belongs here: the left edge of code, from its box, its line numbers, or the habit of the book. Does
not: the columns right of it (``listing.py``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from booktune_assets.books.layout import Piece
from booktune_assets.books.listing import Letters
from booktune_assets.books.measures import Measures
from booktune_assets.books.paths import Rect
from booktune_assets.books.rows import Row

__all__ = ["code_edges"]

_COMMON = 0.3  # of the rows at the commonest edge: an edge of the text, not of a list
_ROWS = 5  # rows of prose that show an edge
_SECOND, _THIRD = 0.3, 0.6  # of the width: a column that begins beyond is the second, the third
_HABIT = 0.6  # of the listings of a book begin at one edge
_NEAR = 1.0  # pt between insets that are one
_MOST = 0.98  # of the rows end left of the margin
_SHARED = 0.25  # of the rows of justified prose end at its edge
_FEW = 3  # numbered listings that make a habit
_SET_IN, _WHOLE = 13, 0.12  # columns that a whole listing may be set in, and how exactly

Side = tuple[int, int, bool]
Edges = dict[Side, float]


class _Sides:
    """Which rows share edges: of odd or even pages, in which column.

    Third, whether a first column ends where a second one of the book begins: wide text does not.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        columns = {row.column for piece in pieces for row in piece.rows}
        wide = max((right for _, right in columns), default=0.0)
        self._starts = _SECOND * wide, _THIRD * wide
        self._gutters = {round(left) for left, _ in columns if left > self._starts[0]}

    def of(self, row: Row) -> Side:
        """The side of a row."""
        left, right = row.column
        number = sum(left > start for start in self._starts)
        return row.page % 2, number, not number and round(right) in self._gutters


def code_edges(
    pieces: Sequence[Piece], measures: Measures, letters: Mapping[int, Letters], grid: float
) -> dict[int, tuple[float, float]]:
    """The x of column 0 of each piece of code and of the right margin, by the id of the piece.

    ``letters`` are the measures of the code, by the same ids; ``grid`` is how much wider than a
    letter its cell is.
    """
    pieces = [piece for piece in pieces if not piece.beside]
    code = [piece for piece in pieces if piece.kind == "code"]
    sides = _Sides(pieces)
    edges = _text_edges(pieces, sides)
    usual = _habit([_inset(piece, edges, sides) for piece in code if piece.rows[0].frame is None])
    leads = [lead for piece in code if (lead := _lead(piece)) is not None]
    lead = _habit(leads) if len(leads) >= _FEW else None
    margins = _margins(pieces, sides)
    worded = {_box(piece) for piece in pieces if piece.kind != "code"}
    pads = _pads(code, worded)
    found: dict[int, tuple[float, float]] = {}
    for piece in code:
        cell = grid * letters[id(piece)].cell
        low, frame, own = _low(piece), piece.rows[0].frame, _lead(piece)
        if own is not None and lead is not None:
            base = low - _columns(own - lead, cell)
        elif frame is not None and own is None:
            base = min(low, frame.rect[0] + pads.get(_sort(piece, worded), measures.pad_left))
        elif usual is not None:
            base = low - _columns(_inset(piece, edges, sides) - usual, cell)
        else:
            base = low
        found[id(piece)] = base, margins[sides.of(piece.rows[0])]
    return found


def _box(piece: Piece) -> tuple[int, Rect] | None:
    row = piece.rows[0]
    return (row.page, row.frame.rect) if row.frame is not None else None


def _sort(piece: Piece, worded: set[tuple[int, Rect] | None]) -> tuple[tuple[float, ...], bool]:
    """What sort of box a piece stands in: its colour, and whether it has paragraphs, too."""
    frame = piece.rows[0].frame
    return frame.color if frame is not None else (), _box(piece) in worded


def _pads(
    code: Sequence[Piece], worded: set[tuple[int, Rect] | None]
) -> dict[tuple[tuple[float, ...], bool], float]:
    """The room left of code, pt, in boxes that have paragraphs, too; it is not that of listings."""
    found: dict[tuple[tuple[float, ...], bool], Counter[float]] = defaultdict(Counter)
    for piece in code:
        frame, sort = piece.rows[0].frame, _sort(piece, worded)
        if frame is not None and sort[1]:
            found[sort][round((_low(piece) - frame.rect[0]) * 2) / 2] += 1
    return {
        sort: counted.most_common(1)[0][0] + 0.25 if counted.total() >= _FEW else float("inf")
        for sort, counted in found.items()
    }


def _margins(pieces: Sequence[Piece], sides: _Sides) -> dict[Side, float]:
    """Where the columns of text end, pt: a page of short lines of code does not show it.

    Justified prose ends at one edge; ragged prose and code reach as far as they reach. The left
    one of two columns does not end at the gutter.
    """
    prose: dict[Side, list[float]] = defaultdict(list)
    code: dict[Side, list[float]] = defaultdict(list)
    found: dict[Side, float] = {}
    for piece in pieces:
        for row in piece.rows:
            side = sides.of(row)
            found[side] = max(found.get(side, 0.0), row.box[2])
            if row.column[1] > row.box[2] - 1 and row.frame is None:
                (code if piece.kind == "code" else prose)[side].append(row.box[2])
    for side in found:
        if prose[side]:
            found[side] = _edge(prose[side])
        ends = sorted(code[side])
        if ends and ends[int(_MOST * (len(ends) - 1))] > found[side] + _NEAR:
            found[side] = ends[int(_MOST * (len(ends) - 1))]
    return found


def _edge(ends: list[float]) -> float:
    """The right edge of prose: the one that many rows share, else that of the longest rows."""
    counted = Counter(round(end) for end in ends)
    edge, _ = counted.most_common(1)[0]
    near = [end for end in ends if abs(end - edge) <= _NEAR]
    ends.sort()
    return max(near) if len(near) >= _SHARED * len(ends) else ends[int(_MOST * (len(ends) - 1))]


def _columns(distance: float, cell: float) -> float:
    """The distance, where it is a whole number of columns; else 0."""
    columns = distance / cell if cell else 0.0
    whole = 0.8 < columns < _SET_IN and abs(columns - round(columns)) < _WHOLE
    return round(columns) * cell if whole else 0.0


def _text_edges(pieces: Sequence[Piece], sides: _Sides) -> Edges:
    """Where the columns of text begin, pt, on odd and even pages: the first edge many rows share.

    Rows of prose tell, else the edges of the columns as they are on each page. That of one page
    tells little: a page of nothing but the inside of a module is set in.
    """
    prose: dict[Side, Counter[int]] = defaultdict(Counter)
    other: dict[Side, Counter[int]] = defaultdict(Counter)
    exact: dict[Side, list[float]] = defaultdict(list)
    for piece in pieces:
        for row in piece.rows:
            side = sides.of(row)
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


def _telling(piece: Piece) -> Sequence[Row]:
    numbered = [row for row in piece.rows if row.line_no is not None]
    edge = max((row.counter for row in piece.rows if row.counter is not None), default=None)
    right = [row for row in piece.rows if edge is not None and row.box[0] > edge]
    return numbered or right or piece.rows


def _lead(piece: Piece) -> float | None:
    """The room between the line numbers of a piece and its code, pt."""
    edges = [row.counter for row in piece.rows if row.counter is not None]
    return _low(piece) - max(edges) if edges else None


def _inset(piece: Piece, edges: Edges, sides: _Sides) -> float:
    """How far a piece stands in from the text, pt."""
    return _low(piece) - edges[sides.of(piece.rows[0])]
