"""What the language is made of comes before processes, and both before OTP, in whatever book.

A book on OTP speaks of maps and atoms late, beside what it is about; that does not make a
supervisor a prerequisite of a map.

Nor do its listings make modules a prerequisite of a tuple: literals need no functions.

Belongs here: the three tiers and the pairs that they and literals rule out. Does not: what a book
shows of a pair (``signals.py``), scores (``edges.py``).
"""

from __future__ import annotations

from booktune_assets.concepts.lexicon import LEXICON

__all__ = ["backwards"]

_PLACES = {entry.label: place for place, entry in enumerate(LEXICON)}
_BEGINS = tuple(_PLACES[label] for label in ("integer", "process", "OTP", "error handling"))
# They stand among values and functions, and are of processes, of OTP or of libraries.
_ELSEWHERE = frozenset(
    (
        "PID", "reference", "use macro", "Erlang library", "dynamic dispatch", "export",
        "type specification", "documentation attribute", "doctest", "process state", "timeout",
    )
)  # fmt: skip
# What all code is made of: a book on OTP shows it in modules and functions, and it needs none.
_LITERALS = frozenset(
    (
        "integer", "float", "atom", "boolean", "string", "binary", "list", "tuple", "map", "nil",
    )
)  # fmt: skip
_FUNCTIONS = _PLACES["anonymous function"]


def backwards(source: str, target: str) -> bool:
    """Is the source of a higher tier than the target, so that it cannot be needed for it?"""
    first, then = _tier(source), _tier(target)
    if target in _LITERALS and first is not None and _PLACES[source] >= _FUNCTIONS:
        return True
    return first is not None and then is not None and first > then


def _tier(label: str) -> int | None:
    """0 for values, patterns, functions and iteration, 1 for processes, 2 for OTP, else None."""
    place = _PLACES.get(label)
    if place is None or label in _ELSEWHERE or not _BEGINS[0] <= place < _BEGINS[-1]:
        return None
    return sum(place >= begin for begin in _BEGINS[1:-1])
