"""Terms of an index that a source sets at its words, where the words are and not at the back.

Belongs here: the marks that ``asciidoc_terms.rb`` leaves in a page, the links that blocks have of
them, and the numbers that captions have. Does not: an index that is printed (``backmatter.py
indexpages.py``).

Such a term is a link of its block to itself, of the kind ``index``: its target says the terms from
the main one down, and where else to look. A term that is not shown has no words.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from booktune_assets.books.backmatter import Entry, Locator
from booktune_assets.books.blocks import Block, Link, printable
from booktune_assets.books.elements import MARK
from booktune_assets.books.spoken import LABEL

__all__ = ["entries_of", "link_terms", "number_captions", "taken"]

Row = dict[str, Any]
_CHARS, _DEPTH = 200, 6  # of a term, and how many are told of one path
_KINDS = {"image": "figure", "table": "table", "listing": "listing", "example": "example"}
_BELOW = " \u203a "


def taken(element: Any, *, inner: bool = False) -> list[str]:
    """The marks of an element, or of it and all inside of it. They are taken off."""
    held = element.iter() if inner else (element,)
    found = [one.attrib.pop(MARK, None) for one in held if isinstance(one.tag, str)]
    return [mark for mark in found if mark]


def link_terms(marks: Iterable[tuple[Block, str]], blocks: Sequence[Block]) -> None:
    """Give blocks the links of their terms; of a term that is shown, over its words."""
    places = {id(block): number for number, block in enumerate(blocks)}
    read_to: dict[int, int] = defaultdict(int)
    for block, mark in marks:
        said = _said(mark)
        if said is None or id(block) not in places:
            continue
        start = end = 0
        if said.pop("shown"):
            at = block.text.find(said["terms"][0], read_to[id(block)])
            if at >= 0:
                start, end = at, at + len(said["terms"][0])
                read_to[id(block)] = end
        target = json.dumps({name: words for name, words in said.items() if words})
        block.links.append(Link(start, end, target, True, to=places[id(block)], index=True))


def number_captions(marks: Iterable[tuple[Block, str]]) -> None:
    """Give captions the numbers that Asciidoctor counts and whose text the source does not hold."""
    for block, mark in marks:
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            said = json.loads(bytes.fromhex(mark))
            word, number = _KINDS[said["counted"]], _plain(str(said["number"]))
            if block.kind == "caption" and number and not LABEL.match(block.text):
                block.label, block.number = word, number


def _said(mark: str) -> dict[str, Any] | None:
    with suppress(ValueError, TypeError, KeyError):
        said = json.loads(bytes.fromhex(mark))
        found: dict[str, Any] = {
            name: [one for one in map(_plain, said[name][:_DEPTH]) if one]
            for name in ("terms", "see", "see_also")
        }
        return {**found, "shown": bool(said["shown"])} if found["terms"] else None
    return None


def _plain(words: str) -> str:
    return " ".join(printable([words]).split())[:_CHARS]


def entries_of(
    links: Iterable[Row], blocks: Mapping[str, Row], home: Mapping[str, str]
) -> list[Entry]:
    """Entries in the order in which their terms come up, with all places of each.

    ``links`` are those of the kind ``index``, ``blocks`` stand in reading order, ``home`` has the
    sections by block. A term that says "see" has no place of its own.
    """
    found: dict[tuple[str, ...], Entry] = {}
    order = {block_id: number for number, block_id in enumerate(blocks)}
    for row in sorted(links, key=lambda row: (order[row["block_id"]], row["link"])):
        block, said = blocks[row["block_id"]], json.loads(row["target"])
        path = tuple(said["terms"])
        entry = found.setdefault(path, Entry(block, path[0], _BELOW.join(path[1:])))
        if "see" not in said:
            words = block["text"][row["char_start"] : row["char_end"]]
            entry.locators.append(
                Locator("link", words, section_id=home[row["block_id"]], block=block)
            )
        for kind in ("see", "see_also"):
            for words in said.get(kind, ()):
                other = Locator(kind, words, block=block)
                if all((one.kind, one.words) != (kind, words) for one in entry.locators):
                    entry.locators.append(other)
    return list(found.values())
