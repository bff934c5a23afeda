"""Code, stress and addresses within a paragraph of (X)HTML, as Markdown, for notebooks.

Belongs here: which elements are such marks, and the Markdown of a paragraph that has some. Does
not: the paragraph's text (``walker.py``), Markdown that an author wrote (``mdsource.py``).

What Markdown cannot say would come out as other text; a notebook takes a source only where it
reads as the block's text, so that nothing is lost by it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from booktune_assets.books.blocks import printable
from booktune_assets.books.elements import tag_of
from booktune_assets.books.mdsource import SPECIAL

__all__ = ["Marks"]

_SIGNS = {"code": "`", "tt": "`", "kbd": "`", "samp": "`", "em": "*", "i": "*", "strong": "**",
          "b": "**"}  # fmt: skip
_ADDRESS = re.compile(r"https?://[^\s<>()]+")
_EMPTY = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))  # say only where a line may break


class Marks:
    """The marks of the paragraph that is being read: what they are, and their pieces of text."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str, int, int]] = []  # opens, closes, first piece, end

    def note(self, element: Any, start: int, end: int) -> None:
        """An element that holds the pieces from ``start`` to ``end``."""
        tag = tag_of(element)
        address = element.get("href") or "" if tag == "a" else ""
        if start == end:
            return
        if sign := _SIGNS.get(tag):
            self._found.append((sign, sign, start, end))
        elif _ADDRESS.fullmatch(address):
            self._found.append(("[", f"]({address})", start, end))

    def source(self, pieces: Sequence[str]) -> str | None:
        """The Markdown of a paragraph; None where nothing is marked. The marks are used up."""
        found, self._found = self._found, []
        if not found:
            return None
        codes = [(start, end) for sign, _, start, end in found if sign == "`"]
        opens, closes = defaultdict[int, list[str]](list), defaultdict[int, list[str]](list)
        for before, after, start, end in sorted(found, key=lambda one: (one[2], -one[3])):
            inside = any(a <= start and end <= b for a, b in codes)
            if before != "`" and not inside:
                opens[start].append(before)
                closes[end].insert(0, after)
        out: list[str] = []
        number = 0
        while number <= len(pieces):
            if closes[number] and out and out[-1][-1:].isspace():
                out[-1] = out[-1].rstrip()  # no mark ends with a space
                closes[number].append(" ")
            out += [*closes[number], *opens[number]]
            end = max((b for a, b in codes if a == number), default=number)
            if end > number:
                out.append(_code("".join(pieces[number:end])))
                number = end
                continue
            if number < len(pieces):
                out.append(SPECIAL.sub(lambda one: "\\" + one.group(), pieces[number]))
            number += 1
        text = "".join(out).translate(_EMPTY)
        return printable([" ".join(text.split())])


def _code(text: str) -> str:
    """Text in back quotes, more than it holds in a row."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    sign, room = "`" * (longest + 1), " " if longest else ""
    return f"{sign}{room}{' '.join(text.split())}{room}{sign}"
