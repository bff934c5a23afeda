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

from booktune_assets.books.boldlines import bold_titles, fold, is_bold
from booktune_assets.books.codeheads import CodeHeads
from booktune_assets.books.folios import (
    LONG,
    Seen,
    Type,
    beside_numbers,
    counts,
    dropped_folios,
    numbered_rows,
    shifts_of,
)
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.labels import is_label
from booktune_assets.books.saidagain import SaidAgain

__all__ = ["find_furniture"]

_OFTEN = 3  # times that a longer running head repeats
_TITLE_ROWS = 3  # of a title in large type
_TIGHT = 1.6  # of the type size: rows that are nearer go together
_LARGE = 1.2  # pt above the body's size
_CLEAR = 1.5  # type sizes from a page number to the text
_NEAR = 4  # lines before and after, by height, that are looked at; there may be four columns
_SAME = 0.5  # of the pages: no heading says the same on so many
_USUAL = 0.4  # of the pages: what they have beyond a line is no text of the book
_EDGE = 4  # lines from the top or bottom of a page that are looked at
_NUMBER = re.compile(r"\d+")
_RISE = 0.6  # of the type size: a title may stand so much above the text beside it
_SECTION = re.compile(r"(?:\d+|[A-Z])(?:\.\d+)*\.?")
_RAISED, _SMALL = 1, 0.8  # the flag of a run above its line; of the line's size
_SIGN = re.compile(r"\s*\[?(\d{1,3}|[*\u2020\u2021\u00a7\u00b6]{1,3})[\].)]?\s*(?=[^\W\d])")
_NOTE = re.compile(r"\d{1,3}[.)]?\s*[^\W\d].*\s.*[.!?]$")  # a number and a sentence
# What some typesetters print where they part a listing or a table.
_PARTED = re.compile(
    r"\bcontinue[sd]?\W{1,3}(?:(?:on|from|in|at|to)\W{1,3})?(?:the\s)?"
    r"(?:next|previous|preceding|following|facing|opposite|last)\s(?:page|column|slide)\W*$",
    re.I,
)
_ROMAN = re.compile(r"^[ivxlcdm]+$", re.I)


def find_furniture(
    pages: Sequence[PageDrawn], fonts: Fonts, titled: Mapping[int, set[str]]
) -> dict[int, set[int]]:
    """Line numbers that are furniture, by page. ``titled`` has folded outline titles by page."""
    titles = {title for found in titled.values() for title in found}
    named, bold = set(titles), set[str]()
    found, labels, notes = _first_look(pages, fonts)
    groups = _grouped(pages, fonts, titled, named, bold, labels, notes)
    joined = _with_neighbours(groups)
    for page, indices in beside_numbers(joined, len(pages)).items():
        found[page] |= indices
    heads: list[list[Seen]] = []
    for members, large in joined:
        if large and not _on_most_pages(members, len(pages)):
            continue  # headings repeat too
        shifts = shifts_of(members, len(pages))
        beside = numbered_rows(members, shifts) if large else set[tuple[int, int]]()
        known = (titles, set[str]()) if large else (named, bold)
        if not beside and not _is_furniture(members, len(pages), *known):
            continue
        heads.append(members)
        labels = sum(1 for seen in members if not seen.lone and is_label(seen.text))
        words = Counter(fold(seen.text) for seen in members)
        on = Counter(row for _, row in {(seen.page, seen.row) for seen in members})
        for seen in members:
            if seen.lone and labels < _OFTEN:
                continue  # "Chapter 7" over a title; a running head repeats, as those around it do
            counted = counts(seen, shifts) and (not seen.row or seen.twice)
            counted |= (seen.page, round(seen.baseline)) in beside
            same = words[fold(seen.text)]
            whole = seen.row == fold(seen.text) and same >= _SAME * len(pages)
            if large and on[seen.row] == 1 and not counted and not whole:
                continue  # a heading that stands at the top, under none of its own
            if len(seen.text) <= LONG or same >= _OFTEN:
                found[seen.page].add(seen.index)  # a long line of its own words is a footnote
    for page, indices in dropped_folios(joined, heads, len(pages)).items():
        found[page] |= indices
    return found


def _first_look(
    pages: Sequence[PageDrawn], fonts: Fonts
) -> tuple[dict[int, set[int]], Counter[str], Counter[str]]:
    """Lines, by page, that say that a listing goes on, or its caption again, and heads in the type
    of code; how often the book has each label ("Chapter 7"), and each line that reads like a note.
    """
    found: dict[int, set[int]] = defaultdict(set)
    coded, again = CodeHeads(fonts), SaidAgain(fonts)
    labels: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    for page in pages:
        found[page.number] = _parted(page, fonts) | again.see(page)
        coded.see(page)
        for text in (line.text for line in page.lines):
            if is_label(text):
                labels[text.strip()] += 1
            if _NOTE.match(text.strip()):
                notes[fold(text)] += 1
    for number, indices in coded.found().items():
        found[number] |= indices
    return found, labels, notes


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
    pages: Sequence[PageDrawn], fonts: Fonts, titled: Mapping[int, set[str]], titles: set[str],
    bold: set[str], labels: Counter[str], notes: Counter[str],
) -> dict[tuple[object, ...], list[Seen]]:  # fmt: skip
    """Lines near the edges by side, place, type size, and whether that is large.

    What is set in large type is added to ``titles``, bold lines to ``bold``: running heads name
    them, with an outline or not.
    """
    groups: dict[tuple[object, ...], list[Seen]] = defaultdict(list)
    types: set[Type] = set()
    for page in pages:
        tall = _rows(page, fonts.body_size + _LARGE)
        outlined = _outlined(page, tall, titled.get(page.number, set()))
        rows = {n: fold(_text(page, block)) for block in _blocks(page, tall) for n in block}
        copies = Counter(rows[row[0]] for row in tall) + Counter(
            fold(line.text) for n, line in enumerate(page.lines) if n not in rows
        )
        small, over = _small_titles(page, titled.get(page.number, set()), fonts, types)
        edges, inner = _edges(page, fonts)
        titles |= {rows[row[0]] for row in tall}
        bold |= bold_titles(page, edges, fonts)
        marked = _marked_notes(page, edges)
        texts = [page.lines[n].baseline for n in inner]
        for index, line, side in edges:
            size = _size(line)
            if _is_code(line, fonts):
                continue  # code repeats too
            lone = labels[line.text.strip()] == 1
            if index in marked or (side == "foot" and notes[fold(line.text)] == 1):
                continue  # the first note of each page counts the pages as well
            text = " ".join(line.text.split())
            numbers = [int(found) for found in _NUMBER.findall(text)[:6] if len(found) < 7]
            large = size > fonts.body_size + _LARGE
            if (large and index in outlined) or index in small:
                continue
            key = (side, round(line.baseline / 3), round(size * 2), large)
            row, level = rows.get(index, ""), any(abs(line.baseline - one) < 1 for one in texts)
            groups[key].append(
                Seen(page.number, index, text, numbers, row, copies[row] > 1, line.baseline,
                     level, _is_clear(line, page, fonts), lone, over.get(index),
                     _is_within(page, inner, index, side), is_bold(line, fonts))
            )  # fmt: skip
    return {
        key: [seen for seen in members if seen.title not in types and (usual or not seen.within)]
        for key, members in groups.items()
        for usual in [sum(one.within for one in members) >= _USUAL * len(pages)]
    }


def _is_clear(line: Line, page: PageDrawn, fonts: Fonts) -> bool:
    """No other line stands close above or below."""
    near = _CLEAR * fonts.body_size
    return not any(1 <= abs(line.baseline - other.baseline) < near for other in page.lines)


def _marked_notes(page: PageDrawn, edges: Sequence[tuple[int, Line, str]]) -> set[int]:
    """Lines at the foot of a note whose mark stands, raised, in the text of the page.

    Notes may say the same on page after page ("See chapter 3").
    """
    foot = [(n, line, _SIGN.match(line.text)) for n, line, side in edges if side == "foot"]
    if not any(sign for _, _, sign in foot):
        return set()
    raised = {
        run.text.strip() for line in page.lines for run in line.runs[1:]
        if run.flags & _RAISED and run.size < _SMALL * line.size
    }  # fmt: skip
    found: set[int] = set()
    last: Line | None = None
    for n, line, sign in sorted(foot, key=lambda one: (one[1].baseline, one[1].box[0])):
        goes_on = last is not None and 0 <= line.baseline - last.baseline < _TIGHT * _size(line)
        worded = any(map(str.isalpha, line.text))
        if (sign and sign.group(1) in raised) or (goes_on and worded):
            found.add(n)
            last = line
        else:
            last = None
    return found


def _is_within(page: PageDrawn, inner: set[int], index: int, side: str) -> bool:
    """Whether text of the page is above a line near the top, or below one near the foot.

    A title in a page's third row may come as often as a running head; nothing is beyond of those,
    but for what each page says there.
    """
    line = page.lines[index]
    low, high = (0.0, line.baseline - 1) if side == "top" else (line.baseline + 1, page.height)
    return any(
        low < (near := page.lines[n]).baseline < high
        and near.box[0] < line.box[2] and line.box[0] < near.box[2]
        for n in inner
    )  # fmt: skip


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


def _edges(page: PageDrawn, fonts: Fonts) -> tuple[list[tuple[int, Line, str]], set[int]]:
    """Lines among the outermost ones, with the side they stand on; and the lines of text."""
    code = {round(line.baseline) for line in page.lines if _is_code(line, fonts)}
    order = sorted(range(len(page.lines)), key=lambda number: page.lines[number].baseline)
    inner = {n for spot, n in enumerate(order) if _in_text(page, order, spot, fonts)}
    order = [n for n in order if round(page.lines[n].baseline) not in code and n not in inner]
    top = [n for n in order[: _EDGE + 2] if page.lines[n].baseline < 0.2 * page.height]
    bottom = [n for n in order[-_EDGE - 2 :] if page.lines[n].baseline > 0.8 * page.height]
    found = [(n, page.lines[n], "top") for n in top] + [(n, page.lines[n], "foot") for n in bottom]
    return found, inner


def _parted(page: PageDrawn, fonts: Fonts) -> set[int]:
    """The outermost lines that only say that a listing goes on, or did."""
    order = sorted(range(len(page.lines)), key=lambda number: page.lines[number].baseline)
    outer = {*order[: _EDGE + 2], *order[-_EDGE - 2 :]}
    return {
        number for number in outer
        if len(page.lines[number].text) <= LONG and _PARTED.search(page.lines[number].text)
        and not _is_code(page.lines[number], fonts)
    }  # fmt: skip


def _is_code(line: Line, fonts: Fonts) -> bool:
    """All in fixed pitch, but for signs that code fonts lack and callout marks."""
    runs = [run for run in line.runs if not run.text.isspace()]
    return any(map(fonts.mono, runs)) and not any(map(fonts.words, runs))


def _in_text(page: PageDrawn, order: list[int], spot: int, fonts: Fonts) -> bool:
    """Whether a line is set as body text with another such line right above or below it."""
    line = page.lines[order[spot]]
    if abs(_size(line) - fonts.body_size) > 0.2 or line.runs[0].font != fonts.body:
        return False
    for other in order[max(0, spot - _NEAR) : spot + _NEAR + 1]:
        near = page.lines[other]
        gap = abs(near.baseline - line.baseline)
        aligned = abs(near.box[0] - line.box[0]) < 3
        if 3 < gap < 1.6 * fonts.body_size and aligned and near.runs[0].font == fonts.body:
            return True
    return False


def _on_most_pages(members: list[Seen], pages: int) -> bool:
    """Whether large type stands there on page after page, as no heading does."""
    on = {seen.page for seen in members}
    return len(on) >= 0.4 * pages and sum(page + 1 in on for page in on) >= 0.5 * len(on)


def _with_neighbours(
    groups: dict[tuple[object, ...], list[Seen]],
) -> list[tuple[list[Seen], bool]]:
    """Groups, with those at the rounding edge joined to their neighbour; and if type is large."""
    done: set[tuple[object, ...]] = set()
    out: list[tuple[list[Seen], bool]] = []
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


def _is_furniture(members: list[Seen], pages: int, titles: set[str], bold: set[str]) -> bool:
    worded = {(seen.page, round(seen.baseline)) for seen in members if fold(seen.text)}
    members = [
        seen for seen in members
        if not seen.lone and not (
            "." in seen.text and _SECTION.fullmatch(seen.text)  # it counts the title beside it
            and (seen.page, round(seen.baseline)) in worded
        )
    ]  # fmt: skip
    on = len({seen.page for seen in members})
    if on < 3 or on < min(0.04 * pages, 12):
        return False
    shifts = shifts_of(members, pages)
    tracks = [counts(seen, shifts) for seen in members]
    # numbers that do not count the pages belong to the words: "Step 1" is not "Step 2"
    keys = [
        fold(seen.text) if track else _solid(seen.text)
        for seen, track in zip(members, tracks, strict=True)
    ]
    words = Counter(keys)
    follows = repeats = names = both = 0
    for seen, key, track in zip(members, keys, tracks, strict=True):
        named = _names_heading(seen.text, titles) or (
            not seen.bold and _names_heading(seen.text, bold)  # else one title would name another
        )
        follows += track or bool(_ROMAN.match(seen.text))
        repeats += words[key] >= 2
        names += not track and named
        both += words[key] >= 2 or named or track
    share = on / max(1, pages)
    if follows >= 0.7 * len(members) and any(tracks):
        return True
    if words.most_common(1)[0][1] >= 0.5 * len(members) and share > 0.15:
        return True
    return share > 0.2 and both >= 0.75 * len(members) and repeats + follows + names > 0


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
    runs = line.runs
    if len(runs) == 1:
        return runs[0].size
    return max([run.size for run in runs if not run.text.isspace()], default=0.0)
