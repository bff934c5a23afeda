"""Containers: windows of tokens over the units of a book, for long-context work.

Belongs here: packing units into windows with an overlap. Does not: units (``units.py``), training.

Every unit is owned by exactly one container. The overlap repeats the last units of the container
before as context, marked as such, so that no sentence counts twice as evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from booktune_assets.errors import Code, MissingPrerequisite

__all__ = ["Container", "into_containers", "token_counter"]

TOKENS, OVERLAP = 2048, 256


@dataclass(slots=True)
class Container:
    """Positions of units: ``context`` is shown again, ``owned`` is new here."""

    context: list[int] = field(default_factory=list[int])
    owned: list[int] = field(default_factory=list[int])
    tokens: int = 0


def into_containers(
    texts: Sequence[str], count: Callable[[str], int], *, size: int = TOKENS, overlap: int = OVERLAP
) -> list[Container]:
    """Containers of at most ``size`` tokens with up to ``overlap`` of context.

    A unit that alone is longer makes a container of its own, longer than the others.
    """
    sizes = [count(text) for text in texts]
    containers: list[Container] = []
    current = Container()
    for number, tokens in enumerate(sizes):
        if current.owned and current.tokens + tokens > size:
            containers.append(current)
            current = Container(_tail(current.owned, sizes, min(overlap, size - tokens)))
            current.tokens = sum(sizes[one] for one in current.context)
        current.owned.append(number)
        current.tokens += tokens
    if current.owned:
        containers.append(current)
    return containers


def _tail(owned: Sequence[int], sizes: Sequence[int], room: int) -> list[int]:
    """The last units that fit into the room."""
    kept: list[int] = []
    for number in reversed(owned):
        if sizes[number] > room:
            break
        room -= sizes[number]
        kept.append(number)
    return kept[::-1]


def token_counter(tokenizer: Path) -> Callable[[str], int]:
    """Counts tokens with the tokenizer of a model folder or a ``tokenizer.json``.

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
    loaded: Any = Tokenizer.from_file(str(file))
    return lambda text: len(loaded.encode(text, add_special_tokens=False).ids)
