"""Footnotes of Markdown in their place: behind the text that their mark stands in.

Belongs here: which blocks a note has, and where they go. Does not: what a note is
(``mdparser.py``), notes of other formats (``notes.py asciidoc_page.py``).

Authors gather notes at the end of a chapter or of the file; where they stood there they would
belong to its last section. As in the other formats a note comes behind the block with its first
mark, the rest of the list that this is an item of, and the code that it leads to. A note on a note
comes behind that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from booktune_assets.books.blocks import CODE_KINDS, Block

__all__ = ["Notes", "past"]


@dataclass(slots=True)
class Notes:
    """The notes of a text while it is read: by label their blocks, and the block of the mark."""

    _marked: dict[str, Block] = field(default_factory=dict[str, Block])
    _nested: dict[str, Block] = field(default_factory=dict[str, Block])  # marks within notes
    _said: dict[str, list[Block]] = field(default_factory=dict[str, list[Block]])
    _open: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    def marks(self, token: Any, block: Block) -> None:
        """A block whose inline token may hold marks."""
        for child in token.children or ():
            if child.type == "footnote_ref":
                marked = self._nested if self._open else self._marked
                marked.setdefault(str(child.meta.get("label")), block)

    def opens(self, token: Any, blocks: Sequence[Block]) -> None:
        """A note begins behind these blocks."""
        self._open.append((str(token.meta.get("label")), len(blocks)))

    def closes(self, blocks: Sequence[Block]) -> None:
        """The note that began last ends."""
        label, first = self._open.pop()
        self._said.setdefault(label, list(blocks[first:]))

    def in_place(self, blocks: Sequence[Block]) -> list[Block]:
        """The blocks with each note behind the text that it belongs to; others stay."""
        at = {id(block): number for number, block in enumerate(blocks)}
        behind: dict[int, list[list[Block]]] = {}
        within: dict[int, list[Block]] = {}  # what stands in its place, by each of its blocks
        for label, home in [*self._marked.items(), *self._nested.items()]:
            note = list(self._said.get(label, []))
            own = {id(block) for block in note}
            if not note or id(home) not in at or own & {*within, id(home)}:
                continue
            if id(home) in within:
                note = within[id(home)]
                note.extend(self._said[label])
            else:
                behind.setdefault(past(blocks, at[id(home)], own), []).append(note)
            within |= dict.fromkeys(own, note)
            for place in (place for block in self._said[label] for place in block.places):
                place.href = home.places[0].href
        return [
            one for number, block in enumerate(blocks)
            for one in (
                *(() if id(block) in within else (block,)), *chain(*behind.get(number, ())),
            )
        ]  # fmt: skip


def past(blocks: Sequence[Block], number: int, own: set[int]) -> int:
    """The last block that belongs with one: the end of its list, then code and its captions."""
    last = number
    listed = blocks[number].kind == "list"
    for after in range(number + 1, len(blocks)):
        kind = blocks[after].kind
        listed = listed and kind == "list"
        if id(blocks[after]) in own or not (listed or kind in CODE_KINDS or kind == "caption"):
            break
        if kind != "caption":
            last = after
    return last
