"""Repairs of code that typesetting spoilt: counted, never silent.

Belongs here: document-level evidence that a typographer touched the code, look-alike characters.
Does not: layout (indentation and wraps are measured in ``listing.py``), grammar-based repair.
"""

from __future__ import annotations

from collections.abc import Sequence

from booktune_assets.books.blocks import CODE_KINDS, Block

__all__ = ["mend_code"]

_CURLY = str.maketrans(
    {"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u2026": "..."}
)
_STRAIGHT = "\"'"
# No token outside of strings and comments can hold these; they come from font maps and ligatures.
_LOOK_ALIKE = str.maketrans(
    {
        "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u037e": ";", "\u2010": "-", "\u2011": "-",
        "\u00ad": None, "\u200b": None, "\ufeff": None,
    }
)  # fmt: skip
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"}
)


def mend_code(blocks: Sequence[Block]) -> dict[str, int]:
    """Mend the code of a book in place; says how many blocks were changed, by kind of repair.

    Quotes are only straightened when curly ones outnumber straight ones clearly over the whole
    book: a single curly quote in a string may be meant.
    """
    code = [block for block in blocks if block.kind in CODE_KINDS]
    curly = sum(block.text.count(mark) for block in code for mark in "\u201c\u201d\u2018\u2019")
    straight = sum(block.text.count(mark) for block in code for mark in _STRAIGHT)
    typographer = curly >= 4 and curly > 3 * straight
    counts = {"repaired_quotes": 0, "repaired_glyphs": 0}
    for block in code:
        text = block.text.translate(_LOOK_ALIKE).translate(_LIGATURES)
        counts["repaired_glyphs"] += text != block.text
        if typographer:
            mended = text.translate(_CURLY)
            counts["repaired_quotes"] += mended != text
            text = mended
        _replace(block, text)
    return {name: number for name, number in counts.items() if number}


def _replace(block: Block, text: str) -> None:
    """Put the new text in and carry the places along, line by line (lines never change number)."""
    if text == block.text:
        return
    old, new = _starts(block.text), _starts(text)
    for place in block.places:
        place.start = _moved(place.start, old, new, len(text))
        place.end = _moved(place.end, old, new, len(text))
    block.text = text


def _starts(text: str) -> list[int]:
    starts, at = [0], text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return [*starts, len(text) + 1]


def _moved(offset: int, old: list[int], new: list[int], end: int) -> int:
    """Places begin at a line's start and end at a line's end, so lines are enough to map them."""
    for number in range(len(old) - 1):
        if offset == old[number]:
            return new[number]
        if offset < old[number + 1]:
            return min(new[number + 1] - 1, end)
    return end
