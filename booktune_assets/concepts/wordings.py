"""Names that stand alone: in a heading, an index, a file name.

Belongs here: the record of a known name, and finding it by words that stand alone. Does not: names
in running text (``mentions.py``), where new names come from (``candidates.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from booktune_assets.concepts.names import singular, words

__all__ = ["Known", "alone", "loose_key", "parts_of_title"]

_OPENING = re.compile(
    r"^(?:(?:an? )?(?:short |brief |quick )?(?:introduction|intro) (?:to|into) |(?:more "
    r")?(?:about|on) |"
    r"(?:using|working with|introducing|defining|creating|understanding|writing|building|meet|"
    r"what (?:is|are)) |"
    r"(?:the|an?|your first|our first|a first) )+",
    re.I,
)
_SPLIT = re.compile(r"\s*(?:,|/|&|\band\b|\bvs\.?|\bversus\b|:|–|—|\()\s*", re.I)


@dataclass(slots=True)
class Known:
    """A name that may become a concept. ``brought`` tells that the book brings it, not we.

    ``bare`` and ``shown`` are those of ``lexicon.Entry``.
    """

    label: str
    kind: str
    aliases: list[str] = field(default_factory=list[str])
    code: str = ""
    brought: bool = True
    bare: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


def alone(known: Iterable[Known]) -> dict[str, Known]:
    """Known names by the loose key of each wording, for words that stand alone."""
    found: dict[str, Known] = {}
    items = list(known)
    for item in items:
        found.setdefault(loose_key(item.label), item)
    for item in items:
        for wording in (*item.aliases, *item.bare):
            found.setdefault(loose_key(wording), item)
    return found


def loose_key(name: str) -> str:
    """Key of a name whatever its case, number and arity."""
    return " ".join(singular(word.key.lower()) for word in words(name)).partition("/")[0]


def parts_of_title(title: str) -> list[str]:
    """What a heading names: ``Introducing lists and tuples`` names two things."""
    plain = _OPENING.sub("", title.replace("`", "").replace("*", "").strip().rstrip("?!.:"))
    parts = [part for part in _SPLIT.split(plain) if part]
    return [_OPENING.sub("", part.strip()) for part in parts] if len(parts) <= 4 else []
