"""General technical English that is on every machine: Python's own help topics.

Belongs here: reading them, cutting text into passages, the order in which passages are taken. Does
not: what is done with passages, the text that is only measured (``evaluation/general.py``, from
other sources: what is rehearsed cannot show what is kept).

Topics quote each other (``specialnames`` holds a dozen others whole), so a paragraph counts in the
first topic that has it only.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets.ids import normalise_prose, stable_int

__all__ = ["LICENCE", "GeneralText", "general_texts", "in_turns", "passages"]

LICENCE = "PSF-2.0"
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


def general_texts(n: int, chars: int) -> list[GeneralText]:
    """``n`` passages of at most ``chars`` characters (fewer when there are no more).

    Cut where paragraphs end.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = {
        f"pydoc-{version}:{topic}": list(passages(paragraphs, chars))
        for topic, paragraphs in _topics().items()
    }
    return in_turns(found, n)


def in_turns(found: Mapping[str, Sequence[str]], n: int) -> list[GeneralText]:
    """``n`` of the passages by source. Sources take turns, and which passage of a source comes
    first is a matter of its hash: a larger ``n`` adds passages and keeps the earlier ones."""
    ranked: list[tuple[int, int, GeneralText]] = []
    for source, texts in found.items():
        own = sorted((GeneralText(source, text) for text in texts), key=_place)
        ranked += [(turn, _place(item), item) for turn, item in enumerate(own)]
    ranked.sort(key=lambda entry: entry[:2])
    return [item for _, _, item in ranked[:n]]


def _place(item: GeneralText) -> int:
    return stable_int(item.text)


@cache
def _topics() -> dict[str, tuple[str, ...]]:
    """Paragraphs of each topic."""
    try:
        from pydoc_data.topics import topics  # pyright: ignore
    except ImportError as problem:
        raise MissingPrerequisite(
            Code.MISSING_PROGRAM,
            "This Python lacks pydoc_data: install the full standard library "
            "(Debian and Ubuntu: apt install libpython3-stdlib)",
        ) from problem
    texts: dict[str, str] = dict(topics)
    return _once({name: tuple(_paragraphs(texts[name])) for name in sorted(texts)})


def _once(texts: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Each paragraph in the first topic that has it only."""
    seen: set[str] = set()
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


def passages(paragraphs: tuple[str, ...], chars: int) -> Iterator[str]:
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
