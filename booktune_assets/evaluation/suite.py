"""What a suite is: a card, items, and how replies become scores.

Belongs here: the protocol, the card, what suites are given. Does not: any suite (``suites/``).

A suite that cannot run here gives no items and says why in ``skipped``; it stands in the report
with n = 0. A broken item is a score of None with a status, never an item that is missing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

from booktune_assets.errors import BookError, Code
from booktune_assets.evaluation.items import Item, ItemScore, Replies
from booktune_assets.settings import PROJECT, Evaluation

__all__ = ["CARDS", "NO_ORIGINAL", "Card", "Given", "Metric", "Suite", "card"]

NO_ORIGINAL = "ok_no_original"  # status of a gap whose original does not pass either
CARDS = PROJECT / "data" / "evals" / "suites"
_SAID = ("title", "says", "measures", "licence", "size", "mdd")


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a suite. ``margin``: a loss under it is still "kept" (non-inferiority).

    ``nil``: a distance from the base, whose own is 0 by definition, so that no test is made of it.
    ``blind``: what the best of answers that do not look at the question gets, where that is known.
    """

    name: str
    unit: str
    better: Literal["higher", "lower"]
    margin: float | None = None
    nil: bool = False
    blind: float | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A suite's ``card.toml``. ``family`` says what a difference means: what was learned, what was
    kept of before, what was copied. The first metric is the one of the verdict. ``stage``: the
    stage of training (general, domain, books) whose task the suite is, if of one; ``stand_in``: it
    is so only where nothing of the stage's own texts is held out. ``size`` and ``mdd`` say in words
    how many items there are and what difference so many can show."""

    name: str
    title: str
    family: Literal["learned", "kept", "copied"]
    says: str  # one sentence for the report
    measures: str  # what it measures and what it cannot
    licence: str
    metrics: tuple[Metric, ...]
    sources: tuple[str, ...] = ()
    stage: str = ""
    stand_in: bool = False
    size: str = ""  # a card that is read has both
    mdd: str = ""

    @property
    def main(self) -> Metric:
        """The metric of the verdict."""
        return self.metrics[0]


@dataclass(frozen=True, slots=True)
class Given:
    """What suites make their items of; everything comes from the lake or from files.

    ``sections`` are held-out (id, text); ``questions`` held-out (id, question, answer);
    ``trained`` the same of training; ``books`` all text of the books by section id, for what was
    copied; ``concepts`` rows of the concept graph with ``heldout``; ``listings`` code of training
    sections (``block_id``, ``section_id``, ``text``); ``passages`` what retrieval finds for a
    question, by its id; ``general`` texts by suite name that replace the suite's own; ``files``
    further problem files of the user; ``pairs`` held-out examples of code that was run
    (``pair_id``, ``section_id``, ``family``, ``verification``, ``conversations``); ``learned`` all
    texts that training saw, for what they give away; ``sources`` the section that a question of
    ``questions`` or ``trained`` is about, by its id: what is asked of one section is no
    independent evidence; ``stage_texts`` held-out documents (id, text) of each stage before the
    books, ``stage_silent`` why some or all of a stage's are left out.
    """

    evaluation: Evaluation
    sections: Sequence[tuple[str, str]] = ()
    questions: Sequence[tuple[str, str, str]] = ()
    trained: Sequence[tuple[str, str, str]] = ()
    problems: Path | None = None
    general: Mapping[str, Sequence[tuple[str, str]]] | None = None
    books: Mapping[str, str] = field(default_factory=dict[str, str])
    concepts: Sequence[Mapping[str, Any]] = ()
    listings: Sequence[Mapping[str, Any]] = ()
    passages: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Sequence[Path] = ()
    pairs: Sequence[Mapping[str, Any]] = ()
    learned: Sequence[str] = ()
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    stage_texts: Mapping[str, Sequence[tuple[str, str]]] = field(
        default_factory=dict[str, Sequence[tuple[str, str]]]
    )
    stage_silent: Mapping[str, str] = field(default_factory=dict[str, str])


class Suite(Protocol):
    """One suite. An object may keep what ``items`` found out for ``score``."""

    card: Card

    def items(self, given: Given) -> list[Item]:
        """The items, in an order that nobody picked; at most as many as the settings allow."""
        ...

    def skipped(self) -> str:
        """After ``items``: why some or all were left out; empty when none were."""
        ...

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """A score for each item, arm and metric of the card."""
        ...


@cache
def card(name: str) -> Card:
    """The card of a suite's folder. Raises ``BAD_ROW`` that names the file."""
    path = CARDS / name / "card.toml"
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        metrics = tuple(Metric(**one) for one in raw.pop("metric"))
        made = Card(name=name, metrics=metrics, sources=tuple(raw.pop("sources", ())), **raw)
        if empty := [one for one in _SAID if not str(getattr(made, one)).strip()]:
            raise ValueError(f"nothing stands under {', '.join(empty)}")
        return made
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise BookError(Code.BAD_ROW, f"Mend the card: {problem}", file=path) from problem
