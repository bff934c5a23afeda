"""Where a book speaks of its own parts: "see Chapter 7", "the next section", "the figure below".

Belongs here: the section that such words mean. Does not: finding the words (``spoken.py``), what
follows from them (``order.py``), where links lead (``links.py``).

Nothing is guessed: a reference whose number is not in the book, or is there twice, is a row with
the reason. A link is better evidence than the words that carry it: where both are there it decides.
"The figure below" means the next figure of the same section, whether it has a label or not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.books.codenames import names_code
from booktune_assets.books.headings import folded
from booktune_assets.books.labels import label_word, split_number
from booktune_assets.books.matter import chapter_level
from booktune_assets.books.spoken import KINDS, LABEL, named_in, plain
from booktune_assets.books.unprinted import unprinted_numbers

__all__ = ["Reference", "find_references"]

Row = dict[str, Any]
_PROSE = frozenset({"prose", "list", "callout", "footnote", "caption", "exercise", "answer"})
_TITLE_CHARS = 100
_TOLD = 2  # chapters named by number and title that show how the others are meant
_LISTS = ("contents", "tableofcontents", "index")  # sections that only lead elsewhere
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


@dataclass(slots=True)
class Reference:
    """Words of a block and what they mean. Offsets are in the block's text."""

    block: Row
    start: int
    end: int
    kind: str
    number: str = ""
    section_id: str | None = None
    target_block_id: str | None = None
    reason: str | None = None
    by: str | None = None
    title: str = ""


@dataclass(slots=True)
class _Index:
    """Sections by number and title, labelled blocks by label, pages by what is printed on them."""

    sections: list[Row]
    numbers: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    titles: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    labels: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    home: dict[str, str] = field(default_factory=dict[str, str])
    spots: dict[str, int] = field(default_factory=dict[str, int])
    shown: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    pages: dict[str, int] = field(default_factory=dict[str, int])
    place: dict[str, int] = field(default_factory=dict[str, int])
    chapters: dict[str, str] = field(default_factory=dict[str, str])  # by section
    parts: dict[str, str] = field(default_factory=dict[str, str])
    chapter_level: int = 1
    has_parts: bool = False
    shift: int = 0  # of the printed numbers of chapters against those that the text says


def find_references(
    sections: Sequence[Row], blocks: Sequence[Row], labels: dict[str, int],
    links: Mapping[str, Sequence[Row]], tasks: Sequence[tuple[str, str | None, Row]] = (),
) -> Iterator[Reference]:  # fmt: skip
    """References in reading order.

    ``labels`` are page numbers by what is printed on them, ``links`` rows of ``raw_books__links``
    by block, ``tasks`` number, number of the chapter and block of the exercises.
    """
    index = _index(sections, blocks, labels)
    index.shift = _shift(index, blocks)
    if not any(row["number"] for row in sections if row["role"] == "body"):
        said = list(_chapters_said(index, blocks, links))
        for number, row in unprinted_numbers(sections, index.chapter_level, said).items():
            index.numbers[number].append(row)
    _add_tasks(index, tasks)
    silent = {
        row["section_id"] for row in sections
        if row["role"] != "body" and folded(row["title"]) in _LISTS
    }  # fmt: skip
    for block in blocks:
        if block["kind"] not in _PROSE or block["section_id"] in silent:
            continue
        found = [
            one for one in _in_text(block, index.titles)
            if index.has_parts or not (one.kind == "relative" and one.number.endswith("part"))
        ]  # fmt: skip
        for one in found:
            _resolve(one, index, index.place[block["section_id"]])
        found += _follow(found, block, links.get(block["block_id"], ()), index)
        yield from sorted(found, key=lambda one: (one.start, one.end))


def _index(sections: Sequence[Row], blocks: Sequence[Row], labels: dict[str, int]) -> _Index:
    index = _Index(list(sections), pages=labels)
    index.has_parts = any(row["kind"] == "part" for row in sections)
    index.chapter_level = chapter_level([row["level"] for row in sections if row["role"] == "body"])
    chapter = part = ""
    for number, row in enumerate(sections):
        index.place[row["section_id"]] = number
        if row["level"] <= index.chapter_level:
            chapter = row["section_id"]
            part = chapter if row["level"] < index.chapter_level else part
        index.chapters[row["section_id"]], index.parts[row["section_id"]] = chapter, part
        if row["number"]:
            index.numbers[row["number"].upper()].append(row)
        index.titles[folded(row["title"])].append(row)
        if label_word(row["title"]) in ("appendix", "chapter"):  # "23 Appendix A: Setup"
            index.numbers[(split_number(row["title"])[0] or "").upper()].append(row)
    ranked: dict[tuple[str, str], list[tuple[int, Row]]] = defaultdict(list)
    for spot, block in enumerate(blocks):
        index.home[block["block_id"]] = block["section_id"]
        index.spots[block["block_id"]] = spot
        if block["kind"] in ("figure", "table"):
            index.shown[block["kind"]].append(block)
        if block["kind"] == "caption" and block["number"] and block.get("label"):
            ranked[block["label"], plain(block["number"])].append((2, block))  # not written
        elif own := _label(block):
            kind = own["word"].lower()
            rank = 2 * (block["kind"] in ("caption", "exercise")) + bool(own["mark"])
            ranked[KINDS.get(kind, kind), plain(own["number"])].append((rank, block))
    for name, found in ranked.items():
        best = max(rank for rank, _ in found)
        index.labels[name] = [block for rank, block in found if rank == best]
    return index


def _shift(index: _Index, blocks: Sequence[Row]) -> int:
    """How the chapters that the text names by number and title are numbered in print.

    Whoever set the book may have numbered it anew. All that is told so has to agree.
    """
    found: set[int] = set()
    told = 0
    for block in blocks:
        for one in _in_text(block, index.titles) if block["kind"] in _PROSE else ():
            rows = index.titles.get(folded(one.title), []) if one.title else []
            if one.kind != "chapter" or one.reason or len(rows) != 1 or not one.number.isdigit():
                continue
            if (rows[0]["number"] or "").isdigit() and rows[0]["level"] == index.chapter_level:
                found.add(int(rows[0]["number"]) - int(one.number))
                told += 1
    return found.pop() if len(found) == 1 and told >= _TOLD else 0


def _chapters_said(
    index: _Index, blocks: Sequence[Row], links: Mapping[str, Sequence[Row]]
) -> Iterator[tuple[int, str | None]]:
    """Numbers of chapters that the text names; which one where a title or a link says it."""
    for block in blocks:
        for one in _in_text(block, index.titles) if block["kind"] in _PROSE else ():
            if one.kind != "chapter" or one.reason or not one.number.isdigit():
                continue
            rows = index.titles.get(folded(one.title), []) if one.title else []
            leads = [
                index.home.get(link["target_block_id"] or "")
                for link in links.get(block["block_id"], ())
                if link["char_start"] < one.end and one.start < link["char_end"]
            ]
            named = rows[0]["section_id"] if len(rows) == 1 else leads[0] if leads else None
            yield int(one.number), named


def _add_tasks(index: _Index, tasks: Sequence[tuple[str, str | None, Row]]) -> None:
    """Exercises by "2.1", and by number and chapter where the number has no dot."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for number, chapter, block in tasks:
        found["exercise", number].append(block)
        if chapter and "." not in number:
            found["exercise", f"{plain(chapter)}.{number}"].append(block)
    for name, rows in found.items():
        index.labels.setdefault(name, rows)  # a printed label says it best


def _label(block: Row) -> re.Match[str] | None:
    """The label that a block begins with: a caption, not words about one."""
    own = LABEL.match(block["text"])
    if own is None or own["mark"] or block["kind"] in ("caption", "exercise"):
        return own
    rest = block["text"][own.end() :].strip()
    titled = len(rest) <= _TITLE_CHARS and not rest.endswith((".", "!", "?", ":", ","))
    return own if titled and (not rest or rest[0].isupper() or names_code(rest)) else None


def _follow(
    found: Sequence[Reference], block: Row, links: Sequence[Row], index: _Index
) -> Iterator[Reference]:
    """Let links decide what the words mean; links whose words say nothing are references too."""
    for link in links:
        start, end = link["char_start"], link["char_end"]
        target = link["target_block_id"] if link["kind"] == "internal" else None
        section = index.home.get(target or "")
        spoken = [one for one in found if one.start < end and start < one.end]
        # of "chapters 3 and 4" a link on the 4 decides on one of the two
        several = len(spoken) > 1 and len({one.start for one in spoken}) == 1
        if several:
            words = plain(block["text"][start:end])
            spoken = [one for one in spoken if one.number in re.split(r"[^\w.]+", words)]
        for one in spoken:
            if link["kind"] == "external":
                one.section_id = one.target_block_id = one.by = None
                one.reason = "another book"
            elif section and not _agrees(one, link, index):
                one.section_id, one.by, one.reason = section, "link", None
                one.target_block_id = target
        if not spoken and not several and link["kind"] == "internal":
            reason = None if section else "nothing stands there"
            yield Reference(
                block, start, end, "link", link["target"], section, target, reason,
                "link" if section else None,
            )  # fmt: skip


def _agrees(one: Reference, link: Row, index: _Index) -> bool:
    """Whether what the words say begins on the page that the link leads to.

    A point on a page is less exact than a number: it may stand a little above or below.
    """
    said = index.place.get(one.section_id or "")
    if said is None or one.by != "words" or link["page"] is None or one.kind == "page":
        return False
    return bool(index.sections[said]["page_first"] == link["page"])


def _in_text(block: Row, titles: Collection[str]) -> Iterator[Reference]:
    """The places of a block that name a part of the book; a label at its start is none."""
    own = _label(block)
    for one in named_in(block["text"], own.end() if own else 0, titles):
        reason = "another book" if one.elsewhere else None
        yield Reference(
            block, one.start, one.end, one.kind, one.number, reason=reason, title=one.title
        )


def _resolve(found: Reference, index: _Index, here: int) -> None:
    if found.reason:
        return
    if found.kind == "relative" and found.number.endswith(("figure", "table")):
        _only(found, _beside(found, index), "no such neighbour", index, here)
    elif found.kind == "relative":
        target = _neighbour(found.number, index, here)
        found.section_id = target["section_id"] if target else None
        found.reason = None if target else "no such neighbour"
    elif found.kind == "page":
        _by_page(found, index)
    elif found.kind == "exercise" and "." not in found.number:
        own = index.labels.get((found.kind, f"{_chapter_of(index, here)}.{found.number}"))
        rows = own or index.labels.get((found.kind, found.number), [])
        _only(found, rows, "no such label", index, here)
    elif found.kind in ("listing", "figure", "table", "exercise"):
        word = "example" if _says_example(found) else found.kind
        rows = index.labels.get((word, found.number)) or index.labels.get(
            (found.kind, found.number)
        )
        _only(found, rows or [], "no such label", index, here)
    elif found.kind == "title":
        rows = index.titles.get(folded(found.number), [])
        _only(found, rows, "no such title", index, here)
    else:
        _only(found, _numbered(found, index, here), "no such number", index, here)
    if found.section_id:
        found.by = "words"


def _says_example(found: Reference) -> bool:
    """Examples are listings, but for those that are counted beside them."""
    words = found.block["text"][found.start : found.end]
    return found.kind == "listing" and words[:7].casefold() == "example"


def _numbered(found: Reference, index: _Index, here: int) -> Sequence[Row]:
    """The sections that bear a number, of the kind that is named where there are such."""
    if found.kind == "part":
        wanted = _arabic(found.number)
        return [
            row for row in index.sections
            if row["kind"] == "part" and _arabic(row["number"] or "") == wanted
        ]  # fmt: skip
    titled = index.titles.get(folded(found.title), []) if found.title else []
    if len(titled) == 1 and titled[0]["kind"] != "part":
        return titled
    number = found.number
    if found.kind == "chapter" and index.shift and number.isdigit():
        number = str(int(number) + index.shift)
    rows = [row for row in index.numbers.get(number, []) if row["kind"] != "part"]
    if found.kind == "chapter":
        top = [row for row in index.sections if row["level"] == index.chapter_level]
        rows = [row for row in rows if row["level"] == index.chapter_level] or rows
        return rows or [  # "Chapter IV" where they are counted 1, 2, 3
            row for row in top if _arabic(row["number"] or "") == _arabic(found.number)
        ]
    if found.kind == "section" and "." not in found.number:  # "section 3" of this chapter
        own = _chapter_at(index, here)
        deep = [row for row in rows if row["level"] > index.chapter_level]
        return [row for row in deep if index.chapters[row["section_id"]] == own] or rows
    return rows


def _only(
    found: Reference, rows: Sequence[Row], missing: str, index: _Index, here: int
) -> None:  # fmt: skip
    """The one row that is meant; a block leads to its section.

    Of several the one of the same chapter is meant, else the one of the same part.
    """
    if len(rows) > 1:
        scopes = (index.parts,) if found.kind == "chapter" else (index.chapters, index.parts)
        for scope in scopes:
            own = scope[index.sections[here]["section_id"]]
            near = [row for row in rows if scope[row["section_id"]] == own]
            if len(near) == 1:
                rows = near
    if len(rows) != 1:
        found.reason = "ambiguous" if rows else missing
        return
    found.section_id = rows[0]["section_id"]
    found.target_block_id = rows[0].get("block_id")


def _beside(found: Reference, index: _Index) -> list[Row]:
    """The figure or table of the same section that stands next, before or after the words."""
    where, what = found.number.split()
    spot = index.spots[found.block["block_id"]]
    own = [
        (abs(index.spots[one["block_id"]] - spot), one) for one in index.shown[what]
        if one["section_id"] == found.block["section_id"]
        and (index.spots[one["block_id"]] > spot) == (where == "next")
    ]  # fmt: skip
    return [min(own, key=lambda one: one[0])[1]] if own else []


def _by_page(found: Reference, index: _Index) -> None:
    """What stands on a page: the section whose title is said before, else one that begins there."""
    page = index.pages.get(found.number)
    rows = [
        row for row in index.sections
        if page is not None and row["page_first"] is not None
        and row["page_first"] <= page <= row["page_last"]
    ]  # fmt: skip
    before = found.block["text"][max(0, found.start - _TITLE_CHARS) : found.start].rstrip()
    said = "" if before.endswith((".", "!", "?", ":", ";")) else folded(before)
    titled = [
        row for name, named in index.titles.items() if name and said.endswith(name)
        for row in named
        if row in rows or (page is None and len(named) == 1 and " " in row["title"])
    ]  # fmt: skip
    begun = [row for row in rows if row["page_first"] == page]
    best = max(titled, key=lambda row: len(row["title"]), default=None)
    best = best or next(iter(begun or rows), None)
    found.section_id = best["section_id"] if best else None
    found.reason = None if best else "no such page"


def _chapter_at(index: _Index, here: int) -> str:
    return index.chapters[index.sections[here]["section_id"]]


def _chapter_of(index: _Index, here: int) -> str:
    """Number of the chapter that holds section number ``here``."""
    while here > 0 and index.sections[here]["level"] > index.chapter_level:
        here -= 1
    return plain(index.sections[here]["number"] or "")


def _neighbour(words: str, index: _Index, here: int) -> Row | None:
    """The chapter or section next to the one that holds section number ``here``.

    "next 2 chapter" is the second one from here, "1. chapter" the first of this part.
    """
    where, *count, what = words.split()
    if what == "part":
        return _part_beside(where, index, here)
    if where.endswith("."):
        part = index.parts[index.sections[here]["section_id"]]
        own = [
            row for row in index.sections
            if row["level"] == index.chapter_level and row["role"] == "body"
            and index.parts[row["section_id"]] == part
        ]  # fmt: skip
        return next((row for row in own if row["number"] == where[:-1]), None)
    row = None
    for _ in range(int(count[0]) if count else 1):
        row = _beyond(where, what, index, here)
        if row is None:
            return None
        here = index.place[row["section_id"]]
    return row


def _part_beside(where: str, index: _Index, here: int) -> Row | None:
    """The part before or behind that of section number ``here``; a preface stands before all."""
    parts = [row for row in index.sections if row["kind"] == "part"]
    own = index.parts[index.sections[here]["section_id"]]
    at = next((n for n, row in enumerate(parts) if row["section_id"] == own), -1)
    at += 1 if where in ("next", "following") else -1
    return parts[at] if 0 <= at < len(parts) else None


def _beyond(where: str, what: str, index: _Index, here: int) -> Row | None:
    step = 1 if where in ("next", "following") else -1
    top, own = index.chapter_level, index.sections[here]["level"]
    if what == "section" and step > 0 and own <= top:  # from the words above the first section
        after = index.sections[here + 1] if here + 1 < len(index.sections) else None
        return after if after is not None and after["level"] > own else None
    level = top if what == "chapter" else own
    start = here
    if what == "chapter":  # from the beginning of the present chapter
        while start > 0 and index.sections[start]["level"] > level:
            start -= 1
    at = start + step
    while 0 <= at < len(index.sections):
        row = index.sections[at]
        if row["level"] < level and what == "section":
            return None
        # a preface is no chapter, nor is an index
        if row["level"] == level and (what == "section" or row["role"] == "body"):
            return row
        at += step
    return None


def _arabic(number: str) -> str:
    """Roman numerals as digits; anything else as it stands."""
    values = [_ROMAN.get(char, 0) for char in number]
    if not values or not all(values):
        return number
    pairs = zip(values, [*values[1:], 0], strict=True)
    return str(sum(-one if one < two else one for one, two in pairs))
