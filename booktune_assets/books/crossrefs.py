"""Where a book speaks of its own parts: "see Chapter 7", "the next section", "the figure below".

Belongs here: finding such words and the section they mean. Does not: what follows from them
(``order.py``), where links lead (``links.py``).

Nothing is guessed: a reference whose number is not in the book, or is there twice, is a row with
the reason. A link is better evidence than the words that carry it: where both are there it decides.
"The figure below" means the next figure of the same section, whether it has a label or not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.books.labels import SPELLED, bare_number
from booktune_assets.books.matter import chapter_level

__all__ = ["Reference", "find_references"]

Row = dict[str, Any]
_PROSE = frozenset({"prose", "list", "callout", "footnote", "caption", "exercise", "answer"})
_NUMBER = r"(?:\d+(?:[.\-\u2011]\d+)*|(?-i:[A-Z])(?:[.\-]\d+)*(?![\w'\u2019])|(?-i:[IVXL]+)(?!\w))"
_NUMBERED = re.compile(
    rf"\b(?P<word>chapters?|sections?|appendix|appendices|parts?|listings?|examples?|figures?"
    rf"|tables?|exercises?|(?-i:Ch|Chap|Sec|Sect|App)\.|figs?\.)\s+(?P<number>{_NUMBER})"
    rf"(?P<more>(?:\s*(?:,|and|or|to|through|\u2013|-)\s*{_NUMBER})*)", re.I,
)  # fmt: skip
_MORE = re.compile(rf"(?P<by>,|and|or|to|through|\u2013|-)\s*(?P<number>{_NUMBER})", re.I)
_WORDED = re.compile(
    rf"\b(?P<word>chapters?)\s+(?P<number>{SPELLED})"
    rf"(?P<more>(?:\s*(?:,|and|or|to|through)\s*(?:{SPELLED}))*)(?![\w-])", re.I,
)  # fmt: skip
_OF_CHAPTER = re.compile(
    rf"\s+(?:of|in|from)\s+(?:chapter|ch\.)\s+(?P<number>\d+|{SPELLED})\b", re.I
)
_SIGN = re.compile(rf"\u00a7+\s?(?P<number>{_NUMBER})")
_PAGE = re.compile(r"(?:\b(?:on|see|from)\s+|\()(?:pages?|pp?\.)\s+(?P<number>\d+|[ivxl]+)\b", re.I)
_RELATIVE = re.compile(
    r"\b(?:the\s+)?(?P<where>next|following|previous|preceding|last)"
    r"\s+(?P<what>chapter|section|lesson|guide)\b",
    re.I,
)
_SHOWN = (
    r"(?:figure|diagram|picture|image|illustration|drawing|screenshot|(?P<table{0}>table))"
    r"(?![-\w])"
)
_NEAR = re.compile(
    rf"\b(?:the|this)\s+{_SHOWN.format(1)}\s+(?:right\s+|just\s+)?(?P<side>below|above)\b"
    rf"|\b(?:the\s+)(?P<where>following|next|above|previous|preceding|below)"
    rf"\s+{_SHOWN.format(2)}(?!\s+of\s+contents)",
    re.I,
)
_AFTER = ("below", "following", "next")
_TITLED = re.compile(
    r"\b(?:chapter|section|guide|appendix)s?\s+(?:on|about|called|titled|entitled|named)?\s*"
    r"[\"\u201c\u2018*](?P<title>[^\"\u201d\u2019*\n]{3,80})[\"\u201d\u2019*]"
    r"|\b[Ss]ee\s+[\"\u201c](?P<quoted>[^\"\u201d\n]{3,80})[\"\u201d]"
)
_ELSEWHERE = re.compile(
    r"\s+(?:of|in|from)\s+(?:the\s+)?(?:book\s+)?(?:[\"\u201c*]|(?!Part|Chapter|Appendix|This)[A-Z])"
)
_LABEL = re.compile(
    rf"^(?P<word>listing|example|figure|fig\.|table|exercise)\s+(?P<number>{_NUMBER})"
    r"(?P<mark>\s*[.:)\u2014\u2013])?", re.I,
)  # fmt: skip
_KINDS = {
    "appendices": "appendix", "fig.": "figure", "figs.": "figure", "example": "listing",
    "ch.": "chapter", "chap.": "chapter", "sec.": "section", "sect.": "section",
    "app.": "appendix",
}  # fmt: skip
_TITLE_CHARS = 100
_SPAN_MAX = 20  # chapters that "chapters 3 to 9" may name
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
    chapter_level: int = 1


def find_references(
    sections: Sequence[Row], blocks: Sequence[Row], labels: dict[str, int],
    links: Mapping[str, Sequence[Row]], tasks: Sequence[tuple[str, str | None, Row]] = (),
) -> Iterator[Reference]:  # fmt: skip
    """References in reading order.

    ``labels`` are page numbers by what is printed on them, ``links`` rows of ``raw_books__links``
    by block, ``tasks`` number, number of the chapter and block of the exercises.
    """
    index = _index(sections, blocks, labels)
    _add_tasks(index, tasks)
    place = {row["section_id"]: number for number, row in enumerate(index.sections)}
    silent = {
        row["section_id"] for row in sections
        if row["role"] != "body" and _folded(row["title"]) in _LISTS
    }  # fmt: skip
    for block in blocks:
        if block["kind"] not in _PROSE or block["section_id"] in silent:
            continue
        found = list(_in_text(block))
        for one in found:
            _resolve(one, index, place[block["section_id"]])
        found += _follow(found, block, links.get(block["block_id"], ()), index)
        yield from sorted(found, key=lambda one: (one.start, one.end))


def _index(sections: Sequence[Row], blocks: Sequence[Row], labels: dict[str, int]) -> _Index:
    index = _Index(list(sections), pages=labels)
    index.chapter_level = chapter_level([row["level"] for row in sections if row["role"] == "body"])
    for row in sections:
        if row["number"]:
            index.numbers[row["number"].upper()].append(row)
        index.titles[_folded(row["title"])].append(row)
    ranked: dict[tuple[str, str], list[tuple[int, Row]]] = defaultdict(list)
    for spot, block in enumerate(blocks):
        index.home[block["block_id"]] = block["section_id"]
        index.spots[block["block_id"]] = spot
        if block["kind"] in ("figure", "table"):
            index.shown[block["kind"]].append(block)
        if own := _label(block):
            kind = own["word"].lower()
            rank = 2 * (block["kind"] in ("caption", "exercise")) + bool(own["mark"])
            ranked[_KINDS.get(kind, kind), _plain(own["number"])].append((rank, block))
    for name, found in ranked.items():
        best = max(rank for rank, _ in found)
        index.labels[name] = [block for rank, block in found if rank == best]
    return index


def _add_tasks(index: _Index, tasks: Sequence[tuple[str, str | None, Row]]) -> None:
    """Exercises by "2.1", and by number and chapter where the number has no dot."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for number, chapter, block in tasks:
        found["exercise", number].append(block)
        if chapter and "." not in number:
            found["exercise", f"{_plain(chapter)}.{number}"].append(block)
    for name, rows in found.items():
        index.labels.setdefault(name, rows)  # a printed label says it best


def _label(block: Row) -> re.Match[str] | None:
    """The label that a block begins with: a caption, not words about one."""
    own = _LABEL.match(block["text"])
    if own is None or own["mark"] or block["kind"] in ("caption", "exercise"):
        return own
    rest = block["text"][own.end() :].strip()
    titled = len(rest) <= _TITLE_CHARS and not rest.endswith((".", "!", "?", ":", ","))
    return own if titled and (not rest or rest[0].isupper()) else None


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
            words = _plain(block["text"][start:end])
            spoken = [one for one in spoken if one.number in re.split(r"[^\w.]+", words)]
        for one in spoken:
            if link["kind"] == "external":
                one.section_id = one.target_block_id = one.by = None
                one.reason = "another book"
            elif section:
                one.section_id, one.by, one.reason = section, "link", None
                one.target_block_id = target
        if not spoken and not several and link["kind"] == "internal":
            reason = None if section else "nothing stands there"
            yield Reference(
                block, start, end, "link", link["target"], section, target, reason,
                "link" if section else None,
            )  # fmt: skip


def _in_text(block: Row) -> Iterator[Reference]:
    """The places of a block that name a part of the book; a label at its start is none."""
    text = block["text"]
    own = _label(block)
    begin = own.end() if own else 0
    taken: list[tuple[int, int]] = []
    for pattern in (_NUMBERED, _WORDED, _SIGN, _PAGE, _RELATIVE, _NEAR, _TITLED):
        for match in pattern.finditer(text, begin):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            named = list(_named(match))
            if named:
                taken.append(match.span())
            elsewhere = "another book" if _ELSEWHERE.match(text, match.end()) else None
            chapter = _OF_CHAPTER.match(text, match.end())
            for number, kind in named:
                if kind == "exercise" and chapter and "." not in number:
                    number = f"{bare_number(chapter['number'])}.{number}"
                yield Reference(block, *match.span(), kind, number, reason=elsewhere)


def _named(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    """Numbers or titles of a match, with the kind of what they name."""
    groups = match.groupdict()
    if match.re is _NUMBERED:
        yield from _numbered(groups["word"], groups["number"], groups["more"] or "")
    elif match.re is _WORDED:
        if groups["word"].lower() == "chapter" or groups["more"]:  # "chapters one reads"
            words = re.findall(SPELLED, groups["number"] + groups["more"], re.I)
            yield from ((bare_number(word) or word, "chapter") for word in words)
    elif match.re is _SIGN:
        yield _plain(groups["number"]), "section"
    elif match.re is _PAGE:
        yield groups["number"].lower(), "page"
    elif match.re is _RELATIVE:
        what = "section" if groups["what"].lower() == "section" else "chapter"
        yield f"{groups['where'].lower()} {what}", "relative"
    elif match.re is _NEAR:
        where = "next" if (groups["side"] or groups["where"]).lower() in _AFTER else "previous"
        yield f"{where} {'table' if groups['table1'] or groups['table2'] else 'figure'}", "relative"
    else:
        yield groups["title"] or groups["quoted"], "title"


def _numbered(word: str, number: str, more: str) -> Iterator[tuple[str, str]]:
    """Every number of "chapters 3, 5 and 7 to 9"; "section I" and "part 1 of it" are none."""
    kind = word.lower()
    plural = kind.endswith("s") or kind == "appendices"
    kind = _KINDS.get(kind, kind if kind == "appendix" else kind.rstrip("s"))
    kind = _KINDS.get(kind, kind)
    named = word[0].isupper() and kind in ("chapter", "appendix", "part")
    if (number.isalpha() or kind == "part") and not named:
        return
    if plural and kind == "chapter" and (span := re.fullmatch(r"(\d+)-(\d+)", number)):
        number, more = span[1], f"-{span[2]}{more}"
    last = _plain(number)
    yield last, kind
    for found in _MORE.finditer(more):
        after = _plain(found["number"])
        through = found["by"].lower() in ("to", "through", "\u2013", "-")
        if through and last.isdigit() and after.isdigit():
            for between in range(int(last) + 1, min(int(after), int(last) + _SPAN_MAX)):
                yield str(between), kind
        yield after, kind
        last = after


def _resolve(found: Reference, index: _Index, here: int) -> None:
    if found.reason:
        return
    if found.kind == "relative" and found.number.endswith(("figure", "table")):
        _only(found, _beside(found, index), "no such neighbour")
    elif found.kind == "relative":
        target = _neighbour(found.number, index, here)
        found.section_id = target["section_id"] if target else None
        found.reason = None if target else "no such neighbour"
    elif found.kind == "page":
        _by_page(found, index)
    elif found.kind == "exercise" and "." not in found.number:
        own = index.labels.get((found.kind, f"{_chapter_of(index, here)}.{found.number}"))
        _only(found, own or index.labels.get((found.kind, found.number), []), "no such label")
    elif found.kind in ("listing", "figure", "table", "exercise"):
        _only(found, index.labels.get((found.kind, found.number), []), "no such label")
    elif found.kind == "title":
        _only(found, index.titles.get(_folded(found.number), []), "no such title")
    elif found.kind == "part":
        parts = [row for row in index.sections if row["kind"] == "part"]
        wanted = _arabic(found.number)
        _only(
            found,
            [row for row in parts if _arabic(row["number"] or "") == wanted],
            "no such number",
        )
    else:
        rows = [row for row in index.numbers.get(found.number, []) if row["kind"] != "part"]
        if found.kind == "chapter":
            top = [row for row in index.sections if row["level"] == index.chapter_level]
            rows = [row for row in rows if row["level"] == index.chapter_level] or rows
            rows = rows or [  # "Chapter IV" where they are counted 1, 2, 3
                row for row in top if _arabic(row["number"] or "") == _arabic(found.number)
            ]
        _only(found, rows, "no such number")
    if found.section_id:
        found.by = "words"


def _only(found: Reference, rows: Sequence[Row], missing: str) -> None:
    """The one row that is meant; a block leads to its section."""
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
    page = index.pages.get(found.number)
    rows = [
        row for row in index.sections
        if page is not None and row["page_first"] is not None
        and row["page_first"] <= page <= row["page_last"]
    ]  # fmt: skip
    found.section_id = rows[0]["section_id"] if rows else None
    found.reason = None if rows else "no such page"


def _chapter_of(index: _Index, here: int) -> str:
    """Number of the chapter that holds section number ``here``."""
    while here > 0 and index.sections[here]["level"] > index.chapter_level:
        here -= 1
    return _plain(index.sections[here]["number"] or "")


def _neighbour(words: str, index: _Index, here: int) -> Row | None:
    """The chapter or section next to the one that holds section number ``here``."""
    where, what = words.split()
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


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _plain(number: str) -> str:
    return number.replace("\u2011", "-").replace("-", ".").upper()
