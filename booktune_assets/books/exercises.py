"""Exercises of a book and their answers.

Belongs here: which stretches of a book set a task or solve one. Does not: how these are worded
(``taskmarks.py``), which answer belongs to which task (``ties.py``), making pairs of them.

This is the one place that gives blocks the kinds ``exercise`` and ``answer``: ``formats.py`` calls
:func:`mark_exercises` on what any reader made, before ids are taken (an id depends on the kind).
:func:`find_spans` gives the same stretches for blocks that have been marked.

A task is known by its mark ("Exercise 3.2."), by its heading, or as an item of a section that is
called exercises; an answer likewise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from booktune_assets.books.backlinked import linked_tasks
from booktune_assets.books.blocks import CODE_KINDS, Block
from booktune_assets.books.headings import folded
from booktune_assets.books.labels import split_number
from booktune_assets.books.spoken import plain
from booktune_assets.books.taskmarks import (
    ANSWER,
    CLEAR,
    LOOSE,
    PLAIN_ANSWER,
    TASK,
    mark_of,
    role_of,
    says_only,
)

__all__ = ["Item", "Span", "find_spans", "mark_exercises"]

_LETTER = re.compile(r"[*_]*\(?(?P<letter>[a-z])[.)][*_]*\s")
_HINT = re.compile(r"[(*_]*(?:hint|tip|note|bonus)s?\b", re.I)
_CHAPTER = re.compile(r"\b(?:chapter|lesson)\s+(\d+|[A-Z]|[IVXLC]+)\b", re.I)
_OPEN = frozenset({"prose", "list", "callout", "exercise", "answer"})
_NAME_CHARS, _NAME_MIN = 80, 3  # of the title of a chapter
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ITEMS = {"exercise": ("list", "exercise"), "answer": ("list", "answer")}


@dataclass(slots=True)
class Item:
    """A block as it counts here; ``level`` and ``number`` are those of a heading."""

    kind: str
    text: str
    level: int = 0
    number: str | None = None


@dataclass(slots=True)
class Span:
    """Items ``first`` to ``last`` (not included) set a task or solve one.

    ``chapter`` is the position of the heading of the chapter that it belongs to, -1 without one.
    ``listed`` is the position of the section whose items have no marks, else -1. ``whole`` tells
    that all prose of the span is of its kind. ``part`` counts the headings before it, hints apart;
    ``level`` is that of the last of them.
    """

    what: str
    first: int
    last: int
    number: str = ""
    title: str = ""
    chapter: int = -1
    listed: int = -1
    whole: bool = True
    part: int = -1
    level: int = 0


@dataclass(slots=True)
class _Part:
    """What stands under one heading; ``path`` are the headings around it, the innermost last."""

    start: int
    end: int
    path: list[Item] = field(default_factory=list[Item])
    heading: int = -1
    chapter: int = -1
    role: str = ""
    leaf: bool = True
    loose: dict[int, str] = field(default_factory=dict[int, str])  # numbers of answers by position
    led: dict[int, str] = field(default_factory=dict[int, str])  # what links make of positions


def mark_exercises(blocks: Sequence[Block]) -> None:
    """Give blocks of prose that set or solve a task their kind."""
    items = [Item(one.kind, one.text, one.level or 0, one.number) for one in blocks]
    leads = [
        (at, link.to, block.text[link.start : link.end]) for at, block in enumerate(blocks)
        for link in block.links if link.to is not None and not link.index
    ]  # fmt: skip
    for span in find_spans(items, leads):
        inside = [at for at in range(span.first, span.last) if blocks[at].kind in _OPEN]
        first = blocks[span.first]
        if _is_label(first.kind, first.text) and not span.number:
            inside = [at for at in inside if at > span.first]  # it keeps its kind
        elif first.kind == "caption":
            inside.insert(0, span.first)
        for number in inside if span.whole else [at for at in inside if at == span.first]:
            blocks[number].kind = span.what


def find_spans(items: Sequence[Item], links: Sequence[tuple[int, int, str]] = ()) -> list[Span]:
    """The tasks and answers of a book in reading order; ``links`` lead from item to item by their
    words."""
    parts = _parts(items)
    _find_loose(items, parts)
    led = linked_tasks(items, links)
    for part in parts if led else ():
        part.led = {at: what for at, what in led.items() if part.start <= at < part.end}
    chapters = {part.chapter: items[part.chapter] for part in parts if part.chapter >= 0}
    names = {folded(one.text) for one in chapters.values()}
    spans: list[Span] = []
    count = 0
    for part in parts:
        found = list(
            _by_heading(items, part, names) or _by_marks(items, part) or _by_items(items, part)
        )
        count += part.heading < 0 or not _HINT.match(items[part.heading].text)
        for span in found:
            span.chapter, span.part = part.chapter, count
            span.level = part.path[-1].level if part.path else 0
            if span.what == "answer":
                span.chapter = _chapter_meant(part, chapters)
        spans += found
    return spans


def _parts(items: Sequence[Item]) -> list[_Part]:
    levels = Counter(one.level for one in items if one.kind == "heading" and one.level > 0)
    top = min((level for level, n in levels.items() if n > 1), default=min(levels, default=1))
    parts = [_Part(0, 0)]
    above: list[tuple[int, Item]] = []
    names = {
        folded(one.text) for one in items
        if one.kind == "heading" and one.level == top and not role_of(one.text)
    }  # fmt: skip
    for number, item in enumerate(items):
        if parts[-1].role == "answer" and _names_chapter(item, names):
            path = [one for _, one in above]  # a line among answers that names whose they are
            item = Item("heading", item.text)
            chapter = parts[-1].chapter
            parts[-1].end = number
            parts.append(_Part(number + 1, number + 1, [*path, item], number, chapter, "answer"))
        elif item.kind == "heading":
            while above and above[-1][1].level >= item.level:
                above.pop()
            above.append((number, item))
            chapter = next((at for at, one in above if one.level == top), -1)
            parts[-1].end = number
            below = any(at == parts[-1].heading for at, _ in above)
            parts[-1].leaf = not below or role_of(item.text) == "answer"
            path = [one for _, one in above]
            parts.append(_Part(number + 1, number + 1, path, number, chapter, _role(path)))
    parts[-1].end = len(items)
    return parts


def _is_label(kind: str, text: str) -> bool:
    """Whether a block is the title of a box that sets a task."""
    return kind in ("callout", "caption") and says_only(text)


def _names_chapter(item: Item, names: set[str]) -> bool:
    """Whether a paragraph is nothing but the name of a chapter, or its number."""
    if item.kind not in ("prose", "callout") or len(item.text) > _NAME_CHARS:
        return False
    text = item.text.strip(" *_:")
    title = split_number(text)[1]
    return bool(_CHAPTER.fullmatch(text)) or (len(title) > _NAME_MIN and folded(title) in names)


def _find_loose(items: Sequence[Item], parts: Sequence[_Part]) -> None:
    """Answers whose mark runs into their words, in sections of answers; letters that count.

    Their numbers are those of tasks that no clear mark there answers; the first one counts.
    """
    tasks = {
        mark[1] for part in parts for item in items[part.start : part.end]
        if (mark := _marks(item, part.role)) and mark[0] == "exercise"
    } | {
        plain(found["number"]) for part in parts for one in part.path[-1:]
        if (found := TASK.match(one.text))
    }  # fmt: skip
    for part in parts:
        if part.role:
            _count_letters(items, part)
        if part.role != "answer":
            continue
        inside = range(part.start, part.end)
        clear = {mark[1] for at in inside if (mark := _marks(items[at], part.role))}
        for at in inside:
            found = LOOSE.match(items[at].text) if items[at].kind in _OPEN else None
            number = plain(found["number"]) if found else ""
            if number and number in tasks and number not in clear:
                part.loose[at] = number
                clear.add(number)


def _count_letters(items: Sequence[Item], part: _Part) -> None:
    """Paragraphs that are counted a), b), c) in a section of tasks or answers."""
    found = [
        (at, letter["letter"]) for at in range(part.start, part.end)
        if items[at].kind in _OPEN and (letter := _LETTER.match(items[at].text))
    ]  # fmt: skip
    if len(found) > 1 and "".join(one for _, one in found) == _LETTERS[: len(found)]:
        part.loose |= {at: letter.upper() for at, letter in found}


def _role(path: Sequence[Item]) -> str:
    """What the nearest heading that says so calls the section."""
    for heading in reversed(path):
        if role := role_of(heading.text):
            return role
    return ""


def _chapter_meant(part: _Part, chapters: Mapping[int, Item]) -> int:
    """The chapter that the headings around an answer name; else the one that it stands in."""
    for heading in reversed(part.path):
        if said := _CHAPTER.search(heading.text):
            named = [at for at, one in chapters.items() if one.number == said.group(1)]
            if named or all(one.number for one in chapters.values()):
                return named[0] if len(named) == 1 else -1
        text = folded(split_number(heading.text)[1])
        titled = [
            at for at, one in chapters.items()
            if one is not heading and len(folded(one.text)) > 3 and folded(one.text) in text
        ]  # fmt: skip
        same = [at for at in titled if folded(chapters[at].text) == text]
        if len(same) == 1 or (len(titled) == 1 and role_of(heading.text) == "answer"):
            return (same or titled)[0]
        if said:
            return -1
    return part.chapter


def _by_heading(items: Sequence[Item], part: _Part, chapters: set[str]) -> list[Span]:
    """A heading such as "Exercise 3.2: Stacks", or one below a heading "Exercises".

    Below "Answers" a heading that names a chapter only gathers the answers to it.
    """
    if part.heading < 0:
        return []
    text = items[part.heading].text
    for pattern, what in ((ANSWER, "answer"), (TASK, "exercise")):
        if found := pattern.match(text):
            if _CHAPTER.search(text):
                return []
            title = folded(text[found.end() :])
            # below "Solutions" the exercise is named again
            solves = "answer" if _role(part.path[:-1]) == "answer" else what
            return [Span(solves, *_range(part), plain(found["number"]), title)]
    own = role_of(text)
    marked = part.loose or any(_marks(one, part.role) for one in items[part.start : part.end])
    gathers = _CHAPTER.search(text) or folded(text) in chapters
    if _HINT.match(text) and part.role == "exercise":
        return []
    if part.role and not own and not marked and not gathers and part.start < part.end:
        return [Span(part.role, *_range(part), title=folded(text))]
    return []


def _range(part: _Part) -> tuple[int, int]:
    """What stands under the heading; the heading itself where nothing does."""
    return (part.start, part.end) if part.start < part.end else (part.heading, part.end)


def _marks(item: Item, role: str) -> tuple[str, str] | None:
    """("exercise" or "answer", number) of a block that begins with such a mark.

    A box or a title above a box says it by itself: "Your turn", "Exercise 3".
    """
    if item.kind not in _OPEN and item.kind != "caption":
        return None
    mark = mark_of(item.text, role, box=item.kind == "callout")
    if mark is None and _is_label(item.kind, item.text):
        return "exercise", ""
    return mark if item.kind in _OPEN or (mark and mark[1]) else None


def _by_marks(items: Sequence[Item], part: _Part) -> list[Span]:
    """Stretches that begin with a mark; in running text the code that follows belongs to them.

    A line that only says "Solution" stands for the listing below it.
    """
    spans: list[Span] = []
    inside = range(part.start, part.end)
    plain = [at for at in inside if _marks(items[at], part.role) == ("answer", "")]
    listed = part.role == "exercise" and len(plain) > 1  # each task with its answer
    for number in inside:
        mark = _marks(items[number], part.role)
        if number in part.loose:
            mark = part.role, part.loose[number]
        last = spans[-1] if spans else None
        if mark == ("answer", "") and (last is None or last.what != "exercise"):
            if last is None and part.role == "exercise" and number > part.start:
                spans.append(Span("exercise", part.start, number))  # all that stands before
            else:
                mark = None  # an answer to nothing
        if mark is None and number in part.led:
            bare = mark_of(items[number].text, "answer")
            mark = part.led[number], bare[1] if bare else ""
        if mark is not None:
            spans.append(Span(mark[0], number, number + 1, mark[1]))
        elif (
            listed
            and last
            and last.what == "answer"
            and number < plain[-1]
            and _is_item(items[number])
        ):
            spans.append(Span("exercise", number, number + 1))
        elif last is not None and last.last == number and _goes_on(items, last, part, number):
            last.last = number + 1
    return spans


def _is_item(item: Item) -> bool:
    return item.kind in _ITEMS["exercise"] and not _HINT.match(item.text)


def _goes_on(items: Sequence[Item], last: Span, part: _Part, number: int) -> bool:
    """Whether the next item belongs to a stretch too."""
    first = items[last.first]
    if number == last.first + 1 and says_only(first.text):
        return items[number].kind not in ("heading", "caption")
    kind = items[number].kind
    if kind == last.what or (kind == first.kind == "callout"):
        return True  # of the same box, marked or not yet
    if part.led.get(last.first) == "answer" and number < max(part.led):
        return True  # up to the next one
    said = PLAIN_ANSWER.match(items[last.first].text) if last.what == "answer" else None
    if said and said["label"] is not None:
        return all(one.kind not in CODE_KINDS for one in items[last.first : number])
    return bool(part.role) or items[number].kind in CODE_KINDS


def _by_items(items: Sequence[Item], part: _Part) -> Iterator[Span]:
    """The items of a list in a section of tasks or answers; without a list all is one."""
    title = items[part.heading].text if part.heading >= 0 else ""
    own = role_of(title) == part.role
    if not part.role:
        return
    inside = range(part.start, part.end)
    starts = [
        at for at in inside
        if items[at].kind in _ITEMS[part.role] and not _HINT.match(items[at].text)
    ]  # fmt: skip
    if not starts and own and part.leaf and CLEAR.search(title):
        starts = [at for at in inside if part.role == "answer" or items[at].kind in _OPEN][:1]
    for start, end in zip(starts, [*starts[1:], part.end], strict=False):
        yield Span(part.role, start, end, listed=part.heading, whole=False)
