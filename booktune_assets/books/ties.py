"""Which answer belongs to which task.

Belongs here: tying the stretches that ``exercises.py`` finds. Does not: finding them.

The two are tied by a link, by number (within the chapter where the number has no dot), by the same
title, because the answer stands right below its task, by their order in lists of one length, or
because it follows its task at once. What fits twice ties nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from booktune_assets.books.exercises import Span

__all__ = ["Tie", "tie_answers"]


@dataclass(slots=True)
class Tie:
    """A task, its answer if there is one, and by what they were tied."""

    task: Span
    answer: Span | None = None
    how: str | None = None


def tie_answers(spans: Sequence[Span], links: Sequence[tuple[int, int]] = ()) -> list[Tie]:
    """The tasks in reading order, each with its answer. ``links`` lead from item to item."""
    ties = [Tie(span) for span in spans if span.what == "exercise"]
    free = [span for span in spans if span.what == "answer"]
    _tie_links(ties, free, links)
    for how, key in (("number", _number_key), ("title", _title_key)):
        _tie_keys(ties, free, how, key)
    _tie_below(ties, free)
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


def _tie_below(ties: Sequence[Tie], free: list[Span]) -> None:
    """The only answer of the section right behind, or below, that of an only task.

    Neither section holds both; one of hints between them does not count.
    """
    tasks, answers = Counter(tie.task.part for tie in ties), Counter(one.part for one in free)
    after = {
        one.part: one for one in free
        if not one.number and answers[one.part] == 1 and not tasks[one.part]
    }  # fmt: skip
    for tie in ties:
        span, own = after.get(tie.task.part + 1), tie.task.part
        alone = tie.answer is None and tasks[own] == 1 and not answers[own]
        if alone and span is not None and span.level >= tie.task.level > 0:
            tie.answer, tie.how = span, "place"
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
