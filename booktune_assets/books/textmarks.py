"""Signs beside code in formats that hold text: circled numbers, lines meant for a tool.

Belongs here: circled numbers at the ends and beginnings of lines, lines that the tool that shows a
listing leaves out. Does not: PDF (``listing.py beside.py``), signs that mark-up names
(``htmlcode.py``), arrows of wrapped lines (``textwraps.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from booktune_assets.books.blocks import CODE_KINDS, Block
from booktune_assets.books.lang import classify
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.repair import put_text

__all__ = ["take_text_marks", "without_comment"]

_ROUND = "\u2460-\u2473\u2776-\u277f\u24eb-\u24f4\u2780-\u2793"
_SOME = re.compile(f"[{_ROUND}]")
_ARROWS = "\u25b6\u25ba\u00bb\u2192\u279c\u27a4"  # point at lines that changed
_POINTS = re.compile(f"[{_ARROWS}]")
_ENDS = re.compile(f"(?:\\s*[{_ROUND}])+\\s*$")
_BEGINS = re.compile(
    f"(?P<room>\\s*)(?P<marks>[{_ROUND}]+|[{_ARROWS}])(?P<gap>[ \\t\u00a0]*)(?=\\S|$)"
)
_COMMENTS = ("#", "%%%", "%%", "%", "//", "--", ";;", ";")
# Leanpub's, Docusaurus' and VitePress' marks of changed and shown lines; Liquid's of raw text.
_HIDDEN = re.compile(
    r"\s*(?:#|%+|//|--|;)?\s*(?:leanpub-(?:start|end)-(?:insert|delete|highlight)"
    r"|highlight-(?:next-line|start|end)|\{%-?\s*(?:end)?raw\s*-?%\})\s*"
)


def take_text_marks(blocks: Sequence[Block], ledger: Ledger) -> None:
    """Take such signs and lines off the listings, and write down each line that changed."""
    for block in blocks:
        if block.kind not in CODE_KINDS:
            continue
        if ledger.wants("hidden_lines") and ("-" in block.text or "raw" in block.text):
            _take_lines(block, ledger)
        if ledger.wants("callout_marks") and not block.text.isascii():
            _take_rounds(block, ledger)


def without_comment(line: str) -> str:
    """A line without the sign that began a comment of nothing but a mark."""
    bare = line.rstrip(" \t")
    for sign in _COMMENTS:
        if bare.endswith(sign):
            return bare.removesuffix(sign).rstrip(" \t")
    return bare


def _take_lines(block: Block, ledger: Ledger) -> None:
    lines = block.text.split("\n")
    kept = [line for line in lines if not _HIDDEN.fullmatch(line)]
    if len(kept) == len(lines) or not any(map(str.strip, kept)) or len(block.places) != 1:
        return
    page = ledger.page_of(block.places[0])
    for line in lines:
        if _HIDDEN.fullmatch(line):
            ledger.took(page, "hidden_lines", line, block=block)
    block.text = "\n".join(kept)
    block.places[0].end = len(block.text)


def _take_rounds(block: Block, ledger: Ledger) -> None:
    arrows = _POINTS.search(block.text) is not None and _is_code(block)
    if not arrows and not _SOME.search(block.text):
        return
    before = block.text.split("\n")
    lines = [_without_end(line) for line in before]
    marked = {number for number, line in enumerate(lines) if _leads(line, arrows)}
    if len(marked) > 1 and len(marked) == sum(map(bool, map(str.strip, lines))):
        marked = set[int]()  # a list that counts so
    gutter = _gutter(lines, marked)
    if not gutter:  # an arrow is a mark only where its column holds nothing else
        marked = {number for number in marked if not _POINTS.match(lines[number].lstrip())}
    lines = [
        line[gutter:] if gutter and number not in marked
        else _without_start(line, gutter) if number in marked else line
        for number, line in enumerate(lines)
    ]  # fmt: skip
    at = 0
    for old, new in zip(before, lines, strict=True):
        if old != new:
            place = next((p for p in block.places if p.start <= at <= p.end), block.places[0])
            ledger.took(ledger.page_of(place), "callout_marks", old, new, block)
        at += len(old) + 1
    put_text(block, "\n".join(lines))


def _without_end(line: str) -> str:
    """Circled numbers at the end of a line point at remarks."""
    found = _ENDS.search(line)
    if found is None or not line[: found.start()].strip():
        return line
    return without_comment(line[: found.start()])


def _is_code(block: Block) -> bool:
    return classify(block.text, block.lang)[1] in ("elixir", "erlang")


def _leads(line: str, arrows: bool) -> bool:
    """Whether a line begins with such a number, or an arrow."""
    found = _BEGINS.match(line)
    if found is None or len(found["marks"]) > 2:
        return False
    return arrows or not _POINTS.match(found["marks"])


def _gutter(lines: Sequence[str], marked: set[int]) -> int:
    """How wide the column is that the marks stand in, where all other lines leave it empty."""
    others = [line for number, line in enumerate(lines) if number not in marked and line.strip()]
    if not marked or not others:
        return 0
    free = min(len(line) - len(line.lstrip(" \t\u00a0")) for line in others)
    if not free:
        return 0
    wides: list[int] = []
    for number in marked:
        found = _BEGINS.match(lines[number])
        if found is None or found["room"]:
            return 0
        if lines[number][found.end() :].strip():
            wides.append(found.end())
    return min(free, *wides, free)


def _without_start(line: str, gutter: int) -> str:
    found = _BEGINS.match(line)
    if found is None:
        return line
    if gutter:
        return line[min(gutter, found.end()) :]
    rest = line[found.end("marks") :]
    odd = (len(found["room"]) + len(found["gap"])) % 2
    return found["room"] + (rest[1:] if odd and found["gap"] else rest)
