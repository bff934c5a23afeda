"""Pieces of sentences as a question takes them up: names of things, a small first letter.

Belongs here: small changes of wording that several families make. Does not: whole wordings
(``wording.py``), which sentences may be used (``prose.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from booktune_assets.concepts.names import singular, words
from booktune_assets.pairs.candidate import Quote, View
from booktune_assets.pairs.plurals import several

__all__ = [
    "called",
    "joined",
    "keys",
    "listed_items",
    "named",
    "plural",
    "setting",
    "small",
]

# a noun behind a noun, as far as its form shows: no verb, no word that joins
_COMPOUND = re.compile(
    r" (?!(?:of|is|are|was|were|and|or|in|to|for|with|that|which|who|whose|as|by|on|from|at|into|"
    r"can|will|must|may|should|has|have|had|does|do|it|than|when|if|where|while|because|so|but|"
    r"not|never|always|also|only|then|itself)\b)[a-z]+(?<!s)(?<!ed)(?<!ing)(?<!ly)\b"
)
_MARK = re.compile(r"(?m)^[ \t]*(?:[-*\u2022]|\d+[.)])[ \t]+")


def called(view: View, label: str) -> str:
    """The concept as a question names it: in the plural or with its article, as the text does."""
    if re.search(r"[./:_]", label):
        return f"`{label}`"
    article = ""
    for start, end, name, _ in view.mentions:
        if name != label:
            continue
        surface = " ".join(view.text[start:end].split())
        if singular(surface.lower()) != surface.lower():
            return (
                surface
                if surface[:1].isupper() and surface[1:].lower() != surface[1:]
                else (small(view, surface))
            )
        if surface[:1].isupper() and surface.split()[0] in view.names:
            continue  # a name takes no article
        if surface.isupper():
            continue  # of "an HTTP client" it is not HTTP's
        if _COMPOUND.match(view.text, end):
            continue  # of "a memory leak" it is not the memory's
        before = re.search(r"\b(the|an?) [`*_]*$", view.text[max(0, start - 6) : start], re.I)
        article = article or (f"{before[1].lower()} {small(view, surface)}" if before else "")
    return article or (label if label in view.names else several(label))


def joined(items: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def small(view: View, text: str) -> str:
    """The text with a small first letter, unless it begins with a name or with code."""
    first = re.split(r"[ ,]", text, maxsplit=1)[0]
    ordinary = (
        first.replace("-", "").isalpha()
        and (first[1:].islower() or len(first) == 1)
        and first != "I"
    )
    if not ordinary or first in view.names or first in (view.subject, view.language):
        return text
    return text[:1].lower() + text[1:]


def setting(view: View, text: str) -> str:
    """What a question on this text has to name so that one knows what it is about; may be empty."""
    name = view.subject or view.language  # may be empty: then nothing is named
    return "" if re.search(rf"\b{re.escape(name)}\b", text) else name


def named(view: View, block: dict[str, Any], start: int, end: int) -> list[tuple[str, str]]:
    """(label, kind) of the concepts mentioned in ``block["text"][start:end]``, in order, once."""
    first = int(block["char_start"])
    found: dict[str, str] = {}
    for place, _, label, kind in view.mentions:
        if first + start <= place < first + end:
            found.setdefault(label, kind)
    return list(found.items())


@lru_cache(maxsize=1 << 13)
def keys(text: str) -> frozenset[str]:
    """Normal forms of the words of a text."""
    return frozenset(word.key.lower() for word in words(text))


def listed_items(view: View, block: dict[str, Any]) -> Iterator[Quote]:
    """One quote per item, without its mark."""
    text = block["text"]
    marks = list(_MARK.finditer(text))
    starts = (
        [mark.end() for mark in marks] if marks and not text[: marks[0].start()].strip() else [0]
    )
    ends = [mark.start() for mark in marks[1:]] + [len(text)] if len(starts) > 1 else [len(text)]
    for start, end in zip(starts, ends, strict=True):
        piece = text[start:end]
        size = len(piece.rstrip())
        if size:
            yield view.quote(block, start, start + size, "answer")


def plural(name: str) -> bool:
    """Does the name take "are"?"""
    last = name.lower().split()[-1].strip("`")
    return singular(last) != last and not name.lower().startswith(("a ", "an ", "each ", "every "))
