"""Exercises of a book and the answers that belong to them.

Belongs here: which stretches of a book set a task or solve one, and which answer belongs to which
task. Does not: making pairs of them (``pairs/exercises.py``).

This is the one place that gives blocks the kinds ``exercise`` and ``answer``: ``formats.py`` calls
:func:`mark_exercises` on what any reader made, before ids are taken (an id depends on the kind).
:func:`find_spans` gives the same stretches for blocks that have been marked.

A task is known by its mark ("Exercise 3.2."), by its heading, or as an item of a section that is
called exercises; an answer likewise. The two are tied by a link, by number (within the chapter
where the number has no dot), by their order in lists of one length, by the same title, or because
the answer follows its task at once. What fits twice ties nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from booktune_assets.books.blocks import CODE_KINDS, Block
from booktune_assets.books.headings import folded

__all__ = ["Item", "Span", "Tie", "find_spans", "mark_exercises", "tie_answers"]

_NUM = r"(?P<number>[A-Z]?\d+(?:[.\-\u2011]\d+)*)(?!\w|[.-]\d)"
_END = r"(?:\s*[.:)\]\u2014\u2013*_-]|\s*$|\s+(?=(?-i:[A-Z(\"\u201c`])))"
_NAMES = "exercise|challenge|problem|task|puzzle|quiz"
_TASK = re.compile(rf"[*_]*(?:{_NAMES})\s+{_NUM}{_END}", re.I)
_ANSWER_NUM = rf"[*_]*(?:answers?|solutions?)(?:\s+(?:to|for))?(?:\s+(?:{_NAMES}))?\s+{_NUM}"
_ANSWER = re.compile(rf"{_ANSWER_NUM}{_END}", re.I)
_LOOSE = re.compile(rf"{_ANSWER_NUM}\s", re.I)  # "Answer 2.1 when x > 1"
_PLAIN_ANSWER = re.compile(
    r"[*_]*(?:(?:(?:an?|our|one|example|sample|possible|suggested)\s+){0,2}(?:answer|solution)s?"
    r"(?P<label>[*_]*\s*[:.]?[*_]*\s*$)|(?:answer|solution)[*_]*\s*[.:\u2014][*_]*\s)",
    re.I,
)
_BARE = re.compile(
    r"\(?(?:[QA](?:uestion|nswer)?\s?)?(?P<number>\d+(?:[.\-\u2011]\d+)*)[.):]\s"
    r"|(?P<dotted>\d+(?:\.\d+)+)\s|(?P<dashed>\d+(?:[-\u2011]\d+)+)\s+(?=[^\W\da-z])"
)
_HINT = re.compile(r"[(*_]*(?:hint|tip|note|bonus)s?\b", re.I)
_OF = r"(?:\s+(?:for|to)\b.*|\s+[A-Z]?\d.*|\s*[:.\u2014\u2013].*)?"
_TASKS = re.compile(
    r"(?:(?:chapter|section|review|practice|programming|coding)\s+(?:\d+\s+)?)?(?:exercises?"
    r"|problems|challenges?|your turn!?|try it(?: yourself| out)?!?|practice|homework|quiz"
    r"|things to try|review questions)"
    r"(?:\s+(?:for|to|from)\s+(?:the\s+|this\s+)?(?:chapter|section|part)\b.*|\s+\d.*|\s*:.*)?",
    re.I,
)  # fmt: skip
_ANSWERS = re.compile(
    r"(?:appendix(?:\s+[A-Z])?\s*[:.\u2014\u2013]?\s+)?"
    r"(?:(?:selected|chapter|model|our|sample|suggested|possible|exercises?|challenges?|problems?"
    r"|quiz|puzzles?|practice|homework|review questions?|your turn|try it(?: yourself| out)?)\s+"
    r"(?:\d+\s+)?){0,2}(?:answers?|solutions?)"
    rf"(?:\s+and\s+hints)?{_OF}",
    re.I,
)  # fmt: skip
_CLEAR = re.compile(r"exercise|your turn|try it|homework|things to try|answer|solution", re.I)
_CHAPTER = re.compile(r"\b(?:chapter|lesson)\s+(\d+|[A-Z]|[IVXLC]+)\b", re.I)
_OPEN = frozenset({"prose", "list", "callout", "exercise", "answer"})
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
    that all prose of the span is of its kind.
    """

    what: str
    first: int
    last: int
    number: str = ""
    title: str = ""
    chapter: int = -1
    listed: int = -1
    whole: bool = True


@dataclass(slots=True)
class Tie:
    """A task, its answer if there is one, and by what they were tied."""

    task: Span
    answer: Span | None = None
    how: str | None = None


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


def mark_exercises(blocks: Sequence[Block]) -> None:
    """Give blocks of prose that set or solve a task their kind."""
    items = [Item(one.kind, one.text, one.level or 0, one.number) for one in blocks]
    for span in find_spans(items):
        for number in range(span.first, span.last if span.whole else span.first + 1):
            if blocks[number].kind in _OPEN:
                blocks[number].kind = span.what


def find_spans(items: Sequence[Item]) -> list[Span]:
    """The tasks and answers of a book in reading order."""
    parts = _parts(items)
    _find_loose(items, parts)
    chapters = {part.chapter: items[part.chapter] for part in parts if part.chapter >= 0}
    names = {folded(one.text) for one in chapters.values()}
    spans: list[Span] = []
    for part in parts:
        found = list(
            _by_heading(items, part, names) or _by_marks(items, part) or _by_items(items, part)
        )
        for span in found:
            span.chapter = part.chapter
            if span.what == "answer":
                span.chapter = _chapter_meant(part, chapters)
        spans += found
    return spans


def _parts(items: Sequence[Item]) -> list[_Part]:
    levels = Counter(one.level for one in items if one.kind == "heading" and one.level > 0)
    top = min((level for level, n in levels.items() if n > 1), default=min(levels, default=1))
    parts = [_Part(0, 0)]
    above: list[tuple[int, Item]] = []
    for number, item in enumerate(items):
        if item.kind == "heading":
            while above and above[-1][1].level >= item.level:
                above.pop()
            above.append((number, item))
            chapter = next((at for at, one in above if one.level == top), -1)
            parts[-1].end = number
            below = any(at == parts[-1].heading for at, _ in above)
            parts[-1].leaf = not below or bool(_ANSWERS.fullmatch(item.text))
            path = [one for _, one in above]
            parts.append(_Part(number + 1, number + 1, path, number, chapter, _role(path)))
    parts[-1].end = len(items)
    return parts


def _find_loose(items: Sequence[Item], parts: Sequence[_Part]) -> None:
    """Answers whose mark runs into their words, in sections of answers.

    Their numbers are those of tasks that no clear mark there answers; the first one counts.
    """
    tasks = {
        mark[1] for part in parts for item in items[part.start : part.end]
        if (mark := _marks(item, part.role)) and mark[0] == "exercise"
    } | {
        _plain(found["number"]) for part in parts for one in part.path[-1:]
        if (found := _TASK.match(one.text))
    }  # fmt: skip
    for part in parts:
        if part.role != "answer":
            continue
        inside = range(part.start, part.end)
        clear = {mark[1] for at in inside if (mark := _marks(items[at], part.role))}
        for at in inside:
            found = _LOOSE.match(items[at].text) if items[at].kind in _OPEN else None
            number = _plain(found["number"]) if found else ""
            if number in tasks and number not in clear:
                part.loose[at] = number
                clear.add(number)


def _role(path: Sequence[Item]) -> str:
    """What the nearest heading that says so calls the section."""
    for heading in reversed(path):
        if _ANSWERS.fullmatch(heading.text):
            return "answer"
        if _TASKS.fullmatch(heading.text):
            return "exercise"
    return ""


def _chapter_meant(part: _Part, chapters: Mapping[int, Item]) -> int:
    """The chapter that the headings around an answer name; else the one that it stands in."""
    for heading in reversed(part.path):
        if said := _CHAPTER.search(heading.text):
            named = [at for at, one in chapters.items() if one.number == said.group(1)]
            return named[0] if len(named) == 1 else -1
        text = folded(heading.text)
        titled = [
            at for at, one in chapters.items()
            if one is not heading and len(folded(one.text)) > 3 and folded(one.text) in text
        ]  # fmt: skip
        same = [at for at in titled if folded(chapters[at].text) == text]
        if len(same) == 1 or (len(titled) == 1 and _ANSWERS.fullmatch(heading.text)):
            return (same or titled)[0]
    return part.chapter


def _by_heading(items: Sequence[Item], part: _Part, chapters: set[str]) -> list[Span]:
    """A heading such as "Exercise 3.2: Stacks", or one below a heading "Exercises".

    Below "Answers" a heading that names a chapter only gathers the answers to it.
    """
    if part.heading < 0:
        return []
    text = items[part.heading].text
    for pattern, what in ((_ANSWER, "answer"), (_TASK, "exercise")):
        if found := pattern.match(text):
            if _CHAPTER.search(text):
                return []
            title = folded(text[found.end() :])
            # below "Solutions" the exercise is named again
            solves = "answer" if _role(part.path[:-1]) == "answer" else what
            return [Span(solves, *_range(part), _plain(found["number"]), title)]
    own = _ANSWERS.fullmatch(text) or _TASKS.fullmatch(text)
    marked = part.loose or any(_marks(one, part.role) for one in items[part.start : part.end])
    gathers = _CHAPTER.search(text) or folded(text) in chapters
    if part.role and not own and not marked and not gathers and part.start < part.end:
        return [Span(part.role, *_range(part), title=folded(text))]
    return []


def _range(part: _Part) -> tuple[int, int]:
    """What stands under the heading; the heading itself where nothing does."""
    return (part.start, part.end) if part.start < part.end else (part.heading, part.end)


def _marks(item: Item, role: str) -> tuple[str, str] | None:
    """("exercise" or "answer", number) of a block that begins with such a mark."""
    if item.kind not in _OPEN:
        return None
    if found := _ANSWER.match(item.text):
        return "answer", _plain(found["number"])
    if found := _TASK.match(item.text):
        return "answer" if role == "answer" else "exercise", _plain(found["number"])
    if _PLAIN_ANSWER.match(item.text):
        return "answer", ""
    if role and (found := _BARE.match(item.text)):
        return role, _plain(found["number"] or found["dotted"] or found["dashed"])
    return None


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
            mark = "answer", part.loose[number]
        last = spans[-1] if spans else None
        if mark == ("answer", "") and (last is None or last.what != "exercise"):
            if last is None and part.role == "exercise" and number > part.start:
                spans.append(Span("exercise", part.start, number))  # all that stands before
            else:
                mark = None  # an answer to nothing
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
    said = _PLAIN_ANSWER.match(items[last.first].text) if last.what == "answer" else None
    if said and said["label"] is not None:
        return all(one.kind not in CODE_KINDS for one in items[last.first : number])
    return bool(part.role) or items[number].kind in CODE_KINDS


def _by_items(items: Sequence[Item], part: _Part) -> Iterator[Span]:
    """The items of a list in a section of tasks or answers; without a list all is one."""
    own = part.heading >= 0 and (_TASKS if part.role == "exercise" else _ANSWERS).fullmatch(
        items[part.heading].text
    )
    if not part.role:
        return
    inside = range(part.start, part.end)
    starts = [
        at for at in inside
        if items[at].kind in _ITEMS[part.role] and not _HINT.match(items[at].text)
    ]  # fmt: skip
    if not starts and own and part.leaf and _CLEAR.search(own.group()):
        starts = [at for at in inside if items[at].kind in _OPEN][:1]
    for start, end in zip(starts, [*starts[1:], part.end], strict=False):
        yield Span(part.role, start, end, listed=part.heading, whole=False)


def tie_answers(spans: Sequence[Span], links: Sequence[tuple[int, int]] = ()) -> list[Tie]:
    """The tasks in reading order, each with its answer. ``links`` lead from item to item."""
    ties = [Tie(span) for span in spans if span.what == "exercise"]
    free = [span for span in spans if span.what == "answer"]
    _tie_links(ties, free, links)
    for how, key in (("number", _number_key), ("title", _title_key)):
        _tie_keys(ties, free, how, key)
    _tie_lists(ties, free)
    setting = {tie.task.chapter for tie in ties}
    behind = [span for span in free if span.chapter not in setting]
    _tie_keys(ties, behind, "number", _bare_key)
    _tie_next(ties, spans)
    return ties


def _tie_links(ties: Sequence[Tie], free: list[Span], links: Sequence[tuple[int, int]]) -> None:
    """A link from one to the other, or back, that is the only one of both."""
    task_at = {at: n for n, tie in enumerate(ties) for at in range(tie.task.first, tie.task.last)}
    answer_at = {at: n for n, span in enumerate(free) for at in range(span.first, span.last)}
    found = {
        (task_at[source], answer_at[target])
        for one, two in links
        for source, target in ((one, two), (two, one))
        if source in task_at and target in answer_at
    }
    tasks, answers = Counter(a for a, _ in found), Counter(b for _, b in found)
    for task, answer in sorted(found):
        if tasks[task] == answers[answer] == 1:
            ties[task].answer, ties[task].how = free[answer], "link"
    _take(ties, free)


def _number_key(span: Span) -> tuple[object, ...] | None:
    if not span.number:
        return None
    return (span.number,) if "." in span.number else (span.number, span.chapter)


def _bare_key(span: Span) -> str | None:
    return span.number or None


def _title_key(span: Span) -> tuple[object, ...] | None:
    return (span.title,) if len(span.title) > 3 else None


def _tie_keys(ties: Sequence[Tie], free: list[Span], how: str, key: object) -> None:
    """Tasks and answers that have the same key, once each."""
    assert callable(key)
    open_ties = [tie for tie in ties if tie.answer is None]
    tasks: dict[object, list[Tie]] = defaultdict(list)
    answers: dict[object, list[Span]] = defaultdict(list)
    for tie in open_ties:
        tasks[key(tie.task)].append(tie)
    for span in free:
        answers[key(span)].append(span)
    for name, found in tasks.items():
        if name is not None and len(found) == len(answers[name]) == 1:
            found[0].answer, found[0].how = answers[name][0], how
    _take(ties, free)


def _tie_lists(ties: Sequence[Tie], free: list[Span]) -> None:
    """Unmarked items of one chapter, tasks and answers in lists of one length."""
    tasks: dict[int, list[Tie]] = defaultdict(list)
    answers: dict[int, list[Span]] = defaultdict(list)
    for tie in ties:
        if tie.task.listed >= 0 and tie.answer is None:
            tasks[tie.task.listed].append(tie)
    for span in free:
        if span.listed >= 0:
            answers[span.listed].append(span)
    for found in tasks.values():
        chapter = found[0].task.chapter
        fitting = [
            own for own in answers.values()
            if len(own) == len(found) and own[0].chapter == chapter
        ]  # fmt: skip
        rivals = [
            own for own in tasks.values()
            if len(own) == len(found) and own[0].task.chapter == chapter
        ]  # fmt: skip
        if len(fitting) == 1 and len(rivals) == 1:
            for tie, span in zip(found, fitting[0], strict=True):
                tie.answer, tie.how = span, "order"
    _take(ties, free)
    _tie_appendix(ties, free)


def _tie_appendix(ties: Sequence[Tie], free: Sequence[Span]) -> None:
    """The only list of tasks and, in a chapter that sets none, the only list of answers."""
    setting = {tie.task.chapter for tie in ties}
    tasks = [tie for tie in ties if tie.task.listed >= 0 and tie.answer is None]
    answers = [span for span in free if span.listed >= 0 and span.chapter not in setting]
    lists = {tie.task.listed for tie in tasks}, {span.listed for span in answers}
    if len(tasks) == len(answers) and all(len(found) == 1 for found in lists):
        for tie, span in zip(tasks, answers, strict=True):
            tie.answer, tie.how = span, "order"


def _tie_next(ties: Sequence[Tie], spans: Sequence[Span]) -> None:
    """An answer without a number that follows its task at once."""
    after = {one.first: one for one in spans if one.what == "answer" and not one.number}
    for tie in ties:
        span = after.get(tie.task.last)
        if tie.answer is None and span is not None and span.listed < 0:
            tie.answer, tie.how = span, "place"


def _take(ties: Sequence[Tie], free: list[Span]) -> None:
    taken = {id(tie.answer) for tie in ties}
    free[:] = [span for span in free if id(span) not in taken]


def _plain(number: str) -> str:
    return number.replace("\u2011", "-").replace("-", ".").upper()
