"""Statements of a book that another of its sentences turns round: no false twin is made of them.

Belongs here: which sentences of which sections those are. Does not: the twins (``true_false.py``).

"Variables cannot be rebound" and, chapters later, "in Elixir variables can be rebound": the twin of
either is not false. Told by words alone: another sentence has most of a statement's words, and of
the word that its twin changes what the twin has. That is careful rather than right: more goes than
has to, and there are more such statements in any book than a set can hold.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from booktune_assets.concepts.terms import terms

__all__ = ["contrary"]

SHARE, LEAST = 0.6, 3  # of a statement's terms, and how many at least, in the other sentence
_NOT = re.compile(
    r"\b(?:not|never|no|none|cannot|neither|nor|without|only|unless|except)\b|n['\u2019]t\b", re.I
)
_LITTLE_WORDS = """
all also any both each even just many more most must no not only other same some such too very
because either need never none one two use used using when
"""
_LITTLE = frozenset(term for word in _LITTLE_WORDS.split() for term in terms(word))
_COUNTED = "zero one two three four five six seven eight nine ten"
_DIGITS = {str(value): word for value, word in enumerate(_COUNTED.split())}


def contrary(sections: Sequence[Iterable[str]], twin: Callable[[str], str]) -> list[frozenset[str]]:
    """For each section its sentences whose twin another sentence of the book bears out.

    ``twin`` makes the false statement of a sentence, or nothing.
    """
    told = [list(dict.fromkeys(one)) for one in sections]
    every = list(dict.fromkeys(text for own in told for text in own))
    homes: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(every):
        for term in _content(text):
            homes[term].append(place)
    return [
        frozenset(
            text for text in own if (other := twin(text)) and _said(text, other, every, homes)
        )
        for own in told
    ]


def _said(text: str, twin: str, every: Sequence[str], homes: dict[str, list[int]]) -> bool:
    before, after = _words(text), _words(twin)
    changed = after - before
    wanted = _content(text) - (before - after) - changed
    if len(wanted) < LEAST:
        return False
    shared = Counter(place for term in wanted for place in homes.get(term, ()))
    need = max(LEAST, SHARE * len(wanted))
    denies = bool(_NOT.search(twin))
    opposite = bool(_NOT.search(text)) == denies  # another word or number, no denial
    for place, count in shared.items():
        other = every[place]
        if count < need or other == text:
            continue
        if changed <= _words(other) if opposite else bool(_NOT.search(other)) == denies:
            return True
    return False


@lru_cache(maxsize=1 << 14)
def _content(text: str) -> frozenset[str]:
    return frozenset(terms(text)) - _LITTLE


@lru_cache(maxsize=1 << 14)
def _words(text: str) -> frozenset[str]:
    """Words as they stand, numbers written out."""
    said: list[str] = re.findall(r"[a-z]+|\d+", text.lower())
    return frozenset(_DIGITS.get(word, word) for word in said)
