"""Running heads, footers and page numbers: found by repetition, never by position alone.

Belongs here: which lines of which pages are furniture. Does not: dropping them (the caller does,
and counts), tables of contents (``contents.py``).

A line near the top or bottom edge belongs to a group of the same place and type size. The group is
furniture when it is on many pages and its words repeat, follow the page number, or name a heading.
What stands in one row with the numbers of nearly all pages, apart from the text, is a running head
too, though its words may come once: titles of sections as long as a page.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from booktune_assets.books.codeheads import CodeHeads
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.labels import is_label

__all__ = ["find_furniture"]

_LONG, _OFTEN = 60, 3  # characters of a running head; times that a longer one repeats
_TITLE_ROWS = 3  # of a title in large type
_TIGHT = 1.6  # of the type size: rows that are nearer go together
_MANY = 6  # pages that make numbers in a row page numbers
_LARGE = 1.2  # pt above the body's size
_NEARLY, _CLEAR = 0.7, 1.5  # of the pages have their number there; type sizes from it to the text
_NEAR = 4  # lines before and after, by height, that are looked at; there may be four columns
_EDGE = 4  # lines from the top or bottom of a page that are looked at
_NUMBER = re.compile(r"\d+")
_RISE = 0.6  # of the type size: a title may stand so much above the text beside it
_SECTION = re.compile(r"(?:\d+|[A-Z])(?:\.\d+)*\.?")
_NOTE = re.compile(r"\d{1,3}[.)]?\s*[^\W\d].*\s.*[.!?]$")  # a number and a sentence
# What some typesetters print where they part a listing or a table.
_PARTED = re.compile(
    r"\bcontinue[sd]?\W{1,3}(?:(?:on|from|in|at|to)\W{1,3})?(?:the\s)?"
    r"(?:next|previous|preceding|following|facing|opposite|last)\s(?:page|column|slide)\W*$",
    re.I,
)
_ROMAN = re.compile(r"^[ivxlcdm]+$", re.I)


Type = tuple[str, float]


@dataclass(slots=True)
class _Seen:
    page: int
    index: int
    text: str
    numbers: list[int]
    row: str  # letters of the rows of its size that it stands in
    twice: bool  # whether the page has these letters elsewhere, as below a running head
    baseline: float
    level: bool  # whether it is level with the text of the book
    clear: bool  # whether it stands apart from the rows above and below
    lone: bool  # a label that the book prints once
    title: Type | None  # font and size, if it may be a title over the first row of the page's text


def find_furniture(
    pages: Sequence[PageDrawn], fonts: Fonts, titled: Mapping[int, set[str]]
) -> dict[int, set[int]]:
    """Line numbers that are furniture, by page. ``titled`` has folded outline titles by page."""
    titles = {title for found in titled.values() for title in found}
    named = set(titles)
    groups = _grouped(pages, fonts, titled, named)
    found: dict[int, set[int]] = defaultdict(set)
    heads = CodeHeads(fonts)
    for page in pages:
        found[page.number] = _parted(page, fonts)
        heads.see(page)
    for number, indices in heads.found().items():
        found[number] |= indices
    joined = _with_neighbours(groups)
    for page, indices in _beside_numbers(joined, len(pages)).items():
        found[page] |= indices
    for members, large in joined:
        if large and not _on_most_pages(members, len(pages)):
            continue  # headings repeat too
        if not _is_furniture(members, len(pages), titles if large else named):
            continue
        labels = sum(1 for seen in members if not seen.lone and is_label(seen.text))
        words = Counter(fold(seen.text) for seen in members)
        on = Counter(row for _, row in {(seen.page, seen.row) for seen in members})
        shifts = _shifts(members, len(pages))
        for seen in members:
            if seen.lone and labels < _OFTEN:
                continue  # "Chapter 7" over a title; a running head repeats, as those around it do
            counts = _counts(seen, shifts) and (not seen.row or seen.twice)
            if large and on[seen.row] == 1 and not counts:
                continue  # a heading that stands at the top, under none of its own
            if len(seen.text) <= _LONG or words[fold(seen.text)] >= _OFTEN:
                found[seen.page].add(seen.index)  # a long line of its own words is a footnote
    return found


def _small_titles(
    page: PageDrawn, titles: set[str], fonts: Fonts, types: set[Type]
) -> tuple[set[int], dict[int, Type]]:
    """Lines of titles in type no larger than text, with their numbers: first those that are level
    with text or below some, which add to ``types``; then those over the first row of text, by type.

    The outline says that the section begins on this page, and only one line there says the title.
    Level with text or below some there is no running head; over it there may be one, which then is
    in another type than titles elsewhere.
    """
    inside: set[int] = set()
    over: dict[int, Type] = {}
    if not titles:
        return inside, over
    texts = Counter(fold(line.text) for line in page.lines)
    body = [line.baseline for line in page.lines if line.runs[0].font == fonts.body
            and abs(_size(line) - fonts.body_size) < 0.2]  # fmt: skip
    top = min(body, default=page.height) - _RISE * fonts.body_size
    for index, line in enumerate(page.lines):
        title = fold(line.text)
        if title not in titles or line.runs[0].font == fonts.body:
            continue
        kind = line.runs[0].font, round(_size(line), 1)
        if line.baseline >= top:
            types.add(kind)  # a running head above may say it, too
        if texts[title] != 1 or line.baseline >= 0.8 * page.height:
            continue
        lines = [index] + [
            n for n, near in enumerate(page.lines)
            if abs(near.baseline - line.baseline) < 1 and near.box[2] <= line.box[0]
            and _SECTION.fullmatch(near.text.strip())
        ]  # fmt: skip
        if line.baseline >= top:
            inside.update(lines)
        else:
            over.update(dict.fromkeys(lines, kind))
    return inside, over


def _grouped(
    pages: Sequence[PageDrawn], fonts: Fonts, titled: Mapping[int, set[str]], titles: set[str]
) -> dict[tuple[object, ...], list[_Seen]]:
    """Lines near the edges by side, place, type size, and whether that is large.

    What is set in large type is added to ``titles``: running heads name it, with an outline or not.
    """
    groups: dict[tuple[object, ...], list[_Seen]] = defaultdict(list)
    labels, notes = _labels_and_notes(pages)
    types: set[Type] = set()
    for page in pages:
        tall = _rows(page, fonts.body_size + _LARGE)
        outlined = _outlined(page, tall, titled.get(page.number, set()))
        rows = {n: fold(_text(page, block)) for block in _blocks(page, tall) for n in block}
        copies = Counter(rows[row[0]] for row in tall) + Counter(
            fold(line.text) for n, line in enumerate(page.lines) if n not in rows
        )
        titles |= {rows[row[0]] for row in tall}
        small, over = _small_titles(page, titled.get(page.number, set()), fonts, types)
        edges, texts = _edges(page, fonts)
        for index, line, side in edges:
            size = _size(line)
            if _is_code(line, fonts):
                continue  # code repeats too
            lone = labels[line.text.strip()] == 1
            if side == "foot" and notes[fold(line.text)] == 1:
                continue  # the first note of each page counts the pages as well
            text = " ".join(line.text.split())
            numbers = [int(found) for found in _NUMBER.findall(text)[:6] if len(found) < 7]
            large = size > fonts.body_size + _LARGE
            if (large and index in outlined) or index in small:
                continue
            key = (side, round(line.baseline / 3), round(size * 2), large)
            row = rows.get(index, "")
            level = any(abs(line.baseline - one) < 1 for one in texts)
            clear = not any(
                1 <= abs(line.baseline - o.baseline) < _CLEAR * fonts.body_size for o in page.lines
            )
            groups[key].append(
                _Seen(page.number, index, text, numbers, row, copies[row] > 1, line.baseline,
                      level, clear, lone, over.get(index))
            )  # fmt: skip
    return {
        key: [seen for seen in members if seen.title not in types]
        for key, members in groups.items()
    }


def _labels_and_notes(pages: Sequence[PageDrawn]) -> tuple[Counter[str], Counter[str]]:
    """How often the book has each label ("Chapter 7"), and each line that reads like a note."""
    labels: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    for text in (line.text for page in pages for line in page.lines):
        if is_label(text):
            labels[text.strip()] += 1
        if _NOTE.match(text.strip()):
            notes[fold(text)] += 1
    return labels, notes


def _outlined(page: PageDrawn, rows: Sequence[Sequence[int]], titles: set[str]) -> set[int]:
    """Lines that the outline names: of those with the title, the ones in the largest type.

    A title may be drawn word by word, and over several rows.
    """
    found: dict[str, tuple[float, list[int]]] = {}
    for first in range(len(rows) if titles else 0):
        size = _size(page.lines[rows[first][0]])
        for last in range(first, min(first + _TITLE_ROWS, len(rows))):
            if abs(_size(page.lines[rows[last][0]]) - size) > 0.1:
                break
            members = [n for row in rows[first : last + 1] for n in row]
            title = fold(_text(page, members))
            if title in titles and (title not in found or size > found[title][0] + 0.1):
                found[title] = size, members
    return {n for _, members in found.values() for n in members}


def _rows(page: PageDrawn, low: float) -> list[list[int]]:
    """Numbers of lines of one size above ``low`` on one baseline, from the top left."""
    rows: dict[tuple[int, float], list[int]] = defaultdict(list)
    for n, line in enumerate(page.lines):
        if _size(line) <= low:
            continue
        rows[round(line.baseline), round(_size(line), 1)].append(n)
    return [
        sorted(members, key=lambda n: page.lines[n].box[0])
        for _, members in sorted(rows.items(), key=lambda item: item[0][0])
    ]


def _blocks(page: PageDrawn, rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Rows that follow each other in one size, as the few rows of a title do; else single ones."""
    runs: list[list[Sequence[int]]] = []
    for row in rows:
        line = page.lines[row[0]]
        last = page.lines[runs[-1][-1][0]] if runs else None
        near = last is not None and line.baseline - last.baseline < _TIGHT * _size(line)
        if last is not None and near and abs(_size(line) - _size(last)) < 0.1:
            runs[-1].append(row)
        else:
            runs.append([row])
    blocks: list[list[int]] = []
    for run in runs:
        titled = len(run) <= _TITLE_ROWS
        blocks += [[n for row in run for n in row]] if titled else [list(row) for row in run]
    return blocks


def _text(page: PageDrawn, members: Sequence[int]) -> str:
    return " ".join(page.lines[n].text for n in members)


def _solid(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _edges(page: PageDrawn, fonts: Fonts) -> tuple[list[tuple[int, Line, str]], list[float]]:
    """Lines among the outermost ones, with the side they stand on; and the baselines of text."""
    code = {round(line.baseline) for line in page.lines if _is_code(line, fonts)}
    order = sorted(range(len(page.lines)), key=lambda number: page.lines[number].baseline)
    inner = {n for n in order if _in_text(page, order, n, fonts)}
    texts = [page.lines[n].baseline for n in inner]
    order = [n for n in order if round(page.lines[n].baseline) not in code and n not in inner]
    top = [n for n in order[: _EDGE + 2] if page.lines[n].baseline < 0.2 * page.height]
    bottom = [n for n in order[-_EDGE - 2 :] if page.lines[n].baseline > 0.8 * page.height]
    found = [(n, page.lines[n], "top") for n in top] + [(n, page.lines[n], "foot") for n in bottom]
    return found, texts


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
    for other in order[max(0, spot - _NEAR) : spot + _NEAR + 1]:
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


def _beside_numbers(groups: Sequence[tuple[list[_Seen], bool]], pages: int) -> dict[int, set[int]]:
    """Lines of no large type that are level with page numbers, which stand apart from the text."""
    rows: dict[int, list[float]] = defaultdict(list)  # by page: baselines of its number
    for members, large in groups:
        shifts = _shifts(members, pages)
        bare = [one for one in members if one.text.isdigit() and _counts(one, shifts)]
        if large or len({one.page for one in bare}) < max(_MANY, _NEARLY * pages):
            continue
        if any(one.level for one in bare):
            continue  # they stand in the margin, beside the first row of the text
        for one in bare:
            if one.clear:
                rows[one.page].append(one.baseline)
    found: dict[int, set[int]] = defaultdict(set)
    for members, large in groups:
        for one in members if not large else ():
            if one.lone:
                continue
            level = any(abs(one.baseline - row) < 1 for row in rows.get(one.page, ()))
            if level and len(one.text) <= _LONG:
                found[one.page].add(one.index)
    return found


def _is_furniture(members: list[_Seen], pages: int, titles: set[str]) -> bool:
    members = [seen for seen in members if not seen.lone]
    on = len({seen.page for seen in members})
    if on < 3 or on < min(0.04 * pages, 12):
        return False
    shifts = _shifts(members, pages)
    tracks = [_counts(seen, shifts) for seen in members]
    # numbers that do not count the pages belong to the words: "Step 1" is not "Step 2"
    keys = [
        fold(seen.text) if counts else _solid(seen.text)
        for seen, counts in zip(members, tracks, strict=True)
    ]
    words = Counter(keys)
    follows = repeats = names = both = 0
    for seen, key, counts in zip(members, keys, tracks, strict=True):
        named = _names_heading(seen.text, titles)
        follows += counts or bool(_ROMAN.match(seen.text))
        repeats += words[key] >= 2
        names += not counts and named
        both += words[key] >= 2 or named or counts
    share = on / max(1, pages)
    if follows >= 0.7 * len(members) and any(tracks):
        return True
    if words.most_common(1)[0][1] >= 0.5 * len(members) and share > 0.15:
        return True
    return share > 0.2 and both >= 0.75 * len(members) and repeats + follows + names > 0


def _counts(seen: _Seen, shifts: set[tuple[int, int]]) -> bool:
    """Whether a line holds the number of its page."""
    return any(n - by * seen.page == shift for n in seen.numbers for by, shift in shifts)


def _shifts(members: Sequence[_Seen], pages: int) -> set[tuple[int, int]]:
    """How numbers follow the page: pages on a sheet, and the difference; empty when they do not.

    Three headings at the top of pages may be numbered in a row, too: so on a few pages of many the
    numbers say nothing.
    """
    found = Counter(
        shift for seen in members
        for shift in {(by, number - by * seen.page) for number in seen.numbers for by in (1, 2)}
    )  # fmt: skip
    on = len({one.page for one in members})
    if on < _MANY and on < 0.5 * pages:
        return set()
    most = max(found.values(), default=0)
    return {shift for shift, times in found.items() if times >= max(3, 0.8 * most)}


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
