"""Units for generation: 1,500 to 1,900 characters of one chapter, code never parted from its words.

Belongs here: packing blocks into units. Does not: cutting long code (``forms.py``), windows of
tokens (``containers.py``).

A *code group* is the paragraph that leads to code, the code with its sessions and outputs, and the
first paragraph after it; it is never split, unless the code alone is too long: then it is cut at
top-level forms, and the parts carry one group id. A unit ends with its section once it is long
enough, so that an edit moves few borders. Units are views: every character of the blocks is in
exactly one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from booktune_assets.books.blocks import CODE_KINDS
from booktune_assets.books.forms import cut_code

__all__ = ["CHARS_MAX", "CHARS_MIN", "Piece", "Unit", "into_units"]

Row = dict[str, Any]
CHARS_MIN, CHARS_MAX = 1500, 1900
GLUE = "\n\n"
_LEADS = ("prose", "list", "callout", "heading", "caption")
_AFTER = ("prose", "list", "callout")
_SENTENCE = re.compile(r"(?<=[.!?])[\"\u201d\u2019)]*\s+(?=[\"\u201c\u2018(]?[A-Z0-9])")


@dataclass(slots=True)
class Piece:
    """``block.text[start:end]``."""

    block: Row
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters of the piece."""
        return str(self.block["text"][self.start : self.end])


@dataclass(slots=True)
class Unit:
    """Pieces in reading order; ``part`` of ``parts`` when a group was too long for one unit."""

    pieces: list[Piece] = field(default_factory=list[Piece])
    part: int = 0
    parts: int = 1

    @property
    def text(self) -> str:
        """The unit as a model reads it: pieces of one block as they stand, blocks apart."""
        out: list[str] = []
        before: Piece | None = None
        for piece in self.pieces:
            same = before is not None and before.block is piece.block
            out += ["" if same else GLUE if out else "", piece.text]
            before = piece
        return "".join(out)

    @property
    def chars(self) -> int:
        """Length of the text."""
        return len(self.text)


def into_units(blocks: Sequence[Row]) -> list[Unit]:
    """The units of a chapter. ``blocks`` are its blocks in order, headings among them."""
    units: list[Unit] = []
    current = Unit()
    for group in _groups(blocks):
        atom = Unit([Piece(block, 0, len(block["text"])) for block in group])
        if atom.chars > CHARS_MAX:
            if current.pieces:
                units.append(current)
            current = Unit()
            units += _cut(atom)
            continue
        joined = Unit([*current.pieces, *atom.pieces])
        enough = group[0]["kind"] == "heading" and current.chars >= CHARS_MIN
        if current.pieces and (enough or joined.chars > CHARS_MAX):
            units.append(current)
            current = atom
        else:
            current = joined
    if current.pieces:
        units.append(current)
    return _without_crumbs(units)


def _groups(blocks: Sequence[Row]) -> Iterator[list[Row]]:
    """Blocks that stay together, in order."""
    group: list[Row] = []
    coded = False
    for number, block in enumerate(blocks):
        after = blocks[number + 1] if number + 1 < len(blocks) else None
        if block["kind"] in CODE_KINDS:
            group.append(block)
            coded = True
            continue
        if coded:
            leads = after is not None and after["kind"] in CODE_KINDS
            if block["kind"] in _AFTER and not (leads and block["text"].rstrip().endswith(":")):
                # a paragraph between two listings belongs to both: they stay together
                group.append(block)
                if not leads:
                    yield group
                    group, coded = [], False
                continue
            yield group
            group, coded = [], False
        group.append(block)
        holds = block["kind"] == "heading" or (
            block["kind"] in _LEADS and after is not None and after["kind"] in CODE_KINDS
        )
        if not holds:
            yield group
            group = []
    if group:
        yield group


def _cut(atom: Unit) -> list[Unit]:
    """A group that is too long, in parts: between blocks where that is enough, else inside."""
    units: list[Unit] = []
    current = Unit()
    for whole in atom.pieces:
        for piece in _pieces(whole):
            joined = Unit([*current.pieces, piece])
            if current.pieces and joined.chars > CHARS_MAX:
                units.append(current)
                current = Unit([piece])
            else:
                current = joined
    units.append(current)
    for number, unit in enumerate(units):
        unit.part, unit.parts = number, len(units)
    return units


def _pieces(whole: Piece) -> list[Piece]:
    """A block in pieces of at most ``CHARS_MAX``, where its forms or sentences allow."""
    block = whole.block
    if whole.end - whole.start <= CHARS_MAX:
        return [whole]
    if block["kind"] in CODE_KINDS:
        cuts = cut_code(block["text"], block["lang"], CHARS_MAX)
    elif block["kind"] == "table":
        cuts = _filled([match.end() for match in re.finditer(r"\n", block["text"])], block["text"])
    else:
        cuts = _filled([match.end() for match in _SENTENCE.finditer(block["text"])], block["text"])
    edges = [0, *cuts, len(block["text"])]
    return [Piece(block, one, two) for one, two in pairwise(edges) if one < two]


def _filled(allowed: Sequence[int], text: str) -> list[int]:
    """The fewest cuts at allowed places that keep every piece within the limit, where possible."""
    cuts: list[int] = []
    start = 0
    for number, spot in enumerate(allowed):
        after = allowed[number + 1] if number + 1 < len(allowed) else len(text)
        if after - start > CHARS_MAX:
            cuts.append(spot)
            start = spot
    return cuts


def _without_crumbs(units: list[Unit]) -> list[Unit]:
    """A last unit of a few words goes to the one before, as far as the limit allows."""
    if len(units) > 1 and units[-1].parts == units[-2].parts == 1:
        joined = Unit([*units[-2].pieces, *units[-1].pieces])
        if joined.chars <= CHARS_MAX:
            return [*units[:-2], joined]
    return units
