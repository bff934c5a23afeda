"""Listings that follow each other without a word between: two languages are two listings.

Belongs here: cutting a block of code where its language changes. Does not: which rows stand
together (``layout.py``), page breaks (``stitch.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from booktune_assets.books.blocks import Block
from booktune_assets.books.judge import faults
from booktune_assets.books.lang import classify

__all__ = ["part_languages"]

_FAMILY = {"elixir": "elixir", "iex": "elixir", "erlang": "erlang", "erl_shell": "erlang"}
_LINES = 2  # of each part, at least


def part_languages(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with code cut at the blank line where Elixir ends and Erlang begins, or so.

    Only where the grammar takes both parts and refuses the whole.
    """
    out: list[Block] = []
    for block in blocks:
        rest = block
        while rest.kind == "code" and (at := _border(rest.text)):
            first, rest = _cut(rest, at)
            out.append(first)
        out.append(rest)
    return out


def _border(text: str) -> int | None:
    """The offset at which the second listing begins."""
    at = text.find("\n\n")
    whole: bool | None = None
    while at >= 0:
        one, two = text[:at].rstrip("\n"), text[at:].lstrip("\n")
        if min(one.count("\n"), two.count("\n")) >= _LINES - 1 and not two.startswith((" ", "\t")):
            langs = [_FAMILY.get(classify(part)[1]) for part in (one, two)]
            if None not in langs and langs[0] != langs[1]:
                if whole is None:
                    whole = any(faults(text, str(lang)) == 0 for lang in langs)
                clean = all(
                    faults(part, str(lang)) == 0
                    for part, lang in zip((one, two), langs, strict=True)
                )
                if clean and not whole:
                    return len(text) - len(two)
        at = text.find("\n\n", at + 2)
    return None


def _cut(block: Block, at: int) -> tuple[Block, Block]:
    one = replace(block, text=block.text[:at].rstrip("\n"), places=[], links=[])
    two = replace(block, text=block.text[at:], places=[], links=[])
    for place in block.places:
        if place.start < len(one.text):
            one.places.append(replace(place, end=min(place.end, len(one.text))))
        if place.end > at:
            start = max(0, place.start - at)
            two.places.append(replace(place, start=start, end=place.end - at))
    return one, two
