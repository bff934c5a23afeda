"""Prompts of a notebook: "In [7]:" beside the cell, which is no part of its code.

Belongs here: telling them by their counting, taking them off. Does not: prompts of a shell, which
are part of a session (``sessions.py``), line numbers (``linenos.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from operator import itemgetter

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact

__all__ = ["take_prompts"]

_PROMPT = re.compile(r"\s*((?:In\s?|Out\s?)?\[\s?(\d{1,4}|\*)\s?\]\s?:)(?=\s|$)", re.I)
_ENOUGH = 3  # prompts that show the habit of a book
_STEP = 5  # cells that were run again between two
_MOST = 0.8  # of the prompts count on
_LEVEL = 2.5  # pt between the baselines of a prompt and its cell
_MANY = 200  # lines of a page that may be prompts; more are a list
Found = tuple[int, int, str, int]  # place of the page, line, text, count


def take_prompts(pages: Pages, fonts: Fonts, ledger: Ledger) -> dict[int, set[int]]:
    """Take prompts off the cells they count; gives, by page, the lines that held nothing else."""
    if not ledger.wants("callout_marks"):
        return {}
    found = [
        (index, number, text, count) for index, page in pages.having(Fact.PROMPTS)
        if any("]:" in text or "] :" in text for text in (line.text for line in page.lines))
        for number, text, count in _prompts(pages.one(index), fonts)
    ]  # fmt: skip
    steps = [two[3] - one[3] for one, two in pairwise(one for one in found if one[3])]
    rising = sum(0 <= step <= _STEP for step in steps)
    if len(found) < _ENOUGH or rising < _MOST * len(steps) or not any(steps):
        return {}
    alone: dict[int, set[int]] = {}
    for index, own in groupby(found, key=itemgetter(0)):
        page = pages.one(index)
        for _, number, text, _ in own:
            ledger.took(page.number, "callout_marks", text, why="it counts the cells of a notebook")
            if page.lines[number].text.strip() == text:
                alone.setdefault(page.number, set()).add(number)
            else:
                ledger.drew(page.number, text)
                _cut(page.lines[number], text)
        pages.put(index, page)
    return alone


def _prompts(page: PageDrawn, fonts: Fonts) -> Iterator[tuple[int, str, int]]:
    """Line, text and count (0: not run) of what may be a prompt beside code."""
    found = [(n, line, match) for n, line in enumerate(page.lines)
             if (match := _PROMPT.match(line.text))]  # fmt: skip
    for number, line, match in found if len(found) <= _MANY else ():
        rest = line.text[match.end() :].strip()
        if rest:
            coded = fonts.mono(next(run for run in reversed(line.runs) if run.text.strip()))
        else:
            coded = any(
                abs(other.baseline - line.baseline) < _LEVEL and other.box[0] > line.box[2]
                and any(map(fonts.mono, other.runs))
                for other in page.lines if other is not line
            )  # fmt: skip
        if coded:
            yield number, match.group(1), int(match.group(2).replace("*", "0"))


def _cut(line: Line, text: str) -> None:
    """A line without its prompt and the room behind it."""
    left = line.text.index(text) + len(text)
    left += len(line.text[left:]) - len(line.text[left:].lstrip())
    runs: list[Run] = []
    for run in line.runs:
        if left >= len(run.text):
            left -= len(run.text)
            continue
        runs.append(
            Run(run.text[left:], run.font, run.size, run.flags, run.color,
                edges_of(run.lefts[left:], run.rights[left:])) if left else run
        )  # fmt: skip
        left = 0
    line.runs = runs
    line.box = (runs[0].left, *line.box[1:])
