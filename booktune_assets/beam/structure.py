"""What a listing defines and uses: modules, functions with arities, types, calls.

Belongs here: the record of a listing and the way to it for all four kinds of text. Does not: names
over a whole book (``symbols.py``), whether the text is valid (``validity.py``), what it shows
(``patterns.py``).

Works on files, fragments, damaged and cut text. Names are in full: aliases, ``__MODULE__`` and
imports with ``only:`` are resolved. A pipe's left side counts as an argument.
"""

from __future__ import annotations

from booktune_assets.beam.structure_elixir import read_elixir
from booktune_assets.beam.structure_erlang import read_erlang
from booktune_assets.beam.structure_records import Defined, Import, Module, Structure, Used
from booktune_assets.beam.tree import has_faults, pieces

__all__ = ["Defined", "Import", "Module", "Structure", "Used", "structure"]


def structure(text: str, lang: str) -> Structure:
    """What is in a text of ``elixir``, ``erlang``, ``iex`` or ``erl_shell``; nothing of others."""
    found = Structure(lang)
    trees = pieces(text, lang)
    found.damaged = any(has_faults(piece) for piece in trees)
    if lang in ("elixir", "iex"):
        for piece in trees:
            read_elixir(piece, found)
    elif trees:
        for piece in trees:
            read_erlang(piece, found)
    _merge_clauses(found)
    _resolve_imports(found)
    return found


def _merge_clauses(found: Structure) -> None:
    """Clauses of one function become one definition, from its first to its last."""
    merged: dict[tuple[str, str, str, int], Defined] = {}
    for one in found.defines:
        key = (one.kind, one.module, one.name, one.arity)
        first = merged.setdefault(key, one)
        if first is not one:
            first.clauses += one.clauses
            first.low = min(first.low, one.low)
            first.guarded |= one.guarded
            first.span = (first.span[0], max(first.span[1], one.span[1]))
    found.defines = list(merged.values())


def _resolve_imports(found: Structure) -> None:
    listed = {key: one.module for one in found.imports if one.only is not None for key in one.only}
    own = {(one.name, n) for one in found.functions() for n in one.arities}
    for use in found.uses:
        key = (use.name, use.arity)
        if not use.module and key in listed and key not in own:
            use.module = listed[key]
