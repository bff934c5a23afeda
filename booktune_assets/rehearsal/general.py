"""General technical English that is on every machine: Python's own help topics.

Belongs here: reading them, cutting them into passages, the split between what is rehearsed and what
is only measured. Does not: what is done with passages.

The split is by topic. Topics quote each other (``specialnames`` holds a dozen others whole), so a
paragraph that also stands in a held-out topic is left out of the replayed ones.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets.ids import normalise_prose, stable_int

__all__ = ["LICENCE", "GeneralText", "general_texts"]

LICENCE = "PSF-2.0"
HELDOUT_PERCENT = 45
Split = Literal["replay", "heldout"]
_UNDERLINE = re.compile(r"[*=\-~^]{3,}")
_SENTENCE_END = re.compile(r"[.!?:][)\"'’”]?(?=\s)")


@dataclass(frozen=True, slots=True)
class GeneralText:
    """A passage and the topic that it comes from, e.g. ``pydoc-3.11:while``."""

    source: str
    text: str

    @property
    def topic(self) -> str:
        """Name of the topic alone."""
        return self.source.partition(":")[2]


def general_texts(split: Split, n: int, chars: int) -> list[GeneralText]:
    """``n`` passages of at most ``chars`` characters (fewer when there are no more).

    Cut where paragraphs end. Topics take turns, and which passage of a topic comes first is a
    matter of its hash: a larger ``n`` adds passages and keeps the earlier ones.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    ranked: list[tuple[int, int, GeneralText]] = []
    for topic, paragraphs in _topics(split).items():
        found = [
            GeneralText(f"pydoc-{version}:{topic}", text) for text in _passages(paragraphs, chars)
        ]
        found.sort(key=lambda item: stable_int(item.text))
        ranked += [(turn, stable_int(item.text), item) for turn, item in enumerate(found)]
    ranked.sort(key=lambda entry: entry[:2])
    return [item for _, _, item in ranked[:n]]


@cache
def _topics(split: Split) -> dict[str, tuple[str, ...]]:
    """Paragraphs of each topic of a split."""
    try:
        from pydoc_data.topics import topics  # pyright: ignore
    except ImportError as problem:
        raise MissingPrerequisite(
            Code.MISSING_PROGRAM,
            "This Python lacks pydoc_data: install the full standard library "
            "(Debian and Ubuntu: apt install libpython3-stdlib)",
        ) from problem
    texts: dict[str, str] = dict(topics)
    heldout = {name for name in texts if stable_int(f"general:{name}") % 100 < HELDOUT_PERCENT}
    whole = {name: tuple(_paragraphs(texts[name])) for name in sorted(texts)}
    if split == "heldout":
        return _without({name: whole[name] for name in whole if name in heldout}, set())
    kept_back = {normalise_prose(text) for name in heldout for text in whole[name]}
    return _without({name: whole[name] for name in whole if name not in heldout}, kept_back)


def _without(texts: dict[str, tuple[str, ...]], seen: set[str]) -> dict[str, tuple[str, ...]]:
    """The paragraphs that are not among ``seen``, each in the first topic that has it only."""
    left: dict[str, tuple[str, ...]] = {}
    for name, paragraphs in texts.items():
        names = {normalise_prose(text): text for text in paragraphs}
        left[name] = tuple(text for plain, text in names.items() if plain not in seen)
        seen |= set(names)
    return left


def _paragraphs(text: str) -> Iterator[str]:
    """Prose with its line breaks undone, indented parts as they are; no headings, no grammar."""
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip("\n").rstrip().split("\n")
        if len(lines) == 2 and _UNDERLINE.fullmatch(lines[1].strip()):
            continue
        if "::=" in block or not block.strip():
            continue
        prose = not any(line.startswith(" ") for line in lines)
        yield " ".join(lines) if prose else "\n".join(lines)


def _passages(paragraphs: tuple[str, ...], chars: int) -> Iterator[str]:
    """Neighbouring paragraphs together, as many as fit; remains under a third are dropped."""
    pieces = [piece for text in paragraphs for piece in _fitting(text, chars)]
    passage = ""
    for piece in pieces:
        joined = f"{passage}\n\n{piece}" if passage else piece
        if len(joined) <= chars:
            passage = joined
            continue
        if len(passage) >= chars // 3:
            yield passage
        passage = piece
    if len(passage) >= chars // 3:
        yield passage


def _fitting(text: str, chars: int) -> Iterator[str]:
    """A paragraph in pieces of at most ``chars``, cut after sentences where there are any."""
    while len(text) > chars:
        ends = [match.end() for match in _SENTENCE_END.finditer(text[: chars + 1])]
        cut = ends[-1] if ends else text.rfind(" ", 0, chars)
        cut = cut if cut > 0 else chars
        yield text[:cut].rstrip()
        text = text[cut:].strip()
    if text:
        yield text
