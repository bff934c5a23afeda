"""Code that a model wrote has to compile: Elixir and Erlang in the sandbox, Python by its parser.

Belongs here: finding code in an answer, its verdict, what is left out. Does not: running anything
(``beam/alone.py`` in the sandbox, through ``pairs.execute.Runner``).

It fails closed: where nothing can be run safely, answers with Elixir or Erlang are left out. Code
is what stands in fences, and an answer that is code as a whole. Elixir functions outside of a
module are put into one. Code that compiles and then raises is kept as ``compiles``: examples of
errors are examples, too. Python is only parsed; text in other languages passes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from booktune_assets.beam.alone import Found, Piece, Program
from booktune_assets.beam.grammar import language_of
from booktune_assets.beam.tree import masked
from booktune_assets.errors import MissingPrerequisite
from booktune_assets.pairs.execute import Runner
from booktune_assets.pairs.rules import fences
from booktune_assets.rehearsal.item import Item

__all__ = ["check_code", "code_in"]

BEAM = {"elixir": "elixir", "iex": "elixir", "erlang": "erlang", "erl_shell": "erlang"}
PYTHON = ("python", "py", "python3", "pycon")
_PYTHON_LINE = re.compile(
    r"(?m)^(?:def \w+\(.*\).*:|class \w+.*:|import \w+|from \w[\w.]* import )"
)
_ORDER = ("no_code", "parses", "compiles", "runs")
_WELL = ("ran", "match", "error_as_said")


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code: ``elixir``, ``erlang`` or ``python``."""

    lang: str
    text: str


def code_in(answer: str) -> list[Code]:
    """All code of an answer in a language that can be checked."""
    found = [_code(text, hint) for hint, text in fences(answer)]
    if not found and "```" not in answer:
        lang = language_of(answer)
        if lang in BEAM:
            found = [_code(answer, lang)]
        elif _PYTHON_LINE.match(answer):
            found = [Code("python", answer)]
    return [one for one in found if one is not None]


def check_code(items: Sequence[Item], runner: Runner | None) -> None:
    """Give each item its ``verification``; leave out those whose code does not hold."""
    open_ = [item for item in items if not item.reason]
    codes = {id(item): code_in(item.text) for item in open_}
    beam = {one for found in codes.values() for one in found if one.lang != "python"}
    verdicts = _verdicts(sorted(beam, key=lambda one: (one.lang, one.text)), runner)
    for item in open_:
        levels = ["no_code"]
        for one in codes[id(item)]:
            level, reason, detail = _python(one) if one.lang == "python" else verdicts[one]
            levels.append(level)
            if reason:
                item.reject(reason, detail)
        item.verification = "not_checked" if item.reason else _weakest(levels)


def _code(text: str, hint: str) -> Code | None:
    if hint.lower() in PYTHON:
        return Code("python", text)
    lang = language_of(text, hint)
    if lang not in BEAM:
        return None
    return Code(BEAM[lang], masked(text, lang) if lang in ("iex", "erl_shell") else text)


def _weakest(levels: Sequence[str]) -> str:
    """Of all code there is: one piece that only parses makes the answer one that parses."""
    return min(levels[1:] or levels, key=_ORDER.index)


def _python(code: Code) -> tuple[str, str, str]:
    try:
        ast.parse(code.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        return "no_code", "does_not_parse", f"python: {problem}"[:300]
    return "parses", "", ""


def _verdicts(codes: Sequence[Code], runner: Runner | None) -> dict[Code, tuple[str, str, str]]:
    """(level, reason to leave it out, detail) of each piece."""
    if not codes:
        return {}
    found = _found({code: _program(code, code.text) for code in codes}, runner)
    if found is None:
        says = "nothing can be run safely here: booktune doctor says what is missing"
        return dict.fromkeys(codes, ("no_code", "no_sandbox", says))
    bare = {
        code: _program(code, f"defmodule Rehearsed do\n{code.text}\nend\n")
        for code in codes
        if (one := found.get(code))
        and code.lang == "elixir"
        and one.detail == "outside of a module"
    }
    found |= {code: one for code, one in (_found(bare, runner) or {}).items() if _holds(one)}
    return {code: _verdict(code, found.get(code)) for code in codes}


def _program(code: Code, text: str) -> Program:
    return Program((Piece("listing", code.lang, text),), hasty=True)  # pyright: ignore


def _found(programs: dict[Code, Program], runner: Runner | None) -> dict[Code, Found] | None:
    """What came of each program's only piece; None where nothing can be run."""
    if runner is None:
        return None
    try:
        answers = runner.found(list(programs.values()))
    except (OSError, MissingPrerequisite):
        return None
    return {code: answers[one][0] for code, one in programs.items() if one in answers}


def _holds(one: Found) -> bool:
    return one.verdict in _WELL or one.reason == "raises"


def _verdict(code: Code, one: Found | None) -> tuple[str, str, str]:
    if one is None:
        return "no_code", "not_run", f"{code.lang}: the sandbox gave no answer"
    if _holds(one):
        return ("runs" if one.verdict in _WELL else "compiles"), "", ""
    detail = " ".join(f"{code.lang}: {one.reason} {one.detail} {one.actual}".split())
    return "no_code", "does_not_compile", detail[:300]
