"""Running heads, footers and page numbers: found by repetition, never by position alone.

Belongs here: which lines of which pages are furniture, and pages that are a table of contents.
Does not: dropping them (the caller does, and counts).

A line near the top or bottom edge belongs to a group of the same place and type size. The group is
furniture when it is on many pages and its words repeat, follow the page number, or name a heading.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.labels import is_label

__all__ = ["find_furniture", "is_contents"]

_LONG, _OFTEN = 60, 3  # characters of a running head; times that a longer one repeats
_EDGE = 4  # lines from the top or bottom of a page that are looked at
_NUMBER = re.compile(r"\d+")
_RISE = 0.6  # of the type size: a title may stand so much above the text beside it
_SECTION = re.compile(r"(?:\d+|[A-Z])(?:\.\d+)*\.?")
# What some typesetters print where they part a listing or a table.
_PARTED = re.compile(
    r"\bcontinue[sd]?\W{1,3}(?:(?:on|from|in|at|to)\W{1,3})?(?:the\s)?"
    r"(?:next|previous|preceding|following|facing|opposite|last)\s(?:page|column|slide)\W*$",
    re.I,
)
_ROMAN = re.compile(r"^[ivxlcdm]+$", re.I)
_LEADER = re.compile(r"(?:\s?\.){4,}|\u2026{2,}|(?:\s?\u00b7){4,}|_{5,}")
_ENDS_IN_PAGE = re.compile(r"\D(\d{1,4}|[ivxlc]{1,7})$")


@dataclass(slots=True)
class _Seen:
    page: int
    index: int
    text: str
    numbers: list[int]


def find_furniture(
    pages: Sequence[PageDrawn], fonts: Fonts, titled: Mapping[int, set[str]]
) -> dict[int, set[int]]:
    """Line numbers that are furniture, by page. ``titled`` has folded outline titles by page."""
    titles = {title for found in titled.values() for title in found}
    groups: dict[tuple[object, ...], list[_Seen]] = defaultdict(list)
    labels = Counter(
        line.text.strip() for page in pages for line in page.lines if is_label(line.text)
    )
    for page in pages:
        outlined = _outlined(page, titled.get(page.number, set()))
        small = _small_titles(page, titled.get(page.number, set()), fonts)
        for index, line, side in _edges(page, fonts):
            size = _size(line)
            if _is_code(line, fonts):
                continue  # code repeats too
            if labels[line.text.strip()] == 1:
                continue  # "Chapter 7" over a title; a running head repeats
            text = " ".join(line.text.split())
            numbers = [int(found) for found in _NUMBER.findall(text)[:6] if len(found) < 7]
            large = size > fonts.body_size + 1.2
            if (large and index in outlined) or index in small:
                continue
            key = (side, round(line.baseline / 3), round(size * 2), large)
            groups[key].append(_Seen(page.number, index, text, numbers))
    found: dict[int, set[int]] = defaultdict(set)
    for page in pages:
        found[page.number] = _parted(page, fonts)
    for members, large in _with_neighbours(groups):
        if large and not _on_most_pages(members, len(pages)):
            continue  # headings repeat too
        if not _is_furniture(members, len(pages), titles):
            continue
        words = Counter(fold(seen.text) for seen in members)
        for seen in members:
            if large and words[fold(seen.text)] == 1 and _names_heading(seen.text, titles):
                continue  # a heading that stands at the top, under none of its own
            if len(seen.text) <= _LONG or words[fold(seen.text)] >= _OFTEN:
                found[seen.page].add(seen.index)  # a long line of its own words is a footnote
    return found


def _small_titles(page: PageDrawn, titles: set[str], fonts: Fonts) -> set[int]:
    """Lines of titles in type no larger than text, with their numbers: at the top of a column.

    The outline says that the section begins on this page, only one line there says the title, and
    text stands beside it or above, as with no running head.
    """
    if not titles:
        return set()
    texts = Counter(fold(line.text) for line in page.lines)
    body = [line.baseline for line in page.lines if line.runs[0].font == fonts.body
            and abs(_size(line) - fonts.body_size) < 0.2]  # fmt: skip
    top = min(body, default=page.height) - _RISE * fonts.body_size
    found: set[int] = set()
    for index, line in enumerate(page.lines):
        title = fold(line.text)
        if title not in titles or texts[title] != 1 or line.runs[0].font == fonts.body:
            continue
        if not top <= line.baseline < 0.8 * page.height:
            continue
        found.add(index)
        found.update(
            n for n, near in enumerate(page.lines)
            if abs(near.baseline - line.baseline) < 1 and near.box[2] <= line.box[0]
            and _SECTION.fullmatch(near.text.strip())
        )  # fmt: skip
    return found


def _outlined(page: PageDrawn, titles: set[str]) -> set[int]:
    """Lines that the outline names: of those with the title, the one in the largest type."""
    found: dict[str, int] = {}
    for index, line in enumerate(page.lines):
        title = fold(line.text)
        if title in titles and (
            title not in found or _size(line) > _size(page.lines[found[title]]) + 0.1
        ):
            found[title] = index
    return set(found.values())


def _edges(page: PageDrawn, fonts: Fonts) -> list[tuple[int, Line, str]]:
    """Lines among the outermost ones, with the side they stand on."""
    code = {round(line.baseline) for line in page.lines if _is_code(line, fonts)}
    order = sorted(range(len(page.lines)), key=lambda number: page.lines[number].baseline)
    order = [
        n for n in order
        if round(page.lines[n].baseline) not in code and not _in_text(page, order, n, fonts)
    ]  # fmt: skip
    top = [n for n in order[: _EDGE + 2] if page.lines[n].baseline < 0.2 * page.height]
    bottom = [n for n in order[-_EDGE - 2 :] if page.lines[n].baseline > 0.8 * page.height]
    return [(n, page.lines[n], "top") for n in top] + [(n, page.lines[n], "foot") for n in bottom]


def _parted(page: PageDrawn, fonts: Fonts) -> set[int]:
    """The outermost lines that only say that a listing goes on, or did."""
    order = sorted(range(len(page.lines)), key=lambda number: page.lines[number].baseline)
    outer = {*order[: _EDGE + 2], *order[-_EDGE - 2 :]}
    return {
        number for number in outer
        if len(page.lines[number].text) <= _LONG and _PARTED.search(page.lines[number].text)
        and not _is_code(page.lines[number], fonts)
    }  # fmt: skip


def _is_code(line: Line, fonts: Fonts) -> bool:
    """All in fixed pitch, but for signs that code fonts lack and callout marks."""
    runs = [run for run in line.runs if not run.text.isspace()]
    return any(map(fonts.mono, runs)) and not any(map(fonts.words, runs))


def _in_text(page: PageDrawn, order: list[int], number: int, fonts: Fonts) -> bool:
    """Whether a line is set as body text with another such line right above or below it."""
    line = page.lines[number]
    if abs(_size(line) - fonts.body_size) > 0.2 or line.runs[0].font != fonts.body:
        return False
    spot = order.index(number)
    for other in order[max(0, spot - 2) : spot + 3]:
        near = page.lines[other]
        gap = abs(near.baseline - line.baseline)
        aligned = abs(near.box[0] - line.box[0]) < 3
        if 3 < gap < 1.6 * fonts.body_size and aligned and near.runs[0].font == fonts.body:
            return True
    return False


def _on_most_pages(members: list[_Seen], pages: int) -> bool:
    """Whether large type stands there on page after page, as no heading does."""
    on = {seen.page for seen in members}
    return len(on) >= 0.4 * pages and sum(page + 1 in on for page in on) >= 0.5 * len(on)


def _with_neighbours(
    groups: dict[tuple[object, ...], list[_Seen]],
) -> list[tuple[list[_Seen], bool]]:
    """Groups, with those at the rounding edge joined to their neighbour; and if type is large."""
    done: set[tuple[object, ...]] = set()
    out: list[tuple[list[_Seen], bool]] = []
    for key in sorted(groups, key=lambda k: -len(groups[k])):
        if key in done:
            continue
        side, place, size, large = key
        members = list(groups[key])
        done.add(key)
        for near in (place - 1, place + 1):  # type: ignore[operator]
            other = (side, near, size, large)
            if other in groups and other not in done and len(groups[other]) < len(members):
                members += groups[other]
                done.add(other)
        out.append((members, bool(large)))
    return out


def _is_furniture(members: list[_Seen], pages: int, titles: set[str]) -> bool:
    on = len({seen.page for seen in members})
    if on < 3 or on < min(0.04 * pages, 12):
        return False
    shifts = Counter(
        shift for seen in members for shift in {number - seen.page for number in seen.numbers}
    )
    shift, tracking = shifts.most_common(1)[0] if shifts else (0, 0)
    words = Counter(fold(seen.text) for seen in members)
    follows = repeats = names = 0
    for seen in members:
        tracks = tracking >= 3 and any(n - seen.page == shift for n in seen.numbers)
        follows += tracks or bool(_ROMAN.match(seen.text))
        repeats += words[fold(seen.text)] >= 2
        names += not tracks and _names_heading(seen.text, titles)
    share = on / max(1, pages)
    both = sum(
        1 for seen in members
        if words[fold(seen.text)] >= 2 or _names_heading(seen.text, titles)
        or (any(n - seen.page == shift for n in seen.numbers) and tracking >= 3)
    )  # fmt: skip
    if follows >= 0.7 * len(members) and tracking >= 3:
        return True
    if words.most_common(1)[0][1] >= 0.5 * len(members) and share > 0.15:
        return True
    return share > 0.2 and both >= 0.75 * len(members) and repeats + follows + names > 0


def fold(text: str) -> str:
    """Letters only: numbers, case and punctuation of a running head do not matter."""
    return "".join(filter(str.isalpha, text.casefold()))


def _names_heading(text: str, titles: set[str]) -> bool:
    folded = fold(text)
    if len(folded) < 3:
        return False
    return folded in titles or any(
        fold(piece) in titles
        for piece in re.split(r"[|\u2022\u00b7—–]|\s{2,}|\. ", text)
        if len(piece) > 3
    )


def _size(line: Line) -> float:
    return max((run.size for run in line.runs if not run.text.isspace()), default=0.0)


def is_contents(texts: Sequence[str]) -> bool:
    """Whether rows of a page read like a table of contents: leaders, or rising page numbers."""
    if len(texts) < 4:
        return False
    leaders = sum(1 for text in texts if _LEADER.search(text))
    if leaders >= 0.4 * len(texts):
        return True
    ends = [match.group(1) for match in map(_ENDS_IN_PAGE.search, texts) if match]
    numbers = [int(end) for end in ends if end.isdigit()]
    rising = sum(a <= b for a, b in pairwise(numbers))
    many = len(numbers) >= max(6, 0.75 * len(texts)) and len(set(numbers)) > len(numbers) / 3
    return many and rising >= 0.95 * (len(numbers) - 1)
