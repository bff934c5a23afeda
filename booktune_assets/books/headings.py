"""Which rows are headings, and of which level: outline, fonts and numbering together.

Belongs here: matching the outline to rows, learning heading styles, levels, printed numbers.
Does not: sections (``sections.py``).

Levels are 0 part, 1 chapter, 2 section and so on. The outline gives titles and depth; the styles of
the rows it names give the headings that it leaves out; without an outline, type size and numbering
have to do.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from booktune_assets.books import outlined
from booktune_assets.books.bars import in_bars
from booktune_assets.books.capitals import in_capitals
from booktune_assets.books.coloured import coloured_titles
from booktune_assets.books.counted import outline_agrees
from booktune_assets.books.drawings import LABEL
from booktune_assets.books.equals import (
    bold_titles,
    by_weight,
    heads_table,
    tight_titles,
    without_terms,
    without_text,
)
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.goingon import mark_going_on, titles_that_go_on
from booktune_assets.books.italics import apart_titles
from booktune_assets.books.labels import bare_number, begins_caption, mark_labels
from booktune_assets.books.levels import number_levels, printed_levels
from booktune_assets.books.numbered import numbered_titles
from booktune_assets.books.rows import Row
from booktune_assets.books.saidadvice import is_advice_label
from booktune_assets.books.titlerows import broken_titles, runs_apart, runs_on
from booktune_assets.books.underlined import ruled_titles

__all__ = ["Entry", "folded", "mark_headings"]

Style = tuple[str, float, bool]
_NUMERAL = re.compile(r"^(?:[IVXLC]+|[A-Z]|\d{1,3}(?:\.\d{1,3})*)[.:]?\s+")
_SIGNS = re.compile(r"[(){}\[\]=|<>;]|^\W|:$")  # of code, rare in titles
_CODED = 0.3  # of the rows of one style
_LARGER = 1.2  # than the code: a heading in the same font
_SMALLEST = 0.8  # of body text: smaller type is no title
_HABIT = (4, 3)  # titles smaller than the text, and pages that have them
_ENOUGH = 2
_BELOW = 0.45  # points: a size of its own for levels
_ALONE = 1.45  # type sizes from baseline to baseline
_CAPITALS = " (capitals)"  # behind the font of a style, for its titles that are
_SHORT = 32  # characters that fill no line, whatever the width of the page's rows says
_DEEP = re.compile(r"\d{1,3}(?:\.\d{1,3})+\.?\s")  # numbers that no list has


@dataclass(slots=True)
class Entry:
    """One outline entry; ``page`` is 1-based, ``y`` the height it points at."""

    level: int
    title: str
    page: int
    y: float


@lru_cache(maxsize=4096)  # every title is compared with the same rows of its page
def folded(text: str) -> str:
    """Letters and digits only, for comparing titles."""
    return "".join(filter(str.isalnum, text.casefold()))


def mark_headings(
    rows: Sequence[Row], outline: Sequence[Entry], fonts: Fonts, run_ins: Sequence[Entry] = (),
    below: Sequence[Entry] = (),
) -> None:  # fmt: skip
    """Set ``role`` and ``level`` of the heading rows. Rows of one heading share them.

    ``run_ins`` are titles that an outline would name, of a book that has none; ``below`` those that
    no outline names, with levels below those of all others.
    """
    styles: dict[Style, Counter[int]] = defaultdict(Counter)
    matched = _match(rows, outline, styles)
    named = {n for n, row in enumerate(rows) if row.role == "heading"} if matched else set[int]()
    told = matched >= 2 and matched >= 0.5 * len(outline)
    if told:
        first = min(entry.page for entry in outline)
        if told := not outlined.mixed_levels(styles) or _confirmed(rows):
            _by_learned_styles(rows, styles, fonts, first)
            outlined.add_tops(rows, fonts, first, _reads_like_prose)
            mark_going_on(rows, fonts)
            told = not outlined.flat_levels(styles)
        if not told:
            outlined.rank_by_size(rows)
    else:
        _by_fonts(rows, fonts)
        _by_marks(rows, coloured_titles(rows, fonts))
        _by_marks(rows, ruled_titles(rows, fonts))
        _match(rows, run_ins, styles)
        _by_numbers(rows, fonts)
        _by_marks(rows, [titles_that_go_on(rows, fonts)])
    mark_labels(rows, named)
    number_levels(rows, shift_from_outline=told)
    _add_below(rows, below)
    mark_labels(rows, named)  # on the scale that their titles are on now


def _add_below(rows: Sequence[Row], entries: Sequence[Entry]) -> None:
    """Mark titles that are below all others, whatever their type says."""
    places = {(entry.page, folded(entry.title)): entry for entry in entries}
    found: list[tuple[int, int]] = []
    deepest = 0
    for index, row in enumerate(rows) if entries else ():
        entry = places.get((row.page, folded(row.text)))
        if entry is not None and abs(row.baseline - row.size - entry.y) < row.size / 2:
            found.append((index, entry.level))
        elif row.role == "heading":
            deepest = max(deepest, row.level or 0)
    for index, level in found:
        rows[index].role, rows[index].level = "heading", deepest + level


def _confirmed(rows: Sequence[Row]) -> bool:
    """Whether the numbers of titles give the levels that the outline gave their rows."""
    levels = [row.level for row in rows if row.role == "heading" and row.level is not None]
    return outline_agrees(levels, printed_levels(rows))


def _match(rows: Sequence[Row], outline: Sequence[Entry], styles: dict[Style, Counter[int]]) -> int:
    """Mark rows that outline entries name; returns how many entries were found."""
    if not outline:
        return 0
    by_page: dict[int, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        by_page[row.page].append(index)
    found = 0
    for entry in outline:
        wanted = folded(entry.title)
        bare = folded(_NUMERAL.sub("", entry.title, count=1)) or wanted
        spot = None
        for page in (entry.page, entry.page + 1, entry.page - 1):
            near = entry.y if page == entry.page else 0
            spot = _find(rows, by_page.get(page, ()), wanted, bare, near)
            if spot:
                break
        if spot is None or not wanted:
            continue
        found += 1
        for index in range(*spot):
            rows[index].role, rows[index].level = "heading", entry.level
        styles[rows[spot[1] - 1].style][entry.level] += 1
    return found


def _find(
    rows: Sequence[Row], candidates: Sequence[int], wanted: str, bare: str, near: float
) -> tuple[int, int] | None:
    """Range of up to four neighbouring rows that spell the title, nearest to the target.

    ``wanted`` is the folded title with its number, ``bare`` without.
    """
    best: tuple[float, int, int] | None = None
    titles, unnumbered = {wanted, bare}, _without_number(wanted)
    for index in (n for n in candidates if rows[n].role != "heading"):
        row = rows[index]
        text, short = "", _NUMERAL.sub("", row.text, count=1)
        for end in range(index, min(index + 4, len(rows))):
            after = rows[end] if end > index else row
            if after.page != row.page or (row.mono and not after.mono and _value(row.text)):
                break  # what a session printed above is no number of a title
            text += folded(after.text)
            short = folded(short) + (folded(after.text) if end > index else "")
            exact = not titles.isdisjoint((text, short, _without_label(text)))
            if exact or _without_number(text) == unnumbered:
                distance = abs(row.baseline - near) - 12 * row.size
                if best is None or distance < best[0]:
                    best = (distance, index, end + 1)
                break
            if len(text) > len(wanted) + 16:
                break
    return (best[1], best[2]) if best else None


def _value(text: str) -> bool:
    """Whether a row of code holds no words: 7, [2, 4], <<1, 2>>."""
    return not any(map(str.isalpha, text)) or bare_number(text) is not None


def _without_label(text: str) -> str:
    return re.sub(r"^(?:chapter|part|appendix|section)(?:\d+|[ivxlc]+|[a-z])(?=\w)", "", text)


def _without_number(text: str) -> str:
    return _without_label(text).lstrip("0123456789") or text


def _by_learned_styles(
    rows: Sequence[Row], styles: dict[Style, Counter[int]], fonts: Fonts, first: int
) -> None:
    """Mark rows in heading styles that the outline does not list, and in smaller such styles."""
    used: Counter[Style] = Counter(row.style for row in rows)
    deepest = max((level for levels in styles.values() for level in levels), default=1)
    known = {
        style: levels.most_common(1)[0][0] for style, levels in styles.items()
        if _telling(style, fonts) or levels.total() >= 0.5 * used[style]
    }  # fmt: skip
    smallest = min((size for _, size, _ in known), default=fonts.body_size)
    families = {font for font, _, _ in known}
    extra: set[Style] = {
        style for style, number in used.items()
        if style not in known and style[0] in families and number >= 2
        and style[1] >= fonts.body_size - 0.3 and style[1] <= smallest + 0.1
        and style[0] not in fonts.advance and style[0] != fonts.body
    }  # fmt: skip
    extra &= {*without_terms(rows, {style: [] for style in extra}, fonts)}
    ranks = sorted({size for _, size, _ in extra if size < smallest + 0.1}, reverse=True)
    bold: dict[Style, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        if row.role or row.page < first or row.frame is not None:
            continue
        if row.mono and not _above_code(row, fonts):
            continue
        if row.style in known and not _reads_like_prose(row.text):
            row.role, row.level = "heading", known[row.style]
        elif row.style in extra and _stands_alone(rows, index, fonts):
            row.role, row.level = "heading", deepest + 1 + ranks.index(row.style[1])
        elif row.bold and row.font not in (fonts.body, *fonts.advance) and not _big(row, fonts):
            bold[row.style].append(index)
    alone = partial(_stands_alone, rows, fonts=fonts)
    for index in bold_titles(rows, bold, fonts, alone, partial(_titles_text, rows, fonts=fonts)):
        rows[index].role, rows[index].level = "heading", deepest + 1 + len(ranks)


def _telling(style: Style, fonts: Fonts) -> bool:
    """Whether a style alone marks a heading: larger than body text."""
    return style[1] > fonts.body_size * 1.08 and style[0] not in fonts.advance


def _reads_like_prose(text: str) -> bool:
    return len(text) > 160 or (len(text) > 60 and text.endswith((".", ",", ";")))


def _by_fonts(rows: Sequence[Row], fonts: Fonts) -> None:
    """Mark headings by type size and weight, without an outline."""
    spots = _loud_rows(rows, fonts)
    often = [style for style, at in spots.items() if len(at) >= _ENOUGH]
    for style, at in broken_titles(rows, often, fonts).items():
        spots[style] = sorted({*spots[style], *at})
    tight = tight_titles(rows, fonts, lambda index: _stands_alone(rows, index, fonts, air=0))
    for style, at in tight.items():
        spots[style] = sorted({*spots[style], *at})
    apart = apart_titles(rows, fonts, lambda index: _stands_alone(rows, index, fonts))
    for style, at in (*_small_titles(rows, fonts).items(), *apart.items()):
        spots[style] = at
    last = rows[-1].page if rows else 1
    # rows of a long book are unpacked when they are asked for: those of titles stay at hand
    titles = {index: rows[index] for index in sorted({n for at in spots.values() for n in at})}
    coded = _code_styles(titles, spots, fonts)
    spots = {
        style: at for style, at in spots.items()
        if not _title_only(titles, at, last) and style not in coded
    }  # fmt: skip
    spots = without_text(rows, titles, spots, fonts)
    _part_capitals(titles, spots, apart)
    kinds = {style: at for style, at in spots.items() if style not in apart}
    lower = by_weight(titles, kinds, fonts)
    size_of = {style: size - lower.get(style, 0) for style, size in _sizes(spots, apart).items()}
    order = outlined.ranked(sorted(size_of.values(), reverse=True))
    for style, indices in spots.items():
        level = order.index(outlined.nearest(size_of[style], order)) + 1
        for index in indices:
            rows[index].role, rows[index].level = "heading", level


def _loud_rows(rows: Sequence[Row], fonts: Fonts) -> dict[Style, list[int]]:
    """Numbers of rows in large type, in bars, or bold with air around them, by style."""
    spots: dict[Style, list[int]] = defaultdict(list)
    bars = in_bars(rows, fonts)
    for index, row in enumerate(rows):
        if index in bars:
            spots[row.style].append(index)
            continue
        below = rows[index + 1] if index + 1 < len(rows) else row
        if bare_number(row.text) and _big(below, fonts) and not bare_number(below.text):
            continue
        if row.mono or row.font in fonts.advance:
            coded = not _above_code(row, fonts) or row.frame is not None
            if coded or not _stands_alone(rows, index, fonts):
                continue
        elif row.frame is not None and not _big(row, fonts):
            continue
        if (_big(row, fonts) and not _reads_like_prose(row.text)) or (
            row.bold and row.size > fonts.body_size - 0.6 and _stands_alone(rows, index, fonts)
        ):
            spots[row.style].append(index)
    return spots


def _sizes(spots: Collection[Style], apart: Container[Style]) -> dict[Style, float]:
    """The size that ranks each style: what only its font sets apart is below what is bold in it."""
    strong = {style[1] for style in spots if style not in apart}
    return {
        style: style[1] - (_BELOW if style in apart and style[1] in strong else 0)
        for style in spots
    }  # fmt: skip


def _part_capitals(
    rows: Mapping[int, Row], spots: dict[Style, list[int]], apart: Container[Style]
) -> None:
    """Give titles in capitals a style of their own, a little larger."""
    for style in [one for one in spots if one not in apart]:
        if upper := in_capitals(rows, spots[style]):
            spots[style[0] + _CAPITALS, style[1] + _BELOW, style[2]] = upper
            spots[style] = [index for index in spots[style] if index not in set(upper)]


def _by_marks(rows: Sequence[Row], found: Sequence[Sequence[int]]) -> None:
    """Mark titles that their colour or a rule tells, below those that their type tells."""
    if not any(found):
        return
    above = max((row.level or 0 for row in rows if row.role), default=0)
    for depth, indices in enumerate(found):
        for index in indices:
            rows[index].role, rows[index].level = "heading", above + 1 + depth


def _by_numbers(rows: Sequence[Row], fonts: Fonts) -> None:
    """Mark titles in text size that count on, below those that are larger than text."""
    if not (found := numbered_titles(rows, fonts)):
        return
    larger = (row.level or 0 for row in rows if row.role and _big(row, fonts))
    above = max(larger, default=0)
    for depth, indices in found:
        for index in indices:
            rows[index].role, rows[index].level = "heading", above + 1 + depth


def _small_titles(rows: Sequence[Row], fonts: Fonts) -> dict[Style, list[int]]:
    """Bold rows smaller than the text that title what is below, by style, where that is a habit.

    One alone may be a caption, a label or the head of a table; of a habit nearly all rows stand
    alone with text below, on several pages, each with words of its own.
    """
    found: dict[Style, list[int]] = defaultdict(list)
    used: Counter[Style] = Counter()
    for index, row in enumerate(rows):
        if not row.bold or not _SMALLEST * fonts.body_size < row.size <= fonts.body_size - 0.6:
            continue
        used[row.style] += 1
        if row.font not in (fonts.body, *fonts.advance) and _titles_text(rows, index, fonts):
            found[row.style].append(index)
    return {
        style: at for style, at in found.items()
        if len(at) >= max(_HABIT[0], 0.8 * used[style])
        and len({rows[index].page for index in at}) >= _HABIT[1]
        and len({rows[index].text for index in at}) >= 0.8 * len(at)
    }  # fmt: skip


def _titles_text(rows: Sequence[Row], index: int, fonts: Fonts) -> bool:
    """Whether a row stands alone, nearer to the text below it than to what is above."""
    row, after = rows[index], rows[index + 1] if index + 1 < len(rows) else None
    if after is None or row.frame is not None or LABEL.match(row.text):
        return False
    if after.page != row.page or after.mono or abs(after.size - fonts.body_size) > 0.3:
        return False
    if not _stands_alone(rows, index, fonts):
        return False
    before = rows[index - 1] if index else None
    if before is None or before.page != row.page:
        return True
    return row.baseline - before.baseline > after.baseline - row.baseline


def _title_only(rows: Mapping[int, Row], at: list[int], last: int) -> bool:
    """A style that only stands on the first pages of a longer book is its title page."""
    return last > 8 and all(rows[index].page <= 2 for index in at) and len(at) <= 6


def _code_styles(
    rows: Mapping[int, Row], spots: dict[Style, list[int]], fonts: Fonts
) -> set[Style]:
    """Styles in the font of the code that are code: a single row alone tells nothing."""
    mono = {style: at for style, at in spots.items() if style[0] in fonts.advance}
    signs = {
        style: sum(bool(_SIGNS.search(rows[index].text)) for index in at)
        for style, at in mono.items()
    }
    titles = {style for style, at in mono.items() if signs[style] <= _CODED * len(at)}
    habit = any(len(mono[style]) >= _ENOUGH for style in titles)
    return set(mono) - (titles if habit else set())


def _above_code(row: Row, fonts: Fonts) -> bool:
    """Whether a row in the font of the code is set larger than any of it."""
    return row.size > _LARGER * fonts.code_size and row.size > fonts.body_size - 0.6


def _big(row: Row, fonts: Fonts) -> bool:
    return row.size > fonts.body_size * 1.12 and any(map(str.isalnum, row.text))  # no sign


def _stands_alone(rows: Sequence[Row], index: int, fonts: Fonts, air: float = _ALONE) -> bool:
    """A short row in its own style with air above, in type sizes, that text follows."""
    row = rows[index]
    wide, deep = row.column[1] - row.column[0], _DEEP.match(row.text)
    full = len(row.text) > _SHORT and row.box[2] - row.box[0] > 0.85 * wide
    if (
        len(row.text) > 90
        or (row.text.endswith((".", ",", ";", ":")) and not deep)
        or (full and not (deep and row.bold))  # columns of two are narrow
    ):
        return False
    if not any(char.isalpha() for char in row.text) or is_advice_label(row):
        return False
    before = rows[index - 1] if index else None
    after = rows[index + 1] if index + 1 < len(rows) else None
    if (before is not None and runs_on(before, row)) or _captions(row, after, fonts):
        return False
    if after is None or runs_on(row, after):
        return False
    if heads_table(row, after) and not runs_apart(row, after):  # numbers of titles stand apart
        return False
    if len(row.parts) > 2:
        return False
    if before is None or before.page != row.page or before.role == "heading":
        return True
    if row.baseline < before.baseline and row.column[0] > before.column[0]:
        return True  # it begins a column
    return row.baseline - before.baseline > air * max(row.size, fonts.body_size)


def _captions(row: Row, after: Row | None, fonts: Fonts) -> bool:
    """Whether a row is a caption. Titles may count examples: then code has to follow."""
    example = row.text[:7].lower() in ("example", "program")
    coded = not example or (after is not None and after.mono)
    return coded and not _big(row, fonts) and begins_caption(row, fonts)
