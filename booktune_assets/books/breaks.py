"""Code that a page break cuts: where books cut their code, and the blank lines that a break hides.

Belongs here: the geometry of page ends and beginnings. Does not: which pieces go together
(``stitch.py``).

A blank line at a page's end leaves room in which one more row would have stood; one at the next
page's beginning pushes the first row down. Typesetters also leave room when they keep the last two
rows of a block together (widows): what the room means is then settled by the code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from booktune_assets.books.layout import Piece
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.measures import SIZES, Measures
from booktune_assets.books.rhythm import Rhythm
from booktune_assets.books.rows import Row

__all__ = ["Breaks", "Cuts", "begins_blank", "follows", "is_cut", "measure_cuts"]

_FORM = re.compile(r"^(\s*)(?:defp?|defmacrop?|@\w*doc|@spec|@impl|describe|test|defmodule)\b")
# After these the formatter of Elixir leaves a blank line before a form of the same indent.
_CLOSES = re.compile(
    r"^(\s*)(?:end$|(?:use|alias|import|require) [A-Z]|@moduledoc (?:false|\"[^\"]))"
)
_PROMPT = re.compile(r"\s*(?:iex(?:\([^)\n]*\))?>|(?:\.\.\.|\u2026)[^>\n]{0,20}>|\d+> )")
_RESULT = re.compile(r"^\s*(?:#|%+) ?=>")
_ROOM = 0.97  # of a row's pitch: what one more row would have needed
_EXACT = 0.06  # of a row's pitch
_WHOLE = 0.2  # of a row's pitch: padding is known less exactly than rows
_VARIED, _MOST = 1.5, 0.6  # pt between the ends of cut boxes; share of them that end with a row
_WIDOWS = 2
_SET_IN = 2.0  # pt by which examples stand right of the words above them
_EARLY, _OFTEN = 4.0, 0.2  # rows that no blank line and no widows leave; share of such ends
_TOPS, _SHARED = 2, 0.4  # pages, and their share, whose code begins at one height
_RISE = (0.5, 1.1)  # rows from the top of a page to the first baseline on it
_FULL, _FREE, _AT_TOP = 0.93, 1.02, 0.25  # rows: too little room for one, enough; begins lower
_OVER_NOTES = 4.0  # rows between the last one of a page and its notes
_ENOUGH = 3  # page ends without boxes that make their limits trustworthy


@dataclass(slots=True)
class Cuts:
    """How a book cuts its code at page breaks, pt. ``seen`` counts the evident cuts of boxes.

    ``top``, ``bottom``: where cut boxes begin and end; ``first``, ``rest``: from there to the
    first and from the last baseline. ``head``, ``floor``: first and last baselines of code
    without a box, 0 when too few were seen. Boxes without padding show no cuts but a ``level``.
    ``notes``: where those at the foot of a page, in a column, begin.
    """

    seen: int = 0
    top: float = 0.0
    bottom: float = 0.0
    first: float = 0.0
    rest: float = 0.0
    head: float = 0.0
    floor: float = 0.0
    tight: bool = False  # cut boxes end with their last row, wherever that is
    level: float = 0.0  # the last baseline of boxes that end at one height, whatever is in them
    start: float = 0.0  # the first baseline in the area of a page, if that is known
    last: float = 0.0  # the lowest one that has room in it
    row: float = 0.0  # how far its rows are apart on the average
    single: bool = False  # each row is a block: one alone goes over to the next page
    notes: dict[tuple[int, int], float] = field(default_factory=dict[tuple[int, int], float])

    def over_notes(self, row: Row, pitch: float) -> bool:
        """Whether a row is the last one that its page, or column, has room for above its notes."""
        top = self.notes.get(_column_of(row))
        return top is not None and 0 < top - row.baseline < _OVER_NOTES * pitch


def follows(before: Piece, piece: Piece) -> bool:
    """Whether a piece stands where the text goes on after a full page or column."""
    if piece.page == before.page:
        last, first = before.rows[-1], piece.rows[0]
        return first.column[0] > last.column[0] + 20 and first.baseline < last.baseline
    return piece.page == before.page + 1


def is_cut(piece: Piece, measures: Measures) -> bool:
    """Whether a box begins without its padding: it was cut at the page break."""
    frame = piece.rows[0].frame
    return frame is not None and piece.rows[0].baseline - frame.rect[1] < measures.pad_top - 2.5


def _tops_of_notes(pieces: Sequence[Piece]) -> dict[tuple[int, int], float]:
    tops: dict[tuple[int, int], float] = {}
    for note in (piece.rows[0] for piece in pieces if piece.kind == "footnote"):
        tops.setdefault(_column_of(note), note.box[1])
    return tops


def _column_of(row: Row) -> tuple[int, int]:
    return row.page, round(row.column[0])


def measure_cuts(pieces: Sequence[Piece], measures: Measures) -> Cuts:
    """Where code ends and begins at page breaks, from the breaks that plainly cut it."""
    tops: Counter[float] = Counter()
    pairs = 0
    firsts: list[float] = []
    bottoms: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    ends: list[tuple[float, float]] = []
    found = Cuts(notes=_tops_of_notes(pieces))
    for before, piece in pairwise(piece for piece in pieces if not piece.beside):
        if before.kind != "code" or piece.kind != "code" or not follows(before, piece):
            continue
        last, first = before.rows[-1], piece.rows[0]
        one, two = last.frame, first.frame
        if one is None and two is None and not found.over_notes(last, measures.code_pitch):
            bare.append((last.baseline, first.baseline))
        if one is None or two is None:
            continue
        pairs += 1
        ends.append((one.rect[3], last.baseline))
        if not is_cut(piece, measures):
            continue
        tops[round(two.rect[1])] += 1
        bottoms.append((one.rect[3], one.rect[3] - last.baseline))
        firsts.append(first.baseline - two.rect[1])
    if len(bare) >= _ENOUGH:
        found.floor = _floor([end for end, _ in bare], measures.code_pitch)
        found.head = min(start for _, start in bare)
    found.head = _page_head(pieces) or found.head
    found.level = _level(ends)
    if bottoms and len(bottoms) >= max(1, 0.25 * pairs):
        found.seen, found.top = len(bottoms), tops.most_common(1)[0][0]
        found.bottom = max(bottom for bottom, _ in bottoms)
        found.rest = min(rest for end, rest in bottoms if end > found.bottom - 1)
        found.first = sorted(firsts)[len(firsts) // 4]
        near = sum(rest < found.rest + 0.6 for _, rest in bottoms)
        varied = found.bottom - min(bottom for bottom, _ in bottoms) > _VARIED
        found.tight = varied and len(bottoms) >= _ENOUGH and near >= _MOST * len(bottoms)
    if measures.area:
        _measure_area(found, pieces, measures, measures.area)
    return found


def _measure_area(
    found: Cuts, pieces: Sequence[Piece], measures: Measures, area: tuple[float, float]
) -> None:
    """Where code begins and ends in the area that a browser printed into.

    A row has as much room below its baseline as is left of its height above. Nothing is known
    where rows of the book stand elsewhere.
    """
    code = [piece for piece in pieces if piece.kind == "code" and not piece.beside]
    row = _mean([piece.rows for piece in code], measures.code_pitch)
    start = found.head or (found.top + found.first if found.seen else 0.0)
    last = area[1] - row + start - area[0]
    lowest = max((piece.rows[-1].baseline for piece in code), default=0.0)
    if _RISE[0] * row < start - area[0] < _RISE[1] * row and lowest < last + _WHOLE * row:
        found.start, found.last, found.row = start, last, row
        found.single = sum(_is_alone(*two, found, measures) for two in pairwise(code)) >= _TOPS


def _mean(listings: Sequence[Sequence[Row]], pitch: float) -> float:
    """How far rows are apart on the average, where browsers put each on whole pixels."""
    gaps = [
        after.baseline - before.baseline
        for rows in listings for before, after in pairwise(rows)
    ]  # fmt: skip
    near = [gap for gap in gaps if abs(gap - pitch) < 1]
    return sum(near) / len(near) if near else pitch


def _is_alone(before: Piece, piece: Piece, cuts: Cuts, measures: Measures) -> bool:
    """Whether one row alone goes over to the next page for want of room.

    Of one block of four rows or more, browsers take two over; one alone only where the room below
    it is missing.
    """
    if len(piece.rows) != 1 or len(before.rows) <= _WIDOWS or piece.page != before.page + 1:
        return False
    room = _area_room(before, piece, cuts)
    framed = piece.rows[0].frame is not None
    return room is not None and room < _FULL and (not framed or is_cut(piece, measures))


def _page_head(pieces: Sequence[Piece]) -> float:
    """The first baseline of code without a box that begins pages, where several of them share it.

    Whether it goes on from the page before or not: at a page's top no typesetter leaves room.
    """
    firsts: list[Row] = []
    page = 0
    for piece in pieces:
        first = piece.rows[0]
        if piece.page != page and not piece.beside and piece.kind == "code" and not first.frame:
            firsts.append(first)
        page = piece.page
    if len(firsts) < _ENOUGH:
        return 0.0
    usual, _ = Counter(round(row.size, 1) for row in firsts).most_common(1)[0]
    tops = sorted(row.baseline for row in firsts if abs(row.size - usual) < SIZES)
    shared = sum(top - tops[0] < _EXACT * usual for top in tops)
    return tops[0] if shared >= max(_TOPS, _SHARED * len(tops)) else 0.0


def begins_blank(piece: Piece, measures: Measures, cuts: Cuts) -> bool:
    """Whether a blank line stands above the code at the top of a page: no listing begins so."""
    first = piece.rows[0]
    if first.frame is not None or not cuts.head:
        return False
    rows = (first.baseline - cuts.head) / measures.pitch_of(first)
    return abs(rows - 1) < _EXACT


def _floor(ends: Sequence[float], pitch: float) -> float:
    """The lowest baseline of code at page ends; 0 where so many end high that room says nothing."""
    floor = max(ends)
    early = sum(floor - end > _EARLY * pitch for end in ends)
    return floor if early <= _OFTEN * len(ends) else 0.0


def _level(ends: Sequence[tuple[float, float]]) -> float:
    """The lowest baseline above ends of boxes that are level while their rows are not."""
    if len(ends) < 2:
        return 0.0
    bottoms = [bottom for bottom, _ in ends]
    rests = [bottom - baseline for bottom, baseline in ends]
    level = max(bottoms) - min(bottoms) < 1 and max(rests) - min(rests) > _VARIED
    return max(baseline for _, baseline in ends) if level else 0.0


@dataclass(slots=True)
class Breaks:
    """What a book's code lost at page breaks: by geometry, by the habit of the book, by form."""

    measures: Measures
    cuts: Cuts
    rhythm: Rhythm
    ledger: Ledger

    def blank(
        self, before: Piece, piece: Piece, lines: tuple[str, str], lang: str, *, broad: bool = False
    ) -> int:
        """Blank lines lost between two pieces of one listing; ``lines`` are the ones at the break.

        ``broad``: the one that begins the next page may be of two rows. Line numbers tell, else the
        habit of the book between such lines, else the room at the end and the beginning, else the
        code.
        """
        last, first = before.rows[-1], piece.rows[0]
        if last.line_no is not None and first.line_no is not None:
            return min(5, max(0, first.line_no - last.line_no - 1))
        if _is_full(before, piece, self.cuts):
            return 0
        found = _by_room(before, piece, lines, self.measures, self.cuts, broad=broad)
        seen = begins_blank(piece, self.measures, self.cuts) or _begins_lower(piece, self.cuts)
        if found and piece.page > before.page and seen:
            return found
        habit = self.rhythm.says(*lines, lang) if self.ledger.wants("blank_lines") else None
        if habit is None or habit == bool(found):
            return found
        blank, tight = "\n\n".join(lines), "\n".join(lines)
        self.ledger.took(before.page, "blank_lines", *((tight, blank) if habit else (blank, tight)))
        return int(habit)


def _is_full(before: Piece, piece: Piece, cuts: Cuts) -> bool:
    """Whether a browser, which drops none, had no room for a blank line at either side.

    The last row of a listing takes room below it along, which may not be seen.
    """
    room = _area_room(before, piece, cuts)
    return room is not None and room < (2 if len(piece.rows) == 1 else _FULL)


def _begins_lower(piece: Piece, cuts: Cuts) -> bool:
    """Whether code begins a row below the top of what a browser printed into."""
    below = (piece.rows[0].baseline - cuts.start) / cuts.row if cuts.last else 0.0
    return abs(below - 1) < _WHOLE


def _has_room(before: Piece, piece: Piece, cuts: Cuts, *, broad: bool) -> bool:
    """Whether a browser would have put the next row on the page before.

    It keeps the last two rows of a block together, and room below them that nobody sees.
    """
    room = _area_room(before, piece, cuts)
    kept = len(piece.rows) < (_WIDOWS if cuts.single else _WIDOWS + 1) or (broad and cuts.single)
    return room is not None and not kept and room >= _FREE


def _area_room(before: Piece, piece: Piece, cuts: Cuts) -> float | None:
    """Rows of room at the end of the area of a page, where the next one begins at its very top.

    None: the area is not known.
    """
    last, first = before.rows[-1], piece.rows[0]
    if not cuts.last or piece.page == before.page or (last.frame is None) != (first.frame is None):
        return None
    at_top = abs(first.baseline - cuts.start) < _AT_TOP * cuts.row
    return (cuts.last - last.baseline) / cuts.row if at_top else None


def _by_room(
    before: Piece, piece: Piece, lines: tuple[str, str], measures: Measures, cuts: Cuts, *,
    broad: bool = False,
) -> int:  # fmt: skip
    last, first = before.rows[-1], piece.rows[0]
    pitch = measures.pitch_of(last)
    if not pitch:
        return 0
    if first.frame is not None and last.frame is not None and not cuts.seen:
        top, bottom = _unpadded(last, first, measures)
        head, room = max(_whole(top), 0.0 if cuts.level else _whole(bottom)), 0.0
        if cuts.level and piece.page != before.page:
            room = (cuts.level - last.baseline) / pitch
    else:
        head, room = _head(first, cuts) / pitch, _room(before, piece, cuts) / pitch
    if (blank := min(2, max(0, round(head)))) > 0:
        return blank
    if cuts.tight and last.frame is not None:
        rows = (last.frame.rect[3] - last.baseline - cuts.rest) / pitch
        if rows > 0.5 and abs(rows - round(rows)) < _EXACT:
            return min(2, round(rows))  # blank rows within the box
    if _has_room(before, piece, cuts, broad=broad):
        return 1
    if (
        room >= _ROOM
        and not (broad and cuts.single)
        and (room >= _needed(piece, measures, cuts) or _RESULT.match(lines[0]))
    ):
        return 1
    if _PROMPT.match(lines[1]) and not _PROMPT.match(lines[0]):
        return int(_parts_prompts([*before.rows, *piece.rows], pitch))
    form, closes = _FORM.match(lines[1]), _CLOSES.match(lines[0])
    return int(bool(form and closes and form.group(1) == closes.group(1)))


def _unpadded(last: Row, first: Row, measures: Measures) -> tuple[float, float]:
    """Rows of room within two boxes, of a book that shows no cut otherwise.

    A cut box has no padding, or the usual one: whole rows tell, where it has as much at its sides.
    """
    assert first.frame is not None and last.frame is not None
    pitch = measures.pitch_of(last)
    side = measures.pad_left / pitch
    top = (first.baseline - first.frame.rect[1] - measures.pad_top) / pitch
    bottom = (last.frame.rect[3] - last.baseline - measures.pad_bottom) / pitch
    return _bare(top, side), _bare(bottom, side)


def _bare(rows: float, side: float) -> float:
    cut = rows + side
    whole = round(cut) >= 1 and abs(cut - round(cut)) < _EXACT
    return round(cut) if whole and _whole(rows) == 0.0 else rows


def _whole(rows: float) -> float:
    """Room in rows, where it is that of whole ones; what is left over is no line."""
    return rows if abs(rows - round(rows)) < _WHOLE else 0.0


def _parts_prompts(rows: Sequence[Row], pitch: float) -> bool:
    """Whether a session leaves a blank line before every prompt that follows a value.

    What stands above the first prompt is no value: only examples that are set in below the words of
    a documentation are parted from each other as they are from those.
    """
    parted = tight = 0
    asked = False
    left = min(row.inked_from() for row in rows) + _SET_IN
    for before, row in pairwise(rows):
        asked = asked or bool(_PROMPT.match(before.text))
        if not asked and row.inked_from() <= left:
            continue
        gap = (row.baseline - before.baseline) / pitch
        if gap > 0 and _PROMPT.match(row.text) and not _PROMPT.match(before.text):
            parted += gap > 1.5
            tight += gap <= 1.5
    return parted > 0 and not tight


def _needed(piece: Piece, measures: Measures, cuts: Cuts) -> float:
    """The room, in rows, that the rest of a listing would have filled: more of it was a blank line.

    The last two rows go together, and a box needs its padding below them.
    """
    rows = len(piece.rows)
    if rows > 1:  # blank ones are rows, too
        high = piece.rows[-1].baseline - piece.rows[0].baseline
        rows = max(rows, round(high / measures.pitch_of(piece.rows[0])) + 1)
    padding = 0.0
    if piece.rows[-1].frame is not None:
        padding = max(0.0, measures.pad_bottom - cuts.rest) / measures.pitch_of(piece.rows[-1])
    return rows + padding if rows <= _WIDOWS and (padding or rows == _WIDOWS) else _ROOM


def _head(first: Row, cuts: Cuts) -> float:
    """How much lower than usual the code begins, pt."""
    if first.frame is not None:
        return first.baseline - first.frame.rect[1] - cuts.first
    return first.baseline - cuts.head if cuts.head else 0.0


def _room(before: Piece, piece: Piece, cuts: Cuts) -> float:
    """How much room the page had below the last row, pt; a box that ends early had none.

    Columns that are balanced end anywhere.
    """
    last = before.rows[-1]
    if last.frame is not None:
        reaches = last.frame.rect[3] > cuts.bottom - 1 or piece.page == before.page
        return last.frame.rect[3] - last.baseline - cuts.rest if reaches else 0.0
    noted = cuts.over_notes(last, last.size * 1.2)  # who knows how much room they leave
    return cuts.floor - last.baseline if cuts.floor and not noted else 0.0
