"""Titles that only their numbers make sure: small capitals, italics or centred rows in text size.

Belongs here: which rows count "I.", "A.", "1." as titles do, without an outline. Does not: titles
that their type shows (``headings.py``, ``italics.py``), levels by counting (``counted.py``).

Items of lists, exercises and entries of bibliographies count, too. Titles count without a gap from
the first, over several pages, have air above and text below, and all of a kind look alike and
unlike text. Italics and bold alone may be a list with stress: they are titles where Roman numerals
count, or below other titles that do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from booktune_assets.books.counted import counting, is_counted
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.rows import Row

__all__ = ["numbered_titles"]

_SIZES = (0.94, 1.13)  # of the type size of text
_ENOUGH, _PAGES = 3, 2  # titles of a kind, and pages that the first kind is on
_NEARLY = 0.9  # of the titles of a kind look alike
_TEXT = 0.8  # of them have text below
_AIR = 1.15  # rows of text: more is air
_ROWS, _LONGEST = 3, 140  # of a title
_OFF = 0.04  # of the width of a column: so far from its middle a centred row may be
_ROOM = 0.08  # of it: a row that leaves less beside it is not centred to be seen
_LOUD = frozenset({"capitals", "centred"})  # looks that no item of a list has


@dataclass(slots=True)
class _Title:
    first: int
    end: int
    page: int
    text: str
    look: frozenset[str] = field(default_factory=frozenset[str])
    marked: bool = False  # something else found that it is one
    air: float | None = None  # above it, baseline to baseline; None where nothing is above
    over: bool = True  # text is below


def numbered_titles(rows: Sequence[Row], fonts: Fonts) -> list[tuple[int, list[int]]]:
    """Depth, from 0, and numbers of the rows of each title that nothing else has marked."""
    titles = _candidates(rows, fonts)
    if len(titles) < _ENOUGH:
        return []
    least = _AIR * _pitch(rows, fonts)
    titles = [title for title in titles if title.air is None or title.air >= least]
    kinds = [kind for kind, _ in counting([title.text for title in titles])]
    looks: dict[str, frozenset[str]] = {}
    for kind in dict.fromkeys(filter(None, kinds)):
        own = [title for title, known in zip(titles, kinds, strict=True) if known == kind]
        look = _common(own)
        sure = bool(looks) or kind == "roman" or bool(look & _LOUD)
        if look and sure and _are_titles(own, first=not looks):
            looks[kind] = look
    depth = {kind: number for number, kind in enumerate(looks)}
    return [
        (depth[kind], list(range(title.first, title.end)))
        for title, kind in zip(titles, kinds, strict=True)
        if kind in looks and not title.marked and looks[kind] <= title.look
    ]


def _are_titles(titles: Sequence[_Title], *, first: bool) -> bool:
    """Whether titles of a kind are enough, have text below and, of the first kind, are spread."""
    over = sum(title.over for title in titles)
    spread = not first or len({title.page for title in titles}) >= _PAGES
    return spread and len(titles) >= _ENOUGH and over >= _TEXT * len(titles)


def _common(titles: Sequence[_Title]) -> frozenset[str]:
    """What nearly all titles of a kind have in their look."""
    seen = Counter(sign for title in titles for sign in title.look)
    return frozenset(sign for sign, times in seen.items() if times >= _NEARLY * len(titles))


def _pitch(rows: Sequence[Row], fonts: Fonts) -> float:
    """How far rows of text are from each other."""
    found = Counter(
        round(2 * (two.baseline - one.baseline)) / 2 for one, two in pairwise(rows)
        if one.page == two.page and one.font == two.font == fonts.body
        and 0 < two.baseline - one.baseline < 3 * fonts.body_size
    )  # fmt: skip
    return found.most_common(1)[0][0] if found else 1.2 * fonts.body_size


def _candidates(rows: Sequence[Row], fonts: Fonts) -> list[_Title]:
    """Rows that begin with a number and do not look like text, with the rows they go on in."""
    found: list[_Title] = []
    before: Row | None = None
    for number, row in enumerate(rows):
        above, before = before, row
        if not is_counted(row.text):
            continue
        if row.role == "heading":
            found.append(_Title(number, number + 1, row.page, row.text, marked=True))
            continue
        if not _plain(row, fonts) or not (look := _look(row, fonts)):
            continue
        end = number + 1
        while end < len(rows) and _goes_on(rows[end - 1], rows[end], look, fonts):
            end += 1
        text = " ".join(rows[at].text for at in range(number, end))
        if end - number > _ROWS or len(text) > _LONGEST or text.endswith((".", ",", ";", ":")):
            continue
        title = _Title(number, end, row.page, text, look)
        if above is not None and above.page == row.page and above.baseline < row.baseline:
            after_title = bool(found) and found[-1].end == number and found[-1].text[:1] != text[:1]
            title.air = None if after_title else row.baseline - above.baseline
        title.over = end < len(rows) and _text_below(row, rows[end], fonts)
        found.append(title)
    return found


def _plain(row: Row, fonts: Fonts) -> bool:
    """Whether a row is as large as text, and nothing else."""
    low, high = (share * fonts.body_size for share in _SIZES)
    free = not row.role and row.frame is None and not row.mono and len(row.parts) <= 2
    return free and row.font not in fonts.advance and low <= row.size < high


def _look(row: Row, fonts: Fonts) -> frozenset[str]:
    """In what a row is unlike text."""
    signs: set[str] = set()
    if row.font != fonts.body and all(
        run.font != fonts.body for run in row.runs if any(map(str.isalpha, run.text))
    ):
        signs.add(f"font {row.font}")
    words = row.text.split(maxsplit=1)[-1]
    if words.isupper() and sum(map(str.isalpha, words)) > 1:
        signs.add("capitals")
    wide = row.column[1] - row.column[0]
    left, right = row.box[0] - row.column[0], row.column[1] - row.box[2]
    if min(left, right) > _ROOM * wide and abs(left - right) < _OFF * wide:
        signs.add("centred")
    return frozenset(signs)


def _goes_on(row: Row, after: Row, look: frozenset[str], fonts: Fonts) -> bool:
    """Whether a title goes on in the next row."""
    near = after.page == row.page and 0 < after.baseline - row.baseline < 1.5 * row.size
    alike = _look(after, fonts) & (look - {"centred"} or look)
    return near and bool(alike) and after.style == row.style and not is_counted(after.text)


def _text_below(row: Row, after: Row, fonts: Fonts) -> bool:
    if is_counted(after.text):
        return after.text[:1] != row.text[:1] and not (
            after.style == row.style and after.box[0] == row.box[0]
        )
    return after.mono or (after.font == fonts.body and abs(after.size - fonts.body_size) < 0.3)
