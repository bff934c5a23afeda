"""Which patterns of Elixir, Erlang and OTP a listing shows, from its syntax tree.

Belongs here: the way from a text to its patterns. Does not: the detectors, and what a pattern is
worth (``concepts/``). Definitions of the patterns: ``docs/why/patterns.md``.
"""

from __future__ import annotations

from booktune_assets.beam.elixir_functions import functions_of
from booktune_assets.beam.elixir_walk import walk
from booktune_assets.beam.erlang_tree import erl_walk
from booktune_assets.beam.pattern_hits import PATTERNS, Hits, Pattern
from booktune_assets.beam.patterns_elixir import otp_elixir
from booktune_assets.beam.patterns_elixir_forms import forms_elixir
from booktune_assets.beam.patterns_erlang import otp_erlang
from booktune_assets.beam.patterns_erlang_forms import forms_erlang
from booktune_assets.beam.tree import pieces

__all__ = ["PATTERNS", "Pattern", "find_patterns"]


def find_patterns(text: str, lang: str) -> list[Pattern]:
    """Patterns of ``elixir``, ``erlang``, ``iex`` or ``erl_shell`` text, by where they begin.

    Works on fragments and damaged text; other languages show none.
    """
    found: list[Pattern] = []
    for piece in pieces(text, lang):
        hits = Hits(piece)
        if lang in ("elixir", "iex"):
            visits = list(walk(piece.root))
            functions = functions_of(visits)
            otp_elixir(visits, functions, hits)
            forms_elixir(visits, functions, hits)
        else:
            seen = list(erl_walk(piece.root))
            otp_erlang(seen, hits)
            forms_erlang(seen, hits)
        found += hits.patterns()
    return found
