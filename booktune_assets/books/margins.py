"""Notes in the margin beside the text, which are no part of the rows that they are level with.

Belongs here: where the text of odd and even pages begins and ends, which lines stand beyond, the
place of such a note in reading order. Does not: bold titles in the margin (``sideheads.py``), boxes
(``asides.py``), remarks beside code within the text's width (``beside.py``), columns.

A note is in type no larger than text, level with text, and well outside of where next to all text
of the book stands. What fills the page beside it as wide as text is another column. A note follows
the paragraph or the listing that it begins beside; one with a raised number is a footnote.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.labels import is_caption
from booktune_assets.books.layout import Piece
from booktune_assets.books.notes import NOTE_MARK
from booktune_assets.books.packed import Pages
from booktune_assets.books.rows import Row, into_rows

__all__ = ["Groups", "find_margins", "margin_rows", "place_margins"]

Groups = Mapping[int, Sequence[Sequence[int]]]
_CLEAR = 5.0  # pt between the text and a note
_SAME = 0.4  # pt of type size that count as one
_ROWS = 12  # of text that show where it stands
_INDENT = 40.0  # pt by which rows of a column may be set in
_MOST = 0.98  # of the rows of text end there or before
_ENOUGH = 3  # notes in a book
_NARROW = 0.7  # of the width of text: wider ones are a column
_SHARE = 0.5  # of the lines of text: more are a column
_NEXT = 1.7  # type sizes between the rows of a note
_LETTERS, _WORDS = 3, 3  # of a note; in one row
_OUTER = (0.42, 0.45)  # of the page's width: lines that end before or begin behind may be notes
_RAISED = 1  # the flag of a run that stands above the line


@dataclass(slots=True, frozen=True)
class _Aside:
    """A line that may be of a note."""

    page: int
    index: int
    box: tuple[float, float, float, float]
    size: float
    letters: int
    words: int


class _Seen:
    """The text of a book and the lines at the sides of its pages, page after page."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self.text: dict[int, Counter[tuple[int, int]]] = {0: Counter(), 1: Counter()}
        self.sides: list[_Aside] = []
        self.levels: dict[int, list[tuple[int, float, float]]] = {}

    def see(self, page: PageDrawn, gone: set[int]) -> None:
        """Enter a page. ``gone`` are lines that are no text."""
        fonts, left, right = self._fonts, *(share * page.width for share in _OUTER)
        found: list[_Aside] = []
        for n, line in enumerate(page.lines):
            if n in gone:
                continue
            size = max(run.size for run in line.runs)
            x0, _, x1, _ = line.box
            if line.runs[0].font == fonts.body and abs(size - fonts.body_size) < _SAME:
                self.text[page.number % 2][round(x0), round(x1)] += 1
            if (x1 < left or x0 > right) and size < fonts.body_size + _SAME:
                text = line.text
                plain = not (_bold(line) and x1 < left) and not _coded(line, fonts)
                letters = sum(map(str.isalpha, text)) if plain else 0
                found.append(_Aside(page.number, n, line.box, size, letters, len(text.split())))
        if found:
            self.sides += found
            self.levels[page.number] = [
                (n, line.box[1], line.box[3]) for n, line in enumerate(page.lines) if n not in gone
            ]


def find_margins(pages: Pages, gone: Mapping[int, set[int]], fonts: Fonts) -> Groups:
    """The lines of each note in the margin, by page, from the top. ``gone`` is no text."""
    seen = _Seen(fonts)
    for page in pages:
        seen.see(page, gone.get(page.number, set()))
    found: dict[int, list[list[int]]] = defaultdict(list)
    lines = 0
    for side, counted in seen.text.items():
        edges = _edges(counted)
        if edges is None:
            continue
        ours = [one for one in seen.sides if one.page % 2 == side]
        for beyond in (
            [one for one in ours if one.box[0] > edges[1] + _CLEAR],
            [one for one in ours if one.box[2] < edges[0] - _CLEAR],
        ):
            if not _narrow(beyond, edges, counted):
                continue
            for group in _groups(beyond, seen.levels):
                found[group[0].page].append([one.index for one in group])
                lines += len(group)
    return found if sum(map(len, found.values())) >= _ENOUGH else {}


def _edges(counted: Counter[tuple[int, int]]) -> tuple[int, int] | None:
    """Where the commonest column of text begins and ends, pt."""
    starts: Counter[int] = Counter()
    for (x0, _), count in counted.items():
        starts[x0] += count
    if starts.total() < _ROWS:
        return None
    left, _ = starts.most_common(1)[0]
    ends: Counter[int] = Counter()
    for (x0, x1), count in counted.items():
        if left - _CLEAR < x0 < left + _INDENT:
            ends[x1] += count
    ordered = sorted(ends)
    reached = accumulate(ends[x1] for x1 in ordered)
    right = next(
        x1 for x1, rows in zip(ordered, reached, strict=True) if rows >= _MOST * ends.total()
    )
    return left, right


def _narrow(
    lines: Sequence[_Aside], edges: tuple[int, int], counted: Counter[tuple[int, int]]
) -> bool:  # fmt: skip
    """Whether lines beyond the text are narrower than a column of it, and fewer.

    No text that stands there may be as wide either: the column may be the right one of two.
    """
    wide = max((one.box[2] - one.box[0] for one in lines), default=0.0)
    beyond = [x1 - x0 for x0, x1 in counted if x0 > edges[1] + _CLEAR or x1 < edges[0] - _CLEAR]
    most = _NARROW * (edges[1] - edges[0])
    return wide > 0 and max(wide, *beyond, 0.0) < most and len(lines) < _SHARE * counted.total()


def _groups(
    lines: Sequence[_Aside], levels: Mapping[int, Sequence[tuple[int, float, float]]]
) -> list[list[_Aside]]:
    """Lines that make a note: one below the other, with words, beside text."""
    groups: list[list[_Aside]] = []
    for one in sorted(lines, key=lambda one: (one.page, one.box[3], one.box[0])):
        last = groups[-1][-1] if groups else None
        near = last is not None and last.page == one.page and (
            one.box[3] - last.box[3] < _NEXT * one.size and abs(one.size - last.size) < 2
        )  # fmt: skip
        if near:
            groups[-1].append(one)
        else:
            groups.append([one])
    beyond = defaultdict[int, set[int]](set)
    for one in lines:
        beyond[one.page].add(one.index)
    return [group for group in groups if _is_note(group, beyond[group[0].page], levels)]


def _is_note(
    group: Sequence[_Aside],
    beyond: set[int],
    levels: Mapping[int, Sequence[tuple[int, float, float]]],
) -> bool:
    rows = 1 + sum(two.box[3] - one.box[3] > 0.5 * two.size for one, two in pairwise(group))
    worded = sum(one.letters for one in group) >= _LETTERS
    long = rows > 1 or sum(one.words for one in group) >= _WORDS
    top, bottom = group[0].box[1], group[0].box[3]
    beside = any(
        n not in beyond and high < bottom and low > top
        for n, high, low in levels[group[0].page]
    )  # fmt: skip
    return worded and long and beside


def margin_rows(page: PageDrawn, groups: Sequence[Sequence[int]], fonts: Fonts) -> list[list[Row]]:
    """The rows of each note of a page."""
    every = set(range(len(page.lines)))
    return [into_rows(page, fonts, every.difference(group)) for group in groups]


def place_margins(pieces: Sequence[Piece], notes: Sequence[list[Row]]) -> list[Piece]:
    """The pieces of a page with its notes, each behind the piece that it begins beside."""
    if not notes:
        return list(pieces)
    behind: dict[int, list[Piece]] = defaultdict(list)
    for rows in sorted(notes, key=lambda rows: rows[0].baseline):
        behind[_home(pieces, rows[0])].append(Piece(_kind(rows[0]), rows, beside=True))
    out = list(behind[-1])
    for number, piece in enumerate(pieces):
        out += [piece, *behind[number]]
    return out


def _home(pieces: Sequence[Piece], note: Row) -> int:
    """The piece that a note begins beside, else the one above; past a heading its text."""
    home = -1
    for number, piece in enumerate(pieces):
        above = piece.rows[0].baseline - piece.rows[0].size < note.baseline
        if above and (home < 0 or piece.rows[0].baseline > pieces[home].rows[0].baseline):
            home = number
    while home >= 0 and pieces[home].kind == "heading" and home + 1 < len(pieces):
        home += 1
    return home


def _kind(first: Row) -> str:
    raised = first.runs[0].flags & _RAISED or first.runs[0].size < 0.85 * first.size
    if raised and NOTE_MARK.match(first.text):
        return "footnote"
    return "caption" if is_caption(first.text) else "callout"


def _bold(line: Line) -> bool:
    return all(run.bold for run in line.runs if not run.text.isspace())


def _coded(line: Line, fonts: Fonts) -> bool:
    return all(fonts.mono(run) for run in line.runs if not run.text.isspace())
