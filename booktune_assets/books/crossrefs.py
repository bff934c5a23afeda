"""Where a book speaks of its own parts: "see Chapter 7", "listing 3.2", "the next section".

Belongs here: finding such words and the section they mean. Does not: what follows from them
(``order.py``), links of the format (the readers keep only words).

Nothing is guessed: a reference whose number is not in the book, or is there twice, is a row with
the reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Reference", "find_references"]

Row = dict[str, Any]
_PROSE = frozenset({"prose", "list", "callout", "footnote", "caption", "exercise", "answer"})
_NUMBER = r"(?:\d+(?:[.\-\u2011]\d+)*|(?-i:[A-Z])(?:[.\-]\d+)*(?![\w'\u2019])|(?-i:[IVXL]+)(?!\w))"
_NUMBERED = re.compile(
    rf"\b(?P<word>chapters?|sections?|appendix|appendices|parts?|listings?|examples?|figures?|fig\."
    rf"|tables?|exercises?)\s+(?P<number>{_NUMBER})"
    rf"(?P<more>(?:\s*(?:,|and|or|to|through|\u2013|-)\s*{_NUMBER})*)", re.I,
)  # fmt: skip
_SIGN = re.compile(rf"\u00a7+\s?(?P<number>{_NUMBER})")
_PAGE = re.compile(r"\b(?:on|see|from)\s+(?:page|p\.)\s+(?P<number>\d+|[ivxl]+)\b", re.I)
_RELATIVE = re.compile(
    r"\b(?:the\s+)?(?P<where>next|following|previous|preceding|last)\s+(?P<what>chapter|section)\b",
    re.I,
)
_TITLED = re.compile(
    r"\b(?:chapter|section|guide|appendix)s?\s+(?:on|about|called|titled|entitled|named)?\s*"
    r"[\"\u201c\u2018*](?P<title>[^\"\u201d\u2019*\n]{3,80})[\"\u201d\u2019*]"
    r"|\b[Ss]ee\s+[\"\u201c](?P<quoted>[^\"\u201d\n]{3,80})[\"\u201d]"
)
_ELSEWHERE = re.compile(r"\s+(?:of|in|from)\s+(?:the\s+)?(?:book\s+)?[\"\u201c*A-Z]")
_LABEL = re.compile(
    rf"^(?P<word>listing|example|figure|fig\.|table|exercise)\s+(?P<number>{_NUMBER})\b", re.I
)
_KINDS = {"appendices": "appendix", "fig.": "figure", "example": "listing"}


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


@dataclass(slots=True)
class _Index:
    """Sections by number and title, labelled blocks by label, pages by what is printed on them."""

    sections: list[Row]
    numbers: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    titles: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    labels: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    pages: dict[str, int] = field(default_factory=dict[str, int])
    chapter_level: int = 1


def find_references(
    sections: Sequence[Row], blocks: Sequence[Row], labels: dict[str, int]
) -> Iterator[Reference]:
    """References in reading order. ``labels`` are page numbers by what is printed on them."""
    index = _index(sections, blocks, labels)
    place = {row["section_id"]: number for number, row in enumerate(index.sections)}
    for block in blocks:
        if block["kind"] not in _PROSE:
            continue
        own = _own_label(block)
        if own and not any(one is block for one in index.labels[own[0]]):
            own = None  # a paragraph that begins with the label of something else
        for found in _in_text(block, own[1] if own else 0):
            _resolve(found, index, place[block["section_id"]])
            yield found


def _index(sections: Sequence[Row], blocks: Sequence[Row], labels: dict[str, int]) -> _Index:
    index = _Index(list(sections), pages=labels)
    levels = [row["level"] for row in sections if row["role"] == "body" and row["level"] > 0]
    index.chapter_level = min(levels, default=1)
    for row in sections:
        if row["number"]:
            index.numbers[row["number"].upper()].append(row)
        index.titles[_folded(row["title"])].append(row)
    for block in blocks:
        if own := _own_label(block):
            index.labels[own[0]].append(block)
    for label, rows in index.labels.items():
        if captions := [row for row in rows if row["kind"] == "caption"]:
            index.labels[label] = captions
    return index


def _own_label(block: Row) -> tuple[tuple[str, str], int] | None:
    """The label that a block begins with, and where it ends."""
    match = _LABEL.match(block["text"])
    if match is None:
        return None
    kind = match["word"].lower()
    return (_KINDS.get(kind, kind), _plain(match["number"])), match.end()


def _in_text(block: Row, begin: int) -> Iterator[Reference]:
    """The places of a block that name a part of the book; a label at its start is none."""
    text = block["text"]
    taken: list[tuple[int, int]] = []
    for pattern in (_NUMBERED, _SIGN, _PAGE, _RELATIVE, _TITLED):
        for match in pattern.finditer(text, begin):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            elsewhere = "another book" if _ELSEWHERE.match(text, match.end()) else None
            for number, kind in _named(match):
                yield Reference(block, *match.span(), kind, number, reason=elsewhere)


def _named(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    """Numbers or titles of a match, with the kind of what they name."""
    groups = match.groupdict()
    if match.re is _NUMBERED:
        word = groups["word"].lower()
        kind = _KINDS.get(word, word.rstrip("s") if word != "appendix" else word)
        kind = _KINDS.get(kind, kind)
        yield _plain(groups["number"]), kind
        for number in re.findall(_NUMBER, groups["more"] or ""):
            yield _plain(number), kind
    elif match.re is _SIGN:
        yield _plain(groups["number"]), "section"
    elif match.re is _PAGE:
        yield groups["number"].lower(), "page"
    elif match.re is _RELATIVE:
        yield f"{groups['where'].lower()} {groups['what'].lower()}", "relative"
    else:
        yield groups["title"] or groups["quoted"], "title"


def _resolve(found: Reference, index: _Index, here: int) -> None:
    if found.reason:
        return
    if found.kind == "relative":
        target = _neighbour(found.number, index, here)
        found.section_id = target["section_id"] if target else None
        found.reason = None if target else "no such neighbour"
    elif found.kind == "page":
        _by_page(found, index)
    elif found.kind in ("listing", "figure", "table", "exercise"):
        _only(found, index.labels.get((found.kind, found.number), []), "no such label")
    elif found.kind == "title":
        _only(found, index.titles.get(_folded(found.number), []), "no such title")
    else:
        rows = index.numbers.get(found.number.upper(), [])
        level = index.chapter_level
        if found.kind == "chapter":
            rows = [row for row in rows if row["level"] == level] or rows
        elif found.kind == "part":
            rows = [row for row in rows if row["level"] < level]
        _only(found, rows, "no such number")


def _only(found: Reference, rows: Sequence[Row], missing: str) -> None:
    """The one row that is meant; a block leads to its section."""
    if len(rows) != 1:
        found.reason = "ambiguous" if rows else missing
        return
    found.section_id = rows[0]["section_id"]
    found.target_block_id = rows[0].get("block_id")


def _by_page(found: Reference, index: _Index) -> None:
    page = index.pages.get(found.number)
    rows = [
        row for row in index.sections
        if page is not None and row["page_first"] is not None
        and row["page_first"] <= page <= row["page_last"]
    ]  # fmt: skip
    found.section_id = rows[0]["section_id"] if rows else None
    found.reason = None if rows else "no such page"


def _neighbour(words: str, index: _Index, here: int) -> Row | None:
    """The chapter or section next to the one that holds section number ``here``."""
    where, what = words.split()
    step = 1 if where in ("next", "following") else -1
    level = index.chapter_level if what == "chapter" else index.sections[here]["level"]
    start = here
    if what == "chapter":  # from the beginning of the present chapter
        while start > 0 and index.sections[start]["level"] > level:
            start -= 1
    at = start + step
    while 0 <= at < len(index.sections):
        row = index.sections[at]
        if row["level"] < level and what == "section":
            return None
        if row["level"] == level:
            return row
        at += step
    return None


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _plain(number: str) -> str:
    return number.replace("\u2011", "-").replace("-", ".").upper()
