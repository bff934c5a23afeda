"""Code and concepts: which listings show a concept, and which concepts a listing needs.

Belongs here: the relation of each listing to each concept that it uses or stands for. Does not:
finding uses (``found.py``, ``shown.py``).

A listing shows a concept when it stands where the concept is taught, or right after words that name
it; otherwise it needs it. A concept that no syntax tells (a closure, immutability) is shown by the
listings directly below its own heading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from booktune_assets.concepts.found import Concept, Mention
from booktune_assets.concepts.opened import PROSE, Opened, Row, is_code

__all__ = ["Link", "code_links"]

_LEAD = 300  # characters before a listing that speak of it


@dataclass(frozen=True, slots=True)
class Link:
    """``relation`` is shows or needs; the place is in the listing's text."""

    block: Row
    label: str
    relation: str
    evidence: str
    known: bool
    start: int
    end: int


def code_links(book: Opened, concepts: Mapping[str, Concept]) -> list[Link]:
    """Links of the book in its order, one for each listing and concept."""
    led = _led(book)
    named: dict[str, set[str]] = {}
    uses: dict[str, list[tuple[str, Mention]]] = {}
    for label, one in concepts.items():
        for mention in one.mentions:
            if mention.how == "code":
                uses.setdefault(mention.block["block_id"], []).append((label, mention))
            elif (listing := led.get(mention.block["block_id"])) and _close(mention):
                named.setdefault(listing, set()).add(label)
    begun = {label: one.introduced() for label, one in concepts.items()}
    homes = {label: one.homes() for label, one in concepts.items()}
    below: dict[int, list[str]] = {}
    for label, one in concepts.items():
        for section in one.headed:
            below.setdefault(section, []).append(label)
    links: list[Link] = []
    for number, block in book.blocks:
        if not is_code(block):
            continue
        here = (number, int(block["char_start"]))
        used: dict[str, Mention] = {}
        for label, mention in uses.get(block["block_id"], ()):
            used.setdefault(label, mention)
        about = named.get(block["block_id"], set())
        for label, mention in sorted(used.items(), key=lambda item: (item[1].start, item[0])):
            shows = number in homes[label] or label in about
            links.append(Link(
                block, label, "shows" if shows else "needs", mention.evidence,
                begun[label] <= (number, here[1] + mention.start), mention.start, mention.end,
            ))  # fmt: skip
        for label in sorted({*below.get(number, ()), *about} - set(used)):
            known = concepts[label].known
            if known.kind != "api" and not known.code and not known.shown and block["text"]:
                seen = begun[label] <= here
                links.append(Link(block, label, "shows", "words", seen, 0, len(block["text"])))
    return links


def _led(book: Opened) -> dict[str, str]:
    """Paragraph to the listing that follows it in the same section, by block ids."""
    found: dict[str, str] = {}
    before: tuple[int, Row] | None = None
    for number, block in book.blocks:
        if is_code(block):
            if before is not None and before[0] == number:
                found[before[1]["block_id"]] = block["block_id"]
            before = None
        elif block["kind"] in PROSE:
            before = (number, block)
        else:
            before = None
    return found


def _close(mention: Mention) -> bool:
    return len(mention.block["text"]) - mention.start <= _LEAD
