"""Which chapter builds on which, and the order to learn them in.

Belongs here: evidence between chapters and the order that follows. Does not: concepts
(``concepts/``), references themselves (``crossrefs.py``), names in code (``symbols.py``).

A chapter builds on an earlier one when it refers back to it, or when its code uses a module or a
function that the other one defines. An author's order is good evidence itself: a name that a later
chapter defines moves a chapter only when its code needs several of them and nothing earlier defines
them; to name a later chapter is no need. Ties go to the book, and no circle is ever closed.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.books.blocks import CODE_KINDS
from booktune_assets.books.matter import chapter_level
from booktune_assets.books.symbols import symbols_of

__all__ = ["Chapter", "Evidence", "learning_order", "reaches"]

Row = dict[str, Any]
_AGAINST = 4  # names of a later chapter that it takes to set the book's own order aside


@dataclass(slots=True)
class Evidence:
    """Why one chapter builds on another; ``counts`` when it has a say in the order."""

    source: str
    target: str
    kind: str
    what: str
    block_id: str
    counts: bool = True


@dataclass(slots=True)
class Chapter:
    """One chapter: its place in the book, its place in the learning order, what it builds on."""

    section_id: str
    number: int
    position: int = 0
    builds_on: dict[str, list[Evidence]] = field(default_factory=dict[str, list[Evidence]])


def learning_order(
    sections: Sequence[Row], blocks: Sequence[Row], references: Iterable[tuple[str, str, str, str]]
) -> tuple[list[Chapter], list[Evidence]]:
    """Chapters in the order of the book, and all evidence between them.

    ``references`` are (section that refers, section that is meant, words, block).
    """
    chapter_of = _chapters(sections)
    order = list(dict.fromkeys(chapter_of.values()))
    place = {section_id: number for number, section_id in enumerate(order)}
    found: dict[tuple[str, str, str, str], Evidence] = {}
    for source, target, words, block_id in references:
        one, two = chapter_of.get(source), chapter_of.get(target)
        if one and two and one != two:
            made = Evidence(one, two, "reference", words, block_id, place[two] < place[one])
            found.setdefault((one, two, "reference", words), made)
    for made in _uses(blocks, chapter_of, place):
        found.setdefault((made.source, made.target, made.kind, made.what), made)
    evidence = list(found.values())
    chapters = {one: Chapter(one, number) for number, one in enumerate(order)}
    _weigh(evidence, place)
    for made in evidence:
        if made.counts:
            chapters[made.source].builds_on.setdefault(made.target, []).append(made)
    _place(chapters, order)
    return list(chapters.values()), evidence


def _chapters(sections: Sequence[Row]) -> dict[str, str]:
    """Section id to the id of its chapter, for the body of the book."""
    top = chapter_level([row["level"] for row in sections if row["role"] == "body"])
    chapters: dict[str, str] = {}
    current = ""
    for row in sections:
        if row["role"] != "body" or row["level"] < top:
            current = ""
            continue
        if row["level"] == top:
            current = row["section_id"]
        if current:
            chapters[row["section_id"]] = current
    return chapters


def _uses(
    blocks: Sequence[Row], chapter_of: Mapping[str, str], place: Mapping[str, int]
) -> Iterable[Evidence]:
    """Uses of names in chapters that do not define them, each with the chapter that does.

    Of several such chapters it is the last one before; else the first one after.
    """
    homes: dict[str, set[str]] = defaultdict(set)
    uses: dict[tuple[str, str], str] = {}
    for block in blocks:
        chapter = chapter_of.get(block["section_id"])
        if chapter is None or block["kind"] not in CODE_KINDS:
            continue
        found = symbols_of(block["text"], block["lang"])
        for name in found.defines:
            homes[name].add(chapter)
        for name in sorted(found.uses):
            uses.setdefault((chapter, name), block["block_id"])
    for (chapter, name), block_id in uses.items():
        home = homes.get(name, set())
        if not home or chapter in home:
            continue
        module = name.partition(":")[0] if ":" in name else _module(name)
        if chapter in homes.get(module, set()):
            continue  # another module of that name
        before = [one for one in home if place[one] < place[chapter]]
        target = max(before, key=place.__getitem__) if before else min(home, key=place.__getitem__)
        kind = "function" if module in homes else "module"
        yield Evidence(chapter, target, kind, name, block_id, bool(before))


def _module(name: str) -> str:
    """``Tide`` of ``Tide.high``; nothing of a name that is a module itself."""
    module, _, last = name.rpartition(".")
    return "" if last[:1].isupper() else module


def _weigh(evidence: Sequence[Evidence], place: Mapping[str, int]) -> None:
    """Let strong evidence for a later chapter count, unless that one builds on this one."""
    ahead: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    needs: dict[str, set[str]] = defaultdict(set)
    for made in evidence:
        if made.counts:
            needs[made.source].add(made.target)
        elif made.kind != "reference":
            ahead[made.source, made.target].append(made)
    for (source, target), found in sorted(
        ahead.items(), key=lambda item: (-len(item[1]), place[item[0][0]], place[item[0][1]])
    ):
        if len(found) >= _AGAINST and not reaches(needs, target, source):
            needs[source].add(target)
            for made in found:
                made.counts = True


def reaches(out: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """Does a way of edges ``out`` lead from one node to the other (or are they one)?"""
    seen, waiting = {start}, [start]
    while waiting:
        one = waiting.pop()
        if one == goal:
            return True
        fresh = out.get(one, set()) - seen
        seen |= fresh
        waiting += fresh
    return False


def _place(chapters: Mapping[str, Chapter], order: Sequence[str]) -> None:
    """Kahn's algorithm with the book's order as priority; what is needed never makes a circle."""
    waiting = {one: set(chapters[one].builds_on) for one in order}
    ready = [chapters[one].number for one in order if not waiting[one]]
    heapq.heapify(ready)
    position = 0
    while ready:
        one = order[heapq.heappop(ready)]
        chapters[one].position = position
        position += 1
        del waiting[one]
        for other, needs in waiting.items():
            if one in needs:
                needs.discard(one)
                if not needs:
                    heapq.heappush(ready, chapters[other].number)
