"""Sources that a problem brings: they are compiled with the candidate.

Belongs here: which of them, beside which program. Does not: files that only lie there and what is
the tests' own (``problems.py``, ``programs.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.programs import Program, program
from booktune_assets.beam.structure import structure

__all__ = ["with_given"]


def with_given(one: Program, problem: Problem) -> Program:
    """The program, and the sources that the problem brings outside of ``test/``: they are compiled
    together. One whose modules the program defines itself is left to it, except at its own path."""
    ends = ".ex" if problem.language == "elixir" else ".erl"
    brought = program(problem.language, problem.beside).sources
    given = {
        str(PurePosixPath(name)): text for name, text in brought.items() if name.endswith(ends)
    }
    if not given:
        return one
    own = {
        name: text for name, text in one.sources.items() if str(PurePosixPath(name)) not in given
    }
    if "candidate" in own and problem.language == "elixir":
        own[f"lib/candidate{ends}"] = own.pop("candidate")
    defined = _modules(own, problem.language)
    kept = {
        name: text
        for name, text in given.items()
        if name not in own and not defined & _modules({name: text}, problem.language)
    }
    return Program({**kept, **own}, one.files)


def _modules(sources: Mapping[str, str], language: str) -> set[str]:
    return {one.name for text in sources.values() for one in structure(text, language).modules}
