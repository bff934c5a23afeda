"""What of a book can be checked, in the order in which its reader would try it.

Belongs here: blocks into checks (an expression and what is shown below it, a listing, a module, a
test) and those into steps. Does not: running (``session.py``), judging answers (``verify.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from booktune_assets.beam.session import Step
from booktune_assets.beam.transcripts import Exchange, annotated, exchanges, preamble

__all__ = ["OUTPUT", "Check", "Passage", "checks_of", "listing_kind", "steps_of"]

Kind = Literal["expression", "annotated", "listing", "module", "test"]
_TEST = re.compile(r"^\s*use ExUnit\.Case\b", re.M)
_MODULE = re.compile(r"^\s*(?:defmodule|defprotocol|defimpl)\s+[A-Z:]", re.M)
_ERL_MODULE = re.compile(r"^\s*-\s*module\(", re.M)
_EUNIT = re.compile(r"eunit/include/eunit\.hrl|^\s*[a-z]\w*_test_?\(\)\s*->", re.M)
# marks of a line that goes on, or what a PDF whose font lacks the mark gives: no sign of a language
_WRAP = re.compile(r"([ \t]?)[ \t]*[\u23ce\u21b5\u21a9\u2936\u21b2\u2b90\u21aa\ufffd]\n[ \t]*")
# what a program or a test run said, whatever language it was set in
OUTPUT = re.compile(r"\s*(?:\[[\w./-]+:\d+: |\d+\) (?:doc)?test\b|\*\* \(|\.+\n*\s*Finished in \d)")
_PROMPT = re.compile(r"^\s*iex[^\n>]*>", re.M)
_PROSE_MAX = 240
_SENTENCE_MAX = 120
_SAYS = re.compile(
    r"(?:\bnot|n['\u2019]t|\bnever) (?:compile|work|run|parse)|\bwill (?:raise|fail|crash)|"
    r"\braises? (?:an?|the)\b|\b(?:fails|crashes)\b", re.I,
)  # fmt: skip
_FAILS = re.compile(
    r"\b(?:\w*Error|rais(?:e|es|ed|ing)|fail(?:s|ed|ing)?|errors?|exceptions?|crash(?:es|ed)?|"
    r"blow[ns]? up|"
    r"invalid|(?:not|n['\u2019]t|never) (?:compile|work|match|run|valid)|go(?:es)? wrong|"
    r"complains?|incorrect|bug|broken|mistake)\b", re.I,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passage:
    """A block of a book where it stands: its chapter, the words before and after it, and the
    printed output that the book shows for it."""

    block_id: str
    section_id: str
    chapter: str
    kind: str
    lang: str
    text: str
    before: str = ""
    after: str = ""
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to verify. ``expected`` is the text that the book shows for it, None when it shows
    nothing; ``fails``: the words around it speak of an error; ``says``: those right before it
    say that it fails."""

    id: int
    number: int
    kind: Kind
    lang: Literal["elixir", "erlang"]
    code: str
    expected: str | None
    fails: bool
    passage: Passage
    node: str = ""
    fresh: bool = False
    says: bool = False

    @property
    def shell(self) -> bool:
        """Was it typed at a prompt, or shown as if?"""
        return self.kind in ("expression", "annotated")


def checks_of(passages: Sequence[Passage]) -> list[Check]:
    """All checks of a book, numbered from 1."""
    found: list[Check] = []
    for passage in passages:
        after = passage.after[:_PROSE_MAX]
        leads = passage.after.rstrip().endswith(":")  # to what comes next
        if leads and not _TEST.search(passage.text):
            after = ""
        fails = bool(_FAILS.search(passage.before[-_PROSE_MAX:] + " " + after))
        says = bool(_SAYS.search(passage.before[-_SENTENCE_MAX:]))
        for number, (kind, lang, one) in enumerate(_parts(passage)):
            found.append(Check(
                len(found) + 1, number, kind, lang, _joined(one.expression),
                _joined(one.result) or None, fails, passage, one.node, one.fresh, says,
            ))  # fmt: skip
    return found


def _parts(passage: Passage) -> Iterator[tuple[Kind, Any, Exchange]]:
    text = passage.text
    if OUTPUT.match(text):
        return
    if _documented(text) and (passage.lang == "iex" or passage.kind == "iex"):
        yield "listing", "elixir", Exchange(text, "")
    elif passage.lang == "iex" or passage.kind == "iex":
        yield from _above(preamble(text, "iex"), "elixir")
        found = exchanges(_joined(text), "iex")
        for one in found:
            last = one is found[-1] and not one.result
            shown = passage.output if last and passage.output else one.result
            yield "expression", "elixir", replace(one, result=shown)
    elif passage.lang == "erl_shell" or passage.kind == "erl_shell":
        yield from _above(preamble(text, "erl_shell"), "erlang")
        for one in exchanges(text, "erl_shell"):
            yield "expression", "erlang", one
    elif passage.lang == "elixir":
        kind = listing_kind(text, "elixir")
        if kind == "test":
            yield kind, "elixir", Exchange(text, "")
        elif shown := annotated(text):
            for one in shown:
                yield "annotated", "elixir", one
        elif text.strip():
            yield kind, "elixir", Exchange(text, passage.output or "")
    elif passage.lang == "erlang" and text.strip():
        yield listing_kind(text, "erlang"), "erlang", Exchange(text, "")


def listing_kind(text: str, lang: str) -> Literal["listing", "module", "test"]:
    """What a whole block of code is: a module, a module of tests, or anything else."""
    if lang == "elixir":
        return "test" if _TEST.search(text) else "module" if _MODULE.search(text) else "listing"
    if not _ERL_MODULE.search(text):
        return "listing"
    return "test" if _EUNIT.search(text) else "module"


def _above(text: str, lang: Any) -> Iterator[tuple[Kind, Any, Exchange]]:
    """A module above the first prompt is one that the session uses; other words are not code."""
    pattern = _MODULE if lang == "elixir" else _ERL_MODULE
    if pattern.search(text):
        yield "module", lang, Exchange(text, "")


def _documented(text: str) -> bool:
    """Prompts inside of a module's documentation: the listing is the module, or a piece of it."""
    first = _PROMPT.search(text)
    return first is not None and '"""' in text[: first.start()]


def _joined(text: str) -> str:
    return _WRAP.sub(r"\1", text)


def steps_of(checks: Sequence[Check], left: frozenset[int]) -> list[Step]:
    """The steps of all checks but those in ``left``, with the marks that set their contexts."""
    steps: list[Step] = []
    chapter = section = ""
    for check in checks:
        if check.passage.chapter != chapter:
            chapter = check.passage.chapter
            steps.append(Step("chapter"))
        if check.passage.section_id != section:
            section = check.passage.section_id
            steps.append(Step("section"))
        if check.fresh:
            steps.append(Step("shell" if check.lang == "erlang" else "fresh"))
        if check.id not in left:
            steps.append(_step(check))
    return steps


def _step(check: Check) -> Step:
    fails = bool(check.expected and "** " in check.expected)
    if check.lang == "elixir":
        kind = "test" if check.kind == "test" else "iex" if check.shell else "listing"
        return Step(kind, check.code, check.id, fails)
    if check.shell:
        return Step("erl", check.code, check.id, fails)
    text = check.code
    if check.kind == "listing":  # functions of no module: do they compile?
        text = f"-module(listing_{check.id}).\n-compile([export_all,nowarn_export_all]).\n{text}\n"
    return Step("erltest" if check.kind == "test" else "erlmod", text, check.id, fails)
