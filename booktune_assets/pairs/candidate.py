"""What a family sees of a section, and what it proposes.

Belongs here: the records that pass between families, gates and frames, and text helpers that every
family needs. Does not: what to ask (the families), what is refused (``gates.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from booktune_assets.beam.alone import Found
from booktune_assets.pairs.outcomes import Trial
from booktune_assets.pairs.sessions import Entry
from booktune_assets.pairs.topics import Needed

__all__ = ["CODE", "PROSE", "Candidate", "Quote", "View", "fenced", "language_name", "shown"]

PROSE = ("prose", "list", "callout", "answer")
CODE = ("code", "iex", "erl_shell")
_NAMES = {"elixir": "Elixir", "iex": "Elixir", "erlang": "Erlang", "erl_shell": "Erlang"}
_FENCES = {"elixir": "elixir", "erlang": "erlang", "iex": "iex", "erl_shell": "erl"}


@dataclass(frozen=True, slots=True)
class Quote:
    """Verbatim piece of a section: ``text[start:end] == quote`` of its section."""

    section_id: str
    block_id: str
    start: int
    end: int
    text: str
    role: Literal["question", "answer"]


@dataclass(slots=True)
class Candidate:
    """A question and its answer before the gates.

    ``block_id`` is the block that the limits count, or its part ``entry``: each row of a table or
    list is a fact of its own; ``code`` are (language, text) that have to parse; ``glue`` are the
    words of an answer that stand in no quote. ``earlier`` are the exchanges before the last one, as
    (question, answer). ``absent`` are names that the question's evidence must not hold.
    ``trials`` are run when the first gates have let it through,
    ``outcomes`` are what came of them, in order (None: not run), and ``finish`` then says in the
    question what only a run can tell. ``parts`` are the candidates that a lesson is made of.
    ``run_only``: without a run nobody vouches for it, and it is not kept.
    """

    family: str
    block_id: str
    lang: str
    kind: str
    question: str
    answer: str
    quotes: list[Quote]
    code: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    glue: tuple[str, ...] = ()
    borrowed: str = ""  # what of the question's prose is the book's and not the bank's
    problem: str = ""  # a family may say itself why this cannot be asked
    earlier: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    absent: tuple[str, ...] = ()
    trials: tuple[Trial, ...] = ()
    outcomes: list[tuple[Found, ...] | None] = field(default_factory=list[tuple[Found, ...] | None])
    finish: Callable[[Candidate], None] | None = None
    parts: list[Candidate] = field(default_factory=list["Candidate"])
    run_only: bool = False
    entry: str = ""

    @property
    def exchanges(self) -> list[tuple[str, str]]:
        """All questions with their answers, in order."""
        return [*self.earlier, (self.question, self.answer)]

    @property
    def turns(self) -> list[dict[str, str]]:
        """The messages."""
        return [
            {"role": role, "content": content}
            for exchange in self.exchanges
            for role, content in zip(("user", "assistant"), exchange, strict=True)
        ]


@dataclass(slots=True)
class View:
    """One section as the families see it: nothing in it shifts when another section changes.

    ``definitions`` are (start, end, label, kind) of defining mentions in the section's text;
    ``language`` is the language that the section is about, as people write it, or empty where the
    book has none that is known here; ``tongue`` is that of its prose, ``subject`` what
    the book is about: the language, or a library (``Cowboy``). ``mentions`` are all mentions in
    prose, like ``definitions``; ``names`` the proper names among the section's words; ``above`` is
    the title one level up (of a title that others have too, the nearest one that only it has,
    and ``repeated``), ``small`` are words of the title that are no names, ``titles`` are all
    from the chapter down. ``solutions`` are the blocks that answer an exercise of this section, by
    the exercise's block id; they may stand in another section. ``needed`` are prerequisites of what
    this section introduces. ``kept`` are the candidates of this section that passed so far.
    ``called`` are names that only this book has (``called.py``) and the section says, ``coded``
    those of its own code (``own_code.py``).
    ``lent`` are listings of other sections, by the modules that this section uses and they define.
    ``standing`` are lines of earlier sections that made or filled what this section calls by name.
    ``contrary`` are sentences of this section that another one of the book turns round.
    ``memo`` is for what several families work out of the section.
    """

    section_id: str
    title: str
    text: str
    language: str
    blocks: list[dict[str, Any]]
    definitions: list[tuple[int, int, str, str]]
    solutions: dict[str, list[dict[str, Any]]] = field(
        default_factory=dict[str, list[dict[str, Any]]]
    )
    subject: str = ""
    mentions: list[tuple[int, int, str, str]] = field(
        default_factory=list[tuple[int, int, str, str]]
    )
    names: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()
    above: str = ""
    repeated: bool = False
    called: tuple[str, ...] = ()
    coded: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    tongue: str = "en"
    needed: list[Needed] = field(default_factory=list[Needed])
    kept: list[Candidate] = field(default_factory=list[Candidate])
    lent: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    standing: list[tuple[dict[str, Any], Entry]] = field(
        default_factory=list[tuple[dict[str, Any], Entry]]
    )
    contrary: frozenset[str] = frozenset()
    memo: dict[str, object] = field(default_factory=dict[str, object], repr=False, compare=False)

    def quote(
        self, block: dict[str, Any], start: int, end: int, role: Literal["question", "answer"]
    ) -> Quote:
        """Quote of ``block["text"][start:end]``."""
        first = int(block["char_start"])
        return Quote(
            block["section_id"], block["block_id"], first + start, first + end,
            block["text"][start:end], role,
        )  # fmt: skip


def language_name(lang: str) -> str:
    """``Elixir`` or ``Erlang``; empty for others."""
    return _NAMES.get(lang, "")


def fenced(text: str, lang: str) -> str:
    """The code in a fence that it cannot break, marked with its language."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{_FENCES.get(lang, '')}\n{text.strip(chr(10))}\n{fence}"


_LISTED = re.compile(r"(?m)^\s*(?:[-*•]|\d+[.)])\s")
_EMPHASIS = re.compile(r"(`[^`]*`)|(?<![\w*\\])(\*\*?|_)(?=\S)([^*_`\n]+?)(?<=\S)\2(?![\w*])")


def shown(text: str) -> str:
    """Prose of a book as a message: no emphasis marks and, but for lists, no line ends."""
    text = _EMPHASIS.sub(lambda m: m[1] or m[3], text)
    if _LISTED.search(text):
        return text.strip()
    return " ".join(text.split())
