"""Containers: windows of tokens over the units of a book, for long-context work.

Belongs here: packing units into windows with an overlap. Does not: units (``units.py``), training.

Every character of every unit is owned by exactly one container. The overlap repeats the end of the
container before as context, marked as such, so that no sentence counts twice as evidence. A unit
that is longer than a window is cut between tokens, at the end of a line or word where there is one.
Windows are counted whole: to a tokenizer, joined pieces may be other tokens than they were apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from booktune_assets.errors import Code, MissingPrerequisite

__all__ = ["OVERLAP", "TOKENS", "Container", "Stretch", "into_containers", "token_ends"]

TOKENS, OVERLAP = 2048, 256
GLUE = "\n\n"
_BACK = 0.25  # of a window that a cut may step back to the end of a line or word

Ends = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters ``start`` to ``end`` of the unit at position ``unit``."""

    unit: int
    start: int
    end: int


@dataclass(slots=True)
class Container:
    """A window: ``context`` is shown again, ``owned`` is new here; ``tokens`` counts both."""

    context: list[Stretch] = field(default_factory=list[Stretch])
    owned: list[Stretch] = field(default_factory=list[Stretch])
    tokens: int = 0

    def text(self, texts: Sequence[str]) -> str:
        """What a model reads."""
        return _joined([*self.context, *self.owned], texts)

    def context_chars(self, texts: Sequence[str]) -> int:
        """How many characters of the text are context, with what parts them from the rest."""
        return len(self.text(texts)) - len(_joined(self.owned, texts))


def into_containers(
    texts: Sequence[str], ends: Ends, *, size: int = TOKENS, overlap: int = OVERLAP
) -> list[Container]:
    """Containers of at most ``size`` tokens with up to ``overlap`` of context.

    ``ends`` gives where in a text each of its tokens ends. Raises ``ValueError`` unless
    0 <= overlap < size.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"overlap must be at least 0 and less than {size}, not {overlap}")

    def count(stretches: Sequence[Stretch]) -> int:
        return len(ends(_joined(stretches, texts)))

    containers: list[Container] = []
    current = Container()
    for stretch in _stretches(texts, ends, size, overlap):
        tokens = count([*current.context, *current.owned, stretch])
        if current.owned and tokens > size:
            containers.append(current)
            alone = count([stretch])
            room = min(overlap, size - alone - len(ends(GLUE)))
            current = Container(_tail(current.owned, texts, ends, max(0, room)))
            tokens = count([*current.context, stretch])
            if tokens > size:  # joined they take more
                current.context, tokens = [], alone
        current.owned.append(stretch)
        current.tokens = tokens
    return [*containers, current] if current.owned else containers


def _joined(stretches: Sequence[Stretch], texts: Sequence[str]) -> str:
    """Stretches as a text: what goes on in the same unit as it stands, units apart."""
    out: list[str] = []
    for number, one in enumerate(stretches):
        last = stretches[number - 1] if number else None
        if last is not None:
            out.append("" if (last.unit, last.end) == (one.unit, one.start) else GLUE)
        out.append(texts[one.unit][one.start : one.end])
    return "".join(out)


def _stretches(texts: Sequence[str], ends: Ends, size: int, overlap: int) -> Iterator[Stretch]:
    """Units, and windows of those that are too long, with room for what comes before."""
    limit = size - overlap
    for number, text in enumerate(texts):
        start = 0
        while len(spots := ends(text[start:])) > size:
            cut = start + _cut(text[start:], spots, limit)
            while cut - start > 1 and len(ends(text[start:cut])) > limit:
                cut = start + (cut - start) * 9 // 10  # the piece alone takes more tokens
            yield Stretch(number, start, cut)
            start = cut
        if start < len(text):
            yield Stretch(number, start, len(text))


def _cut(text: str, spots: Sequence[int], size: int) -> int:
    """Where to end a window that begins the text: behind a line, a word, or just a token."""
    last = max(1, spots[size - 1])
    least = int(last * (1 - _BACK))
    for mark in ("\n\n", "\n", " "):
        spot = text.rfind(mark, least, last)
        if spot > 0:
            return spot + len(mark) if spot + len(mark) <= last else spot + 1
    return last


def _tail(owned: Sequence[Stretch], texts: Sequence[str], ends: Ends, room: int) -> list[Stretch]:
    """The last tokens that a container owns, from the beginning of a line or word on."""
    kept: list[Stretch] = []
    for one in reversed(owned):
        if room and len(ends(_joined([one, *kept], texts))) <= room:
            kept.insert(0, one)
            continue
        start = one.start + _start(texts[one.unit][one.start : one.end], ends, room)
        while start < one.end:
            part = Stretch(one.unit, start, one.end)
            if len(ends(_joined([part, *kept], texts))) <= room:
                return [part, *kept]
            start += max(1, (one.end - start) // 8)
        return kept
    return kept


def _start(text: str, ends: Ends, room: int) -> int:
    """From where on at most ``room`` tokens are left."""
    spots = ends(text)
    first = spots[-room - 1] if 0 < room < len(spots) else len(text)
    for mark in ("\n\n", "\n", " "):
        spot = text.find(mark, first, first + (len(text) - first) // 2)
        if spot >= 0:
            return spot + len(mark)
    return first


def token_ends(tokenizer: Path) -> Ends:
    """Where tokens end, by the tokenizer of a model folder or a ``tokenizer.json``.

    Raises ``MissingPrerequisite`` when it is not there.
    """
    file = tokenizer / "tokenizer.json" if tokenizer.is_dir() else tokenizer
    try:
        from tokenizers import Tokenizer
    except ImportError as problem:
        raise MissingPrerequisite(
            Code.MISSING_EXTRA, "pip install 'booktune[train]'", package="tokenizers"
        ) from problem
    if not file.is_file():
        raise MissingPrerequisite(
            Code.MODEL_MISSING, "Name the folder of the model, or its tokenizer.json", path=file
        )
    try:
        loaded: Any = Tokenizer.from_file(str(file))
    except Exception as problem:  # the library raises plain Exception
        raise MissingPrerequisite(
            Code.MODEL_MISSING, f"It is no tokenizer.json ({problem})", path=file
        ) from problem
    loaded.no_truncation()
    return lambda text: [end for _, end in loaded.encode(text, add_special_tokens=False).offsets]
