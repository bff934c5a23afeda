"""Tasks and answers that only links tell apart: each leads to the other.

Belongs here: which blocks are such pairs. Does not: their stretches (``exercises.py``), which
answer belongs to which task (``ties.py``), notes that lead back to their mark (``gathered.py``).

Sections refer to each other, too, terms to their glossary and lists of functions to what these do.
So there have to be several pairs in one order, all answers behind all tasks; most tasks have to be
worded as such, and what is linked in them has to say the same but for its number ("1.2", "Answer").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from booktune_assets.books.asked import VERBS

__all__ = ["Worded", "linked_tasks"]

_KINDS = frozenset({"prose", "list", "callout", "exercise", "answer"})
_ASKS = re.compile(
    r"[\W\d_]{0,12}(?:"
    r"(?:(?:now|then|next|please|try to|can you|could you|using|with|given|in)\b[^.?!]{0,60}\W)?"
    rf"(?:{VERBS})\b"
    r"|[^.!]{3,300}\?(?:\W|$))", re.I,
)  # fmt: skip
_COUNTS = re.compile(r"[\W\d_]|(?<![^\W\d_])(?:[a-z]|[ivx]+)(?![^\W\d_])", re.I)
_PAIRS, _MOST = 2, 0.6  # pairs in a row; of their tasks that are worded so


class Worded(Protocol):
    """A block as it counts here."""

    kind: str
    text: str


def linked_tasks(items: Sequence[Worded], links: Iterable[tuple[int, int, str]]) -> dict[int, str]:
    """Positions of tasks and answers with what each is; ``links`` lead there by words."""
    told: dict[int, str] = {}
    said: dict[tuple[int, int], set[str]] = {}
    for one, two, words in links:
        said.setdefault((one, two), set()).add(_COUNTS.sub("", words).casefold())
    for run in _runs(list(_mutual(items, set(said)))):
        if not set.intersection(*(said[pair] for pair in run)):
            continue
        asked = sum(_ASKS.match(items[task].text) is not None for task, _ in run)
        if len(run) >= _PAIRS and run[-1][0] < run[0][1] and asked >= _MOST * len(run):
            told |= {task: "exercise" for task, _ in run} | {at: "answer" for _, at in run}
    return told


def _mutual(items: Sequence[Worded], links: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pairs that lead to each other and to nothing else in this way, in order."""
    both = sorted((one, two) for one, two in links if one < two and (two, one) in links)
    often: dict[int, int] = {}
    for at in (at for pair in both for at in pair):
        often[at] = often.get(at, 0) + 1
    for one, two in both:
        fits = items[one].kind in _KINDS and items[two].kind in _KINDS
        if fits and often[one] == often[two] == 1:
            yield one, two


def _runs(pairs: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Pairs whose answers come in the order of their tasks, behind all of them."""
    run: list[tuple[int, int]] = []
    for pair in pairs:
        if run and (pair[1] < run[-1][1] or pair[0] > run[0][1]):
            yield run
            run = []
        run.append(pair)
    if run:
        yield run
