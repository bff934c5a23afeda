"""Where column 0 of a listing is, when the listing itself may begin set in.

Belongs here: the left edge of code, from its box, its line numbers, or the habit of the book. Does
not: the columns right of it (``listing.py``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from booktune_assets.books.glyphs import Box
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
    seen = _Seen(pieces, sides)
    edges, margins = _text_edges(seen), _margins(seen)
    usual = _habit([one.low - edges[one.side] for one in seen.code if one.frame is None])
    leads = [one.lead for one in seen.code if one.lead is not None]
    lead = _habit(leads) if len(leads) >= _FEW else None
    pads = _pads(seen.code, seen.worded)
    found: dict[int, tuple[float, float]] = {}
    for piece, one in zip(code, seen.code, strict=True):
        cell = grid * letters[id(piece)].cell
        if one.lead is not None and lead is not None:
            base = one.low - _columns(one.lead - lead, cell)
        elif one.frame is not None and one.lead is None:
            pad = pads.get(_sort(one, seen.worded), measures.pad_left)
            base = min(one.low, one.frame.rect[0] + pad)
        elif usual is not None:
            base = one.low - _columns(one.low - edges[one.side] - usual, cell)
        else:
            base = one.low
        found[id(piece)] = base, margins[one.side]
    return found


@dataclass(slots=True)
class _Code:
    """Where a piece of code begins, pt, and the room between its line numbers and the code."""

    page: int
    side: Side
    frame: Box | None
    low: float
    lead: float | None


class _Seen:
    """What one pass over the rows of a book shows: in a long one each pass unpacks them."""

    def __init__(self, pieces: Sequence[Piece], sides: _Sides) -> None:
        self.code: list[_Code] = []
        self.worded: set[tuple[int, Rect]] = set()  # boxes that have paragraphs
        self.columns: dict[Side, Counter[int]] = defaultdict(Counter)  # where columns begin
        self.starts: dict[Side, Counter[int]] = defaultdict(Counter)  # where rows of prose do
        self.exact: dict[Side, list[float]] = defaultdict(list)
        self.reach: dict[Side, float] = {}
        self.ends: dict[Side, tuple[list[float], list[float]]] = {}  # of prose; of code
        for piece in pieces:
            self._see(piece.kind, list(piece.rows), sides)

    def _see(self, kind: str, rows: Sequence[Row], sides: _Sides) -> None:
        first, coded = rows[0], kind == "code"
        if coded:
            low, frame = _low(rows), first.frame
            self.code.append(_Code(first.page, sides.of(first), frame, low, _lead(rows, low)))
        elif first.frame is not None:
            self.worded.add((first.page, first.frame.rect))
        for row in rows:
            side = sides.of(row)
            self.columns[side][round(row.column[0])] += 1
            if kind == "prose":
                self.starts[side][round(row.box[0])] += 1
                self.exact[side].append(row.box[0])
            end = row.box[2]
            self.reach[side] = max(self.reach.get(side, 0.0), end)
            ends = self.ends.setdefault(side, ([], []))
            if row.column[1] > end - 1 and row.frame is None:
                ends[coded].append(end)


def _sort(one: _Code, worded: set[tuple[int, Rect]]) -> tuple[tuple[float, ...], bool]:
    """What sort of box code stands in: its colour, and whether it has paragraphs, too."""
    frame = one.frame
    return (frame.color, (one.page, frame.rect) in worded) if frame is not None else ((), False)


def _pads(
    code: Sequence[_Code], worded: set[tuple[int, Rect]]
) -> dict[tuple[tuple[float, ...], bool], float]:
    """The room left of code, pt, in boxes that have paragraphs, too; it is not that of listings."""
    found: dict[tuple[tuple[float, ...], bool], Counter[float]] = defaultdict(Counter)
    for one in code:
        frame, sort = one.frame, _sort(one, worded)
        if frame is not None and sort[1]:
            found[sort][round((one.low - frame.rect[0]) * 2) / 2] += 1
    return {
        sort: counted.most_common(1)[0][0] + 0.25 if counted.total() >= _FEW else float("inf")
        for sort, counted in found.items()
    }


def _margins(seen: _Seen) -> dict[Side, float]:
    """Where the columns of text end, pt: a page of short lines of code does not show it.

    Justified prose ends at one edge; ragged prose and code reach as far as they reach. The left
    one of two columns does not end at the gutter.
    """
    found = dict(seen.reach)
    for side in found:
        prose, code = seen.ends[side]
        if prose:
            found[side] = _edge(prose)
        ends = sorted(code)
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


def _text_edges(seen: _Seen) -> Edges:
    """Where the columns of text begin, pt, on odd and even pages: the first edge many rows share.

    Rows of prose tell, else the edges of the columns as they are on each page. That of one page
    tells little: a page of nothing but the inside of a module is set in.
    """
    prose, exact = seen.starts, seen.exact
    found: Edges = {}
    for side, edges in seen.columns.items():
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


def _low(rows: Sequence[Row]) -> float:
    """Where the leftmost row begins; of a numbered listing only the rows that have a number."""
    return min(row.box[0] for row in _telling(rows))


def _telling(rows: Sequence[Row]) -> Sequence[Row]:
    numbered = [row for row in rows if row.line_no is not None]
    edge = max((row.counter for row in rows if row.counter is not None), default=None)
    right = [row for row in rows if edge is not None and row.box[0] > edge]
    return numbered or right or rows


def _lead(rows: Sequence[Row], low: float) -> float | None:
    """The room between the line numbers of a piece and its code, pt."""
    edges = [row.counter for row in rows if row.counter is not None]
    return low - max(edges) if edges else None
