"""How idiomatic a listing is: a score from what speaks against it.

Belongs here: the score. Does not: what is looked for (``idioms_elixir.py``, ``idioms_erlang.py``).

The score ranks texts that do the same work, such as answers to one problem. It does not say that a
text is right, and between different works it says little.
"""

from __future__ import annotations

from dataclasses import dataclass

from booktune_assets.beam.elixir_functions import functions_of
from booktune_assets.beam.elixir_walk import walk
from booktune_assets.beam.erlang_functions import erl_functions_of
from booktune_assets.beam.erlang_tree import erl_walk
from booktune_assets.beam.idiom_findings import Finding, Findings
from booktune_assets.beam.idioms_elixir import find_elixir
from booktune_assets.beam.idioms_erlang import find_erlang
from booktune_assets.beam.tree import pieces

__all__ = ["Idiom", "idiom_score"]

_CLAUSES_FOR_ONE = 8  # so many clauses make up for each other: a long file is not a bad file


@dataclass(frozen=True, slots=True)
class Idiom:
    """``score``: 1 is nothing found, towards 0 the more is found for the size of the text."""

    score: float
    findings: tuple[Finding, ...]


def idiom_score(text: str, lang: str) -> Idiom:
    """Score of ``elixir``, ``erlang``, ``iex`` or ``erl_shell`` text; 0 for text without code."""
    found: list[Finding] = []
    trees = pieces(text, lang)
    clauses = 0
    for piece in trees:
        findings = Findings(piece)
        if lang in ("elixir", "iex"):
            visits = list(walk(piece.root))
            functions = functions_of(visits)
            find_elixir(visits, functions, findings)
            clauses += sum(len(one.clauses) for one in functions)
        else:
            seen = list(erl_walk(piece.root))
            erlang = erl_functions_of(seen)
            find_erlang(seen, erlang, findings)
            clauses += sum(len(one.clauses) for one in erlang)
        found += findings.found.values()
    if not trees:
        return Idiom(0.0, ())
    size = max(1.0, clauses / _CLAUSES_FOR_ONE)
    weight = sum(one.weight for one in found)
    ordered = sorted(found, key=lambda one: (one.span, one.name))
    return Idiom(round(1 / (1 + weight / size), 4), tuple(ordered))
