"""Which pairs hold an exchange, in whatever form: alone, as a turn of a lesson, behind passages.

Belongs here: exchanges as they are compared, finding those that are the same, carrying the words of
an edit from one form to the others. Does not: what a decision means (``chain/review.py``), which
form a set keeps (``exchanges.py``).

The forms of an exchange say its answer in the same words. A lesson may greet before its question
(``lesson_next``; one along an edge says where it goes: ``path_first path_next path_use``), passages
stand before theirs, and the answer then names one (``retrieved_place``). Results of sessions are
asked in other words: they are known by the place of the answer in the book.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from booktune_assets.pairs.splits import bare
from booktune_assets.pairs.wording import BANK

__all__ = [
    "PLACE", "Change", "Exchange", "Holders", "carried", "changes", "exchanges_in", "holding",
]  # fmt: skip

Messages = Sequence[Mapping[str, str]]
Place = tuple[str, int]  # block, start of the quote
RETRIEVED = "retrieved"


def _either(kind: str, **shapes: str) -> str:
    """Any wording of a kind, with a shape for each of its blanks."""
    found: list[str] = []
    for wording in BANK[kind]:
        plain = re.escape(wording)
        for blank, shape in shapes.items():
            plain = plain.replace(re.escape(f"{{{blank}}}"), shape)
        found.append(plain)
    return "|".join(found)


def _greets(kind: str) -> re.Pattern[str]:
    """What stands before the question; names of concepts are as short as may be."""
    return re.compile(f"(?:{_either(kind, name='.+?', other='.+?', question='')})")


PLACE = rf"\n\n(?:{_either('retrieved_place', number='[0-9]+')})$"  # the end of an answer
# by the place of the exchange; the last one is that of all further ones
_GREETS = {
    "lesson": (None, _greets("lesson_next")),
    "path_lesson": (_greets("path_first"), _greets("path_next"), _greets("path_use")),
}
_PLACE = re.compile(PLACE)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Letters and digits of a question and its answer, and where the answer stands if that counts.

    ``open``: the answer is only that no passage has one, so that the question alone is the same.
    """

    question: str
    answer: str
    place: Place | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit changed: question and answer before and after it."""

    question: str
    answer: str
    new_question: str
    new_answer: str


@dataclass(slots=True)
class Holders:
    """Exchanges that somebody decided about, to ask which of them a pair holds."""

    by_answer: dict[str, list[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(list[tuple[str, str]])
    )
    by_section: dict[str, list[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(list[tuple[str, str]])
    )
    by_place: dict[Place, str] = field(default_factory=dict[Place, str])

    def add(self, pair: str, section: str, exchanges: Iterable[Exchange]) -> None:
        """These exchanges of a pair count."""
        for one in exchanges:
            self.by_answer[one.answer].append((one.question, pair))
            self.by_section[section].append((one.question, pair))
            if one.place:
                self.by_place.setdefault(one.place, pair)

    def of(self, section: str, exchanges: Iterable[Exchange]) -> str:
        """The pair whose exchange is among these of another pair, or an empty string."""
        for one in exchanges:
            if one.place in self.by_place:
                return self.by_place[one.place]
            known = self.by_section if one.open else self.by_answer
            for question, pair in known.get(section if one.open else one.answer, ()):
                if question in one.question or (not one.open and one.question in question):
                    return pair
        return ""


def exchanges_in(
    family: str, turns: Messages, places: Sequence[Place] = ()
) -> list[Exchange]:  # fmt: skip
    """The exchanges of a pair; ``places`` are those of its answers, one each, or none."""
    found: list[Exchange] = []
    for nth, (asked, told) in enumerate(_said(turns)):
        question, answer = _plain(family, nth, asked, told)
        absent = family == RETRIEVED and answer == told
        where = places[nth] if nth < len(places) else None
        found.append(Exchange(bare(question), bare(answer), where, absent))
    return found


def changes(family: str, before: Messages, after: Messages, known: Messages = ()) -> list[Change]:
    """The exchanges that an edit changed, as they stand alone.

    ``known`` are the messages of the pair that passages were put before: without them nobody knows
    where the passages end and the question begins.
    """
    found: list[Change] = []
    pairs = zip(_said(before), _said(after), strict=False)
    for nth, ((asked, told), (asks, tells)) in enumerate(pairs):
        (question, answer), (new, answers) = (
            _plain(family, nth, asked, told), _plain(family, nth, asks, tells),
        )  # fmt: skip
        if family == RETRIEVED:
            alone = known[0]["content"] if known else ""
            head, middle, tail = asked.rpartition(alone) if alone else ("", "", "")
            if not middle or not (asks.startswith(head) and asks.endswith(tail)):
                continue
            question, new = alone, asks[len(head) : len(asks) - len(tail)]
        if (question, answer) != (new, answers) and new.strip():
            found.append(Change(question, answer, new, answers))
    return found


def carried(family: str, turns: Messages, edits: Sequence[Change]) -> list[dict[str, str]]:
    """The messages with the words of the edits in the place of those before them."""
    made = [dict(turn) for turn in turns]
    spoken = [turn for turn in made if turn["role"] != "system"]
    for nth, (asked, told) in enumerate(zip(spoken[::2], spoken[1::2], strict=False)):
        for edit in edits:
            head, middle, tail = asked["content"].rpartition(edit.question)
            _, answer = _plain(family, nth, asked["content"], told["content"])
            if middle and answer == edit.answer:
                asked["content"] = f"{head}{edit.new_question}{tail}"
                told["content"] = edit.new_answer + told["content"][len(answer) :]
                break
    return made


def holding(turns: pl.Series, answers: Sequence[str]) -> pl.Series:
    """Which rows have one of the answers, in whatever form; a column of truths."""
    said = pl.element().struct.field("content").str.replace(PLACE, "")
    wanted = pl.Series(sorted(set(answers)), dtype=pl.String)
    told = pl.col("turns").list.eval(said.is_in(wanted.implode())).list.any()
    return turns.to_frame("turns").select(told)["turns"]


def _said(turns: Messages) -> list[tuple[str, str]]:
    spoken = [turn["content"] for turn in turns if turn["role"] != "system"]
    return list(zip(spoken[::2], spoken[1::2], strict=False))


def _plain(family: str, nth: int, asked: str, told: str) -> tuple[str, str]:
    """Question and answer without what a form puts around them; passages stay."""
    if family == RETRIEVED:
        return asked, _PLACE.sub("", told)
    known = _GREETS.get(family, (None,))
    shape = known[min(nth, len(known) - 1)]
    greeting = shape.match(asked) if shape else None
    return asked[greeting.end() :] if greeting else asked, told
