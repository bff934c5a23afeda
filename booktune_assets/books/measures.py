"""Distances that a book repeats: of its rows, of its code in each size, of blank lines, in boxes.

Belongs here: measuring them over all rows of a book. Does not: what follows from them for a page
(``layout.py``), edges of code (``insets.py``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.rows import Row
from booktune_assets.books.worded import WordFonts

__all__ = ["SIZES", "UNEVEN", "Measures", "measure_rows"]

SIZES = 0.3  # pt by which type sizes of one listing differ, unless the book mixes them
UNEVEN = 0.17  # rows by which a distance in code may be off whole ones
_ENOUGH = 3  # blank lines that tell how high they are
_ROWS = 50  # of code, that tell how evenly it is set
_PARTS = 50
_BLANKS = 0.1  # rows by which they may differ
_CLOSE, _NEXT = 1.12, 1.3  # rows: from here on a distance is more than one row; here it is plain
_NEARLY = 0.8  # of the distances of a kind are alike
_ALIKE = 0.03  # rows by which the room between listings that follow each other differs
_STEPS, _INDENTED = (4.0, 40.0), 10  # pt that an indent may have; paragraphs that have it
_LISTED = 12  # rows of code below others in the same type
_OTHER = 12  # distances in code of another size than most
_PIXEL, _MOST = 1.2, 0.95  # of the pixel that rows stand on, for what is rounded; of distances
_SHARED = 6  # rooms in code as high as one or two blank lines that are sure
_APART, _SHARE = 0.08, 0.5  # of the usual distance; of the distances in that size


@dataclass(slots=True)
class Measures:
    """Distances that a document repeats, pt."""

    pitch: float = 14.0
    code_pitch: float = 11.0
    pad_left: float = 6.0
    pad_top: float = 0.0
    pad_bottom: float = 0.0
    floor: float = 0.0
    area: tuple[float, float] | None = None  # top and bottom of what a browser printed into
    blank: float = 1.0  # height of a blank line in code without a box, in rows
    slack: float = UNEVEN  # how far such heights differ, in rows
    fonts: frozenset[str] = frozenset()  # of words, outside of boxes of code
    stretched: bool = False  # some of them are higher than others
    rooms: Counter[int] = field(default_factory=Counter[int])  # gaps of code, in parts of a row
    pitches: dict[float, float] = field(default_factory=dict[float, float])  # by other type sizes

    parted: float = 0.0  # rows from one listing to the next, where that is less than a blank line

    faces: frozenset[tuple[str, float]] = frozenset()  # type of listings that no sentence has

    spoken: frozenset[tuple[str, float]] = frozenset()  # type of code that only words hold
    indent: float = 0.0  # pt by which first rows of paragraphs are set in, in most of the text

    mixed: int = 0  # rows of code right below one in another size: output in smaller type

    def pitch_of(self, row: Row) -> float:
        """The usual distance of rows of code in the type size of one."""
        return self.pitches.get(_half(row.size), self.code_pitch)

    def lists(self, row: Row) -> bool:
        """Whether a row is set as only listings are: inline code of this book looks otherwise."""
        return _face(row) in self.faces

    def speaks(self, row: Row) -> bool:
        """Whether a row is set as code within words is, and never two rows of a listing."""
        return _face(row) in self.spoken

    def parts(self, before: Row, row: Row, units: float) -> bool:
        """Whether so much room between rows of one font, in rows, parts listings in this book."""
        return abs(units - self.parted) < _ALIKE and _plain(before, row)

    def often(self, units: float) -> int:
        """How often the book leaves about this room between rows of code."""
        place = round(units * _PARTS)
        return sum(self.rooms[place + near] for near in (-1, 0, 1))

    def uneven(self, units: float) -> float:
        """How far a distance of ``units`` rows is from one of whole blank lines, in rows."""
        lines = (units - 1) / self.blank
        return abs(lines - round(lines)) * self.blank


def measure_rows(
    rows: Sequence[Row], fonts: Fonts, area: tuple[float, float] | None = None
) -> Measures:
    """The distances of a document, from all of its rows; ``area``: what pages were printed into."""
    prose: Counter[float] = Counter()
    code: Counter[float] = Counter()
    gaps: list[float] = []
    sizes: dict[float, list[float]] = defaultdict(list)
    faces, steps = _Faces(fonts), Counter[float]()
    pages = _Pages()
    for before, after in pairwise(map(pages.passing, rows)):
        faces.see(before, after)
        gap = after.baseline - before.baseline
        if before.page != after.page or not 0 < gap < 40:
            continue
        if before.mono and after.mono:
            code[round(gap * 2) / 2] += 1
            gaps.append(gap)
            if _half(before.size) == _half(after.size):
                sizes[_half(after.size)].append(gap)
        elif not before.mono and not after.mono and abs(after.size - fonts.body_size) < 0.6:
            prose[round(gap * 2) / 2] += 1
            step = before.box[0] - after.box[0]
            steps[round(step)] += before.column == after.column and _STEPS[0] < step < _STEPS[1]
    found = Measures(area=area)
    found.pitch = _mode(prose, 1.35 * fonts.body_size)
    found.code_pitch = _exact(gaps, _mode(code, 1.25 * (fonts.code_size or fonts.body_size)))
    found.pitches = _pitches(sizes, found.code_pitch)
    pages.close()
    found.floor = pages.floor()
    found.faces, found.spoken = faces.found(), faces.spoken()
    found.indent = _indent(steps)
    pages.pads(found)
    found.fonts = pages.words.found()
    _measure_blanks(rows, found)
    return found


@dataclass(slots=True)
class _Faces:
    """Fonts and sizes of rows of code below each other, and those of code within sentences."""

    fonts: Fonts
    alone: Counter[tuple[str, float]] = field(default_factory=Counter[tuple[str, float]])
    inside: Counter[tuple[str, float]] = field(default_factory=Counter[tuple[str, float]])

    def see(self, before: Row, row: Row) -> None:
        """Look at a row and the one before it."""
        if row.mono:
            self.alone[_face(row)] += before.mono and _face(before) == _face(row)
            return
        self.inside.update(
            {(run.font, _half(run.size)) for run in row.runs if self.fonts.mono(run)}
        )

    def found(self) -> frozenset[tuple[str, float]]:
        """Those of listings that no sentence has; none where no sentence holds code."""
        often = {face for face, count in self.alone.items() if count >= _LISTED}
        return frozenset(often - self.inside.keys()) if self.inside else frozenset()

    def spoken(self) -> frozenset[tuple[str, float]]:
        """Those that only code within words has; none where listings have no type of their own."""
        if not self.found():
            return frozenset()
        return frozenset(
            face for face, n in self.inside.items() if n >= _LISTED and not self.alone[face]
        )


def _face(row: Row) -> tuple[str, float]:
    return row.font, _half(row.size)


def _indent(steps: Counter[float]) -> float:
    """How far first rows of paragraphs are set in, if nearly all steps back are as wide."""
    usual, count = steps.most_common(1)[0] if steps else (0.0, 0)
    near = sum(steps[usual + off] for off in (-1, 0, 1))
    return usual if count >= _INDENTED and near >= _NEARLY * steps.total() else 0.0


def _pitches(sizes: dict[float, list[float]], usual: float) -> dict[float, float]:
    """The distances of code in sizes in which rows are much nearer or farther than usual."""
    found: dict[float, float] = {}
    for size, gaps in sizes.items():
        about, count = Counter(round(gap * 2) / 2 for gap in gaps).most_common(1)[0]
        if len(gaps) < _OTHER or count < _SHARE * len(gaps):
            continue
        pitch = _exact(gaps, about)
        if abs(pitch - usual) > _APART * usual:
            found[size] = pitch
    return found


def _half(size: float) -> float:
    """A type size to half a point."""
    return round(size * 2) / 2


def _measure_blanks(rows: Sequence[Row], found: Measures) -> None:
    """How high blank lines are: where indented code follows, the room above is no border."""
    run: list[Row] = []
    sure: list[float] = []
    blanks: list[float] = []
    close: list[float] = []
    near: list[float] = []
    for row in chain(_noted(rows, near, found), (None,)):
        bare = row is not None and row.mono and row.frame is None and row.line_no is None
        on = not run or (row and row.page == run[0].page and row.baseline > run[-1].baseline)
        if row and bare and on:
            run.append(row)
            continue
        left = min((one.box[0] for one in run), default=0.0)
        for before, after in pairwise(run):
            units = (after.baseline - before.baseline) / found.pitch_of(after)
            found.rooms[round(units * _PARTS)] += units >= _NEXT
            found.mixed += units < _NEXT and abs(after.size - before.size) >= SIZES
            if _CLOSE < units < _NEXT and _plain(before, after):
                close.append(units)
            if _NEXT <= units < 2.6 and after.inked_from() > left + 3:
                blanks.append(units - 1)  # that are no border
                sure += blanks[-1:] if after.box[0] > left + 3 else []
        run = [row] if row is not None and row.mono else []
    found.parted = _usual(close)
    if len(sure) < _ENOUGH:
        found.slack = _slack(near)
        found.blank = _one_room(blanks, found) or found.blank
        return
    usual, _ = Counter(round(one, 2) for one in sure).most_common(1)[0]
    apart = sorted(abs(one - usual) for one in sure)
    spread = apart[int(0.9 * (len(apart) - 1))]
    if spread < _BLANKS:
        pixel = _PIXEL * _pixel(near)
        found.blank, found.slack = usual, min(UNEVEN, max(0.02, 1.5 * spread, pixel))
        found.stretched = apart[-1] > found.slack


def _noted(rows: Sequence[Row], near: list[float], found: Measures) -> Iterator[Row]:
    """The rows, while the distances of those of code that follow each other are noted, in rows."""
    before: Row | None = None
    for row in rows:
        if before and before.mono and row.mono and before.frame is row.frame is None:
            units = (row.baseline - before.baseline) / found.pitch_of(row)
            if abs(units - 1) < UNEVEN:
                near.append(units)
        before = row
        yield row


def _one_room(blanks: Sequence[float], found: Measures) -> float:
    """The height of a few blank lines, where all room in code is as high.

    A word processor gives empty paragraphs its own type size, not that of the code around them.
    """
    units = 1 + (blanks[0] if blanks else 0.0)
    alike = all(abs(one + 1 - units) < _ALIKE for one in blanks)
    near, every = found.often(units), found.rooms.total()
    return units - 1 if alike and near >= max(_SHARED, _NEARLY * every) else 0.0


def _usual(rooms: Sequence[float]) -> float:
    """The room that nearly all of some have, 0 where they differ or are few: glyphs lift rows."""
    middle = sorted(rooms)[len(rooms) // 2] if len(rooms) >= _ENOUGH else 0.0
    near = sum(abs(room - middle) < _ALIKE for room in rooms)
    return middle if near >= _NEARLY * len(rooms) else 0.0


def _plain(before: Row, row: Row) -> bool:
    """Whether two rows are in one font throughout, so that nothing sets them apart but room."""
    runs = [run for run in (*before.runs, *row.runs) if not run.text.isspace()]
    return bool(before.runs and row.runs) and all(run.font == row.font for run in runs)


def _slack(near: Sequence[float]) -> float:
    """How evenly code is set, for books of short listings: as even as rows are blank lines."""
    apart = sorted(abs(one - 1) for one in near)
    if len(apart) < _ROWS:
        return UNEVEN
    return min(UNEVEN, max(0.02, 3 * apart[int(0.9 * (len(apart) - 1))]))


def _pixel(near: Sequence[float]) -> float:
    """By how much of a row the distances of rows differ from each other; 0 of too few.

    Some programs set rows on whole pixels, so one is a pixel nearer than another. Room with a blank
    line in it ends on two such rows, too: it differs by as much, not by twice that.
    """
    near = sorted(near)
    last = len(near) - 1
    return near[int(_MOST * last)] - near[last - int(_MOST * last)] if last >= _ROWS - 1 else 0.0


def _mode(counted: Counter[float], fallback: float) -> float:
    if not counted:
        return fallback
    value, _ = counted.most_common(1)[0]
    near = [gap for gap in counted.elements() if abs(gap - value) <= 1]
    return sum(near) / len(near)


def _exact(gaps: Sequence[float], about: float) -> float:
    """The median of the distances that round to ``about``, which knows them to half a point."""
    near = sorted(gap for gap in gaps if abs(gap - about) <= 0.3)
    return near[len(near) // 2] if near else about


class _Pages:
    """What whole pages show: how far down they reach, the room in boxes of code, fonts of words.

    The rows pass through it on their way to what looks at pairs of them: each pass unpacks them.
    """

    def __init__(self) -> None:
        self._rows: list[Row] = []  # of the page that is passing
        self._last: list[float] = []
        self._left: Counter[float] = Counter()
        self._top: Counter[float] = Counter()
        self._bottom: Counter[float] = Counter()
        self.words = WordFonts()

    def passing(self, row: Row) -> Row:
        """Take note of a row."""
        if self._rows and row.page != self._rows[-1].page:
            self.close()
        self._rows.append(row)
        return row

    def close(self) -> None:
        """The last row of a page has passed."""
        if not self._rows:
            return
        self._last.append(max([0.0, *(row.baseline for row in self._rows)]))
        self.words.see(self._rows)
        groups: dict[int, list[Row]] = {}
        for row in self._rows:
            if row.frame is not None and row.mono:
                groups.setdefault(id(row.frame), []).append(row)
        for members in groups.values():
            frame = members[0].frame
            assert frame is not None
            low = min(row.box[0] for row in members)
            self._left[round((low - frame.rect[0]) * 2) / 2] += 1
            self._top[round((members[0].baseline - frame.rect[1]) * 2) / 2] += 1
            self._bottom[round((frame.rect[3] - members[-1].baseline) * 2) / 2] += 1
        self._rows = []

    def floor(self) -> float:
        """The lowest baseline that full pages reach."""
        ordered = sorted(self._last)
        return ordered[int(0.9 * (len(ordered) - 1))] if ordered else 0.0

    def pads(self, found: Measures) -> None:
        """Note the room in boxes of code."""
        if self._left:
            found.pad_left = _mode(self._left, 6.0)
            found.pad_top = _mode(self._top, 0.0)
            found.pad_bottom = _mode(self._bottom, 0.0)
