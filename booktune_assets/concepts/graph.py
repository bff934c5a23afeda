"""The concept graph of a book: concepts in order of introduction, mentions, prerequisites.

Belongs here: which candidates are kept, where each is introduced, the frames. Does not: the
matching of names (``mentions.py``), shapes of definitions (``definitions.py``), edge scores
(``edges.py``). No model is asked: the same input gives the same bytes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl

from booktune_assets.concepts import edges as graph
from booktune_assets.concepts.candidates import (
    Known,
    from_apis,
    from_definitions,
    from_headings,
    known_concepts,
    matcher,
)  # fmt: skip
from booktune_assets.concepts.definitions import Defined, defined_by
from booktune_assets.concepts.mentions import Matcher
from booktune_assets.concepts.names import words
from booktune_assets.concepts.sentences import Sentence, split_sentences
from booktune_assets.ids import make_id
from booktune_assets.progress import advance
from booktune_assets.schemas_concepts import CONCEPT_EDGES, CONCEPT_MENTIONS, CONCEPTS

__all__ = ["VERSION", "into_concepts"]

VERSION = "concept_graph.1"

Row = dict[str, Any]
_PROSE = ("prose", "list", "callout", "answer")
_CODE = ("code", "iex", "erl_shell")
_LANGS = ("elixir", "erlang", "iex", "erl_shell")
_CUES = re.compile(
    r"\b(?:recall|remember|as we saw|we have seen|we've seen|builds? (?:up)?on|based on|relies "
    r"on|with the help "
    r"of|by means of|already know|introduced in|learned about|is a kind of|made of|consists? of)\b",
    re.I,
)


@dataclass(slots=True)
class _Mention:
    section: int
    block: Row
    how: str
    start: int  # in the block's text
    end: int


@dataclass(slots=True)
class _Concept:
    known: Known
    mentions: list[_Mention] = field(default_factory=list[_Mention])
    headed: list[int] = field(default_factory=list[int])
    definition: tuple[int, _Mention, str] | None = None  # strength, mention, sentence
    defined: list[int] = field(default_factory=list[int])  # sections with a good definition

    def kept(self) -> bool:
        """Is there enough evidence that the book teaches this?"""
        prose = [m for m in self.mentions if m.how != "code"]
        blocks = len({m.block["block_id"] for m in self.mentions})
        often = len(self.mentions) >= 3 and blocks >= 2
        if self.known.kind == "api":
            return bool(self.definition) or (bool(prose) and blocks >= 2) or blocks >= 3
        if self.known.brought:
            return len(prose) >= 3 and blocks >= 2 and bool(self.headed or self.definition)
        if self.known.kind == "construct":
            return bool(self.headed or self.definition) or (often and blocks >= 3)
        return bool(self.headed or self.definition) or (len(prose) >= 2 and often)

    def introduced(self) -> tuple[int, int]:
        """(section number, place in it) of the introduction."""
        counts: dict[int, int] = defaultdict(int)
        for mention in self.mentions:
            counts[mention.section] += mention.how != "code"
        told = [section for section in sorted(counts) if counts[section]]
        often = [section for section in told if counts[section] >= 3]
        shown = sorted([*self.headed[:1], *self.defined[:1]])
        section = (shown or often or told or sorted(counts))[0]
        places = [_place(m) for m in self.mentions if m.section == section]
        return section, min(places, default=0)


@dataclass(slots=True)
class _Book:
    book_id: str
    sections: list[Row]
    blocks: list[tuple[int, Row]]  # section number, block
    defining: dict[str, list[tuple[Sentence, Defined]]]  # by block id
    cued: dict[int, list[int]] = field(default_factory=dict[int, list[int]])  # places of cue words


def into_concepts(
    book_id: str, sections: pl.DataFrame, blocks: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Frames of ``concept_graph``: concepts, prerequisite edges, mentions."""
    book = _open(book_id, sections, blocks)
    names = _candidates(book)
    found = _find(book, names, matcher(names.values()))
    kept = sorted(
        (one for one in found.values() if one.kept()),
        key=lambda one: (*one.introduced(), one.known.label),
    )
    edges = _edges(book, kept)
    level = graph.levels(graph.depths(len(kept), edges))
    ids = [make_id("con", one.known.label.lower(), one.known.kind) for one in kept]
    rows = [_row(book, number, one, ids[number], level[number]) for number, one in enumerate(kept)]
    edge_rows: list[Row] = [
        {
            "book_id": book_id, "source_id": ids[edge.source], "target_id": ids[edge.target],
            "score": edge.score,
            "evidence_section": book.sections[kept[edge.target].introduced()[0]]["section_id"],
        }
        for edge in graph.without_detours(edges)
    ]  # fmt: skip
    mentions = [
        row for one, name in zip(kept, ids, strict=True) for row in _mentions(book, one, name)
    ]
    return {
        CONCEPTS.name: CONCEPTS.frame(rows),
        CONCEPT_EDGES.name: CONCEPT_EDGES.frame(edge_rows),
        CONCEPT_MENTIONS.name: CONCEPT_MENTIONS.frame(mentions),
    }


def _open(book_id: str, sections: pl.DataFrame, blocks: pl.DataFrame) -> _Book:
    body = sections.filter(pl.col("role") == "body").sort("ordinal").to_dicts()
    number = {row["section_id"]: place for place, row in enumerate(body)}
    rows = [
        (number[row["section_id"]], row)
        for row in blocks.sort("ordinal").to_dicts()
        if row["section_id"] in number
    ]
    rows.sort(key=lambda item: (item[0], item[1]["ordinal"]))
    defining = {
        row["block_id"]: list(_defining(row["text"])) for _, row in rows if row["kind"] in _PROSE
    }
    return _Book(book_id, body, rows, defining)


@lru_cache(maxsize=4096)
def _defining(text: str) -> tuple[tuple[Sentence, Defined], ...]:
    found = ((sentence, defined_by(sentence.text)) for sentence in split_sentences(text))
    return tuple((sentence, defined) for sentence, defined in found if defined)


def _candidates(book: _Book) -> dict[str, Known]:
    """Known names by label; what differs only in case or number is one name."""
    names = known_concepts()
    matching = matcher(names.values())
    prose = [row["text"] for _, row in book.blocks if row["kind"] in _PROSE]
    code = [row["text"] for _, row in book.blocks if _is_code(row)]
    lower = frozenset(word.key for text in prose for word in words(text) if word.text[:1].islower())
    defined = [one for _, row in book.blocks for _, one in book.defining.get(row["block_id"], [])]
    titles = [row["title"] for row in book.sections]
    more: list[Known] = [*from_apis(prose, code), *from_headings(titles, lower)]
    more += from_definitions(defined, lower)
    taken = {
        _loose_key(wording): one for one in names.values() for wording in (one.label, *one.aliases)
    }
    for one in more:
        if matching.exact(one.label):
            continue
        same = taken.setdefault(_loose_key(one.label), one)
        if same is one:
            names[one.label] = one
        elif one.label not in (same.label, *same.aliases):
            same.aliases.append(one.label)
    return names


def _loose_key(name: str) -> str:
    """Key of a name whatever its case, number and arity."""
    return " ".join(word.key.lower() for word in words(name)).partition("/")[0]


def _find(book: _Book, names: dict[str, Known], matching: Matcher) -> dict[str, _Concept]:
    found = {label: _Concept(known) for label, known in names.items()}
    for number, section in enumerate(book.sections):
        if len(section["title"].split()) <= 6:
            for hit in matching.in_prose(section["title"]):
                found[hit.name].headed.append(number)
    total = len(book.blocks)
    for done, (number, block) in enumerate(book.blocks, start=1):
        _find_in_block(book, found, matching, number, block)
        if done % 200 == 0 or done == total:
            advance("finding concepts", done, total)
    return found


def _find_in_block(
    book: _Book, found: dict[str, _Concept], matching: Matcher, number: int, block: Row
) -> None:
    text = block["text"]
    if _is_code(block):
        for hit in matching.in_code(text):
            found[hit.name].mentions.append(_Mention(number, block, "code", hit.start, hit.end))
        return
    if block["kind"] not in (*_PROSE, "heading"):
        return
    defined: dict[tuple[str, int], tuple[Sentence, Defined]] = {}
    for sentence, one in book.defining.get(block["block_id"], []):
        if label := matching.exact(one.name):
            defined[label, sentence.start + one.start] = (sentence, one)
    for hit in matching.in_prose(text):
        concept = found[hit.name]
        mention = _Mention(number, block, "text", hit.start, hit.end)
        if block["kind"] == "heading":
            mention.how = "heading"
        elif said := defined.get((hit.name, hit.start)):
            mention.how = "definition"
            strength = said[1].strength
            if strength == 3:
                concept.defined.append(number)
            if concept.definition is None or strength > concept.definition[0]:
                concept.definition = (strength, mention, said[0].text)
        concept.mentions.append(mention)
    for cue in _CUES.finditer(text):
        book.cued.setdefault(number, []).append(block["char_start"] + cue.start())


def _edges(book: _Book, kept: Sequence[_Concept]) -> list[graph.Edge]:
    facts = [_facts(one) for one in kept]
    places: dict[tuple[int, int], list[int]] = defaultdict(list)
    listings: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(kept):
        for mention in one.mentions:
            places[mention.section, number].append(_place(mention))
            if mention.how == "code":
                listings[mention.block["block_id"]].append(number)
    for one, fact in zip(kept, facts, strict=True):
        first = next((m for m in one.mentions if m.how == "code"), None)
        fact.first_code = set(listings[first.block["block_id"]]) if first else set()

    def cue(section: int, source: int) -> bool:
        near = places.get((section, source), [])
        return any(
            abs(said - place) < 120  # about one sentence
            for said in book.cued.get(section, [])
            for place in near
        )

    return graph.prerequisites(facts, cue)


def _facts(one: _Concept) -> graph.Facts:
    counts: dict[int, int] = defaultdict(int)
    for mention in one.mentions:
        if mention.how != "code":
            counts[mention.section] += 1
    focus = {section for section, count in counts.items() if count >= 2} | set(one.headed)
    section = one.introduced()[0]
    return graph.Facts(section, focus | {section}, set(counts))


def _row(book: _Book, number: int, one: _Concept, name: str, level: int) -> Row:
    definition = one.definition
    return {
        "concept_id": name,
        "book_id": book.book_id,
        "label": one.known.label,
        "kind": one.known.kind,
        "aliases": sorted(_seen_wordings(one)),
        "definition": definition[2] if definition else None,
        "definition_block_id": definition[1].block["block_id"] if definition else None,
        "introduced_in": book.sections[one.introduced()[0]]["section_id"],
        "order": number,
        "level": level,
        "mentions": max(1, len(one.mentions)),
    }


def _seen_wordings(one: _Concept) -> set[str]:
    """Wordings used in prose, in lower case unless the name itself has capitals."""
    prose = (m for m in one.mentions if m.how in ("text", "definition"))
    surfaces = {" ".join(m.block["text"][m.start : m.end].split()) for m in prose}
    cased = any(char.isupper() for char in one.known.label)
    plain = surfaces if cased or one.known.kind == "api" else {text.lower() for text in surfaces}
    return plain - {one.known.label}


def _mentions(book: _Book, one: _Concept, name: str) -> Iterable[Row]:
    for mention in one.mentions:
        block = mention.block
        yield {
            "book_id": book.book_id,
            "concept_id": name,
            "section_id": block["section_id"],
            "block_id": block["block_id"],
            "how": mention.how,
            "char_start": block["char_start"] + mention.start,
            "char_end": block["char_start"] + mention.end,
        }


def _place(mention: _Mention) -> int:
    return int(mention.block["char_start"]) + mention.start


def _is_code(row: Row) -> bool:
    return row["kind"] in _CODE and row["lang"] in _LANGS
