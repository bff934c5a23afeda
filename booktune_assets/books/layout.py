"""Rows into pieces: what stands together on one page, and what it is.

Belongs here: code against prose, paragraphs, lists, tables, callouts, footnotes, captions, within a
page. Does not: joining over pages and text (``stitch.py``), headings (``headings.py``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from booktune_assets.books.cellwraps import aligned, is_beside, justified
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.labelled import counts_on, names_task
from booktune_assets.books.labels import bare_number, begins_caption, is_label
from booktune_assets.books.lang import classify
from booktune_assets.books.measures import SIZES, UNEVEN, Measures
from booktune_assets.books.rowbook import Kept, RowBook
from booktune_assets.books.rows import Row, raised
from booktune_assets.books.saidadvice import is_advice_label
from booktune_assets.books.titlerows import runs_apart
from booktune_assets.books.worded import listed

__all__ = ["Piece", "into_pieces", "put_by"]

_BULLET = re.compile(
    r"^[\u2022\u25e6\u25aa\u25ab\u2023\u2043\u25cf\u25cb\u25a0\uf0b7\u00b7\u2013*-]\s+(?=\S)"
)
_COUNT = re.compile(r"\d{1,2}\s+\S+(?:\s+\S+){2}")  # and three words
_ITEM = re.compile(
    r"^(?:\(?\d{1,2}[.)]|[a-z][.)]|[\u2460-\u2473\u2776-\u2793\u24eb-\u24ff])\s+(?=\S)"
)
_APART = 1.5  # rows from the last of a listing to the first of the next
_LANGUAGES = frozenset({"elixir", "erlang", "iex", "erl_shell", "shell"})
_NUMBERS = 4  # line numbers of neighbours differ by more only between listings
_NOTE = re.compile(r"^(?:\[\d{1,3}\]|(?:\d{1,3}|[*\u2020\u2021\u00a7])[.)]?)\s*\S")
_FOOT = 0.85  # of the lowest baselines: what stands below is at the foot of its column
_TWICE = 2
_LEFT = 6.0  # pt
_MIXED = 6  # rows that show that sizes are mixed within listings
_WORD, _HALF = 0.7, 0.5  # type sizes that a letter takes at most; of its column, that a title fills


@dataclass(slots=True, eq=False)
class Piece:
    """Rows of one page that belong together; they are in a book of rows once they are put by.

    ``notes`` are page and sign of the footnotes that its text refers to; of a footnote, its own.
    """

    kind: str
    rows: Sequence[Row]
    notes: tuple[tuple[int, str], ...] = ()
    beside: bool = False  # a note beside code, which may go on past it

    @property
    def page(self) -> int:
        """The page, 1-based."""
        return self.rows.page if isinstance(self.rows, Kept) else self.rows[0].page

    @property
    def whole(self) -> Sequence[Row]:
        """The rows with their runs, which ``rows`` may lack in a long book: it is slower so."""
        return self.rows.whole() if isinstance(self.rows, Kept) else self.rows

    def forget(self) -> None:
        """Let go of the rows of all pages before."""
        if isinstance(self.rows, Kept):
            self.rows.forget()


def put_by(pieces: Sequence[Piece], book: RowBook) -> None:
    """Leave the rows of a page's pieces to a book of rows, where only code and tables keep runs."""
    start, packs = len(book), book.packs
    for piece in pieces:
        for row in piece.rows if packs and piece.kind not in ("code", "table") else ():
            row.runs = []
    book.add([row for piece in pieces for row in piece.rows])
    if not packs:
        return
    for piece in pieces:
        end = start + len(piece.rows)
        piece.rows = Kept(book, start, end, piece.page)
        start = end


def into_pieces(rows: Sequence[Row], fonts: Fonts, measures: Measures) -> list[Piece]:
    """The pieces of one page, in reading order."""
    _mark_tables(rows)
    _mark_code(rows, fonts, measures)
    _mark_notes(rows, fonts, measures.floor)
    pieces: list[Piece] = []
    grown: list[Row] = []
    for number, row in enumerate(rows):
        before = rows[number - 1] if number else None
        kind = row.role or _kind(row, fonts, before)
        if pieces and before is not None and _continues(pieces[-1], kind, before, row, measures):
            grown.append(row)
        else:
            grown = [row]
            pieces.append(Piece(kind, grown))
    if not rows or rows[0].page not in fonts.read:  # else narrow rows may be code, or all there is
        _mark_figures(pieces)
    return pieces


def _mark_figures(pieces: list[Piece]) -> None:
    """The words inside of a drawing, which stand above its caption, are not text."""
    for number, piece in enumerate(pieces):
        first = piece.rows[0]
        if piece.kind != "caption" or first.tied:
            continue
        if not first.text.lower().startswith(("figure", "diagram")):
            continue
        for above in reversed(pieces[:number]):
            if above.kind not in ("prose", "callout", "code") or not all(map(_narrow, above.rows)):
                break
            if above.kind == "code" and _is_listing(above.rows):
                break  # some houses call their listings figures
            above.kind = "figure"


def _is_listing(rows: Sequence[Row]) -> bool:
    """Whether rows of code show a language, as words in a drawing do not."""
    return classify("\n".join(row.text for row in rows))[1] in _LANGUAGES


def _narrow(row: Row) -> bool:
    wide = row.column[1] - row.column[0]
    frame = row.frame
    boxed = frame is not None and frame.rect[2] - frame.rect[0] > 0.6 * wide
    return not boxed and (len(row.parts) > 1 or row.box[2] - row.box[0] < 0.4 * wide)


def _mark_code(rows: Sequence[Row], fonts: Fonts, measures: Measures) -> None:
    """Set ``role = "code"``: whole frames first, then rows that are fixed-pitch throughout."""
    for before, row in pairwise(rows):
        near = 0 < row.baseline - before.baseline < 1.3 * measures.pitch_of(row)
        if row.frame is None and before.frame is not None and near and row.mono and before.mono:
            row.frame = before.frame  # it runs out of a box that is too small for it
    framed: dict[int, list[Row]] = {}
    for row in rows:
        if row.frame is not None and not row.role:
            framed.setdefault(id(row.frame), []).append(row)
    for members in framed.values():
        mono = sum(row.mono for row in members)
        if mono >= 0.6 * len(members):
            for row in listed(members, measures.fonts):
                row.role = "code"
    for index, row in enumerate(rows):
        if not row.mono or row.role or _inline(rows, index, fonts, measures):
            continue
        if not measures.speaks(row) or _is_listing([row]):
            row.role = "code"


def _inline(rows: Sequence[Row], index: int, fonts: Fonts, measures: Measures) -> bool:
    """Whether a fixed-pitch row is only an item, or the end or middle of a paragraph."""
    row = rows[index]
    before = rows[index - 1] if index else None
    after = rows[index + 1] if index + 1 < len(rows) else None
    if row.bullet or (_BULLET.match(row.text) and not fonts.mono(row.runs[0])):
        return True
    if before is None or before.role or before.frame is not row.frame or measures.lists(row):
        return False
    close, aligned, full = _stands(before, row, measures)
    if close and aligned and full and abs(row.size - fonts.code_size) > 0.04 * row.size:
        return True  # set as code in text is, and not as listings are
    if after is not None and not after.mono and not after.role:
        close_after = 0 < after.baseline - row.baseline < 1.08 * measures.pitch
        return close and aligned and (close_after or (full and _wraps(before, row, fonts)))
    if not (close and full and aligned):
        return False
    # a listing in its own size, a distance below, is not what this row goes on with
    other = after is not None and abs(after.size - row.size) > 0.04 * row.size
    apart = after is not None and after.baseline - row.baseline > 1.08 * measures.pitch
    return after is None or not after.mono or (other and apart) or _wraps(before, row, fonts)


def _stands(before: Row, row: Row, measures: Measures) -> tuple[bool, bool, bool]:
    """Whether a row stands right below another, at its edge, and whether that one is full."""
    close = 0 < row.baseline - before.baseline < 1.08 * measures.pitch
    full = before.box[2] > before.column[1] - 0.2 * (before.column[1] - before.column[0])
    item = before.bullet or _BULLET.match(before.text) or _ITEM.match(before.text)
    hangs = bool(item) and 4 <= row.box[0] - before.box[0] < 40
    aligned = abs(row.box[0] - before.box[0]) < 4 or len(before.parts) > 1 or hangs
    return close, aligned, full


def _wraps(before: Row, row: Row, fonts: Fonts) -> bool:
    """Whether the row above, which is of a paragraph, ends in code of the same size: code within a
    sentence that runs over its line, however many rows it takes."""
    last = next((run for run in reversed(before.runs) if run.text.strip()), None)
    return last is not None and fonts.mono(last) and abs(last.size - row.size) < 0.04 * row.size


def _mark_tables(rows: Sequence[Row]) -> None:
    """Set ``role = "table"`` on runs of rows whose parts begin at shared edges."""
    index = 0
    while index < len(rows):
        end = index
        edges: list[float] = []
        split = 0
        while end < len(rows) and (
            _tabular(rows[end], edges, started=bool(edges))
            or (edges and is_beside(rows[end - 1], rows[end]))
        ):
            edges += [x for x in rows[end].parts if all(abs(x - edge) > 3 for edge in edges)]
            split += len(rows[end].parts) > 1
            end += 1
        many = split >= 2 and split >= 0.3 * (end - index)
        if index and many and not rows[index - 1].role and is_beside(rows[index - 1], rows[index]):
            index -= 1  # the first line of a cell whose neighbours stand at its middle
        if many and _shared(rows[index:end]) and not justified(rows[index:end]):
            counted = _counted(rows[index:end])
            for row in rows[index:end] if not counted else ():
                row.role = "table"
            for row in counted:
                row.bullet = True
        index = max(end, index + 1)


def _counted(rows: Sequence[Row]) -> list[Row]:
    """The rows that begin remarks counted from 1 on, if all are such: sentences behind numbers.

    Signs in circles stand apart from their words, as the cells of a table do.
    """
    items: list[list[Row]] = []
    for row in rows:
        if len(row.parts) == 2 and _COUNT.match(row.text):
            items.append([row])
        elif not items or len(row.parts) > 1:
            return []
        else:
            items[-1].append(row)
    numbers = [int(item[0].text.split(maxsplit=1)[0]) for item in items]
    ended = all(item[-1].text.rstrip().endswith((".", "!", "?")) for item in items)
    return [item[0] for item in items] if ended and numbers == [*range(1, len(items) + 1)] else []


def _tabular(row: Row, edges: list[float], *, started: bool) -> bool:
    if row.role or _BULLET.match(row.text) or _ITEM.match(row.text) or row.bullet:
        return False
    if names_task(row.text):
        return False
    if not started:
        return len(row.parts) > 1 and not row.mono
    if len(row.parts) > 1:
        return True
    wide = row.box[2] - row.box[0] > 0.75 * (row.column[1] - row.column[0])
    return not wide and any(abs(row.parts[0] - edge) < 3 for edge in edges)


def _shared(rows: Sequence[Row]) -> bool:
    """At least one inner edge is used by two rows, and not by code alone, which indents, too.

    Of a column that is set flush right or centred it is another edge.
    """
    inner = Counter(round(x / 3) for row in rows for x in row.parts[1:])
    worded = {round(x / 3) for row in rows if not row.mono for x in row.parts[1:]}
    return any(count >= 2 and edge in worded for edge, count in inner.items()) or aligned(rows)


def _mark_notes(rows: Sequence[Row], fonts: Fonts, floor: float) -> None:
    """Set ``role = "footnote"`` on the small print at the foot of a page, or of its columns."""
    columns = [list(group) for _, group in groupby(rows, key=lambda row: row.column)]
    before = 0  # rows in the columns before
    for number, column in enumerate(columns):
        index = end = len(column)
        before += end
        while end and bare_number(column[end - 1].text):
            end = index = end - 1  # the page's number, of too few pages to tell
        if number + 1 < len(columns) and column[-1].baseline < _FOOT * floor:
            continue
        while index and column[index - 1].size < 0.92 * fonts.body_size:
            if column[index - 1].role:
                break
            index -= 1
        while index < end and not _NOTE.match(column[index].text):
            index += 1
        for row in column[index:end] if index or before > len(column) else ():
            row.role = "footnote"


def _kind(row: Row, fonts: Fonts, before: Row | None) -> str:
    if row.bullet or _ITEM.match(row.text) or (_BULLET.match(row.text) and not _dash(row, before)):
        return "list"
    if (row.frame is not None and not row.frame.white) or is_advice_label(row):
        return "callout"
    if begins_caption(row, fonts):
        return "caption"
    return "prose"


def _dash(row: Row, before: Row | None) -> bool:
    """A dash within a sentence that happens to begin a row."""
    if before is None or row.text[0] not in "-\u2013" or before.mono or before.role:
        return False
    full = before.box[2] > before.column[1] - 0.08 * (before.column[1] - before.column[0])
    inside = full and not before.text.rstrip().endswith((".", "!", "?", ":"))
    return inside and abs(row.box[0] - before.box[0]) < 3 and not _BULLET.match(before.text)


def _continues(piece: Piece, kind: str, before: Row, row: Row, measures: Measures) -> bool:
    """Whether a row goes on with the piece that the row before belongs to."""
    gap = row.baseline - before.baseline
    if kind == "code" or piece.kind == "code":
        return kind == piece.kind and _same_listing(piece, before, row, measures)
    if kind == "heading" or piece.kind == "heading":
        return (
            kind == piece.kind and row.level == before.level and row.style == before.style
            and 0 < gap < 1.7 * row.size
            and not (is_label(before.text) or bare_number(before.text) or runs_apart(before, row))
            and not _two_titles(before, row, measures)
        )  # fmt: skip
    if kind == "table" or piece.kind == "table":
        return kind == piece.kind and 0 < gap < 60
    if row.frame is not before.frame or (len(piece.rows) == 1 and is_advice_label(before)):
        return False
    if is_advice_label(row) and before.text.endswith((".", "!", "?", ":")):
        return False
    listed = row.bullet or row.role == "list"
    if listed or (_BULLET.match(row.text) and not _dash(row, before)):
        return False
    if _ITEM.match(row.text) and _hangs(piece, row):
        return False
    if counts_on(piece.rows[0], before, row):
        return False
    if kind == "footnote" and piece.kind == "footnote":
        level = abs(row.box[0] - piece.rows[0].box[0]) < 2  # first rows of notes may be set in
        return not _NOTE.match(row.text) or (row.box[0] > before.box[0] + 2 and not level)
    if kind == "footnote" or kind == "caption" or piece.kind == "footnote":
        return False
    return _same_paragraph(piece, before, row, gap, measures)


def _two_titles(before: Row, row: Row, measures: Measures) -> bool:
    """Whether small bold titles follow each other: the next word would have fitted into the row.

    Large ones are broken where it looks well.
    """
    word = row.text.split(maxsplit=1)[0]
    room = before.column[1] - before.box[2] - _WORD * row.size * (len(word) + 1)
    level = abs(before.box[0] - row.box[0]) < 1 and before.column == row.column
    half = before.box[2] - before.box[0] < _HALF * (before.column[1] - before.column[0])
    return row.bold and level and half and room > 0 and row.size < measures.pitch


def _same_listing(piece: Piece, before: Row, row: Row, measures: Measures) -> bool:
    gap = row.baseline - before.baseline
    if row.line_no is not None and before.line_no is not None:
        near = 0 < row.line_no - before.line_no <= _NUMBERS
        return gap > 0 and near and not _counts_on(before, row, measures)
    if row.frame is not None or before.frame is not None:
        return row.frame is before.frame
    if gap <= 0:
        return False
    pitch = measures.pitch_of(row)
    units = gap / pitch
    if units < 1.3:
        return not measures.parts(before, row, units)
    above = before.baseline - piece.rows[-2].baseline if len(piece.rows) > 1 else 0.0
    # a note or a sign in it may set the row before a little off: then the one above it tells
    both = (gap + above) / pitch - 1 if 0 < above < gap / 1.3 else units
    odd = min(measures.uneven(units), measures.uneven(both))
    # pages that are stretched to their full height stretch blank lines, too, but each differently
    alone = measures.stretched and measures.often(units) < _TWICE
    even = odd < (UNEVEN if alone or raised(before) or raised(row) else measures.slack)
    alike = measures.mixed >= _MIXED or abs(row.size - before.size) < SIZES
    return units < 4.4 and even and alike


def _counts_on(before: Row, row: Row, measures: Measures) -> bool:
    """Whether the next number stands at the next listing: other room is between than blank lines.

    Numbers may count on through a chapter.
    """
    if row.line_no is None or before.line_no is None or row.frame or before.frame:
        return False
    units = (row.baseline - before.baseline) / measures.pitch_of(row)
    odd = abs(units - round(units)) >= UNEVEN
    return units >= _APART and odd and row.line_no == before.line_no + 1 and not raised(before)


def _same_paragraph(piece: Piece, before: Row, row: Row, gap: float, measures: Measures) -> bool:
    if gap <= 0:  # a new column: text goes on there unless it ended
        return not before.text.endswith((".", "!", "?", ":"))
    scale = max(0.6, max(row.size, before.size) / max(4.0, min(row.size, before.size)))
    if gap > 1.14 * measures.pitch * min(scale, 1.15):
        return False
    if abs(row.size - before.size) > 1.5 and row.bold != before.bold:
        return False
    wide = row.column[1] - row.column[0]
    short = before.box[2] < before.column[1] - 0.12 * wide
    indented = row.box[0] - before.box[0]
    if piece.kind == "list" and row.box[0] < piece.rows[0].box[0] - _LEFT:
        return False  # no row of an item begins left of it
    if piece.rows[0].role == "list" and row.box[0] < piece.rows[-1].box[0] + (
        _LEFT if len(piece.rows) == 1 else -_LEFT
    ):  # fmt: skip
        return False  # behind a term all rows are set in
    if piece.kind == "prose" and 4 < indented < 40 and len(piece.rows) > 1:
        return False  # first line of a paragraph
    if piece.kind == "prose" and 4 < indented < 60 and before.box[2] < row.column[0] + wide / 2:
        return False  # what explains the term above, of a list of them
    if piece.kind == "prose" and indented < -4 and (
        row.bold > before.bold or (short and before.text.endswith((".", "!", "?")))
    ):  # fmt: skip
        return False  # the next term
    if piece.kind == "prose" and len(piece.rows) == 1 and abs(indented) < 1 and measures.indent:
        word = row.text.split(maxsplit=1)[0]
        fits = row.column[1] - before.box[2] > _WORD * row.size * (len(word) + 1)
        inset = abs(row.box[0] - row.column[0] - measures.indent) < 2
        if inset and fits and before.text.endswith("."):
            return False  # a paragraph of one row, and the first row of the next
    if (
        piece.kind == "prose"
        and 4 < indented < 40
        and before.text.endswith((".", "!", "?", ":", "\u201d"))
    ):
        return False
    return not (
        short and before.text.endswith((".", "!", "?", ":")) and gap > 1.05 * measures.pitch
    )


def _hangs(piece: Piece, row: Row) -> bool:
    """A number begins an item when it does not stand inside of the paragraph before."""
    first = piece.rows[0]
    return piece.kind != "prose" or row.box[0] > first.box[0] + 3 or bool(_ITEM.match(first.text))
