"""Questions with one short right answer, out of definitions and of code that was run.

Belongs here: what is asked, what counts as right, whether the answer stands in its section,
whether training gives it away. Does not: asking and scoring (``short_answers.py``).

Nothing here is worded by a model. From the concept graph: the name that a definition is about, and
the arity of a function where the books show a single one. From pairs of the held-out side whose
code was run: the value, or the exception. Yes-or-no questions are left alone: half of those are
right by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from booktune_assets.evaluation.suite import Given
from booktune_assets.evaluation.suites.choice import GAP, masked
from booktune_assets.ids import make_id
from booktune_assets.pairs.rules import fences
from booktune_assets.pairs.splits import bare

__all__ = ["KINDS", "Fact", "facts"]

KINDS = ("term", "function", "module", "arity", "value", "exception")
VALUE_CHARS = 60  # longest value that is asked for
PIECE_MIN = 6  # letters and digits that a piece of a question needs to be searched for
_FUNCTION = re.compile(r"(:?[A-Za-z_][\w.]*[?!]?)/(\d+)")
_MODULE = re.compile(r"[A-Z]\w*(?:\.[A-Z]\w*)*")
_RAISED = re.compile(r"\*\* \(([A-Z][\w.]*)\)")
_RUN = ("executed", "tested")
_ASKS = {
    "term": "Which term belongs in the gap? Answer with the term only.",
    "function": "Which function belongs in the gap? Answer with its name only.",
    "module": "Which module belongs in the gap? Answer with its name only.",
    "value": "Answer with the value only.",
    "exception": "Answer with the name of the exception only.",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A question and what is right. ``code``: case and marks of an answer count. ``core``: what of
    the question a text would have to hold to give it away, in pieces."""

    fact_id: str
    kind: str
    section_id: str
    question: str
    golds: tuple[str, ...]
    code: bool
    core: tuple[str, ...]
    concepts: tuple[str, ...] = ()


def facts(given: Given) -> tuple[list[Fact], int]:
    """Questions whose answer stands in its held-out section, each once; how many training tells."""
    found = {
        one.fact_id: one
        for one in (*_defined(given), *_executed(given.pairs))
        if _grounded(one, given.books.get(one.section_id, ""))
    }
    told = [bare(text) for text in given.learned]
    left = [one for one in found.values() if not _given_away(one, told)]
    return left, len(found) - len(left)


def _defined(given: Given) -> Iterator[Fact]:
    """Names and arities, of concepts that only held-out sections define."""
    whole = "\n".join(given.books.values())
    for concept in sorted(given.concepts, key=lambda one: (str(one["concept_id"]), one["order"])):
        text = masked(concept) if concept["heldout"] else None
        if text is None:
            continue
        label, kind = str(concept["label"]), _kind(concept)
        names = tuple(dict.fromkeys((*_wordings(concept), label, *map(str, concept["aliases"]))))
        if kind == "function":
            names = tuple(dict.fromkeys((*names, *(name.partition("/")[0] for name in names))))
        key, section = str(concept["concept_id"]), str(concept["introduced_in"])
        if any(bare(name) in bare(text) for name in names):
            continue  # what is left of the definition says the answer
        pieces = tuple(text.split(GAP))
        yield Fact(make_id("fact", key, kind), kind, section, f"{_ASKS[kind]}\n\n{text}", names,
                   kind != "term", pieces, (label,))  # fmt: skip
        match = _FUNCTION.fullmatch(label)
        if match and _arities(match[1], whole) == {match[2]}:
            shown = text.replace(GAP, f"`{match[1]}`")
            asks = f"How many arguments does `{match[1]}` take? Answer with the number only."
            yield Fact(make_id("fact", key, "arity"), "arity", section, f"{asks}\n\n{shown}",
                       (match[2], label), True, (label,), (label,))  # fmt: skip


def _executed(pairs: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    """Values and exceptions of code that gave what the book shows."""
    for row in sorted(pairs, key=lambda one: str(one["pair_id"])):
        turns = row["conversations"]
        blocks = fences(str(turns[-1]["value"]))
        if len(turns) != 2 or len(blocks) != 1:
            continue
        question, shown = str(turns[0]["value"]), blocks[0][1].strip()
        raised = _RAISED.match(shown)
        if row["family"] == "diagnose_error" and raised and "intended" in row["verification"]:
            kind, golds = "exception", (raised[1], f"** ({raised[1]})")
            if raised[1] in question:
                continue
        elif row["family"] == "predict_output" and row["verification"] in _RUN:
            kind, golds = "value", (shown,)
            if "\n" in shown or len(shown) > VALUE_CHARS:
                continue
        else:
            continue
        core = tuple(code for _, code in fences(question))
        if len(bare("".join(core))) < PIECE_MIN:
            core = (question,)  # `level` and `3` stand together in many a text
        yield Fact(make_id("fact", str(row["pair_id"]), kind), kind, str(row["section_id"]),
                   f"{question}\n\n{_ASKS[kind]}", golds, True, core)  # fmt: skip


def _kind(concept: Mapping[str, Any]) -> str:
    label = str(concept["label"])
    if _MODULE.fullmatch(label) and (concept["kind"] == "api" or "." in label):
        return "module"
    return "function" if concept["kind"] == "api" else "term"


def _wordings(concept: Mapping[str, Any]) -> list[str]:
    """The name as its definition writes it."""
    text = str(concept["definition"] or "")
    names = sorted((concept["label"], *concept["aliases"]), key=len, reverse=True)
    for name in names:
        if match := re.search(rf"(?i)(?<!\w){re.escape(str(name))}(?!\w)", text):
            return [match[0]]
    return []


def _arities(name: str, text: str) -> set[str]:
    """Arities that the books write a function with."""
    return set(re.findall(rf"(?<![\w.]){re.escape(name)}/(\d+)", text))


def _grounded(one: Fact, section: str) -> bool:
    """Does the answer stand in the section, as it is? Of an arity, with its function."""
    return (one.golds[1] if one.kind == "arity" else one.golds[0]) in section


def _given_away(one: Fact, told: Sequence[str]) -> bool:
    """Does one text that was trained on hold all of the question and an answer?"""
    pieces = [piece for piece in map(bare, one.core) if len(piece) >= PIECE_MIN]
    pieces = pieces or [bare(piece) for piece in one.core]
    golds = [bare(gold) for gold in one.golds]
    return any(
        all(piece in text for piece in pieces) and any(gold in text for gold in golds)
        for text in told
    )
