"""What the syntax tree of a listing shows of the concepts that the lexicon knows.

Belongs here: the way from patterns, definitions and calls to facts with places. Does not: finding
them in a tree (``beam/``), what each is called (``lexicon.py``).

Facts are the names of ``beam.patterns`` and five of our own: ``clauses`` (a function of several
clauses), ``recursion`` (a function that calls itself), ``defaults`` (one with default arguments),
``destructures`` (a match takes a value apart),
``interpolates`` (a value within a string).
"""

from __future__ import annotations

import re
from functools import lru_cache

from booktune_assets.beam.patterns import find_patterns
from booktune_assets.beam.structure import structure
from booktune_assets.concepts.mentions import code_without_text

__all__ = ["FACTS", "Fact", "facts_of"]

Fact = tuple[str, int, int]  # name, first character, character after the last
FACTS = ("clauses", "recursion", "defaults", "destructures", "interpolates")
_LANGS = ("elixir", "erlang", "iex", "erl_shell")
_APART = re.compile(
    r"^(?:(?:iex|\.\.\.|\d*)[^\n>]*> ?)?\s*(?:\{|\[|%\w*[\w.]*\{|<<)[^\n=]*=(?![=>~])", re.M
)
_WITHIN = re.compile(r'"[^"\n]*(?<!\\)#\{[^}\n]*\}')
_SHOWN = 60  # characters of a definition that are the place of a fact


@lru_cache(maxsize=4096)  # a listing is asked for its mentions and for its links
def facts_of(text: str, lang: str) -> tuple[Fact, ...]:
    """Facts of a listing, each once, at its first place (in characters)."""
    if lang not in _LANGS:
        return ()
    found: list[tuple[str, tuple[int, int]]] = [
        (one.name, one.span) for one in find_patterns(text, lang)
    ]
    seen = structure(text, lang)
    for one in seen.functions():
        if one.clauses > 1:
            found.append(("clauses", one.span))
        if one.low < one.arity and lang in ("elixir", "iex"):
            found.append(("defaults", one.span))
    own = {(one.name, str(n)) for one in seen.functions() for n in one.arities}
    for use in seen.uses:
        home, _, key = use.within.rpartition(".")
        name, _, arity = key.partition("/")
        itself = use.name == name and arity == str(use.arity) and use.module in ("", home)
        if itself and (name, arity) in own:
            found.append(("recursion", use.span))
    first: dict[str, Fact] = {}
    for name, (start, end) in sorted(found, key=lambda item: (item[1], item[0])):
        first.setdefault(name, (name, *_chars(text, start, min(end, start + _SHOWN))))
    within = _WITHIN.search(text) if lang in ("elixir", "iex") else None
    if within is not None:
        first.setdefault("interpolates", ("interpolates", within.start(), within.end()))
    if apart := _APART.search(code_without_text(text)):
        first.setdefault("destructures", ("destructures", apart.start(), apart.end()))
    return tuple(first.values())


def _chars(text: str, start: int, end: int) -> tuple[int, int]:
    """Places in characters of places in bytes."""
    if text.isascii():
        return start, end
    raw = text.encode()
    low = len(raw[:start].decode(errors="ignore"))
    return low, low + len(raw[start:end].decode(errors="ignore"))
