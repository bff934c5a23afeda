"""Exercises of a book and the answers that belong to them.

Belongs here: which blocks set a task, which blocks solve it, and how the two were tied. Does not:
making pairs of them (``pairs/exercises.py``).

Tied by printed number where there is one, else by their order in an exercise section and its
answer section; a number that stands for two tasks ties nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Exercise", "find_exercises"]

Row = dict[str, Any]
_TASK = re.compile(
    r"[*_]*(?:exercise|challenge|problem|task|puzzle)\s+(?P<number>[A-Z]?\d+(?:[.-]\d+)*)\b", re.I
)
_ANSWER = re.compile(
    r"[*_]*(?:answers?|solutions?)(?:\s+(?:to|for))?(?:\s+(?:exercise|challenge|problem|task))?"
    r"\s+(?P<number>[A-Z]?\d+(?:[.-]\d+)*)\b", re.I,
)  # fmt: skip
_TASKS = re.compile(
    r"(?:exercises?|problems|challenges?|your turn|try it(?: yourself| out)?|practice|homework"
    r"|things to try)\b", re.I,
)  # fmt: skip
_ANSWERS = re.compile(r"(?:answers?|solutions?)\b", re.I)
_OPEN = ("prose", "list", "callout", "heading", "exercise", "answer")


@dataclass(slots=True)
class Exercise:
    """A task and where its answer begins; ``how`` is ``number``, ``order`` or None."""

    block: Row
    number: str
    answer: Row | None = None
    how: str | None = None


def find_exercises(sections: Sequence[Row], blocks: Sequence[Row]) -> list[Exercise]:
    """The exercises of a book in reading order."""
    by_section: dict[str, list[Row]] = {row["section_id"]: [] for row in sections}
    for block in blocks:
        by_section[block["section_id"]].append(block)
    tasks: list[Exercise] = []
    lists: dict[str, list[Exercise]] = {}
    numbered: dict[str, list[Row]] = {}
    answer_lists: dict[str, list[Row]] = {}
    for section in sections:
        own = by_section[section["section_id"]]
        made = list(_tasks(section, own))
        tasks += made
        if made and any(not one.number for one in made):
            lists[section["section_id"]] = made
        for block in own:
            if block["kind"] in _OPEN and (found := _ANSWER.match(block["text"])):
                numbered.setdefault(_plain(found["number"]), []).append(block)
        if _ANSWERS.match(section["title"]):
            answer_lists[section["section_id"]] = _items(own)
    _tie_numbers(tasks, numbered)
    _tie_lists(sections, lists, answer_lists)
    return tasks


def _tasks(section: Row, blocks: Sequence[Row]) -> Iterator[Exercise]:
    """Blocks with a number of their own; else the items of a section that is called exercises."""
    marked = [
        Exercise(block, _plain(found["number"]))
        for block in blocks
        if block["kind"] in _OPEN and (found := _TASK.match(block["text"]))
    ]
    if marked:
        yield from marked
    elif _TASKS.match(section["title"]) and not _ANSWERS.search(section["title"]):
        items = _items(blocks)
        rest = [block for block in blocks if block["kind"] != "heading"]
        for block in items or rest[:1]:
            yield Exercise(block, "")


def _items(blocks: Sequence[Row]) -> list[Row]:
    return [block for block in blocks if block["kind"] == "list"]


def _tie_numbers(tasks: Sequence[Exercise], numbered: dict[str, list[Row]]) -> None:
    counts: dict[str, int] = {}
    for task in tasks:
        counts[task.number] = counts.get(task.number, 0) + 1
    for task in tasks:
        answers = numbered.get(task.number, []) if task.number else []
        if len(answers) == 1 and counts[task.number] == 1:
            task.answer, task.how = answers[0], "number"


def _tie_lists(
    sections: Sequence[Row], lists: dict[str, list[Exercise]], answers: dict[str, list[Row]]
) -> None:
    """Lists of one length: an answer section in the same chapter, or one that names the chapter."""
    rows = {row["section_id"]: row for row in sections}
    for section_id, tasks in lists.items():
        chapter = rows[section_id]["title_path"][0]
        fitting = [
            found for other, found in answers.items()
            if len(found) == len(tasks) and _belongs(rows[other], chapter)
        ]  # fmt: skip
        if len(fitting) == 1:
            for task, answer in zip(tasks, fitting[0], strict=True):
                task.answer, task.how = answer, "order"


def _belongs(section: Row, chapter: str) -> bool:
    path = [title.casefold() for title in section["title_path"]]
    return path[0] == chapter.casefold() or any(chapter.casefold() in title for title in path[1:])


def _plain(number: str) -> str:
    return number.replace("-", ".").upper()
