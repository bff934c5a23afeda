"""Problems as texts that a base model goes on from, and programs out of how it went on.

Belongs here: what is shown, where it stops, putting both together. Does not: questions and answers
(``extract_code.py``), formats of files (``adapters_*.py``).

A file that brings its own beginning and stop words is taken at its word: what its own harness would
run is run. For all others the statement becomes comments before the head of the module.
"""

from __future__ import annotations

from dataclasses import dataclass

from booktune_assets.beam.extract_code import extract_code
from booktune_assets.beam.grammar import parses
from booktune_assets.beam.problems import Problem

__all__ = ["Begun", "begun_of", "continued"]

_COMMENT = {"elixir": "# ", "erlang": "%% "}
_END = "\nend\n"


@dataclass(frozen=True, slots=True)
class Begun:
    """``text`` to go on from, the words it ``stop``s at; ``exact``: no more than joined."""

    text: str
    stop: tuple[str, ...]
    exact: bool = False


def begun_of(problem: Problem) -> Begun:
    """The statement as comments, then the head of the module that the tests want."""
    sign = _COMMENT[problem.language]
    says = "".join(f"{sign}{line}".rstrip() + "\n" for line in problem.prompt.strip().splitlines())
    mark = "." if problem.language == "elixir" else ":"
    named = [entry.rpartition(mark) for entry in problem.interface]
    modules = list(dict.fromkeys(module for module, _, _ in named if module))
    if not modules:
        return Begun(says, ())
    if problem.language == "elixir":
        one = len(modules) == 1
        return Begun(f"{says}defmodule {modules[0]} do\n", (_END,) if one else ())
    exports = ", ".join(name for module, _, name in named if module == modules[0])
    head = f"-module({modules[0]}).\n-export([{exports}]).\n\n"
    return Begun(says + head, ("\n-module(",))


def continued(begun: Begun, written: str, language: str) -> str:
    """The program: the beginning and what was written after it, prose behind it cut off."""
    joined = begun.text + written
    if begun.exact or not written.strip():
        return joined if written.strip() else ""
    if _END in begun.stop and not parses(joined, language):
        closed = f"{joined.rstrip()}{_END}"  # the stop word took it
        joined = closed if parses(closed, language) else joined
    return extract_code(joined, language)
