"""Paragraphs that begin with numbers which count on: exercises, answers, theorems, set tightly.

Belongs here: telling that such a row begins a paragraph though no room is above it. Does not: items
of lists (``layout.py``), titles (``headings.py``), what the numbers mean (``exercises.py``).

A paragraph begins with a number; a row of it that begins, at the same edge, with the very next one
begins a paragraph of its own. The number is bold in both, or the same word for a task is before
it, or it has several parts and what is above has come to its end.
"""

from __future__ import annotations

import re

from booktune_assets.books.rows import Row

__all__ = ["counts_on", "names_task"]

_LABEL = re.compile(
    r"(?:(?P<word>[^\W\d_]+)\s+)?(?P<number>(?:[A-Z][.-])?\d{1,3}(?:[.\u2010-\u2013-]\d{1,3})*)"
    r"(?P<end>[.):]?)\s+\S"
)
_TASKS = frozenset({"exercise", "problem", "question", "task", "challenge", "answer", "solution",
                    "quiz", "puzzle"})  # fmt: skip
_PARTS = re.compile(r"[.\u2010-\u2013-]")
_EDGE = 2.0  # pt
_WORDS = 5
_ENDS = (".", "!", "?", ":", ".\u201d", ".)", "?)", "!)")


def counts_on(first: Row, before: Row, row: Row) -> bool:
    """Whether a row begins with the number after that of a paragraph's ``first`` row.

    ``before`` is the row above it.
    """
    one, two = _LABEL.match(first.text), _LABEL.match(row.text)
    if not one or not two or abs(first.box[0] - row.box[0]) > _EDGE:
        return False
    word = (two["word"] or "").lower()
    same = (one["word"] or "").lower() == word and one["end"] == two["end"]
    if not same or not _is_next(_PARTS.split(one["number"]), _PARTS.split(two["number"])):
        return False
    dotted = not word and _PARTS.search(two["number"]) is not None
    ended = dotted and before.text.rstrip().endswith(_ENDS)
    return word in _TASKS or ended or (_bold(first) and _bold(row))


def names_task(text: str) -> bool:
    """Whether a row begins a task or its answer: "Exercise 1.2. Write …", no row of a table."""
    found = _LABEL.match(text)
    said = found is not None and found["end"] and (found["word"] or "").lower() in _TASKS
    return bool(said) and len(text.split()) >= _WORDS


def _bold(row: Row) -> bool:
    """Whether a row begins in bold type and goes on in another."""
    run = next((run for run in row.runs if run.text.strip()), None)
    return run is not None and run.bold and not row.bold


def _is_next(one: list[str], two: list[str]) -> bool:
    """Whether the last part is one more, or the one before it is and the last begins anew."""
    if len(one) != len(two) or not (one[-1].isdigit() and two[-1].isdigit()):
        return False
    if one[:-1] == two[:-1]:
        return int(two[-1]) == int(one[-1]) + 1
    above = one[-2].isdigit() and two[-2].isdigit() and int(two[-2]) == int(one[-2]) + 1
    return above and one[:-2] == two[:-2] and int(two[-1]) == 1
