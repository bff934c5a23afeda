"""Code that a model wrote has to compile: Elixir and Erlang in the sandbox, Python by its parser.

Belongs here: finding code in an answer, its verdict, what is left out. Does not: running anything
(``beam/alone.py`` in the sandbox, through ``pairs.execute.Runner``).

It fails closed: where nothing can be run safely, answers with Elixir or Erlang are left out. Code
is what stands in fences, and an answer that is code as a whole. Elixir functions outside of a
module are put into one. Code that compiles and then raises is kept as ``compiles``: examples of
errors are examples, too. A session at a prompt is typed in line by line, after the listings that
stand before it in the answer, and has to show what comes of it. Python is only parsed; text in
other languages passes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from booktune_assets.beam.alone import Found, Piece, Program
from booktune_assets.beam.grammar import language_of
from booktune_assets.beam.transcripts import exchanges, preamble
from booktune_assets.errors import MissingPrerequisite
from booktune_assets.pairs.execute import Runner
from booktune_assets.pairs.rules import fences
from booktune_assets.rehearsal.item import Item

__all__ = ["check_code", "code_in"]

BEAM = {"elixir": "elixir", "iex": "elixir", "erlang": "erlang", "erl_shell": "erlang"}
_SHELLS: dict[str, Literal["iex", "erl_shell"]] = {"iex": "iex", "erl_shell": "erl_shell"}
PYTHON = ("python", "py", "python3", "pycon")
_PYTHON_LINE = re.compile(
    r"(?m)^(?:def \w+\(.*\).*:|class \w+.*:|import \w+|from \w[\w.]* import )"
)
_ORDER = ("no_code", "parses", "compiles", "runs")
_BROKEN = "does_not_compile"
_WELL = ("ran", "match", "error_as_said")


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code: ``elixir``, ``erlang`` or ``python``.

    Of a session ``typed`` are its lines, each with what it shows below (empty: nothing), and
    ``before`` the listings that it may use.
    """

    lang: str
    text: str
    typed: tuple[tuple[str, str], ...] = ()
    before: tuple[str, ...] = ()


def code_in(answer: str) -> list[Code]:
    """All code of an answer in a language that can be checked."""
    found: list[Code] = []
    for hint, text in fences(answer):
        if (one := _code(text, hint, found)) is not None:
            found.append(one)
    if not found and "```" not in answer:
        lang = language_of(answer)
        if lang in BEAM:
            one = _code(answer, lang, [])
            found = [one] if one else []
        elif _PYTHON_LINE.match(answer):
            found = [Code("python", answer)]
    return found


def check_code(items: Sequence[Item], runner: Runner | None) -> None:
    """Give each item its ``verification``; leave out those whose code does not hold."""
    open_ = [item for item in items if not item.reason]
    codes = {id(item): code_in(item.text) for item in open_}
    beam = {one for found in codes.values() for one in found if one.lang != "python"}
    verdicts = _verdicts(sorted(beam, key=lambda one: (one.lang, one.text, one.before)), runner)
    for item in open_:
        levels = ["no_code"]
        for one in codes[id(item)]:
            level, reason, detail = _python(one) if one.lang == "python" else verdicts[one]
            levels.append(level)
            if reason:
                item.reject(reason, detail)
        item.verification = "not_checked" if item.reason else _weakest(levels)


def _code(text: str, hint: str, above: Sequence[Code]) -> Code | None:
    if hint.lower() in PYTHON:
        return Code("python", text)
    found = language_of(text, hint)
    if found not in BEAM:
        return None
    lang = BEAM[found]
    shell = _SHELLS.get(found)
    typed = exchanges(text, shell) if shell else []
    if not shell or not typed:
        return Code(lang, text)
    known = [one.text for one in above if one.lang == lang and not one.typed]
    lines = tuple((one.expression, one.result) for one in typed)
    return Code(lang, text, lines, tuple(filter(None, (*known, preamble(text, shell)))))


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
    found = _found({code: _program(code) for code in codes}, runner)
    if found is None:
        says = "nothing can be run safely here: booktune doctor says what is missing"
        return dict.fromkeys(codes, ("no_code", "no_sandbox", says))
    bare = {
        code: _program(replace(code, text=f"defmodule Rehearsed do\n{code.text}\nend\n"))
        for code in codes
        if (runs := found.get(code))
        and code.lang == "elixir"
        and not code.typed
        and runs[0].detail == "outside of a module"
    }
    again = (_found(bare, runner) or {}).items()
    found |= {code: runs for code, runs in again if all(map(_holds, runs))}
    return {code: _verdict(code, found.get(code)) for code in codes}


def _program(code: Code) -> Program:
    """A listing alone; or a session after what stands before it, line by line."""
    lang: Literal["elixir", "erlang"] = "erlang" if code.lang == "erlang" else "elixir"
    if not code.typed:
        return Program((Piece("listing", lang, code.text),), hasty=True)
    listings = [Piece("listing", lang, text) for text in code.before]
    typed = [Piece("typed", lang, line, shown) for line, shown in code.typed]
    return Program((*listings, *typed), hasty=True)


def _found(
    programs: dict[Code, Program], runner: Runner | None
) -> dict[Code, tuple[Found, ...]] | None:
    """What came of each code's own pieces; None where nothing can be run."""
    if runner is None:
        return None
    try:
        answers = runner.found(list(programs.values()))
    except (OSError, MissingPrerequisite):
        return None
    return {
        code: tuple(answers[one][len(code.before) :])
        for code, one in programs.items()
        if one in answers
    }


def _holds(one: Found, shown: str = "") -> bool:
    """Did it compile, and come to what is shown where something is?"""
    return one.verdict in _WELL or (one.reason == "raises" and not shown)


def _verdict(code: Code, runs: tuple[Found, ...] | None) -> tuple[str, str, str]:
    if runs is None:
        return "no_code", "not_run", f"{code.lang}: the sandbox gave no answer"
    shown = [result for _, result in code.typed] or [""]
    for one, result in zip(runs, shown, strict=True):
        if not _holds(one, result):
            reason = "shows_otherwise" if result and one.reason != _BROKEN else _BROKEN
            detail = " ".join(f"{code.lang}: {one.reason} {one.detail} {one.actual}".split())
            return "no_code", reason, detail[:300]
    return ("runs" if all(one.verdict in _WELL for one in runs) else "compiles"), "", ""
