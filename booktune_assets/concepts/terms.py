"""Words of a text for lexical search: prose, code and the names that both share.

Belongs here: cutting prose and code into the terms that an index counts. Does not: ranking
(``retrieval.py``), names of concepts (``names.py``).

``Enum.map_join/3`` is found by all of itself, by ``map_join``, by ``map`` and by ``enum``;
operators such as ``|>`` and ``&`` are terms too: a question about code often has no better word.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["terms"]

_PIECES = re.compile(
    r"[A-Za-z_]\w*[?!]?(?:(?:\.|:)[A-Za-z_]\w*[?!]?)*(?:/\d+)?|:[a-z_]\w*|\d+|\|>|<>|\+\+|--|=~|->|<-|"
    r"::|%\{|<<|>>|~[a-zA-Z]"
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_STOP = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "do", "does", "for",
    "from", "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its", "may", "me",
    "my", "of", "on", "or", "our", "should", "so", "than", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "to", "was", "we", "what", "when", "where",
    "which", "who", "why", "will", "with", "would", "you", "your"
})  # fmt: skip


def terms(text: str) -> list[str]:
    """Terms of a text in order, with repeats."""
    found: list[str] = []
    for match in _PIECES.finditer(text):
        found += _of(match[0])
    return found


@lru_cache(maxsize=65_536)
def _of(piece: str) -> tuple[str, ...]:
    name = piece.lower().strip(":")
    bare = name.partition("/")[0]
    if not bare or not (bare[0].isalpha() or bare[0] == "_"):
        return (name,) if name else (piece,)
    parts = [part.lower() for part in _PARTS.findall(piece.partition("/")[0])]
    whole = [name] if name not in parts else []
    last = bare.replace(":", ".").rpartition(".")[2]
    if last not in (name, *parts):
        whole.append(last)
    return tuple(_stem(one) for one in (*whole, *parts) if one not in _STOP)


def _stem(word: str) -> str:
    """Without the endings of plurals and of the commonest verb forms."""
    for end, keep in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("s", "")):
        kept = len(word) - len(end)
        if word.endswith(end) and kept >= 3 and not word.endswith(("ss", "us", "is")):
            return word[:kept] + keep
    return word
