"""What a recipe sees and what it hands over.

Belongs here: passages with numbered evidence, exchanges, drafts, the teacher's settings for one
book. Does not: a recipe, wording of prompts (``prompts.py``), asking (``llm/``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from booktune_assets.ids import digest
from booktune_assets.pairs.candidate import CODE, Candidate, Quote
from booktune_assets.pairs.recipes.steps import Steps

__all__ = ["Block", "Draft", "Exchange", "Expected", "Passage", "Recipe", "Teaching"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of evidence: ``section.text[start:end] == text``. ``label`` is its number, ``B1``."""

    label: str
    block_id: str
    kind: str
    lang: str
    text: str
    start: int
    end: int

    @property
    def code(self) -> bool:
        """Is this a listing or a session?"""
        return self.kind in CODE


@dataclass(slots=True)
class Passage:
    """A stretch of one section, short enough for a prompt, its blocks numbered.

    ``withheld`` are texts of blocks that speak to a model: they are not shown to one. ``targets``,
    ``known``, ``level`` and ``kept`` (pairs that its blocks have already, by family) steer what is
    asked; they are no part of ``digest``, so that a change elsewhere in the book asks nothing anew.
    ``called`` are names that only this book has.
    """

    unit_id: str
    section_id: str
    path: tuple[str, ...]
    language: str
    blocks: list[Block]
    withheld: list[str] = field(default_factory=list[str])
    targets: list[str] = field(default_factory=list[str])
    known: list[str] = field(default_factory=list[str])
    level: int = 1
    kept: dict[str, int] = field(default_factory=dict[str, int])
    called: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All evidence, blocks apart."""
        return "\n\n".join(block.text for block in self.blocks)

    @property
    def chars(self) -> int:
        """Characters of evidence."""
        return sum(len(block.text) for block in self.blocks)

    @property
    def prose_only(self) -> bool:
        """No listing stands in it, nor a table."""
        return not any(block.code or block.kind in ("table", "output") for block in self.blocks)

    @property
    def digest(self) -> str:
        """Digest of what is read: evidence and the headings above it, wherever they stand."""
        said = [[block.kind, block.lang, block.text] for block in self.blocks]
        named = [list(self.called)] if self.called else []
        return digest([list(self.path), said, self.withheld, *named])

    @property
    def deficit(self) -> float:
        """Kept pairs for each thousand characters: the least is asked first."""
        return sum(self.kept.values()) * 1000 / max(200, self.chars)


@dataclass(slots=True)
class Exchange:
    """One question and its answer. ``quotes`` are exact; ``problem`` is (gate, reason) or None."""

    question: str
    answer: str
    quotes: list[Quote] = field(default_factory=list[Quote])
    calls: list[str] = field(default_factory=list[str])
    family: str = "open_question"
    problem: tuple[str, str] | None = None
    carried: str = ""  # of the question: the passage that it brings along
    passed: list[str] = field(default_factory=list[str])
    candidate: Candidate | None = None  # as the shared gates see it, with what came of its code

    def refuse(self, gate: str, reason: str) -> Exchange:
        """The exchange with the first reason against it."""
        self.problem = self.problem or (gate, reason)
        return self


@dataclass(slots=True)
class Draft:
    """What may become a row: exchanges of one passage in the order in which they are said."""

    exchanges: list[Exchange]

    @property
    def turns(self) -> list[dict[str, str]]:
        """The messages."""
        return [
            turn
            for one in self.exchanges
            for turn in (
                {"role": "user", "content": one.question},
                {"role": "assistant", "content": one.answer},
            )
        ]


@dataclass(frozen=True, slots=True)
class Expected:
    """Calls of one task that a passage is likely to need, and their size in tokens."""

    task: str
    calls: float
    prompt_tokens: float
    completion_tokens: float


@dataclass(frozen=True, slots=True)
class Teaching:
    """What all recipes of a book work with.

    ``questions`` per passage; ``votes`` per validator or judged sentence; ``judge`` names a model
    other than the caller's own, or is empty.
    """

    questions: int = 3
    votes: int = 3
    judge: str = ""


class Recipe(Protocol):
    """A named way to ask. ``version`` is that of its prompts and rules."""

    name: str
    version: int
    chat: bool  # can its model answer questions? Then answers are asked for once more (G7)

    def takes(self, passage: Passage) -> bool:
        """Is this passage of a kind that the recipe can work on?"""
        ...

    def steps(self, passage: Passage, teaching: Teaching) -> Steps[list[Exchange]]:
        """The work on a passage."""
        ...

    def group(self, kept: list[Exchange]) -> list[Draft]:
        """Rows of the exchanges that passed all gates."""
        ...

    def expected(self, passage: Passage, teaching: Teaching) -> list[Expected]:
        """What the steps are likely to need."""
        ...
