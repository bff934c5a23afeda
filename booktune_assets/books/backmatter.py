"""Index and glossary kept as data: terms with where they lead, terms with what they mean.

Belongs here: entries out of the blocks of such sections. Does not: finding the rows of an index on
its pages (``indexpages.py``), which section is back matter (``matter.py``).

A locator is resolved as far as the book says: a link to the section it leads to, a page number to
the section on that page which holds the term, else to the first that stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.books import cells
from booktune_assets.books.headings import folded

__all__ = ["Entry", "Locator", "Meaning", "glossary_of", "index_of"]

Row = dict[str, Any]
_PAGE = (
    r"(?:\d{1,4}|[ivxl]{1,7})(?:\s?[\u2013\u2012-]\s?(?:\d{1,4}|[ivxl]{1,7}))?(?:ff?\b\.?|n\d*)?"
)
_LIST = rf"(?P<pages>{_PAGE}(?:\s*[,;]\s*{_PAGE})*)"
_SEE = re.compile(r"(?:^|[\s,;.(\[]+)(?P<kind>see(?:\s+also)?)\s+(?P<what>[^)\]]+)[)\]]?\s*$", re.I)
_COMMA = re.compile(rf"^(?P<term>.*?\S)\s*[,:\u2003]\s*{_LIST}\s*[.,;]?$")
_SPACE = re.compile(rf"^(?P<term>.*?[^\s,\d])\s+{_LIST}$")
_ONE = re.compile(
    r"(?P<first>\d{1,4}|[ivxl]{1,7})(?:\s?[\u2013\u2012-]\s?(?P<last>\d{1,4}|[ivxl]+))?"
)
_PARTED = re.compile(r"^(?P<term>[^:\n]{1,60}?)\s*(?::|\s[\u2014\u2013-])\s+(?P<said>\S.*)$", re.S)
_TYPED = re.compile(
    r"^(?P<term>(?:[a-z][\w/'-]*(?: [a-z][\w/'-]*){0,4}(?= [A-Z])"
    r"|\S+(?: \S+){0,4}?(?= (?:An?|The|One|Any|When|In|To) )))\s(?P<said>[A-Z].*[.!?)])\s*$",
    re.S,
)
_STRONG = re.compile(r"(?:^(?:[*+-] )?|(?<=[.!?)])\s+)\*\*(?P<term>[^*\n]{1,60})\*\*")
_ENOUGH, _MOST = 3, 0.6  # paragraphs, and share of them, that read like a term and its meaning
_INDEX = ("index", "subjectindex", "generalindex", "indexofterms", "theindex")
_GLOSSARY = ("glossary", "glossaryofterms", "terminology", "terms")
_TERM_CHARS = 80


@dataclass(slots=True)
class Locator:
    """Where an entry leads: ``kind`` is page, link, see or see_also; ``words`` as printed."""

    kind: str
    words: str
    page_first: int | None = None
    page_last: int | None = None
    section_id: str | None = None
    block: Row | None = None  # where it stands, if not in the block of its entry


@dataclass(slots=True)
class Entry:
    """One entry; ``sub`` is its path below the main term, joined by ' › '."""

    block: Row
    term: str
    sub: str = ""
    locators: list[Locator] = field(default_factory=list[Locator])


@dataclass(slots=True)
class Meaning:
    """One term of a glossary; ``block`` holds the definition, or begins it."""

    block: Row
    term: str
    said: str


def index_of(
    sections: Sequence[Row], blocks: Sequence[Row], links: Mapping[str, Sequence[Row]],
    labels: Mapping[str, int], home: Mapping[str, str],
) -> list[Entry]:  # fmt: skip
    """The entries of the index, in its order.

    ``links`` are rows of ``raw_books__links`` by block, ``labels`` page numbers by what is printed
    on them, ``home`` sections by block.
    """
    own = _below(sections, _INDEX)
    pages = _Pages(sections, labels)
    entries: list[Entry] = []
    path: list[tuple[int, str]] = []
    lines = [(block, *line) for block in blocks if _indexed(block, own) for line in _lines(block)]
    spaced = _is_spaced([text for _, _, text in lines])
    for block, depth, text in lines:
        entry = _entry(block, text, links.get(block["block_id"], ()), home, spaced=spaced)
        while path and path[-1][0] >= depth:
            path.pop()
        if entry.term and (len(entry.term) > 1 or entry.locators):  # else a letter
            path.append((depth, entry.term))
        elif not (path and entry.locators):  # "see also boats" below its term
            continue
        entry.term, entry.sub = path[0][1], " \u203a ".join(word for _, word in path[1:])
        pages.resolve(entry, path[-1][1])
        entries.append(entry)
    return entries


def _indexed(block: Row, own: set[str]) -> bool:
    return block["section_id"] in own and block["kind"] in ("list", "prose")


def _is_spaced(lines: Sequence[str]) -> bool:
    """Whether this index sets no comma between a term and its first page."""
    commas = sum(bool(re.search(r"[^\s\d],\s*\d", line)) for line in lines)
    return commas < sum(
        bool(re.search(r"[^\s\d,;]\s+\d+(?:\s?[,\u2013-]|$)", line)) for line in lines
    )


def _below(sections: Sequence[Row], titles: Sequence[str]) -> set[str]:
    """Sections at the back that have such a title, and those below them (letters)."""
    found: set[str] = set()
    for row in sections:
        titled = folded(row["title"]) in titles and row["role"] == "back"
        if titled or row["parent_id"] in found:
            found.add(row["section_id"])
    return found


def _lines(block: Row) -> Iterator[tuple[int, str]]:
    """Depth and text of the entries in a block; one without lines of its own is one entry."""
    depth = block.get("level") or 1
    for line in block["text"].split("\n"):
        if line.strip():
            yield depth + (len(line) - len(line.lstrip())) // 2, line.strip()


def _entry(
    block: Row, text: str, links: Sequence[Row], home: Mapping[str, str], *, spaced: bool
) -> Entry:
    inner = [row for row in links if row["kind"] == "internal"]
    see = _SEE.search(text)
    locators = _seen(see) if see else []
    rest = text[: see.start()].rstrip(" ,;.(") if see else text
    first, second = (_SPACE, _COMMA) if spaced else (_COMMA, _SPACE)
    pages = first.match(rest) or second.match(rest)
    if pages is None and rest and re.fullmatch(_LIST, rest):
        return Entry(block, "", "", [*_pages(rest), *locators])
    if pages is not None:
        term = pages["term"]
        locators = [*_pages(pages["pages"]), *locators]
    elif inner and "\n" not in block["text"] and not see:
        start = min(row["char_start"] for row in inner)
        term = text[:start].strip(" ,;:") or text[start : inner[0]["char_end"]]
        locators = [Locator("link", text[row["char_start"] : row["char_end"]]) for row in inner]
    else:
        term = rest
    entry = Entry(block, term.strip(" ,;:."), "", locators)
    _link(entry, block["text"], inner, home)
    return entry


def _link(entry: Entry, text: str, links: Sequence[Row], home: Mapping[str, str]) -> None:
    """Links tell pages of a PDF and sections of other formats."""
    for row in links:
        words = text[row["char_start"] : row["char_end"]].strip(" ,;")
        for one in entry.locators:
            if one.words == words or one.words.split("\u2013")[0] == words:
                one.section_id = home.get(row["target_block_id"] or "")
                one.page_first = one.page_last = row["page"]


def _seen(match: re.Match[str]) -> list[Locator]:
    kind = "see_also" if "also" in match["kind"].lower() else "see"
    return [Locator(kind, one.strip(" ,.")) for one in match["what"].split(";") if one.strip(" ,.")]


def _pages(text: str) -> list[Locator]:
    return [Locator("page", re.sub(r"\s+", "", one)) for one in re.split(r"\s*[,;]\s*", text)]


@dataclass(slots=True)
class _Pages:
    """Which sections stand on which page."""

    sections: Sequence[Row]
    labels: Mapping[str, int]
    by_title: dict[str, str] = field(default_factory=dict[str, str])

    def resolve(self, entry: Entry, word: str) -> None:
        """Pages and sections of the locators, as far as they are in the book."""
        for one in entry.locators:
            if one.kind != "page":
                continue
            if one.page_first is None and (match := _ONE.match(one.words)):
                one.page_first = self.labels.get(match["first"])
                last = self.labels.get(_full(match["first"], match["last"] or match["first"]))
                one.page_last = last if last and last >= (one.page_first or 0) else one.page_first
            if one.page_first is not None:
                one.section_id = self._section(one, (word, entry.term)) or one.section_id

    def _section(self, one: Locator, words: Sequence[str]) -> str | None:
        last = one.page_last or one.page_first
        here = [
            row for row in self.sections
            if row["page_first"] is not None and row["role"] != "back"
            and row["page_first"] <= last and row["page_last"] >= one.page_first
        ]  # fmt: skip
        for word in words:
            wanted = word.casefold()
            for name in ("title", "text"):
                for row in here:
                    if wanted and wanted in row[name].casefold():
                        return str(row["section_id"])
        return here[0]["section_id"] if here else None


def _full(first: str, last: str) -> str:
    """The last page of "112-15" is 115."""
    short = first.isdigit() and last.isdigit() and len(last) < len(first)
    return first[: len(first) - len(last)] + last if short else last


def glossary_of(sections: Sequence[Row], blocks: Sequence[Row]) -> list[Meaning]:
    """The terms of the glossary with their definitions, in its order."""
    titled = [
        row for row in sections
        if folded(row["title"]) in _GLOSSARY[: 2 if row["role"] != "back" else None]
    ]  # fmt: skip
    own = {row["section_id"] for row in titled}
    titles = {row["section_id"]: row for row in sections if row["parent_id"] in own}
    found: list[Meaning] = []
    for row in titled:
        inside = [one for one in blocks if one["section_id"] == row["section_id"]]
        found += _bold(inside) or list(_meanings(inside)) or _run_in(inside)
    for section_id, row in titles.items():
        inside = [one for one in blocks if one["section_id"] == section_id]
        if len(row["title"]) == 1:  # a letter that terms stand under
            found += _bold(inside) or _meanings(inside)
        elif said := [one for one in inside if one["kind"] != "heading"]:
            text = "\n\n".join(one["text"] for one in said)
            found.append(Meaning(said[0], row["title"], text))
    return found


def _meanings(blocks: Sequence[Row]) -> Iterator[Meaning]:
    """A table of two columns, terms with what stands below them, or both in one paragraph."""
    for block in (one for one in blocks if one["kind"] == "table"):
        for line in block["text"].split("\n")[1:]:
            term, *said = cells.parted(line)
            meaning = " | ".join(said).strip()
            if term.strip() and meaning:
                yield Meaning(block, term.strip(), meaning)
    words = [one for one in blocks if one["kind"] in ("prose", "list")]
    last: Meaning | None = None
    waiting: str | None = None
    for number, block in enumerate(words):
        text = block["text"].strip()
        after = words[number + 1] if number + 1 < len(words) else None
        if waiting is not None or (last and _is_below(block, last.block)):
            if waiting is not None:
                last = Meaning(block, waiting, text)
                waiting = None
                yield last
            elif last:
                last.said = f"{last.said}\n\n{text}"
        elif after is not None and _is_term(text) and _explains(block, after):
            waiting = text.rstrip(":")
        elif parted := _PARTED.match(text):
            last = Meaning(block, parted["term"].strip(), parted["said"].strip())
            yield last
        else:
            last = None


def _bold(blocks: Sequence[Row]) -> list[Meaning]:
    """Terms that are set bold before what they mean, one or several in a paragraph.

    Formats that hold marks tell them; next to all paragraphs have to begin so.
    """
    words = [one for one in blocks if one["kind"] in ("prose", "list")]
    found = [list(_bold_in(one)) for one in words]
    begun = sum(bool(one) for one in found)
    if begun < max(_ENOUGH, _MOST * len(words)):
        return []
    return [meaning for several in found for meaning in several]


def _bold_in(block: Row) -> Iterator[Meaning]:
    """The terms of a paragraph that begins with one, each with the words behind it."""
    source, text = block.get("markup") or "", block["text"]
    terms = [match["term"].strip(" :.") for match in _STRONG.finditer(source)]
    starts: list[int] = []
    for term in terms:
        starts.append(text.find(term, starts[-1] + 1 if starts else 0))
    if not starts or starts[0] != 0 or -1 in starts or not all(terms):
        return
    for term, start, end in zip(terms, starts, [*starts[1:], len(text)], strict=True):
        said = text[start + len(term) : end].strip().lstrip(":.\u2014\u2013- ")
        if said:
            yield Meaning(block, term, said)


def _run_in(blocks: Sequence[Row]) -> list[Meaning]:
    """Terms that only their type parted from what they mean: "berth A place where …".

    Type is not known here; but most paragraphs go on with a capital behind a few small words, or
    with an article.
    """
    words = [one for one in blocks if one["kind"] in ("prose", "list")]
    found = [(one, match) for one in words if (match := _TYPED.match(one["text"]))]
    if len(found) < max(_ENOUGH, _MOST * len(words)):
        return []
    return [Meaning(one, match["term"], match["said"].strip()) for one, match in found]


def _is_term(text: str) -> bool:
    return len(text) <= _TERM_CHARS and not text.endswith((".", "!", "?", ","))


def _explains(term: Row, after: Row) -> bool:
    """What stands deeper explains; without depths, or in one (Markdown's ``: …``), a sentence."""
    one, two = term.get("level"), after.get("level")
    if one and two and one != two:
        return bool(two > one)
    return not _is_term(after["text"].strip())


def _is_below(block: Row, last: Row) -> bool:
    """A second paragraph of a definition, as deep as the first."""
    one, two = block.get("level"), last.get("level")
    return bool(one and two and one >= two > 1)
