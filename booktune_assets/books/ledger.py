"""The account of a book's characters: what was taken off, moved or repaired, and what is missing.

Belongs here: one record per change, and the balance of each page. Does not: deciding on a change;
every reader writes down its own.

Only characters that are not white space count. Per page: characters of the text layer = characters
of the blocks + what was taken off or moved; the rest is lost (or doubled, where blocks hold more).
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from booktune_assets.books.blocks import Block, Page, Place, inked

__all__ = ["DROPPED", "MOVED", "REPAIRS", "Change", "Ledger", "ink"]

# Kinds of changes and why each is made. Repairs can be switched off by name.
DROPPED = {
    "furniture": "repeats at the same place of many pages, or counts them",
    "contents": "a page that lists the headings",
    "title_page": "a page that names the book: its cover or title page",
    "turned": "runs in another direction than the text",
    "hidden": "is not shown to readers",
    "empty": "a block of marks without words",
    "mark": "a bullet, a footnote mark or another sign of the typesetter",
}
MOVED = {
    "heading_number": "is kept as the number of the heading",
    "figure": "is part of a drawing and kept with it",
}
REPAIRS = {
    "quotes": "typographic quotes all over the book's code: a typographer set them",
    "glyphs": "a character that no token of the language can hold, from a font map",
    "wraps": "the row before had no room for the next word",
    "wrap_marks": "an arrow that stands where rows were full",
    "line_numbers": "digits that count the lines, in a column of their own",
    "callout_marks": "a circled number behind code points at a remark",
    "indents": "the style sheet alone sets the line in",
    "hidden_lines": "a line for the tool that shows the listing: it leaves it out",
    "blank_lines": "at a page break, as the book has it between such lines elsewhere",
    "spread_letters": "a line of single letters with equal gaps: a typesetter spread its words",
    "doubles": "drawn a second time a hair apart: a shadow, or bold print without a bold face",
    "hyphens": "the hyphen is soft: it only says where a line may break",
}
_WHY = {**DROPPED, **MOVED, **REPAIRS}
_OPEN = 4  # pages whose tallies are not packed
_TEXT_MAX = 200  # characters of a change that are kept to show it


@dataclass(slots=True)
class Change:
    """``before`` became ``after`` on a page; ``block`` is where, when it belongs to one."""

    page: int
    kind: str
    before: str
    after: str = ""
    block: Block | None = None
    said: str = ""

    @property
    def why(self) -> str:
        """The rule that asked for it."""
        return self.said or _WHY[self.kind]

    @property
    def size(self) -> int:
        """Characters that went away; 0 when only white space moved."""
        return _more(self.before, self.after)

    @property
    def put(self) -> int:
        """Characters that came in their place."""
        return _more(self.after, self.before)


class _Tallies:
    """Counted characters by page, packed but for the last pages that were asked for."""

    __slots__ = ("_open", "_packed")

    def __init__(self) -> None:
        self._open: dict[int, Counter[str]] = {}
        self._packed: dict[int, tuple[str, bytes]] = {}

    def __getitem__(self, page: int) -> Counter[str]:
        if page not in self._open:
            while len(self._open) >= _OPEN:
                oldest = next(iter(self._open))
                tally = self._open.pop(oldest)
                self._packed[oldest] = "".join(tally), array("q", tally.values()).tobytes()
            chars, numbers = self._packed.pop(page, ("", b""))
            counted = zip(chars, memoryview(numbers).cast("q"), strict=True)
            self._open[page] = Counter(dict(counted))
        return self._open[page]

    def pop(self, page: int, default: None) -> None:
        """Forget a page."""
        self._open.pop(page, default)
        self._packed.pop(page, default)


@dataclass(slots=True)
class Ledger:
    """The account of one book. ``off`` names repairs that must not be made."""

    off: frozenset[str] = frozenset()
    changes: list[Change] = field(default_factory=list[Change])
    documents: dict[str, int] = field(default_factory=dict[str, int])  # name → spine position
    _drawn: _Tallies = field(default_factory=lambda: _Tallies())
    _added: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter[str]))

    def wants(self, repair: str) -> bool:
        """Whether a repair is switched on."""
        return repair not in self.off

    def drew(self, page: int, text: str) -> None:
        """Text that the page holds."""
        self._drawn[page].update(_solid(text))

    def drawn(self, page: int) -> int:
        """Characters that a page holds."""
        return self._drawn[page].total()

    def took(
        self, page: int, kind: str, before: str, after: str = "", block: Block | None = None,
        why: str = "",
    ) -> None:  # fmt: skip
        """Text that was taken off, moved, or replaced. What only moves white space counts too.

        ``why`` says more than the rule of the kind does.
        """
        self.changes.append(Change(page, kind, before, after, block, why))

    def misread(self, page: int, before: str, after: str) -> None:
        """Text that the page holds as ``before`` and that is read as ``after`` from now on."""
        self._drawn[page].update(_solid(before))
        self._drawn[page].subtract(_solid(after))
        self.took(page, "glyphs", before, after)

    def adds(self, page: int, text: str) -> None:
        """Characters of blocks that the page does not hold, such as bars between cells."""
        self._added[page].update(_solid(text))

    def texts(self, kind: str) -> dict[int, list[str]]:
        """What changes of one kind took off, by page."""
        found: dict[int, list[str]] = defaultdict(list)
        for change in self.changes:
            if change.kind == kind:
                found[change.page].append(change.before)
        return found

    def forget(self, page: int) -> None:
        """Take back all that was written down of a page, which could not be read in the end."""
        self._drawn.pop(page, None)
        self._added.pop(page, None)
        self.changes = [change for change in self.changes if change.page != page]

    def settle(self, blocks: Sequence[Block], pages: Sequence[Page]) -> None:
        """Fill in ``chars kept furniture moved repaired lost doubled`` of the pages.

        Then ``chars = kept + furniture + moved + repaired + lost - doubled`` on every page.
        ``kept`` are characters as the page has them: what a repair put in is none.
        """
        sums = self._sums()
        for page, have in self.check(blocks, pages):
            kept = have - sums[page.page, "put"]
            page.chars, page.kept = self.drawn(page.page), max(kept, 0)
            page.furniture, page.moved, page.repaired = (
                sums[page.page, group] for group in ("dropped", "moved", "repaired")
            )
            page.furniture += min(kept, 0)  # what was put in went off with a running head

    def check(self, blocks: Sequence[Block], pages: Sequence[Page]) -> list[tuple[Page, int]]:
        """Set ``lost doubled`` from the blocks as they are now; gives what they hold, by page."""
        stands: dict[int, list[tuple[Block, Place]]] = defaultdict(list)
        for block in blocks:
            for place in block.places:
                stands[self.page_of(place)].append((block, place))
        changed: dict[int, list[Change]] = defaultdict(list)
        for change in self.changes:
            changed[change.page].append(change)
        found: list[tuple[Page, int]] = []
        for page in pages:  # one at a time: the tallies of a long book are too much to hold
            held = (one.text[at.start : at.end] for one, at in stands.get(page.page, ()))
            have = ink("".join(held))
            have.subtract(self._added.get(page.page, {}))
            found.append((page, have.total()))
            want = Counter(self._drawn[page.page])
            moves = changed.get(page.page, ())
            want.subtract(ink("".join(change.before for change in moves)))
            want.update(_solid("".join(change.after for change in moves)))
            want.subtract(have)
            page.lost = sum(number for number in want.values() if number > 0)
            page.doubled = -sum(number for number in want.values() if number < 0)
        return found

    def _sums(self) -> Counter[tuple[int, str]]:
        sums: Counter[tuple[int, str]] = Counter()
        for change in self.changes:
            group = "dropped" if change.kind in DROPPED else "moved"
            group = "repaired" if change.kind in REPAIRS else group
            sums[change.page, group] += change.size
            sums[change.page, "put"] += change.put
        return sums

    def page_of(self, place: Place) -> int:
        """The page, or the position of the document in the spine."""
        if place.page is not None:
            return place.page
        return self.documents.get((place.href or "").partition("#")[0], 1)

    def as_rows(self, blocks: Sequence[Block]) -> Sequence[dict[str, Any]]:
        """The changes as plain values; ``block`` is an index into ``blocks`` or None."""
        number = {id(block): index for index, block in enumerate(blocks)}
        spots = (number.get(id(one.block), -1) if one.block else -1 for one in self.changes)
        return _Rows(self.changes, array("q", spots))


class _Rows(Sequence[dict[str, Any]]):
    """Changes as plain values, each made when it is asked for: a long book has many thousands."""

    __slots__ = ("_changes", "_spots")

    def __init__(self, changes: Sequence[Change], spots: Sequence[int]) -> None:
        self._changes, self._spots = changes, spots

    def __len__(self) -> int:
        return len(self._spots)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        spot, change = self._spots[index], self._changes[index]
        return {
            "page": change.page, "kind": change.kind, "why": change.why,
            "before": change.before[:_TEXT_MAX], "after": change.after[:_TEXT_MAX],
            "chars": change.size, "block": None if spot < 0 else spot,
        }  # fmt: skip


def _more(one: str, other: str) -> int:
    """Characters that the first text has and the other has not."""
    return (ink(one) - ink(other)).total() if other else inked(one)


def ink(text: str) -> Counter[str]:
    """The characters of a text that are not white space, counted."""
    return Counter(_solid(text))


def _solid(text: str) -> str:
    return "".join(text.split())
