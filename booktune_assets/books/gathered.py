"""Notes of an EPUB, and those that links make in AsciiDoc, behind the text of their mark.

Belongs here: which block has the mark of a note, which blocks the note is, where they go, titles
that nothing is left below. Does not: what a mark or a note looks like (``printmarks.py``,
``roles.py``), notes of other formats (``notes.py mdnotes.py asciidoc_page.py``).

Publishers gather notes at the end of a chapter or in a document of their own; where they stood
there they would belong to a section "Notes". Marks and notes without a class or a type are known by
each other: a linked sign behind words leads to a block that begins with the same sign and leads
back. A letter or number that stands as a word ("see rule 1") is none, nor is a source of a list of
these, nor is a link within code. A note on a note comes behind that one. An exercise and its answer
lead to each other, too, but its sign stands at its beginning.
Nothing is written down anew: a note keeps its address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, takewhile
from typing import Any

from booktune_assets.books.blocks import Block, Link
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.links import Trail, moved_links
from booktune_assets.books.mdnotes import past
from booktune_assets.books.printmarks import is_mark, noted
from booktune_assets.books.raised import Raised, typed_sign

__all__ = ["Notes", "marks_within"]

_SIGN = re.compile(r"[\[(]?\s*(\d{1,3}|[a-z]|[ivx]{1,5}|[*\u2020\u2021\u00a7]{1,4})\s*[\])]?\.?")
_NAMED = re.compile(rf"(?:(?:foot|end)?note\s+)?{_SIGN.pattern}", re.I)
_OPENS = re.compile(r"[\s\[(]*")  # may stand before the sign of a note
_CLOSES = re.compile(r"[\s\])]*[.:]?\s*")
_BACKWARDS = re.compile(r"(?:go )?back(?: to (?:the )?text)?|return(?: to (?:the )?text)?", re.I)
_BACK = 30  # characters that lead back to the text, at most
_TEXT = frozenset({"prose", "list", "callout", "footnote"})
_LEADING = frozenset({"see", "in", "of", "to", "by", "and", "or", "from", "cf", "also", "per",
                      "the", "with", "at", "on", "this", "that"})  # fmt: skip
_SOURCES = re.compile(r"(?:\w+ )?bibliography|references|works cited|literature|sources", re.I)
_WHY = "stands above notes, which stand with their marks"


@dataclass(slots=True)
class Notes:
    """Marks and notes of the documents of a book while these are read, by the note's address.

    ``known`` are the addresses that marks lead to, ``raised`` the marks that lead nowhere.
    """

    known: set[str] = field(default_factory=set[str])
    raised: Raised = field(default_factory=Raised)
    _homes: dict[str, Block] = field(default_factory=dict[str, Block])
    _said: dict[str, list[Block]] = field(default_factory=dict[str, list[Block]])
    _backs: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    _nested: dict[str, Block] = field(default_factory=dict[str, Block])  # marks within notes
    _coded: set[str] = field(default_factory=set[str])
    _inner: list[str] = field(default_factory=list[str])
    _waiting: list[str] = field(default_factory=list[str])
    _leading: list[str] = field(default_factory=list[str])

    def marked(self, addresses: Iterable[str]) -> None:
        """Marks of the block that is being read lead there."""
        self._waiting += addresses
        self.known.update(self._waiting)

    def hold(self) -> list[str]:
        """Take away where marks of the block that is being read lead; another stands first."""
        held, self._waiting = self._waiting, []
        return held

    def nests(self, addresses: Iterable[str]) -> None:
        """Marks in the note that is being read lead there, to what was not read yet."""
        self._inner += addresses
        self.known.update(self._inner)

    def coded(self, address: str) -> None:
        """A link within code leads there: a piece of the code, however it looks."""
        self._coded.add(address)

    def led_back(self, address: str) -> None:
        """A sign in the block that is being read led back to its mark."""
        self._leading.append(address)

    def stands(self, block: Block) -> None:
        """A block that was added."""
        self.raised.stands(block)
        for address in self._waiting:
            self._homes.setdefault(address, block)
        for address in self._inner:
            self._nested.setdefault(address, block)
        self._waiting.clear()
        self._inner.clear()
        if self._leading:
            self._backs[id(block)] = {*self._leading}
            self._leading.clear()

    def says(self, addresses: Iterable[str], blocks: Sequence[Block]) -> None:
        """An element that is a note, with these addresses and blocks."""
        for address in addresses if blocks else ():
            self._said.setdefault(address, list(blocks))

    def settle(
        self, blocks: list[Block], trail: Trail, ledger: Ledger, placed: str | None = None
    ) -> None:
        """Put each note behind the text that it belongs to; others stay.

        Notes whose addresses begin with ``placed`` are in their place.
        """
        at = {id(block): number for number, block in enumerate(blocks)}
        found = list(self._unmarked(blocks, trail))
        for home, link, note in found:
            _cut(home, link.start, link.end, ledger)
            note.kind, note.level, note.markup = "footnote", None, None
        for home, link, note in sorted(found, key=lambda one: (at[id(one[0])], one[1].start)):
            self._homes[link.target] = home
            self._said.setdefault(link.target, [note])
        self._take_raised(blocks, trail, ledger)
        starts = {id(one) for one in map(trail.targets.get, [*self._homes, *self._nested]) if one}
        behind: dict[int, list[list[Block]]] = {}
        within: dict[int, list[Block]] = {}  # what moves with a block: its note, and those on it
        for address, home in self._in_turn():
            note = self._note(address, home, trail)
            lost = any(id(one) not in at or id(one) in within for one in note)
            apart = placed is None or not address.startswith(placed)
            if not note or lost or id(home) not in at or not apart:
                continue
            note += _rest(blocks, at[id(note[-1])], starts)
            for one in note:
                one.kind = "footnote" if one.kind in _TEXT else one.kind
                _without_signs(one, home, trail, ledger)
            group = within.get(id(home))
            if group is None:
                group = list[Block]()
                spot = _spot(blocks, at[id(home)], {*within, *map(id, note)})
                behind.setdefault(spot, []).append(group)
            group += note
            within |= {id(one): group for one in note}
        _put(blocks, {*within}, behind, ledger)

    def _take_raised(self, blocks: Sequence[Block], trail: Trail, ledger: Ledger) -> None:
        """Marks that nothing links, and the signs of their notes."""
        linked = {id(one) for one in map(trail.targets.get, self._homes) if one}
        linked |= {id(one) for name in self._homes for one in self._said.get(name, ())}
        found = list(self.raised.pairs(blocks, linked))
        for number, (home, _, _, note) in enumerate(found):
            self._homes[f"raised {number}"], self._said[f"raised {number}"] = home, [note]
            if end := typed_sign(note)[1]:
                _cut(note, 0, end, ledger)
        for home, start, end, _ in sorted(found, key=lambda one: -one[1]):
            _cut(home, start, end, ledger)

    def _in_turn(self) -> list[tuple[str, Block]]:
        """Notes with the blocks of their marks: those on the text first, then those on them."""
        homes = [*self._homes.items()]
        homes += [one for one in self._nested.items() if one[0] not in self._homes]
        return sorted(homes, key=lambda one: one[1].kind == "footnote")

    def _note(self, address: str, home: Block, trail: Trail) -> list[Block]:
        """The blocks of a note."""
        first = trail.targets.get(address)
        said = self._said.get(address) or ([first] if first else [])
        good = bool(said) and said[0].kind == "footnote"
        return list(said) if good and all(one is not home for one in said) else []

    def _unmarked(
        self, blocks: Sequence[Block], trail: Trail
    ) -> Iterator[tuple[Block, Link, Block]]:
        """Marks and notes that only lead to each other: the block, the link of its mark, the note.

        From the last to the first of a block, so that they can be cut off in turn.
        """
        taken = {id(one) for one in _of_sources(blocks)}
        for block in blocks:
            for link in reversed(block.links) if block.kind in _TEXT - {"footnote"} else ():
                leads = link.internal and link.target not in self._coded
                note = trail.targets.get(link.target) if leads else None
                sign = _NAMED.fullmatch(block.text[link.start : link.end])
                if note is None or sign is None or note is block or id(note) in taken or (
                    note.kind not in _TEXT or not _marks(block.text, link)
                ):  # fmt: skip
                    continue
                if self._leads_back(note, block, sign.group(1), trail):
                    taken.add(id(note))
                    yield block, link, note

    def _leads_back(self, note: Block, home: Block, sign: str, trail: Trail) -> bool:
        """Whether a block begins with a sign that leads to another, or ends in an arrow to it."""
        if any(trail.targets.get(one) is home for one in self._backs.get(id(note), ())):
            return True
        first, last = (note.links[at] if note.links else None for at in (0, -1))
        if last and trail.targets.get(last.target) is home and _ends_back(note.text, last):
            return True
        if first is None or trail.targets.get(first.target) is not home:
            return False
        own = _NAMED.fullmatch(note.text[first.start : first.end])
        begins = _OPENS.fullmatch(note.text[: first.start])
        return bool(begins and own and own.group(1) == sign)


def _spot(blocks: Sequence[Block], home: int, moved: set[int]) -> int:
    """The block that a note goes behind: what its mark stands in, and the notes that are there."""
    spot = past(blocks, home, moved)
    while any(one.kind == "footnote" and id(one) not in moved
              for one in blocks[spot + 1 : spot + 2]):  # fmt: skip
        spot += 1
    return spot


def _ends_back(text: str, link: Link) -> bool:
    """Whether a text ends in words that only lead back."""
    words, behind = text[link.start : link.end].strip(), text[link.end :].strip(" .])")
    return not behind and _BACKWARDS.fullmatch(words) is not None


def _of_sources(blocks: Sequence[Block]) -> Iterator[Block]:
    """What stands below the title of a bibliography."""
    within = False
    for block in blocks:
        if block.kind == "heading":
            within = _SOURCES.fullmatch(block.text) is not None
        elif within:
            yield block


def _marks(text: str, link: Link) -> bool:
    """Whether a linked sign stands as marks do: behind words, and not as one of them.

    "Note 1" ends a clause, or stands in brackets.
    """
    before, said = text[: link.start], text[link.start : link.end]
    if _SIGN.fullmatch(said):
        as_word = before[-1:].isspace() and before.rstrip()[-1:].isalnum()
        return bool(before.strip()) and not (as_word and said[0].isalnum())
    words = re.findall(r"\w+|[\[(,;:.!?]", before)
    apart = bool(words) and words[-1].casefold() not in _LEADING
    return apart and re.match(r"\s*(?:[\])]|[.,;:!?\u2014]|$|[A-Z])", text[link.end :]) is not None


def marks_within(element: Any) -> Iterator[str]:
    """Where the marks of notes in a title or a table lead, whose text is taken as one."""
    for one in element.iter() if any(noted(element)) else ():
        if isinstance(one.tag, str) and is_mark(one):
            yield from noted(one)


def _rest(blocks: Sequence[Block], number: int, starts: set[int]) -> list[Block]:
    """Paragraphs without an anchor below a note in a section of notes: they go on with it.

    Behind the last note plain ones may be anything, and stay, but in a document of notes.
    """
    title = next((one for one in reversed(blocks[:number]) if one.kind != "footnote"), None)
    if title is None or title.kind != "heading":
        return []
    href = blocks[number].places[0].href
    found: list[Block] = []
    for after in blocks[number + 1 :]:
        if id(after) in starts:
            return found
        if after.kind not in ("prose", "code", "footnote") or after.places[0].href != href:
            break
        found.append(after)
    document = str(href).partition("#")[0]
    first = next(
        one for one in blocks
        if one.kind != "heading" and str(one.places[0].href).partition("#")[0] == document
    )  # fmt: skip
    if id(first) in starts:
        return found
    return list(takewhile(lambda one: one.kind == "footnote", found))


def _without_signs(note: Block, home: Block, trail: Trail, ledger: Ledger) -> None:
    """Take off what only leads back to the mark, at either end."""
    for link in (note.links[-1:] + note.links[:1]) if note.kind == "footnote" else ():
        if link not in note.links or trail.targets.get(link.target) is not home:
            continue
        said = note.text[link.start : link.end]
        if _NAMED.fullmatch(said) and _OPENS.fullmatch(note.text[: link.start]):
            closes = _CLOSES.match(note.text, link.end)
            _cut(note, 0, closes.end() if closes else link.end, ledger)
        elif len(said) <= _BACK and link.start and not note.text[link.end :].strip(" .])"):
            _cut(note, link.start, len(note.text), ledger)


def _cut(block: Block, start: int, end: int, ledger: Ledger) -> None:
    """Take a mark off the text of a block."""
    before, place = block.text, block.places[0]
    gone = before[start:end]
    head = before[:start].rstrip()
    if head.endswith(("[", "(")) and before[end : end + 1] in ("]", ")"):
        head, gone, end = head[:-1].rstrip(), f"{head[-1]}{gone}{before[end]}", end + 1
    block.text = head + before[end:] if start else before[end:].lstrip()
    block.markup = None
    block.links = moved_links([one for one in block.links if not start <= one.start < end],
                              before, block.text)  # fmt: skip
    place.end = len(block.text)
    ledger.took(ledger.page_of(place), "mark", gone, block=block)


def _put(
    blocks: list[Block], moved: set[int], behind: dict[int, list[list[Block]]], ledger: Ledger
) -> None:
    """The blocks in their new order; titles go that only notes stood below."""
    empty = {number for number in range(len(blocks)) if _only_notes(blocks, number, moved)}
    for number in empty:
        ledger.took(ledger.page_of(blocks[number].places[0]), "mark", blocks[number].text, why=_WHY)
    blocks[:] = [
        one for number, block in enumerate(blocks)
        for one in (
            *(() if id(block) in moved or number in empty else (block,)),
            *chain(*behind.get(number, ())),
        )
    ]  # fmt: skip


def _only_notes(blocks: Sequence[Block], number: int, moved: set[int]) -> bool:
    """Whether below a title there are notes that have gone, and no other text."""
    title = blocks[number]
    if title.kind != "heading":
        return False
    notes = False
    for after in blocks[number + 1 :]:
        if after.kind == "heading":
            if (after.level or 0) <= (title.level or 0):
                break
        elif id(after) not in moved:
            return False
        else:
            notes = True
    return notes
