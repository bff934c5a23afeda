"""Titles of one size, or set tightly; bold terms and sentences, which are no titles.

Belongs here: which bold rows are titles without air around them, which styles of one size are of
different levels, which bold rows name what is set in below them, which large ones are sentences.
Does not: titles that their size or the air around them shows, ranks by size (``headings.py``).

Of kinds that come time after time the one that comes first below larger titles is above the others;
else bold is above plain, and upright above slanted. A term of a list stands where text of the book
begins, and its meaning is set in below it, row after row.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.labels import is_caption
from booktune_assets.books.roles import is_label_word
from booktune_assets.books.rows import Row
from booktune_assets.books.titlerows import broken_titles

__all__ = [
    "bold_titles",
    "by_weight",
    "heads_table",
    "tight_titles",
    "without_terms",
    "without_text",
]

_COUNTED = re.compile(r"(?:[^\W\d]+\s)?\d")
Style = tuple[str, float, bool]
_ENOUGH, _PAGES = 3, 2  # titles of a style, and pages that have them
_STEP = 0.45  # points between ranks of one size
_SAME = 0.3  # points that are one size
_ITALIC = 2  # the flag of a run
_SET_IN = 0.6  # type sizes
_DEEP, _CLOSE, _HUNG = 1.3, 1.85, 2  # type sizes set in; from row to row; so many rows
_NEARLY = 0.8  # of the rows of a style that tell
_COMMON = 0.2  # of the rows of text begin there
_NEAR = 2.0  # pt
_HABIT = (4, 3)  # titles, and pages that have them
_ENDS = (".", "!", "?", ":", ".\u201d", ".)")
_WORDS = 7  # of a sentence; titles that end in a full stop are shorter
_WALL = 8  # rows of one style below each other that are no title
_ROWS = 3  # rows of a table in large type, at least


def by_weight(
    rows: Mapping[int, Row], spots: Mapping[Style, Sequence[int]], fonts: Fonts
) -> dict[Style, float]:
    """How much lower than their size styles rank beside others of the same size.

    What comes first below larger titles is above the others, whatever its weight.
    """
    often = [
        style for style, at in spots.items()
        if style[0] not in fonts.advance and len(at) >= _ENOUGH
        and len({rows[index].page for index in at}) >= _PAGES
    ]  # fmt: skip
    found: dict[Style, float] = {}
    for style in often:
        equal = [one for one in often if abs(one[1] - style[1]) < _SAME]
        if len(equal) < 2:
            continue
        top = _first(spots, style[1], equal)
        ranks = {one: (top is not None and one != top, _weight(rows, spots[one])) for one in equal}
        if rank := len({weight for weight in ranks.values() if weight < ranks[style]}):
            found[style] = rank * _STEP
    return found


def _first(
    spots: Mapping[Style, Sequence[int]], size: float, equal: Sequence[Style]
) -> Style | None:
    """The style that nearly always comes first below titles that are larger."""
    titles = sorted((index, style) for style, at in spots.items() for index in at)
    firsts: Counter[Style] = Counter()
    fresh = True
    for _, style in titles:
        if style[1] > size + _SAME:
            fresh = True
        elif fresh and style in equal:
            firsts[style] += 1
            fresh = False
    best, count = firsts.most_common(1)[0] if firsts else (None, 0)
    return best if count >= max(_ENOUGH, _NEARLY * firsts.total()) else None


def _weight(rows: Mapping[int, Row], at: Sequence[int]) -> tuple[bool, bool]:
    """Light after bold, slanted after upright: of the font of the words, code in them aside."""
    light = slanted = 0
    for index in at:
        row = rows[index]
        name = row.font.lower()
        # far into a long book rows come without their runs: then the row has to tell
        run = next((run for run in row.runs if run.font == row.font), None)
        light += not (run.bold if run else row.bold or "bold" in name)
        slanted += "italic" in name or "oblique" in name or bool(run and run.flags & _ITALIC)
    return 2 * light > len(at), 2 * slanted > len(at)


def tight_titles(
    rows: Sequence[Row], fonts: Fonts, alone: Callable[[int], bool]
) -> dict[Style, list[int]]:
    """Numbers of bold rows in another font than text that title it without air, where they do.

    What is above them has come to its end; nearly all rows of the style stand so. ``alone`` says
    whether a row is short and stands for itself.
    """
    found: dict[Style, list[int]] = defaultdict(list)
    used: Counter[Style] = Counter()
    for index, row in enumerate(rows):
        if not row.bold or not _in_own_font(row, fonts):
            continue
        used[row.style] += 1
        before = rows[index - 1] if index else None
        ended = before is None or before.mono or before.page != row.page or before.bold or (
            before.text.rstrip().endswith(_ENDS)
        )  # fmt: skip
        free = not row.role and row.frame is None and not row.bullet and ended
        said = is_caption(row.text) or is_label_word(row.text)
        if free and not said and alone(index):
            found[row.style].append(index)
    return {
        style: at for style, at in found.items()
        if len(at) >= max(_HABIT[0], _NEARLY * used[style])
        and len({rows[index].page for index in at}) >= _HABIT[1]
        and len({rows[index].text for index in at}) >= _HABIT[0]  # "Exercises" comes again
    }  # fmt: skip


def _in_own_font(row: Row, fonts: Fonts) -> bool:
    near = -0.6 < row.size - fonts.body_size <= 0.12 * fonts.body_size
    return near and row.font not in (fonts.body, *fonts.advance)


def bold_titles(
    rows: Sequence[Row], spots: Mapping[Style, list[int]], fonts: Fonts,
    alone: Callable[[int], bool], over: Callable[[int], bool],
) -> list[int]:  # fmt: skip
    """Bold rows in text size, by style, that are titles though an outline leaves them out.

    That is a habit: nearly all rows of the style stand alone, on several pages, each with words of
    its own, and half of them over text.
    """
    found: dict[Style, list[int]] = {}
    for style, at in spots.items():
        if not _as_text(style, fonts) or len(at) < _HABIT[0]:
            continue
        own = [index for index in at if alone(index)]
        habit = (
            len(own) >= max(_HABIT[0], _NEARLY * len(at))
            and len({rows[index].page for index in own}) >= _HABIT[1]
            and len({rows[index].text for index in own}) >= _NEARLY * len(own)
            and 2 * sum(map(over, own)) >= len(own)
        )
        if habit:
            found[style] = own
    titles = {index: rows[index] for at in found.values() for index in at}
    found = without_text(rows, titles, found, fonts)
    broken = broken_titles(rows, found, fonts)
    return [index for at in (*found.values(), *broken.values()) for index in at]


def without_text(
    rows: Sequence[Row], titles: Mapping[int, Row], spots: Mapping[Style, list[int]], fonts: Fonts
) -> dict[Style, list[int]]:
    """The styles but for those of cells of tables, of bold terms and of sentences.

    ``titles`` are the rows at these spots.
    """
    left = without_terms(rows, _without_cells(titles, spots), fonts)
    return _without_sentences(titles, left)


def without_terms(
    rows: Sequence[Row], spots: Mapping[Style, list[int]], fonts: Fonts
) -> dict[Style, list[int]]:
    """The styles but for those whose rows are terms in the size of text, bold or in code type."""
    likely = [style for style in spots if _as_text(style, fonts)]
    if not likely:
        return dict(spots)
    edges: dict[int, Counter[int]] = defaultdict(Counter)
    for row in rows:
        if row.font == fonts.body and not row.bold:
            edges[row.page % 2][round(row.box[0])] += 1
    terms = {style for style in likely if _are_terms(rows, spots[style], edges)}
    terms |= _hold_meanings(rows, {*likely} - terms, edges)
    return {style: at for style, at in spots.items() if style not in terms}


def _as_text(style: Style, fonts: Fonts) -> bool:
    strong = style[2] or style[0] in fonts.advance
    return strong and abs(style[1] - fonts.body_size) < 0.6


def _are_terms(rows: Sequence[Row], at: Sequence[int], edges: Mapping[int, Counter[int]]) -> bool:
    hung = flush = 0
    for index in at:
        row, below = rows[index], rows[index + 1 : index + 3]
        if len(below) < 2 or any(one.page != row.page or one.mono for one in below):
            continue
        inner = row.box[0] + _SET_IN * row.size
        level = abs(below[0].box[0] - below[1].box[0]) < _NEAR
        common = _is_common(row, edges)
        hung += level and common and below[0].box[0] > inner and not below[0].bullet
        flush += abs(below[1].box[0] - row.box[0]) < _NEAR
    return hung >= _ENOUGH and hung >= _NEARLY * (hung + flush)


def _hold_meanings(
    rows: Sequence[Row], likely: Collection[Style], edges: Mapping[int, Counter[int]]
) -> set[Style]:
    """Styles whose rows, two are enough, have their text right below them and set in far."""
    hung: Counter[Style] = Counter()
    flush: Counter[Style] = Counter()
    usual = {side: max(seen, key=lambda x: seen[x], default=0) for side, seen in edges.items()}
    for row, below, after in _threes(rows):
        style = row.style
        if style not in likely or below.page != row.page or below.mono or below.style == style:
            continue
        if row.frame is not None or len(row.parts) > 1:
            continue
        deep = below.box[0] - row.box[0]
        close = 0 < below.baseline - row.baseline < _CLOSE * row.size
        inside = row.box[0] > usual.get(row.page % 2, 0) + _DEEP * row.size
        placed = inside or _is_common(row, edges)
        returns = after is not None and _returns(below, after)
        held = placed and close and deep > _DEEP * row.size and not (returns or below.bullet)
        hung[style] += held
        flush[style] += abs(deep) < _NEAR or returns
    return {
        style for style, n in hung.items() if n >= _HUNG and n >= _NEARLY * (n + flush[style])
    }  # fmt: skip


def _threes(rows: Iterable[Row]) -> Iterator[tuple[Row, Row, Row | None]]:
    """Each row that has one below it, with that and the next: no list of a long book's rows."""
    row: Row | None = None
    below: Row | None = None
    for after in chain(rows, (None,)):
        if row is not None and below is not None:
            yield row, below, after
        row, below = below, after


def _returns(row: Row, after: Row) -> bool:
    """Whether a paragraph goes on left of where its first row begins."""
    close = 0 < after.baseline - row.baseline < _CLOSE * row.size
    same = close and after.page == row.page and after.style == row.style
    return same and row.box[0] - _NEAR > after.box[0]


def _is_common(row: Row, edges: Mapping[int, Counter[int]]) -> bool:
    counted = edges[row.page % 2]
    text = sum(counted[round(row.box[0]) + off] for off in (-1, 0, 1))
    return text >= _COMMON * counted.total()


def _without_sentences(
    rows: Mapping[int, Row], spots: Mapping[Style, list[int]]
) -> dict[Style, list[int]]:
    """The styles but for those that set sentences apart, as quotes are; titles may count them."""
    found: dict[Style, list[int]] = {}
    for style, at in spots.items():
        blocks = list(_blocks(rows, at))
        said = sum(
            text.endswith((".", ".\u201d", '."')) and long and not _COUNTED.match(text)
            for text, long in blocks
        )
        if len(blocks) < _ENOUGH or said < _NEARLY * len(blocks):
            found[style] = at
    return found


def _without_cells(
    rows: Mapping[int, Row], spots: Mapping[Style, list[int]]
) -> dict[Style, list[int]]:
    """The styles but for what a table says in larger type than the text.

    Its rows share inner edges; where its columns were taken for those of the page, each is a wall
    of rows that no title is.
    """
    found: dict[Style, list[int]] = {}
    for style, at in spots.items():
        kept: list[int] = []
        for run in _runs(rows, at):
            own = [rows[index] for index in run]
            shared = sum(heads_table(one, two) for one, two in pairwise(own))
            if len(run) < _WALL and not (len(run) >= _ROWS and shared):
                kept += run
        if kept:
            found[style] = kept
    return found


def _blocks(rows: Mapping[int, Row], at: Sequence[int]) -> Iterator[tuple[str, bool]]:
    """The texts of rows that follow each other, and whether one is as long as a sentence."""
    for run in _runs(rows, at):
        text = " ".join(rows[index].text for index in run)
        yield text.rstrip(), len(text.split()) >= _WORDS


def _runs(rows: Mapping[int, Row], at: Sequence[int]) -> Iterator[list[int]]:
    """Numbers of rows that follow each other on a page."""
    run: list[int] = []
    for index in at:
        if run and (index != run[-1] + 1 or rows[index].page != rows[run[-1]].page):
            yield run
            run = []
        run.append(index)
    if run:
        yield run


def heads_table(row: Row, after: Row) -> bool:
    """Whether the parts of a row begin where those of the row below do: the head of a table."""
    inner = row.parts[1:]
    return bool(inner) and any(abs(x - other) < _NEAR for x in inner for other in after.parts[1:])
