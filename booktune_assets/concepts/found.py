"""Concepts found in a book: every mention with its kind of evidence, definition, home sections.

Belongs here: from names to concepts with evidence, and which of them are kept. Does not: the
matching of names (``mentions.py``), shapes of definitions (``definitions.py``), what builds on what
(``signals.py``, ``edges.py``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from booktune_assets.concepts.candidates import (
    from_apis,
    from_definitions,
    from_headings,
    known_concepts,
    matcher,
    names_a_noun,
    nouns,
    variables,
)
from booktune_assets.concepts.definitions import Defined
from booktune_assets.concepts.mentions import Matcher
from booktune_assets.concepts.names import api_name, words
from booktune_assets.concepts.opened import PROSE, Opened, Row, is_code
from booktune_assets.concepts.sentences import Sentence
from booktune_assets.concepts.shown import facts_of
from booktune_assets.concepts.wordings import Known, alone, loose_key, parts_of_title
from booktune_assets.progress import advance

__all__ = ["Concept", "Finder", "Mention", "names_of"]

_HEADING_WORDS = 6
_GLOSSARY = 3  # strength of what a glossary says
_OFTEN = 3  # in one section: it is about this
_Coded = list[tuple[str, tuple[int, int, str]]]  # label, (start, end, evidence)


@dataclass(slots=True)
class Mention:
    """One place: in which way (``how`` of the table), and the kind of evidence."""

    section: int
    block: Row
    how: str
    evidence: str
    start: int  # in the block's text
    end: int

    @property
    def place(self) -> int:
        """Where it begins in the section's text."""
        return int(self.block["char_start"]) + self.start


@dataclass(slots=True)
class Concept:
    """A name with all that the book says of it. Sections are numbers in reading order."""

    known: Known
    mentions: list[Mention] = field(default_factory=list[Mention])
    headed: list[int] = field(default_factory=list[int])
    home: set[int] = field(default_factory=set[int])  # below its headings
    listed: set[str] = field(default_factory=set[str])  # index, glossary, file
    own: int | None = None  # where a file of its own begins
    adrift: bool = False  # a list has it, and says not where it is told of
    called: set[str] = field(default_factory=set[str])  # as a heading or a file name calls it
    definition: tuple[int, Mention, str] | None = None  # strength, mention, sentence
    defined: list[int] = field(default_factory=list[int])  # sections with a good definition

    def kept(self) -> bool:
        """Is there enough evidence that the book teaches this?"""
        prose = [m for m in self.mentions if m.how in ("text", "heading", "definition")]
        blocks = len({m.block["block_id"] for m in self.mentions})
        often = len(self.mentions) >= 3 and blocks >= 2
        defined = self.definition is not None and self.definition[0] > 0
        told = bool(self.headed or defined or "glossary" in self.listed)
        if self.known.kind == "api":
            return defined or (bool(prose) and blocks >= 2) or blocks >= 3
        if self.known.brought:
            said = told or "index" in self.listed
            return len(prose) >= 3 and len({m.block["block_id"] for m in prose}) >= 2 and said
        if self.known.kind == "construct":
            return told or (often and blocks >= 3)
        return told or (len(prose) >= 2 and often)

    def introduced(self) -> tuple[int, int]:
        """(section number, place in it) of the introduction.

        A construct that listings show before the book has a word for it (`fn`, long before
        "anonymous function") is introduced where a section shows it often.
        """
        counts = self.told()
        told = sorted(counts)
        often = [section for section in told if counts[section] >= _OFTEN]
        if not often and self.known.kind == "construct":
            often = sorted(s for s, count in self._in_listings().items() if count >= _OFTEN)[:1]
        shown = sorted([*self.headed[:1], *self.defined[:1]])
        seen = sorted({m.section for m in self.mentions})
        section = (shown or often or told or seen)[0] if self.own is None else self.own
        places = [m.place for m in self.mentions if m.section == section]
        return section, min(places, default=0)

    def told(self) -> dict[int, int]:
        """Mentions in words by section."""
        counts: dict[int, int] = defaultdict(int)
        for mention in self.mentions:
            if mention.how in ("text", "heading", "definition"):
                counts[mention.section] += 1
        return counts

    def _in_listings(self) -> Counter[int]:
        """Listings that show it by section."""
        listings = {(m.section, m.block["block_id"]) for m in self.mentions if m.how == "code"}
        return Counter(section for section, _ in listings)

    def homes(self) -> set[int]:
        """Sections that are about it: below its headings, else where it is spoken of often."""
        if self.home:
            return self.home
        told = self.told()
        often = {section for section, count in told.items() if count >= _OFTEN}
        if self.adrift and not told and all(m.how in ("glossary", "index") for m in self.mentions):
            return set()
        return often or {self.introduced()[0]}

    def said(self) -> tuple[str, range] | None:
        """Block and place of the sentence that defines it, if one does (none of a glossary)."""
        if self.definition is None or self.definition[0] < 1:
            return None
        _, mention, sentence = self.definition
        begin = mention.block["text"].find(sentence)
        if begin < 0:
            return None
        return mention.block["block_id"], range(begin, begin + len(sentence))

    def wordings(self) -> set[str]:
        """Other wordings, in lower case unless the name itself has capitals."""
        prose = (m for m in self.mentions if m.how in ("text", "definition"))
        surfaces = {" ".join(m.block["text"][m.start : m.end].split()) for m in prose}
        surfaces |= {" ".join(name.split()) for name in self.called}
        cased = any(char.isupper() for char in self.known.label) or self.known.kind == "api"
        plain = surfaces if cased else {text.lower() for text in surfaces}
        return plain - {self.known.label}

    def evidence(self) -> list[str]:
        """Kinds of evidence, the strongest first."""
        kinds = {m.evidence for m in self.mentions} | self.listed
        if self.headed:
            kinds.add("heading")
        order = (
            "heading", "definition", "glossary", "index", "file", "name", "api", "tree", "syntax",
        )  # fmt: skip
        return [kind for kind in order if kind in kinds]


def names_of(books: Sequence[Opened]) -> dict[str, Known]:
    """Known names by label; what differs only in case or number is one name."""
    names = known_concepts()
    matching = matcher(names.values())
    taken = alone(names.values())
    for book in books:
        for one in _brought(book):
            if matching.exact(one.label):
                continue
            same = taken.setdefault(loose_key(one.label), one)
            if same is one:
                names[one.label] = one
            elif one.label not in (same.label, *same.aliases, *same.bare):
                same.aliases.append(one.label)
    return names


def _brought(book: Opened) -> list[Known]:
    prose = [row["text"] for _, row in book.blocks if row["kind"] in PROSE]
    code = [row["text"] for _, row in book.blocks if is_code(row)]
    lower = frozenset(word.key for text in prose for word in words(text) if word.text[:1].islower())
    defined = [one for _, row in book.blocks for _, one in book.defining.get(row["block_id"], ())]
    titles = [row["title"] for row in book.sections]
    terms = [entry.term for entry in book.entries]
    things = nouns(prose)
    headed = [one for one in from_headings(titles, lower) if names_a_noun(one.label, things)]
    more: list[Known] = [*from_apis(prose, code), *headed]
    erlang = [row["text"] for _, row in book.blocks if row["lang"] in ("erlang", "erl_shell")]
    bound = {name for text in erlang for name in variables(text)}
    return [*more, *from_definitions(defined, lower, bound), *from_headings(terms, lower)]


class Finder:
    """Finds known names in books: made once, used for each book."""

    def __init__(self, names: Mapping[str, Known]) -> None:
        self._names = names
        self._matching: Matcher = matcher(names.values())
        self._alone = alone(names.values())
        self._shown: dict[str, list[str]] = defaultdict(list)
        for one in names.values():
            for fact in one.shown:
                self._shown[fact].append(one.label)

    def named(self, title: str) -> set[str]:
        """Labels of what a heading names: within a short one, or as one of its parts."""
        short = len(title.split()) <= _HEADING_WORDS
        found = {hit.name for hit in self._matching.in_prose(title)} if short else set[str]()
        return found | set(self._standing(title).values())

    def find(self, book: Opened) -> dict[str, Concept]:
        """Concepts of the book by label, with all mentions; kept or not.

        A name that the book brings and that comes to nothing (`Marvellous maps`) must not take the
        words of a known one: the book is looked through again without such names, so they are not
        among what is found.
        """
        coded: dict[int, _Coded] = {}
        found = self._found(book, coded)
        idle = {
            label for label, one in found.items()
            if one.known.brought and (one.mentions or one.headed) and not one.kept()
        }  # fmt: skip
        if not idle:
            return found
        left = {label: known for label, known in self._names.items() if label not in idle}
        return Finder(left)._found(book, coded)

    def _found(self, book: Opened, coded: dict[int, _Coded]) -> dict[str, Concept]:
        """``coded`` holds what each listing shows, by place of the block: it is filled here."""
        found = {label: Concept(known) for label, known in self._names.items()}
        self._in_titles(book, found)
        total = len(book.blocks)
        for place, (number, block) in enumerate(book.blocks):
            if is_code(block):
                shown = coded.get(place)
                if shown is None:
                    shown = coded[place] = self._in_code(block)
                for label, (start, end, kind) in shown:
                    if label in found:
                        mention = Mention(number, block, "code", kind, start, end)
                        found[label].mentions.append(mention)
            elif block["kind"] in (*PROSE, "heading"):
                self._in_words(book, found, number, block)
            if (place + 1) % 200 == 0 or place + 1 == total:
                advance("finding concepts", place + 1, total)
        self._in_lists(book, found)
        return found

    def _in_titles(self, book: Opened, found: dict[str, Concept]) -> None:
        """Titles of sections, and names of files."""
        for number, section in enumerate(book.sections):
            for label in self.named(section["title"]):
                found[label].headed.append(number)
                found[label].home.update(book.family(number))
            for name, label in self._standing(section["title"]).items():
                found[label].called.add(name)
        for number, (name, size) in book.names.items():
            if label := self._alone_label(name):
                found[label].headed = sorted({*found[label].headed, number})
                if found[label].own is None:
                    found[label].own = number
                found[label].home.update(range(number, number + size))
                found[label].listed.add("file")
                found[label].called.add(name)

    def _standing(self, title: str) -> dict[str, str]:
        """Parts of a title that name a concept, with its label."""
        names = ((part, self._alone_label(part)) for part in (title, *parts_of_title(title)))
        return {part: label for part, label in names if label}

    def _alone_label(self, name: str) -> str | None:
        known = self._alone.get(loose_key(name))
        return known.label if known else None

    def _in_code(self, block: Row) -> _Coded:
        """Labels of what a listing shows, by place."""
        hits: dict[str, tuple[int, int, str]] = {}
        for hit in self._matching.in_code(block["text"]):
            kind = "api" if self._names[hit.name].kind == "api" else "syntax"
            hits[hit.name] = (hit.start, hit.end, kind)
        for fact, start, end in facts_of(block["text"], block["lang"]):
            for label in self._shown.get(fact, ()):
                hits[label] = (start, end, "tree")
        return sorted(hits.items(), key=lambda item: (item[1], item[0]))

    def _in_words(self, book: Opened, found: dict[str, Concept], number: int, block: Row) -> None:
        text = block["text"]
        defined: dict[tuple[str, int], tuple[Sentence, Defined]] = {}
        for sentence, one in book.defining.get(block["block_id"], ()):
            if label := self._matching.exact(one.name):
                defined[label, sentence.start + one.start] = (sentence, one)
        seen: set[str] = set()
        for hit in self._matching.in_prose(text):
            kind = "api" if api_name(text[hit.start : hit.end]) else "name"
            mention = Mention(number, block, "text", kind, hit.start, hit.end)
            if block["kind"] == "heading":
                mention.how = mention.evidence = "heading"
                seen.add(hit.name)
            elif said := defined.get((hit.name, hit.start)):
                _define(found[hit.name], mention, said)
            found[hit.name].mentions.append(mention)
        if block["kind"] == "heading" and text:
            for label in sorted(set(self._standing(text).values()) - seen):
                mention = Mention(number, block, "heading", "heading", 0, len(text))
                found[label].mentions.append(mention)

    def _in_lists(self, book: Opened, found: dict[str, Concept]) -> None:
        """Terms of the index and the glossary."""
        for entry in book.entries:
            label = self._matching.exact(entry.term) or self._alone_label(entry.term)
            if label is None:
                continue
            concept = found[label]
            concept.listed.add(entry.kind)
            start = max(0, entry.block["text"].find(entry.term))
            end = min(len(entry.block["text"]), start + len(entry.term))
            if end <= start:
                continue
            here = (m for m in concept.mentions if m.block is entry.block and m.start == start)
            mention = next(here, None)
            if mention is None:
                where = entry.section
                if where is None:  # the body need not speak of it: it is no beginning
                    where, concept.adrift = max(0, len(book.sections) - 1), True
                mention = Mention(where, entry.block, entry.kind, entry.kind, start, end)
                concept.mentions.append(mention)
            if entry.said and (concept.definition is None or concept.definition[0] < _GLOSSARY):
                concept.definition = (_GLOSSARY, mention, entry.said)


def _define(concept: Concept, mention: Mention, said: tuple[Sentence, Defined]) -> None:
    strength = said[1].strength
    if strength:
        mention.how = mention.evidence = "definition"
    if strength == 3:
        concept.defined.append(mention.section)
    if concept.definition is None or strength > concept.definition[0]:
        concept.definition = (strength, mention, said[0].text)
