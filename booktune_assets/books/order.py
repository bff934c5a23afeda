"""Which chapter builds on which, and the order to learn them in.

Belongs here: evidence between chapters and the order that follows. Does not: concepts
(``concepts/``), references themselves (``crossrefs.py``).

A chapter builds on another when it refers back to it, or when its code uses a module that the
other one defines. The order of the book stands unless evidence speaks against it: ties go to the
book, and in a circle the earlier chapter comes first.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Chapter", "learning_order"]

Row = dict[str, Any]
_DEFINES = re.compile(
    r"^\s*(?:defmodule|defprotocol)\s+([A-Z][\w.]*)|^-module\(\s*'?([\w]+)'?\s*\)", re.M
)
_USES = re.compile(
    r"\b([A-Z]\w*(?:\.[A-Z]\w*)*)(?=\.[a-z_]|\{|\b)|\b([a-z]\w*):[a-z]\w*\(|^-behaviou?r\((\w+)\)",
    re.M,
)
_CODE = frozenset({"code", "iex", "erl_shell"})
_AGAINST = 2  # modules of a later chapter that it takes to set the book's own order aside


@dataclass(slots=True)
class Chapter:
    """One chapter: its place in the learning order and what it builds on."""

    section_id: str
    number: int
    position: int = 0
    builds_on: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])


def learning_order(
    sections: Sequence[Row], blocks: Sequence[Row], references: Iterable[tuple[str, str | None]]
) -> list[Chapter]:
    """Chapters in learning order. ``references`` are pairs of section ids, from and to."""
    chapter_of = _chapters(sections)
    order = list(dict.fromkeys(chapter_of.values()))
    place = {section_id: number for number, section_id in enumerate(order)}
    found: dict[str, dict[str, Counter[str]]] = {one: defaultdict(Counter[str]) for one in order}
    for source, target in references:
        one, two = chapter_of.get(source), chapter_of.get(target or "")
        if one and two and place[two] < place[one]:
            found[one][two]["references"] += 1
    for (one, two), modules in _uses(blocks, chapter_of).items():
        if place[two] < place[one] or modules >= _AGAINST:
            found[one][two]["modules"] += modules
    return _sorted(order, found)


def _chapters(sections: Sequence[Row]) -> dict[str, str]:
    """Section id to the id of its chapter, for the body of the book."""
    levels = [row["level"] for row in sections if row["role"] == "body" and row["level"] > 0]
    top = min(levels, default=1)
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


def _uses(blocks: Sequence[Row], chapter_of: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """How many modules the first of two chapters uses, in code, that only the second defines."""
    homes: dict[str, set[str]] = defaultdict(set)
    uses: dict[str, set[str]] = defaultdict(set)
    for block in blocks:
        chapter = chapter_of.get(block["section_id"])
        if chapter is None or block["kind"] not in _CODE:
            continue
        for elixir, erlang in _DEFINES.findall(block["text"]):
            homes[elixir or erlang].add(chapter)
        for elixir, erlang, behaviour in _USES.findall(block["text"]):
            uses[elixir or erlang or behaviour].add(chapter)
    return Counter(
        (user, next(iter(home)))
        for name, home in homes.items() if len(home) == 1
        for user in uses.get(name, ()) if user not in home
    )  # fmt: skip


def _sorted(order: Sequence[str], found: Mapping[str, Mapping[str, Counter[str]]]) -> list[Chapter]:
    """Kahn's algorithm with the book's order as priority."""
    chapters = {
        one: Chapter(one, number, builds_on=dict(found[one])) for number, one in enumerate(order)
    }
    waiting = {one: set(found[one]) for one in order}
    ready = [chapters[one].number for one in order if not waiting[one]]
    heapq.heapify(ready)
    done: list[Chapter] = []
    while len(done) < len(order):
        if not ready:  # a circle
            ready.append(min(chapters[one].number for one in order if one in waiting))
        one = order[heapq.heappop(ready)]
        if one not in waiting:
            continue
        del waiting[one]
        chapters[one].position = len(done)
        done.append(chapters[one])
        for other, needs in waiting.items():
            if one in needs:
                needs.discard(one)
                if not needs:
                    heapq.heappush(ready, chapters[other].number)
    return done
