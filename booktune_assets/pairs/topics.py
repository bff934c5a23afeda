"""What a book and its sections speak of: the library, proper names, concepts, what comes first.

Belongs here: facts that families need beside a section's own text, each so small that it changes
only where the text does. Does not: making views (``extract.py``), finding concepts (``concepts/``).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

__all__ = ["Names", "Needed", "needed_first", "prose_names", "titles_above"]

_WORD = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+\b|\b[a-z]+\b")
_OFTEN = 30  # mentions of a library's name from which a book may be about it
LANGUAGES = ("Elixir", "Erlang")
_ENOUGH = 2  # mentions from which on a book says how it writes a word
EDGES_MAX = 4
SOURCE_MAX = 2  # concepts that the same one is named as a prerequisite of
SCORE_MIN = 0.65

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Needed:
    """A concept that has to be known first, and where the book introduces it.

    ``block`` is the row of the block that defines it, ``start`` and ``end`` the definition in it;
    without a definition ``block`` is None. ``target`` is the label that needs it.
    """

    target: str
    label: str
    title: str
    block: dict[str, Any] | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Names:
    """Proper names of a book, the library that it is about, if it is not a language, and the words
    that it writes with a small letter."""

    proper: frozenset[str]
    library: str
    small: frozenset[str]

    def small_in(self, title: str) -> frozenset[str]:
        """The words of a title that the book writes small elsewhere, as a rule."""
        return self.small & {word.lower() for word in re.findall(r"\b[A-Z][a-z]+\b", title)}

    def of(self, text: str) -> frozenset[str]:
        """The names among the words of a text."""
        return self.proper & set(re.findall(r"\b[A-Z][a-z]+\b", text))


def titles_above(
    paths: Sequence[Sequence[str]], says_nothing: Callable[[str], bool]
) -> list[tuple[str, bool]]:
    """For each section the title that tells what its own is about, and whether others have it too.

    That is the one above; of a title that stands in two places of the book (``Stopping``) the
    nearest one above that does not. ``paths`` are titles from the chapter down. A heading of any
    chapter (``says_nothing``) always goes with the one right above it.
    """
    counts = Counter(" ".join(path[-1].lower().split()) for path in paths if path)
    found: list[tuple[str, bool]] = []
    for path in paths:
        own = " ".join(path[-1].lower().split()) if path else ""
        above = list(reversed(path[:-1]))
        if counts[own] < 2 or says_nothing(path[-1]):
            found.append((next(iter(above), ""), False))
            continue
        rare = [title for title in above if counts[" ".join(title.lower().split())] < 2]
        found.append((rare[0], True) if rare else (next(iter(above), ""), False))
    return found


def prose_names(texts: Iterable[str]) -> Names:
    """Words that stand with a capital inside of sentences more often than without."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_WORD.findall(text))
    proper = {
        word for word, count in counts.items() if word[0].isupper() and count > counts[word.lower()]
    }
    small = {
        word
        for word, count in counts.items()
        if word[0].islower() and count >= _ENOUGH and count > 4 * counts[word.capitalize()]
    }
    language = max(counts[name] for name in LANGUAGES)
    others = sorted(proper - set(LANGUAGES), key=lambda name: (-counts[name], name))
    first = others[0] if others else ""
    about = bool(first) and counts[first] >= max(_OFTEN, 1.5 * language)
    return Names(frozenset(proper), first if about else "", frozenset(small))


def needed_first(
    concepts: pl.DataFrame, edges: pl.DataFrame | None, titles: Mapping[str, str],
    blocks: Mapping[str, Row],
) -> dict[str, list[Needed]]:  # fmt: skip
    """Section id to the prerequisites of the concepts that it introduces, in order of introduction.

    Of each concept the strongest few are taken; the scores move a little with any change of the
    book, so they are compared coarsely and have no say in the order. ``titles`` are those of body
    sections by id; an edge from or to another section is left out.
    """
    if edges is None or edges.is_empty():
        return {}
    known = {row["concept_id"]: row for row in concepts.iter_rows(named=True)}
    found: dict[str, list[Needed]] = defaultdict(list)
    counts: Counter[str] = Counter()
    named: Counter[str] = Counter()
    if "direct" in edges.columns:  # the rest follows from these
        edges = edges.filter("direct")
    place = {name: row["order"] for name, row in known.items()}
    ranked = sorted(
        edges.iter_rows(named=True),
        key=lambda e: (-round(e["score"], 1), place.get(e["source_id"], -1), e["source_id"]),
    )
    chosen: list[tuple[int, int, Row, Row]] = []
    for row in ranked:
        source, target = known.get(row["source_id"]), known.get(row["target_id"])
        if source is None or target is None or row["score"] < SCORE_MIN:
            continue
        if source["introduced_in"] not in titles or counts[target["concept_id"]] >= EDGES_MAX:
            continue
        if named[source["concept_id"]] >= SOURCE_MAX:
            continue
        counts[target["concept_id"]] += 1
        named[source["concept_id"]] += 1
        chosen.append((target["order"], source["order"], source, target))
    for _, _, source, target in sorted(chosen, key=lambda item: item[:2]):
        found[target["introduced_in"]].append(_needed(source, target, titles, blocks))
    return found


def _needed(
    source: Row, target: Row, titles: Mapping[str, str], blocks: Mapping[str, Row]
) -> Needed:
    title = titles[source["introduced_in"]]
    block = blocks.get(source["definition_block_id"] or "")
    start = block["text"].find(source["definition"]) if block else -1
    if block is None or start < 0:
        return Needed(target["label"], source["label"], title, None, 0, 0)
    end = start + len(source["definition"])
    return Needed(target["label"], source["label"], title, block, start, end)
